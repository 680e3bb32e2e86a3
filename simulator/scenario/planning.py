"""What planners reckon with: how long a full-time equivalent is paid, and what paid time costs. No run needs it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from simulator.scenario.base import Model
from simulator.scenario.types import Duration
from simulator.scenario.written import parse_pace
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND

Cost = Annotated[
    float, BeforeValidator(parse_pace), WithJsonSchema({"type": "string", "description": "cost of time, as `25/h`"})
]
"""Of a second of paid time, in the currency of `outbound.template_rates`."""
PER_HOUR = HOUR // SECOND


class Planning(Model):
    """Figures of the planner's that change no conversation."""

    full_time_us: Duration = Field(
        8 * HOUR, ge=MINUTE, le=24 * HOUR, description="paid time a day of one full-time equivalent (assumed)"
    )
