"""Tests of the choice of a first-aid card."""

from __future__ import annotations

import pytest

from domain.emergencies.heard import Danger
from domain.firstaid import Card, card_about, card_for, card_named


@pytest.mark.parametrize(
    ("danger", "words", "card"),
    [
        (Danger.MEDICAL, "老人倒下叫不醒", Card.CPR),
        (Danger.MEDICAL, "孩子吃花生噎住了脸发紫", Card.CHOKING),
        (Danger.MEDICAL, "我爸胸口痛得冒汗", Card.HEART),
        (Danger.MEDICAL, "奶奶嘴歪了话说不清", Card.STROKE),
        (Danger.MEDICAL, "手锯断了流血不停", Card.BLEEDING),
        (Danger.MEDICAL, "被蛇咬了", Card.SNAKE),
        (Danger.MEDICAL, "孩子打翻开水烫到了", Card.BURN),
        (Danger.MEDICAL, "工地中暑了人昏过去", Card.HEAT),
        (Danger.WATER, "小孩掉河里了", Card.DROWNING),
        (Danger.FIRE, "隔壁着火了", Card.HOUSE_FIRE),
        (Danger.FIRE, "油锅着火了", Card.OIL_FIRE),
        (Danger.FIRE, "楼道里电瓶车烧起来了", Card.BATTERY),
        (Danger.GAS, "闻到煤气味头晕", Card.GAS),
        (Danger.GAS, "有人被电到了", Card.ELECTRIC),
        (Danger.GAS, "打药中毒了，农药", Card.PESTICIDE),
        (Danger.TRAFFIC, "车撞人了", Card.BLEEDING),
        (Danger.VIOLENCE, "流血了", None),
        (Danger.SUICIDE, "我喝了农药", None),
        (Danger.MONEY, "钱转走了", None),
        (Danger.MISSING, "老人走失", None),
        (None, "救命", None),
    ],
)
def test_card_fits_the_danger_and_the_words(danger: Danger | None, words: str, card: Card | None):
    assert card_for(danger, words) == card


@pytest.mark.parametrize(
    ("words", "card"),
    [
        ("心肺复苏", Card.CPR),
        ("CPR", Card.CPR),
        ("怎么止血？", Card.BLEEDING),
        ("how to stop bleeding", Card.BLEEDING),
        ("噎住了怎么办", Card.CHOKING),
        ("被蛇咬了怎么处理", Card.SNAKE),
        ("电动车被偷了", None),
        ("村里有蛇", None),
        ("隔壁煤气站太近", None),
        ("热油泼到邻居，要赔钱", None),
        ("what is this", None),
        ("", None),
        ("心肺复苏 " * 20, None),
    ],
)
def test_calm_message_names_a_card_only_when_it_asks_for_nothing_else(words: str, card: Card | None):
    assert card_named(words) == card


def test_argument_of_the_command_may_be_any_words():
    assert card_about("家里老人被蛇咬过") is Card.SNAKE
    assert card_about("月亮") is None
