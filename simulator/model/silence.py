"""A conversation falls silent: closed by the agent, parked, or ended by the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rules.order import WAITING_ENDS
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.conversation import Session
    from simulator.model.world import World

TIME_OVER, WROTE, CLOSED = 0, 1, 2
"""Why a conversation is back from parking: its time is over, the customer wrote, it is disconnected."""


def listens(world: World, session: Session) -> None:
    """Slow or gone? After `close_after` without a word the agent closes; some park it before. What is parked already (a
    reply that was held back leaves meanwhile) is listened to when it is back."""
    if session.parked:
        return
    queue, conversation = session.queue, session.conversation
    owner, silence = conversation.owner, (conversation.messages, session.parkings)
    if queue.park is not None:
        world.call_after(queue.park.after_us, WAITING_ENDS, owner, _parks, world, session, *silence)
    elif queue.close_after_us is not None:
        world.call_after(queue.close_after_us, WAITING_ENDS, owner, _closes, world, session, *silence)


def _lasts(session: Session, messages: int, parkings: int) -> bool:
    """Nobody has written since, and the conversation was not set aside meanwhile: the silence is still the same."""
    conversation = session.conversation
    return conversation.session is session and conversation.messages == messages and session.parkings == parkings


def _closes(world: World, session: Session, messages: int, parkings: int) -> None:
    if _lasts(session, messages, parkings):
        world.conversations.disconnects(session.conversation, Disconnect.CLOSED_UNANSWERED)


def keeps_courtesy(world: World, session: Session) -> None:
    """All is answered: the agent waits a little before he disconnects; a word of the customer stops him."""
    conversation = session.conversation
    world.call_after(
        session.queue.courtesy_us, WAITING_ENDS, conversation.owner, _takes_leave, world, session, conversation.messages
    )


def _takes_leave(world: World, session: Session, messages: int) -> None:
    conversation = session.conversation
    if conversation.session is session and conversation.messages == messages:
        world.conversations.disconnects(conversation, Disconnect.RESOLVED)


# --- parking ----------------------------------------------------------------------------------------------------


def _parks(world: World, session: Session, messages: int, parkings: int) -> None:
    if _lasts(session, messages, parkings):
        assert session.queue.park is not None
        parks(world, session, session.queue.park.for_us)


def parks(world: World, session: Session, for_us: int | None) -> None:
    """The agent sets a conversation aside: it holds no slot until the customer writes or the time is over.

    `for_us` None: until the customer writes.
    """
    agent, conversation = session.agent, session.conversation
    session.parked = True
    session.parkings += 1
    _log(world, Event.PARKED, session)
    agent.releases(session)
    if for_us is not None:
        world.call_after(for_us, WAITING_ENDS, conversation.owner, _comes_back, world, session, session.parkings)


def _comes_back(world: World, session: Session, parkings: int) -> None:
    """Its time is over."""
    if session.parked and session.parkings == parkings and not session.agent.parked_until_shift:
        comes_back(world, session)


def comes_back(world: World, session: Session) -> None:
    """A parked conversation is back. If nobody has written, the agent listens once more, and closes."""
    queue, conversation = session.queue, session.conversation
    if conversation.pending:
        returns(world, session, WROTE)
        session.agent.desk.lists(session)
        return
    returns(world, session, TIME_OVER)
    if queue.close_after_us is not None:
        silence = conversation.messages, session.parkings
        world.call_after(queue.close_after_us, WAITING_ENDS, conversation.owner, _closes, world, session, *silence)


def returns(world: World, session: Session, why: int) -> None:
    """A parked conversation is back on the desk, however many the agent holds already.

    Where he parked everything at the end of his shift, nothing is back before his next one; but what is disconnected
    is wrapped up.
    """
    if session.agent.parked_until_shift and why != CLOSED:
        return
    session.parked = False
    session.back_us = world.now
    _log(world, Event.RETURNED, session, why)
    session.agent.takes_back(session)
    if session.queue.inactivity_timeout_us is not None:
        watches(world, session)


# --- the platform's inactivity timer ----------------------------------------------------------------------------


def watches(world: World, session: Session) -> None:
    """The platform looks for any message, of whomever; a timer that runs already looks again by itself."""
    if not session.watched and not session.ended:
        session.watched = True
        timeout_us = session.queue.inactivity_timeout_us
        assert timeout_us is not None
        owner = session.conversation.owner
        world.call_after(timeout_us, WAITING_ENDS, owner, _looks, world, session)


def _looks(world: World, session: Session) -> None:
    """Is it time? While a reply is being written, the conversation is parked, or it waits for another agent in a
    consult, the timer rests (assumed)."""
    conversation, queue = session.conversation, session.queue
    session.watched = False
    if conversation.session is not session or session.writing or session.parked or session.consulting:
        return
    timeout_us = queue.inactivity_timeout_us
    assert timeout_us is not None
    quiet_since_us = max(conversation.latest_us, session.back_us)
    if world.now < quiet_since_us + timeout_us:
        session.watched = True
        after_us = quiet_since_us + timeout_us - world.now
        world.call_after(after_us, WAITING_ENDS, conversation.owner, _looks, world, session)
        return
    if queue.inactivity_flow is not None:
        _goes_through_flow(world, session, queue.inactivity_flow)
    elif conversation.pending:
        world.conversations.disconnects(conversation, Disconnect.TIMED_OUT)
    else:
        world.conversations.disconnects(conversation, Disconnect.INACTIVE)


def _goes_through_flow(world: World, session: Session, name: str) -> None:
    """The conversation leaves the agent, who wraps up, and passes a flow, which may lead it to a queue again."""
    conversation = session.conversation
    contact = conversation.pending[0].contact if conversation.pending else session.contact
    _log(world, Event.SENT_THROUGH_FLOW, session)
    conversation.session = None
    session.agent.desk.turns_to_wrap_up(session)
    from simulator.model.flow import passes_flow  # late: what a flow says passes through `sending`, which knows us

    passes_flow(world, conversation, contact, contact.draws.other_flow(name), reopened=False)


def _log(world: World, event: int, session: Session, value: int = 0) -> None:
    conversation = session.conversation
    world.log(
        event,
        conversation.number,
        conversation.portion,
        session.number,
        session.queue.number,
        session.agent.number,
        value,
    )
