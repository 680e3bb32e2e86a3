"""`ccsim validate --theory`: what it prints, how it ends, and that README and page say what it prints."""

from __future__ import annotations

import json
import re
from math import sqrt

import numpy as np
import pytest

from simulator.experiments.truth import judge as judging
from simulator.experiments.truth import validation
from simulator.experiments.truth.book import facts
from simulator.experiments.truth.case import Case
from simulator.experiments.truth.catalogue import CASES
from simulator.experiments.truth.claims import Claim, Verdict
from simulator.experiments.truth.estimates import Estimated, measured
from simulator.experiments.truth.judge import GLANCE, QUICK, Judged, Size
from simulator.reports import truth

CHEAP = ("x_cap_md1", "ciw_renege_trace", "simmer_reject", "x_cap_fluid")
"""A few seconds together."""


def test_a_table_for_people(ccsim):
    ended = ccsim("validate", "--theory", "simmer_reject", "ciw_renege_shift_trace", "--workers", "1")
    assert ended.code == 0
    for words in ("simmer_reject", "r-simmer/simmer", "served", "50", "agent_leaves_at", "18", "agrees"):
        assert words in ended.out
    assert ended.out.rstrip().endswith("9 of 9 numbers of 2 cases agree")


def test_one_json_document(ccsim):
    ended = ccsim("validate", "--theory", "x_cap_md1", "--quick", "--json", "--workers", "1", "--seed", "3")
    found = json.loads(ended.out)
    assert (ended.code, found["agree"], found["seed"]) == (0, True, 3)
    assert json.loads(ccsim("validate", "--theory", "simmer_reject", "--json").out)["agree"]
    (case,) = found["cases"]  # quick: only the first variant
    assert (case["case"], case["variant"], case["published"]) == ("x_cap_md1", "40 a second", False)
    (number,) = case["numbers"]
    assert number["expected"] == pytest.approx(0.00625)
    assert number["ci_low"] < number["simulated"] < number["ci_high"]
    assert number["agrees"] and abs(number["away"]) <= 4


def test_a_variant_is_named_as_the_table_names_it(ccsim):
    """As every table prints it; also one that `--quick` would leave out."""
    name = "x_cap_md1, 76 a second"
    ended = ccsim("validate", "--theory", name, "--quick", "--json", "--workers", "1")
    (case,) = json.loads(ended.out)["cases"]
    assert (case["case"], case["variant"]) == ("x_cap_md1", "76 a second")
    ended = ccsim("validate", "--theory", "x_cap_md1, 77 a second")
    assert ended.code == 2 and f"did you mean `{name}`?" in ended.err


def test_an_unknown_case_is_2_and_says_which_was_meant(ccsim):
    ended = ccsim("validate", "--theory", "x_retri")
    assert ended.code == 2 and ended.out == ""
    assert "there is no case 'x_retri'" in ended.err and "did you mean `x_retry`?" in ended.err


def test_settings_and_missing_files_are_2(ccsim):
    assert ccsim("validate", "--theory", "simmer_reject", "--set", "seed=2").code == 2
    assert ccsim("validate").code == 2


def test_what_disagrees_is_1(ccsim, monkeypatch):
    """A number that is wrong by a hundredth of a millisecond."""
    right = facts("x_cap_md1")
    wrong = {**right.expected, "mean_queue_delay_ms": [each + 2 for each in right.expected["mean_queue_delay_ms"]]}
    monkeypatch.setattr(judging, "facts", lambda name: type(right)(**{**vars(right), "expected": wrong}))
    ended = ccsim("validate", "--theory", "x_cap_md1", "--quick", "--workers", "1")
    assert ended.code == 1
    assert "DISAGREES" in ended.out and "0 of 1 numbers of 1 case agree (1 after a second look" in ended.out


def test_a_failed_check_is_3(ccsim, monkeypatch):
    from simulator.records import Check

    monkeypatch.setattr(judging, "checks", lambda *run: [Check("contacts_conserved", False, "one is missing")])
    ended = ccsim("validate", "--theory", "simmer_reject")
    assert ended.code == 3 and "contacts_conserved" in ended.err


# --- sizes and intervals ---------------------------------------------------------------------------------------


def test_a_glance_cuts_the_window_and_leaves_warm_up_alone():
    case = CASES["x_lps"]
    whole = case.scenario("")
    cut, replications = GLANCE.of(whole)
    assert replications == GLANCE.replications
    assert cut.warm_up_us == whole.warm_up_us
    assert cut.duration_us - cut.warm_up_us == (whole.duration_us - whole.warm_up_us) / 4


def test_whole_days_are_cut_by_their_number():
    day = CASES["cc_mmc"].scenario("")
    assert judging.FULL.of(day) == (day, 200)
    assert GLANCE.of(day) == (day, 50)
    assert QUICK.of(day)[0] is day


def test_intervals_are_t_times_the_standard_error():
    verdict = Verdict(Claim("wait", 10.0, measured("tWait")), Estimated(10.5, 0.2, 0.9, degrees=15))
    low, high = verdict.interval
    assert (low, high) == pytest.approx((10.5 - 2.1314 * 0.2, 10.5 + 2.1314 * 0.2), abs=1e-4)
    assert verdict.distance == pytest.approx(2.5)
    assert verdict.agrees and verdict.is_precise


@pytest.mark.parametrize("se", [0.0, float("nan")])
def test_what_has_no_spread_or_no_value_agrees_with_nothing(se):
    assert not Verdict(Claim("wait", 10.0, measured("tWait")), Estimated(10.0, se, se, 15)).agrees


def test_a_second_look_is_four_times_as_large_with_the_next_seed(monkeypatch):
    """And its answer counts."""
    looks = []

    def judge(scenario, claims, seed, start, most, *others):
        looks.append((seed, start, most))
        away = 5.0 if len(looks) == 1 else 1.0
        verdict = Verdict(Claim("wait", 0.0, measured("tWait")), Estimated(away, 1.0, 1.0, 15))
        return Judged(seed, start, 100, "contacts", (verdict,))

    monkeypatch.setattr(judging, "judge", judge)
    judged = judging.settled(CASES["x_retry"], "", 7, Size(20, 20))
    assert looks == [(7, 20, 20), (8, 80, 80)]
    assert judged.agrees and judged.again and judged.seed == 8


def test_the_interval_covers_about_19_times_in_20():
    """Ratios of sums with a control variate, 20 replications: 2,000 experiments with a known answer."""
    from simulator.experiments.truth.estimates import counted
    from simulator.metrics.parts import Part

    random = np.random.default_rng(5)
    estimate = counted("tWait", by="contacts")
    inside = 0
    for _ in range(2_000):
        control = random.normal(size=(20, 1))
        below = 100 + 5 * random.normal(size=20)
        above = 0.3 * below + 2 * control[:, 0] + random.normal(size=20)
        samples = [
            {"tWait": {(): Part(top, 0)}, "contacts": {(): Part(bottom, 0)}}
            for top, bottom in zip(above, below, strict=True)
        ]
        low, high = Verdict(Claim("ratio", 0.3, estimate), estimate(samples, control)).interval
        inside += low <= 0.3 <= high
    assert abs(inside / 2_000 - 0.95) < 4 * sqrt(0.95 * 0.05 / 2_000)


# --- what the repository shows ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "scenarios" / "theory" / "README.md").read_text(encoding="utf-8")


def test_the_page_is_what_a_run_prints(page):
    """A few cases that cost little, to the byte; the same command made the others."""
    made = [row for row in truth.rows(validation.validate(CHEAP, GLANCE)) if row.case.split(",")[0] in CHEAP]
    shown = [row for row in truth.read_rows(page) if row.case.split(",")[0] in CHEAP]
    assert made == shown


def test_the_page_shows_every_number_of_every_case(page):
    """Names, measures and expected numbers, without a run; and all agree."""
    shown = [row.cells[:5] for row in truth.read_rows(page)]
    expected = []
    for case in CASES.values():
        if isinstance(case, Case):
            for label in case.variants:
                world, _ = GLANCE.of(case.scenario(label))
                for claim in case.claims(facts(case.name), label, world):
                    title = f"{case.name}, {label}" if label else case.name
                    expected.append((title, claim.quantity, claim.estimate.measure, claim.estimate.unit,
                                     truth.digits(claim.value)))  # fmt: skip
    traces = {case.name for case in CASES.values() if not isinstance(case, Case)}
    assert [cells for cells in shown if cells[0] not in traces] == expected
    assert {cells[0] for cells in shown if cells[0] in traces} == traces
    assert {row.verdict for row in truth.read_rows(page)} <= {"agrees", "agrees (again)"}
    for name in CASES:
        assert facts(name).source in page


def test_the_readme_shows_rows_of_the_page(root, page):
    readme = (root / "README.md").read_text(encoding="utf-8")
    (between,) = re.findall(r"<!-- theory -->\n(.*?)\n<!-- /theory -->", readme, re.S)
    lines = truth.compact(truth.read_rows(page), {name: facts(name).source for name in CASES})
    assert between == lines, f"README.md should show\n{lines}"
