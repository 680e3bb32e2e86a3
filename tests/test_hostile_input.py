"""Nothing in a scenario can hang, execute or read what it should not: every attack is told in words, within seconds."""

from __future__ import annotations

import io
import os
import signal
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tiny import tiny
from worlds import run

from simulator.scenario import load, loads
from simulator.vocabulary.errors import ScenarioError

GIBIBYTE = 1 << 30


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """So much of the processor's time, and no more."""

    def too_long(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s of CPU")

    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def test_the_clock_would_ring() -> None:
    with pytest.raises(TimeoutError), within(0.05):
        while True:
            pass


def refused(text: str, folder: Path | None = None, seconds: float = 20) -> list[str]:
    """What a scenario is refused for: `path: problem`."""
    with within(seconds), pytest.raises(ScenarioError) as raised:
        loads(text, folder)
    return [f"{finding.path}: {finding.problem}" for finding in raised.value.findings if finding.severity == "error"]


def arriving(arrivals: str) -> str:
    return tiny("").replace("customers: new, ", f"customers: new, arrivals: {{{arrivals}}}, ")


def many(number: int, entry: str) -> str:
    return ", ".join(entry.replace("#", str(i)) for i in range(number))


PHONE = 'platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, topics: {ask: 100 %}'
AGAIN = "patience: 1 s, writes_again: {after_abandon: {probability: P, delay: D}}"


# --- sizes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (arriving("rate: 1000000000/s"), "more than one per microsecond"),
        (arriving("rate: 1000000/s"), "contacts"),
        (arriving("per_day: 1000000000000"), "contacts"),
        (tiny(many(900, "# s"), behaviour="opening: {messages: 1000000, gap: 1 us}"), "messages"),
        (tiny(many(900, "# s"), behaviour="turns: {geometric: {mean: 1000000}}, think: 0"), "messages"),
        (
            tiny(many(900, "# s"), flow="{bot: {turns: {geometric: {mean: 1000000}}, bot_time: 0}}"),
            "messages",
        ),
        (tiny("0 s", behaviour=AGAIN.replace("P", "99.9999999 %").replace("D", "0")), "contacts"),
        (tiny("0 s", behaviour=AGAIN.replace("P", "100 %").replace("D", "{exponential: {mean: 1 us}}")), "without end"),
        (tiny("0 s", behaviour=AGAIN.replace("P", "100 %").replace("D", "1 s"), duration="730 days"), "contacts"),
        (
            tiny("0 s", queue="answer_time: 1 h, returns_after: 0", agents="count: 2000, capacity: 25",
                 duration="700 days"),
            "no alert is ever answered",
        ),
        (tiny("0 s", queue="declines: 100 %, returns_after: 1 us"), "rings again at once, without end"),
        (
            tiny("0 s", queue="auto_answer: true, transfers: [{share: 100 %, to: b, takes: 0}]").replace(
                "queues: {line", "queues: {b: {auto_answer: true, transfers: [{share: 100 %, to: line}]}, line"
            ),
            "passed on from queue to queue, without end",
        ),
        (
            tiny("0 s", queue="in_queue_flow: {flow_out: {after: 1 us, to: b}}").replace(
                "queues: {line", "queues: {b: {in_queue_flow: {flow_out: {after: 1 s, to: line}}}, line"
            ),
            "round and round",
        ),
        (tiny("0 s", queue="in_queue_flow: {messages: [{after: 0, every: 1 us}]}"), "too short"),
        (tiny("0 s", queue="inactivity_timeout: 1 us, inactivity_flow: door"), "too short"),
        (
            tiny("0 s", agents="count: 0", queue="max_waiting: 0", duration="300 days",
                 behaviour="writes_again: {after_blocked: {probability: 100 %, delay: 1 s}}"),
            "contacts",
        ),
        (tiny("0 s", agents="count: 10000000"), "too large"),
        (tiny("0 s", agents={f"g{i}": "count: 100000" for i in range(11)}), "1,100,000 agents"),
        (tiny("0 s", duration="730 days", more="interval: 1 min"), "rows"),
        (tiny("0 s", customers="{population: 1000000000, weights: {gamma: {cv: 1}}}"), "a weight of his own"),
        (tiny("0 s", duration="10000 days"), "long"),
        (tiny("0 s", more="outages: {o: {channel: web, every: 1 us, lasts: 1 us}}"), "an outage every"),
        (
            tiny("0 s", duration="700 days", more="outages: {o: {channel: web, every: 1 min, lasts: 0}}"),
            "1,008,000 of these outages",
        ),
        (
            tiny("0 s", more="outages: {o: {channel: web, from: 0, for: 1 h, retry: {every: 1 us}}}"),
            "too small",
        ),
    ],
)  # fmt: skip
def test_runs_that_no_machine_finishes_are_refused(text: str, problem: str) -> None:
    assert any(problem in each for each in refused(text)), refused(text)


@pytest.mark.parametrize(
    ("more", "customers", "days", "problem"),
    [
        ("tier: 250", "{population: 1000}", 1, "share the tier"),
        ("throughput: 80/s", "{population: 5000000}", 1, "one number drawn for each"),
        ("throughput: 80/s", "{population: 900000000}", 1, "chooses among 900,000,000 customers"),
        ("throughput: 80/s", "{population: 1000}", 700, "calling windows in 7"),
        ("throughput: 80/s", "{population: 1000}", 1, None),
    ],
)
def test_campaigns_that_no_machine_works_out_are_refused(
    more: str, customers: str, days: int, problem: str | None
) -> None:
    wide = "platform: whatsapp, number: '+49 30 1234567', business_verified: true, flow: door, topics: {ask: 100 %}"
    windows = many(10, "{from: '08:0#', to: '09:0#'}")
    its = f"{{channel: wa, template: t, contacts: 1, opt_in: 100 %, start: 2026-03-02 00:00, windows: [{windows}]}}"
    text = tiny(
        "0 s",
        duration=f"{days} days",
        others=f"wa: {{{wide}, {more}, customers: {customers}}}",
        more=f"outbound: {{campaigns: {{{', '.join(f'c{i}: {its}' for i in range(201))}}}}}",
    )
    if problem is None:
        loads(text)
    else:
        assert any(problem in each for each in refused(text))


def test_somebody_who_leaves_and_comes_back_at_once_is_no_crash() -> None:
    """No patience, and back without a delay: the same conversation enters the same queue twice in one instant."""
    behaviour = AGAIN.replace("1 s", "0").replace("P", "60 %").replace("D", "0")
    text = tiny(many(50, "# s"), behaviour=behaviour, agents="count: 0")
    assert len(run(text)[1]) > 300


@pytest.mark.parametrize(
    "text",
    [
        tiny("0 s", topics=many(2_000, "t#: {behaviour: plain}")),
        tiny("0 s", others=many(2_000, f"w#: {{{PHONE}}}")),
        tiny("0 s", agents={f"g{i}": "count: 1" for i in range(2_000)}),
        tiny("0 s", agents='shift: {from: "08:00", to: "20:00", breaks: ['
             + many(500, '{at: "10:00", for: 1 s}') + "]}"),
        tiny("0 s", topic=f"skills: [{many(5_000, 's#')}]"),
        tiny("0 s", more=f"outages: {{{many(2_000, 'o#: {channel: web, from: 1 s, for: 1 s}')}}}"),
        "\n".join(f"key{i}: 1" for i in range(5_000)),
        tiny("0 s", channel="wa", more="outbound: {notifications: {n: {channel: wa, template: t, batches: ["
             + many(5_000, '{at: "08:00", count: 1}') + "]}}}"),
    ],
    ids=["topics", "channels", "groups", "breaks", "skills", "outages", "keys", "batches"],
)  # fmt: skip
def test_lists_that_nobody_wrote_by_hand_are_refused_before_they_are_compared(text: str) -> None:
    assert any("entries stand here" in each for each in refused(text))


def test_thousands_of_slips_are_told_in_time_and_not_all_of_them() -> None:
    """Each of them would be compared with every known name."""
    behaviours = "behaviours: {" + many(900, "bhaviour#: {}") + ", "
    text = tiny("0 s", topics=many(900, "topic#: {behaviour: behavior#, skilz: [a], priorty: 1}"))
    found = refused(text.replace("behaviours: {", behaviours))
    assert len(found) == 1_001
    assert "further things are wrong" in found[0] or "further things are wrong" in found[-1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("duration: 1 h", "duration: " + "9" * 100_000 + " s"),
        ("duration: 1 h", "duration: 1." + "0" * 100_000 + "1 h"),
        ("duration: 1 h", "duration: " + "1 us " * 100_000),
        ("duration: 1 h", "duration: 1 h\nseed: " + "9" * 100_000),
        ("duration: 1 h", "duration: 1 h\nseed: 0x" + "f" * 100_000),
        ("duration: 1 h", "duration: 1 h\nseed: 1" + "0" * 5_000 + ".5"),
        ("flow: door", "flow: " + "a" * 500_000),
        ("flow: door", 'flow: "' + " a" * 200_000 + '"'),
        ("name: Tiny", "name: " + "x" * 500_000),
        ("ask: 100 %", "ask: 0." + "9" * 100_000 + " %"),
    ],
)
def test_numbers_and_names_of_any_length_are_refused_in_words(old: str, new: str) -> None:
    assert refused(tiny("0 s").replace(old, new), seconds=10)


def test_deep_and_branching_structures_are_refused() -> None:
    assert refused("a: " + "[" * 100_000, seconds=10)
    assert refused("{a: " * 5_000, seconds=10)
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    laughs += "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))
    assert refused(laughs, seconds=20)  # a billion laughs
    law = "{mixture: [{weight: 100 %, " * 18 + "constant: 1 s" + "}]}" * 18
    assert refused(tiny("0 s", behaviour=f"think: {law}"), seconds=10)


@pytest.mark.parametrize("bad", ["\\e[2J", "\\x1b]0;title\\a", "\\u202egnp.exe", "\\r", "a\\nb", "\\x9b31m", "\\0"])
def test_nothing_talks_to_the_terminal(bad: str) -> None:
    """Escape sequences in names, keys and values: refused, and quoted without them."""
    for old, new in (
        ("name: Tiny", f'name: "{bad}"'),
        ("name: Tiny", f'name: Tiny\n"{bad}": 1'),
        ("flow: door", f'flow: "{bad}"'),
        ("duration: 1 h", f'duration: "1 h{bad}"'),
        ("start: 2026-03-02 00:00", f'start: 2026-03-02 00:00\ntimezone: "{bad}"'),
    ):
        found = refused(tiny("0 s").replace(old, new))
        assert found
        assert all(each.isprintable() for each in found)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (tiny("0 s") + '\n"\\u202eeman": x\n', "?eman"),
        (tiny("0 s").replace("duration: 1 h", 'duration: 1 h\nfilter:\n  a: 1\n  "b\\e[2J": 2'), "filter.b?[2J"),
    ],
)
def test_a_key_that_cannot_be_shown_has_its_own_line(text: str, path: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        loads(text)
    line = next(i for i, each in enumerate(text.splitlines(), 1) if "u202e" in each or "[2J" in each)
    assert [(found.path, found.line) for found in raised.value.findings] == [(path, line)]


def test_nothing_is_executed() -> None:
    for tag in ("!!python/object/apply:os.system", "!!python/name:os.system", "!!map", "!include"):
        assert any("tag" in each for each in refused(tiny("0 s").replace("name: Tiny", f"name: {tag} [echo]")))


# --- files -----------------------------------------------------------------------------------------------------


NAMES = ("web.csv", "drafts.txt")


def naming(name: str) -> str:
    """A scenario that names a file, of arrivals or of drafts."""
    if name.endswith(".txt"):
        return tiny("0 s", more=f"content_filter: {{texts: {name}, words: [a]}}")
    return arriving(f"csv: {name}")


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize(
    "name",
    [
        "../#",
        "/etc/#",
        "~/#",
        "sub/../../#",
        "'C:\\#'",
        "'..\\#'",
        "'http://example.org/#'",
        "'file:///etc/#'",
        "'\\\\host\\#'",
    ],
)
def test_only_files_in_the_scenarios_folder_are_read(name: str, kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / kind).write_text("start,count\n2026-03-02 00:00,1\n", encoding="utf-8")
    found = refused(naming(name.replace("#", kind)), folder)
    assert any("leaves the scenario's folder" in each or "there is no file" in each for each in found), found


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and devices of Unix")
def test_links_pipes_and_devices_are_not_read(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    place = folder / kind
    secret = tmp_path / "secret"
    secret.write_text("start,count\n2026-03-02 00:00,1\n", encoding="utf-8")
    for target in (secret, Path("/dev/zero"), Path("/dev/stdin"), Path("/proc/self/environ"), folder):
        place.symlink_to(target)
        assert refused(naming(kind), folder, seconds=5)
        place.unlink()
    os.mkfifo(place)
    assert refused(naming(kind), folder, seconds=5)
    place.unlink()
    place.symlink_to(place)
    assert refused(naming(kind), folder, seconds=5)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of Unix")
def test_a_scenario_itself_must_be_a_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", Path("/dev/zero"), Path("/dev/stdin"), tmp_path):
        with within(5), pytest.raises(ScenarioError):
            load(path)


def test_extends_stays_in_the_folder_too(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(tiny("0 s"), encoding="utf-8")
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("../base.yaml", str(tmp_path / "base.yaml")):
        assert any("leaves" in each for each in refused(f"extends: {name}\nname: Mine\n", folder))


def bomb(sheet: bytes) -> bytes:
    """A workbook whose only sheet is `sheet`."""
    import openpyxl

    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    packed = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = sheet if entry.filename == "xl/worksheets/sheet1.xml" else old.read(entry)
            new.writestr(entry.filename, content)
    return packed.getvalue()


HEAD = b'<?xml version="1.0"?>'
SPACE = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


@pytest.mark.parametrize(
    "sheet",
    [
        HEAD + SPACE + b" " * (600 << 20),  # unpacks to more than 500 MiB
        HEAD
        + b'<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
        + b"]>"
        + SPACE
        + b'<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>',
        HEAD
        + b'<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        + SPACE
        + b'<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>',
        HEAD + SPACE + b'<row r="1">' + b"<c/>" * 200_000 + b"</row></sheetData></worksheet>",
    ],
    ids=["zip bomb", "billion laughs", "external entity", "wide row"],
)
def test_workbooks_that_swell_are_refused(sheet: bytes, tmp_path: Path) -> None:
    (tmp_path / "web.xlsx").write_bytes(bomb(sheet))
    found = refused(arriving("csv: web.xlsx"), tmp_path, seconds=40)
    assert found
    assert not any("hostname" in each and "file:" in each for each in found)


def test_a_file_that_many_channels_name_is_read_once(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-{1 + i // 24:02d} {i % 24:02d}:00,0\n" for i in range(600))
    (tmp_path / "web.csv").write_text("start,count\n" + rows, encoding="utf-8")
    others = many(200, f"w#: {{{PHONE}, arrivals: {{csv: web.csv}}}}")
    text = tiny("0 s", others=others).replace("+49 30 1234567", "NUMBER")
    for i in range(200):
        text = text.replace("NUMBER", f"+49 30 {1_000_000 + i}", 1)
    with within(60):
        scenario = loads(text.replace("2026-03-02 00:00", "2026-03-01 00:00"), tmp_path)
    assert len(scenario.counts) == 200
    assert len({id(rows) for rows in scenario.counts.values()}) == 1


def test_rows_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "web.csv").write_bytes(b"start,count\n" + b'"' + b"\n" * (51 << 20))
    assert any("larger than 50 MiB" in each for each in refused(arriving("csv: web.csv"), tmp_path))
    (tmp_path / "web.csv").write_bytes(b"start,count\n" + b'"' + b"a" * (5 << 20))
    assert refused(arriving("csv: web.csv"), tmp_path, seconds=10)
    (tmp_path / "web.csv").write_bytes(b"," * (5 << 20) + b"\n")
    assert refused(arriving("csv: web.csv"), tmp_path, seconds=10)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"start,count" + b",c" * 300_000 + b"\n2026-03-02 00:00,1\n", "300002 cells"),
        (b"start,count\n2026-03-02 00:00,1" + b",1" * 300_000 + b"\n", "300002 cells"),
        (b"start,count\n2026-03-02 00:00\0,1\n", "NUL"),
        (b"start,count\n\x1b[2J2026-03-02 00:00,1\n", "?[2J"),
        (b"start,count\n" + b"a" * (10 << 20) + b",1\n", "field limit"),
    ],
    ids=["columns", "cells", "nul", "escape", "10 MB cell"],
)
def test_lines_that_no_spreadsheet_writes_are_told_in_few_words(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "web.csv").write_bytes(content)
    found = refused(arriving("csv: web.csv"), tmp_path, seconds=10)
    assert any(problem in each for each in found), found
    assert all(len(each) < 300 and each.isprintable() for each in found)
