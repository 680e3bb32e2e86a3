"""Which drafts the content filter catches: words and phrases whatever their case, and regular expressions of RE2.

Looking for words takes time in proportion to the text, whatever their number; RE2 takes time in proportion to the
text and the size of its program, and never more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.scenario.filtering import compiled_pattern


def tokens(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, without case."""
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()


def caught(texts: Sequence[str], words: Sequence[str], patterns: Sequence[str]) -> np.ndarray:
    """Which texts hold one of the words or phrases, as whole words, or fit one of the patterns. [text] of bool"""
    phrases = {tuple(tokens(word)) for word in words}
    by_length = sorted({len(phrase) for phrase in phrases})
    searches = [compiled_pattern(pattern).search for pattern in patterns]
    found = np.zeros(len(texts), bool)
    for i, text in enumerate(texts):
        said = tokens(text) if phrases else []
        found[i] = any(
            tuple(said[start : start + length]) in phrases
            for length in by_length
            for start in range(len(said) - length + 1)
        ) or any(search(text) is not None for search in searches)
    return found
