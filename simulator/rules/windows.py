"""May a message be sent now? The windows of the platforms (model.md section 7), tested at the instant of sending."""

SENT = 0
TOO_LATE = 1  # the reply window is over
TOO_MANY = 2  # the customer's latest message has had all its replies


def may_send(
    now_us: int, last_inbound_us: int, window_us: int | None, sent_since: int = 0, replies_most: int | None = None
) -> int:
    """SENT, or why free text is blocked.

    `sent_since`: messages of the business since the customer's latest. A window's last µs is still inside (assumed).
    """
    if window_us is not None and now_us - last_inbound_us > window_us:
        return TOO_LATE
    if replies_most is not None and sent_since >= replies_most:
        return TOO_MANY
    return SENT


def pause_us(first_us: int, attempt: int) -> int:
    """The pause after a failed attempt, numbered from 0: each is twice the one before."""
    return first_us << attempt
