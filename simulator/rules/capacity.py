"""May an agent take one more? Limits within his capacity, by channel and by label (model.md section 6).

The platform looks at two things for the channel and for the label of an interaction: how many of the same the agent
holds already, and whether each of the others that he holds may be interrupted by it (Genesys Cloud resource centre,
"Set Utilization Label action", "Configure utilization"). Capacity over all is tested before.
"""

NO_LABEL = -1
"""Interactions without a label: the capacity over all is their only limit, and they exclude nobody (assumed)."""


def may_take(asked: int, held: list[int], limit: list[int], interrupts: list[list[bool]]) -> bool:
    """One more of the channel (or label) `asked`, where one of each in `held` is held already.

    `limit[x]` of x may be held at once; `interrupts[x][y]`: one of y may come while one of x is held.
    """
    if asked == NO_LABEL:
        return True
    same = 0
    for other in held:
        if other == asked:
            same += 1
        elif other != NO_LABEL and not interrupts[other][asked]:
            return False
    return same < limit[asked]
