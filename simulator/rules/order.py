"""The order of things that happen at one instant (model.md section 10). It stands here and nowhere else.

What helps the customer precedes what hurts him; matching runs after each event; then the smaller id. The SimPy
priority of an event is `rank + owner`: by rank, then by the id of whom it belongs to. 96 bits are more than any id.
Ranks start at 2: SimPy keeps 0 and 1 for its own cascades, which then finish before the next event.
"""

INBOUND = 2 << 96  # a message that arrives with the reply or the timeout has arrived in time
WORK_DONE = 3 << 96  # flow step, reply, wrap-up: frees people before anyone's wait ends
ACCEPTS = 4 << 96  # an agent who accepts in the last moment has accepted
AGENTS_COME = 5 << 96  # shift start, end of a break, NOT_RESPONDING over
WAITING_ENDS = 6 << 96  # alert expires, patience ends, close_after
AGENTS_GO = 7 << 96  # break, shift end
CAP_RELEASES = 8 << 96  # bulk sends are worked out in closed form; their rows come last of an instant
RUN_ENDS = 9 << 96  # a draining run looks whether anything is left when all else of the instant is done


def owner_id(source: int, entity: int) -> int:
    """The id of a contact (or, with its group for a source, of an agent) in the order of ties."""
    return (source << 64) + entity
