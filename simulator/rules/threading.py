"""Same conversation or a new one: the 72-hour rule (model.md section 3)."""

JOINS = 0  # the conversation is open
REOPENS = 1  # the window is not over
STARTS = 2  # there is none, or the window is over


def thread(is_open: bool, since_us: int | None, now_us: int, window_us: int) -> int:
    """What a message does to the customer's latest conversation on the channel.

    `since_us` is when the window began: the disconnect, or with `starts_at: last_message` the customer's latest
    message. The window is half-open: exactly at its end a new conversation starts.
    """
    if is_open:
        return JOINS
    if since_us is not None and now_us - since_us < window_us:
        return REOPENS
    return STARTS
