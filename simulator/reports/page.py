"""The report: one HTML page without scripts or outside parts, to send around, print or read on a phone."""

from __future__ import annotations

import io
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from simulator.metrics.headlines import verdict
from simulator.reports import audit_words, plots, style
from simulator.reports.series import queues_by_size
from simulator.reports.words import NO_RANGE, Line, all_lines, headlines
from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    from simulator.experiments.run import Run

MOST_QUEUES = 8
"""Pictures are made for the queues with most offers; more would bury the reader (assumed)."""
OF_QUEUES = ("service_level", "staff", "requirement")
"""Pictures of one queue."""
CAPTIONS = {
    "service_level": "Was it good enough? Each point is the share of what came in during that interval.",
    "staff": "Was it the staff? Attention load is the work done; "
    "where slots are near 100 % customers wait although agents have time.",
    "requirement": "How many agents does the target ask for? Each interval by itself, as if nobody had waited; "
    "what lacks at one time is not made good by what stands above at another, and nobody can be cut by the half hour.",
    "sends": "Did the sending caps bind? The largest wave of each lane in the measured time.",
    "caps": "How full were the caps, and what waited for which? At 100 % a cap binds.",
    "outages": "How long until it was as before? What was held comes in at once when the way is open again.",
    "windows": "Who may get no answer any more? Free text is blocked once the reply window is over; then only a "
    "template reaches the customer, where the platform has any.",
}


def pictures(run: Run) -> dict[str, str]:
    """Every plot as SVG text, by file name. The same run gives the same bytes."""
    others = queues_by_size(run.tables["intervals"])[1:MOST_QUEUES]
    wanted: dict[str, tuple[str, str | None]] = {
        name: (name, None) for name in plots.PLOTS if name not in plots.SPEAKS or plots.SPEAKS[name](run)
    }
    for queue in others:
        wanted |= {f"{name}_{queue}": (name, queue) for name in OF_QUEUES if name in wanted}
    return {_file_name(file): svg(run, name, queue) for file, (name, queue) in wanted.items()}


def svg(run: Run, name: str, queue: str | None = None) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with style.styled():
        figure = Figure(figsize=style.SIZE)
        FigureCanvasSVG(figure)
        plots.plot(run, name, figure=figure, queue=queue)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def render(run: Run, drawn: dict[str, str] | None = None) -> str:
    """The page as text. Everything that comes from a scenario is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    drawn = pictures(run) if drawn is None else drawn
    environment = Environment(
        loader=PackageLoader("simulator.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(**context(run, drawn))


def context(run: Run, drawn: dict[str, str]) -> dict[str, Any]:
    scenario, calendar = run.scenario, run.scenario.calendar
    first, last = calendar.local(scenario.warm_up_us), calendar.local(scenario.duration_us)
    return {
        "name": scenario.name,
        "measured": f"{_moment(first)} to {_moment(last)} ({scenario.timezone})",
        "verdict": verdict(run.summary, scenario),
        "facts": {
            "replications": run.replications,
            "seed": run.seed,
            "engine": run.engine,
            "warm-up": spoken(scenario.warm_up_us),
            **({"warm-up check": run.warm_up["words"]} if run.warm_up else {}),
            "run-out": spoken(scenario.run_out_us),
            "scenario hash": scenario.hash[:16],
        },
        "coverage": run.coverage,
        "warnings": (*run.warnings, *run.notes),
        "groups": grouped(headlines(run.summary, run.scenario)),
        "pictures": [{"name": file, "caption": _caption(file), "uri": _data_uri(text)} for file, text in drawn.items()],
        "audit": {
            "rules": [(audit_words.rule(check.name), check) for check in run.checks],
            "accounts": audit_words.accounts(run.checks),
            "limits": audit_words.limits(run.checks),
            "compared": audit_words.compared(run.audit),
            "not_applicable": audit_words.not_applicable(run.audit),
            "line": audit_words.audit_line(run),
        },
        "failed": len(run.failed_checks),
        "different": len(run.different),
        "lines": all_lines(run.summary),
        "versions": dict(run.versions),
        "timing": {key: _seconds(key, value) for key, value in run.timing.items()},
        "single": run.replications < 2,
        "no_range": NO_RANGE,
    }


def grouped(lines: list[Line]) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.group, []).append(line)
    return groups


def _caption(file: str) -> str:
    return next((text for name, text in CAPTIONS.items() if file == name or file.startswith(f"{name}_")), "")


def _data_uri(text: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(text.encode("utf-8")).decode("ascii")


def _file_name(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in text)


def _seconds(key: str, value: float) -> str:
    return f"{value:,.1f} s" if key.endswith("_s") else f"{value:,.0f}"


def _moment(moment: Any) -> str:
    moment = moment + timedelta(0)
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M}"
