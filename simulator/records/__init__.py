"""Records: the journal folded into tables, checked, saved and loaded.

    fold(scenario, rows, replication)   one replication's journal -> every table of the catalogue but `intervals`
    checks(scenario, rows, tables)      one replication: does everything add up?
    save(tables, folder), load(folder)  Parquet files

`reading` knows which rows belong together, `customers`, `desk` and `bulk` make the tables, `columns` their dtypes.
"""

from simulator.records.checks import Check, checks
from simulator.records.files import load, save
from simulator.records.fold import fold

__all__ = ["Check", "checks", "fold", "load", "save"]
