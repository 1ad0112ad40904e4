"""Words that belong to posts, however they are spelt, and real names."""

from __future__ import annotations

import pytest

from domain.people.people import RANK, Role
from domain.people.titles import LOOK_ALIKES, RESERVED, is_real_name, reserved_word, without_titles

HIDDEN = [
    "派出所值班室", "民警 丁警官✅", "甲主任", "王 主 任", "王主·任", "主\u200b任", "主仼", "柱任", "書記", "值-班-室", "所　长", "管理員",
    "P0lice", "po lice", "ＰＯＬＩＣＥ", "оfficer", "Adm1n", "the duty desk", "110", "１１０", "1 1 0", "①①⓪", "一一〇", "老徐110", "11O", "村支书", "氏警",
]  # fmt: skip
HARMLESS = [
    "徐大爷",
    "王任",
    "李主",
    "记书",
    "138110",
    "1101",
    "周大妈",
    "Julio",
    "Emilio",
    "badminton",
    "李长所",
    "任主",
    "小班",
    "Lao Xu",
]


@pytest.mark.parametrize("name", HIDDEN)
def test_title_is_found_however_it_is_spelt(name):
    assert reserved_word(name) is not None
    assert reserved_word(without_titles(name)) is None


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_name_is_left_alone(name):
    assert reserved_word(name) is None
    assert without_titles(name) == name


@pytest.mark.parametrize("role", RANK)
def test_title_is_allowed_to_holders_of_its_post_only(role):
    allowed = [word for word in RESERVED if reserved_word(f"王{word}", [role]) is None]
    assert allowed == [word for word, roles in RESERVED.items() if role in roles]


def test_every_post_has_a_title_and_villagers_have_none():
    assert set().union(*RESERVED.values()) == set(RANK) - {Role.STRANGER, Role.VILLAGER}


def test_rest_of_a_name_stays_when_its_titles_are_taken_out():
    assert [without_titles(name) for name in ("民警 丁警官✅", "甲主任", "派出所值班室", "Officer Wang")] == ["丁", "甲", "室", "Wang"]


def test_look_alikes_are_single_characters_for_others():
    assert all(chr(written) != chr(meant) for written, meant in LOOK_ALIKES.items())


@pytest.mark.parametrize(
    ("name", "real"),
    [("王建国", True), ("Wang Jianguo", True), ("阿卜杜拉·买买提", True), ("བསྟན་འཛིན"[:4], True), ("O'Brien", True)]
    + [(name, False) for name in ("王", "U6002", "王主任", "王建国✅", "...", "王/国", "老徐110", "")],
)  # fmt: skip
def test_real_name_has_letters_only(name, real):
    assert is_real_name(name) is real
