"""`ccsim bench`: speed of this installation, in absolute numbers and divided by bare SimPy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from simulator.cli.guard import DONE

if TYPE_CHECKING:
    from simulator.experiments.bench import Flat, Speed
    from simulator.experiments.bench_sends import SendCost


def bench_here(duration: str | None, flat: bool, as_json: bool, sends: bool = False) -> int:
    from simulator.experiments import bench, bench_sends
    from simulator.reports.progress import bar

    if sends:
        with bar("bench") as show:
            costs = bench_sends.sends(on_progress=show)
        lines = [send_line(cost) for cost in costs]
        print(json.dumps([cost.document() for cost in costs], indent=2) if as_json else "\n".join(lines))
        return DONE
    with bar("bench") as show:
        pairs = bench.flat(on_progress=show) if flat else ()
        speed = None if flat else bench.speed(duration, on_progress=show)
    if speed is not None:
        print(json.dumps(speed.document(), indent=2) if as_json else "\n".join(speed_lines(speed)))
    elif as_json:
        names = ("agents", "backlog", "queues")
        print(json.dumps({name: pair.document() for name, pair in zip(names, pairs, strict=True)}, indent=2))
    else:
        print("\n".join(line for pair in pairs for line in flat_lines(pair)))
    return DONE


def send_line(cost: SendCost) -> str:
    return (
        f"{cost.world:>30}: {cost.us_per_message:5.2f} µs per message ({cost.messages:,}), bare SimPy's timeout "
        f"{cost.bare_us:.2f} µs: {cost.ratio:.2f} of bare"
    )


def speed_lines(speed: Speed) -> list[str]:
    about = speed.document()
    names = {
        "events": "SimPy events scheduled by the model",
        "journal_rows": "journal rows",
        "conversations": "conversations",
        "conversations_all_stages": "conversations, all stages",
    }
    lines = [
        f"{'':38}{'per CPU second':>16}{'÷ bare':>12}",
        f"{'bare SimPy events, 1,000 processes':38}{speed.bare_events_per_s:>16,.0f}{1:>12.4f}",
    ]
    for name, words in names.items():
        lines.append(f"{words:38}{about['per_s'][name]:>16,.0f}{about['per_s_of_bare'][name]:>12.4f}")
    seconds = sum(speed.stages_s.values())
    lines += ["", f"One replication: {speed.conversations:,} conversations, {seconds:.1f} s of CPU"]
    lines += [f"  {stage:12}{speed.stages_s[stage]:>8.2f} s{share:>9.1%}" for stage, share in about["share"].items()]
    lines.append(f"  draw + fold + measure{about['share_beside_simulating']:>10.1%}")
    lines += ["", f"Bytes per journal row: {speed.bytes_per_row:.1f}"]
    for words, name in (
        ("drawing and simulating", "peak_simulating_bytes_per_conversation"),
        ("with tables and measures", "peak_bytes_per_conversation"),
    ):
        if about[name] is not None:
            lines.append(f"Peak memory per conversation, {words}: {about[name] / 1024:.1f} KiB")
    return [*lines, f"({speed.memory_by})"]


def flat_lines(pair: Flat) -> list[str]:
    lines = []
    for cost in (pair.small, pair.large):
        lines.append(
            f"{cost.world:>16}: {cost.us_per_event:6.2f} µs per event ({cost.events:,} events), bare SimPy with "
            f"{cost.pending:,.0f} pending {cost.bare_us_per_event:.2f} µs: {cost.ratio:.2f} of bare"
        )
    return [*lines, f"{'':>16}  ratio {pair.ratio:.2f}", ""]
