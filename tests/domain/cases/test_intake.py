"""Intake: people's words before they become a case."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases.case import Category, Kind
from domain.cases.intake import (
    FREQUENT,
    RARE,
    SPOKEN_KINDS,
    guess_kind,
    is_cancel,
    is_greeting,
    is_yes,
    near,
    neutral,
    severity,
    split_kind,
    summary,
)
from domain.emergencies.hearing import hear


@dataclass(frozen=True)
class Told:
    """The fields of a case that similarity uses."""

    text: str
    kind: Kind = Kind.HAZARD


DANGER = [
    "救命",
    "我家着火了！",
    "有人掉水里",
    "老人胸痛，没有呼吸",
    "他持刀砍人",
    "HELP ME",
    "my house is on fire",
    "110",
    "打120",
    "１１９",
    "sos",
    "快打110！",
]
NO_DANGER = ["", "路灯不亮", "邻居吵架", "1001", "#110", "1101", "110 块钱", "你好", "消防通道被堵", "he is helpful"]


@pytest.mark.parametrize("words", DANGER)
def test_danger_is_heard(words):
    assert not hear(words).calm


@pytest.mark.parametrize("words", NO_DANGER)
def test_what_is_no_danger_is_none(words):
    assert hear(words).calm


#: No letters: words around a cry may say that it is a film.
SIGNS = st.text(st.characters(exclude_categories=["L", "C"]), max_size=50)


@given(SIGNS, SIGNS)
def test_an_emergency_word_is_heard_whatever_signs_surround_it(before, after):
    assert not hear(f"{before}救命{after}").calm


@given(st.text(max_size=200))
def test_no_words_break_the_understanding(words):
    hear(words)
    is_cancel(words)
    is_greeting(words)
    is_yes(words)
    guess_kind(words)
    split_kind(words)
    near(words, [Told(words)])
    assert len(summary(words)) <= 24
    assert len(neutral(words)) <= 24


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("邻居砌墙占了我家的路", Kind.DISPUTE),
        ("村口路灯不亮", Kind.HAZARD),
        ("有人叫我刷单，返利很高", Kind.FRAUD),
        ("建议多开一班公交", Kind.OPINION),
        ("丢了一头牛", Kind.OTHER),
        ("欠我三个月工资", Kind.DISPUTE),
        ("a street light is broken", Kind.HAZARD),
        ("", Kind.OTHER),
    ],
)
def test_words_point_to_a_kind(words, kind):
    assert guess_kind(words) is kind


@pytest.mark.parametrize(
    ("said", "split"),
    [
        ("dispute 砌墙", (Kind.DISPUTE, "砌墙")),
        ("隐患 路灯不亮", (Kind.HAZARD, "路灯不亮")),
        ("OTHER  x y ", (Kind.OTHER, "x y")),
        ("路灯不亮", (None, "路灯不亮")),
        ("hazards 路灯", (None, "hazards 路灯")),
        ("诈骗", (Kind.FRAUD, "")),
        ("", (None, "")),
        ("   ", (None, "")),
    ],
)
def test_a_kind_is_the_first_word_or_none(said, split):
    assert split_kind(said) == split


def test_every_kind_can_be_said_in_both_languages():
    for kind in Kind:
        assert SPOKEN_KINDS[kind.value] is kind
        assert any(name for name, each in SPOKEN_KINDS.items() if each is kind and not name.isascii())


def test_every_category_is_offered_once():
    assert set(FREQUENT) | set(RARE) == set(Category) - {Category.NONE}
    assert not set(FREQUENT) & set(RARE)
    assert len(FREQUENT) == 8


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("村口路灯不亮", "村口的路灯不亮了，晚上很黑"),
        ("小学门口井盖没了", "小学门口的井盖不见了，没了好几天"),
        ("street light broken at the gate", "The street light at the gate is broken"),
    ],
)
def test_the_same_thing_said_otherwise_is_near(mine, theirs):
    assert near(mine, [Told(theirs)])


@pytest.mark.parametrize(
    ("mine", "theirs"), [("村口路灯不亮", "水库边上有人倒垃圾"), ("路", "路灯不亮"), ("", ""), ("电线掉了", "公交车太少")]
)
def test_another_thing_is_not_near(mine, theirs):
    assert not near(mine, [Told(theirs)])


@pytest.mark.parametrize("kind", [Kind.DISPUTE, Kind.FRAUD, Kind.OTHER])
def test_what_happened_to_somebody_is_never_near_anything(kind):
    assert not near("邻居砌墙占了我家的路", [Told("邻居砌墙占了我家的路", kind)])


@pytest.mark.parametrize("word", ["路灯", "路灯不亮", "王秀兰", "王秀兰说"])
def test_a_word_or_a_name_finds_nothing(word):
    assert not near(word, [Told("王秀兰说村口的路灯不亮了，晚上很黑")])


def test_only_the_beginning_of_a_report_is_compared():
    begins = "村口路灯不亮"
    assert near(begins + "，" + "还有别的" * 700, [Told(begins)])
    assert not near("别的" * 150 + begins, [Told(begins)])


def test_the_nearest_comes_first_and_only_two_are_shown():
    told = [Told("村口路灯不亮了好几天，晚上看不见"), Told("村口路灯不亮"), Told("村口的路灯不亮了")]
    assert near("村口路灯不亮", told)[0].text == "村口路灯不亮"
    assert len(near("村口路灯不亮", told)) == 2


@pytest.mark.parametrize(
    "number", ["13812345678", "138 1234 5678", "+8613812345678", "33072219500101123X", "１３８１２３４５６７８", "0579-87654321"]
)
def test_a_neighbour_reads_no_telephone_and_no_id(number):
    shown = neutral(f"路灯不亮 {number} 老王", 80)
    assert "路灯不亮" in shown
    assert not any(part in shown for part in (number, number[:5], number[-5:]))


def test_house_numbers_and_years_stay():
    assert neutral("12 号门口 2025 年装的灯", 80) == "12 号门口 2025 年装的灯"


@pytest.mark.parametrize("words", ["取消", "取消。", " Cancel! ", "算了", "不报了"])
def test_leaving_is_understood(words):
    assert is_cancel(words)


@pytest.mark.parametrize("words", ["取消订单被骗了", "算了半天账还不对", ""])
def test_a_sentence_that_begins_like_leaving_is_a_sentence(words):
    assert not is_cancel(words)


@pytest.mark.parametrize("words", ["你好", "您好！", "在吗？", "谢谢", "Hello", "好的。", "OK"])
def test_a_greeting_is_one(words):
    assert is_greeting(words)


@pytest.mark.parametrize("words", ["你好，路灯不亮", "好多人打架", "在吗在吗路灯坏了", ""])
def test_a_report_that_begins_with_a_greeting_is_a_report(words):
    assert not is_greeting(words)


@pytest.mark.parametrize(
    ("text", "level"), [("邻居砌墙", "ordinary"), ("他拿刀要砍人", "pressing"), ("煤气泄漏", "pressing"), ("打水排队", "ordinary")]
)
def test_severity_is_read_from_the_words(text, level):
    assert severity(Kind.DISPUTE, text) == level
