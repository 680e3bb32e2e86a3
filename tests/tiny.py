"""Building tiny worlds: one channel, one flow, one queue, one desk, unless a test says otherwise."""

from __future__ import annotations

from worlds import run, told

from simulator.vocabulary.codes import Event

PLATFORMS = {
    "web": "platform: web messaging",
    "wa": 'platform: whatsapp, number: "+49 30 1234567", business_verified: true',
}


def tiny(
    arrivals: str = "0 s",
    *,
    behaviour: str = "",
    topic: str = "",
    flow: str = "",
    queue: str = "auto_answer: true",
    channel: str = "web",
    customers: str = "new",
    agents: dict[str, str] | str = "",
    others: str = "",
    topics: str = "",
    start: str = "2026-03-02 00:00",
    duration: str = "1 h",
    more: str = "",
) -> str:
    """A scenario's text. Every argument is the inside of a YAML map of that name.

    `arrivals` is a list of times (empty: nobody), `channel` is web or wa, `agents` the inside of the group `desk` or
    one for each group; the effort of a reply is 10 s unless a group has its own `reply`. `others` adds channels,
    `topics` topics, `more` whole sections.
    """
    groups = {"desk": agents} if isinstance(agents, str) else agents
    desks = []
    for name, inside in groups.items():
        for key, default in (("reply", "{effort: 10 s}"), ("count", "1"), ("queues", "[line]")):
            if f"{key}:" not in inside:
                inside = f"{key}: {default}, {inside}"
        desks.append(f"  {name}: {{{inside}}}")
    comes = f"arrivals: {{trace: [{arrivals}]}}, " if arrivals else ""
    return "\n".join(
        [
            "name: Tiny",
            f"duration: {duration}",
            f"start: {start}",
            f"behaviours: {{plain: {{{behaviour}}}}}",
            f"topics: {{ask: {{behaviour: plain, {topic}}}, {topics}}}",
            f"flows: {{door: [{flow + ', ' if flow else ''}{{transfer: {{queue: line}}}}]}}",
            f"queues: {{line: {{{queue}}}}}",
            f"channels: {{{channel}: {{{PLATFORMS[channel]}, flow: door, customers: {customers}, {comes}"
            f"topics: {{ask: 100 %}}}}, {others}}}",
            "agents:",
            *desks,
            more,
        ]
    )


def story(text: str, *leave_out: Event) -> list[str]:
    """The whole journal as lines, but for the events to leave out."""
    return told(run(text)[1], leave_out)


def only(text: str, *events: Event) -> list[str]:
    """Those lines of the journal that tell of some events."""
    return told(run(text)[1], tuple(event for event in Event if event not in events))


def lines(block: str) -> list[str]:
    """The lines of a text, without indentation, blank lines and comments."""
    return [line for line in (line.split("#")[0].strip() for line in block.splitlines()) if line]


STATUS = Event.AGENT_STATUS
