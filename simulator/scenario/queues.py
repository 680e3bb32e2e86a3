"""Queues: how interactions are ranked, matched, alerted and wrapped up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import Duration, DurationLaw
from simulator.vocabulary.clock import MINUTE, SECOND


class AfterCallWork(Model):
    mode: Literal["MANDATORY", "MANDATORY_TIMEOUT", "MANDATORY_FORCED_TIMEOUT"] = "MANDATORY"
    takes_us: DurationLaw | None = Field(None, description="drawn time; not with MANDATORY_FORCED_TIMEOUT")
    timeout_us: Duration | None = Field(None, description="1 s to 60 min by the wall clock from the disconnect")


class Queue(Model):
    evaluation: Literal["ALL"] = Field("ALL", description="every required skill")
    scoring: Literal["TimestampAndPriority"] = "TimestampAndPriority"
    last_agent: Literal["AnyAgent"] = Field("AnyAgent", description="last-agent routing of re-opened portions")
    auto_answer: bool = False
    alerting_timeout_us: Duration = Field(30 * SECOND, ge=7 * SECOND, le=900 * SECOND)
    answer_time_us: DurationLaw | None = Field(None, description="alert to accept; default 0")
    returns_after_us: Duration = Field(60 * SECOND, description="NOT_RESPONDING lasts this long")
    close_after_us: Duration | Literal["never"] = Field(10 * MINUTE, description="silence since the latest reply")
    max_waiting: Annotated[int, Field(ge=0)] | None = Field(None, description="waiting only; more are blocked")
    after_call_work: AfterCallWork | None = None
