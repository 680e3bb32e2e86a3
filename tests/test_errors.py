"""What a user is told survives the way from a worker process."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from simulator.vocabulary.errors import BrokenInvariant, CcsimError, Finding, ScenarioError, UsageError

FINDINGS = (
    Finding("shop.yaml", 12, "agents.early.count", "`-1` is too small", "a whole number from 0", "write 0"),
    Finding("shop.yaml", None, "", "doubtful", severity="warning"),
)


def test_a_scenario_error_is_pickled_with_findings_and_message() -> None:
    error = ScenarioError(FINDINGS)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is ScenarioError
    assert back.findings == FINDINGS
    assert str(back) == str(error)
    assert "shop.yaml:12: agents.early.count" in str(back)


@pytest.mark.parametrize("kind", [UsageError, BrokenInvariant, CcsimError])
def test_the_others_too(kind: type[CcsimError]) -> None:
    back = pickle.loads(pickle.dumps(kind("in words")))
    assert (type(back), str(back)) == (kind, "in words")


def _raises() -> None:
    raise ScenarioError(FINDINGS)


def test_out_of_a_process() -> None:
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes,
        pytest.raises(ScenarioError, match="is too small") as caught,
    ):
        processes.submit(_raises).result()
    assert caught.value.findings == FINDINGS
