"""The platforms' rules, each in a world of one or two customers with its whole journal worked out by hand, and what
`ccsim trace`, the tables and the summary say of it. Agents' statuses are left out."""

from __future__ import annotations

import numpy as np
import pytest
from letters import measured, on, tables_of
from tiny import STATUS, lines, only, run, story, tiny

import simulator as cc
from simulator.metrics import measure, summarise
from simulator.records import fold
from simulator.reports.plot_windows import about_to_close
from simulator.reports.trace import tell
from simulator.reports.words import headlines
from simulator.scenario import loads
from simulator.vocabulary.clock import HOUR
from simulator.vocabulary.codes import Event

COMES = """
    {at} CONTACT_ARRIVED c0.1 m0 q0 a0
    {at} CONTACT_STARTED c0.1 m0 v-1
    {at} PORTION_OPENED c0.1 m0 q0
    {at} TURN_OPENED c0.1 m0 a0
    {at} MESSAGE_RECEIVED c0.1 m0 a0
"""
CONNECTS = """
    {at} QUEUE_ENTERED c0.1 m0 q0 a0
    {at} ALERTED c0.1 m0 q0 a0
    {at} CONNECTED c0.1 m0 q0 a0
"""
CLOSES = """
    {at} CONTACT_ENDED m0 v1
    {at} PORTION_DISCONNECTED c0.1 a0 v1
    {at} SESSION_ENDED c0.1 m0 q0 a0
    3600 RUN_ENDED
"""


def one(at: int, came: str, connected: str, sent: str, end: int) -> list[str]:
    """One customer who comes at `at`, is connected at once or at the time that `connected` begins with."""
    connects_at = int(connected.split(maxsplit=1)[0])
    return lines(
        COMES.format(at=at) + came + CONNECTS.format(at=connects_at) + connected + sent + CLOSES.format(at=end)
    )


def traced(text: str) -> str:
    scenario, _ = run(text)
    return "\n".join(tell(tables_of(text), "web/0", scenario))


def summary_says(text: str) -> dict[str, str]:
    """The lines of `ccsim run`, by name."""
    scenario, rows = run(text)
    parts = measure(scenario, fold(scenario, rows), int(rows["time"].max()))
    return {line.name: line.value for line in headlines(summarise(scenario, [parts]), scenario)}


# --- length and media --------------------------------------------------------------------------------------------


def test_a_text_of_two_parts_and_one_of_two_messages() -> None:
    """200 GSM-7 characters are 153 + 47: one message of two parts. 1,000 are 765 (five parts) and 235 (two)."""
    short, long = (on("sms", keys="throughput: unlimited", agents=f"reply: {{effort: 10 s, characters: {size}}}")
                   for size in (200, 1000))  # fmt: skip
    started = "0 REPLY_STARTED c0.1 m0 q0 a0 v10000000\n"
    assert story(short, STATUS) == one(0, "", started, """
        10 REPLY_SENT c0.1 m1 q0 a0
        10 MESSAGE_SIZED c0.1 m1 q0 a2 v200
    """, 10)  # fmt: skip
    assert story(long, STATUS) == one(0, "", started, """
        10 REPLY_SENT c0.1 m1 q0 a0
        10 MESSAGE_SIZED c0.1 m1 q0 a5 v765
        10 PART_SENT c0.1 m2 q0 a0 v1
        10 MESSAGE_SIZED c0.1 m2 q0 a2 v235
    """, 10)  # fmt: skip
    assert "desk/1's reply is longer than one part: it leaves as 1 message of 2 parts." in traced(short)
    assert "is longer than one message may be: it leaves as 2 messages of 7 parts." in traced(long)
    assert summary_says(long)["parts sent"] == "7"
    assert summary_says(long)["texts cut into several messages"] == "100.0 %"


def test_files_of_both_sides() -> None:
    """The customer's film is refused; of the agent's three photos of 0.3 MB each is a message of its own."""
    text = on(
        "web", behaviour="attachments: {share: 100 %, types: {mov: 100 %}, kilobytes: 300}",
        agents="count: 1, reply: {effort: 10 s, attachments: {share: 100 %, count: 3, kilobytes: 300}}",
    )  # fmt: skip
    assert story(text, STATUS) == one(0, """
        0 ATTACHMENT_REFUSED c0.1 m1 q6 v300000
    """, "0 REPLY_STARTED c0.1 m0 q0 a0 v10000000\n", """
        10 REPLY_SENT c0.1 m2 q0 a0
        10 PART_SENT c0.1 m3 q0 a0 v2
        10 MESSAGE_SIZED c0.1 m3 q1 a1 v300000
        10 PART_SENT c0.1 m4 q0 a0 v2
        10 MESSAGE_SIZED c0.1 m4 q1 a1 v300000
        10 PART_SENT c0.1 m5 q0 a0 v2
        10 MESSAGE_SIZED c0.1 m5 q1 a1 v300000
    """, 10)  # fmt: skip
    said = traced(text)
    assert "the customer's (0.3 MB) fails: web messaging does not carry files of its type. The text goes" in said
    assert said.count("desk/1 adds an attachment (0.3 MB): it goes as a message of its own.") == 3
    assert summary_says(text)["attachments sent"] == "3" and summary_says(text)["attachments refused"] == "1"


@pytest.mark.parametrize(("megabytes", "fails"), [(100, False), (101, True)])
def test_a_hundred_megabytes_for_apple(megabytes: int, fails: bool) -> None:
    """Of any type up to 100 MB; beyond it the file fails, for its size, and the text goes."""
    files = f"attachments: {{share: 100 %, types: {{key: 100 %}}, kilobytes: {megabytes * 1000}}}"
    text = on("apple", agents=f"count: 1, reply: {{effort: 10 s, {files}}}")
    size = megabytes * 1_000_000
    file = (
        f"10 ATTACHMENT_REFUSED c0.1 m2 q7 a0 v{size}"
        if fails
        else f"10 PART_SENT c0.1 m2 q0 a0 v1\n10 MESSAGE_SIZED c0.1 m2 q1 a1 v{size}"
    )
    started = "0 REPLY_STARTED c0.1 m0 q0 a0 v10000000\n"
    assert story(text, STATUS) == one(0, "", started, f"10 REPLY_SENT c0.1 m1 q0 a0\n{file}", 10)
    assert ("does not carry files so large" in traced(text)) == fails


def test_a_voice_note_is_heard_and_answered_by_one() -> None:
    """20 s to hear his, 10 s of thought (5 s for an agent twice as quick), 15 s to record: 40 s."""
    text = on(
        "whatsapp", behaviour="voice: {share: 100 %, length: 20 s}",
        agents="speed: 2, reply: {effort: 10 s, voice: {share: 100 %, length: 15 s}}",
    )  # fmt: skip
    assert story(text, STATUS) == one(0, """
        0 MESSAGE_SIZED c0.1 m0 q2 a1 v20000000
    """, "0 REPLY_STARTED c0.1 m0 q0 a0 v40000000\n", """
        40 REPLY_SENT c0.1 m1 q0 a0
        40 MESSAGE_SIZED c0.1 m1 q2 a1 v15000000
    """, 40)  # fmt: skip
    (turn,) = tables_of(text)["turns"].to_dict("records")
    assert (turn["listening_us"], turn["recording_us"]) == (20_000_000, 15_000_000)
    assert "hearing the customer's voice note takes 20 s, recording the reply as one takes 15 s." in traced(text)
    assert measured(text, "voice_share") == pytest.approx(35 / 40)
    assert summary_says(text)["of reply attention, voice notes"] == "87.5 %"


@pytest.mark.parametrize("platform", ["web", "sms", "facebook", "instagram", "x", "apple", "line", "app"])
def test_where_there_are_no_voice_notes_people_write(platform: str) -> None:
    voice = "voice: {share: 100 %, length: 20 s}"
    text = on(platform, behaviour=voice, agents=f"reply: {{effort: 10 s, {voice}}}")
    assert not only(text, Event.MESSAGE_SIZED) and only(text, Event.REPLY_SENT) == ["10 REPLY_SENT c0.1 m1 q0 a0"]
    assert "of reply attention, voice notes" not in summary_says(text)


@pytest.mark.parametrize(
    ("share", "found", "at", "effort", "says", "told"),
    [(100, " v2", 0, 10, "customer logged in, his session says who he is", "100.0 %"),
     (0, "", 8, 40, "customer not identified", None)],
)  # fmt: skip
def test_a_session_that_is_authenticated(
    share: int, found: str, at: int, effort: int, says: str, told: str | None
) -> None:
    """Who is logged in is known at once; who is not is asked for 8 s in vain, and costs the first reply 30 s more."""
    text = on("web", keys=f"authenticated: {share} %", flow="{identify: {takes: 8 s, success: 0 %}}")
    end = at + effort
    assert story(text, STATUS) == one(
        0, f"{at} IDENTIFIED c0.1 m0{found}\n", f"{at} REPLY_STARTED c0.1 m0 q0 a0 v{effort}000000\n",
        f"{end} REPLY_SENT c0.1 m1 q0 a0\n", end,
    )  # fmt: skip
    assert f"The inbound message flow: {says}." in traced(text)
    assert summary_says(text).get("logged in: identified at once") == told


# --- windows ---------------------------------------------------------------------------------------------------


def test_x_allows_five_replies_to_a_message() -> None:
    """A reply of 65,000 characters is seven messages of 10,000 and less: the sixth and seventh are blocked."""
    text = on("x", agents="reply: {effort: 10 s, characters: 65000}")
    assert story(text, STATUS) == one(0, "", "0 REPLY_STARTED c0.1 m0 q0 a0 v10000000\n", """
        10 REPLY_SENT c0.1 m1 q0 a0
        10 MESSAGE_SIZED c0.1 m1 q0 a1 v10000
        10 PART_SENT c0.1 m2 q0 a0 v1
        10 MESSAGE_SIZED c0.1 m2 q0 a1 v10000
        10 PART_SENT c0.1 m3 q0 a0 v1
        10 MESSAGE_SIZED c0.1 m3 q0 a1 v10000
        10 PART_SENT c0.1 m4 q0 a0 v1
        10 MESSAGE_SIZED c0.1 m4 q0 a1 v10000
        10 PART_SENT c0.1 m5 q0 a0 v1
        10 MESSAGE_SIZED c0.1 m5 q0 a1 v10000
        10 REPLY_BLOCKED c0.1 m6 q2 a0 v-1
        10 REPLY_BLOCKED c0.1 m7 q2 a0 v-1
    """, 10)  # fmt: skip
    assert "is longer than one message may be: of its 7 messages 5 may leave." in traced(text)
    alone = on("x", keys="reply_rule: 1", flow="{send: {}}")
    assert "desk/1's reply is blocked: the scenario's rule for web allows 1 reply to one message" in traced(alone)


LATE = """
    90000 REPLY_BLOCKED c0.1 m1 q1 a0
    90000 PORTION_DISCONNECTED c0.1 a0 v16
    90000 CONTACT_ENDED m0 v16
    90000 SESSION_ENDED c0.1 m0 q0 a0
    864000 RUN_ENDED
"""
SENT = """
    90000 REPLY_SENT c0.1 m1 q0 a0
    90000 CONTACT_ENDED m0 v1
    90000 PORTION_DISCONNECTED c0.1 a0 v1
    90000 SESSION_ENDED c0.1 m0 q0 a0
    864000 RUN_ENDED
"""


@pytest.mark.parametrize(
    ("platform", "keys", "ends"),
    [
        ("whatsapp", "", LATE),
        ("whatsapp", "reply_window: {people: none}", SENT),
        ("whatsapp", "reply_window: {people: 25 h}", SENT),  # the last µs is inside
        ("whatsapp", "reply_window: {bots: none}", LATE),
        ("facebook", "", SENT),  # a person has seven days
        ("facebook", "reply_window: {people: 24 h}", LATE),  # without the human agent tag
        ("instagram", "reply_window: {people: 89999 s}", LATE),
        ("web", "reply_window: {people: 1 h}", SENT),  # says nothing there, and `validate` says so
    ],
)  # fmt: skip
def test_the_key_of_the_window(platform: str, keys: str, ends: str) -> None:
    """A reply takes 25 h to write."""
    text = on(platform, keys=keys, agents="reply: {effort: 25 h}", duration="10 days")
    started = CONNECTS.format(at=0) + "0 REPLY_STARTED c0.1 m0 q0 a0 v90000000000"
    assert story(text, STATUS) == lines(COMES.format(at=0) + started + ends)
    scenario, _ = run(text)
    said = [finding.path for finding in scenario.warnings if "`reply_window` says nothing" in finding.problem]
    assert said == (["channels.web.reply_window"] if platform == "web" else [])
    if ends is LATE:
        rule = "whatsapp" if platform == "whatsapp" else "the scenario's rule for web"
        assert f"; {rule} takes free text for" in traced(text)
    tables_of(text)  # checks the same rule from the journal


@pytest.mark.parametrize(
    ("keys", "sent"),
    [("", False), ("reply_window: {bots: none}", True), ("reply_window: {bots: 25 h}", True),
     ("reply_window: {people: none}", False), ("reply_window: {bots: 24 h 59 min}", False)],
)  # fmt: skip
def test_the_key_of_the_bots_window(keys: str, sent: bool) -> None:
    """On Facebook a flow speaks 25 h after the customer wrote; the agent answers then in 10 s."""
    text = on("facebook", keys=keys, flow="{wait: {time: 25 h}}, {send: {}}", duration="2 days")
    said = "90000 FLOW_MESSAGE_SENT c0.1 m1 v3" if sent else "90000 REPLY_BLOCKED c0.1 m1 q1 v-1"
    assert story(text, STATUS) == lines(COMES.format(at=0) + f"""
        90000 FLOW_WAITED c0.1 m0 q0 v90000000000
        {said}
    """ + CONNECTS.format(at=90000) + """
        90000 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        90010 REPLY_SENT c0.1 m2 q0 a0
        90010 CONTACT_ENDED m0 v1
        90010 PORTION_DISCONNECTED c0.1 a0 v1
        90010 SESSION_ENDED c0.1 m0 q0 a0
        172800 RUN_ENDED
    """)  # fmt: skip
    tables_of(text)


def test_the_hour_of_a_block_is_that_of_the_block() -> None:
    """Written at 10:00, queued by an outage until 11:00 of the next day: too late then, and not before."""
    text = on(
        "whatsapp", agents="reply: {effort: 10 h}", duration="3 days",
        more="outages: {down: {channel: web, from: 5 h, for: 30 h}}",
    )  # fmt: skip
    assert only(text, Event.MESSAGE_PENDING, Event.REPLY_BLOCKED, Event.CONTACT_ENDED) == lines("""
        36000 MESSAGE_PENDING c0.1 m1 q0 a0
        126000 REPLY_BLOCKED c0.1 m1 q1 a0
        126000 CONTACT_ENDED m0 v16
    """)
    assert measured(text, "replies_blocked", hour="11") == measured(text, "templates_needed", hour="11") == 1
    assert measured(text, "replies_blocked", hour="10") == 0
    assert "11:00:00  desk/1's reply was held back, and may leave only 35 h after the customer's" in traced(text)


@pytest.mark.parametrize(
    ("arrivals", "effort", "expected"),
    [
        ("0 s", "23 h 30 min", [0, 1, 0, 0]),  # at 22:30, 23:15, 24:15, 25:30
        ("0 s", "26 h", [0, 1, 0, 0]),  # closed at 24:00
        ("0 s, 1 h", "24 h 30 min", [0, 0, 2, 0]),  # his second message at 01:00 opens it anew, for both
    ],
)
def test_windows_about_to_close(arrivals: str, effort: str, expected: list[int]) -> None:
    """Bursts with an hour or less to go."""
    text = on(
        "whatsapp", arrivals, customers="{population: 1}", agents=f"reply: {{effort: {effort}}}", duration="2 days"
    )
    at, count = about_to_close(cc.simulate(loads(text), replications=1, workers=1).run, HOUR)
    hours = [22.5, 23.25, 24.25, 25.5]
    assert [int(count[np.searchsorted(at, hour * HOUR, "right") - 1]) for hour in hours] == expected


# --- templates needed --------------------------------------------------------------------------------------------

RATES = "template_rates: {marketing: 0.11, utility: 0.05, authentication: 0.04}"
SELL = "templates: {sell: {category: marketing, answers: 0 %}}"


@pytest.mark.parametrize(
    ("keys", "outbound", "sent", "needed_cost"),
    [
        ("", RATES, None, 0.05),  # no template: priced as an answer to what a customer asked
        ("template: sell", f"{SELL}, {RATES}", 0, 0.11),  # never sent, but priced
        ("outside_window: template, template: sell", f"{SELL}, {RATES}", 1, 0.11),
        ("", SELL, 0, None),  # no rates: no cost, not a cost of 0
    ],
)
def test_templates_needed_and_their_cost(keys: str, outbound: str, sent: int | None, needed_cost: float | None) -> None:
    """One reply is ready at 01:00 of the second day, an hour after the window: one template, sent or not."""
    text = on(
        "whatsapp", keys=keys, agents="reply: {effort: 25 h}", duration="2 days", more=f"outbound: {{{outbound}}}"
    )
    assert measured(text, "templates_needed") == measured(text, "templates_needed", hour="01") == 1
    assert measured(text, "templates_needed", hour="00") == 0
    cost = measured(text, "templates_needed_cost")
    assert (None if cost != cost else cost) == (needed_cost and pytest.approx(needed_cost))
    templates = measured(text, "templates_sent")
    assert (None if templates != templates else templates) == sent
    assert summary_says(text)["templates needed"] == "1"


def test_none_needed_is_an_answer_where_somebody_asks_what_they_cost() -> None:
    """The reply is ready in time. With rates the summary says 0 and what that costs; without, and without templates,
    nobody asked."""
    for outbound, none in ((f"outbound: {{{RATES.replace('{', '{currency: CHF, ')}}}", True), ("", False)):
        said = summary_says(on("whatsapp", duration="2 days", more=outbound))
        wanted = {"templates needed": "0", "what templates needed would cost": "0.00 CHF"} if none else {}
        assert {name: text for name, text in said.items() if "needed" in name} == wanted


def test_no_template_helps_where_the_platform_has_none() -> None:
    text = on(
        "facebook", keys="reply_window: {people: 24 h}", agents="reply: {effort: 25 h}", duration="2 days",
        more=f"outbound: {{{RATES}}}",
    )  # fmt: skip
    assert measured(text, "replies_blocked") == 1
    assert measured(text, "templates_needed") != measured(text, "templates_needed")  # null


# --- delivery ----------------------------------------------------------------------------------------------------


def test_pending_sent_delivered_read() -> None:
    """Two replies of one part each through a number that carries 6 a minute: the second is pending for 9 s, is under
    way for 2 s, and read after 3 s. Neither customer has more to say."""
    text = on(
        "sms", "0 s, 0 s", keys="throughput: 6/min, delivery: {latency: 2 s, read: {delay: 3 s}}",
        agents="capacity: 2, reply: {effort: 1 s}",
    )  # fmt: skip
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v1000000
        0 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        0 CONTACT_STARTED c1.1 m1 v-1
        0 PORTION_OPENED c1.1 m1 q0
        0 TURN_OPENED c1.1 m1 a1
        0 MESSAGE_RECEIVED c1.1 m1 a1 v1
        0 QUEUE_ENTERED c1.1 m1 q0 a1
        0 ALERTED c1.1 m1 q0 a0
        0 CONNECTED c1.1 m1 q0 a0 v1
        1 REPLY_SENT c0.1 m2 q0 a0
        1 PORTION_DISCONNECTED c0.1 a0 v1
        1 SESSION_ENDED c0.1 m0 q0 a0
        1 REPLY_STARTED c1.1 m1 q0 a0 v1000000
        2 MESSAGE_PENDING c1.1 m3 q0 a0 v1
        3 MESSAGE_DELIVERED c0.1 m2 v1
        3 CONTACT_ENDED m0 v1
        6 MESSAGE_READ c0.1 m2
        11 MESSAGE_CAPPED c1.1 m3 q0 a1 v9000000      # by the number, for 9 s
        11 REPLY_SENT c1.1 m3 q0 a0 v1
        11 PORTION_DISCONNECTED c1.1 a0 v1
        11 SESSION_ENDED c1.1 m1 q0 a0
        13 MESSAGE_DELIVERED c1.1 m3 v1
        13 CONTACT_ENDED m1 v1
        16 MESSAGE_READ c1.1 m3
        3600 RUN_ENDED
    """)
    rows = tables_of(text)["deliveries"]
    assert list(rows["written_us"] / 1e6) == [1, 2] and list(rows["sent_us"] / 1e6) == [1, 11]
    scenario, _ = run(text)
    said = "\n".join(tell(tables_of(text), "web/1", scenario))
    assert "had to wait 9 s for the way out, and leaves." in said
    assert "is delivered, 2 s after it left." in said and "desk/1's reply is read." in said


def test_a_middleware_that_fails_on_the_way_in() -> None:
    """A call takes 3 s and fails; after 5 s the second, which is the last, gets through: 11 s. Outbound both fail."""
    text = on("app").replace("latency: 0 s", "latency: 3 s, failures: 100 %, attempts: 2, back_off: 5 s")
    assert story(text, STATUS) == lines(COMES.format(at=11) + CONNECTS.format(at=11) + """
        11 MIDDLEWARE_PASSED a0 v11000000
        11 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        21 REPLY_SENT c0.1 m1 q0 a0
        21 PORTION_DISCONNECTED c0.1 a0 v1
        21 SESSION_ENDED c0.1 m0 q0 a0
        24 MESSAGE_RETRIED c0.1 m1 q5 v1
        32 MESSAGE_FAILED c0.1 m1 q5 v2
        32 CONTACT_ENDED m0 v17
        3600 RUN_ENDED
    """)  # fmt: skip
    assert "What he wrote took 11 s through the middleware: only now it is here." in traced(text)
    assert summary_says(text)["customers' bursts in the middleware"] == "11 s"


# --- content filter ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["words: [promise]", "patterns: ['pro\\w+e']"])
def test_a_caught_draft(rule: str) -> None:
    """10 s of writing, caught by a word or by a pattern, 4 s of rewriting."""
    text = tiny("0 s", more=f"content_filter: {{texts: [we promise], {rule}, rewrite: {{takes: 4 s}}}}")
    assert story(text, STATUS) == one(0, "", "0 REPLY_STARTED c0.1 m0 q0 a0 v10000000\n", """
        10 DATA_FILTERED c0.1 m0 q0 a0 v4000000
        14 REPLY_SENT c0.1 m1 q0 a0
    """, 14)  # fmt: skip
    assert "did not pass the content filter (DataFiltered): writing it again took 4 s." in traced(text)
    assert summary_says(text)["replies with a caught draft"] == "100.0 %"
    assert summary_says(text)["of reply attention, rewriting"] == "28.6 %"
