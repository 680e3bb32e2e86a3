"""The audit in words: accounts and theory as tables that a planner can read, and one line for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.metrics.headlines import number_or_none, scope_text
from simulator.reports.words import NOTHING, say

if TYPE_CHECKING:
    from simulator.experiments.run import Run
    from simulator.metrics.audit import Finding
    from simulator.records import Check
    from simulator.records.accounts import Account

RULES = {
    "journal_in_order": "time never goes back",
    "contacts_conserved": "every contact ends in one state",
    "portions_conserved": "every pass through flow, queue and agent ends once",
    "offers_conserved": "everything offered to a queue leaves it once, or still waits",
    "alerts_conserved": "every alert is accepted, declined, withdrawn or runs out",
    "sessions_conserved": "every session that began ends once, or is open",
    "turns_conserved": "every burst of a customer is answered once, or told why not",
    "messages_conserved": "every message is of one kind and has an owner",
    "sends_conserved": "every bulk message asked for ends in one state",
    "deliveries_conserved": "every message written leaves, fails or is blocked",
    "windows_kept": "no free text leaves outside the channel's reply window",
    "holds_conserved": "what an outage holds comes in again, or is told lost",
    "nothing_during_outages": "nothing passes a channel that is down",
    "drafts_filtered": "no reply is sent back more often than the filter allows",
    "agent_time_partitioned": "every second of every agent has one status",
    "slots_within_capacity": "no agent is given more conversations than he may hold",
    "utilization_kept": "limits by channel and label hold",
    "one_piece_at_a_time": "nobody works on two things at once",
    "efforts_worked_off": "a reply takes the time it needs, to the microsecond",
    "area_identity": "Little's law, exactly: people waiting over time = sum of their waits",
    "caps_held": "no lane sends more than its cap in any 60 seconds",
    "numbers_held": "no number sends faster than it may",
    "pairs_held": "no customer is written to faster than he may be",
    "tiers_held": "no more customers are begun with in a day than the tier allows",
    "threading_window": "conversations go on within the window and begin anew after it",
    "alerts_on_queue": "nobody is alerted who is not on queue",
    "on_queue_within_plan": "nobody is on queue outside the plan",
    "alerts_to_the_qualified": "nobody is alerted who may not serve it",
    "work_conserving": "nobody waits beside an agent who could take it",
    "transfers_conserved": "what is passed on arrives",
    "system_limits_held": "a full queue lets nobody in, and turns nobody away early",
    "flows_followed": "flows do what they say",
    "priorities_follow_the_flow": "priorities in the queue change as its flow says",
    "statuses_follow_sessions": "an agent's status says what he has in hand",
    "timers_kept": "alerts, wrap-ups and silent conversations end on time",
    "no_idle_desk": "nobody rests beside work on his desk",
    "no_one_lost": "whoever is not through is in a queue, with an agent, or in a flow",
    "left_as_they_may": "customers leave only as their patience and platform let them",
    "shifts_followed": "shifts begin and end as planned, and so do breaks",
    "served_by_rank": "who ranks highest is served first",
    "as_drawn": "times are those that chance had drawn before the run",
}
"""Every check as a rule in plain words; one that is not here goes by its name."""


def rule(name: str) -> str:
    return RULES.get(name, name.replace("_", " "))


@dataclass(frozen=True)
class Row:
    """One account as a page shows it."""

    what: str
    total: str
    parts: str
    verdict: str
    good: bool
    check: str


def accounts(checks: Sequence[Check]) -> list[Row]:
    """Sums: what came in, and where it went."""
    return [_sum(one) for check in checks for one in check.accounts if one.kind == "sum"]


def limits(checks: Sequence[Check]) -> list[Row]:
    """The largest that was found, and what is allowed."""
    return [_limit(one) for check in checks for one in check.accounts if one.kind == "limit"]


def _sum(one: Account) -> Row:
    ends = sorted(one.parts.items(), key=lambda part: -part[1])
    parts = " + ".join(f"{_amount(number, one.unit)} {name.replace('_', ' ')}" for name, number in ends) or "nothing"
    missing = f"{_amount(one.missing, one.unit)} missing" if one.missing else "not in every replication"
    return Row(one.what, _amount(one.total, one.unit), parts, "balances" if one.balances else missing,
               one.balances, one.check)  # fmt: skip


def _limit(one: Account) -> Row:
    return Row(one.what, f"{one.total:,}", f"{one.allowed:,}", "held" if one.balances else "broken", one.balances,
               one.check)  # fmt: skip


def _amount(number: int, unit: str) -> str:
    """Times as hours: a year of agents is no number of seconds."""
    if unit != "µs":
        return f"{number:,}"
    hours = number / 3_600_000_000
    return f"{hours:,.1f} h" if abs(hours) >= 1 else f"{number / 1_000_000:,.6g} s"


@dataclass(frozen=True)
class Compared:
    """One line of theory beside simulated."""

    name: str
    scope: str
    theory: str
    simulated: str
    interval: str
    verdict: str
    reason: str
    source: str
    style: str
    """good, bad, or nothing."""


def compared(findings: Sequence[Finding]) -> list[Compared]:
    """Lines with a number, those that differ first."""
    shown = [one for one in findings if one.verdict != "not applicable"]
    order = {"differs": 0}
    return [_compared(one) for one in sorted(shown, key=lambda one: order.get(one.verdict, 1))]


def not_applicable(findings: Sequence[Finding]) -> list[Compared]:
    return [_compared(one) for one in findings if one.verdict == "not applicable"]


def _compared(one: Finding) -> Compared:
    low, high = (say(each, one.unit) for each in (one.ci_low, one.ci_high))
    style = {"agrees": "good", "differs": "bad"}.get(one.verdict, "")
    return Compared(
        name=one.name,
        scope=scope_text(one.scope),
        theory=say(one.theory, one.unit),
        simulated=say(one.simulated, one.unit),
        interval="" if NOTHING in (low, high) else f"{low} – {high}",
        verdict=one.verdict,
        reason=one.reason,
        source=one.source,
        style=style,
    )


def audit_line(run: Run) -> str:
    """`Audit: 32 of 32 accounts balance; 6 of 6 theory values agree (12 not applicable: see report)`"""
    from simulator.metrics.audit import AGREES, DIFFERS, NOT_APPLICABLE, OPEN, verdicts

    kept = len(run.checks) - len(run.failed_checks)
    text = f"Audit: {kept} of {len(run.checks)} accounts balance"
    if not run.audit:
        return text
    found = verdicts(run.audit)
    judged = found[AGREES] + found[DIFFERS]
    beside = [f"{found[word]} {word}" for word in (OPEN, NOT_APPLICABLE) if found[word]]
    text += f"; {found[AGREES]} of {judged} theory values agree"
    return text + (f" ({', '.join(beside)}: see report)" if beside else "")


def document(run: Run) -> dict[str, Any]:
    """What summary.json says of it: `audit` and `accounts`."""
    return {
        "audit": [
            {
                "name": one.name,
                "scope": dict(one.scope),
                "theory": number_or_none(one.theory),
                "simulated": number_or_none(one.simulated),
                "ci_low": number_or_none(one.ci_low),
                "ci_high": number_or_none(one.ci_high),
                "unit": one.unit,
                "verdict": one.verdict,
                "reason": one.reason,
                "source": one.source,
            }
            for one in run.audit
        ],
        "accounts": [
            {
                "check": one.check,
                "what": one.what,
                "kind": one.kind,
                "unit": one.unit,
                "total": one.total,
                "parts": dict(one.parts),
                "allowed": one.allowed,
                "replications_wrong": one.wrong,
            }
            for check in run.checks
            for one in check.accounts
        ],
    }


def read_audit(said: Sequence[dict[str, Any]]) -> tuple[Finding, ...]:
    """Findings as summary.json has them."""
    from math import nan

    from simulator.metrics.audit import Finding

    numbers = ("theory", "simulated", "ci_low", "ci_high")
    return tuple(Finding(**one | {name: nan if one[name] is None else one[name] for name in numbers}) for one in said)


def read_checks(said: Sequence[dict[str, Any]], counted: Sequence[dict[str, Any]]) -> tuple[Check, ...]:
    """Checks with their accounts as summary.json has them."""
    from simulator.records import Check
    from simulator.records.accounts import Account

    by_check: dict[str, list[Account]] = {}
    for one in counted:
        account = Account(one["what"], one["total"], one["parts"], one["allowed"], one["unit"], one["check"],
                          one["replications_wrong"])  # fmt: skip
        by_check.setdefault(account.check, []).append(account)
    return tuple(Check(one["name"], one["passed"], one["detail"], tuple(by_check.get(one["name"], ()))) for one in said)
