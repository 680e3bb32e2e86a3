"""Who leaves next when several caps act together (model.md section 8): one send after the other, in order of time.

The next to leave is the one whose own caps let it go first: its lane's clock (per organisation or integration), a
number of its channel, the hours in which its campaign may write, its pair, its tier. At one instant agentless messages
precede campaigns, then order of request. Who is held steps aside and holds up nobody else.

`advance` plays everything that happens before a point in time and appends it to the `out_` lists of the stack; whoever
sends in between (`pool_free_us`, `clock_take`, `pair_free`, `pair_take`) first lets the stack advance to that instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from simulator.rules.caps import even_free_us, even_taken, open_from_us, pair_free_us, pair_taken
from simulator.rules.stack import (
    EXPIRED,
    HOURS,
    LEFT,
    NEVER,
    NOTHING,
    NUMBER,
    ORGANISATION,
    PAIR,
    REFUSED,
    REJECTED,
    RESENT,
    TIER,
    Stack,
)


def clock_free_us(stack: Stack, clock: int, parts: int = 1) -> int:
    """The first instant at which a clock has so many slots."""
    ring = stack.ring[clock]
    if ring is None:
        return even_free_us(stack.slot[clock], stack.limit[clock])
    count = stack.limit[clock]
    more = len(ring) + min(parts, count) - count
    return 0 if more <= 0 else ring[(stack.head[clock] + more - 1) % count] + stack.window_us[clock]


def clock_take(stack: Stack, clock: int, from_us: int, left_us: int, parts: int) -> None:
    ring = stack.ring[clock]
    if ring is None:
        stack.slot[clock] = even_taken(
            stack.slot[clock], stack.limit[clock], stack.window_us[clock], from_us, left_us, parts
        )
        return
    count, head = stack.limit[clock], stack.head[clock]
    for _ in range(min(parts, count)):
        if len(ring) < count:
            ring.append(left_us)
        else:
            ring[head] = left_us
            head = (head + 1) % count
    stack.head[clock] = head


def pool_free_us(stack: Stack, pool: Sequence[int], parts: int = 1) -> tuple[int, int]:
    """The first instant at which a number is free, and its clock: the number that is free first, ties in the order of
    the scenario's list."""
    best, which = NEVER, -1
    for clock in pool:
        free = clock_free_us(stack, clock, parts)
        if free < best:
            best, which = free, clock
    return best, which


def pair_free(stack: Stack, rule: tuple[int, int, int], person: int, now_us: int) -> int:
    first_us, messages = stack.pairs.get(person, (0, 0))
    return pair_free_us(first_us, messages, now_us, *rule)


def pair_take(stack: Stack, rule: tuple[int, int, int], person: int, left_us: int) -> None:
    first_us, messages = stack.pairs.get(person, (0, 0))
    stack.pairs[person] = pair_taken(first_us, messages, left_us, rule[0])


def tier_free(stack: Stack, tier: int, person: int, now_us: int) -> int:
    """When a tier lets this person be written to: at once if he is in its window or there is room."""
    latest, oldest, window = stack.latest[tier], stack.oldest[tier], stack.tier_window_us[tier]
    while oldest:
        when, whom = oldest[0]
        if latest.get(whom) != when:
            heappop(oldest)  # he was written to again since
        elif when + window <= now_us:
            heappop(oldest)
            del latest[whom]
        else:
            break
    if person in latest or len(latest) < stack.tier_limit[tier]:
        return now_us
    return oldest[0][0] + window


def tier_take(stack: Stack, tier: int, person: int, left_us: int) -> None:
    stack.latest[tier][person] = left_us
    heappush(stack.oldest[tier], (left_us, person))
    for request, send, refused, failed, s in stack.waiting_of[tier].pop(person, ()):
        heappush(stack.extra[s], (request, send, refused, failed, TIER))  # he is in the window now
    _alarm(stack, tier)


def next_us(stack: Stack) -> int:
    """No send of the stack leaves, fails or is refused before; NEVER: nothing is left to happen."""
    first = min((candidate(stack, s)[0] for s in range(len(stack.rank))), default=NEVER)
    return min(first, stack.held[0][0]) if stack.held else first


Candidate = tuple[int, int, int, int, int, int, int, int]
NOBODY: Candidate = (NEVER, 0, 0, 0, 0, 0, 0, 0)


def candidate(stack: Stack, s: int) -> Candidate:
    """The first of a stream: when something happens to it, request, send, refused, failed, from when on everything
    but the clocks lets it go, which number it takes, the cap that decides."""
    queue, at, extra = stack.queue[s], stack.at[s], stack.extra[s]
    request, send, refused, failed, cap = NEVER, -1, 0, 0, NOTHING
    if at < len(queue):
        send = queue[at]
        request = stack.request_us[send]
    if extra and extra[0][:2] < (request, send):
        request, send, refused, failed, cap = extra[0]
    if stack.waiting[s]:
        first = _admitted(stack, s)
        if first is not None and first[:2] < (request, send):
            request, send, refused, failed = first
            cap = TIER
    if send < 0:
        return NOBODY
    base, edges = max(request, stack.now[0]), stack.edges_us[s]
    if edges:
        opens = open_from_us(edges, base)
        if opens < 0:
            return NOBODY
        if opens > base:
            base, cap = opens, HOURS
    left, number = base, -1
    if stack.pool[s]:
        free, number = pool_free_us(stack, stack.pool[s], stack.parts[s])
        if free > left:
            left, cap = free, NUMBER
    if stack.lane[s] >= 0:
        free = clock_free_us(stack, stack.lane[s])
        if free > left:
            left, cap = free, ORGANISATION
    if edges and left > base:
        opens = open_from_us(edges, left)
        if opens < 0:
            return NOBODY
        if opens > left:
            base = left = opens
            cap = HOURS
    return left, request, send, refused, failed, base, number, cap


def advance(stack: Stack, until_us: int) -> None:
    """Everything that happens before `until_us`."""
    held = stack.held
    streams = range(len(stack.rank))
    while True:
        best, chosen, key = NOBODY, -1, (NEVER, 0, 0, 0)
        for s in streams:
            found = candidate(stack, s)
            if found[0] == NEVER:
                continue
            its_key = (instant_us(stack, s, found), stack.rank[s], found[1], found[2])
            if its_key < key:
                best, chosen, key = found, s, its_key
        if held and held[0][0] <= key[0] and held[0][0] < until_us:
            release(stack)
            continue
        if chosen < 0 or key[0] >= until_us:
            return
        happens(stack, chosen, best)


def instant_us(stack: Stack, s: int, found: Candidate) -> int:
    """When something happens to the first of a stream; NEVER."""
    if stack.retry_us[s] is not None:
        return NEVER if found[0] == NEVER else found[1]  # who is refused over the cap is refused when he asks
    return found[0] if stack.expires_us[s] < 0 or found[0] == NEVER else min(found[0], due_us(stack, s, found))


def due_us(stack: Stack, s: int, found: Candidate) -> int:
    """When a send expires: the first try counts from its request, a later one from its own."""
    return (found[1] if found[4] else stack.request_us[found[2]]) + stack.expires_us[s]


def release(stack: Stack) -> None:
    """The first of what pair or tier hold may be looked at again."""
    until, request, send, refused, failed, s, cap = heappop(stack.held)
    stack.now[0] = max(stack.now[0], until)
    if send >= 0:
        heappush(stack.extra[s], (request, send, refused, failed, cap))
        return
    tier = s  # its alarm: there may be room now
    stack.alarmed[tier] = 0
    tier_free(stack, tier, NEVER, until)
    _alarm(stack, tier)


def _admitted(stack: Stack, s: int) -> tuple[int, int, int, int] | None:
    """The first of a stream whom its tier has held and now has room for."""
    tier, waiting = stack.tier[s], stack.waiting[s]
    if len(stack.latest[tier]) >= stack.tier_limit[tier]:
        return None
    while waiting and (*waiting[0], s) not in stack.waiting_of[tier].get(stack.person[waiting[0][1]], ()):
        heappop(waiting)
    return waiting[0] if waiting else None


def _alarm(stack: Stack, tier: int) -> None:
    """While a tier is full and holds somebody, somebody looks when the next customer leaves its window."""
    if stack.alarmed[tier] or not stack.waiting_of[tier] or len(stack.latest[tier]) < stack.tier_limit[tier]:
        return
    latest, oldest = stack.latest[tier], stack.oldest[tier]
    while latest.get(oldest[0][1]) != oldest[0][0]:
        heappop(oldest)
    stack.alarmed[tier] = 1
    heappush(stack.held, (oldest[0][0] + stack.tier_window_us[tier], -1, -1, 0, 0, tier, TIER))


def happens(stack: Stack, s: int, found: Candidate) -> None:
    """What becomes of the first of a stream at its instant."""
    left, request, send, refused, failed, base, number, cap = found
    queue, at = stack.queue[s], stack.at[s]
    if at < len(queue) and queue[at] == send:
        stack.at[s] = at + 1
    elif stack.extra[s] and stack.extra[s][0][:2] == (request, send):
        heappop(stack.extra[s])
    else:
        _stands_up(stack, s, heappop(stack.waiting[s]))
    retry, expires, person = stack.retry_us[s], stack.expires_us[s], stack.person[send]
    due = NEVER if expires < 0 else due_us(stack, s, found)
    when = left if retry is None else request  # who is refused over the cap knows it when he asks
    if when >= due:
        _tell(stack, send, due if retry is None else request, EXPIRED, cap)
        _next_to_him(stack, s, person, send)
        return
    if stack.front:
        front = stack.front.get((s, person))
        if front is not None and front[0] != send:
            heappush(stack.behind.setdefault((s, person), []), (request, send, refused, failed))
            return
    if retry is not None and left > request:  # what pair and tier say at `left` is not yet known
        _refuses(stack, s, retry, request, send, refused, failed, cap)
        return
    own, own_cap = left, cap
    pair = stack.pair[s]
    if pair is not None:
        free = pair_free(stack, pair, person, left)
        if free > own:
            own, own_cap = free, PAIR
    if stack.tier[s] >= 0:
        free = tier_free(stack, stack.tier[s], person, left)
        if free > own:
            own, own_cap = free, TIER
    if retry is not None and own > request:
        _refuses(stack, s, retry, request, send, refused, failed, own_cap)
        return
    if own > left:
        if own >= due:
            _tell(stack, send, due, EXPIRED, own_cap)
            _next_to_him(stack, s, person, send)
            return
        stack.front[s, person] = (send, own_cap)
        if own_cap == TIER:
            heappush(stack.waiting[s], (request, send, refused, failed))
            its = (request, send, refused, failed, s)
            stack.waiting_of[stack.tier[s]].setdefault(person, []).append(its)
            _alarm(stack, stack.tier[s])
        else:
            heappush(stack.held, (own, request, send, refused, failed, s, own_cap))
        return
    if stack.lane[s] >= 0:
        clock_take(stack, stack.lane[s], base, left, 1)
    if number >= 0:
        clock_take(stack, number, base, left, stack.parts[s])
    if pair is not None:
        pair_take(stack, pair, person, left)
    if stack.tier[s] >= 0:
        tier_take(stack, stack.tier[s], person, left)
    again = stack.resend_us[s]
    if failed + 1 < stack.tries[send] and failed < len(again):
        _tell(stack, send, left, RESENT, cap)
        heappush(stack.extra[s], (left + max(again[failed][stack.ordinal[send]], 1), send, 0, failed + 1, NOTHING))
    else:
        _tell(stack, send, left, LEFT, cap)
    _next_to_him(stack, s, person, send)


def _next_to_him(stack: Stack, s: int, person: int, send: int) -> None:
    """A send is gone that may have been held: the next to the same person, of the same stream, may be looked at."""
    front = stack.front.get((s, person))
    if front is None or front[0] != send:
        return
    behind = stack.behind.get((s, person))
    if not behind:
        del stack.front[s, person]
        return
    request, following, refused, failed = heappop(behind)
    if not behind:
        del stack.behind[s, person]
    stack.front[s, person] = (following, front[1])
    heappush(stack.extra[s], (request, following, refused, failed, front[1]))


def _stands_up(stack: Stack, s: int, entry: tuple[int, int, int, int]) -> None:
    """Somebody waits for his tier no more."""
    waiting_of, person = stack.waiting_of[stack.tier[s]], stack.person[entry[1]]
    waiting_of[person].remove((*entry, s))
    if not waiting_of[person]:
        del waiting_of[person]


def _refuses(
    stack: Stack, s: int, retry: Sequence[Sequence[int]], request: int, send: int, refused: int, failed: int, cap: int
) -> None:
    if refused >= len(retry):
        _tell(stack, send, request, REJECTED, cap)
        return
    _tell(stack, send, request, REFUSED, cap)
    after = retry[refused][stack.ordinal[send]]
    heappush(stack.extra[s], (request + max(after, 1), send, refused + 1, failed, NOTHING))


def _tell(stack: Stack, send: int, at_us: int, what: int, cap: int) -> None:
    stack.out_send.append(send)
    stack.out_us.append(at_us)
    stack.out_what.append(what)
    stack.out_cap.append(cap)


def remaining(stack: Stack) -> list[tuple[int, int]]:
    """What has not left: (send, the instant at which it expires, NEVER), in order of request."""
    entries = [
        (s, stack.request_us[send], send, 0) for s in range(len(stack.rank)) for send in stack.queue[s][stack.at[s] :]
    ]
    entries += [(s, request, send, failed) for s, its in enumerate(stack.extra) for request, send, _, failed, _ in its]
    entries += [(s, request, send, failed) for _, request, send, _, failed, s, _ in stack.held if send >= 0]
    entries += [
        (s, request, send, failed)
        for waiting_of in stack.waiting_of
        for his in waiting_of.values()
        for request, send, _, failed, s in his
    ]
    entries += [(s, request, send, failed) for (s, _), his in stack.behind.items() for request, send, _, failed in his]
    found = []
    for s, request, send, failed in entries:
        expires = stack.expires_us[s]
        found.append((send, NEVER if expires < 0 else (request if failed else stack.request_us[send]) + expires))
    return sorted(found)
