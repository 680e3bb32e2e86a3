"""The commands and their options. What they do stands in the files beside this one, imported when called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.guard import guarded

app = typer.Typer(
    name="ccsim",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help in half the time
    context_settings={"help_option_names": ["-h", "--help"]},
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The scenario, a YAML file.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value: agents.early.count=16. May be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")]


def _say_version(wanted: bool) -> None:
    if wanted:
        from simulator import __version__

        typer.echo(f"ccsim {__version__}")
        raise typer.Exit


@app.callback()
def ccsim(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and leave.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Simulates the messages of a contact centre: service level and occupancy before the day comes."""


@app.command()
@guarded
def validate(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="The scenario. With --theory: CASE or 'CASE, VARIANT'; default: all."),
    ] = None,
    settings: Settings = None,
    theory: Annotated[
        bool, typer.Option("--theory", help="Is the simulator right? Its numbers beside those of the literature.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="With --theory: fewer customers, wider ranges.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="With --theory: start of all chance.")] = 1,
    workers: Annotated[
        int | None, typer.Option(min=1, help="With --theory: processes. Never changes the answer.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --theory: write the table as Markdown too.")] = None,
    json: Json = False,
) -> int:
    """Check a scenario: everything that is wrong, at once. Or, with --theory, the simulator itself."""
    if theory:
        from simulator.cli.theory import validate_theory

        return validate_theory(what or [], settings or [], quick, seed, workers, out, json)
    from simulator.cli.validate import validate_one

    return validate_one(what or [], settings or [], json)


@app.command()
@guarded
def run(
    file: File,
    replications: Annotated[int | None, typer.Option(min=1, help="How many times. Default: the scenario's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Start of all chance. Default: the scenario's.")] = None,
    settings: Settings = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. Default: one per processor. Never changes the answer.")
    ] = None,
    engine: Annotated[str, typer.Option(help="What simulates: model.")] = "model",
    out: Annotated[Path | None, typer.Option(help="Folder to write. Default: one below results/.")] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=WIDTH",
            help="Replications until the 95 % interval is ± this: oServiceLevel=1% (points of a share), "
            "tWait[queue=service]=5% (of the value), tWait=10s. Repeatable.",
        ),
    ] = None,
    max_replications: Annotated[
        int | None, typer.Option(min=1, help="With --precision: give up here, with exit code 1. Default: 200.")
    ] = None,
    agents: Annotated[
        str | None,
        typer.Option(
            metavar="GROUP=FROM:TO:STEP", help="How many? The same customers with 10, 12, … 20: early=10:20:2"
        ),
    ] = None,
    json: Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only the answer: no notes, no warnings, no progress.")
    ] = False,
) -> int:
    """Simulate a scenario, print its summary and write a run folder."""
    from simulator.cli.run import run_file

    return run_file(
        file, settings or [], replications, seed, workers, engine, out, precision or [], max_replications, agents, json,
        quiet,
    )  # fmt: skip


@app.command()
@guarded
def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A scenario file or a run folder.")],
    b: Annotated[
        Path | None, typer.Argument(metavar="[B]", help="Another. Default: A with what --set changes.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a value of B: agents.early.count=16. Repeatable."),
    ] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="How many times. Default: as A.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Start of all chance. Default: as A.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. Default: one per processor. Never changes the answer.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every measure and scope, not only the headlines.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write all differences into this file.")] = None,
    json: Json = False,
) -> int:
    """Compare two plans on the same customers: paired differences with ranges."""
    from simulator.cli.compare import compare_plans

    return compare_plans(a, b, settings or [], replications, seed, workers, everything, csv, json)


@app.command()
@guarded
def sweep(
    file: File,
    vary: Annotated[
        list[str],
        typer.Option(metavar="PATH=VALUES", help="agents.early.count=10:20:2 or =10,12,16. Repeatable: a grid."),
    ],
    metric: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="What to show, as tWait or tWait@queue=service. Repeatable."),
    ] = None,
    settings: Settings = None,
    replications: Annotated[int | None, typer.Option(min=1, help="How many times. Default: the scenario's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Start of all chance. Default: the scenario's.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. Default: one per processor. Never changes the answer.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for sweep.csv and sweep.svg. Default: results/.")] = None,
    json: Json = False,
) -> int:
    """Simulate a grid of values on the same customers: table, CSV and curve."""
    from simulator.cli.sweep import sweep_file

    return sweep_file(file, vary, metric or [], settings or [], replications, seed, workers, out, json)


@app.command()
@guarded
def trace(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    conversation: Annotated[
        str | None, typer.Argument(metavar="CONVERSATION", help="Its id, as in the tables. Without: which there are.")
    ] = None,
    replication: Annotated[int, typer.Option(min=0, help="Which replication, from 0.")] = 0,
    agent: Annotated[bool, typer.Option("--agent", help="Tell an agent's day instead: his id, as early/3.")] = False,
    json: Json = False,
) -> int:
    """Tell one conversation, or one agent's day, step by step, with its rules."""
    from simulator.cli.trace import list_all, trace_agent, trace_conversation

    if conversation is None:
        return list_all(run, agent, replication, json)
    return (trace_agent if agent else trace_conversation)(run, conversation, replication, json)


@app.command()
@guarded
def check(
    file: File,
    baseline: Annotated[Path | None, typer.Option(help="JSON file of values that were good, with tolerances.")] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, help="How many times. Default: the baseline's, else the scenario's.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Start of all chance. Default: likewise.")] = None,
    settings: Settings = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. Default: one per processor. Never changes the answer.")
    ] = None,
    json: Json = False,
    update: Annotated[bool, typer.Option("--update", help="Write the baseline from this run.")] = False,
) -> int:
    """Simulate and compare with the scenario's targets and a baseline: exit code 1 and a line for each breach."""
    from simulator.cli.check import check_file

    return check_file(file, baseline, settings or [], replications, seed, workers, update, json)


@app.command()
@guarded
def metrics(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Measures, or columns of tables, to define in full.")
    ] = None,
    scope: Annotated[
        str | None, typer.Option(help="Only those that exist for queue, channel, topic, group, lane, …")
    ] = None,
    search: Annotated[str | None, typer.Option(metavar="TEXT", help="Only those in which these words occur.")] = None,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With the times and switches of this scenario.")
    ] = None,
    json: Json = False,
) -> int:
    """List every measure, or define some: formula, denominator, cohort, source; of a column its table and unit."""
    from simulator.cli.metrics import print_metrics

    return print_metrics(names or [], scope, search, scenario, json)


@app.command()
@guarded
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    json: Json = False,
) -> int:
    """Print the summary of an earlier run and make its page, plots and CSV anew from its tables."""
    from simulator.cli.report import report_run

    return report_run(run, json)


@app.command()
@guarded
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    to: Annotated[str, typer.Option(metavar="FORM", help="genesys (analytics JSON), xlsx or csv.")],
    out: Annotated[
        Path | None, typer.Option(help="File (xlsx) or folder (genesys, csv) to write. Default: beside the run.")
    ] = None,
    replication: Annotated[int, typer.Option(min=0, help="genesys: which replication, from 0.")] = 0,
    page_size: Annotated[int, typer.Option(min=1, help="genesys: conversations in a file.")] = 1000,
    tables: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="xlsx, csv: offers,sessions or all. Default: csv all, xlsx by interval."),
    ] = None,
    json: Json = False,
) -> int:
    """Write a run for other programs: the platform's JSON, a workbook, CSV files."""
    from simulator.cli.export import export_run

    return export_run(run, to, out, replication, page_size, tables, json)


@app.command("import")
@guarded
def import_(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="Analytics JSON, a folder of its pages, or an interval CSV.")
    ],
    to: Annotated[
        str | None,
        typer.Option(metavar="WHAT", help="trace (who came when) or counts (by interval). Default: what FILE tells."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write. Default: arrivals.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of the scenario's clock. Default: UTC.")] = None,
    json: Json = False,
) -> int:
    """Turn a history of the real platform into arrivals for a scenario."""
    from simulator.cli.importing import import_history

    return import_history(source, to, out, timezone, json)


@app.command()
@guarded
def init(
    name: Annotated[Path, typer.Argument(metavar="[NAME]", help="The file to write.")] = Path("scenario.yaml"),
) -> int:
    """Write a small commented scenario to start from. Overwrites nothing."""
    from simulator.cli.init import write_starter

    return write_starter(name)


@app.command()
@guarded
def schema() -> int:
    """Print the JSON schema of a scenario, for editors."""
    from simulator.cli.init import print_schema

    return print_schema()


@app.command()
@guarded
def bench(
    duration: Annotated[str | None, typer.Option(help="Simulate less than the scenario's four days, as '6 h'.")] = None,
    flat: Annotated[
        bool, typer.Option("--flat", help="Cost of an event with many agents, and with many waiting, instead.")
    ] = False,
    sends: Annotated[
        bool, typer.Option("--sends", help="Cost of a campaign message through each kind of cap, instead.")
    ] = False,
    json: Json = False,
) -> int:
    """Measure the speed of this installation against bare SimPy on this machine."""
    from simulator.cli.bench import bench_here

    return bench_here(duration, flat, json, sends)


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="ccsim")
