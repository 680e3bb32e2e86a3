"""The same order of sends as `rules.stack` where only even clocks of lanes and numbers bind: nothing is held by pair or
tier, nothing expires, is refused, asked for again or bound to hours. Many sends cost little here.

`advance` takes a `Stack`, whose clocks and streams it moves on; both files give the same times (a test compares them).
"""

from __future__ import annotations

from heapq import heapify, heapreplace

import numpy as np

from simulator.rules.stack import NOTHING, NUMBER, ORGANISATION, Stack

FEW, COLUMN = 64, 1 << 16
"""Sends after which the loop looks whether a column is worth it, and sends in a column at most."""


def is_plain(stack: Stack) -> bool:
    """Does nothing but even clocks hold these streams?"""
    streams = range(len(stack.rank))
    return not any(stack.ring[clock] is not None for clock in range(len(stack.limit))) and not any(
        stack.pair[s] is not None
        or stack.tier[s] >= 0
        or stack.expires_us[s] >= 0
        or stack.edges_us[s]
        or stack.retry_us[s] is not None
        or stack.resend_us[s]
        for s in streams
    )


def advance(stack: Stack, until_us: int) -> None:
    """Everything that leaves before `until_us`."""
    if len(stack.rank) == 1:
        _one_stream(stack, until_us)
    else:
        _streams(stack, until_us)


def _one_stream(stack: Stack, until_us: int) -> None:
    """One line through a lane's clock, or none, and any number of numbers, which are alike.

    Loop and column take turns: the loop where the caps change hands, the column where only the numbers bind.
    """
    loop = FEW
    while _one_by_one(stack, until_us, loop):
        loop = FEW if _numbers_in_turn(stack, until_us) > FEW else min(2 * loop, 1_000 * FEW)


def _one_by_one(stack: Stack, until_us: int, most: int) -> bool:
    """So many sends at most, one after the other. Is there more before `until_us`?"""
    # `rules.caps.even_taken`, written out: this is the loop of millions of messages
    count, window, slot, request, queue = stack.limit, stack.window_us, stack.slot, stack.request_us, stack.queue[0]
    lane, before = stack.lane[0], stack.at[0]
    lane_count, lane_slot = (count[lane], slot[lane]) if lane >= 0 else (1, 0)
    lane_step = window[lane] if lane >= 0 else 0
    lane_free = -(-lane_slot // lane_count)
    free = [(-(-slot[clock] // count[clock]), clock) for clock in stack.pool[0]]
    heapify(free)
    many = count[free[0][1]] if free else 1
    step = stack.parts[0] * window[free[0][1]] if free else 0
    out_us, out_cap = stack.out_us.append, stack.out_cap.append
    at = end = min(before + most, len(queue))
    for at in range(before, end):
        left = asked = request[queue[at]]
        cap = NOTHING
        if free:
            number_free, number = free[0]
            if number_free > left:
                left, cap = number_free, NUMBER
        if lane_free > left:
            left, cap = lane_free, ORGANISATION
        if left >= until_us:
            break
        if lane >= 0:
            own = asked * lane_count
            if lane_slot > own:
                own = lane_slot
            if own <= (left - 1) * lane_count:
                own = left * lane_count
            lane_slot = own + lane_step
            lane_free = -(-lane_slot // lane_count)
        if free:
            own, mine = asked * many, slot[number]
            if mine > own:
                own = mine
            if own <= (left - 1) * many:
                own = left * many
            slot[number] = own = own + step
            heapreplace(free, (-(-own // many), number))
        out_us(left)
        out_cap(cap)
    else:
        at = end
    stack.at[0] = at
    if lane >= 0:
        slot[lane] = lane_slot
    stack.out_send.extend(queue[before:at])
    stack.out_what.extend([0] * (at - before))
    return at == end < len(queue)


def _numbers_in_turn(stack: Stack, until_us: int) -> int:
    """Sends that wait already, while the lane lets through what the numbers do: the numbers take them in turn, each
    send at the very slot of its number. How many have left so."""
    slot, at, pool, lane = stack.slot, stack.at[0], stack.pool[0], stack.lane[0]
    if not pool:
        return 0
    many, step = stack.limit[pool[0]], stack.parts[0] * stack.window_us[pool[0]]
    order = sorted(pool, key=lambda clock: slot[clock])
    own = [slot[clock] for clock in order]
    apart = min(after - before for before, after in zip(own, [*own[1:], own[0] + step], strict=True))
    if step % many or apart < many:  # rounds are alike in whole µs, and no two sends fall on one µs
        return 0
    taken = [] if lane < 0 else _lane_follows(stack, [-(-each // many) for each in own], step // many)
    if taken is None:
        return 0
    sends = stack.queue[0][at : at + COLUMN]
    turn = np.arange(len(sends), dtype=np.int64)
    left_us = -(-(np.array(own, np.int64)[turn % len(own)] + turn // len(own) * step) // many)
    asked_us = np.array([stack.request_us[send] for send in sends], np.int64)
    stops = np.flatnonzero((asked_us >= left_us) | (left_us >= until_us))
    number = int(stops[0]) if len(stops) else len(sends)
    if not number:
        return 0
    for place, clock in enumerate(order):
        slot[clock] += (number - place + len(order) - 1) // len(order) * step
    if lane >= 0:
        rounds = max((number - 1) // len(own) - 1, 0)  # the second round of two stands for all later ones
        slot[lane] = taken[number - 1 - rounds * len(own)] + rounds * (step // many) * stack.limit[lane]
    stack.at[0] = at + number
    stack.out_send.extend(sends[:number])
    stack.out_us.extend(left_us[:number].tolist())
    stack.out_what.extend([0] * number)
    stack.out_cap.extend([NUMBER] * number)
    return number


def _lane_follows(stack: Stack, left_us: list[int], round_us: int) -> list[int] | None:
    """The lane's next slot after each send of two rounds of the numbers; None where it would hold one of them back, or
    where the second round is not as the first, so that nothing is known of a third."""
    lane = stack.lane[0]
    count, step, slot = stack.limit[lane], stack.window_us[lane], stack.slot[lane]
    taken = []
    for left in [*left_us, *(each + round_us for each in left_us)]:
        if slot > left * count:
            return None
        slot = (slot if slot > (left - 1) * count else left * count) + step
        taken.append(slot)
    return taken if taken[-1] - taken[len(left_us) - 1] == round_us * count else None


def _streams(stack: Stack, until_us: int) -> None:
    """Several lines, whose clocks they share."""
    count, window, slot = stack.limit, stack.window_us, stack.slot
    request, rank, at = stack.request_us, stack.rank, stack.at
    lane_of, pool_of, parts_of, queue_of = stack.lane, stack.pool, stack.parts, stack.queue
    free = [-(-slot[clock] // count[clock]) for clock in range(len(count))]
    streams = [s for s in range(len(rank)) if at[s] < len(queue_of[s])]
    out_send, out_us = stack.out_send.append, stack.out_us.append
    caps = stack.out_cap.append
    before = len(stack.out_send)
    while streams:
        chosen, left, number, cap, first = -1, until_us, -1, NOTHING, -1
        for s in streams:
            send = queue_of[s][at[s]]
            asked = its_left = request[send]
            its_cap, its_number = NOTHING, -1
            pool = pool_of[s]
            if pool:
                its_number = pool[0]
                its_free = free[its_number]
                for clock in pool:
                    if free[clock] < its_free:
                        its_number, its_free = clock, free[clock]
                if its_free > its_left:
                    its_left, its_cap = its_free, NUMBER
            lane = lane_of[s]
            if lane >= 0 and free[lane] > its_left:
                its_left, its_cap = free[lane], ORGANISATION
            if its_left < left or (
                its_left == left and chosen >= 0 and (rank[s], asked, send) < (rank[chosen], request[first], first)
            ):
                chosen, left, number, cap, first = s, its_left, its_number, its_cap, send
        if chosen < 0:
            break
        asked = request[first]
        at[chosen] += 1
        lane = lane_of[chosen]
        for clock, parts in ((lane, 1), (number, parts_of[chosen])):
            if clock >= 0:
                many = count[clock]
                own = asked * many
                if slot[clock] > own:
                    own = slot[clock]
                if own <= (left - 1) * many:
                    own = left * many
                own += parts * window[clock]
                slot[clock] = own
                free[clock] = -(-own // many)
        out_send(first)
        out_us(left)
        caps(cap)
        if at[chosen] == len(queue_of[chosen]):
            streams.remove(chosen)
    stack.out_what.extend([0] * (len(stack.out_send) - before))
