"""From Python: load a scenario, simulate it, ask the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run
    from simulator.records import Check
    from simulator.scenario import Scenario

PLOTS = ("service_level", "staff", "requirement", "people", "flow", "waits", "sends", "caps", "windows", "outages")
"""Those of `reports.plots`, which is too heavy to import for a name; a test compares them."""


def load(path: str | Path, settings: Mapping[str, object] | None = None) -> Scenario:
    """Read a scenario file. `settings`: paths and values as `--set` takes them. Raises `ScenarioError`."""
    from simulator.experiments import loading

    return loading.load(path, settings or {})


def loads(text: str) -> Scenario:
    """Read a scenario from YAML text. Raises `ScenarioError`."""
    from simulator.experiments import loading

    return loading.loads(text)


def simulate(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: str = "model",
    progress: bool | Callable[[float], None] = False,
    executor: Executor | None = None,
    precision: Mapping[str, object] | None = None,
    max_replications: int | None = None,
) -> Results:
    """Simulate a scenario and measure it.

    `replications` and `seed` default to the scenario's. `workers` (default: the processors at hand) changes the
    time it takes, never the answer; `executor` takes any `concurrent.futures` executor instead, such as
    `dask.distributed.Client().get_executor()`. `progress`: True draws a bar on a terminal; a function is called
    with the share done.

    `precision` finds out how many replications it takes: `{"oServiceLevel": 0.01, "tWait[queue=service]": "5 %"}` runs
    until the 95 % intervals are that narrow, up and down (shares: percentage points; else a share of the value, or an
    amount such as `"10 s"`), at most `max_replications` (default 200). `Results.stopped` says how it ended.

    Raises `UsageError`, `ScenarioError`.
    """
    from simulator.experiments.replicate import replicate
    from simulator.reports.progress import bar

    with bar(scenario.name, wanted=progress is True) as drawn:
        watch = progress if callable(progress) else drawn
        run = replicate(
            scenario, replications, seed, workers, engine=engine, on_progress=watch, executor=executor,
            precision=precision, max_replications=max_replications,
        )  # fmt: skip
    return Results(run)


def compare(
    a: Scenario | Results,
    b: Scenario | Results,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: bool | Callable[[float], None] = False,
) -> pd.DataFrame:
    """Two plans on the same customers: paired differences b − a of every measure.

    Columns: metric, scope, a, b, difference, ci_low, ci_high (95 % confidence of the difference; null with one
    replication), unit, variance_saved (by pairing, as a share), definition. Scenarios are run, results are taken as
    they are. Raises `UsageError` where two results have not met the same customers, `ScenarioError`.
    """
    from simulator.experiments.compare import compare as compared
    from simulator.reports.progress import bar

    sides = [side.run if isinstance(side, Results) else side for side in (a, b)]
    with bar("comparing", wanted=progress is True) as drawn:
        watch = progress if callable(progress) else drawn
        return compared(sides[0], sides[1], replications, seed, workers, on_progress=watch).table


def sweep(
    scenario: Scenario,
    values: Mapping[str, Sequence[object]],
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: bool | Callable[[float], None] = False,
) -> pd.DataFrame:
    """Every combination of `values` (path -> values) on the same customers.

    A row per combination, measure and scope: one column for each path, then the columns of `Results.summary`. Raises
    `UsageError`, `ScenarioError` before anything runs.
    """
    import pandas as pd

    from simulator.experiments.sweep import sweep as swept
    from simulator.reports.progress import bar

    with bar(scenario.name, wanted=progress is True) as drawn:
        watch = progress if callable(progress) else drawn
        points = swept(scenario, values, replications, seed, workers, on_progress=watch)
    frames = []
    for point in points:
        frame = point.run.summary.copy()
        for place, (path, value) in enumerate(point.settings.items()):
            frame.insert(place, path, [value] * len(frame))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class Results:
    """What a simulation found: measures, tables, checks, plots."""

    run: Run

    @classmethod
    def load(cls, folder: str | Path) -> Results:
        """The results that `save` or `ccsim run` wrote. Raises `UsageError` where there are none."""
        from simulator.reports.folder import read

        return cls(read(Path(folder)))

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run, seed and replications included."""
        return self.run.scenario

    @property
    def seed(self) -> int:
        return self.run.seed

    @property
    def replications(self) -> int:
        return self.run.replications

    @property
    def engine(self) -> str:
        return self.run.engine

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is doubtful about the scenario, and what stands in for something else."""
        return (*self.run.warnings, *self.run.notes)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Conservation checks: name, passed, detail."""
        return self.run.checks

    def audit(self) -> pd.DataFrame:
        """Theory beside simulated: numbers that must come out, and why there are none where theory knows nothing.

        Columns: name, scope, theory, simulated, ci_low, ci_high (95 % over replications), unit, verdict (agrees,
        differs, no verdict, not applicable), reason, source.
        """
        import pandas as pd

        columns = ("name", "scope", "theory", "simulated", "ci_low", "ci_high", "unit", "verdict", "reason", "source")
        rows = [tuple(getattr(one, column) for column in columns) for one in self.run.audit]
        return pd.DataFrame(rows, columns=list(columns))

    @property
    def stopped(self) -> dict[str, Any]:
        """Why a run with a `precision` ended: replications, reached, stopped_because, intervals; else empty."""
        return dict(self.run.precision)

    @property
    def warm_up(self) -> dict[str, Any]:
        """Whether the warm-up is long enough: verdict, words, method, source, and what each series says (MSER-5)."""
        return dict(self.run.warm_up)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names that `table` knows."""
        return tuple(self.run.tables)

    def summary(self) -> pd.DataFrame:
        """metric, scope, value, ci_low, ci_high, unit, definition, replications: a row per measure and scope.

        The interval is the 95 % confidence interval of the average over replications; null with one replication.
        """
        return self.run.summary.copy(deep=False)

    def table(self, name: str) -> pd.DataFrame:
        """One table, all replications; columns as `vocabulary.tables` describes them."""
        if name not in self.run.tables:
            raise UsageError(f"table {name!r} is not known; known: {', '.join(self.run.tables)}")
        # pandas copies a column when it is written to (copy-on-write, always on since 3.0): nobody can change the run
        return self.run.tables[name].copy(deep=False)

    def plot(self, name: str, ax: Axes | None = None, queue: str | None = None) -> Axes:
        """Draw one of `PLOTS`: all its panels, or the upper one on `ax`. Returns the upper axes."""
        from simulator.reports.plots import plot

        return plot(self.run, name, ax=ax, queue=queue)

    def save(self, folder: str | Path | None = None) -> Path:
        """Write a run folder (default: below `results/`) and return where it is. Whole or not at all."""
        from simulator.reports.folder import default_folder, write

        return write(self.run, Path(folder) if folder is not None else default_folder(self.scenario))

    def export(
        self,
        to: str,
        path: str | Path,
        *,
        replication: int = 0,
        page_size: int = 1000,
        tables: Sequence[str] | None = None,
    ) -> Path:
        """Write the results for other programs and return where: `genesys`, `csv` (a folder) or `xlsx` (a file).

        See `simulator.exchange.export`. Raises `UsageError` where something stands there that no export wrote.
        """
        from simulator.exchange import export

        export(self.run, to, Path(path), replication=replication, page_size=page_size, tables=tables)
        return Path(path)

    def __repr__(self) -> str:
        lines = [f"Results of {self.scenario.name!r}: {self._about()}"]
        lines += [f"  {name}: {value}" for name, value in self._leading()]
        lines.append(f"  {self._checked()}")
        lines.append(f"  .summary()  .table(name): {', '.join(self.run.tables) or 'not kept'}")
        lines.append(f"  .plot(name): {', '.join(PLOTS)}  .checks  .warnings  .save(folder)")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in self._leading())
        return (
            f"<p><b>{escape(self.scenario.name)}</b>: {escape(self._about())}</p><table>{rows}</table>"
            f"<p>{escape(self._checked())}<br><code>.summary()</code>, <code>.table(name)</code>: "
            f"{escape(', '.join(self.run.tables) or 'not kept')}; <code>.plot(name)</code>: {', '.join(PLOTS)}</p>"
        )

    def _about(self) -> str:
        return f"{self.replications} replications, seed {self.seed}, engine {self.engine}"

    def _leading(self) -> list[tuple[str, str]]:
        from simulator.reports.words import headlines

        return [
            (f"{line.name} {line.scope}".strip(), f"{line.value} ({line.interval})" if line.interval else line.value)
            for line in headlines(self.run.summary, self.scenario)[:8]
        ]

    def _checked(self) -> str:
        failed = [check.name for check in self.checks if not check.passed]
        if failed:
            return f"{len(failed)} of {len(self.checks)} checks FAILED: {', '.join(failed)}"
        return f"all {len(self.checks)} checks passed"
