"""Tiny worlds, worked out by hand: how a run ends."""

from __future__ import annotations

import gc

from tiny import STATUS, lines, only, story, tiny

from simulator.engine import simulate
from simulator.experiments.bench_worlds import retail
from simulator.model.run import no_collector
from simulator.vocabulary.codes import Event
from simulator.workload import draw


def test_the_end_is_outside():
    """A run is [0, end): what would happen at the end itself does not."""
    assert story(tiny("50 s", duration="1 min"), STATUS)[-2:] == [
        "50 REPLY_STARTED c0.1 m0 q0 a0 v10000000",
        "60 RUN_ENDED",
    ]


def test_the_end_is_duration_and_run_out():
    """The run's end is duration + run_out; with `keep_arriving` contacts go on coming until then."""
    text = tiny("30 s, 70 s", duration="1 min", more="run_out: 1 min")
    assert [line.split()[0] for line in only(text, Event.CONTACT_ARRIVED, Event.RUN_ENDED)] == ["30", "70", "120"]


def test_drain_stops_arrivals_and_follows_what_is_open():
    """`drain`: no arrivals after `duration`; without a run_out the run ends when nothing is left."""
    text = tiny("30 s, 55 s, 70 s", duration="1 min", more="after_end: drain", behaviour="turns: 2, think: 100 s")
    kept = only(text, Event.CONTACT_ARRIVED, Event.CONTACT_ENDED, Event.RUN_ENDED)
    # 30 to 40, think until 140, reply until 150; the second waits: 150 to 160, think until 260, reply until 270
    assert kept == lines("""
        30 CONTACT_ARRIVED c0.1 m0 q0 a0
        55 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        150 CONTACT_ENDED m0 v1
        270 CONTACT_ENDED m1 v1
        270 RUN_ENDED
    """)


def test_drain_does_not_end_before_the_duration():
    """`drain` never shortens the measured window."""
    assert only(tiny("1 s", duration="1 min", more="after_end: drain"), Event.RUN_ENDED) == ["60 RUN_ENDED"]


def test_drain_follows_the_wrap_up():
    """A wrap-up is something that is left: the run ends with it."""
    text = tiny(
        "55 s", duration="1 min", more="after_end: drain", queue="auto_answer: true, after_call_work: {takes: 30 s}"
    )
    assert only(text, Event.REPLY_SENT, Event.SESSION_ENDED, Event.RUN_ENDED) == lines("""
        65 REPLY_SENT c0.1 m1 q0 a0
        95 SESSION_ENDED c0.1 m0 q0 a0
        95 RUN_ENDED
    """)


def test_drain_follows_who_writes_again():
    """Who will write again is left as well: his contact is of the window, its children belong to it."""
    text = tiny(
        "5 s",
        duration="1 min",
        more="after_end: drain\nrun_out: 5 min",
        behaviour="writes_again: {after_service: {probability: 100 %, delay: 150 s}}",
    )
    assert [line.split()[0] for line in only(text, Event.CONTACT_RETURNED, Event.RUN_ENDED)] == ["165", "325", "360"]


def test_drain_with_a_run_out_has_a_latest_end():
    """With a `run_out` a draining run ends when nothing is left, at the latest at duration + run_out."""
    text = tiny("5 s", duration="1 min", more="after_end: drain\nrun_out: 2 min", behaviour="turns: 2, think: 100 s")
    assert only(text, Event.RUN_ENDED) == ["125 RUN_ENDED"]  # 5 to 15, 115 to 125
    text = tiny("5 s", duration="1 min", more="after_end: drain\nrun_out: 1 min", behaviour="turns: 2, think: 200 s")
    assert only(text, Event.RUN_ENDED) == ["120 RUN_ENDED"]


def test_what_is_open_has_no_closing_row():
    """At the end nothing is closed: the journal says RUN_ENDED and no more."""
    text = tiny("0 s, 1 s", duration="5 s")
    assert story(text, STATUS)[-2:] == ["1 QUEUE_ENTERED c1.1 m1 q0 a1", "5 RUN_ENDED"]


def test_nothing_left_ends_only_a_draining_run():
    """The last customer is gone at 17,925 s of five hours and no drain was asked for: the shift still ends at 04:59."""
    text = tiny("17915 s", agents="shift: {from: '00:00', to: '04:59'}", more="run_out: 4 h")
    assert [line.split()[:2] for line in only(text, Event.CONTACT_ENDED, Event.AGENT_STATUS, Event.RUN_ENDED)][-4:] == [
        ["17925", "CONTACT_ENDED"],
        ["17925", "AGENT_STATUS"],
        ["17940", "AGENT_STATUS"],
        ["18000", "RUN_ENDED"],
    ]


def test_drain_stops_batches_too():
    """07:00 to 09:00 on the next day: what the batch of 09:00 asks for would come at the end itself, so it does not,
    and neither do those of the days after, for which a draining run does not wait."""
    parcel = "{channel: wa, template: parcel, batches: [{at: '08:00', count: 2}, {at: '09:00', count: 1}]}"
    text = tiny(
        "10 s", channel="wa", customers="{population: 100}", start="2026-03-02 07:00", duration="26 h",
        more=f"after_end: drain\noutbound: {{notifications: {{parcel: {parcel}}}}}",
    )  # fmt: skip
    hours = [float(line.split()[0]) / 3600 for line in only(text, Event.SEND_DELIVERED, Event.RUN_ENDED)]
    assert [round(hour, 4) for hour in hours] == [1, 1, 2, 25, 25, 26]


def test_what_a_run_made_goes_with_it():
    """Persons, conversations and contacts vanish with the world, and not when Python's collector looks for cycles:
    what is left then is what was under way, and the rooms. Each conversation would leave some six things."""
    scenario = retail("2 days")
    drawn = draw(scenario, 0)
    gc.collect()
    with no_collector():
        conversations = int(simulate(scenario, drawn)["conversation"].max()) + 1
        left = gc.collect()
    assert 0 < left < conversations
