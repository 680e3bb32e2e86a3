"""For the tests of exchange: a small centre in which everything happens, and a server that answers with an export."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import simulator as cc

SCENARIO = """
name: Exchange
start: 2026-03-28 20:00          # the clock goes forward in the night that follows
timezone: Europe/Berlin
warm_up: 6 h
duration: 18 h
run_out: 2 h
interval: 30 min
service_level: {target: 80 %, within: 20 s, count_short_abandons: false, short_abandon: 5 s}
threading: {window: 72 h}
behaviours:
  hasty:
    opening: {messages: {geometric: {mean: 1.5}}, gap: 4 s}
    turns: {geometric: {mean: 2.2}}
    think: {lognormal: {median: 50 s, p90: 12 min}}
    patience: {exponential: {mean: 3 min}}
    gives_up: {silent: 40 %, abandon: 60 %}
    vanishes: 5 %
    writes_again: {after_abandon: {probability: 50 %, delay: 20 min}, after_service: {probability: 20 %, delay: 1 h}}
topics:
  order: {behaviour: hasty, skills: [shop]}
  bill: {behaviour: hasty, priority: 2}
flows:
  door:
    - identify: {takes: 2 s, success: 90 %}
    - bot: {turns: 2, bot_time: 1 s, contains: {bill: 20 %}}
    - transfer: {queue: first}
queues:
  first:
    answer_time: {lognormal: {median: 4 s, p90: 14 s}}
    alerting_timeout: 20 s
    declines: 4 %
    returns_after: 30 s
    close_after: 15 min
    after_call_work: {mode: OPTIONAL, share: 70 %, takes: {lognormal: {median: 20 s, p90: 50 s}}}
    transfers:
      - {share: 8 %, topic: order, to: second, takes: 10 s}
      - {share: 5 %, kind: consult, to: second, takes: 5 s}
    park: {after: 4 min, for: 30 min}
    in_queue_flow: {flow_out: {after: 90 s, to: second}}
  second:
    auto_answer: true
    max_waiting: 3
channels:
  web: {platform: web messaging, flow: door, arrivals: {rate: 14/h}, topics: {order: 60 %, bill: 40 %}}
  app:
    platform: open messaging
    middleware: {latency: 100 ms}
    customers_can_disconnect: true
    customers: {population: 60}
    flow: door
    arrivals: {rate: 9/h}
    topics: {order: 50 %, bill: 50 %}
agents:
  # gone at 10:00: open conversations are handed back, who waits flows out
  desk:
    count: 3
    queues: [first]
    skills: {shop: 4}
    capacity: 2
    shift: {from: "20:00", to: "10:00"}
    reply: {effort: {lognormal: {median: 35 s, p90: 80 s}}}
  back: {count: 2, queues: [second], skills: {shop: 5}, capacity: 1, reply: {effort: 40 s}}
"""


@cache
def simulated() -> cc.Results:
    """One replication, once for all tests of a process: nobody can change a result."""
    return cc.simulate(cc.loads(SCENARIO), replications=1, seed=1, workers=1)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A platform on this machine that has nothing but an export to answer with; its address."""

    class Platform(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            if self.path == "/api/v2/analytics/conversations/details/query":
                number = (body.get("paging") or {}).get("pageNumber", 1)
                page = folder / "details" / f"page-{number:06}.json"
                content = page.read_bytes() if page.exists() else b'{"totalHits": 0}'
            elif self.path == "/api/v2/analytics/conversations/aggregates/query":
                content = (folder / "aggregates.json").read_bytes()
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
