"""Chance: streams, laws, arrivals, staggered breaks, caps. Exact, or within 4 standard errors."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.rules.caps import burst_sends_us, even_sends_us
from simulator.scenario import load, loads
from simulator.scenario.lawful import parse_count_law
from simulator.scenario.lawful import parse_duration_law as parse_plain_law
from simulator.scenario.laws import Law
from simulator.scenario.source import plain as as_read
from simulator.vocabulary.clock import DAY, HOUR, MINUTE, SECOND
from simulator.workload import draw
from simulator.workload.arrivals import arrival_times, intensity
from simulator.workload.contacts import AGAIN, NOT_DRAWN
from simulator.workload.draws import Chance, Draw
from simulator.workload.laws import quantile, whole
from simulator.workload.presence import staggered_us
from simulator.workload.ragged import Ragged
from simulator.workload.streams import Stream, descendant

N = 200_000


def parse_duration_law(written: object) -> Law:
    """A law as it comes out of a file."""
    return parse_plain_law(as_read(written))


# --- streams ---------------------------------------------------------------------------------------------------


def test_a_single_draw_is_that_of_the_column():
    """`at` gives bit for bit what `column` gives, at every entity and k."""
    stream = Stream(3, 1, "whatsapp", "patience")
    for k in (0, 1, 77):
        column = stream.column(1000, k)
        assert [stream.at(i, k) for i in range(1000)] == column.tolist()


def test_philox_block_by_block():
    """The stream is NumPy's Philox with the stream's key: entity e, draw k is the first word of block [e, k, 0, 0]."""
    stream = Stream(1, 0, "web", "turns")
    for entity in (0, 1, 5, 2**31, 2**63 - 1):
        for k in (0, 3, 10**6):
            word = int(np.random.Philox(key=stream._key, counter=[entity, k, 0, 0]).random_raw(4)[0])
            assert stream.at(entity, k) == ((word >> 11) + 0.5) * 2.0**-53


def test_a_longer_column_begins_like_a_shorter_one():
    """A column has no end of its own: more contacts change nothing about the first ones."""
    stream = Stream(1, 0, "web", "turns")
    assert np.array_equal(stream.column(10), stream.column(1000)[:10])


def test_streams_are_known_by_their_names():
    """Seed, replication, name and purpose each make another stream; their spellings cannot be confused."""
    keys = [
        (1, 0, "a", "b"),
        (1, 1, "a", "b"),
        (2, 0, "a", "b"),
        (1, 0, "ab", ""),
        (1, 0, "", "ab"),
        (1, 0, "a", "bb"),
        (11, 0, "a", "b"),
        (1, 10, "a", "b"),
    ]
    assert len({Stream(*key).at(0) for key in keys}) == len(keys)


def test_uniforms_are_uniform_and_independent():
    """Means, tails and correlations of neighbours are those of independent uniforms, strictly inside (0, 1)."""
    stream = Stream(1, 0, "web", "turns")
    u, v = stream.column(N), stream.column(N, 1)
    assert u.min() > 0 and u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 1e-4
    for a, b in ((u, v), (u[:-1], u[1:]), (u, Stream(1, 0, "web", "think").column(N))):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / math.sqrt(N)


def test_descendants_are_all_different():
    """Later contacts have entities of their own, in 63 bits."""
    all_ = {descendant(e, reason, number) for e in range(200) for reason in (1, 2, 3) for number in range(3)}
    assert len(all_) == 1800 and max(all_) < 2**63 and min(all_) >= 0


# --- laws ------------------------------------------------------------------------------------------------------

S = float(SECOND)
DURATIONS = {
    "constant": ("45 s", stats.uniform(45 * S, 0)),
    "exponential": ({"exponential": {"mean": "3 min"}}, stats.expon(scale=180 * S)),
    "uniform": ({"uniform": {"low": "10 s", "high": "30 s"}}, stats.uniform(10 * S, 20 * S)),
    "lognormal by quantiles": (
        {"lognormal": {"median": "38 s", "p90": "95 s"}},
        stats.lognorm(math.log(95 / 38) / stats.norm.ppf(0.9), scale=38 * S),
    ),
    "lognormal by moments": (
        {"lognormal": {"mean": "60 s", "cv": 0.5}},
        stats.lognorm(math.sqrt(math.log(1.25)), scale=60 * S / math.sqrt(1.25)),
    ),
    "gamma": ({"gamma": {"mean": "70 s", "cv": 0.8}}, stats.gamma(1 / 0.64, scale=70 * S * 0.64)),
}
CONTINUOUS = [name for name in DURATIONS if name != "constant"]


@pytest.mark.parametrize("name", CONTINUOUS)
def test_laws_have_their_quantiles(name):
    """Every law is the inverse of its distribution function: quantiles as scipy.stats computes them."""
    written, expected = DURATIONS[name]
    u = np.array([1e-6, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-6])
    assert np.allclose(quantile(parse_duration_law(written), u), expected.ppf(u), rtol=1e-9)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_laws_have_their_moments(name):
    """Draws have the mean and the spread that the planner wrote."""
    written, expected = DURATIONS[name]
    drawn = Draw(Stream(1, 0, "x", name), [parse_duration_law(written)], Counter(), name).column(np.zeros(N, int))
    assert drawn.dtype == np.int64
    assert abs(drawn.mean() - expected.mean()) < 4 * expected.std() / math.sqrt(N)
    assert stats.kstest(drawn + 0.5, expected.cdf).pvalue > 1e-4


def test_what_planners_know():
    """Median, p90, mean and cv come out as they were written."""
    lognormal = parse_duration_law({"lognormal": {"median": "20 s", "p90": "60 s"}})
    assert quantile(lognormal, 0.5) == pytest.approx(20 * S)
    assert quantile(lognormal, 0.9) == pytest.approx(60 * S)
    u = (np.arange(N) + 0.5) / N
    for kind in ("lognormal", "gamma"):
        values = quantile(parse_duration_law({kind: {"mean": "60 s", "cv": 0.5}}), u)
        assert values.mean() == pytest.approx(60 * S, rel=1e-3)
        assert values.std() / values.mean() == pytest.approx(0.5, rel=1e-2)


def test_geometric():
    """Counts 1, 2, … with the written mean: P(n) = p (1-p)^(n-1)."""
    law = parse_count_law({"geometric": {"mean": 3.2}})
    drawn = Draw(Stream(1, 0, "x", "turns"), [law], Counter(), "turns").column(np.zeros(N, int))
    expected = stats.geom(1 / 3.2)
    assert drawn.min() == 1
    assert abs(drawn.mean() - 3.2) < 4 * expected.std() / math.sqrt(N)
    for n in (1, 2, 5):
        p = expected.pmf(n)
        assert abs((drawn == n).mean() - p) < 4 * math.sqrt(p * (1 - p) / N)
    assert set(np.asarray(quantile(parse_count_law({"geometric": {"mean": 1}}), np.array([0.01, 0.99])))) == {1.0}


def test_geometric_quantile_is_exact():
    """The smallest n whose distribution function reaches u, also close to its steps."""
    law, p = parse_count_law({"geometric": {"mean": 2}}), 0.5
    for n in range(1, 20):
        step = 1 - (1 - p) ** n
        assert quantile(law, np.array([step - 1e-9]))[0] == n
        assert quantile(law, np.array([step + 1e-9]))[0] == n + 1


def test_empirical():
    """Measured values with their weights."""
    law = parse_duration_law({"empirical": {"values": ["1 s", "2 s", "5 s"], "weights": [1, 2, 1]}})
    drawn = Draw(Stream(1, 0, "x", "e"), [law], Counter(), "e").column(np.zeros(N, int))
    assert {int(v) for v in np.unique(drawn)} == {1_000_000, 2_000_000, 5_000_000}
    assert abs((drawn == 2_000_000).mean() - 0.5) < 4 * math.sqrt(0.25 / N)
    assert quantile(law, np.array([0.2499, 0.2501, 0.7499, 0.7501])).tolist() == [1e6, 2e6, 2e6, 5e6]
    plain = parse_duration_law({"empirical": ["1 s", "3 s"]})
    assert quantile(plain, np.array([0.49, 0.51])).tolist() == [1e6, 3e6]


def test_mixture():
    """Parts with their weights: the distribution function is the weighted sum."""
    written = {"mixture": [
        {"weight": "80 %", "lognormal": {"median": "45 s", "p90": "3 min"}},
        {"weight": "20 %", "uniform": {"low": "25 min", "high": "50 min"}},
    ]}  # fmt: skip
    law = parse_duration_law(written)
    drawn = Draw(Stream(1, 0, "x", "m"), [law], Counter(), "m").column(np.zeros(N, int))
    short = stats.lognorm(math.log(4) / stats.norm.ppf(0.9), scale=45 * S)
    long = stats.uniform(1500 * S, 1500 * S)
    assert stats.kstest(drawn + 0.5, lambda x: 0.8 * short.cdf(x) + 0.2 * long.cdf(x)).pvalue > 1e-4


def test_a_part_without_weight_never_comes():
    law = parse_duration_law({"mixture": [{"weight": 0, "constant": "1 s"}, {"weight": 1, "constant": "2 s"}]})
    assert set(quantile(law, np.array([1e-17, 0.3, 1 - 1e-16])).tolist()) == {2e6}


def test_at_most_clips_and_counts():
    """Longer draws are clipped and counted."""
    law = parse_duration_law({"exponential": {"mean": "1 min"}, "at_most": "2 min"})
    clipped: Counter[str] = Counter()
    drawn = Draw(Stream(1, 0, "x", "think"), [law], clipped, "x: think").column(np.zeros(N, int))
    assert drawn.max() == 2 * MINUTE
    assert clipped["x: think"] == (drawn == 2 * MINUTE).sum()
    assert abs(clipped["x: think"] / N - math.exp(-2)) < 4 * math.sqrt(0.12 / N)


def test_single_draws_are_clipped_and_counted():
    law = parse_duration_law({"exponential": {"mean": "1 min"}, "at_most": "1 s"})
    clipped: Counter[str] = Counter()
    one = Draw(Stream(1, 0, "x", "think"), [law], clipped, "t")
    drawn = [one.at(0, i) for i in range(200)]
    assert max(drawn) == SECOND and clipped["t"] == drawn.count(SECOND) > 150


def test_parts_of_a_mixture_are_clipped_and_counted():
    """A part's own `at_most` clips it, and that is counted as well."""
    written = {"mixture": [
        {"weight": "50 %", "exponential": {"mean": "1 min"}, "at_most": "2 min"},
        {"weight": "50 %", "constant": "5 s"},
    ]}  # fmt: skip
    clipped: Counter[str] = Counter()
    drawn = Draw(Stream(1, 0, "x", "m"), [parse_duration_law(written)], clipped, "m").column(np.zeros(N, int))
    assert drawn.max() == 2 * MINUTE
    assert clipped["m"] == (drawn == 2 * MINUTE).sum() > 0


def test_the_longest_duration_is_sixty_days():
    """Without an `at_most` of its own a law ends at 60 days."""
    law = parse_duration_law({"lognormal": {"median": "50 days", "p90": "300 days"}})
    values, clipped = whole(law, np.array([0.1, 0.9]))
    assert values[1] == 60 * DAY and clipped == 1


@pytest.mark.parametrize("name", [*DURATIONS, "empirical", "mixture"])
def test_scalar_and_column_agree(name):
    """One draw when needed and the same draw in a column are equal, bit for bit."""
    written = DURATIONS[name][0] if name in DURATIONS else {
        "empirical": {"empirical": ["1 s", "3 s", "7 s"]},
        "mixture": {"mixture": [
            {"weight": 0.3, "lognormal": {"median": "45 s", "p90": "3 min"}},
            {"weight": 0.5, "gamma": {"mean": "70 s", "cv": 2}},
            {"weight": 0.2, "exponential": {"mean": "1 h"}},
        ]},
    }[name]  # fmt: skip
    law = parse_duration_law(written)
    one = Draw(Stream(5, 2, "x", name), [None, law], Counter(), name)
    topics = np.ones(3000, int)
    column = one.column(topics, 4)
    assert [one.at(1, i, 4) for i in range(3000)] == column.tolist()
    few = np.array([2, 17, 2999])
    assert one.some(few, topics[few], 3000, 4).tolist() == column[few].tolist()
    many = np.arange(0, 3000, 2)
    assert one.some(many, topics[many], 3000, 4).tolist() == column[many].tolist()


def test_geometric_scalar_and_column_agree():
    one = Draw(Stream(5, 2, "x", "turns"), [parse_count_law({"geometric": {"mean": 3.2}})], Counter(), "turns")
    assert [one.at(0, i) for i in range(3000)] == one.column(np.zeros(3000, int)).tolist()


def test_laws_by_topic():
    """Each topic has its own law and maps the same uniform; a topic without one gives 0."""
    laws = [Law("constant", (5.0,)), None, Law("exponential", (1e6,))]
    one = Draw(Stream(1, 0, "x", "p"), laws, Counter(), "p")
    topics = np.array([0, 1, 2, 2, 0])
    column = one.column(topics)
    assert column[[0, 1, 4]].tolist() == [5, 0, 5]
    assert column.tolist() == [one.at(int(topic), i) for i, topic in enumerate(topics)]


def test_chance():
    """0 % never, 100 % always, otherwise the share; the same for one and for all."""
    chance = Chance(Stream(1, 0, "x", "c"), [0.0, 1.0, 0.3])
    assert not chance.column(np.zeros(N, int)).any()
    assert chance.column(np.ones(N, int)).all()
    some = chance.column(np.full(N, 2))
    assert abs(some.mean() - 0.3) < 4 * math.sqrt(0.21 / N)
    assert [chance.at(2, i) for i in range(1000)] == some[:1000].tolist()


# --- ragged columns --------------------------------------------------------------------------------------------


def test_ragged_rows():
    """Row i has its own length; place k of row i is draw k of entity i."""
    rows = Ragged.of(np.array([2, 0, 3]), lambda entities, k: entities * 10 + k, limit=None)
    assert [rows.row(i) for i in range(3)] == [[0, 1], [], [20, 21, 22]]


def test_ragged_interleave_and_join():
    first = Ragged.of(np.array([2, 1, 0]), lambda entities, k: 100 + entities * 10 + k, limit=None)
    second = Ragged.of(np.array([1, 1, 0]), lambda entities, k: 200 + entities * 10 + k, limit=None)
    both = Ragged.interleave(first, second)
    assert [both.row(i) for i in range(3)] == [[100, 200, 101], [110, 210], []]
    joined = Ragged.join([both, first], 3)
    assert [joined.row(i) for i in range(3)] == [[100, 200, 101, 100, 101], [110, 210, 110], []]
    assert [Ragged.join([], 2).row(i) for i in range(2)] == [[], []]


def test_ragged_leaves_rare_places_to_single_draws():
    """With a limit, places that hardly a row reaches are left out, and none beyond them."""
    lengths = np.array([3] * 399 + [50])
    rows = Ragged.of(lengths, lambda entities, k: np.full(len(entities), k))
    assert rows.row(0) == [0, 1, 2] and rows.row(399) == [0, 1, 2]
    assert Ragged.of(np.zeros(0, np.int64), lambda entities, k: entities).starts.tolist() == [0]


# --- arrivals --------------------------------------------------------------------------------------------------


def scene(
    arrivals: str, start: str = "2026-03-02 00:00", zone: str = "UTC", duration: str = "1 day", more: str = ""
) -> str:
    return f"""
name: Arrivals
start: {start}
timezone: {zone}
duration: {duration}
profiles: {{office: {{by_hour: [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 2, 2, 3, 3, 2, 1, 0, 0, 0, 0, 0, 0]}}}}
behaviours: {{plain: {{}}}}
topics: {{ask: {{behaviour: plain}}}}
flows: {{door: [{{transfer: {{queue: line}}}}]}}
queues: {{line: {{}}}}
channels: {{web: {{platform: web messaging, flow: door, arrivals: {{{arrivals}}}, topics: {{ask: 100 %}}}}{more}}}
agents: {{desk: {{count: 1, queues: [line], reply: {{effort: 1 s}}}}}}
"""


def times(text: str, replication: int = 0, end_us: int | None = None) -> np.ndarray:
    scenario = loads(text)
    return arrival_times(scenario, "web", scenario.seed, replication, end_us or scenario.duration_us)


def test_rate():
    """A Poisson process: number and gaps as the rate says, over the whole of [0, end)."""
    at = times(scene("rate: 2/s"))
    assert at.dtype == np.int64 and (np.diff(at) >= 0).all() and at[0] >= 0 and at[-1] < DAY
    assert abs(len(at) - 172_800) < 4 * math.sqrt(172_800)
    assert stats.kstest(np.diff(at) / 1e6, stats.expon(scale=0.5).cdf).pvalue > 1e-4


def test_per_day_with_a_profile():
    """The expected number of a day is `per_day`, spread over its hours as the profile says; empty hours stay empty."""
    at = times(scene("per_day: 27000, profile: office", duration="4 days"))
    assert abs(len(at) - 108_000) < 4 * math.sqrt(108_000)
    hours = np.bincount(at // HOUR % 24, minlength=24) / 4
    weights = np.array([0] * 8 + [1, 2, 3, 3, 2, 2, 3, 3, 2, 1] + [0] * 6)
    expected = weights / 22 * 27_000
    expected = weights / weights.sum() * 27_000
    assert (hours[weights == 0] == 0).all()
    assert (np.abs(hours - expected) <= 4 * np.sqrt(np.maximum(expected, 1) / 4)).all()


def test_intensity_sums_to_the_volume():
    """Expected numbers by piece of time: a day cut by the end keeps the share that lies inside."""
    scenario = loads(scene("per_day: 2200, profile: office", duration="36 h"))
    edges, expected = intensity(scenario, "web", scenario.duration_us)
    assert edges[0] == 0 and edges[-1] == 36 * HOUR and (np.diff(edges) > 0).all()
    assert expected.sum() == pytest.approx(2200 * (1 + (1 + 2 + 3 + 3) / 22))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-30", 24)])
def test_a_day_of_a_clock_change_has_its_volume(day, hours):
    """An hour that the clock skips contributes nothing, one that it repeats twice; the day has its volume."""
    scenario = loads(scene("per_day: 2400", start=f"{day} 00:00", zone="Europe/Berlin", duration=f"{hours} h"))
    edges, expected = intensity(scenario, "web", scenario.duration_us)
    assert edges[-1] == hours * HOUR
    assert expected.sum() == pytest.approx(2400)
    assert np.allclose(expected / np.diff(edges), 2400 / (hours * HOUR))


def test_a_profile_on_the_day_of_a_clock_change():
    """The profile goes by the wall clock: what is busy from 08:00 is busy from 08:00 also on that day."""
    scenario = loads(scene("per_day: 2200, profile: office", start="2026-03-29 00:00", zone="Europe/Berlin"))
    edges, expected = intensity(scenario, "web", scenario.duration_us)
    busy = edges[:-1][expected > 0]
    assert busy.min() == 7 * HOUR  # 08:00 is seven hours after midnight
    assert expected[edges[:-1] < 23 * HOUR].sum() == pytest.approx(2200)


def test_trace():
    """A trace is exact; times after the end do not happen."""
    assert times(scene("trace: [7 s, 14 s, 14 s, 90000 s]")).tolist() == [7 * SECOND, 14 * SECOND, 14 * SECOND]


def write(folder, header: str, rows: list[tuple[str, float]]) -> None:
    lines = [f"start,{header}", *(f"{start},{value}" for start, value in rows)]
    (folder / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def from_csv(folder, **scene_):
    (folder / "s.yaml").write_text(scene("csv: a.csv", **scene_), encoding="utf-8")
    return load(folder / "s.yaml")


def test_counts_are_exact(tmp_path):
    """Column `count`: exactly so many in each interval, placed uniformly."""
    write(tmp_path, "count", [("2026-03-02 08:00", 3), ("2026-03-02 08:30", 0), ("2026-03-02 09:00", 5000)])
    scenario = from_csv(tmp_path)
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    assert np.histogram(at, np.array([0, 480, 510, 540, 570, 1440]) * MINUTE)[0].tolist() == [0, 3, 0, 5000, 0]
    assert stats.kstest((at[3:] - 540 * MINUTE) / (30 * MINUTE), "uniform").pvalue > 1e-4
    other = arrival_times(scenario, "web", 1, 1, scenario.duration_us)
    assert len(other) == len(at) and not np.array_equal(other, at)


def test_expected_numbers_are_poisson(tmp_path):
    """Column `expected`: Poisson means by interval."""
    write(tmp_path, "expected", [("2026-03-02 08:00", 20.5), ("2026-03-02 09:00", 0), ("2026-03-02 10:00", 3)])
    scenario = from_csv(tmp_path)
    counts = np.array([
        np.histogram(arrival_times(scenario, "web", 1, r, DAY), np.array([0, 8, 9, 10, 11, 24]) * HOUR)[0]
        for r in range(400)
    ])  # fmt: skip
    assert (counts[:, [0, 2, 4]] == 0).all()
    assert abs(counts[:, 1].mean() - 20.5) < 4 * math.sqrt(20.5 / 400)
    assert 0.7 < counts[:, 1].var() / 20.5 < 1.35
    assert abs(counts[:, 3].mean() - 3) < 4 * math.sqrt(3 / 400)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
@pytest.mark.parametrize("kind", ["count", "expected"])
def test_a_csv_on_the_day_of_a_clock_change(tmp_path, kind, day, hours):
    """Rows by the wall clock keep the day's volume, and edges stay in order, when an hour is skipped or repeated."""
    write(tmp_path, kind, [(f"{day} {h:02d}:00", 0 if h == 2 else 100) for h in range(24)])
    scenario = from_csv(tmp_path, start=f"{day} 00:00", zone="Europe/Berlin", duration=f"{hours} h")
    if kind == "expected":
        edges, expected = intensity(scenario, "web", scenario.duration_us)
        assert (np.diff(edges) >= 0).all()
        assert expected.sum() == pytest.approx(2300)
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    assert abs(len(at) - 2300) <= (0 if kind == "count" else 4 * math.sqrt(2300))
    # 09:00 to 10:00 by the wall clock has its hundred
    nine = scenario.calendar.us(scenario.start.replace(hour=9))
    there = ((at >= nine) & (at < nine + HOUR)).sum()
    assert there == 100 if kind == "count" else abs(there - 100) <= 40


def test_a_skipped_hour_in_a_csv(tmp_path):
    """What a CSV expects in an hour that the clock skips never comes then; the rest of the day keeps its hours."""
    write(tmp_path, "expected", [(f"2026-03-29 {h:02d}:00", 100) for h in range(24)])
    scenario = from_csv(tmp_path, start="2026-03-29 00:00", zone="Europe/Berlin", duration="23 h")
    edges, expected = intensity(scenario, "web", scenario.duration_us)
    assert (np.diff(edges) >= 0).all()
    # contributes nothing, and the day is then scaled to its volume
    assert expected.sum() == pytest.approx(2400)
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    assert (np.diff(at) >= 0).all()


def test_day_factors_are_shared_and_have_mean_one():
    """Bad days are bad on every channel: one uniform a day, through each channel's own Gamma with mean 1 and its cv."""
    comes = "arrivals: {rate: 8/min, day_factor_cv: 0.2}"
    more = f", chat: {{platform: web messaging, flow: door, {comes}, topics: {{ask: 100 %}}}}"
    scenario = loads(scene("rate: 2/min, day_factor_cv: 0.1", duration="200 days", more=more))
    by_day = []
    for channel in ("web", "chat"):
        at = arrival_times(scenario, channel, 1, 0, scenario.duration_us)
        by_day.append(np.bincount(at // DAY, minlength=200))
    web, chat = by_day[0] / 2_880, by_day[1] / 11_520
    assert abs(web.mean() - 1) < 4 * 0.1 / math.sqrt(200)
    assert 0.08 < web.std() < 0.12 and 0.16 < chat.std() < 0.24
    assert np.corrcoef(web, chat)[0, 1] > 0.95  # chance within the day takes two points from 1
    assert np.corrcoef(stats.rankdata(web), stats.rankdata(chat))[0, 1] > 0.95


def test_trends_of_replications_differ():
    assert not np.array_equal(times(scene("rate: 1/min")), times(scene("rate: 1/min"), replication=1))


# --- behaviour -------------------------------------------------------------------------------------------------


def test_vanishing_is_uniform_over_the_replies():
    """Who vanishes does so after a reply uniform over 1 … turns-1."""
    text = scene("rate: 1/s").replace("plain: {}", "plain: {turns: 5, think: 1 s, vanishes: 40 %}")
    after = draw(loads(text), 0).channels[0].facts["vanishes_after"]
    n = len(after)
    counts = np.bincount(after, minlength=5)
    assert len(counts) == 5
    assert abs(counts[0] / n - 0.6) < 4 * math.sqrt(0.24 / n)
    assert (np.abs(counts[1:] / n - 0.1) < 4 * math.sqrt(0.09 / n)).all()


def test_topics_by_their_shares():
    """Topics of a channel come with their shares, in whatever order they are written."""
    text = scene("rate: 1/s").replace("topics: {ask: 100 %}", "topics: {other: 25 %, ask: 75 %}")
    text = text.replace(
        "topics: {ask: {behaviour: plain}}", "topics: {ask: {behaviour: plain}, other: {behaviour: plain}}"
    )
    topics = draw(loads(text), 0).channels[0].facts["topic"]
    assert abs((topics == 1).mean() - 0.25) < 4 * math.sqrt(0.19 / len(topics))


def test_a_population_is_drawn_evenly():
    """Each contact picks a person of the population, all alike."""
    text = scene("rate: 1/s").replace(
        "platform: web messaging,", "platform: web messaging, customers: {population: 10},"
    )
    customers = draw(loads(text), 0).channels[0].facts["customer"]
    counts = np.bincount(customers)
    assert len(counts) == 10
    assert stats.chisquare(counts).pvalue > 1e-4


def test_contacts_drawn_when_needed_are_those_of_the_columns():
    """`facts_at`, `talk_us`, `form_us`, `think_us` and `effort_us` give for one contact what columns hold for all."""
    text = scene("rate: 20/min").replace(
        "plain: {}",
        "plain: {turns: {geometric: {mean: 4}}, think: {exponential: {mean: 30 s}}, opening: {messages: {geometric: "
        "{mean: 2}}, gap: 3 s}, patience: {lognormal: {median: 3 min, p90: 9 min}}, vanishes: 20 %, gives_up: {silent: "
        "30 %, abandon: 70 %}, writes_again: {after_service: {probability: 20 %, delay: {exponential: {mean: 1 h}}}}}",
    )
    text = text.replace(
        "[{transfer: {queue: line}}]",
        "[{identify: {takes: 2 s, success: 80 %}}, {bot: {turns: {geometric: {mean: 3}}, bot_time: {uniform: {low: "
        "1 s, high: 2 s}}, contains: 30 %}}, {collect: {fields: 2}}, {transfer: {queue: line}}]",
    ).replace("{effort: 1 s}", "{effort: {gamma: {mean: 60 s, cv: 1}}, canned: {share: 30 %, effort: 0.4}}")
    workload = draw(loads(text), 0)
    columns, draws = workload.channels[0], workload.draws[0]
    flow = draws.flow
    bot, form = flow.first_bot[0], flow.first_form[0]
    assert bot is not None and form is not None
    again = {k: reason for reason, k in AGAIN.items()}
    for i in range(0, len(columns.at_us), 97):
        facts = draws.facts_at(i, int(columns.facts["topic"][i]), -1)
        foreseen = columns.facts[i].item()
        assert [facts[k] for k in range(len(facts)) if k not in again] == [
            foreseen[k] for k in range(len(facts)) if k not in again
        ]
        for k, reason in again.items():  # writing again is drawn when it comes to that
            assert facts[k] == NOT_DRAWN and draws.again_us(reason, facts.topic, i, 0) == foreseen[k]
        assert flow.talk_us(bot, 0, i, facts.bot_turns) == columns.talk_us.row(i)
        assert ([] if facts.contained else flow.form_us(form, 0, i)) == columns.form_us.row(i)
        for k, think in enumerate(columns.think_us.row(i)):
            assert k == 0 or think == draws.think_us(0, i, k)
        for k, effort in enumerate(columns.effort_us[0].row(i)):
            assert effort == draws.effort_us(0, 0, i, k)


# --- breaks and caps -------------------------------------------------------------------------------------------


def test_staggered_breaks():
    """a + i (b - a - for)/(n - 1); one agent: a."""
    assert [staggered_us(0, 7200, 1800, i, 3) for i in range(3)] == [0, 2700, 5400]
    assert staggered_us(600, 7200, 1800, 0, 1) == 600
    assert staggered_us(600, 2400, 1800, 4, 5) == 600  # the window holds just one break


def slowly_even(requests: list[int], cap: int) -> list[int]:
    """`t_k = max(request_k, t_(k-1) + 60 s/cap)` as exact fractions, then up to the next whole µs."""
    slots: list[int] = []  # in units of 1 µs / cap
    for request in requests:
        slots.append(max(request * cap, slots[-1] + MINUTE) if slots else request * cap)
    return [-(-slot // cap) for slot in slots]


def slowly_burst(requests: list[int], cap: int) -> list[int]:
    sent: list[int] = []
    for k, request in enumerate(requests):
        sent.append(max(request, sent[k - cap] + MINUTE) if k >= cap else request)
    return sent


REQUESTS = st.lists(st.integers(0, 5 * MINUTE), max_size=120).map(sorted)
CAPS = st.integers(1, 200)


@pytest.mark.parametrize(("fast", "slow"), [(even_sends_us, slowly_even), (burst_sends_us, slowly_burst)])
@given(requests=REQUESTS, cap=CAPS)
@settings(max_examples=150, deadline=None)
def test_caps(fast, slow, requests, cap):
    """As the loop says; in order, none early, and in every half-open 60 s at most the cap."""
    sent = fast(np.array(requests, np.int64), cap).tolist()
    assert sent == slow(requests, cap)
    assert sent == sorted(sent)
    assert all(left >= request for left, request in zip(sent, requests, strict=True))
    assert all(later - earlier >= MINUTE for earlier, later in zip(sent, sent[cap:], strict=False))
    if sent:
        assert sent[0] == requests[0]


@given(requests=REQUESTS, cap=CAPS)
@settings(max_examples=100, deadline=None)
def test_caps_are_work_conserving(requests, cap):
    """Who waits is held by the cap alone: by the slot before him (`even`), or by a full minute before him (`burst`)."""
    asked = np.array(requests, np.int64)
    even, burst = even_sends_us(asked, cap).tolist(), burst_sends_us(asked, cap).tolist()
    for k, request in enumerate(requests):
        if even[k] > request:
            assert k > 0 and even[k] - even[k - 1] <= -(-MINUTE // cap)
        if burst[k] > request:
            assert burst[k] == burst[k - cap] + MINUTE
        assert burst[k] <= even[k]  # a burst never leaves later than an even flow


def test_caps_do_not_change_what_they_get():
    """The requests stay as they were; nothing asked is nothing sent."""
    requests = np.zeros(5, np.int64)
    burst_sends_us(requests, 2)
    even_sends_us(requests, 2)
    assert (requests == 0).all()
    assert len(even_sends_us(np.zeros(0, np.int64), 5)) == len(burst_sends_us(np.zeros(0, np.int64), 5)) == 0


def test_the_platforms_own_cap():
    """60,000 messages at 18,000 a minute: the last leaves after 59,999 slots of 1/300 s."""
    sent = even_sends_us(np.zeros(60_000, np.int64), 18_000)
    assert sent[-1] == -(-59_999 * MINUTE // 18_000)
    burst = burst_sends_us(np.zeros(60_000, np.int64), 18_000)
    assert Counter(burst.tolist()) == {0: 18_000, MINUTE: 18_000, 2 * MINUTE: 18_000, 3 * MINUTE: 6_000}
