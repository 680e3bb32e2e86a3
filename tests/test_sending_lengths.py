"""Length and media: split texts, SMS parts, attachments, voice notes, authenticated sessions. Worked out by hand."""

from __future__ import annotations

import pytest
from letters import measured, on, tables_of
from tiny import lines, only, run

from simulator.platforms import BY_NAME
from simulator.reports.trace import tell
from simulator.rules.lengths import longest, parts, split
from simulator.vocabulary.codes import Event

PIECES = (Event.REPLY_SENT, Event.PART_SENT, Event.MESSAGE_SIZED, Event.ATTACHMENT_REFUSED)


@pytest.mark.parametrize(
    ("characters", "gsm7", "ucs2"),
    [(0, 1, 1), (1, 1, 1), (70, 1, 1), (71, 1, 2), (134, 1, 2), (135, 1, 3), (160, 1, 3), (161, 2, 3), (306, 2, 5),
     (307, 3, 5), (335, 3, 5), (765, 5, 12)],
)  # fmt: skip
def test_parts_of_an_sms(characters, gsm7, ucs2):
    assert (parts(characters, 160, 153), parts(characters, 70, 67)) == (gsm7, ucs2)


def test_the_longest_message():
    assert longest(765, 160, 153, 5) == 765
    assert longest(765, 70, 67, 5) == 335
    assert longest(765, 160, 153, 1) == 160
    assert longest(100, 160, 153, 5) == 100


@pytest.mark.parametrize(
    ("characters", "limit", "pieces"),
    [(0, 10, [1]), (1, 10, [1]), (10, 10, [10]), (11, 10, [10, 1]), (30, 10, [10, 10, 10]), (31, 10, [10, 10, 10, 1])],
)
def test_split(characters, limit, pieces):
    assert split(characters, limit) == pieces


@pytest.mark.parametrize(
    ("platform", "limit"),
    [("web", 4_000), ("whatsapp", 4_000), ("facebook", 2_000), ("instagram", 1_000), ("x", 10_000), ("apple", 2_000),
     ("line", 5_000), ("app", 4_000), ("sms", 765)],
)  # fmt: skip
def test_a_reply_over_the_limit_is_split(platform, limit):
    for characters, messages in ((limit, 1), (limit + 1, 2), (3 * limit, 3)):
        text = on(platform, agents=f"reply: {{effort: 10 s, characters: {characters}}}")
        rows = tables_of(text)["deliveries"]
        assert len(rows) == messages and rows["characters"].sum() == characters
        assert set(rows["characters"]) <= {limit, characters % limit}
        assert measured(text, "messages_per_text") == messages and measured(text, "split_share") == (messages > 1)


def test_the_parts_of_a_split_sms():
    """1,000 characters: 765 in five parts and 235 in two; a long code carries a part a second, so the second message
    leaves 5 s later. In UCS-2: 335, 335 and 330 in five parts each."""
    agents = "reply: {effort: 10 s, characters: 1000}"
    assert only(on("sms", agents=agents), *PIECES) == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        10 MESSAGE_SIZED c0.1 m1 q0 a5 v765
        15 PART_SENT c0.1 m2 q0 a0 v1
        15 MESSAGE_SIZED c0.1 m2 q0 a2 v235
    """)
    ucs2 = on("sms", keys="encoding: ucs2", agents=agents)
    assert list(tables_of(ucs2)["deliveries"]["parts"]) == [5, 5, 5]
    assert measured(ucs2, "parts_sent") == 15
    assert "leaves as 2 messages of 7 parts" in "\n".join(tell(tables_of(on("sms", agents=agents)), "web/0",
                                                               run(on("sms", agents=agents))[0]))  # fmt: skip


def test_a_share_of_texts_needs_the_larger_alphabet():
    """At 100 characters a text is one part or two: half of 400 need two."""
    text = on(
        "sms", arrivals=", ".join(f"{20 * i} s" for i in range(400)), duration="3 h",
        keys="encoding: {gsm7: 50 %, ucs2: 50 %}", agents="reply: {effort: 10 s, characters: 100}",
    )  # fmt: skip
    two = int((tables_of(text)["deliveries"]["parts"] == 2).sum())
    assert 160 < two < 240


# --- attachments -----------------------------------------------------------------------------------------------

FILES = "attachments: {{share: 100 %, types: {{{kind}: 100 %}}, kilobytes: {size}}}"


def test_each_attachment_is_a_message_of_its_own():
    reply = "{effort: 10 s, attachments: {share: 100 %, count: 2, kilobytes: 300}}"
    assert only(on("web", agents=f"count: 1, reply: {reply}"), *PIECES) == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        10 PART_SENT c0.1 m2 q0 a0 v1
        10 MESSAGE_SIZED c0.1 m2 q1 a1 v300000
        10 PART_SENT c0.1 m3 q0 a0 v1
        10 MESSAGE_SIZED c0.1 m3 q1 a1 v300000
    """)


@pytest.mark.parametrize(
    ("platform", "kind", "megabytes", "why"),
    [
        ("web", "jpg", 25, ""), ("web", "jpg", 26, "attachment_size"), ("web", "pdf", 1, "attachment_type"),
        ("whatsapp", "pdf", 25, ""), ("whatsapp", "jpg", 6, "attachment_size"), ("whatsapp", "ogg", 16, ""),
        ("whatsapp", "mov", 1, "attachment_type"), ("apple", "mov", 100, ""), ("apple", "key", 101, "attachment_size"),
        ("facebook", "pdf", 1, "attachment_type"), ("sms", "gif", 1, ""),
    ],
)  # fmt: skip
def test_types_and_sizes(platform, kind, megabytes, why):
    """What the platform does not carry fails with its reason, and the text still goes."""
    files = FILES.format(kind=kind, size=megabytes * 1000)
    text = on(platform, behaviour=files, agents=f"reply: {{effort: 10 s, {files}}}")
    tables = tables_of(text)
    rows = tables["deliveries"]
    assert list(tables["turns"]["outcome"]) == ["answered"]
    if why:
        failed = rows[rows["state"] == "failed"]
        assert list(failed["lane"]) == ["customer", "agent"] and set(failed["reason"]) == {why}
        assert measured(text, "attachments_refused") == measured(text, "messages_failed", reason=why) + 1 == 2
    else:
        assert set(rows["state"]) == {"delivered"} and len(rows) == 2
        assert measured(text, "attachments_refused") == 0
    assert tables["turns"]["messages"].iloc[0] == (1 if why else 2)


def test_every_platform_knows_its_attachments():
    for record in BY_NAME.values():
        assert record.carries("jpg", 1) == ""
        assert record.carries("jpg", 10**12) == "size"


# --- what customers write ----------------------------------------------------------------------------------------


def test_long_messages_of_customers_come_in_pieces():
    """2,500 characters on Instagram: three messages, one burst."""
    text = on("instagram", behaviour="characters: 2500")
    assert only(text, Event.MESSAGE_RECEIVED, Event.MESSAGE_SIZED)[:6] == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 MESSAGE_SIZED c0.1 m0 q0 a1 v1000
        0 MESSAGE_RECEIVED c0.1 m1 a0
        0 MESSAGE_SIZED c0.1 m1 q0 a1 v1000
        0 MESSAGE_RECEIVED c0.1 m2 a0
        0 MESSAGE_SIZED c0.1 m2 q0 a1 v500
    """)


# --- voice notes -------------------------------------------------------------------------------------------------

VOICE = "voice: {share: 100 %, length: 20 s}"


@pytest.mark.parametrize(
    ("platform", "hears", "speaks", "effort"),
    [("whatsapp", False, False, 10), ("whatsapp", True, False, 30), ("whatsapp", False, True, 30),
     ("whatsapp", True, True, 50), ("web", True, True, 10), ("facebook", True, True, 10)],
)  # fmt: skip
def test_listening_and_recording_take_time(platform, hears, speaks, effort):
    """A note of 20 s takes 20 s to hear, and to record. Where there are none people write."""
    reply = f"reply: {{effort: 10 s{', ' + VOICE if speaks else ''}}}"
    text = on(platform, behaviour=VOICE if hears else "", agents=reply)
    assert [int(line.split("v")[-1]) / 1e6 for line in only(text, Event.REPLY_STARTED)] == [effort]
    if platform == "whatsapp" and speaks:
        assert list(tables_of(text)["deliveries"]["content"]) == ["voice"]


def test_nobody_hears_faster():
    """A quick agent writes his 10 s in 5, but a note of 20 s lasts 20 s."""
    text = on("whatsapp", behaviour=VOICE, agents="speed: 2, reply: {effort: 10 s}")
    assert only(text, Event.REPLY_SENT) == ["25 REPLY_SENT c0.1 m1 q0 a0"]


# --- authenticated sessions --------------------------------------------------------------------------------------

ASKS = "{identify: {takes: 8 s, success: 0 %}}"


@pytest.mark.parametrize(
    ("keys", "queued", "effort", "value"),
    [
        ("authenticated: 0 %", 8, 40, ""),  # 30 s more for an unidentified customer
        ("authenticated: 100 %", 0, 10, " v2"),
        ("authenticated: 100 %, authenticated_skips: time", 0, 40, ""),
        ("authenticated: 100 %, authenticated_skips: failure", 8, 10, " v2"),
    ],
)
def test_an_authenticated_session_shortens_identification(keys, queued, effort, value):
    text = on("web", keys=keys, flow=ASKS)
    assert only(text, Event.IDENTIFIED, Event.REPLY_STARTED) == lines(f"""
        {queued} IDENTIFIED c0.1 m0{value}
        {queued} REPLY_STARTED c0.1 m0 q0 a0 v{effort * 1_000_000}
    """)
