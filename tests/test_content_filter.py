"""The content filter: what is matched, what a caught draft costs, what is refused in a scenario."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import STATUS, lines, tiny
from worlds import run, told

from simulator.metrics.catalogue import measure, summarise
from simulator.records import checks, fold
from simulator.rules.filtering import caught, tokens
from simulator.scenario import load, loads
from simulator.scenario.filtering import MAX_PATTERNS, MAX_TEXTS
from simulator.vocabulary.codes import Event
from simulator.vocabulary.errors import ScenarioError
from simulator.workload import draw


def found(text: str, words: tuple[str, ...] = (), patterns: tuple[str, ...] = ()) -> bool:
    return bool(caught([text], words, patterns)[0])


def test_words_are_runs_of_letters_and_digits_without_case() -> None:
    assert tokens("Straße 12b, nicht-wahr? ÄRGER!") == ["strasse", "12b", "nicht", "wahr", "ärger"]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("You get a refund.", ("refund",), True),
        ("You get a REFUND!", ("Refund",), True),
        ("No refunds here", ("refund",), False),  # a whole word
        ("it is guaranteed by us, you know", ("by us",), True),
        ("bypass by-us", ("by us",), True),  # punctuation parts words, as a space does
        ("by all of us", ("by us",), False),
        ("", ("refund",), False),
        ("anything", (), False),
        ("Der ÄRGER ist groß", ("ärger",), True),
    ],
)
def test_words_and_phrases(text: str, words: tuple[str, ...], expected: bool) -> None:
    assert found(text, words) is expected


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("card 4111111111111111 please", r"\b\d{16}\b", True),
        ("card 411111111111111 please", r"\b\d{16}\b", False),
        ("Call ME", r"call me", False),
        ("Call ME", r"(?i)call me", True),
        ("a" * 50_000, r"(a*)*b", False),  # quadratic or worse elsewhere
    ],
)
def test_patterns(text: str, pattern: str, expected: bool) -> None:
    assert found(text, patterns=(pattern,)) is expected


# --- tiny worlds -----------------------------------------------------------------------------------------------


def story(text: str, *leave_out: Event) -> list[str]:
    scenario, rows = run(text)
    failed = [check for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed]
    assert not failed, failed
    return told(rows, leave_out)


DESK = (Event.REPLY_STARTED, Event.DATA_FILTERED, Event.REPLY_SENT)
EVERY = "content_filter: {texts: [we promise], words: [promise], "


def desk(text: str) -> list[str]:
    return story(text, *(event for event in Event if event not in DESK))


def test_a_caught_draft_is_written_again_before_anything_else() -> None:
    """Effort 10 s, caught; 4 s more; it goes out at 14. The next conversation waits for it, as for any reply."""
    assert story(tiny("0 s, 5 s", more=EVERY + "rewrite: {takes: 4 s}}"), STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        5 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        5 CONTACT_STARTED c1.1 m1 v-1
        5 PORTION_OPENED c1.1 m1 q0
        5 TURN_OPENED c1.1 m1 a1
        5 MESSAGE_RECEIVED c1.1 m1 a1 v1
        5 QUEUE_ENTERED c1.1 m1 q0 a1
        10 DATA_FILTERED c0.1 m0 q0 a0 v4000000
        14 REPLY_SENT c0.1 m2 q0 a0
        14 CONTACT_ENDED m0 v1
        14 PORTION_DISCONNECTED c0.1 a0 v1
        14 SESSION_ENDED c0.1 m0 q0 a0
        14 ALERTED c1.1 m1 q0 a0
        14 CONNECTED c1.1 m1 q0 a0 v1
        14 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        24 DATA_FILTERED c1.1 m1 q0 a0 v4000000
        28 REPLY_SENT c1.1 m3 q0 a0 v1
        28 CONTACT_ENDED m1 v1
        28 PORTION_DISCONNECTED c1.1 a0 v1
        28 SESSION_ENDED c1.1 m1 q0 a0
        3600 RUN_ENDED
    """)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("attempts: 3, rewrite: {takes: 4 s}", [10, 14, 18, 22]),  # caught three times, then it goes out
        ("attempts: 2", [10, 15, 20]),  # half of the drawn effort each time (the default)
        ("rewrite: {effort: 2}", [10, 30]),
        ("rewrite: {takes: 4 s}, queues: [line], channels: [web]", [10, 14]),
    ],
)
def test_knobs(rules: str, expected: list[int]) -> None:
    assert [float(line.split()[0]) for line in desk(tiny("0 s", more=EVERY + rules + "}"))[1:]] == expected


def test_only_the_channels_and_queues_that_it_is_for() -> None:
    others = (
        'wa: {platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, '
        "arrivals: {trace: [100 s]}, topics: {ask: 100 %}}"
    )
    sent = {
        channels: sum("DATA_FILTERED" in line for line in desk(tiny("0 s", others=others, more=EVERY + channels + "}")))
        for channels in ("channels: [wa]", "channels: [web, wa]", "queues: [line]")
    }
    assert sent == {"channels: [wa]": 1, "channels: [web, wa]": 2, "queues: [line]": 2}


def test_a_share_of_drafts_is_caught_whoever_writes_them() -> None:
    """1,000 replies, 20 % caught: within 4 standard errors, and the same ones with another number of agents."""
    arrivals = ", ".join(f"{20 * i} s" for i in range(1_000))
    caught_of = []
    for agents in ("count: 1", "count: 3"):
        text = tiny(arrivals, agents=agents, more="content_filter: {share: 20 %}", duration="6 h")
        rows = run(text)[1]
        caught_of.append(sorted(rows["message"][rows["event"] == Event.DATA_FILTERED].tolist()))
    assert caught_of[0] == caught_of[1]
    assert abs(len(caught_of[0]) - 200) < 4 * (1_000 * 0.2 * 0.8) ** 0.5


def test_draws_do_not_move_with_the_number_of_attempts_and_only_with_the_name() -> None:
    def verdicts(more: str, name: str = "web") -> list[bool]:
        scenario = loads(tiny("0 s", more=more).replace("web:", f"{name}:"))
        (draws,) = draw(scenario, 0).filtering.values()
        assert draws.rewrite_us(0, 1, 0, 10) == 5
        return [draws.in_share(entity, 1, 0) for entity in range(200)]

    one = verdicts("content_filter: {share: 30 %}")
    assert set(one) == {True, False}
    assert verdicts("content_filter: {share: 30 %, attempts: 7}") == one
    assert verdicts("content_filter: {share: 30 %}", "mail") != one


def test_given_texts_are_drawn_evenly_and_really_matched() -> None:
    texts = "[one refund, two, three, four]"
    arrivals = ", ".join(f"{20 * i} s" for i in range(400))
    text = tiny(arrivals, more=f"content_filter: {{texts: {texts}, patterns: ['ref?und']}}", duration="3 h")
    scenario, rows = run(text)
    (draws,) = draw(scenario, 0).filtering.values()
    drawn = [draws.text(entity, 0, 0) for entity in range(4_000)]
    assert all(abs(drawn.count(i) - 1_000) < 4 * (4_000 * 0.25 * 0.75) ** 0.5 for i in range(4))
    turns = rows["message"][rows["event"] == Event.DATA_FILTERED].tolist()
    assert turns == [entity for entity in range(400) if drawn[entity] == 0]


def test_measures_and_summary() -> None:
    scenario, rows = run(tiny("0 s, 100 s", more=EVERY + "rewrite: {takes: 4 s}}"))
    tables = fold(scenario, rows)
    summary = summarise(scenario, [measure(scenario, tables, 3_600_000_000)])
    of = {row.metric: row.value for row in summary.itertuples() if row.scope == {}}
    assert of["filtered_share"] == 1
    assert of["nDataFiltered"] == 2
    assert of["rewrite_time"] == 4
    assert of["rewrite_share"] == pytest.approx(4 / 14)
    without = summarise(*_plain())
    assert without.loc[without["metric"] == "filtered_share", "value"].isna().all()


def _plain():  # type: ignore[no-untyped-def]
    scenario, rows = run(tiny("0 s"))
    return scenario, [measure(scenario, fold(scenario, rows), 3_600_000_000)]


# --- a file of drafts, and what is refused ---------------------------------------------------------------------


def test_drafts_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "drafts.txt").write_text("\ufeffwe promise\n\n  all is well \n", encoding="utf-8")
    text = tiny("0 s", more="content_filter: {texts: drafts.txt, words: [promise]}")
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    scenario = load(tmp_path / "s.yaml")
    assert scenario.texts == ("we promise", "all is well")
    assert scenario.files() == {"drafts.txt": "we promise\nall is well\n"}
    assert scenario.vary({"seed": 2}).texts == scenario.texts
    (tmp_path / "drafts.txt").write_text("we promise\nall is good\n", encoding="utf-8")
    assert load(tmp_path / "s.yaml").hash != scenario.hash
    assert scenario.vary({"content_filter.texts": "[a, b]"}).texts == ("a", "b")


@pytest.mark.parametrize(
    ("inside", "path", "problem"),
    [
        ("{}", "content_filter", "it is not said what is caught"),
        ("{share: 2 %, texts: [a], words: [b]}", "content_filter", "share and texts stand here together"),
        ("{texts: [a]}", "content_filter", "nothing to look for"),
        ("{share: 2 %, words: [a]}", "content_filter.words", "whatever is written"),
        ("{texts: [a], words: ['?']}", "content_filter.words.0", "is not a word"),
        ("{texts: [a], patterns: ['(']}", "content_filter.patterns.0", "missing ): ("),
        ("{texts: [a], patterns: ['(?=a)b']}", "content_filter.patterns.0", "invalid perl operator: (?="),
        (r"{texts: [a], patterns: ['(a)\1']}", "content_filter.patterns.0", "invalid escape sequence"),
        ("{texts: [a], patterns: ['(x{1000}){1000}']}", "content_filter.patterns.0", "invalid repetition size"),
        (r"{texts: [a], patterns: ['(\pL{30}){3}']}", "content_filter.patterns.0", "pattern too large"),
        ("{texts: [a], patterns: ['a*']}", "content_filter.patterns.0", "fits an empty text"),
        ("{texts: [a], patterns: ['" + "a" * 1001 + "']}", "content_filter.patterns.0", "1001 characters"),
        (
            "{texts: [a], patterns: [" + "a, " * (MAX_PATTERNS + 1) + "]}",
            "content_filter.patterns",
            f"{MAX_PATTERNS + 1} patterns",
        ),
        ("{texts: [" + "a, " * (MAX_TEXTS + 1) + "], words: [b]}", "content_filter.texts", "a list of 10001"),
        ("{texts: [" + "a" * 10_001 + "], words: [b]}", "content_filter.texts.0", "10001 characters"),
        ("{texts: [a, 5], words: [b]}", "content_filter.texts.1", "`5` is not a draft"),
        ("{texts: [a, ''], words: [b]}", "content_filter.texts.1", "an empty text is not a draft"),
        ("{texts: {a: b}, words: [b]}", "content_filter.texts", "a map stands where drafts must be"),
        ("{share: 2 %, rewrite: {}}", "content_filter.rewrite", "one length"),
        ("{share: 2 %, rewrite: {takes: 1 s, effort: 1}}", "content_filter.rewrite", "one length"),
        ("{share: 2 %, attempts: 0}", "content_filter.attempts", "too small"),
        ("{share: 2 %, channels: [wab]}", "content_filter.channels.0", "there is no `wab` in `channels`"),
        ("{share: 2 %, queues: [lin]}", "content_filter.queues.0", "there is no `lin` in `queues`"),
        ("{share: 102 %}", "content_filter.share", "more than everything"),
        ("{texts: drafts.txt, words: [b]}", "content_filter.texts", "there is no file `drafts.txt`"),
        ("{texts: ../drafts.txt, words: [b]}", "content_filter.texts", "leaves the scenario's folder"),
        ("{texts: /etc/passwd, words: [b]}", "content_filter.texts", "leaves the scenario's folder"),
    ],
)
def test_what_is_refused(inside: str, path: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        loads(tiny("0 s", more=f"content_filter: {inside}"), tmp_path)
    errors = [finding for finding in raised.value.findings if finding.severity == "error"]
    assert [(finding.path, finding.line) for finding in errors] == [(path, 11)]
    assert problem in errors[0].problem
    assert errors[0].allowed


def test_matching_that_could_take_minutes_is_refused(tmp_path: Path) -> None:
    """RE2's worst case: a pattern of a thousand instructions over two megabytes of drafts."""
    (tmp_path / "drafts.txt").write_text(("ab" * 4_500 + "\n") * 200, encoding="utf-8")
    rules = "{texts: drafts.txt, patterns: ['(?:a|b)*a(?:a|b){900}c']}"
    with pytest.raises(ScenarioError, match="could take minutes"):
        loads(tiny("0 s", more=f"content_filter: {rules}"), tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "there are no drafts in this file"),
        (b"\xff\xfea", "not UTF-8"),
        (b"fine\nbr\xfcllt\n", "not UTF-8"),
        (b"a" * 10_001, "10001 characters"),
        (b"a\n" * 10_001, "10001 drafts"),
        (b"a" * (3 << 20), "larger than 2 MiB"),
    ],
)
def test_files_of_drafts_that_cannot_be_read(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "drafts.txt").write_bytes(content)
    with pytest.raises(ScenarioError, match=problem):
        loads(tiny("0 s", more="content_filter: {texts: drafts.txt, words: [b]}"), tmp_path)
