"""The notebooks run from top to bottom, on a smaller day than the one they show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SMALLER = {
    "start": "2026-03-05 00:00",
    "warm_up": 0,
    "duration": "14 h",
    "run_out": 0,
    "outbound.campaigns.spring_sale.contacts": 2000,
}
"""Thursday's first 14 hours alone."""


def test_there_is_a_first_look() -> None:
    assert [path.name for path in NOTEBOOKS] == ["first_look.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_outputs_are_not_kept(path: Path) -> None:
    """They would be old at the next change, and a diff nobody can read."""
    for cell in nbformat.read(path, as_version=4).cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_and_ends_with_the_answer_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the notebook's own: pictures are shown in it
    notebook = nbformat.read(path, as_version=4)
    tagged = [i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ())]
    smaller = nbformat.v4.new_code_cell(f"settings, replications = {SMALLER!r}, 2")
    notebook.cells.insert(tagged[0] + 1, smaller)
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        pictures = [out for out in cell.outputs if "image/png" in out.get("data", {})]
        assert len(pictures) == cell.source.count(".plot("), (
            f"every picture is seen, not the first alone: {cell.source}"
        )
    streams = [out for cell in code for out in cell.outputs if out.output_type == "stream"]
    assert [out.text for out in streams if out.name == "stderr"] == [], "nothing warns"
    said = "".join(out.text for out in streams)
    assert "15 agents in early: service level" in said
    assert "10 agents in early: service level" in said
    assert "On the same customers the change makes" in said
