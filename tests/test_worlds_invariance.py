"""What must not matter: the order of a file, unrelated neighbours, the process, who draws first."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from simulator.engine import simulate
from simulator.records import fold
from simulator.scenario import loads
from simulator.workload import draw

SECTIONS = {
    "name": "name: Small",
    "start": "start: 2026-03-02 00:00",
    "duration": "duration: 1 day",
    "seed": "seed: 7",
    "profiles": "profiles: {day: {by_hour: [0, 0, 0, 0, 0, 0, 1, 2, 5, 7, 8, 8, 7, 7, 8, 8, 8, 7, 6, 4, 2, 1, 0, 0]}}",
    "behaviours": """behaviours:
  patient:
    opening: {messages: {geometric: {mean: 1.4}}, gap: {lognormal: {median: 8 s, p90: 30 s}}}
    turns: {geometric: {mean: 2.5}}
    think:
      mixture:
        - {weight: 80 %, lognormal: {median: 45 s, p90: 3 min}}
        - {weight: 20 %, lognormal: {median: 25 min, p90: 4 h}}
    patience: {lognormal: {median: 12 min, p90: 60 min}}
    gives_up: {silent: 60 %, abandon: 40 %}
    vanishes: 8 %
    writes_again:
      after_abandon: {probability: 50 %, delay: {exponential: {mean: 1 h}}}
      after_silent: {probability: 50 %, delay: {exponential: {mean: 30 min}}}
      after_service: {probability: 15 %, delay: {exponential: {mean: 2 h}}}
  quick: {turns: 2, think: 20 s, patience: {exponential: {mean: 4 min}}}""",
    "topics": """topics:
  order: {behaviour: patient}
  billing: {behaviour: quick, skills: [billing], priority: 3}""",
    "flows": """flows:
  door:
    - identify: {takes: 2 s, success: 90 %}
    - bot: {turns: {geometric: {mean: 2}}, bot_time: 1 s, contains: {order: 30 %}}
    - collect: {fields: 2}
    - transfer: {queue: line}""",
    "queues": """queues:
  line:
    answer_time: {lognormal: {median: 5 s, p90: 25 s}}
    after_call_work: {mode: MANDATORY_TIMEOUT, timeout: 60 s, takes: {lognormal: {median: 20 s, p90: 70 s}}}""",
    "channels": """channels:
  wa:
    platform: whatsapp
    number: "+49 30 1234567"
    business_verified: true
    customers: {population: 120}
    flow: door
    arrivals: {per_day: 150, profile: day, day_factor_cv: 0.2}
    topics: {order: 70 %, billing: 30 %}
  web:
    platform: web messaging
    flow: door
    arrivals: {rate: 8/h}
    topics: {order: 100 %}""",
    "agents": """agents:
  early: {count: 3, queues: [line], capacity: 3, shrinkage: 20 %,
          shift: {from: "07:00", to: "15:00", breaks: [{between: ["10:00", "12:00"], for: 30 min}]},
          end_of_shift: {finish: 10 min},
          reply: {effort: {lognormal: {median: 60 s, p90: 3 min}}, canned: {share: 30 %, effort: 0.4},
                  history: {per_message: 2 s, at_most: 30 s}}}
  late: {count: 2, queues: [line], skills: {billing: 3}, capacity: 2, shift: {from: "12:00", to: "22:00"},
         reply: {effort: {gamma: {mean: 70 s, cv: 0.8}}}}""",
    "outbound": """outbound:
  limits: {whatsapp_campaign: 100/min}
  campaigns:
    spring: {channel: wa, contacts: 100, start: 2026-03-02 09:00, template: t, opt_in: 80 %, delivered: 95 %,
             replies: {probability: 20 %, delay: {lognormal: {median: 20 min, p90: 2 h}}, topic: order}}""",
}

STRANGERS = {
    "behaviours": "\n  aloof: {turns: 3, think: 30 s, patience: 5 min}",
    "topics": "\n  another: {behaviour: aloof, skills: [billing]}",
    "flows": "\n  aside: [{transfer: {queue: a_side}}]",
    "queues": "\n  a_side: {answer_time: 5 s}",
    "channels": "\n  another: {platform: web messaging, flow: aside, arrivals: {rate: 30/h}, topics: {another: 100 %}}",
    "agents": "\n  aside: {count: 2, queues: [a_side], skills: {billing: 5}, "
    "reply: {effort: {exponential: {mean: 40 s}}}}",
}
"""An unrelated channel with its own topic, queue and agents; names that come before all others by the alphabet."""


def text(sections: dict[str, str] = SECTIONS) -> str:
    return "\n".join(sections.values())


def tables(scenario_text: str, replication: int = 0) -> dict[str, pd.DataFrame]:
    scenario = loads(scenario_text)
    return fold(scenario, simulate(scenario, draw(scenario, replication)))


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in an order of their own, categories as text."""
    frame = table.astype({name: object for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)})
    return frame.sort_values(list(frame.columns), key=lambda column: column.astype(str)).reset_index(drop=True)


@pytest.fixture(scope="module")
def before() -> dict[str, pd.DataFrame]:
    found = tables(text())
    assert len(found["contacts"]) > 250 and len(found["sessions"]) > 100  # else nothing is tested
    assert set(found["contacts"]["entry"]) == {"started", "reopened", "joined"}
    return found


def reversed_maps(lines: str) -> str:
    """A section with its entries (indented by two) in reverse order."""
    head, *rest = lines.split("\n")
    entries: list[list[str]] = []
    for line in rest:
        if line.startswith("  ") and not line.startswith("   ") and not line.startswith("  -"):
            entries.append([])
        entries[-1].append(line)
    return "\n".join([head, *(line for entry in reversed(entries) for line in entry)])


def test_the_order_of_the_file_changes_nothing():
    """Re-ordering sections and entries gives the same journal, byte for byte."""
    names = ["behaviours", "topics", "queues", "channels", "agents"]
    other = {name: reversed_maps(SECTIONS[name]) if name in names else SECTIONS[name] for name in reversed(SECTIONS)}
    assert text(other) != text()
    one, two = loads(text()), loads(text(other))
    assert simulate(one, draw(one, 0)).tobytes() == simulate(two, draw(two, 0)).tobytes()


def test_an_unrelated_channel_changes_nobody_elses_rows(before):
    """A channel with its own topic, queue and agents: everybody else's rows of every table stay as they were."""
    after = tables(text({name: lines + STRANGERS.get(name, "") for name, lines in SECTIONS.items()}))
    assert (after["contacts"]["channel"] == "another").sum() > 300
    for name, old in before.items():
        new = after[name]
        if "channel" in new:
            new = new[new["channel"] != "another"]
        elif "queue" in new:
            new = new[new["queue"] != "a_side"]
        elif "group" in new:
            new = new[new["group"] != "aside"]
        pd.testing.assert_frame_equal(plain(new), plain(old), check_dtype=False, obj=name)


def test_an_extra_agent_group_of_another_queue_changes_nothing(before):
    """Agents whom nobody needs change nobody's rows."""
    more = dict(SECTIONS)
    more["queues"] += "\n  other: {answer_time: 5 s}"
    more["agents"] += "\n  idle: {count: 5, queues: [other], reply: {effort: 1 min}}"
    after = tables(text(more))
    for name in ("contacts", "turns", "sessions", "alerts", "offers", "messages"):
        pd.testing.assert_frame_equal(plain(after[name]), plain(before[name]), check_dtype=False, obj=name)


def digest(replication: int = 0, seed: int | None = None) -> str:
    scenario = loads(text())
    return hashlib.sha256(simulate(scenario, draw(scenario, replication, seed)).tobytes()).hexdigest()


def test_the_same_bytes_in_another_process():
    """Same machine, same versions: the same journal in a process of its own, whatever Python's own hashes are."""
    script = "import sys, test_worlds_invariance as t; print(t.digest(1))"
    here = os.path.dirname(__file__)
    path = os.pathsep.join([here, os.path.dirname(here)])
    for hash_seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == digest(1)


def test_drawing_twice_or_in_another_order_gives_the_same():
    """Engines and workloads hold no state of chance: what was drawn or run before does not matter."""
    scenario = loads(text())
    first = draw(scenario, 0)
    journal = simulate(scenario, first).tobytes()
    assert simulate(scenario, draw(scenario, 3)).tobytes() != journal
    assert simulate(scenario, first).tobytes() == journal  # the same workload again
    assert simulate(scenario, draw(scenario, 0)).tobytes() == journal  # a new one


def test_seed_and_replication_make_a_difference():
    """Another seed is another world, and so is another replication; seed and number are not mixed up."""
    digests = [digest(0), digest(1), digest(2), digest(0, 8), digest(1, 6), digest(0, 71)]
    assert len(set(digests)) == len(digests)
    assert digest(0, 7) == digests[0]  # the scenario's own seed


def test_a_changed_desk_keeps_the_customers():
    """Plans are compared on the same customers: with twice the agents the same people come with the same needs."""
    changed = {**SECTIONS, "agents": SECTIONS["agents"].replace("count: 3", "count: 6")}
    one, two = (draw(loads(text(sections)), 0) for sections in (SECTIONS, changed))
    for a, b in zip(one.channels, two.channels, strict=True):
        assert np.array_equal(a.at_us, b.at_us)
        assert np.array_equal(a.facts, b.facts)
        assert np.array_equal(a.think_us.values, b.think_us.values)
        assert np.array_equal(a.talk_us.values, b.talk_us.values)
        assert np.array_equal(a.form_us.values, b.form_us.values)


def test_a_changed_effort_maps_the_same_uniform():
    """A group's effort law maps the contact's own uniform: the hard turns stay the hard turns."""
    changed = {**SECTIONS, "agents": SECTIONS["agents"].replace("median: 60 s, p90: 3 min", "median: 90 s, p90: 5 min")}
    changed["agents"] = changed["agents"].replace("canned: {share: 30 %, effort: 0.4},", "")
    plain_one = {**SECTIONS, "agents": SECTIONS["agents"].replace("canned: {share: 30 %, effort: 0.4},", "")}
    one, two = (draw(loads(text(sections)), 0).channels[0].effort_us[0].values for sections in (plain_one, changed))
    assert np.array_equal(np.argsort(one, kind="stable"), np.argsort(two, kind="stable"))
    assert not np.array_equal(one, two)


def test_time_never_goes_back():
    """The journal is in order of time, begins at 0 and ends with RUN_ENDED."""
    scenario = loads(text())
    rows = simulate(scenario, draw(scenario, 0))
    assert (np.diff(rows["time"]) >= 0).all()
    assert (rows["time"][0], rows["time"][-1]) == (0, 86_400_000_000)
    assert not rows.flags.writeable
