"""Kinds of danger and sources of a warning, read from an alert's own words.

Knows words; decides nothing about an alert. Invariant: the result is a proposal: the author sees it in the preview and may change it.
Warnings of weather are issued by the weather service (China's Meteorology Law, article 22): an alert that passes one on names its source.
"""

from __future__ import annotations

import re
from enum import StrEnum

from domain.core.change import RuleError
from domain.core.numbers import clean_text

LONGEST_SOURCE = 20


class Hazard(StrEnum):
    """Kind of danger."""

    TYPHOON = "typhoon"
    RAIN = "rain"
    FLOOD = "flood"
    LANDSLIDE = "landslide"
    WIND = "wind"
    THUNDER = "thunder"
    SNOW = "snow"
    HEAT = "heat"
    FIRE = "fire"
    LEAK = "leak"
    FRAUD = "fraud"
    OTHER = ""


#: Kinds whose warnings the weather service issues.
WEATHER = frozenset({Hazard.TYPHOON, Hazard.RAIN, Hazard.WIND, Hazard.THUNDER, Hazard.SNOW, Hazard.HEAT})

#: The first row with a word in the text names the kind.
_WORDS: tuple[tuple[Hazard, str], ...] = (
    (Hazard.TYPHOON, "台风|typhoon"),
    (Hazard.LANDSLIDE, "滑坡|泥石流|塌方|山体|地质灾害|landslide|mudslide"),
    (Hazard.FLOOD, "洪水|山洪|溃坝|泄洪|水库|涨水|内涝|flood|dam"),
    (Hazard.RAIN, "暴雨|大雨|强降雨|heavy rain|rainstorm"),
    (Hazard.THUNDER, "雷电|雷暴|冰雹|强对流|thunder|hail"),
    (Hazard.SNOW, "暴雪|大雪|结冰|寒潮|低温|冰冻|snow|ice|cold wave"),
    (Hazard.HEAT, "高温|中暑|heat"),
    (Hazard.WIND, "大风|阵风|gale|strong wind"),
    (Hazard.LEAK, "泄漏|泄露|燃气|煤气|毒气|危化|gas leak|chemical"),
    (Hazard.FIRE, "山火|火灾|火险|着火|起火|wildfire|fire"),
    (Hazard.FRAUD, "诈骗|骗子|骗局|scam|fraud"),
)
#: A place of one to four characters and an office: "市气象台", "禾安县防汛办".
_SOURCE = re.compile(
    r"((?:[^\W据刚转发来自由了的接到和]{1,3}?[省市县区镇乡]|[省市县区镇乡])?"
    "(?:气象台|气象局|防汛办|防指|应急管理局|应急局|水利局|自然资源局|消防大队|镇政府))"
)
_HURRY = re.compile("撤离|转移|evacuate")
_COLOURS = {"蓝色": "blue", "黄色": "yellow", "橙色": "orange", "红色": "red"}


def hazard_of(text: str) -> Hazard:
    """Return the kind of danger that a text names first; `OTHER` for none."""
    lower = text.lower()
    return next((hazard for hazard, words in _WORDS if re.search(words, lower)), Hazard.OTHER)


def source_of(text: str) -> str:
    """Return who issued the warning that a text passes on; empty when it names nobody."""
    found = _SOURCE.search(text)
    return found[1] if found else ""


def level_of(text: str) -> str:
    """Return the level that a text names or calls for ("red"); empty for none."""
    named = next((level for colour, level in _COLOURS.items() if f"{colour}预警" in text), "")
    return named or ("red" if _HURRY.search(text.lower()) else "")


def clean_source(said: str) -> str:
    """Return a typed source in one line.

    Raises:
        RuleError: `alert.source.needed` for nothing or for more than a few words.
    """
    text = " ".join(clean_text(said, 200).split())
    if not text or len(text) > LONGEST_SOURCE:
        raise RuleError("alert.source.needed", most=LONGEST_SOURCE)
    return text
