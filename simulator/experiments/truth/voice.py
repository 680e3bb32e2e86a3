"""Voice mode in its steady state: Erlang B, C, A, M/M/n+G, and callers who try again."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiments.truth.book import Facts, offered
from simulator.experiments.truth.case import Case
from simulator.experiments.truth.claims import Claim, rounded
from simulator.experiments.truth.estimates import Estimate, added, counted, measured
from simulator.scenario.schema import Scenario

PATIENCE: dict[str, object] = {
    "exp": {"exponential": {"mean": "5 min"}},
    "uniform(0,10)": {"uniform": {"low": "0 min", "high": "10 min"}},
    "deterministic 5": "5 min",
    "lognormal cv1.5": {"lognormal": {"mean": "5 min", "cv": 1.5}},
}
"""As the case writes them."""
SERVICE: dict[str, object] = {
    "constant": "3 min",
    "exponential": {"exponential": {"mean": "3 min"}},
    "lognormal": {"lognormal": {"mean": "3 min", "cv": 1.5}},
}


def _place(label: str, of: Sequence[object]) -> int:
    """`12 agents` -> where 12 stands."""
    return list(of).index(int(label.split(maxsplit=1)[0]))


def _erlang_c(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Tolerance of the case: mean wait 3 %, with 11 agents 10 %."""
    found, i = facts.expected, _place(label, facts.params["agents"])
    wait = found["computed_ASA_s"][i]
    return [
        Claim("p_wait", found["computed_p_wait"][i], measured("wait_probability")),
        Claim("ASA_s", wait, measured("tWait"), precision=(0.10 if label == "11 agents" else 0.03) / 2 * wait),
        Claim("SL20", found["computed_SL20"][i], measured("answered_within")),
    ]


def _pyworkforce_c(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    found, i = facts.expected, _place(label, facts.params["agents"])
    names = {"p_wait": "wait_probability", "service_level": "answered_within", "occupancy": "occupancy_work"}
    return [
        Claim(quantity, found[quantity][i], measured(metric), published_se=rounded(0.001))
        for quantity, metric in names.items()
    ]


def _pyworkforce_a(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    found = facts.expected
    return [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("p_abandon", found["p_abandon"], measured("abandon_share")),
        Claim("occupancy", found["occupancy"], measured("occupancy_work")),
        Claim("mean_wait_all", found["mean_wait_all"] * 60, measured("tWait")),
        Claim("served_within_t_of_all", found["served_within_t_of_all"], measured("answered_within")),
    ]


def _erlang_a_50(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Tolerance of the case: p_abandon +-0.002."""
    found = facts.expected
    return [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("p_abandon", found["p_abandon"], measured("abandon_share"), precision=0.002 / 2),
        Claim("mean_wait_all_s", found["mean_wait_all_s"], measured("tWait")),
        Claim("mean_wait_served_s", found["mean_wait_served_s"], measured("tWait_answered")),
        Claim("wait_all_p90_s", found["wait_all_p90_s"], measured("tWait_p90")),
        Claim("mean_queue", found["mean_queue"], measured("queue_length_mean")),
        Claim("occupancy", found["occupancy"], measured("occupancy_work")),
        Claim("served_within_20s_of_all", found["served_within_20s_of_all"], measured("answered_within")),
    ]


def _limited_queue(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Tolerance of the case: 2 %."""
    found = facts.expected

    def claim(quantity: str, estimate: Estimate) -> Claim:
        return Claim(quantity, found[quantity], estimate, precision=0.02 / 2 * found[quantity])

    return [
        claim("mean_queue", measured("queue_length_mean")),
        claim("mean_wait", measured("tWait")),
        claim("mean_in_system", added("queue_length_mean", "open_mean")),
        claim("mean_sojourn", added("tWait", "tTalk")),
    ]


def _any_patience(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Against the exact numbers; the published simulation agrees with them within its own tolerance."""
    found, i, cell = facts.expected, facts.params["patience_dist"].index(label), "10/100"
    return [
        Claim("p_abandon", found["computed_p_abandon"][cell][i], measured("abandon_share")),
        Claim("mean_wait_all", found["computed_mean_wait_all"][cell][i] * 60, measured("tWait")),
    ]


def _slots_only(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Erlang's loss formula, for any service of the same mean."""
    return [Claim("blocking", facts.expected["blocking"], counted("nBlocked", by="contacts"))]


def _retry(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    found = facts.expected
    return [
        Claim("attempts_per_new", found["attempts_per_new"], measured("attempts_per_new")),
        Claim("p_abandon_per_attempt", found["p_abandon_per_attempt"], measured("abandon_share")),
        Claim("lost_fraction_of_new", found["lost_fraction_of_new"], measured("lost_share_of_new")),
        Claim("mean_wait_per_attempt", found["mean_wait_per_attempt"] * 60, measured("tWait")),
        Claim("orbit", found["orbit"], measured("retry_pool_mean")),
        Claim("occupancy", found["occupancy"], measured("occupancy_work")),
        Claim("p_all_busy, seen by new ones", found["p_all_busy"], measured("wait_probability", topic="help")),
    ]


def _agents(*numbers: int, **others: object) -> dict[str, dict[str, object]]:
    return {f"{number} agents": {"agents.desk.count": number, **others} for number in numbers}


SOONER: dict[str, object] = {"warm_up": "4 h", "duration": "38 h"}
"""From 12 agents on the desk of the Erlang C table forgets within half an hour."""

CASES = (
    Case("erlangC_table_10erl", _erlang_c, {**_agents(11), **_agents(12, 13, 14, **SOONER)}, offered),
    Case("pyworkforce_erlangC", _pyworkforce_c, _agents(14, 15), offered),
    Case("pyworkforce_erlangA", _pyworkforce_a, load=offered),
    Case("x_erlangA_50", _erlang_a_50, load=offered),
    Case("fkb_erlangA", _limited_queue, load=offered),
    Case("hanisch_mmnG", _any_patience,
         {label: {"behaviours.caller.patience": law} for label, law in PATIENCE.items()}, offered),
    Case("x_mgcc", _slots_only, {label: {"agents.desk.reply.effort": law} for label, law in SERVICE.items()}),
    Case("x_retry", _retry),
)  # fmt: skip
