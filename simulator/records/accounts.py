"""Accounts: what came in beside where it went, in numbers. Checks open them, reports show them.

A *sum* has a total and its parts, counted in two places: rows of the journal, and the tables. A *limit* has the
largest that was found, and what is allowed. Accounts of several replications add up: sums by adding, limits by the
largest. Each says in how many replications it did not balance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["sum", "limit"]


@dataclass(frozen=True)
class Account:
    """One account of a check."""

    what: str
    """In words: `contacts`, `messages in 60 s, campaign`."""
    total: int
    """Of a sum: as the journal has it. Of a limit: the largest found."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Of a sum: by end state, as the tables have them."""
    allowed: int | None = None
    """Of a limit."""
    unit: str = ""
    """`µs` for times; counts have none."""
    check: str = ""
    """Name of the check that opened it."""
    wrong: int = 0
    """Replications in which it does not balance."""

    @property
    def kind(self) -> Kind:
        return "sum" if self.allowed is None else "limit"

    @property
    def balances(self) -> bool:
        return not self.wrong

    @property
    def missing(self) -> int:
        """Of a sum: total less its parts. Of a limit: what is beyond it."""
        if self.allowed is not None:
            return max(self.total - self.allowed, 0)
        return self.total - sum(self.parts.values())


def opened(
    what: str, total: int, parts: Mapping[str, int] | None = None, allowed: int | None = None, unit: str = ""
) -> Account:
    """The account of one replication."""
    account = Account(what, int(total), {name: int(n) for name, n in (parts or {}).items()}, allowed, unit)
    return replace(account, wrong=int(account.missing != 0))


def together(by_replication: Sequence[Sequence[Account]]) -> tuple[Account, ...]:
    """The accounts of one check over all replications, in order of first appearance."""
    found: dict[str, Account] = {}
    for accounts in by_replication:
        for one in accounts:
            known = found.get(one.what)
            found[one.what] = one if known is None else _added(known, one)
    return tuple(found.values())


def _added(a: Account, b: Account) -> Account:
    if a.kind == "limit":
        return replace(a, total=max(a.total, b.total), wrong=a.wrong + b.wrong)
    parts = {name: a.parts.get(name, 0) + b.parts.get(name, 0) for name in dict.fromkeys((*a.parts, *b.parts))}
    return replace(a, total=a.total + b.total, parts=parts, wrong=a.wrong + b.wrong)
