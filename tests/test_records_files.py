"""Laws of all tables: columns and dtypes of the catalogue, whatever happened; files that come back as they went."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_records import HAND_BACK, NO_AGENTS, ONE_TURN, SALES, SCENARIO, SILENT, journal, line, sends_rows

from simulator.records import fold, load, save
from simulator.vocabulary.codes import Event
from simulator.vocabulary.tables import TABLES

NAMES = [name for name in TABLES if "intervals" not in name]
EMPTY = journal([line(0, Event.RUN_ENDED)])
JOURNALS = {
    "empty": fold(SCENARIO, EMPTY),
    "one turn": fold(SCENARIO, journal(ONE_TURN)),
    "silent": fold(SCENARIO, journal(SILENT)),
    "hand-back": fold(SCENARIO, journal(HAND_BACK)),
    "no agents": fold(SCENARIO, journal(NO_AGENTS)),
    "sends": fold(SALES, sends_rows()),
}


@pytest.mark.parametrize("which", JOURNALS)
@pytest.mark.parametrize("name", NAMES)
def test_columns_and_dtypes_are_those_of_the_catalogue(name: str, which: str) -> None:
    table = JOURNALS[which][name]
    assert {column.name: column.dtype for column in TABLES[name]} == table.dtypes.astype(str).to_dict()
    assert list(table.columns) == [column.name for column in TABLES[name]]
    assert (table.index == np.arange(len(table))).all()


def test_every_table_but_the_intervals_is_folded() -> None:
    assert list(JOURNALS["empty"]) == NAMES


def test_an_empty_journal_gives_empty_tables() -> None:
    assert [len(table) for table in JOURNALS["empty"].values()] == [0] * len(NAMES)


def test_agents_who_never_appear_are_off_shift_all_the_time() -> None:
    states = fold(SCENARIO, journal([line(9, Event.RUN_ENDED)]))["agent_states"]
    assert list(states["agent"]) == ["desk/1", "desk/2"]
    assert set(states["status"]) == {"off_queue"}
    assert list(states["to_us"]) == [9_000_000] * 2


@pytest.mark.parametrize("which", JOURNALS)
def test_files_come_back_as_they_went(which: str, tmp_path: Path) -> None:
    save(JOURNALS[which], tmp_path)
    back = load(tmp_path)
    assert list(back) == NAMES
    for name in NAMES:
        pd.testing.assert_frame_equal(back[name], JOURNALS[which][name])


def test_categories_keep_their_order_even_where_rows_do_not_follow_it(tmp_path: Path) -> None:
    texts = [f"web/{i}" for i in range(300_000)]
    contact = pd.Categorical(texts[::-1], categories=texts)
    save({"contacts": pd.DataFrame({"contact": contact})}, tmp_path)
    assert_same = pd.testing.assert_index_equal
    assert_same(_categories(tmp_path / "tables" / "contacts.parquet"), contact.categories)


def _categories(file: Path) -> pd.Index:
    return pd.read_parquet(file)["contact"].cat.categories


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        save(fold(SCENARIO, journal(SILENT)), tmp_path / folder)
    for name in NAMES:
        a, b = ((tmp_path / folder / "tables" / f"{name}.parquet").read_bytes() for folder in ("a", "b"))
        assert a == b


def test_a_folder_without_tables_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no tables"):
        load(tmp_path)


def test_a_table_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    tables = fold(SCENARIO, journal(SILENT))
    save({**tables, "contacts": tables["contacts"].drop(columns=["topic"])}, tmp_path)
    with pytest.raises(ValueError, match="another version wrote it: table contacts lacks topic"):
        load(tmp_path)


def test_a_run_without_caps_can_be_read_again(tmp_path):
    """Its table of caps is empty, and its texts come without categories."""
    from tiny import tiny

    import simulator as cc

    results = cc.simulate(cc.loads(tiny("0 s")), replications=1, workers=1)
    again = cc.Results.load(results.save(tmp_path / "run"))
    assert len(again.table("cap_intervals")) == 0
    assert {name: table.dtypes.astype(str).tolist() for name, table in again.run.tables.items()} == {
        name: table.dtypes.astype(str).tolist() for name, table in results.run.tables.items()
    }
