"""Typed words: the label of every button is understood, and nothing else is taken for one.

A feature with a label of signs only, with the words of another feature's button, or with a sentence that takes ordinary reports, fails here.
"""

from __future__ import annotations

import ast
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.routes import FEATURES, HOOKS, ROUTES
from domain.core.change import Button
from domain.core.said import bare, command_in_words, number_first, numbers_in, split_glued
from domain.people.people import Policy
from domain.sentences import asks_progress, is_kind, is_polite, means_done
from handlers.conversation import menu
from handlers.core.route import CommandRoute
from handlers.core.typed import OF_DIALOGS, labelled
from handlers.core.understood import Typed, by_words
from storage.core.chats import Shown
from tests.contracts.sources import ROOT, _literals, name_of, sources, walked
from tests.rows import row
from texts import LANGUAGES, placeholders, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo
    from pathlib import Path

NOW, ZONE = datetime(2026, 6, 1, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
#: Reports and answers that must stay what they are.
ORDINARY = (
    "邻居砌墙占了我家的路", "村口路灯不亮了", "王建国主任收了人家的钱", "我家的狗丢了，昨天下午在村口", "邻居昨天在村口打架，都来了",
    "隔壁工厂半夜开工吵死了", "谢谢，另外路灯坏了", "主任说下周二来，还没来",
    "有人在网上骗我转账", "我昨天在家，他没来还钱", "三天后要下雨，沟还没修", "3个人打架", "2000块钱被骗走了",
    "培训什么时候开始", "我想请假去看病可以吗", "明天停水吗", "都到了没人管的地步", "修好了又坏了", "还没修好", "1个井盖没了", "110怎么没来",
    "收到一条骗子短信", "the street light is broken", "my neighbour built a wall", "收到了你们的传单，上面的电话是错的", "预警没有收到", "值班的人不接电话",
)  # fmt: skip
HOSTILE = (
    "在" * 3000,
    "谢谢" * 1500,
    "1" * 3000,
    "（" * 3000,
    "都到" * 1500,
    "到" * 3000,
    "、" * 3000,
    "半小时后" * 700,
    "培训在" * 1000,
    "🙏" * 3000,
    " " * 3000 + "x",
)
#: One reader of one hostile message, on a slow machine.
SLOWEST = 0.05


def buttons_of(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (label, verb, where) of every button with a literal label and verb."""
    for source in sources(root, "handlers"):
        for node in walked(source.tree):
            if isinstance(node, ast.Call) and name_of(node) == "Button" and len(node.args) > 1:
                for label in _literals(node.args[0]):
                    for verb in _literals(node.args[1]):
                        yield label, verb, f"{source.file.relative_to(root)}:{node.lineno}"


def is_typed(button: Button, language: str) -> bool:
    """Tell whether typing a label finds its button in a message."""
    word = bare(plain(button.label, language, **button.params))
    return bool(word) and labelled(Shown(1, "key", "", (button,)), word, language) == button


def filled(label: str, verb: str, language: str) -> Button:
    return Button(label, verb, (), dict.fromkeys(placeholders(label, language), "7"))


def test_label_of_every_button_is_understood():
    found = list(buttons_of(ROOT))
    assert len(found) > 150
    for label, verb, where in found:
        with row(label, where):
            if verb not in OF_DIALOGS:
                assert all(is_typed(filled(label, verb, language), language) for language in LANGUAGES)


def test_label_of_signs_alone_is_not_understood():
    assert is_typed(Button("report.village_name", "lamp.on", (), {"name": "✅ 开灯（3）"}), "zh")
    assert not is_typed(Button("report.village_name", "lamp.on", (), {"name": "✅ 👍"}), "zh")
    assert not is_typed(Button("report.village_name", "lamp.on", (), {"name": "灯" * 61}), "zh")


def test_every_button_of_the_menu_is_understood_without_a_message():
    offered = (*menu.EVERY_BUTTON, *(button for feature in FEATURES for button in feature.menu_buttons))
    for button in offered:
        for language in LANGUAGES:
            with row(button.label, language):
                meant = HOOKS.understood.typed.get(bare(plain(button.label, language)), ())
                assert button.verb in {each.button.verb for each in meant}


def test_typed_button_has_a_route():
    for meant in HOOKS.understood.typed.values():
        for each in meant:
            assert each.button.verb in HOOKS.understood.presses


def test_words_of_two_buttons_are_refused():
    one, other = Typed(Button("menu.button.mine", "m.cases", ("mine",))), Typed(Button("menu.button.report", "m.report"), ("我的事",))
    with pytest.raises(ValueError, match=r"means m\.cases and m\.report"):
        by_words([one, other])


def test_words_of_commands_belong_to_one_command():
    words = [word for route in ROUTES if isinstance(route, CommandRoute) for word in route.words]
    assert len(words) == len(set(words))


def test_sentences_have_names_and_are_never_open_to_strangers():
    names = [sentence.name for sentence in HOOKS.understood.sentences]
    assert len(names) == len(set(names))
    for sentence in HOOKS.understood.sentences:
        assert sentence.policy not in (Policy.ANYONE, Policy.CLOCK)


def test_ordinary_words_stay_words():
    words = {word: route.name for route in ROUTES if isinstance(route, CommandRoute) for word in route.words}
    for said in ORDINARY:
        with row(said):
            assert bare(said) not in HOOKS.understood.typed
            assert [each.name for each in HOOKS.understood.sentences if each.read(said, NOW, ZONE) is not None] == []
            assert not is_kind(said)
            assert not is_polite(said)
            assert not means_done(said)
            assert command_in_words(said, words) is None
            assert number_first(said, least=1000) is None


def test_corpus_of_cries_and_reports_is_no_record_in_one_sentence():
    for name in ("seen", "held_out"):
        for line in (ROOT / "tests/domain/emergencies" / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
            for said in line.split("\t"):
                if len(said) > 2:
                    with row(said):
                        assert bare(said) not in HOOKS.understood.typed
                        assert not is_kind(said)
                        assert all(each.read(said, NOW, ZONE) is None for each in HOOKS.understood.sentences)


def read_now(read: Callable[[str, datetime, tzinfo], object], said: str) -> object:
    return read(said, NOW, ZONE)


def test_reading_hostile_words_takes_little_time():
    words = {word: route.name for route in ROUTES if isinstance(route, CommandRoute) for word in route.words}
    readers: list[tuple[str, Callable[[str], object]]] = [
        ("bare", bare), ("numbers", numbers_in), ("number first", number_first), ("glued", lambda said: split_glued(said, {"case"})),
        ("command", lambda said: command_in_words(said, words)), ("progress", asks_progress), ("done", means_done), ("kind", is_kind),
    ]  # fmt: skip
    readers += [(each.name, partial(read_now, each.read)) for each in HOOKS.understood.sentences]
    for name, read in readers:
        for said in HOSTILE:
            with row(name, said[:8]):
                began = time.process_time()
                read(said)
                assert time.process_time() - began < SLOWEST
