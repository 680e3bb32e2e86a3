"""A month of real messages replayed as a trace: the 72-hour rule against a second opinion.

Every inbound message of a month of Thunderbird support is a contact of one turn: time and person are given, nothing
else is taken from the records. A bot solves everything at once, so that no conversation is held open and, with
`starts_at: last_message`, the window runs from message to message. What belongs together is then a plain question to
the records, which pandas answers without the simulator.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.engine import simulate
from simulator.records import fold
from simulator.scenario import load
from simulator.vocabulary.clock import SECOND
from simulator.workload import draw

FILE = "data/messages_thunderbird_2023-01_2025-06.csv.gz"
MONTH, AFTER = "2024-10-01", "2024-11-01"
SCENARIO = """
name: A month replayed
start: 2024-10-01 00:00
duration: 31 days
threading: {window: WINDOW, starts_at: last_message}
behaviours: {asker: {turns: 1}}
topics: {question: {behaviour: asker}}
flows: {door: [{bot: {turns: 1, bot_time: 0, contains: 100 %}}, {transfer: {queue: nobody}}]}
queues: {nobody: {}}
channels: {web: {platform: web messaging, flow: door, arrivals: {trace: messages.csv}, topics: {question: 100 %}}}
agents: {idle: {count: 1, queues: [nobody], reply: {effort: 1 min}}}
"""


@pytest.fixture(scope="module")
def inbound(shared) -> pd.DataFrame:
    """The month's inbound messages in order of time: at, person."""
    rows = pd.read_csv(shared(FILE))
    rows["at"] = pd.to_datetime(rows["timestamp_utc"]).dt.tz_localize(None)
    month = rows[(rows["direction"] == "inbound") & (rows["at"] >= MONTH) & (rows["at"] < AFTER)]
    return month.sort_values("at", kind="stable")[["at", "person"]].reset_index(drop=True)


def replayed(inbound: pd.DataFrame, folder: Path, window: str) -> dict[str, pd.DataFrame]:
    trace = pd.DataFrame({"at": inbound["at"].dt.strftime("%Y-%m-%d %H:%M:%S"), "customer": inbound["person"]})
    trace.to_csv(folder / "messages.csv", index=False)
    (folder / "month.yaml").write_text(SCENARIO.replace("WINDOW", window))
    scenario = load(folder / "month.yaml")
    return fold(scenario, simulate(scenario, draw(scenario, 0)), 0)


def grouped(inbound: pd.DataFrame, window: str) -> pd.Series:
    """Number of the group of each message: a person's messages, cut wherever `window` or more passes in silence."""
    by_person = inbound.sort_values(["person", "at"], kind="stable")
    silence = by_person.groupby("person")["at"].diff()
    begins = silence.isna() | (silence >= pd.Timedelta(window))
    return begins.cumsum().reindex(inbound.index)


@pytest.mark.parametrize("window", ["72 h", "24 h", "1 h"])
def test_conversations_are_the_groups_that_pandas_finds(inbound, tmp_path, window):
    """Message by message, for the platform's 72 hours and for shorter windows."""
    contacts = replayed(inbound, tmp_path, window)["contacts"].sort_values("ordinal")
    seconds = (inbound["at"] - pd.Timestamp(MONTH)).dt.total_seconds().to_numpy()
    assert np.array_equal(contacts["arrived_us"].to_numpy(), (seconds * SECOND).astype(np.int64))
    said = pd.factorize(contacts["conversation"].astype(str))[0]
    found = pd.factorize(grouped(inbound, window).to_numpy())[0]
    assert len(inbound) > 2500
    assert found.max() + 1 < len(inbound), "some messages do belong together"
    assert np.array_equal(said, found)


def test_every_message_opens_a_portion_and_none_stays_open(inbound, tmp_path):
    """Re-opened portions are the messages that do not begin a group; portions count on within a conversation."""
    tables = replayed(inbound, tmp_path, "72 h")
    contacts, portions = tables["contacts"].sort_values("ordinal"), tables["portions"]
    group = grouped(inbound, "72 h")
    assert (contacts["outcome"] == "contained").all()
    assert len(portions) == len(inbound)
    assert not tables["conversations"]["open"].any()
    assert np.array_equal(contacts["entry"].to_numpy() == "reopened", group.duplicated().to_numpy())
    assert np.array_equal(contacts["portion"].to_numpy(), 1 + group.groupby(group).cumcount().to_numpy())
    assert portions["reopened"].sum() == group.duplicated().sum()


def test_a_new_person_is_a_new_customer_and_the_same_the_same(inbound, tmp_path):
    contacts = replayed(inbound, tmp_path, "72 h")["contacts"].sort_values("ordinal")
    assert np.array_equal(
        pd.factorize(contacts["customer"].to_numpy(dtype=np.int64))[0], pd.factorize(inbound["person"])[0]
    )
