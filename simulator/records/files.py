"""Tables as Parquet files: the same table always gives the same bytes, and comes back as it went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.vocabulary.tables import TABLES

FOLDER = "tables"

_NO_LIMIT = 2**31 - 1


def save(tables: Mapping[str, pd.DataFrame], folder: Path | str) -> None:
    """Write `folder/tables/NAME.parquet` for each table. Files of that name are overwritten."""
    target = Path(folder) / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        texts = [column for column in table.columns if isinstance(table[column].dtype, pd.CategoricalDtype)]
        pq.write_table(
            pa.Table.from_pandas(table, preserve_index=False),
            target / f"{name}.parquet",
            compression="zstd",
            use_dictionary=texts,  # numbers are smaller and quicker without
            # one row group with one whole dictionary a column: categories keep their order
            row_group_size=max(len(table), 1),
            dictionary_pagesize_limit=_NO_LIMIT,
        )


def load(folder: Path | str) -> dict[str, pd.DataFrame]:
    """The tables that `save` wrote, in the order of the catalogue. Raises FileNotFoundError if there are none,
    ValueError if one has not the columns of the catalogue."""
    source = Path(folder) / FOLDER
    files = {name: source / f"{name}.parquet" for name in TABLES}
    found = {name: file for name, file in files.items() if file.exists()}
    if not found:
        raise FileNotFoundError(f"{source} holds no tables")
    return {name: _read(name, file) for name, file in found.items()}


def _read(name: str, file: Path) -> pd.DataFrame:
    table = pq.read_table(file).to_pandas()
    missing = [column.name for column in TABLES[name] if column.name not in table]
    if missing:
        raise ValueError(f"another version wrote it: table {name} lacks {', '.join(missing)}")
    for column in TABLES[name]:
        if column.dtype != "category":
            continue
        # of a column without a text Parquet does not know what the categories were, nor always that there were any
        known = table[column.name].astype("category")
        if not len(known.cat.categories):
            empty = pd.Categorical.from_codes(known.cat.codes, categories=pd.Index([], dtype="str"))
            table[column.name] = empty
    return table
