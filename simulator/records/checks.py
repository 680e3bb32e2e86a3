"""Checks: does everything add up? They run on every replication and stay on.

Each check is a function of the evidence that gives (passed, figures in one plain sentence). Those that count
stand in `conservation`, those that measure time in `limits` and `timing`; `ranks` knows who goes first, `drawn`
compares with what chance had decided before the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from simulator.records import (
    conservation,
    drawn,
    flows,
    limits,
    planned,
    ranks,
    routed,
    sendings,
    slots,
    timing,
    trouble,
    windows,
    worked,
)
from simulator.records.accounts import Account
from simulator.records.columns import Array
from simulator.records.evidence import Evidence, Promised
from simulator.scenario.schema import Scenario
from simulator.workload.workload import Workload

Law = Callable[[Evidence], tuple[bool, str]]


@dataclass(frozen=True)
class Check:
    """One thing that must hold in every run, and the figures that say so."""

    name: str
    passed: bool
    detail: str
    accounts: tuple[Account, ...] = ()
    """The same in numbers, where it counts or compares something."""


LAWS: dict[str, Law] = {
    "journal_in_order": conservation.journal_in_order,
    "contacts_conserved": conservation.contacts,
    "portions_conserved": conservation.portions,
    "offers_conserved": conservation.offers,
    "alerts_conserved": conservation.alerts,
    "sessions_conserved": conservation.sessions,
    "turns_conserved": conservation.turns,
    "messages_conserved": conservation.messages,
    "sends_conserved": sendings.sends,
    "deliveries_conserved": windows.deliveries,
    "windows_kept": windows.windows,
    "holds_conserved": trouble.holds,
    "nothing_during_outages": trouble.silence,
    "drafts_filtered": trouble.drafts,
    "agent_time_partitioned": limits.agent_time,
    "slots_within_capacity": slots.slots,
    "utilization_kept": slots.utilization,
    "one_piece_at_a_time": worked.attention,
    "efforts_worked_off": worked.efforts,
    "area_identity": limits.area_identity,
    "caps_held": sendings.lanes,
    "numbers_held": sendings.numbers,
    "pairs_held": sendings.pairs,
    "tiers_held": sendings.tiers,
    "threading_window": limits.threading,
    "alerts_on_queue": limits.alerts_on_queue,
    "on_queue_within_plan": planned.on_queue,
    "statuses_follow_sessions": timing.statuses,
    "timers_kept": timing.timers,
    "no_idle_desk": timing.no_idle_desk,
    "no_one_lost": timing.no_one_lost,
    "left_as_they_may": drawn.leaving,
    "served_by_rank": ranks.in_order,
    "shifts_followed": planned.followed,
    "alerts_to_the_qualified": routed.qualified,
    "work_conserving": routed.work_conserving,
    "transfers_conserved": routed.transfers,
    "system_limits_held": routed.in_system,
    "flows_followed": flows.followed,
    "priorities_follow_the_flow": flows.priorities,
    "as_drawn": drawn.draws,
}
"""Every check by name. A new one is one entry."""


def checks(
    scenario: Scenario, rows: Array, tables: Mapping[str, pd.DataFrame], workload: Workload | Promised | None = None
) -> list[Check]:
    """All checks of one replication: its journal `rows` and the tables folded from it. Never raises.

    With the `workload` it was run on, or what `Promised.of` keeps of it, times are compared with their draws too.
    """
    promised = Promised.of(workload) if isinstance(workload, Workload) else workload
    evidence = Evidence(scenario, rows, tables, promised)
    return [_made(name, law, evidence) for name, law in LAWS.items()]


def _made(name: str, law: Law, evidence: Evidence) -> Check:
    before = len(evidence.accounts)
    try:
        passed, detail = law(evidence)
    except Exception as error:  # a journal too broken to be checked has failed the check
        return Check(name, False, f"could not be made: {type(error).__name__}: {error}")
    accounts = tuple(replace(account, check=name) for account in evidence.accounts[before:])
    return Check(name, bool(passed), detail, accounts)
