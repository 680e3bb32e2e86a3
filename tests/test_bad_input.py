"""What happens to a scenario that is wrong: every mistake is told at once, with file, line, path, what is allowed and
what was probably meant. Each case changes one thing in the small scenario below."""

from __future__ import annotations

import math
import os
import random
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from simulator.scenario import load, loads
from simulator.vocabulary.errors import Finding, ScenarioError

GOOD = """\
name: One queue
start: 2026-03-02 00:00
timezone: Europe/Berlin
warm_up: 2 h
duration: 1 day
behaviours:
  shopper:
    turns: {geometric: {mean: 2}}
    think: {lognormal: {median: 45 s, p90: 3 min}}
    patience: {exponential: {mean: 5 min}}
    gives_up: {silent: 70 %, abandon: 30 %}
topics:
  order: {behaviour: shopper, skills: [german], priority: 5}
  billing: {behaviour: shopper}
flows:
  door:
    - identify: {takes: 2 s, success: 92 %}
    - transfer: {queue: service}
queues:
  service:
    alerting_timeout: 30 s
    after_call_work: {mode: MANDATORY_TIMEOUT, timeout: 60 s, takes: 20 s}
channels:
  phone:
    platform: whatsapp
    number: "+49 30 1234567"
    business_verified: true
    customers: {population: 5000}
    flow: door
    arrivals: {rate: 12/h}
    topics: {order: 75 %, billing: 25 %}
  web:
    platform: web messaging
    flow: door
    arrivals: {csv: web.csv}
    topics: {order: 100 %}
agents:
  early:
    count: 4
    queues: [service]
    skills: {german: 5}
    capacity: 3
    shift: {from: "07:00", to: "15:30", breaks: [{at: "12:00", for: 30 min}]}
    reply: {effort: {lognormal: {median: 38 s, p90: 95 s}}}
outbound:
  campaigns:
    sale: {channel: phone, contacts: 1000, start: 2026-03-02 10:00, template: sale, opt_in: 90 %}
business_hours:
  office: {mon-fri: "08:00-18:00"}
"""
ROWS = "start,count\n2026-03-02 00:00,3\n2026-03-02 12:00,5\n"


def written(folder: Path, text: str = GOOD, rows: str | bytes = ROWS) -> Path:
    """The scenario as a file, and its arrivals beside it."""
    (folder / "web.csv").write_bytes(rows.encode() if isinstance(rows, str) else rows)
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def errors_of(path: Path) -> list[Finding]:
    with pytest.raises(ScenarioError) as raised:
        load(path)
    return [finding for finding in raised.value.findings if finding.severity == "error"]


def test_the_scenario_itself_is_good(tmp_path: Path) -> None:
    assert load(written(tmp_path)).name == "One queue"


class Wrong(NamedTuple):
    """`old` becomes `new`; the finding is on the line where `at` stands (`new`, unless said)."""

    what: str
    old: str
    new: str
    path: str
    problem: str
    allowed: str
    suggestion: str
    at: str = ""


WRONG = [
    # units
    Wrong(
        "a duration without unit",
        "duration: 1 day",
        "duration: 24",
        "duration",
        "`24` has no unit",
        "as `45 s` or `1 h 30 min`",
        "`24 h`",
    ),
    Wrong(
        "an unknown unit",
        "warm_up: 2 h",
        "warm_up: 2 hrs",
        "warm_up",
        "`hrs` is not a unit of time",
        "(us, ms, s, min, h, days, weeks)",
        "did you mean `2 h`?",
    ),
    Wrong("a negative duration", "warm_up: 2 h", "warm_up: -2 h", "warm_up", "negative", "as `45 s`", ""),
    Wrong(
        "a share above one",
        "silent: 70 %",
        "silent: 70",
        "behaviours.shopper.gives_up.silent",
        "`70` is not between 0 and 1",
        "`0 %` to `100 %`",
        "did you mean `70 %`?",
    ),
    Wrong(
        "a rate without unit",
        "rate: 12/h",
        "rate: 12",
        "channels.phone.arrivals.rate",
        "`12` has no unit of time",
        "`18000/min`",
        "`12/h`",
    ),
    Wrong(
        "a time of day with a point",
        'from: "07:00"',
        'from: "7.00"',
        "agents.early.shift.from",
        "`7.00` is not a time of day",
        '"00:00" to "23:59"',
        'did you mean "07:00"?',
    ),
    Wrong(
        "a date with a zone",
        "start: 2026-03-02 00:00\nt",
        "start: 2026-03-02T00:00:00Z\nt",
        "start",
        "names a zone",
        "without zone",
        "`timezone` holds for all times",
    ),
    Wrong(
        "an unknown time zone",
        "Europe/Berlin",
        "Europe/Berlinn",
        "timezone",
        "not a time zone",
        "IANA",
        "did you mean `Europe/Berlin`?",
    ),
    # keys and values
    Wrong(
        "an unknown key",
        "alerting_timeout: 30 s",
        "alerting_timout: 30 s",
        "queues.service.alerting_timout",
        "not a key that is known here",
        "alerting_timeout",
        "did you mean `alerting_timeout`?",
    ),
    Wrong(
        "a missing key",
        "name: One queue\n",
        "",
        "name",
        "`name` is missing",
        "text of 1 to 200",
        "add `name:`",
        at="start: 2026",
    ),
    Wrong(
        "a number out of bounds",
        "capacity: 3",
        "capacity: 30",
        "agents.early.capacity",
        "`30` is too large",
        "a whole number from 0 to 25",
        "",
    ),
    Wrong(
        "a duration out of bounds",
        "alerting_timeout: 30 s",
        "alerting_timeout: 3 s",
        "queues.service.alerting_timeout",
        "`3 s` is too small",
        "from 7 s to 15 min",
        "",
    ),
    Wrong(
        "half an agent",
        "count: 4",
        "count: 4.5",
        "agents.early.count",
        "`4.5` is not a whole number",
        "a whole number from 0",
        "",
    ),
    Wrong(
        "a number in quotes",
        "count: 4",
        'count: "4"',
        "agents.early.count",
        "`4` is not a whole number",
        "a whole number from 0",
        "without quotes: `4`",
    ),
    Wrong(
        "yes instead of true",
        "business_verified: true",
        "business_verified: yes",
        "channels.phone.business_verified",
        "`yes` is not a yes or no",
        "`true` or `false`",
        "did you mean `true`?",
    ),
    Wrong(
        "one thing where a list belongs",
        "queues: [service]",
        "queues: service",
        "agents.early.queues",
        "`service` stands where a list must be",
        "a list",
        "write `[service]`",
    ),
    Wrong(
        "an empty value",
        "warm_up: 2 h",
        "warm_up:",
        "warm_up",
        "nothing stands here",
        "as `45 s`",
        "or leave the key out",
    ),
    Wrong(
        "a name that would break a path",
        "  early:\n",
        "  early/late:\n",
        "agents.early/late",
        "cannot be a name",
        "letters, digits",
        "did you mean `early_late`?",
    ),
    # laws
    Wrong(
        "a p90 below the median",
        "p90: 3 min",
        "p90: 30 s",
        "behaviours.shopper.think.lognormal.p90",
        "the p90 (30 s) is not above the median (45 s)",
        "median < p90",
        "",
    ),
    Wrong(
        "a mean count below one",
        "mean: 2}",
        "mean: 0.5}",
        "behaviours.shopper.turns.geometric.mean",
        "cannot be the mean of a count",
        "a number from 1",
        "start at 1",
    ),
    Wrong(
        "an unknown law",
        "patience: {exponential:",
        "patience: {exponental:",
        "behaviours.shopper.patience.exponental",
        "not a law",
        "{exponential: {mean}}",
        "did you mean `exponential`?",
    ),
    Wrong(
        "two laws at once",
        "turns: {geometric: {mean: 2}}",
        "turns: {geometric: {mean: 2}, constant: 1}",
        "behaviours.shopper.turns",
        "2 laws stand here",
        "or one law",
        "keep one",
    ),
    # things that must fit together
    Wrong(
        "a reference to nothing",
        "{queue: service}",
        "{queue: servise}",
        "flows.door.1.transfer.queue",
        "there is no `servise` in `queues`",
        "service",
        "did you mean `service`?",
    ),
    Wrong(
        "shares that do not sum to 1",
        "billing: 25 %}",
        "billing: 35 %}",
        "channels.phone.topics",
        "the shares sum to 110 %",
        "sum to 100 %",
        "did you mean `billing: 25 %`?",
    ),
    Wrong(
        "turns without think time",
        "    think: {lognormal: {median: 45 s, p90: 3 min}}\n",
        "",
        "behaviours.shopper.think",
        "`turns` may exceed 1",
        "a law of durations",
        "add `think:",
        at="  shopper:",
    ),
    Wrong(
        "bursts without gaps",
        "    turns:",
        "    opening: {messages: 2}\n    turns:",
        "behaviours.shopper.opening.gap",
        "`messages` may exceed 1",
        "a law of durations",
        "add `gap:",
        at="    opening:",
    ),
    Wrong(
        "a WhatsApp channel without number",
        '    number: "+49 30 1234567"\n',
        "",
        "channels.phone.number",
        "needs a number of its own",
        "a telephone number",
        'add `number: "',
        at="  phone:",
    ),
    Wrong(
        "an unverified business",
        "business_verified: true",
        "business_verified: false",
        "channels.phone.business_verified",
        "needs a Meta Business Manager account whose business is verified with Meta",
        "`true`",
        "business_verified: true",
    ),
    Wrong(
        "no way to an agent",
        "    - transfer: {queue: service}\n",
        "",
        "flows.door",
        "does not end in a `transfer`",
        "at the end of each path a `transfer` or a `disconnect`",
        "add `- transfer: {queue: ...}`",
        at="  door:",
    ),
    Wrong(
        "a campaign larger than its customers",
        "contacts: 1000",
        "contacts: 9000",
        "outbound.campaigns.sale.contacts",
        "more than the 5000 customers",
        "at most 5000",
        "make the campaign smaller",
    ),
    Wrong(
        "a campaign where nobody may begin",
        "channel: phone",
        "channel: web",
        "outbound.campaigns.sale.channel",
        "a business cannot begin there",
        "whatsapp",
        "did you mean `phone`?",
    ),
    Wrong(
        "a campaign outside the run",
        "start: 2026-03-02 10:00",
        "start: 2026-04-02 10:00",
        "outbound.campaigns.sale.start",
        "outside the run",
        "from 2026-03-02 00:00:00 to before 2026-03-03",
        "",
    ),
    Wrong(
        "one name for two sources",
        "    sale: {",
        "    phone: {",
        "outbound.campaigns.phone",
        "also the name of an entry of `channels`",
        "different names",
        "did you mean `phone_2`?",
    ),
    Wrong(
        "a shift of twenty hours",
        'to: "15:30"',
        'to: "03:00"',
        "agents.early.shift.to",
        "the shift lasts 20 h",
        "at most 16 h",
        "exchanged",
    ),
    Wrong(
        "a break outside the shift",
        'at: "12:00"',
        'at: "15:15"',
        "agents.early.shift.breaks.0.at",
        "outside the shift",
        "07:00 to 15:30",
        "",
    ),
    Wrong(
        "after-call work without its timeout",
        "timeout: 60 s, ",
        "",
        "queues.service.after_call_work.timeout",
        "`timeout` is missing",
        "1 s to 60 min",
        "add `timeout: 60 s`",
        at="after_call_work",
    ),
    Wrong(
        "a warm-up that leaves nothing",
        "warm_up: 2 h",
        "warm_up: 3 days",
        "warm_up",
        "leaves nothing",
        "less than 24 h",
        "warm-up included",
    ),
    Wrong(
        "more contacts than can be simulated",
        "rate: 12/h",
        "rate: 9000/s",
        "channels.phone.arrivals.rate",
        "about 777,60",
        "at most 50,000,000",
        "shorten the run",
    ),
    Wrong(
        "a platform without its prerequisite",
        "platform: web messaging",
        "platform: sms",
        "channels.web.number",
        "an sms channel needs a DID or a short code",
        "a telephone number",
        'add `number: "',
        at="  web:",
    ),
    Wrong(
        "a routing method that there is not",
        "    alerting_timeout: 30 s",
        "    evaluation: BESTS\n    alerting_timeout: 30 s",
        "queues.service.evaluation",
        "`BESTS` is not one of the values allowed here",
        "`ALL` or `BEST` or `NONE`",
        "did you mean `BEST`?",
        at="evaluation",
    ),
    Wrong(
        "a behaviour's key on a queue",
        "  service:\n",
        "  service:\n    patience_until: connect\n",
        "queues.service.patience_until",
        "`patience_until` is not a key that is known here",
        "evaluation, scoring",
        "take it out",
        at="patience_until",
    ),
    Wrong(
        "a law that is not simulated yet",
        "patience: {exponential: {mean: 5 min}}",
        "patience: {erlang: {mean: 5 min}}",
        "behaviours.shopper.patience.erlang",
        "the law `erlang` is not simulated yet",
        "{exponential: {mean}}",
        "",
    ),
    # laws: contradictions and means that do not exist
    Wrong(
        "too many parameters",
        "patience: {exponential: {mean: 5 min}}",
        "patience: {weibull: {mean: 5 min, cv: 1, shape: 2}}",
        "behaviours.shopper.patience.weibull",
        "these parameters do not make a law (mean, cv, shape)",
        "{mean, cv} or {median, p90} or {shape, scale}",
        "",
    ),
    Wrong(
        "an infinite mean",
        "patience: {exponential: {mean: 5 min}}",
        "patience: {pareto: {shape: 0.9, scale: 5 min}}",
        "behaviours.shopper.patience.pareto.shape",
        "the mean of this law is infinite",
        "shape > 1",
        "lognormal",
    ),
    Wrong(
        "a tail so long that the mean is infinite",
        "think: {lognormal: {median: 45 s, p90: 3 min}}",
        "think: {log_logistic: {median: 10 s, p90: 3 min}}",
        "behaviours.shopper.think.log_logistic.p90",
        "the mean of this law is infinite",
        "p90 below 9 times the median",
        "lognormal",
    ),
    Wrong(
        "a shape with a unit",
        "patience: {exponential: {mean: 5 min}}",
        "patience: {gamma: {shape: 2 s, scale: 5 min}}",
        "behaviours.shopper.patience.gamma.shape",
        "`2 s` is not a shape",
        "without unit",
        "",
    ),
    Wrong(
        "a mode outside its law",
        "patience: {exponential: {mean: 5 min}}",
        "patience: {triangular: {low: 1 min, mode: 9 min, high: 5 min}}",
        "behaviours.shopper.patience.triangular.high",
        "`high` (5 min) is below `mode` (9 min)",
        "mode ≤ high",
        "",
    ),
    Wrong(
        "a law by another name",
        "patience: {exponential: {mean: 5 min}}",
        "patience: {lomax: {mean: 5 min, cv: 2}}",
        "behaviours.shopper.patience.lomax",
        "`lomax` is not a law",
        "pareto",
        "did you mean `pareto`?",
    ),
    Wrong(
        "durations that are always clipped",
        "think: {lognormal: {median: 45 s, p90: 3 min}}",
        "think: {uniform: {low: 70 days, high: 80 days}}",
        "behaviours.shopper.think",
        "every value is longer than 60 days",
        "durations up to 60 days",
        "set `at_most`",
    ),
    # when things come
    Wrong(
        "two ways to come",
        "arrivals: {rate: 12/h}",
        "arrivals: {rate: 12/h, per_day: 100}",
        "channels.phone.arrivals",
        "rate and per_day stand here together",
        "one of rate, per_day, csv, trace",
        "keep one",
    ),
    Wrong(
        "a profile that does not exist",
        "arrivals: {rate: 12/h}",
        "arrivals: {per_day: 100, profile: weekend}",
        "channels.phone.arrivals.profile",
        "there is no `weekend` in `profiles`",
        "which has none",
        "add `weekend` to `profiles`",
    ),
    Wrong(
        "a profile without hours",
        "topics:\n  order:",
        "profiles: {week: {by_weekday: [1, 1, 1, 1, 1, 0, 0]}}\ntopics:\n  order:",
        "profiles.week",
        "it is not said how the day is spread",
        "by_hour (24 numbers), by_hour_of_week (168)",
        "add `by_hour:`",
    ),
    Wrong(
        "six days a week",
        "topics:\n  order:",
        f"profiles: {{week: {{by_hour: [{'1, ' * 23}1], by_weekday: [1, 1, 1, 1, 1, 0]}}}}\ntopics:\n  order:",
        "profiles.week.by_weekday",
        "too short (6)",
        "a list of 7",
        "",
    ),
    Wrong(
        "a week of one hour too few",
        "topics:\n  order:",
        f"profiles: {{week: {{by_hour_of_week: [{', '.join(['1'] * 167)}]}}}}\ntopics:\n  order:",
        "profiles.week.by_hour_of_week",
        "too short (167)",
        "a list of 168",
        "",
    ),
    Wrong(
        "a day without weight",
        "topics:\n  order:",
        f"profiles: {{week: {{by_hour: [{', '.join(['0'] * 24)}]}}}}\ntopics:\n  order:",
        "profiles.week.by_hour",
        "everything has the weight 0",
        "24 numbers from 0, not all 0",
        "",
    ),
    Wrong(
        "good and bad days without a measure",
        "arrivals: {rate: 12/h}",
        "arrivals: {rate: 12/h, day_factor: own}",
        "channels.phone.arrivals.day_factor",
        "without `day_factor_cv` all days are alike",
        "beside `day_factor_cv`",
        "add `day_factor_cv: 0.1`",
    ),
    Wrong(
        "good and bad days of exact counts",
        "arrivals: {csv: web.csv}",
        "arrivals: {csv: web.csv, day_factor_cv: 0.1}",
        "channels.web.arrivals.day_factor_cv",
        "exact arrivals have no good and bad days",
        "a CSV with `expected`",
        "take it out",
    ),
    Wrong(
        "business hours of a file",
        "arrivals: {csv: web.csv}",
        "arrivals: {csv: web.csv, within: office}",
        "channels.web.arrivals.within",
        "a `csv` says itself when contacts come",
        "with `rate` or `per_day`",
        "take it out",
    ),
    Wrong(
        "business hours that end before they begin",
        'mon-fri: "08:00-18:00"',
        'mon-fri: "18:00-08:00"',
        "business_hours.office.mon-fri",
        "ends before it begins",
        "08:00-18:00",
        "to 24:00 and from 00:00",
    ),
    Wrong(
        "a day that no week has",
        'mon-fri: "08:00-18:00"',
        'mon-fry: "08:00-18:00"',
        "business_hours.office.mon-fry",
        "`mon-fry` is not a day of the week",
        "mon-fri",
        "did you mean `fri`?",
    ),
    Wrong(
        "a holiday that no calendar has",
        "topics:\n  order:",
        "holidays: [2026-02-30]\ntopics:\n  order:",
        "holidays.0",
        "not a date of any calendar",
        "`2026-12-25`",
        "",
    ),
    Wrong(
        "a holiday twice",
        "topics:\n  order:",
        "holidays: [2026-12-25, 2026-12-25]\ntopics:\n  order:",
        "holidays.1",
        "2026-12-25 stands here twice",
        "each date once",
        "delete one",
    ),
    Wrong(
        "a shift on no day",
        'from: "07:00", ',
        'from: "07:00", days: [], ',
        "agents.early.shift.days",
        "an empty list is not a list of days",
        "mon-fri",
        "",
        at="days:",
    ),
    Wrong(
        "a cap that is no whole number of messages a minute",
        "outbound:\n",
        "outbound:\n  limits: {whatsapp_campaign: 20/h}\n",
        "outbound.limits.whatsapp_campaign",
        "`20/h` is not a whole number of messages per minute",
        "1/min and more",
        "did you mean `1/min`?",
        at="20/h",
    ),
    Wrong(
        "a notification without time",
        "outbound:\n",
        "outbound:\n  notifications: {note: {channel: phone, template: t}}\n",
        "outbound.notifications.note",
        "it is not said when messages are asked for",
        "one of batches, arrivals",
        "add `batches:",
        at="note:",
    ),
    Wrong(
        "a trace out of order",
        "arrivals: {rate: 12/h}",
        "arrivals: {trace: [7 s, 14 s, 3 s]}",
        "channels.phone.arrivals.trace.2",
        "3 s comes after 14 s",
        "times in order",
        "sort the list",
    ),
    # sizes
    Wrong(
        "a run of ten years",
        "duration: 1 day",
        "duration: 3650 days",
        "duration",
        "the run is 3650 days long",
        "at most two years",
        "",
    ),
    Wrong(
        "more agents than can be simulated",
        "count: 4",
        "count: 100001",
        "agents.early.count",
        "`100001` is too large",
        "to 100000",
        "",
    ),
    Wrong(
        "more bulk sends than can be simulated",
        "outbound:\n",
        "outbound:\n  notifications: {note: {channel: phone, template: t, arrivals: {rate: 9000/s}}}\n",
        "outbound.notifications.note.arrivals.rate",
        "bulk sends",
        "at most 30,000,000",
        "shorten the run",
        at="9000/s",
    ),
    Wrong(
        "a base that is not there",
        "name: One queue\n",
        "name: One queue\nextends: base.yaml\n",
        "extends",
        "there is no file `base.yaml`",
        "a scenario file in the scenario's folder",
        "",
        at="extends",
    ),
    # YAML
    Wrong(
        "a key that stands twice",
        "    capacity: 3\n",
        "    capacity: 3\n    capacity: 4\n",
        "agents.early.capacity",
        "stands here twice, first in line",
        "each key once",
        "delete one of the two",
        at="    capacity: 4",
    ),
    Wrong(
        "a merge key",
        "    capacity: 3\n",
        "    <<: {capacity: 3}\n",
        "agents.early.<<",
        "merge keys (`<<`) are not read",
        "keys",
        "write the keys out",
    ),
    Wrong(
        "a key that is not text",
        "    capacity: 3\n",
        "    3: 4\n",
        "agents.early",
        "stands where a key must be text",
        "text keys",
        'write it in quotes: `"3"`',
    ),
    Wrong(
        "a tag",
        "capacity: 3",
        "capacity: !python/name:os.system 3",
        "agents.early.capacity",
        "the tag `!python/name:os.system` means nothing",
        "plain text",
        "",
    ),
    Wrong(
        "a circle of aliases",
        "queues: [service]",
        "queues: &all [service, *all]",
        "",
        "contains itself through an alias",
        "without circles",
        "",
    ),
    Wrong(
        "broken YAML", "queues: [service]", "queues: [service", "", "this is not YAML", "YAML 1.2", "", at="    skills:"
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.what)
def test_one_mistake_is_told_with_file_line_path_and_what_to_do(case: Wrong, tmp_path: Path) -> None:
    assert GOOD.count(case.old) == 1, "the case must change exactly one place"
    path = written(tmp_path, GOOD.replace(case.old, case.new))
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = case.at or case.new.strip("\n").splitlines()[0]
    expected_line = next(number for number, line in enumerate(lines, 1) if marked in line)
    (finding,) = errors_of(path)
    assert finding.file == str(path)
    assert finding.line == expected_line
    assert finding.path == case.path
    assert case.problem in finding.problem
    assert case.allowed in finding.allowed
    assert finding.allowed
    assert case.suggestion in finding.suggestion
    assert bool(finding.suggestion) == bool(case.suggestion)


SKIPPED = "start,count\n2026-03-29 00:00,3\n2026-03-29 01:00,4\n2026-03-29 02:00,5\n2026-03-29 03:00,6\n"


@pytest.mark.parametrize(
    ("what", "rows", "line", "problem", "suggestion"),
    [
        ("a column that is called otherwise", "begin,count\n", 1, "the columns are `begin`, `count`", ""),
        ("semicolons", "start;count\n2026-03-02 00:00;3\n", 1, "the columns are", "commas"),
        ("a word for a number", "start,count\n2026-03-02 00:00,many\n", 2, "`many` stands where a number", ""),
        ("a negative count", "start,count\n2026-03-02 00:00,-1\n", 2, "`-1` cannot be a number of contacts", ""),
        ("half a contact", "start,count\n2026-03-02 00:00,1.5\n", 2, "`1.5` is not a whole number", "`expected`"),
        ("a date that does not exist", "start,count\n2026-02-30 00:00,1\n", 2, "not a date and time", ""),
        ("rows out of order", ROWS + "2026-03-02 06:00,1\n", 4, "comes after the later", "sort the file"),
        ("a row twice", ROWS + "2026-03-02 12:00,1\n", 4, "a second time", "sort the file"),
        ("a gap", ROWS + "2026-03-03 12:00,1\n", 4, "does not follow 2026-03-02 12:00:00 by 12 h", "rows with 0"),
        ("a value too many", ROWS + "2026-03-03 00:00,1,1\n", 4, "3 values stand under 2 columns", ""),
        ("no rows", "start,count\n", None, "there are no rows", ""),
        ("an hour that the clock skips", SKIPPED, 4, "5 contacts at 2026-03-29 02:00:00, which the clock skips", ""),
        ("text that never ends", 'start,count\n"2026-03-02 00:00,3\n', 2, "this is not CSV", ""),
        ("another year", "start,count\n2025-03-02 00:00,1\n", 35, "lie outside the run", "check `start`"),
        ("bytes of another encoding", b"start,count\n2026-03-02 00:00,\xff\n", 2, "not UTF-8", ""),
    ],
)
def test_arrivals_are_told_by_line_of_the_csv(
    what: str, rows: str | bytes, line: int | None, problem: str, suggestion: str, tmp_path: Path
) -> None:
    (finding,) = errors_of(written(tmp_path, rows=rows))
    file = "plan.yaml" if what == "another year" else "web.csv"
    assert (finding.file, finding.line, finding.path) == (str(tmp_path / file), line, "channels.web.arrivals.csv")
    assert problem in finding.problem
    assert suggestion in finding.suggestion
    assert finding.allowed


@pytest.mark.parametrize("name", ["/etc/hostname", "../web.csv", "missing.csv", "link.csv", ".", "pipe.csv"])
def test_arrivals_are_read_from_the_scenarios_folder_only(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    path = written(folder, GOOD.replace("web.csv", name))
    (tmp_path / "web.csv").write_text(ROWS, encoding="utf-8")
    (folder / "link.csv").symlink_to(tmp_path / "web.csv")
    os.mkfifo(folder / "pipe.csv")
    (finding,) = errors_of(path)
    assert finding.path == "channels.web.arrivals.csv"
    assert finding.allowed == "a CSV file in the scenario's folder or below"


@pytest.mark.parametrize(
    ("rows", "line", "problem", "allowed"),
    [
        ("time,customer\n2 s,ann\n", 1, "the columns are `time`, `customer`", "`at`; optional: customer, topic, turns"),
        ("at,topic\n2 s,ordr\n", 2, "there is no `ordr` in `topics`", "billing, order"),
        ("at,turns\n2 s,0\n", 2, "`0` is not a number of turns", "a whole number from 1"),
        ("at,turns\n2,1\n", 2, "`2` is not a duration", "a duration from the start"),
        ("at\n5 s\n2 s\n", 3, "this row comes before the row above", "rows in order of time"),
        ("at\n2026-03-29 01:00\n2026-03-29 02:30\n", 3, "never comes: the clock skips it", "that the wall clock shows"),
        ("at\n\n", None, "there are no rows in this file", "rows of `at`"),
        (f"at,customer\n2 s,{'x' * 201}\n", 2, "more than 200 characters", "a short name"),
    ],
)
def test_traces_are_told_by_line_of_the_file(
    rows: str, line: int | None, problem: str, allowed: str, tmp_path: Path
) -> None:
    (finding,) = errors_of(written(tmp_path, GOOD.replace("{csv: web.csv}", "{trace: web.csv}"), rows))
    where = (str(tmp_path / "web.csv"), line, "channels.web.arrivals.trace")
    assert (finding.file, finding.line, finding.path) == where
    assert problem in finding.problem
    assert allowed in finding.allowed


def test_all_that_is_wrong_in_a_trace_is_told_at_once(tmp_path: Path) -> None:
    """Several cells of one row, rows that cannot be read, and the order of those that can."""
    rows = "at,topic,turns\n5 s,ordr,0\n2 s,order,1\nsoon,order,1\n9 s,order,1\n8 s,order,1\n"
    found = errors_of(written(tmp_path, GOOD.replace("{csv: web.csv}", "{trace: web.csv}"), rows))
    assert [(finding.line, finding.problem.partition(" stands")[0][:30]) for finding in found] == [
        (2, "there is no `ordr` in `topics`"),
        (2, "`0` is not a number of turns"),
        (3, "this row comes before the row "),
        (4, "`soon` is not a duration"),
        (6, "this row comes before the row "),
    ]


@pytest.mark.parametrize(
    ("key", "columns", "column", "meant"),
    [
        ("trace", "at,customers", "customers", "customer"),
        ("trace", "at,costumer", "costumer", "customer"),
        ("trace", "at,Customer", "Customer", "customer"),
        ("trace", "at,turn", "turn", "turns"),
        ("trace", "topics,at,customer", "topics", "topic"),
        ("csv", "start,count,Expected", "Expected", "expected"),
        ("csv", "start,counts,expected", "counts", "count"),
    ],
)
def test_a_column_that_looks_like_a_missing_one_is_refused(
    key: str, columns: str, column: str, meant: str, tmp_path: Path
) -> None:
    """Not passed over: whoever wrote it believes that it counts."""
    cells = {"at": "2 s", "start": "2026-03-02 00:00", "count": "3", "expected": "3"}
    rows = f"{columns}\n{','.join(cells.get(name, '') for name in columns.split(','))}\n"
    (finding,) = errors_of(written(tmp_path, GOOD.replace("{csv: web.csv}", f"{{{key}: web.csv}}"), rows))
    where = (str(tmp_path / "web.csv"), 1, f"channels.web.arrivals.{key}")
    assert (finding.file, finding.line, finding.path) == where
    assert finding.problem == f"there is no column `{column}`, and `{meant}` is missing"
    assert finding.suggestion == f"did you mean `{meant}`?"
    assert f"`{meant}`" in finding.allowed


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        ("trace", "at,customer,note,agent,Topic of the day,customers\n2 s,ann,x,y,z,7\n"),
        ("csv", "start,expected,note,country\n2026-03-02 00:00,3,x,y\n2026-03-02 12:00,3,x,y\n"),
    ],
)
def test_columns_that_look_like_nothing_that_is_missing_are_not_looked_at(key: str, rows: str, tmp_path: Path) -> None:
    load(written(tmp_path, GOOD.replace("{csv: web.csv}", f"{{{key}: web.csv}}"), rows))


def test_a_misspelt_column_is_refused_however_many_names_were_compared_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suggestions run out in a scenario with thousands of slips; what is accepted must not depend on it."""
    from simulator.scenario import written as reading

    monkeypatch.setattr(reading, "MOST_COMPARED", 0)
    text = GOOD.replace("{csv: web.csv}", "{trace: web.csv}")
    (finding,) = errors_of(written(tmp_path, text, "at,costumer\n2 s,ann\n"))
    assert finding.suggestion == "did you mean `customer`?"


def workbook(path: Path, rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)


@pytest.mark.parametrize(
    ("rows", "line", "problem", "allowed"),
    [
        ([["start", "count"], [datetime(2026, 3, 2), "=1+2"]], 2, "a formula stands in this row (`=1+2`)", "values"),
        ([["start", "count"], [datetime(2026, 3, 2), "many"]], 2, "`many` stands where a number must be", "from 0"),
        ([["start", "count"], [datetime(2026, 3, 2), "#N/A"]], 2, "an error stands in this row", "values"),
        ([["start"], [datetime(2026, 3, 2)]], 1, "the columns are `start`", "`start` and `count`"),
        ([["start", "count"] + ["x"] * 200, []], 1, "this row has 202 cells", "at most 100 columns"),
        ([], 1, "the columns are missing", "`start` and `count`"),
    ],
)
def test_workbooks_are_told_by_row(
    rows: list[list[object]], line: int, problem: str, allowed: str, tmp_path: Path
) -> None:
    path = written(tmp_path, GOOD.replace("web.csv", "web.xlsx"))
    workbook(tmp_path / "web.xlsx", rows)
    finding, *echo = errors_of(path)
    assert (finding.file, finding.line) == (str(tmp_path / "web.xlsx"), line)
    assert finding.path == "channels.web.arrivals.csv"
    assert problem in finding.problem
    assert allowed in finding.allowed
    assert all(each.line == line for each in echo)


def test_what_only_looks_like_a_workbook_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("web.csv", "web.xlsx"))
    (tmp_path / "web.xlsx").write_bytes(b"PK\x03\x04 and nothing behind it")
    (finding,) = errors_of(path)
    assert finding.problem == "this is not a workbook: BadZipFile"
    with zipfile.ZipFile(tmp_path / "web.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (501 << 20))
    (finding,) = errors_of(path)
    assert finding.problem == "this workbook unpacks to more than 500 MiB"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (f"start,count\n2026-03-02 00:00,{'9' * 24}\n", "allowed: a whole number from 0 to 1,000,000,000"),
        ("start\tcount\n2026-03-02 00:00\t1\n", "tabs seem to separate the columns"),
        ("start,count\n2026-03-02 00:00,\u0662\u0663\n", "stands where a number must be"),
        ("start,count\n2026-03-02 00:00,1_000\n", "stands where a number must be"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
    ],
    ids=["too many", "tabs", "other digits", "underscore", "xls"],
)
def test_words_about_a_file_say_what_to_do(rows: str | bytes, said: str, tmp_path: Path) -> None:
    (finding,) = errors_of(written(tmp_path, rows=rows))
    assert said in str(finding)


def test_a_folder_is_no_missing_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "web.csv").unlink()
    (tmp_path / "web.csv").mkdir()
    (finding,) = errors_of(path)
    assert finding.problem == "`web.csv` is a folder"
    assert not finding.suggestion


@pytest.mark.parametrize("value", ["=1+1", "#N/A"])
def test_a_cell_without_a_value_is_told_once(value: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["start", "count"], ["2026-03-02 00:00", 1], ["2026-03-02 01:00", value], ["2026-03-02 02:00", 1]):
        book.active.append(row)
    book.save(tmp_path / "web.xlsx")
    (finding,) = errors_of(written(tmp_path, GOOD.replace("web.csv", "web.xlsx")))
    assert finding.line == 3


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("turns: {geometric: {mean: 2}}", "turns: .nan", "behaviours.shopper.turns"),
        ("turns: {geometric: {mean: 2}}", "turns: 1e400", "behaviours.shopper.turns"),
        ("warm_up: 2 h", "warm_up: 5 min 5 min", "warm_up"),
        ("warm_up: 2 h", "warm_up: 0.0000001 s", "warm_up"),
        ("web.csv}", "web.csv}\n    customers: {population: 9, weights: {gamma: {cv: 20}}}",
         "channels.web.customers.weights.gamma.cv"),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding(old: str, new: str, path: str, tmp_path: Path) -> None:
    assert old in GOOD
    (finding,) = errors_of(written(tmp_path, GOOD.replace(old, new)))
    assert finding.path == path


def test_a_batch_that_the_run_never_comes_to_is_told(tmp_path: Path) -> None:
    batches = 'batches: [{at: "10:00", count: 1}, {at: "12:00", count: 1}]'
    note = f"outbound:\n  notifications:\n    note: {{channel: phone, template: t, {batches}}}\n"
    short = GOOD.replace("duration: 1 day", "duration: 11 h").replace("outbound:\n", note)
    told = [finding for finding in load(written(tmp_path, short)).warnings if "batches" in finding.path]
    assert [finding.path for finding in told] == ["outbound.notifications.note.batches.1.at"]
    assert "12:00 never comes within the run" in told[0].problem


def test_there_are_more_than_forty_kinds_of_bad_input() -> None:
    assert len({case.what for case in WRONG}) == len(WRONG) >= 40


def test_five_mistakes_are_told_at_once_from_top_to_bottom(tmp_path: Path) -> None:
    text = GOOD
    for old, new in [
        ("duration: 1 day", "duration: 24"),
        ("p90: 3 min", "p90: 30 s"),
        ("{queue: service}", "{queue: servise}"),
        ("capacity: 3", "capacty: 3"),
        ("channel: phone", "channel: web"),
    ]:
        text = text.replace(old, new)
    findings = errors_of(written(tmp_path, text))
    assert [(finding.line, finding.path) for finding in findings] == [
        (5, "duration"),
        (9, "behaviours.shopper.think.lognormal.p90"),
        (18, "flows.door.1.transfer.queue"),
        (42, "agents.early.capacty"),
        (47, "outbound.campaigns.sale.channel"),
    ]
    assert str(findings[3]).startswith(f"{tmp_path / 'plan.yaml'}:42: agents.early.capacty: `capacty` is not a key")
    assert str(findings[3]).endswith("did you mean `capacity`?")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is nothing in this file"),
        ("# only a comment\n", "there is nothing in this file"),
        ("- a\n- b\n", "a scenario is a map of keys"),
        ("just text\n", "a scenario is a map of keys"),
        ("a: 1\n---\nb: 2\n", "a second document begins here"),
        ("a:\n\t- 1\n", "this is not YAML"),
        ("a: \0\n", "a character here that YAML does not allow"),
        ("a: *nobody\n", "names an anchor that does not stand above"),
        ("%YAML 1.1\n---\na: yes\n", "scenarios are YAML 1.2"),
        ("a: " + "[" * 1000 + "]" * 1000, "nested too deeply"),
        (
            "a: &x0 [1, 1]\n" + "".join(f"b{i}: &x{i} [{f'*x{i - 1}, ' * 9}1]\n" for i in range(1, 9)),
            "expand to too much",
        ),
        ("a: " + "x" * (1 << 20), "larger than 1 MiB"),
        ("a: 1e999\n", "too large for a number"),
        ("a: .nan\n", "not a finite number"),
        ("a: " + "9" * 5000, "more than 40 digits"),
    ],
)
def test_a_text_that_is_no_scenario_is_refused_in_words(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        loads(text)
    assert any(problem in finding.problem for finding in raised.value.findings)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    written(tmp_path)
    (missing,) = errors_of(tmp_path / "plam.yaml")
    assert missing.problem == "this file does not exist"
    assert missing.suggestion == f"did you mean `{tmp_path / 'plan.yaml'}`?"
    (folder,) = errors_of(tmp_path)
    assert folder.problem == "this file is a folder"
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: 1\nname: Büro\n".encode("latin-1"))
    (finding,) = errors_of(latin)
    assert (finding.line, finding.problem) == (2, "this line is not UTF-8 text")
    utf16 = tmp_path / "utf16.yaml"
    utf16.write_bytes(GOOD.encode("utf-16"))
    assert errors_of(utf16)[0].problem == "this file is UTF-16"


@pytest.mark.parametrize(
    ("path", "value", "problem", "suggestion"),
    [
        ("agents.erly.count", 5, "there is no `erly` in `agents`", "did you mean `agents.early.count`?"),
        ("agents.early.cuont", 5, "there is no `cuont` in `agents.early`", "did you mean `agents.early.count`?"),
        ("flows.door.7.transfer.queue", "service", "`7` is not an element of the list `flows.door`", ""),
        ("seed.of.all", 5, "there is no `seed` in a scenario", ""),
        ("name.first", "x", "`name` is `One queue`: nothing stands below it", ""),
        ("agents.early.count", "four", "`four` is not a whole number", ""),
        ("agents.early.count", "[4", "this is not YAML", ""),
        ("agents.early.count", "", "nothing is set", ""),
        ("duration", 24, "`24` has no unit", "write `24 s`, `24 min` or `24 h`"),
        ("queues.service.bullsey", "3", "there is no `bullsey` in `queues.service`", "bullseye"),
        ("agents.early.queues.0", None, "cannot be taken out of a list", "set the whole list"),
    ],
)
def test_settings_are_checked_like_the_file(
    path: str, value: object, problem: str, suggestion: str, tmp_path: Path
) -> None:
    scenario = load(written(tmp_path))
    with pytest.raises(ScenarioError) as raised:
        scenario.vary({path: value})
    (finding,) = [finding for finding in raised.value.findings if finding.severity == "error"]
    assert (finding.file, finding.line) == ("setting", None)
    assert problem in finding.problem
    assert suggestion in finding.suggestion


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("", "", "channels.phone.platform", "the 30 % of `shopper` who would abandon are silent there"),
        ("alerting_timeout: 30 s", "close_after: never", "queues.service.close_after", "may go silent"),
        (
            "skills: {german: 5}",
            "skills: {dutch: 5}",
            "topics.order.skills",
            "no agent of the queue `service` has all of",
        ),
        ("count: 4", "count: 0", "queues.service", "no agent serves the queue `service`"),
        ("capacity: 3", "capacity: 0", "agents.early.capacity", "nothing is ever given to it"),
        ("queues:\n  service:\n", "queues:\n  spare: {}\n  service:\n", "queues.spare", "nothing uses `spare`"),
        ("duration: 1 day", "duration: 3 days", "channels.web.arrivals.csv", "nobody comes after the last row"),
    ],
)
def test_what_is_doubtful_runs_and_is_said(old: str, new: str, path: str, problem: str, tmp_path: Path) -> None:
    scenario = load(written(tmp_path, GOOD.replace(old, new) if old else GOOD))
    assert any(
        finding.path == path and problem in finding.problem and finding.severity == "warning"
        for finding in scenario.warnings
    )


ODD: list[object] = [
    *(True, -1, 0, 75, 1e300, math.nan, "", "x", "never", "80 %", "24:00", "2026-03-02 00:00", "{a: 1}", "[]", "!x 1"),
    *([], {}, {"a": 1}, [None], {"lognormal": {"median": "2 s", "p90": "1 s"}}),
]


def test_no_value_in_any_place_is_a_crash(tmp_path: Path, seed: int) -> None:
    """Whatever stands wherever, a scenario is taken or refused in words."""
    scenario = load(written(tmp_path))
    places = sorted(".".join(map(str, place)) for place in scenario._origin.source.lines if place)
    chance = random.Random(seed)
    for path in chance.sample(places, 60):
        value = chance.choice(ODD)
        try:
            scenario.vary({path: value})
        except ScenarioError as error:
            for finding in error.findings:
                assert finding.problem, (path, value)
                assert not re.search(r"pydantic|validation|Input should|NoneType|function-", str(finding)), str(finding)
