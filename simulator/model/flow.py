"""The inbound message flow, step by step. Every message of every channel passes it.

A pass ends in a queue or with the portion. Identification, containment and collection are decided once for each
contact: a later pass leaves those steps out, or goes straight to the transfer where nothing looks at `reopened`.
Whoever has left without a sign answers no more: what he writes next is the answer, or the flow ends after 72 h.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simulator.model.outages import SKIPPED
from simulator.model.sending import SAVES_FAILURE, SAVES_TIME
from simulator.rules.order import INBOUND, WAITING_ENDS, WORK_DONE
from simulator.vocabulary.codes import DISCONNECTS as Reason
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import FLOW_MESSAGES as FlowMessage
from simulator.workload import flowsteps as steps
from simulator.workload.flowdraws import LONGEST_WAIT_US, FlowDraws
from simulator.workload.flowsteps import Bot, Branch, Collect, Disconnect, Identify, Send, Step, Transfer, Wait
from simulator.workload.letters import IN_FLOW

Process = Generator[Any, None, None]

NEVER_SAID = -1
"""The last word of a form: it waits for every answer."""

if TYPE_CHECKING:
    from simulator.model.clockwork import Bell
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation
    from simulator.model.world import World


class Walk:
    """One portion's pass through a flow."""

    __slots__ = (
        "again", "answer", "contact", "conversation", "draws", "only_branches", "over", "reopened",
    )  # fmt: skip

    def __init__(self, conversation: Conversation, contact: Contact, draws: FlowDraws, reopened: bool):
        self.conversation = conversation
        self.contact = contact
        self.draws = draws
        self.reopened = reopened
        self.again = contact.passed_flow and draws is contact.draws.flow
        """He has passed this flow before: who he is and what the bot can do for him is known."""
        self.only_branches = False
        """Nothing is said and nobody waits, only the way is looked for."""
        self.answer: Bell | None = None
        """What the flow waits for when nobody is expected to write."""
        self.over = False
        """In a queue, or disconnected."""


def enters_flow(world: World, conversation: Conversation, contact: Contact, reopened: bool) -> None:
    """Every portion enters the flow.

    A later pass of the same contact goes straight to the transfer; so does whoever re-opens a conversation where
    `reopen_runs_flow` is off, past everything but the branches.
    """
    draws = contact.draws.flow
    first = draws.first_step
    if isinstance(first, Transfer):
        contact.passed_flow = True
        _transfers(world, conversation, contact, first, reopened)
    elif contact.transfer is not None and not draws.looks_at_reopened:
        _transfers(world, conversation, contact, contact.transfer, reopened)
    else:
        skips = reopened and not world.conversations.reopening_runs_flow(conversation.person.channel)
        passes_flow(world, conversation, contact, draws, reopened, skips)


def passes_flow(
    world: World, conversation: Conversation, contact: Contact, draws: FlowDraws, reopened: bool, skips: bool = False
) -> None:
    """A pass through a flow begins now."""
    walk = conversation.walk = Walk(conversation, contact, draws, reopened)
    contact.passed_flow = True
    walk.only_branches = skips
    topic = contact.topic
    if draws.has_patience[topic] and not skips:
        patience_us = draws.patience_us(topic, contact.entity, contact.passes)
        world.call_after(patience_us, WAITING_ENDS, conversation.owner, _patience_ends, world, walk)
    contact.passes += 1
    if skips:
        for _ in _passes(world, walk, draws.flow.steps):  # takes no time
            raise AssertionError("a branch does not wait")
    else:
        world.process(_passes(world, walk, draws.flow.steps))


def _passes(world: World, walk: Walk, path: steps.Steps) -> Process:
    """Step by step, until the pass is over or the way ends.

    What is said and answered is told here too: a story within this one would be resumed through it at every word, and
    every third event is a word (measured: 2 % of a run).
    """
    conversation, contact, draws = walk.conversation, walk.contact, walk.draws
    person, topic, owner = contact.person, contact.topic, contact.owner
    sending, outages = world.sending, world.outages
    says, receives = sending.says, world.conversations.receives
    we_speak, he_speaks = WORK_DONE + owner, INBOUND + owner
    may_leave, comes_later = draws.may_leave[topic], sending.comes_later[person.channel]
    some_are_left_out = walk.only_branches or walk.again
    ahead = [*reversed(path)]
    while ahead:
        step = ahead.pop()
        if some_are_left_out and not _is_taken(walk, step):
            continue
        if isinstance(step, Bot):
            contained, messages, delays = contact.talks_to(draws, step)
            kind, last_word = FlowMessage.BOT, messages - 1
        elif isinstance(step, Collect):
            messages, delays = step.fields, contact.fills_in(draws, step)
            kind, last_word = FlowMessage.QUESTION, NEVER_SAID
        elif isinstance(step, Transfer):
            _transfers(world, conversation, contact, step, walk.reopened)
            return
        elif isinstance(step, Identify):
            saves = sending.session_saves(contact)
            yield world.after(0 if saves & SAVES_TIME else step.takes_us, WORK_DONE, owner)
            if walk.over:
                return
            _identifies(world, walk, step, saves)
            continue
        elif isinstance(step, Branch):
            ahead.extend(reversed(_branches(world, walk, step)))  # before what stands behind it
            continue
        elif isinstance(step, Send):
            says(conversation, contact, FlowMessage.FLOW)  # nobody waits until it is there
            continue
        elif isinstance(step, Wait):
            waits_us = draws.wait_us(step, topic, contact.entity)
            yield world.after(waits_us, WORK_DONE, owner)
            if walk.over:
                return
            _log(world, Event.FLOW_WAITED, walk, step.number, waits_us)
            continue
        else:
            world.conversations.disconnects(conversation, Reason.CLOSED_BY_FLOW)
            world.customers.is_turned_away(contact)
            return

        # The business says something, the customer answers, and so on. A bot has the last word, a form has not.
        for said in range(messages):
            yield world.now + delays[2 * said], we_speak
            if walk.over:
                return
            if outages is not None and kind == FlowMessage.BOT:
                says_us = outages.bot_says_us(conversation, contact)
                if says_us == SKIPPED:
                    break
                if says_us > world.now:
                    yield world.until(says_us, WORK_DONE, owner)
                    if walk.over:
                        return
            letter, hears_it = says(conversation, contact, kind), not person.asleep
            if letter is not None:
                if letter.bell is not None:
                    yield world.rung(letter.bell)
                    if walk.over:
                        return
                hears_it = letter.reached and not person.asleep
            if said == last_word:
                continue
            if may_leave and hears_it:
                question, contact.questions = contact.questions, contact.questions + 1
                if draws.leaves(topic, contact.entity, question):
                    world.customers.leaves_flow(conversation, contact)
                    if walk.over:
                        return
                    hears_it = not person.asleep
            asked_us, answer_us = world.now, delays[2 * said + 1]
            if comes_later:
                answer_us += sending.coming_us(contact.source, contact.entity, IN_FLOW, contact.said)
            if hears_it and answer_us <= LONGEST_WAIT_US:
                yield world.now + answer_us, he_speaks
                if walk.over:
                    return
                if not person.asleep:
                    if outages is not None:
                        yield from outages.meets_answer(walk)
                        if walk.over:
                            return
                    receives(conversation, contact)
                    continue
            walk.answer = answer = world.bell()
            ends_us = asked_us + LONGEST_WAIT_US - world.now
            world.call_after(ends_us, WAITING_ENDS, conversation.owner, _times_out, world, walk, answer)
            yield world.rung(answer)
            if walk.over:
                return
        else:  # all was said
            if isinstance(step, Collect):
                contact.collected += step.fields
            elif contained:
                world.conversations.disconnects(conversation, Reason.CONTAINED)
                return
            elif step.wrong_topic[topic]:
                _takes_for(world, walk, step)


def _is_taken(walk: Walk, step: Step) -> bool:
    """Of a pass that only looks for the way, or that was made before: is this step taken?"""
    if isinstance(step, Transfer | Branch | Disconnect):
        return True
    return isinstance(step, Send | Wait) and not walk.only_branches  # the rest is decided once per contact


def _transfers(world: World, conversation: Conversation, contact: Contact, transfer: Transfer, reopened: bool) -> None:
    """The way leads to a queue."""
    walk = conversation.walk
    if walk is not None:
        walk.over = True
        conversation.walk = None
        if contact.seen_as != contact.topic:
            contact.misrouted = _right_transfer(world, walk)
    contact.transfer = conversation.goes_to = transfer
    world.acd.enters(conversation, contact, reopened)


def _way(world: World, walk: Walk, branch: Branch) -> int:
    """Number of the path that a branch takes now."""
    on, contact = branch.on, walk.contact
    case: object
    if on == steps.BY_QUEUE_LENGTH:
        return branch.at_least(world.acd.queue_length(branch.queue))
    if on == steps.BY_ESTIMATED_WAIT:
        return branch.at_least(world.acd.estimated_wait_us(branch.queue))
    if on == steps.BY_TOPIC:
        case = contact.seen_as
    elif on == steps.BY_CHANNEL:
        case = contact.person.channel
    elif on == steps.BY_IDENTIFIED:
        case = steps.YES if contact.identified else steps.NO
    elif on == steps.BY_REOPENED:
        case = steps.YES if walk.reopened else steps.NO
    else:
        hours, now = branch.hours, world.now
        assert hours is not None
        case = steps.OPEN if hours.is_open(now) else steps.CLOSED
        if steps.HOLIDAY in branch.way and hours.is_holiday(now):
            case = steps.HOLIDAY
    return branch.way.get(case, len(branch.paths) - 1)


def _identifies(world: World, walk: Walk, step: Identify, saves: int) -> None:
    """Who is he? An authenticated session may know it already."""
    conversation, contact = walk.conversation, walk.contact
    found = contact.is_identified_by(walk.draws, step)
    if saves:
        found = contact.is_logged_in(found or saves & SAVES_FAILURE)
    world.log(Event.IDENTIFIED, conversation.number, conversation.portion, contact.number, -1, -1, found)


def _branches(world: World, walk: Walk, branch: Branch) -> steps.Steps:
    """The path on which it goes on."""
    way = _way(world, walk, branch)
    _log(world, Event.FLOW_BRANCHED, walk, branch.number, way)
    return branch.paths[way]


def _takes_for(world: World, walk: Walk, step: Bot) -> None:
    """The bot hands over, for a share as another topic."""
    conversation, contact = walk.conversation, walk.contact
    taken_for = walk.draws.taken_for(step, contact.topic, contact.entity)
    contact.seen_as = taken_for
    if taken_for != contact.topic:
        world.log(Event.TAKEN_FOR, conversation.number, conversation.portion, contact.number, value=taken_for)


def _right_transfer(world: World, walk: Walk) -> Transfer | None:
    """Where his real topic would lead, past branches as they are now; None: to no queue."""
    contact = walk.contact
    taken_for, contact.seen_as = contact.seen_as, contact.topic
    end = _end_of(world, walk, walk.draws.flow.steps)
    contact.seen_as = taken_for
    return end if isinstance(end, Transfer) else None


def _end_of(world: World, walk: Walk, path: steps.Steps) -> Step | None:
    """The transfer or disconnect at the end of the way; None: it goes on behind this path."""
    for step in path:
        end: Step | None = step
        if isinstance(step, Branch):
            end = _end_of(world, walk, step.paths[_way(world, walk, step)])
        if isinstance(end, Transfer | Disconnect):
            return end
    return None


def is_put_right(contact: Contact) -> None:
    """Somebody has found out what he wants: from now on he counts by his real topic."""
    if contact.misrouted is not None:
        contact.transfer, contact.misrouted = contact.misrouted, None
    contact.seen_as = contact.topic


def hears(world: World, conversation: Conversation) -> None:
    """The customer writes while a flow is under way: it goes on if it waited for a word of his."""
    walk = conversation.walk
    if walk is not None and walk.answer is not None:
        answer, walk.answer = walk.answer, None
        world.rings(answer)


def _times_out(world: World, walk: Walk, answer: Bell) -> None:
    """Nobody has written for 72 h: the flow ends."""
    if walk.answer is not answer or walk.over:
        return
    conversation, contact = walk.conversation, walk.contact
    left_before = contact.person.asleep
    world.log(Event.FLOW_TIMED_OUT, conversation.number, conversation.portion, contact.number)
    world.conversations.disconnects(conversation, Reason.FLOW_TIMED_OUT)
    if not left_before:
        world.customers.is_turned_away(contact)


def _patience_ends(world: World, walk: Walk) -> None:
    """Still in the flow when his patience ends: he leaves."""
    if not walk.over and not walk.contact.person.asleep:
        world.customers.leaves_flow(walk.conversation, walk.contact)


def _log(world: World, event: int, walk: Walk, step: int, value: int) -> None:
    conversation = walk.conversation
    world.log(event, conversation.number, conversation.portion, walk.contact.number, step, value=value)
