"""The laws of all laws: every kind of distribution, however it is written, is the one that SciPy knows by its name.

A new kind adds its twin here and inherits every test.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from scipy import stats

from simulator.scenario.lawful import LATER, parse_count_law, parse_duration_law, parse_size_law
from simulator.scenario.laws import Law, LawKind
from simulator.scenario.means import exceeds, mean
from simulator.scenario.parameters import DURATION_PARAMETERS, FAMILIES
from simulator.scenario.source import read_value
from simulator.scenario.written import Wrong
from simulator.vocabulary.clock import SECOND
from simulator.workload.draws import Draw
from simulator.workload.laws import clipped, one, quantile, whole
from simulator.workload.streams import Stream

S = float(SECOND)
INF = math.inf


class Weighted:
    """A law made of others: what SciPy has no name for."""

    def __init__(self, weights: tuple[float, ...], parts: tuple[Any, ...]):
        self.weights, self.parts = weights, parts

    def cdf(self, x: Any) -> Any:
        return sum(w * part.cdf(x) for w, part in zip(self.weights, self.parts, strict=True))

    def mean(self) -> float:
        return float(sum(w * part.mean() for w, part in zip(self.weights, self.parts, strict=True)))

    def var(self) -> float:
        second = sum(w * (part.var() + part.mean() ** 2) for w, part in zip(self.weights, self.parts, strict=True))
        return float(second - self.mean() ** 2)


def point(value: float) -> Any:
    return stats.rv_discrete(values=([value], [1.0]))


TWINS: dict[str, Callable[[Law], Any]] = {
    "constant": lambda law: point(law.numbers[0]),
    "exponential": lambda law: stats.expon(scale=law.numbers[0]),
    "uniform": lambda law: stats.uniform(law.numbers[0], law.numbers[1] - law.numbers[0]),
    "triangular": lambda law: stats.triang(
        (law.numbers[1] - law.numbers[0]) / (law.numbers[2] - law.numbers[0]),
        law.numbers[0],
        law.numbers[2] - law.numbers[0],
    ),
    "lognormal": lambda law: stats.lognorm(law.numbers[1], scale=math.exp(law.numbers[0])),
    "gamma": lambda law: stats.gamma(law.numbers[0], scale=law.numbers[1]),
    "weibull": lambda law: stats.weibull_min(law.numbers[0], scale=law.numbers[1]),
    "log_logistic": lambda law: stats.fisk(law.numbers[0], scale=law.numbers[1]),
    "pareto": lambda law: stats.lomax(law.numbers[0], scale=law.numbers[1]),
    "geometric": lambda law: stats.geom(law.numbers[0]),
    "empirical": lambda law: Weighted(law.weights, tuple(point(value) for value in law.numbers)),
    "mixture": lambda law: Weighted(law.weights, tuple(TWINS[part.kind](part) for part in law.parts)),
}
"""The same law, as SciPy has it."""

LAWS = [
    Law("constant", (5 * S,)),
    Law("exponential", (90 * S,)),
    Law("uniform", (2 * S, 9 * S)),
    Law("triangular", (2 * S, 3 * S, 9 * S)),
    Law("triangular", (0.0, 0.0, 9 * S)),
    Law("triangular", (1 * S, 9 * S, 9 * S)),
    Law("triangular", (1 * S, 4 * S, 7 * S)),
    Law("lognormal", (math.log(45 * S), 1.1)),
    Law("gamma", (0.4, 100 * S)),
    Law("gamma", (6.0, 10 * S)),
    Law("weibull", (0.6, 100 * S)),
    Law("weibull", (3.0, 40 * S)),
    Law("log_logistic", (2.94, 767 * S)),
    Law("log_logistic", (4.5, 30 * S)),
    Law("pareto", (2.5, 60 * S)),
    Law("pareto", (6.0, 300 * S)),
    Law("geometric", (0.25,), at_most=INF),
    Law("empirical", (1 * S, 4 * S, 12 * S), (0.5, 0.25, 0.25)),
    Law("mixture", (), (0.75, 0.25), (Law("lognormal", (math.log(45 * S), 0.5)), Law("weibull", (0.8, 900 * S)))),
]
every_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: f"{law.kind} {law.numbers}")


def test_every_kind_is_tested() -> None:
    assert set(TWINS) == set(get_args(LawKind)) == {law.kind for law in LAWS}
    assert not set(LATER) & set(TWINS)


@every_law
def test_quantiles_and_survival_are_those_of_the_twin(law: Law) -> None:
    """cdf(Q(u)) = u where the law is continuous; Q(u) is the first value whose cdf reaches u where it is not.

    A mixture picks a part by u first: there the sorted draws are its quantiles.
    """
    twin = TWINS[law.kind](law)
    u = np.array([1e-9, 0.001, 0.01, 0.1, 0.3, 0.4999, 0.5001, 0.7, 0.9, 0.99, 0.999, 1 - 1e-9])
    values = np.asarray(quantile(law, u))
    if law.kind in ("constant", "empirical", "geometric"):
        assert (twin.cdf(values) >= u).all()
        assert (twin.cdf(values - 0.5) < u).all()
    elif law.kind == "mixture":
        slices = (np.arange(100_000) + 0.5) / 100_000
        np.testing.assert_allclose(twin.cdf(np.sort(quantile(law, slices))), slices, atol=1e-4)
    else:
        np.testing.assert_allclose(twin.cdf(values), u, rtol=1e-7)
    np.testing.assert_allclose([exceeds(law, float(x)) for x in values], 1 - twin.cdf(values), rtol=1e-6, atol=1e-12)


@every_law
def test_moments_are_those_of_the_twin(law: Law) -> None:
    """By formula, and of the draws: one in the middle of each of 200,000 equal slices of (0, 1)."""
    twin = TWINS[law.kind](law)
    unlimited = Law(law.kind, law.numbers, law.weights, law.parts, INF)
    assert mean(unlimited) == pytest.approx(twin.mean(), rel=1e-6)
    slices = 200_000
    drawn, _ = whole(law, (np.arange(slices) + 0.5) / slices)
    assert drawn.mean() == pytest.approx(twin.mean(), rel=0.01)
    # The last slice of a power tail of index a holds slices^(2/a − 1) of the variance and shows nothing of it: a
    # variance that slices can find needs an a well above 2. Where they cannot find it, quantiles tell the spread.
    if law.kind not in ("pareto", "log_logistic") or law.numbers[0] >= 4.5:
        assert drawn.std() == pytest.approx(math.sqrt(twin.var()), rel=0.02, abs=1e-6)
    else:
        shares = [0.01, 0.05, 0.25, 0.75, 0.95, 0.99]
        assert np.quantile(drawn, shares) == pytest.approx(twin.ppf(shares), rel=1e-3)


@every_law
def test_the_mean_below_a_limit_is_the_area_under_the_survival_function(law: Law) -> None:
    twin = TWINS[law.kind](law)
    for limit in (0.3 * twin.mean(), twin.mean(), 3.3 * twin.mean()):
        middle = (np.arange(200_000) + 0.5) / 200_000 * limit
        assert mean(law, limit) == pytest.approx(np.mean(1 - twin.cdf(middle)) * limit, rel=2e-4)


@every_law
def test_longer_draws_are_clipped_and_counted(law: Law) -> None:
    limit = float(np.sort(quantile(law, (np.arange(1_000) + 0.5) / 1_000))[800])
    short = Law(law.kind, law.numbers, law.weights, law.parts, limit)
    u = Stream(1, 0, "someone", "something").column(10_000)
    drawn, clipped = whole(short, u)
    assert drawn.max() <= round(limit)
    assert clipped == np.count_nonzero(np.asarray(quantile(law, u)) > limit)
    expected = 10_000 * (1 - TWINS[law.kind](law).cdf(limit))
    assert abs(clipped - expected) <= 4 * math.sqrt(max(expected, 1))
    assert mean(short) == pytest.approx(mean(law, limit))


@every_law
def test_one_draw_at_a_time_is_the_same_as_a_column(law: Law) -> None:
    """Bit for bit, clipped ones included: what is drawn when needed is what would have been drawn before."""
    limit = float(quantile(law, 0.9))
    short = Law(law.kind, law.numbers, law.weights, law.parts, limit)
    by_column: Counter[str] = Counter()
    by_one: Counter[str] = Counter()
    stream = Stream(4711, 3, "someone", "something")
    for each in (law, short):
        topics = np.zeros(3_001, np.int64)
        column = Draw(stream, [each], by_column, "x").column(topics, 5)
        single = Draw(stream, [each], by_one, "x")
        assert column.tolist() == [single.at(0, entity, 5) for entity in range(3_001)]
        u = stream.column(3_001)
        assert quantile(each, u).tolist() == [float(quantile(each, x)) for x in u.tolist()]
    assert by_column == by_one


def test_parts_of_a_mixture_are_clipped_by_themselves() -> None:
    """One at a time and as a column, also in a mixture of mixtures."""
    inner = Law(
        "mixture", (), (0.3, 0.7), (Law("exponential", (60 * S,), at_most=90 * S), Law("pareto", (1.5, 60 * S)))
    )
    law = Law("mixture", (), (0.6, 0.0, 0.4), (inner, Law("constant", (1.0,)), Law("gamma", (0.5, 60 * S))), 3600 * S)
    counted: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    stream = Stream(7, 0, "someone", "something")
    column = Draw(stream, [law], counted[0], "x").column(np.zeros(20_000, np.int64))
    single = Draw(stream, [law], counted[1], "x")
    assert column.tolist() == [single.at(0, entity) for entity in range(20_000)]
    assert counted[0] == counted[1]
    assert counted[0]["x"] == np.count_nonzero(column == 90 * SECOND) + np.count_nonzero(column == 3600 * SECOND) > 500


def test_the_laws_of_the_manual_are_laws(root: Path) -> None:
    text = (root / "scenarios" / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip(" `") for line in text.splitlines() if line.startswith("| `{")]
    laws = [row for row in rows if "..." not in row]
    assert len(laws) >= 10
    for law in laws:
        parse_duration_law(read_value(law, "law")[0].tree)


WAYS = [(kind, way) for kind, ways in FAMILIES.items() for way in ways]


@pytest.mark.parametrize(("kind", "way"), WAYS, ids=lambda value: value if isinstance(value, str) else "+".join(value))
def test_every_way_of_writing_a_law_gives_the_same_law(kind: LawKind, way: tuple[str, ...]) -> None:
    """What SciPy says of a law, written down, is that law again. Two numbers make a triangular law symmetric."""
    tested = 0
    for law in LAWS:
        if law.kind != kind:
            continue
        if kind == "triangular":
            low, mode, high = law.numbers
            if low == mode or (len(way) == 2 and mode - low != high - mode):
                continue
        tested += 1
        twin = TWINS[kind](law)
        low, high = (float(edge) for edge in twin.support())
        known: dict[str, float] = {
            "mean": float(twin.mean()),
            "cv": float(twin.std() / twin.mean()),
            "median": float(twin.ppf(0.5)),
            "p90": float(twin.ppf(0.9)),
            "low": low,
            "high": high,
        }
        if kind == "lognormal":
            known |= {"mu": law.numbers[0] - math.log(S), "sigma": law.numbers[1]}
        elif kind == "triangular":
            known["mode"] = law.numbers[1]
        elif len(law.numbers) == 2:
            known |= {"shape": law.numbers[0], "scale": law.numbers[1]}
        said = {name: f"{known[name] / S:.12f} s" if name in DURATION_PARAMETERS else known[name] for name in way}
        assert parse_duration_law({kind: said}).numbers == pytest.approx(law.numbers, rel=1e-5)
        assert parse_duration_law({kind: said}) == parse_duration_law({kind: said})
    assert tested


@pytest.mark.parametrize(
    ("written", "place", "allowed"),
    [
        ({"pareto": {"shape": 1, "scale": "60 s"}}, "shape", "shape > 1"),
        ({"weibull": {"shape": 0.005, "scale": "1 h"}}, "shape", "shape from 0.05"),
        ({"weibull": {"shape": 0.0499, "scale": "1 us"}}, "shape", "shape from 0.05"),
        ({"weibull": {"median": "1 us", "p90": "1 day"}}, "p90", "shape from 0.05"),
        ({"log_logistic": {"shape": 0.9, "scale": "60 s"}}, "shape", "shape > 1"),
        ({"log_logistic": {"median": "10 s", "p90": "90 s"}}, "p90", "p90 below 9 times the median"),
        ({"pareto": {"median": "10 s", "p90": "90 s"}}, "p90", "below 9 times the median"),
        ({"pareto": {"median": "10 s", "p90": "30 s"}}, "p90", "from 3.33"),
        ({"pareto": {"mean": "10 s", "cv": 1}}, "cv", "cv > 1"),
        ({"uniform": {"mean": "10 s", "cv": 0.6}}, "cv", "at most 0.57735"),
        ({"uniform": {"median": "10 s", "p90": "19 s"}}, "p90", "1.8 times the median"),
        ({"triangular": {"low": "2 s", "mode": "1 s", "high": "9 s"}}, "mode", "low ≤ mode"),
        ({"triangular": {"low": "2 s", "mode": "9 s", "high": "8 s"}}, "high", "mode ≤ high"),
        ({"triangular": {"low": "2 s", "mode": "2 s", "high": "2 s"}}, "high", "low < high"),
        ({"triangular": {"mean": "10 s", "cv": 0.41}}, "cv", "at most 0.40824"),
        ({"triangular": {"median": "10 s", "p90": "16 s"}}, "p90", "at most 1.5527 times the median"),
        ({"triangular": {"mean": "10 s", "high": "16 s"}}, "", "{low, mode, high} or {mean, cv} or {median, p90}"),
        ({"weibull": {"mean": "2 s", "median": "2 s"}}, "", "{mean, cv} or {median, p90} or {shape, scale}"),
        ({"weibull": {"mean": "2 s", "cv": 1, "shape": 2}}, "", "{mean, cv} or {median, p90} or {shape, scale}"),
        ({"weibull": {"shape": "2 s", "scale": "2 s"}}, "shape", "without unit"),
        ({"weibull": {"shape": 2, "scale": 2}}, "scale", "a duration with its unit"),
        ({"lognormal": {"mu": "4 s", "sigma": 1}}, "mu", "logarithm of seconds"),
        ({"gamma": {"median": "2 s", "p90": "2 s"}}, "p90", "median < p90"),
        ({"exponential": {"mean": "3 min", "median": "2 min"}}, "", "{mean} or {median}"),
    ],
)
def test_contradictions_and_infinite_means_are_refused_with_the_condition(
    written: dict[str, dict[str, Any]], place: str, allowed: str
) -> None:
    with pytest.raises(Wrong) as raised:
        parse_duration_law(written)
    (complaint,) = raised.value.complaints
    (kind,) = written
    assert complaint.place == ((kind, place) if place else (kind,))
    assert allowed in complaint.allowed


CORNERS: dict[str, tuple[Any, ...]] = {
    "shape": (0.001, 0.006, 0.05, 1, 1 + 1e-9, 1.01, 50, 1e6),
    "cv": (0.001, 1, 1 + 1e-9, 1.001, 2, 20),
    "mu": (-30, 0, 30),
    "sigma": (1e-9, 1, 10),
    "low": ("0", "1 us", "36500 days"),
    "mode": ("0", "1 s", "36500 days"),
    "high": ("1 us", "2 us", "36500 days"),
} | dict.fromkeys(("mean", "median", "p90", "scale"), ("1 us", "1 s", "1.1 s", "5 s", "36500 days"))
"""The least and the most that may be written, and where formulas divide by nearly nothing."""
SIZES_AT_CORNERS = (1, 2, 1_000, 1_000_000)
AT_THE_EDGES = np.array([2.0**-54, 1e-9, 0.5, 1 - 1e-9, 1 - 2.0**-53])
"""The least and the largest uniform, and some between."""


def give_numbers(law: Law) -> None:
    """Whatever is asked of a law is a number within its bounds: no overflow, no warning, no inf, no nan."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn, _ = whole(law, AT_THE_EDGES)
        assert drawn.min() >= 0 and drawn.max() <= law.at_most
        assert law.kind == "mixture" or (np.diff(drawn) >= 0).all()
        assert [np.rint(one(law, u)[0]) for u in AT_THE_EDGES.tolist()] == drawn.tolist()
        for limit in (1, 2.5, 1e6, 5e12, INF):
            assert 0 <= mean(law, limit) <= min(limit, law.at_most) * (1 + 1e-9)
            assert 0 <= exceeds(law, limit) <= 1
        assert math.isfinite(mean(law))


@pytest.mark.parametrize(("kind", "way"), WAYS, ids=lambda value: value if isinstance(value, str) else "+".join(value))
def test_the_corners_of_what_may_be_written_give_numbers_or_are_refused(kind: LawKind, way: tuple[str, ...]) -> None:
    accepted = 0
    for values in itertools.product(*(CORNERS[name] for name in way)):
        for bound in ({}, {"at_most": "36500 days"}, {"at_most": "1 us"}):
            try:
                law = parse_duration_law({kind: dict(zip(way, values, strict=True)), **bound})
            except Wrong:
                continue
            give_numbers(law)
            accepted += 1
    assert accepted


@pytest.mark.parametrize("kind", ["lognormal", "gamma", "uniform"])
def test_sizes_at_the_corners_are_whole_numbers_or_refused(kind: LawKind) -> None:
    accepted = refused = 0
    for way in FAMILIES[kind]:
        corners = (CORNERS[name] if name in ("shape", "cv", "mu", "sigma") else SIZES_AT_CORNERS for name in way)
        for values in itertools.product(*corners):
            try:
                law = parse_size_law({kind: dict(zip(way, values, strict=True))})
            except Wrong:
                refused += 1
                continue
            give_numbers(law)
            accepted += 1
    assert accepted and refused
    with pytest.raises(Wrong, match="beyond all numbers"):
        parse_size_law(
            {"mixture": ({"weight": 0.1, "lognormal": {"median": 1, "sigma": 10}}, {"weight": 0.9, "constant": 1})}
        )


@pytest.mark.parametrize("mean_of", [1, 1 + 1e-15, 1.0001, 999_999.9, 1_000_000])
def test_counts_at_the_corners_are_whole_numbers(mean_of: float) -> None:
    give_numbers(parse_count_law({"geometric": {"mean": mean_of}}))


def test_parts_and_values_that_nobody_gets_or_nearly_nobody() -> None:
    """Weights that miss 1 by a rounding leave no uniform beside the parts; the last part may have no weight."""
    nearly = {"weight": 1e-12, "gamma": {"shape": 1e-3, "scale": "1 us"}}
    for weight in (1 - 9e-10, 1 - 1e-12, 1):
        most = {"weight": weight, "lognormal": {"mu": 30, "sigma": 10}}
        give_numbers(parse_duration_law({"mixture": (most, nearly, {"weight": 0, "constant": "1 s"})}))
    tenths = tuple({"weight": 0.1, "weibull": {"shape": 0.05, "scale": "36500 days"}} for _ in range(10))
    give_numbers(parse_duration_law({"mixture": (*tenths, {"weight": 0, "constant": "1 s"})}))
    for values in (("0",), ("0", "60 days"), ("1 us",)):
        give_numbers(parse_duration_law({"empirical": values}))
    give_numbers(parse_duration_law({"empirical": {"values": ("0", "1 s"), "weights": (1e15, 1e-300)}}))


def test_the_edge_of_a_part_is_inside_the_unit_interval() -> None:
    """Seven sevenths, added up, miss 1: subtraction rounds the largest uniform up to 1, an infinite draw."""
    law = Law("mixture", (), (1 / 7,) * 7, (Law("exponential", (60 * S,), at_most=INF),) * 7, INF)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn, _ = clipped(law, AT_THE_EDGES)
        assert np.isfinite(drawn).all()
        assert [one(law, u)[0] for u in AT_THE_EDGES.tolist()] == drawn.tolist()


def test_laws_have_other_names_elsewhere() -> None:
    for name, meant in [("lomax", "pareto"), ("fisk", "log_logistic"), ("loglogistic", "log_logistic")]:
        with pytest.raises(Wrong) as raised:
            parse_duration_law({name: {"mean": "1 s", "cv": 2}})
        assert raised.value.complaints[0].suggestion == f"did you mean `{meant}`?"
    with pytest.raises(Wrong):
        parse_count_law({"weibull": {"mean": 3, "cv": 2}})
