"""Exchange: runs out to other programs, histories of the real platform in.

    export(run, to, path)         genesys (analytics JSON), csv, xlsx
    read_details(source)          conversation details -> conversations, portions, offers, alerts, sessions, parks
    read_aggregates(source)       interval aggregates -> intervals
    read_intervals(path)          an interval CSV, ours or the platform's export -> intervals
    traces(details)               who came when -> CSV files for `arrivals: {trace: …}` of a scenario
    counts(intervals)             how many came to a queue -> CSV files for `arrivals: {csv: …}`

`emissions` knows what is emitted when, `enumerations` the platform's words, `ids` and `times` how names and instants
become its own.
"""

from simulator.exchange.arrivals import counts, traces
from simulator.exchange.export import export
from simulator.exchange.intervals import read_aggregates, read_intervals
from simulator.exchange.reading import read_details
from simulator.exchange.tables import Reading

__all__ = ["Reading", "counts", "export", "read_aggregates", "read_details", "read_intervals", "traces"]
