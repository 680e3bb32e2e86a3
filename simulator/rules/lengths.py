"""How long a text is, and into how many messages and parts it is cut (model.md section 7).

A text over a platform's limit becomes several messages. Where a message travels in parts (SMS: 3GPP TS 23.040), a
text that fits one part is one; joined parts hold less, because each says which of how many it is.
"""


def parts(characters: int, single: int, joined: int) -> int:
    """Parts of one message. A text without characters is one part."""
    if characters <= single:
        return 1
    return -(-characters // joined)


def longest(limit: int, single: int, joined: int, most_parts: int) -> int:
    """The longest text of one message where a message has at most `most_parts` parts; `limit` bounds it anyway."""
    return min(limit, single if most_parts == 1 else joined * most_parts)


def split(characters: int, limit: int) -> list[int]:
    """Lengths of the messages a text becomes: full ones, then the rest. Their sum is the text."""
    full, rest = divmod(max(characters, 1), limit)
    return [limit] * full + ([rest] if rest else [])
