"""What all tests share: one seed for everything random, reference numbers beside the repository, tiny worlds.

Hypothesis tries the same examples every time, so that the tests of a commit say the same twice; look for new ones with
`--hypothesis-profile random` (or HYPOTHESIS_PROFILE=random), and keep what they find as an `@example`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ended
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))  # `--hypothesis-profile` is loaded later and wins

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
"""Reference numbers that are not part of the repository."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=1, help="seed of every simulation in the tests (default 1)")


def pytest_report_header(config: pytest.Config) -> str:
    return f"simulation seed: {config.getoption('--seed')} (change with --seed)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first: each worker of xdist begins with a stretch of this list, and what is left at its end, where one
    may have to wait for another, is quick. Slow tests are dealt out one by one, quick ones stay file by file."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = [item for item in items if not item.get_closest_marker("slow")]
    hands = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) if slow else 1
    cuts = [len(quick) * hand // hands for hand in range(hands + 1)]
    items[:] = [item for hand in range(hands) for item in (*slow[hand::hands], *quick[cuts[hand] : cuts[hand + 1]])]


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this test session: a failure is replayed with `--seed`."""
    return int(request.config.getoption("--seed"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """A file of `../shared`; the test is skipped, and says so, where it is not there."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} is not in ../shared: this test compares with numbers that are kept there")
        return path

    return find


@pytest.fixture
def ccsim(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run `ccsim` here; exit code, standard output, standard error."""
    from simulator.cli import app

    def call(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            app([str(argument) for argument in arguments], prog_name="ccsim")
        out, err = capsys.readouterr()
        return Ended(int(end.value.code or 0), out, err)

    return call
