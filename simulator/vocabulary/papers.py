"""Columns of what is made from the tables and kept in no run: the average day, and the first sheets of a workbook."""

from __future__ import annotations

from simulator.vocabulary.tables import Column

INTERVAL_MEANS = (
    Column("start_local", "datetime64[us]", "", "start of the interval, local wall clock"),
    Column("queue", "category", "", "queue"),
    Column("nOffered", "float64", "", "queue entries in the interval, mean over the replications"),
    Column("oServiceLevel_by_arrival", "float64", "share", "service level of those offered in the interval: sum of "
           "those in time ÷ sum of those counted, over all replications; empty: nobody was"),
    Column("first_reply_within_by_arrival", "float64", "share", "of those offered in the interval, all replications "
           "together: first reply within the target"),
    Column("oServiceLevel_business_hours_by_arrival", "float64", "share", "service level of those offered in the "
           "interval, all replications together, counting only business hours; empty: there are none"),
    Column("first_reply_within_business_hours_by_arrival", "float64", "share", "of those offered, all replications "
           "together: first reply within the target, likewise"),
    Column("staff_required", "float64", "agents", "whole agents on queue that the service level's target asks for, "
           "mean over the replications; empty: no formula for this queue alone, see requirement_method"),
    Column("staff_planned", "float64", "agents", "on queue by the plan, mean: shifts less breaks and meetings, absent "
           "ones included"),
    Column("staff_present", "float64", "agents", "on queue for this queue, mean over interval and replications; who "
           "serves several queues is in each of them"),
    Column("staff_gap", "float64", "agents", "staff_required - staff_present, mean over the replications: above 0 too "
           "few"),
    Column("replications_too_few", "Int64", "", "replications in which fewer agents were present than required in the "
           "interval; empty where staff_required is"),
    Column("requirement_method", "category", "", "erlang_c, erlang_a, erlang_c_pooled (as if everybody could take "
           "everything: the least), workload, shared (with other queues) or nobody (serves it)"),
)  # fmt: skip
"""The average day: `intervals` over all replications, the measured time only. Made from tables, kept in no run."""

_RANGE = (
    Column("ci_low", "float64", "as unit says", "lower end of the 95 % confidence interval of value; empty: no range"),
    Column("ci_high", "float64", "as unit says", "upper end of it"),
    Column("unit", "category", "", "unit of value, ci_low and ci_high"),
)
_DEFINITION = Column("definition", "category", "", "what is counted, divided by what, from when on")
PAPERS: dict[str, tuple[Column, ...]] = {
    "key numbers": (
        Column("group", "category", "", "heading under which the short summary shows it"),
        Column("what", "category", "", "plain name"),
        Column("scope", "category", "", "queue, lane or other part that it is about; all: everything together"),
        Column("value", "float64", "as unit says", "over all replications"),
        *_RANGE,
        Column("measure", "category", "", "name of the measure; `ccsim metrics NAME` defines it in full"),
        _DEFINITION,
    ),
    "columns": (
        Column("sheet", "category", "", "sheet that has the column"),
        Column("column", "category", "", "its name, in the first row there"),
        Column("unit", "category", "", "how its cells are to be read; empty: a plain number, text or yes and no"),
        Column("meaning", "category", "", "what it says"),
    ),
    "about": (
        Column("what", "category", "", "thing that is said of the run"),
        Column("said", "category", "", "what is said of it"),
    ),
    "summary": (
        Column("metric", "category", "", "name of the measure; `ccsim metrics NAME` defines it in full"),
        Column("scope", "category", "", "`queue=service` and the like; empty: everything together"),
        Column("value", "float64", "as unit says", "over all replications"),
        *_RANGE,
        _DEFINITION,
    ),
    "checks": (
        Column("check", "category", "", "law that every run is held against"),
        Column("passed", "bool", "", "whether it held in every replication"),
        Column("detail", "category", "", "figures of the first replication that broke it, else of number 0"),
    ),
}
"""Columns of what a workbook says in its first sheets."""
