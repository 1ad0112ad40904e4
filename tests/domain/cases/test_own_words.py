"""A hidden reporter's own name and number, in the many ways in which people write them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from domain.cases.visibility import Level, Visibility
from domain.cases.words.own_words import NAME, PHONE, veiled, whole
from tests.domain.cases.test_moves import opened

HIDDEN = ("我是徐阿婆", "徐 阿 婆说的", "徐·阿·婆", "徐阿\u200b婆", "电话13800001234", "打138 0000 1234", "138-0000-1234", "+86 138 0000 1234",
    "１３８００００１２３４", "一三八零零零零一二三四", "我叫徐阿婆，手机138.0000.1234")  # fmt: skip


def a_report(level: Level):
    return replace(opened().case, reporter_name="徐阿婆", reporter_phone="+8613800001234", visibility=Visibility(level))


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.SEALED])
def test_own_name_and_number_are_marked_when_the_reporter_is_hidden(level):
    case = a_report(level)
    for words in HIDDEN:
        told = veiled(words, case)
        assert NAME in told or PHONE in told, words
        assert "阿婆" not in told
        assert not any(part in told for part in ("1234", "１２３４", "二三四")), words
        assert veiled(told, case) == told
    assert veiled({"place": "徐阿婆家", "n": 1}, case) == {"place": f"{NAME}家", "n": 1}


def test_other_words_stay_when_the_reporter_is_hidden():
    case = a_report(Level.HIDDEN)
    for words in ("徐家阿婆", "13800001235", "2026年6月1日", "徐"):
        assert veiled(words, case) == words
    assert veiled("徐来过", replace(case, reporter_name="徐", reporter_phone="")) == "徐来过"


def test_words_stay_as_written_when_the_reporter_is_named():
    assert veiled("我是徐阿婆", a_report(Level.NAMED)) == "我是徐阿婆"


def test_words_are_whole_again_for_who_may_see_the_reporter():
    case = a_report(Level.SEALED)
    assert whole(veiled("我是徐 阿 婆，13800001234", case), case) == "我是徐阿婆，+8613800001234"
    assert whole(f"{NAME}{PHONE}", replace(case, reporter_name="", reporter_phone="")) == f"{NAME}{PHONE}"


def test_every_change_of_a_case_is_made_where_words_are_marked():
    makers = {path.name for path in Path("domain").rglob("*.py") if re.search(r"\bCaseChange\(", path.read_text())}
    makers |= {
        path.name
        for layer in ("handlers", "storage")
        for path in Path(layer).rglob("*.py")
        if re.search(r"\bCaseChange\(", path.read_text())
    }
    assert makers == {"moves.py"}
