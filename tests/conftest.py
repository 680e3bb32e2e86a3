"""What all tests share: one seed for everything random, reference numbers beside the repository, tiny worlds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ended

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
"""Reference numbers that are not part of the repository."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=1, help="seed of every simulation in the tests (default 1)")


def pytest_report_header(config: pytest.Config) -> str:
    return f"simulation seed: {config.getoption('--seed')} (change with --seed)"


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
