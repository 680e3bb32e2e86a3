"""Messages at random through a cap: M/D/1."""

from __future__ import annotations

from simulator.experiments.truth.book import Facts
from simulator.experiments.truth.case import Case
from simulator.experiments.truth.claims import Claim, Unit
from simulator.experiments.truth.estimates import measured
from simulator.scenario.schema import Scenario

SECONDS_BY_RATE = {40: 300, 64: 300, 72: 300, 76: 900}
"""`duration`: nearly at the cap a queue takes longer to average out."""


def _delay(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    i = facts.params["lam_mps"].index(int(label.split(maxsplit=1)[0]))
    delay = facts.expected["mean_queue_delay_ms"][i] / 1000
    return [Claim("mean_queue_delay", delay, measured("send_delay_mean", lane="agentless"))]


CASES = (
    Case(
        "x_cap_md1",
        _delay,
        {
            f"{per_s} a second": {
                "outbound.notifications.x_cap_md1.arrivals.rate": f"{per_s}/s",
                "duration": f"{seconds} s",
            }
            for per_s, seconds in SECONDS_BY_RATE.items()
        },
        unit=Unit("sends", "nOutbound"),
    ),
)
