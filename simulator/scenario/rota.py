"""Cross checks of the people's time: shifts, breaks, after-call work."""

from __future__ import annotations

from datetime import time
from typing import get_args

from simulator.scenario.queues import AfterCallWorkMode
from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.written import parse_clock, parse_duration, shown
from simulator.vocabulary.clock import DAY, HOUR, MINUTE, SECOND, spoken

LONGEST_SHIFT_US = 16 * HOUR  # model.md section 6


def check_rota(survey: Survey) -> None:
    """Adds findings about shifts, breaks and after-call work to the survey."""
    for name in survey.names("queues"):
        _after_call_work(survey, ("queues", name, "after_call_work"))
    for name in survey.names("agents"):
        check_shift(survey, ("agents", name, "shift"), survey.whole("agents", name, "count") or 1)


def _after_call_work(survey: Survey, place: Place) -> None:
    if not isinstance(survey.at(*place), dict):
        return
    mode = survey.at(*place, "mode") or "MANDATORY"
    takes, timeout = survey.at(*place, "takes"), survey.at(*place, "timeout")
    if mode not in get_args(AfterCallWorkMode):
        return
    if mode in ("MANDATORY", "OPTIONAL") and timeout is not None:
        survey.error(
            (*place, "timeout"),
            f"{mode} has no timeout",
            "a timeout with MANDATORY_TIMEOUT, MANDATORY_FORCED_TIMEOUT or AGENT_REQUESTED",
            "did you mean `mode: MANDATORY_TIMEOUT`?",
        )
    if mode in ("MANDATORY_TIMEOUT", "MANDATORY_FORCED_TIMEOUT") and timeout is None:
        survey.error(
            (*place, "timeout"), f"`timeout` is missing: {mode} ends by it", "1 s to 60 min", "add `timeout: 60 s`"
        )
    if mode != "MANDATORY_FORCED_TIMEOUT" and takes is None:
        survey.error(
            (*place, "takes"),
            f"`takes` is missing: {mode} lasts as long as the work",
            "a law of durations",
            "add `takes: 30 s`",
        )
    if mode == "MANDATORY_FORCED_TIMEOUT" and takes is not None:
        survey.error(
            (*place, "takes"), "MANDATORY_FORCED_TIMEOUT always lasts the timeout", "`timeout` alone", "take it out"
        )
    share = survey.at(*place, "share")
    if mode in ("OPTIONAL", "AGENT_REQUESTED") and share is None:
        survey.error(
            (*place, "share"), f"`share` is missing: with {mode} the agent decides", "a share", "add `share: 60 %`"
        )
    if mode not in ("OPTIONAL", "AGENT_REQUESTED") and share is not None:
        survey.error(
            (*place, "share"),
            f"{mode} follows every session",
            "a share with OPTIONAL or AGENT_REQUESTED",
            "did you mean `mode: OPTIONAL`?",
        )
    limit = survey.read(parse_duration, *place, "timeout")
    if limit is not None and not SECOND <= limit <= 60 * MINUTE:
        survey.error((*place, "timeout"), f"{shown(timeout)} is outside what the platform takes", "1 s to 60 min")


def since(clock: time, start: time) -> int:
    """µs from `start` to the next `clock`, by the wall clock."""

    def of(moment: time) -> int:
        return (moment.hour * 3600 + moment.minute * 60 + moment.second) * SECOND

    return (of(clock) - of(start)) % DAY


def check_shift(survey: Survey, place: Place, agents: int) -> None:
    """Adds findings about one shift of so many agents, and its breaks."""
    begins, ends = survey.read(parse_clock, *place, "from"), survey.read(parse_clock, *place, "to")
    length = None if begins is None or ends is None else since(ends, begins) or DAY
    if length is not None and length > LONGEST_SHIFT_US:
        survey.error(
            (*place, "to"),
            f"the shift lasts {spoken(length)}",
            "at most 16 h; `to` earlier than `from` is the next day",
            "are `from` and `to` exchanged?"
            if DAY - length <= LONGEST_SHIFT_US and length < DAY
            else "for agents who are always on, leave `shift` out",
        )
        length = None
    windows = []
    for i in range(len(survey.list_at(*place, "breaks"))):
        window = window_of(survey, (*place, "breaks", i), begins, length)
        if window is not None:
            windows.append((i, *window))
    for number, (i, first, last, lasts) in enumerate(windows):
        for j, first2, last2, lasts2 in windows[:number]:
            if _meet(first, last, lasts, first2, last2, lasts2, min(agents, 100_000)):
                survey.error(
                    (*place, "breaks", i),
                    f"this break meets break {j} of the same agent",
                    "breaks apart from each other",
                )


def window_of(survey: Survey, place: Place, begins: time | None, length: int | None) -> tuple[int, int, int] | None:
    """(start of the first agent's break, of the last agent's, how long), in µs since the shift began."""
    if not isinstance(survey.at(*place), dict):
        return None
    at, between = survey.at(*place, "at"), survey.at(*place, "between")
    if (at is None) == (between is None):
        what = "`at` and `between` stand here together" if at is not None else "it is not said when this break is"
        survey.error(
            place,
            what,
            "`at` (all at once) or `between` (staggered)",
            "keep one" if at is not None else 'add `at: "12:00"`',
        )
        return None
    lasts = survey.read(parse_duration, *place, "for")
    clocks = (
        [survey.read(parse_clock, *place, "at")]
        if at is not None
        else [survey.read(parse_clock, *place, "between", i) for i in range(2)]
    )
    if begins is None or length is None or lasts is None or any(clock is None for clock in clocks):
        return None
    offsets = [since(clock, begins) for clock in clocks if clock is not None]
    first, last = offsets[0], offsets[-1]
    key = "at" if at is not None else "between"
    if at is not None:
        last = first + lasts
    ends = survey.at(*place[:-2], "to")
    inside = "within one day" if ends is None else f"within the shift, {survey.at(*place[:-2], 'from')} to {ends}"
    if first > last or last > length:
        survey.error((*place, key), "this break lies outside the shift", inside)
        return None
    if between is not None and lasts > last - first:
        survey.error(
            (*place, "for"),
            f"{spoken(lasts)} is longer than the window ({spoken(last - first)})",
            "a window that holds the break",
        )
        return None
    return first, last - lasts, lasts


def _meet(first: int, last: int, lasts: int, first2: int, last2: int, lasts2: int, agents: int) -> bool:
    """Whether some agent's two breaks overlap; agent i of n starts at first + i · (last − first)/(n − 1)."""
    for i in range(agents):
        share = i / (agents - 1) if agents > 1 else 0.0
        start, start2 = first + share * (last - first), first2 + share * (last2 - first2)
        if start < start2 + lasts2 and start2 < start + lasts:
            return True
    return False
