"""Records: the journal folded into tables, checked, saved and loaded.

    fold(scenario, rows, replication)   one replication's journal -> every table of the catalogue but `intervals`
    Unfolded(scenario, rows)            the same tables, each folded when asked for
    checks(scenario, rows, tables)      one replication: does everything add up? With `Promised.of(workload)` as a
                                        fourth argument: is it also what was drawn?
    save(tables, folder), load(folder)  Parquet files

`reading` knows which rows belong together, `customers`, `desk` and `bulk` make the tables, `columns` their dtypes.
"""

from simulator.records.checks import Check, checks
from simulator.records.evidence import Promised
from simulator.records.files import load, save
from simulator.records.fold import Unfolded, fold

__all__ = ["Check", "Promised", "Unfolded", "checks", "fold", "load", "save"]
