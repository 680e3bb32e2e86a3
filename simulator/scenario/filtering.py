"""The content filter: what an agent may not write, and what a draft that is caught costs.

Patterns are those of RE2, whose matching time grows with the text alone, never with what the pattern asks for
(R. Cox, "Regular Expression Matching in the Wild", 2010). So no scenario can make a run hang.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from simulator.scenario.base import Model
from simulator.scenario.survey import Survey
from simulator.scenario.types import DurationLaw, Name, Share
from simulator.scenario.written import Complaint, Place, Wrong, nearest, parse_share, shown
from simulator.vocabulary.errors import Finding

MAX_WORDS = 10_000
MAX_WORD = 200  # characters
MAX_PATTERNS = 100
MAX_PATTERN = 1_000  # characters
PATTERN_MEMORY = 1 << 18  # bytes that one compiled pattern may take; RE2's own default is 8 MiB
MAX_TEXTS = 10_000
MAX_TEXT = 10_000  # characters: the longest message of any platform
MAX_TEXT_BYTES = 2 << 20  # all drafts together: a file of some 20,000 lines (assumed)
MAX_WORK = 1_000_000_000  # bytes of drafts x instructions of patterns: at the very slowest 14 s (measured), mostly ms

PATTERNS = f"a regular expression of RE2 of at most {MAX_PATTERN} characters, without look-around and back-references"
TEXTS = f"a list of 1 to {MAX_TEXTS:,} drafts, or a text file beside the scenario (.txt, one draft a line)"
WORDS = f"a word or phrase with letters or digits, of at most {MAX_WORD} characters"


def parse_word(value: Any) -> str:
    """A word or a phrase. Raises Wrong."""
    if not isinstance(value, str) or len(value) > MAX_WORD or not any(letter.isalnum() for letter in value):
        hint = f'write it in quotes: `"{value}"`' if isinstance(value, int | float | bool) else ""
        raise Wrong(f"{shown(value)} is not a word", WORDS, hint)
    return value.strip()


def parse_pattern(value: Any) -> str:
    """A pattern that RE2 can compile within bounds. Raises Wrong with RE2's reason."""
    if not isinstance(value, str) or not value:
        raise Wrong(f"{shown(value)} is not a pattern", PATTERNS)
    if len(value) > MAX_PATTERN:
        raise Wrong(f"this pattern has {len(value)} characters", PATTERNS, "split it into several")
    import re2

    try:
        compiled = compiled_pattern(value)
    except (re2.error, UnicodeEncodeError) as error:
        raise Wrong(f"{shown(value)} is not a pattern of RE2: {_reason(error)}", PATTERNS, _mended(value)) from None
    if compiled.search("") is not None:
        raise Wrong(f"{shown(value)} fits an empty text: every draft would be caught", PATTERNS, "ask for something")
    return value


def parse_texts(value: Any) -> tuple[str, ...] | str:
    """Drafts, or the name of a file with them. Raises Wrong with everything that is wrong about them."""
    if isinstance(value, str):
        return value
    if not isinstance(value, tuple | list) or not 1 <= len(value) <= MAX_TEXTS:
        raise Wrong(f"{shown(value)} stands where drafts must be", TEXTS)
    complaints = []
    for i, text in enumerate(value):
        if not isinstance(text, str) or not text.strip():
            hint = f'write it in quotes: `"{text}"`' if isinstance(text, int | float | bool) else ""
            complaints.append(Complaint(f"{shown(text)} is not a draft", "text", hint, (i,)))
        elif len(text) > MAX_TEXT:
            problem = f"this draft has {len(text)} characters"
            complaints.append(Complaint(problem, f"at most {MAX_TEXT:,} characters", "", (i,)))
    if complaints:
        raise Wrong(all=complaints)
    return tuple(value)


@lru_cache(maxsize=4 * MAX_PATTERNS)
def compiled_pattern(pattern: str) -> Any:
    """The pattern, compiled within bounds and without a word on standard error. Raises re2.error."""
    import re2

    options = re2.Options()
    options.max_mem, options.log_errors = PATTERN_MEMORY, False
    return re2.compile(pattern, options)


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:120]


def _mended(pattern: str) -> str:
    if "(?=" in pattern or "(?!" in pattern or "(?<=" in pattern or "(?<!" in pattern:
        return "say what the draft contains, without looking ahead or behind"
    return ""


Word = Annotated[
    str,
    BeforeValidator(parse_word),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_WORD, "description": WORDS}),
]
Pattern = Annotated[
    str,
    BeforeValidator(parse_pattern),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_PATTERN, "description": PATTERNS}),
]
Texts = Annotated[
    tuple[str, ...] | str,
    BeforeValidator(parse_texts),
    WithJsonSchema(
        {
            "description": TEXTS,
            "anyOf": [
                {"type": "array", "items": {"type": "string", "maxLength": MAX_TEXT}, "maxItems": MAX_TEXTS},
                {"type": "string"},
            ],
        }
    ),
]
"""The drafts, or the name of a file with one draft a line."""


class Rewrite(Model):
    """What rewriting a caught draft takes, in attention: one of takes, effort."""

    takes_us: DurationLaw | None = Field(None, description="a duration of its own")
    effort: Annotated[float, Field(gt=0, le=10)] | None = Field(None, description="factor on the reply's drawn effort")

    @model_validator(mode="after")
    def _one(self) -> Rewrite:
        if (self.takes_us is None) == (self.effort is None):
            raise Wrong("a rewrite has one length", "`takes` (a duration) or `effort` (a factor), one of them")
        return self


class ContentFilter(Model):
    """Looks at every draft of an agent before it leaves. Either a share is caught, or texts are really matched."""

    share: Share | None = Field(None, description="of drafts that are caught; or texts")
    texts: Texts | None = Field(None, description="what agents write: drafts, or a file of them; or share")
    words: Annotated[tuple[Word, ...], Field(max_length=MAX_WORDS)] = Field(
        (), description="words and phrases that are caught, whatever their case; with texts"
    )
    patterns: Annotated[tuple[Pattern, ...], Field(max_length=MAX_PATTERNS)] = Field(
        (), description="regular expressions (RE2) that are caught; with texts"
    )
    rewrite: Rewrite = Field(Rewrite(takes=None, effort=0.5), description="cost of a caught draft; default assumed")
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        1, description="drafts of one reply that may be caught; what is written then goes out"
    )
    channels: Annotated[tuple[Name, ...], Field(min_length=1)] | None = Field(None, description="default: all")
    queues: Annotated[tuple[Name, ...], Field(min_length=1)] | None = Field(None, description="default: all")

    @field_validator("patterns", mode="before")
    @classmethod
    def _few(cls, value: Any) -> Any:
        """A list that is too long is refused before each of its patterns is compiled."""
        if isinstance(value, tuple | list) and len(value) > MAX_PATTERNS:
            raise Wrong(f"{len(value)} patterns stand here", f"at most {MAX_PATTERNS}", "join them with `|`")
        return value


SUFFIXES = (".txt",)
FILE = "a text file (.txt), one draft a line"


def read_texts(path: Path, shown_as: str, place: str) -> tuple[tuple[str, ...], list[Finding]]:
    """The drafts in a file, one a line, empty lines left out; or what is wrong with it."""

    def wrong(line: int | None, problem: str, allowed: str = FILE) -> tuple[tuple[str, ...], list[Finding]]:
        return (), [Finding(shown_as, line, place, problem, allowed, "")]

    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        return wrong(None, f"this file cannot be read: {error.strerror}")
    if len(content) > MAX_TEXT_BYTES:
        return wrong(None, "this file is larger than 2 MiB", "drafts of at most 2 MiB together")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return wrong(content[: error.start].count(b"\n") + 1, "this line is not UTF-8 text", "UTF-8")
    found = [(i, line.strip()) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not found:
        return wrong(None, "there are no drafts in this file")
    if len(found) > MAX_TEXTS:
        return wrong(found[MAX_TEXTS][0], f"{len(found)} drafts stand in this file", f"at most {MAX_TEXTS:,}")
    for i, line in found:
        if len(line) > MAX_TEXT:
            return wrong(i, f"this draft has {len(line)} characters", f"at most {MAX_TEXT:,}")
    return tuple(line for _, line in found), []


def check_filter(survey: Survey, texts: Sequence[str]) -> None:
    """Adds findings about the content filter as a whole. `texts`: its drafts, as far as they could be read."""
    place: Place = ("content_filter",)
    if not isinstance(survey.at(*place), dict):
        return
    written = [key for key in ("share", "texts") if survey.at(*place, key) is not None]
    searches = [key for key in ("words", "patterns") if survey.at(*place, key)]
    if len(written) != 1:
        what = "share and texts stand here together" if written else "it is not said what is caught"
        hint = "keep one" if written else "add `share: 2 %`, or `texts:` with `words:` or `patterns:`"
        survey.error(place, what, "one of share, texts", hint)
    elif written == ["share"] and searches:
        survey.error(
            (*place, searches[0]), "a share is caught whatever is written", f"`{searches[0]}` with `texts`", "keep one"
        )
    elif written == ["texts"] and not searches:
        survey.error(
            place, "there is nothing to look for in the texts", "words, patterns or both", "add `words: [...]`"
        )
    if written == ["share"] and survey.read(parse_share, *place, "share") == 0:
        survey.warn((*place, "share"), "nothing is ever caught", "a share above 0", "take the filter out")
    for section in ("channels", "queues"):
        known = survey.names(section)
        for i, name in enumerate(survey.list_at(*place, section)):
            if isinstance(name, str) and name not in known:
                survey.error(
                    (*place, section, i), f"there is no `{name}` in `{section}`", ", ".join(known), nearest(name, known)
                )
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    if size > MAX_TEXT_BYTES:
        survey.error((*place, "texts"), f"the drafts have {size:,} bytes", "at most 2 MiB together", "fewer drafts")
    listed = survey.list_at(*place, "patterns")[:MAX_PATTERNS]
    patterns = [survey.read(parse_pattern, *place, "patterns", i) for i in range(len(listed))]
    work = size * sum(compiled_pattern(pattern).programsize for pattern in patterns if pattern)
    if work > MAX_WORK:
        survey.error(
            (*place, "patterns"),
            "to look for these patterns in these texts could take minutes",
            f"bytes of texts x instructions of patterns up to {MAX_WORK:,}; here {work:,}",
            "fewer texts, or simpler patterns",
        )
