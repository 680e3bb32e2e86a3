"""The intervals table: the platform's booking beside the one by arrival, staff and occupancies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_metrics import SCENARIO, S, offer, state, tables

from simulator import metrics
from simulator.scenario import loads
from simulator.vocabulary.tables import TABLES


@pytest.fixture(scope="module")
def scenario():
    return loads(SCENARIO)


def rows(scenario, end=1300, **given):
    return metrics.intervals(scenario, tables(**given), end * S)


def test_columns_are_those_of_the_catalogue(scenario):
    for table in (rows(scenario), rows(scenario, offers=[offer(10, 20, "answered")])):
        assert list(table.columns) == [column.name for column in TABLES["intervals"]]
        assert [str(dtype) for dtype in table.dtypes] == [column.dtype for column in TABLES["intervals"]]


def test_the_whole_run_is_there_in_local_time(scenario):
    """1300 s in steps of 10 minutes, the last cut by the end."""
    table = rows(scenario)
    assert table["start_us"].tolist() == [0, 600 * S, 1200 * S]
    assert table["start_local"].iloc[1] == pd.Timestamp("2026-03-02 00:10")


def test_an_offer_is_booked_where_it_is_emitted_and_where_it_arrived(scenario):
    """Enters at 590, is answered at 615: offered in the first interval, answered and over the target in the second."""
    table = rows(scenario, offers=[offer(590, 615, "answered", first_reply_us=620), offer(610, 611, "answered")])
    assert table["nOffered"].tolist() == [1, 1, 0]
    assert table["nAnswered"].tolist() == [0, 2, 0]
    assert table["nOverSla"].tolist() == [0, 1, 0]
    assert table["nAnswered_by_arrival"].tolist() == [1, 1, 0]
    np.testing.assert_array_equal(table["oServiceLevel"], [np.nan, 0.5, np.nan])
    np.testing.assert_array_equal(table["oServiceLevel_by_arrival"], [0.0, 1.0, np.nan])
    np.testing.assert_array_equal(table["first_reply_within_by_arrival"], [0.0, 0.0, np.nan])
    np.testing.assert_array_equal(table["tWait_mean_us"], [np.nan, 13 * S, np.nan])
    np.testing.assert_array_equal(table["tWait_mean_by_arrival_us"], [25 * S, 1 * S, np.nan])
    assert table["waiting_max"].tolist() == [1, 2, 0]


def test_the_measured_time_is_marked(scenario):
    """Measured from 100 s to 1100 s in steps of 600 s: the first begins before, the third after."""
    assert rows(scenario)["measured"].tolist() == [False, True, False]


def test_business_hours_by_interval():
    """Open from 300 s on, 20 s to the answer. In at 100: answered at 315 (15 s of open time, first reply after 100 s of
    it), answered at 320 (20 s: not over), abandoned at 303 (3 s: short). In at 590, answered at 615 (25 s: over)."""
    hours = "business_hours: {late: {mon-sun: 00:05-24:00}}\nservice_level: {hours: late, "
    world = loads(SCENARIO.replace("service_level: {", hours))
    given = [
        offer(100, 315, "answered", first_reply_us=400),
        offer(100, 320, "answered", first_reply_us=320),
        offer(100, 303, "abandoned"),
        offer(590, 615, "answered", first_reply_us=650),
    ]
    table = rows(world, offers=given)
    np.testing.assert_array_equal(table["open_share"], [0.5, 1, 1])
    assert table["nOverSla_business_hours"].tolist() == [0, 1, 0]
    assert table["nOverSla"].tolist() == [2, 1, 0]  # elapsed time is as it was
    np.testing.assert_array_equal(table["oServiceLevel_business_hours"], [1, 0, np.nan])
    np.testing.assert_allclose(table["oServiceLevel_business_hours_by_arrival"], [2 / 3, np.nan, np.nan])
    np.testing.assert_allclose(table["oServiceLevel_by_arrival"], [0, np.nan, np.nan])
    np.testing.assert_allclose(table["first_reply_within_business_hours_by_arrival"], [1 / 4, np.nan, np.nan])
    wait = table["tWait_mean_business_hours_by_arrival_us"]
    np.testing.assert_allclose(wait, [(15 + 20 + 3 + 25) / 4 * S, np.nan, np.nan])


def test_no_business_hours_no_such_numbers(scenario):
    table = rows(scenario, offers=[offer(10, 20, "answered")])
    names = [name for name in table if "business_hours" in name]
    assert len(names) == 5 and table[["open_share", *names]].isna().all(axis=None)


def test_abandons_blocked_and_silent(scenario):
    table = rows(
        scenario,
        offers=[offer(100, 700, "abandoned"), offer(100, gave_up_us=650)],
        portions=[{"disconnected_us": 650, "disconnect": "blocked", "blocked_queue": "service"}],
    )
    assert table["nAbandoned"].tolist() == [0, 1, 0]
    assert table["nAbandoned_by_arrival"].tolist() == [1, 0, 0]
    assert table["nBlocked"].tolist() == [0, 1, 0]
    assert table["nGaveUp"].tolist() == [0, 1, 0]
    assert table["waiting_max"].tolist() == [2, 2, 1]


def test_staff_and_occupancies_by_interval(scenario):
    """Agent 1 is on queue for the first 900 s; works 500-700 and holds one of two slots 450-750."""
    table = rows(
        scenario,
        agent_states=[
            state(0, 450, "idle"),
            state(450, 750, "interacting"),
            state(750, 900, "idle"),
            state(900, 1300, "off_queue"),
            state(0, 1300, "off_queue", "early/2"),
        ],
        sessions=[{"alerted_us": 450, "connected_us": 450, "disconnected_us": 750, "ended_us": 750}],
        turns=[{"reply_started_us": 500, "written_us": 700}],
    )
    np.testing.assert_allclose(table["staff_present"], [1.0, 0.5, 0.0])
    np.testing.assert_allclose(table["attention_load"], [100 / 600, 100 / 600, 0.0])
    np.testing.assert_allclose(table["occupancy_work"], [100 / 600, 100 / 300, np.nan])
    np.testing.assert_allclose(table["occupancy_status"], [150 / 600, 150 / 300, np.nan])
    np.testing.assert_allclose(table["occupancy_slots"], [150 / 1200, 150 / 600, np.nan])
    assert table["staff_scheduled"].tolist() == [2.0, 2.0, 2.0]  # no shift: always on


def test_scheduled_staff_is_the_plan_in_local_time():
    """A night shift of three that began the evening before, and again; the clock jumps at 02:00 on the second night."""
    scenario = loads(
        SCENARIO.replace("2026-03-02 00:00", "2026-03-28 00:00")
        .replace("2026-03-02 00:05", "2026-03-28 00:05")
        .replace("warm_up: 100 s", "warm_up: 0")
        .replace("duration: 1100 s", "duration: 34 h")
        .replace("interval: 10 min", "interval: 1 h")
        .replace("{count: 2,", '{count: 3, shrinkage: 50 %, shift: {from: "22:30", to: "06:00"},')
    )
    table = rows(scenario, end=34 * 3600)
    by_clock = dict(zip(table["start_local"].dt.strftime("%d %H:%M"), table["staff_scheduled"], strict=True))
    assert by_clock["28 05:00"] == 3
    assert by_clock["28 06:00"] == 0
    assert by_clock["28 22:00"] == 1.5
    assert by_clock["29 01:00"] == 3
    assert "29 02:00" not in by_clock
    assert by_clock["29 05:00"] == 3
    assert by_clock["29 06:00"] == 0
