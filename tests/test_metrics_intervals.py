"""The intervals table: the platform's booking beside the one by arrival, staff and occupancies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_metrics import SCENARIO, S, offer, state, tables
from tiny import tiny

from simulator import metrics
from simulator.scenario import loads
from simulator.vocabulary.papers import INTERVAL_MEANS
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


def test_the_average_day_divides_sums_and_counts_replications():
    """Two replications, measured from 0 to 1200 s. Interval 0: three offers, one answered in 10 s, two over the target;
    the mean of the two levels would be 1/4. Interval 600: one, who abandons after 3 s and is not counted."""
    world = loads(SCENARIO.replace("warm_up: 100 s", "warm_up: 0 s").replace("duration: 1100 s", "duration: 1200 s"))
    days = [
        [
            offer(10, 20, "answered", first_reply_us=25),
            offer(50, 100, "answered", first_reply_us=120),
            offer(700, 703, "abandoned"),
            offer(1250, 1251, "answered"),  # after the window
        ],
        [offer(30, 100, "answered")],
    ]
    parts: dict[str, list[pd.DataFrame]] = {"offers": [], "portions": [], "intervals": []}
    for replication, given in enumerate(days):
        made = tables(offers=given)
        made["offers"]["replication"] = replication
        made["intervals"] = metrics.intervals(world, made, 1300 * S).assign(replication=replication)
        made["intervals"]["staff_required"] = [(4, 2)[replication], np.nan, 9]
        made["intervals"]["staff_present"] = [3, 2, 0]
        made["intervals"]["staff_gap"] = made["intervals"]["staff_required"] - made["intervals"]["staff_present"]
        for name, frames in parts.items():
            frames.append(made[name])
    day = metrics.interval_means(world, {name: pd.concat(frames) for name, frames in parts.items()})
    assert list(day.columns) == [column.name for column in INTERVAL_MEANS]
    assert [str(dtype) for dtype in day.dtypes] == [column.dtype for column in INTERVAL_MEANS]
    assert day["start_local"].tolist() == [pd.Timestamp("2026-03-02 00:00"), pd.Timestamp("2026-03-02 00:10")]
    assert day["nOffered"].tolist() == [1.5, 0.5]
    np.testing.assert_allclose(day["oServiceLevel_by_arrival"], [1 / 3, np.nan])
    np.testing.assert_allclose(day["first_reply_within_by_arrival"], [1 / 3, 0])
    np.testing.assert_allclose(day["staff_required"], [3, np.nan])
    assert day["staff_present"].tolist() == [3, 2]
    np.testing.assert_allclose(day["staff_gap"], [0, np.nan])
    assert day["replications_too_few"].tolist() == [1, pd.NA]
    assert day["oServiceLevel_business_hours_by_arrival"].isna().all()


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
    made = tables(offers=given) | {"intervals": table}
    day = metrics.interval_means(world, made)  # of the second interval, the only one that begins in the measured time
    assert len(day) == 1 and day["oServiceLevel_business_hours_by_arrival"].isna().all()
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


def test_the_picture_shows_the_average_day_of_the_workbook() -> None:
    """Sums over sums over the replications, not a mean of shares: both are read side by side."""
    import simulator as cc
    from simulator.metrics import interval_means

    scenario = cc.loads(tiny("0 s")).vary({"channels.web.arrivals": {"rate": "300/h"}, "duration": "4 h"})
    results = cc.simulate(scenario, replications=3, workers=1)
    drawn = results.plot("service_level").get_lines()
    means = interval_means(results.run.scenario, results.run.tables)
    for line, column in zip(drawn, ("oServiceLevel_by_arrival", "first_reply_within_by_arrival"), strict=False):
        np.testing.assert_allclose(np.asarray(line.get_ydata(), float), means[column].to_numpy(float))
