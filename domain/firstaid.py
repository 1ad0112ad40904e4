"""First-aid cards: which there are, and which fits a danger or somebody's words.

Knows no text of a card (texts/*/aid.po) and no messages. Invariant: every danger to life or limb has a card; violence, a farewell and
money have none, because a card would tell anybody who looks at the phone what happened.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.emergencies.heard import Danger

if TYPE_CHECKING:
    from collections.abc import Mapping


class Card(StrEnum):
    """The cards, in the order of the list."""

    CPR = "cpr"
    CHOKING = "choking"
    BLEEDING = "bleeding"
    STROKE = "stroke"
    HEART = "heart"
    DROWNING = "drowning"
    BURN = "burn"
    ELECTRIC = "electric"
    GAS = "gas"
    PESTICIDE = "pesticide"
    SNAKE = "snake"
    HEAT = "heat"
    HOUSE_FIRE = "house_fire"
    OIL_FIRE = "oil_fire"
    BATTERY = "battery"


#: Words around the name of a card in a question; any other word makes the message a report.
_ASKING = (
    "怎么办|怎么做|怎么|怎样|如何|急救|自救|抢救|卡片|卡|方法|步骤|常识|知识|处理|学|教我|看看|看|请问|住|到|做|办|了|的|要|被|咬|时候|时|后|吗|呢|"
    "ing|how|what|to|do|does|i|you|is|when|if|first|aid|card|for|a|an|the|with|help|stop|treat|somebody|someone|has|show|me"
)
#: Words that name a card, or the sign of its danger; the first card with a word in the message is shown.
_WORDS: Mapping[Card, tuple[str, ...]] = {
    Card.CHOKING: ("噎", "卡住喉", "卡喉", "呛住", "海姆立克", "异物", "choke", "choking", "heimlich"),
    Card.OIL_FIRE: ("油锅", "锅着火", "锅烧起", "burning oil", "pan fire"),
    Card.BATTERY: ("电动车", "电瓶", "电池", "e-bike", "battery"),
    Card.BURN: ("烫伤", "烫到", "烧伤", "开水", "热油", "burn", "scald"),
    Card.ELECTRIC: ("触电", "电到", "电死", "电倒", "电晕", "漏电", "电线", "electrocut", "electric shock", "power line"),
    Card.PESTICIDE: ("农药", "百草枯", "敌敌畏", "除草剂", "老鼠药", "pesticide", "paraquat", "weed killer"),
    Card.SNAKE: ("蛇", "snake"),
    Card.HEAT: ("中暑", "热射病", "heatstroke", "heat stroke"),
    Card.DROWNING: ("溺水", "落水", "掉水", "掉河", "淹", "drown"),
    Card.STROKE: ("中风", "脑梗", "脑出血", "脸歪", "嘴歪", "口齿不清", "话说不清", "半边", "stroke"),
    Card.HEART: ("心梗", "胸口", "胸闷", "胸痛", "心脏病", "心绞痛", "chest", "heart"),
    Card.CPR: ("心肺复苏", "人工呼吸", "胸外按压", "没呼吸", "没气", "没反应", "没心跳", "cpr", "not breathing", "no pulse", "unconscious"),
    Card.BLEEDING: ("大出血", "流血", "止血", "出血", "血", "bleed", "blood", "tourniquet"),
    Card.GAS: ("煤气", "燃气", "液化气", "瓦斯", "一氧化碳", "gas"),
    Card.HOUSE_FIRE: ("火灾", "着火", "起火", "逃生", "灭火器", "house fire", "fire escape"),
}
LONGEST_QUESTION = 40
_QUESTION = re.compile(rf"(?:{_ASKING}|[\W_])*")
#: The cards that fit a kind of danger; the first one when no word says which.
_OF: Mapping[Danger, tuple[Card, ...]] = {
    Danger.MEDICAL: (
        Card.CPR,
        Card.CHOKING,
        Card.BURN,
        Card.ELECTRIC,
        Card.PESTICIDE,
        Card.SNAKE,
        Card.HEAT,
        Card.STROKE,
        Card.HEART,
        Card.BLEEDING,
    ),
    Danger.WATER: (Card.DROWNING,),
    Danger.FIRE: (Card.HOUSE_FIRE, Card.OIL_FIRE, Card.BATTERY),
    Danger.GAS: (Card.GAS, Card.ELECTRIC, Card.PESTICIDE),
    Danger.TRAFFIC: (Card.BLEEDING, Card.CPR),
    Danger.COLLAPSE: (Card.BLEEDING, Card.CPR),
}


def card_for(danger: Danger | None, words: str = "") -> Card | None:
    """Return the card of a danger, chosen by the words; None where no card helps."""
    cards = () if danger is None else _OF.get(danger, ())
    return next((card for card in _named(words) if card in cards), cards[0] if cards else None)


def card_named(words: str) -> Card | None:
    """Return the card that a calm message asks for and nothing else.

    For example “心肺复苏” or “how to stop bleeding”.
    """
    named = _named(words)
    if not named or len(words) > LONGEST_QUESTION:
        return None
    rest = words.casefold()
    for name in _WORDS[named[0]]:
        rest = rest.replace(name, " ")
    return named[0] if _QUESTION.fullmatch(rest) else None


def card_about(words: str) -> Card | None:
    """Return the first card with a word in the argument of `/card`."""
    return next(iter(_named(words)), None)


def _named(words: str) -> list[Card]:
    said = words.casefold()
    return [card for card, names in _WORDS.items() if any(name in said for name in names)]
