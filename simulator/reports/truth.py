"""The ground truth as rows: on a terminal, as JSON, as a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from simulator.experiments.truth.book import scenario_file
from simulator.experiments.truth.claims import STANDARD_ERRORS, Exactly, Verdict
from simulator.experiments.truth.validation import Answer

COMPACT = (
    ("erlangC_table_10erl, 12 agents", "ASA_s"),
    ("pyworkforce_erlangC, 14 agents", "service_level"),
    ("pyworkforce_erlangA", "p_abandon"),
    ("x_erlangA_50", "mean_wait_all_s"),
    ("hanisch_mmnG, deterministic 5", "p_abandon"),
    ("hanisch_priority", "nonpreemptive_delay urgent"),
    ("cc_mmc_abandon", "abandoned"),
    ("cc_mmc_blocked", "sl_with_blocked"),
    ("x_semi_open", "reply_time_s"),
    ("x_chat_pool_LBF", "concurrency_while_busy"),
    ("x_retry", "lost_fraction_of_new"),
    ("x_cap_md1, 76 a second", "mean_queue_delay"),
)
"""One number of each kind of theory, for the README."""
HEAD = ("case", "number", "measure", "unit", "expected", "simulated", "± (95 %)", "verdict")
COMPACT_HEAD = ("case", "number", "unit", "expected", "simulated", "± (95 %)", "source")


@dataclass(frozen=True)
class Row:
    """One number, in words. Four digits each."""

    case: str
    number: str
    measure: str
    unit: str
    expected: str
    simulated: str
    half: str
    """Half the 95 % interval; where chance has no part: `exact`, or what a case allows."""
    verdict: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            self.case, self.number, self.measure, self.unit, self.expected, self.simulated, self.half, self.verdict
        )  # fmt: skip


def rows(answers: Sequence[Answer]) -> list[Row]:
    """Every number of every case; of the control variates only those that are not as they should be."""
    found = []
    for answer in answers:
        judged = answer.judged
        for each in (*judged.verdicts, *(twin for twin in judged.twins if not twin.agrees)):
            found.append(_row(answer, each))
    return found


def _row(answer: Answer, each: Verdict | Exactly) -> Row:
    verdict = ("agrees" if each.agrees else "DISAGREES") + (" (again)" if answer.judged.again else "")
    if isinstance(each, Exactly):
        point = digits(each.point) if isfinite(each.point) else "nothing"
        within = f"to {each.tolerance:.2g}" if each.tolerance else "exact"
        return Row(
            answer.title, each.quantity, each.measure, each.unit, digits(each.value), point, within, verdict
        )  # fmt: skip
    claim, found = each.claim, each.found
    low, high = each.interval
    return Row(
        answer.title, claim.quantity, claim.estimate.measure, claim.estimate.unit, digits(claim.value),
        digits(found.point), f"{(high - low) / 2:.2g}", verdict,
    )  # fmt: skip


def digits(value: float) -> str:
    """Four digits, and all those of whole numbers."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def summed(answers: Sequence[Answer]) -> str:
    """How many agree, in one sentence."""
    numbers = [each for answer in answers for each in answer.judged.verdicts]
    agree = sum(each.agrees for each in numbers)
    cases = len({answer.case for answer in answers})
    again = sum(answer.judged.again for answer in answers)
    text = f"{agree} of {len(numbers)} numbers of {cases} {'case' if cases == 1 else 'cases'} agree"
    return f"{text} ({again} after a second look at four times the size)" if again else text


def document(answers: Sequence[Answer], seed: int) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "seed": seed,
        "agree": all(answer.judged.agrees for answer in answers),
        "standard_errors": STANDARD_ERRORS,
        "cases": [
            {
                "case": answer.case,
                "variant": answer.label,
                "source": answer.facts.source,
                "published": answer.facts.published,
                "scenario": str(scenario_file(answer.case)),
                "seed": answer.judged.seed,
                "replications": answer.judged.replications,
                answer.judged.unit: answer.judged.units,
                "second_look": answer.judged.again,
                "numbers": [_number(each) for each in answer.judged.verdicts],
                "control_variates": [_number(each) for each in answer.judged.twins],
                "failed_checks": [check.name for check in answer.judged.failed_checks],
            }
            for answer in answers
        ],
    }


def _number(each: Verdict | Exactly) -> dict[str, Any]:
    if isinstance(each, Exactly):
        return {
            "number": each.quantity, "measure": each.measure, "unit": each.unit, "expected": each.value,
            "simulated": each.point if isfinite(each.point) else None, "tolerance": each.tolerance,
            "agrees": each.agrees,
        }  # fmt: skip
    low, high = each.interval
    return {
        "number": each.claim.quantity, "measure": each.claim.estimate.measure, "unit": each.claim.estimate.unit,
        "expected": each.claim.value, "simulated": each.found.point, "ci_low": low, "ci_high": high,
        "standard_error": each.found.se, "away": each.distance, "agrees": each.agrees,
    }  # fmt: skip


# --- Markdown --------------------------------------------------------------------------------------------------

PAGE = """# The ground truth

Numbers of queueing theory and of published simulations, beside what this simulator gives. Every case is a scenario one
can read and run. Made by `ccsim validate --theory --out scenarios/theory/README.md` ({size}): {summed}.

*Agrees*: the expected number lies within {errors:g} standard errors of the simulated one; where the expected number was
simulated itself, within {errors:g} of both together. A case that does not is run again at four times the size with
the next seed, and has to agree there. `±` is half the 95 % interval (Student's t over replications, after control
variates where the case gives the load). Units are those of our measures (`ccsim metrics`). The tests ask the same with
at least 30 replications, 200,000 contacts and a standard error of at most 2 % of the number.

{table}

Not simulated, because a formula that is simulated at other values covers them: `hanisch_mmnG` in its other four cells,
`x_machine_repair` with 1, 3, 5 and 8 slots, `x_erlangA_50` with endless patience (Erlang C). The other end of
`x_affinity_ends`, everybody waiting for one agent for ever, is a bound that no finite `last_agent_wait` reaches; a test
looks at three waits on the way there.

## Where the numbers come from

{sources}
"""


def page(answers: Sequence[Answer], seed: int, size: str) -> str:
    """All rows and all sources."""
    table = _table(HEAD, [row.cells for row in rows(answers)])
    cases = list(dict.fromkeys(answer.case for answer in answers))
    by_name = {answer.case: answer.facts for answer in answers}
    folder = "../../simulator/experiments/truth/cases"
    sources = _table(
        ("case", "published", "source"),
        [(f"[{name}]({folder}/{name}.yaml)", "yes" if by_name[name].published else "no", by_name[name].source)
         for name in cases],
    )  # fmt: skip
    about = f"seed {seed}, {size}"
    return PAGE.format(size=about, summed=summed(answers), errors=STANDARD_ERRORS, table=table, sources=sources)


def compact(full: Sequence[Row], sources: dict[str, str]) -> str:
    """The rows for the README, from those of the page; `sources` by case."""
    by_name = {(row.case, row.number): row for row in full}
    chosen = [by_name[key] for key in COMPACT]
    cells = [
        (row.case, row.number, row.unit, row.expected, row.simulated, row.half, sources[row.case.split(",")[0]])
        for row in chosen
    ]
    return _table(COMPACT_HEAD, cells)


def read_rows(text: str) -> list[Row]:
    """The rows of a page."""
    lines = text.split("\n## ", maxsplit=1)[0].splitlines()
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("|")]
    return [Row(*each) for each in cells[2:]]


def _table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
