"""Cross checks of a channel against its platform: what it must have, what means nothing there, what it may send."""

from __future__ import annotations

from simulator.platforms import BY_NAME, PLATFORM_KEYS, PLATFORMS, PREREQUISITES, Platform, Prerequisite
from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.written import nearest, parse_share


def check_address(survey: Survey, name: str, platform: Platform) -> None:
    """Adds findings about one channel: prerequisites by name, keys without a meaning, templates."""
    place: Place = ("channels", name)
    for prerequisite in platform.prerequisites:
        _has(survey, place, platform, prerequisite)
    if any(prerequisite.key == "number" for prerequisite in platform.prerequisites):
        _number(survey, place)
    for key in sorted((PREREQUISITES | set(PLATFORM_KEYS)) - platform.keys):
        if survey.at(*place, key) is not None:
            survey.warn(
                (*place, key),
                f"`{key}` says nothing on {platform.name}",
                f"a key of {_where(key)}",
                "take it out",
            )
    _outside(survey, place, platform)


def hangs_up(survey: Survey, channel: str) -> bool:
    """Whether customers can disconnect on a channel."""
    platform = BY_NAME.get(survey.text("channels", channel, "platform") or "")
    if platform is None:
        return False
    knob = survey.at("channels", channel, "customers_can_disconnect")
    return platform.can_disconnect or (platform.disconnect_by_knob and knob is True)


def _where(key: str) -> str:
    names = [platform.name for platform in PLATFORMS if key in platform.keys]
    return " or ".join(names)


def _has(survey: Survey, place: Place, platform: Platform, needed: Prerequisite) -> None:
    value = survey.at(*place, needed.key)
    if needed.key == "number" and value is None and survey.list_at(*place, "numbers"):
        return  # several numbers share the work
    if value is None or (needed.must_be_true and value is False):
        survey.error(
            (*place, needed.key),
            f"{platform.article} {platform.name} channel needs {needed.what}",
            needed.allowed,
            f"add `{needed.example}`, once it is set up: {platform.setup[0]}",
        )


def _number(survey: Survey, place: Place) -> None:
    number = survey.at(*place, "number")
    if not isinstance(number, str):
        return
    short = survey.text(*place, "number_type") == "short_code"
    least, most = (3, 8) if short else (7, 15)  # 7 to 15: ITU-T E.164; short codes: 5 or 6 in most countries
    if not is_telephone(number, least, most):
        example = '"12345"' if short else '"+49 30 1234567"'
        what = "short code" if short else "telephone number"
        survey.error((*place, "number"), f"`{number}` is not a {what}", f"{least} to {most} digits, as {example}")
        return
    for other in survey.names("channels"):
        same = survey.text("channels", other, "number")
        if other < str(place[-1]) and same is not None and digits(same) == digits(number):
            survey.error((*place, "number"), f"this is the number of the channel `{other}`", "each number once")


def _outside(survey: Survey, place: Place, platform: Platform) -> None:
    """A template after a late reply: the platform must have templates, and the scenario this one."""
    policy, template = survey.text(*place, "outside_window"), survey.text(*place, "template")
    known = survey.names("outbound", "templates")
    if policy == "template" and not platform.templates:
        survey.error(
            (*place, "outside_window"), f"{platform.name} has no templates", "`close`", "write `outside_window: close`"
        )
    elif policy == "template" and survey.at(*place, "template") is None:
        survey.error(
            (*place, "template"),
            "it is not said which template",
            ", ".join(known) or "an entry of `outbound.templates`, which has none",
            f"add `template: {known[0] if known else 'come_back'}`",
        )
    elif template is not None and template not in known:
        survey.error(
            (*place, "template"),
            f"there is no `{template}` in `outbound.templates`",
            ", ".join(known) or "an entry of `outbound.templates`, which has none",
            nearest(template, known) or f"add `{template}` to `outbound.templates`",
        )
    elif template is not None and policy != "template" and platform.templates:
        survey.warn((*place, "template"), "this template is never sent", "", "add `outside_window: template`")
    if policy == "template" and template in known:
        answers = survey.read(parse_share, "outbound", "templates", template, "answers")
        if not answers:
            survey.warn(
                ("outbound", "templates", template, "answers"),
                "nobody answers this template: the window stays shut and the reply is never sent",
                "a share above 0",
            )


def is_telephone(number: str, least: int = 7, most: int = 15) -> bool:
    return least <= len(digits(number)) <= most and all(letter in "0123456789 +-()/." for letter in number)


def digits(number: str) -> str:
    return "".join(letter for letter in number if letter in "0123456789")
