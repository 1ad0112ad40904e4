"""Tests of hearing: rates on the two corpora, the tables, and further results of `hear`."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from domain.emergencies import (
    chinese_body,
    chinese_contexts,
    chinese_harmless,
    chinese_scene,
    chinese_sets,
    chinese_situations,
    english,
    english_contexts,
    hearing,
    tables,
)
from domain.emergencies.clues import Clues, Score, is_chinese
from domain.emergencies.heard import Danger, Level
from domain.emergencies.hearing import hear
from domain.emergencies.normal import HEARD_LENGTH, HOMOPHONES
from domain.emergencies.roles import without_roles
from domain.emergencies.rows import Index, pattern_of, rows_of, words_of
from domain.emergencies.tables import Sign
from tests.domain.emergencies.weigh_clues import weigh, written

FOLDER = Path(__file__).parent


def sentences(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


@cache
def signs() -> list[tuple[tuple[str, ...], Sign]]:
    """Return every sign; all tests share them, so that their patterns are compiled once."""
    return list(tables.signs())


def rates(name: str) -> dict[str, float]:
    """Return percentages per label and level, never a sentence."""
    hear.cache_clear()
    levels: Counter[tuple[str, Level]] = Counter()
    labels: Counter[str] = Counter()
    for label, _, _, sentence in sentences(name):
        labels[label] += 1
        levels[label, hear(sentence).level] += 1
    return {
        f"{label} answered {level}": 100 * levels[label, level] / labels[label] for label in ("urgent", "ordinary") for level in Level
    } | {"ordinary answered urgent or unsure": 100 - 100 * levels["ordinary", Level.NONE] / labels["ordinary"]}


#: Percent, not above the issue's limits of 1, 85, 2 and 4. Only lower the first and the last two, only raise the second.
#: A sentence that leads to a rule is replaced by two new ones, so these sentences are mostly new to the rules. On sentences that no rule had
#: seen the misses are more (docs/decisions/0024).
LIMITS = {
    "urgent answered none": 1.0,
    "urgent answered urgent": 94.0,
    "ordinary answered urgent": 1.6,
    "ordinary answered urgent or unsure": 3.6,
}


def within(found: dict[str, float], limits: dict[str, float]) -> list[str]:
    """Return the rates beyond their limits."""
    return [
        f"{name}: {found[name]:.1f} %"
        for name, limit in limits.items()
        if (found[name] < limit if name == "urgent answered urgent" else found[name] > limit)
    ]


def test_held_out_sentences_are_heard_within_the_limits():
    assert within(rates("held_out.tsv"), LIMITS) == []


SEEN_LIMITS = {
    "urgent answered none": 0.2,
    "urgent answered urgent": 96.5,
    "ordinary answered urgent": 0.3,
    "ordinary answered urgent or unsure": 1.5,
}


def test_seen_sentences_are_heard_within_narrower_limits():
    assert within(rates("seen.tsv"), SEEN_LIMITS) == []


@cache
def usual_rates() -> dict[str, float]:
    return rates("seen.tsv")


@pytest.mark.parametrize("danger", list(Danger))
def test_rates_fall_when_the_signs_of_a_kind_are_missing(danger: Danger, monkeypatch: pytest.MonkeyPatch):
    before = usual_rates()
    monkeypatch.setattr(hearing, "SIGNS", Index((keys, sign) for keys, sign in signs() if sign.danger is not danger))

    assert rates("seen.tsv")["urgent answered urgent"] < before["urgent answered urgent"] - 0.5


def test_rates_fall_when_the_clues_are_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hearing, "CHINESE", Score((), base=0, lengths=(), chinese=True))

    assert within(rates("held_out.tsv"), LIMITS) != []


def test_longest_clue_counts_once_when_words_overlap():
    score = Score(
        (Clues("leak", Danger.GAS, (5, 1, 1), "漏气/瓶+2"), Clues("repair", None, (-3, 0, 0), "漏/修-1")),
        base=1,
        lengths=((3, -9),),
        chinese=True,
    )

    assert score.words_in("漏气瓶。") == ({"漏气", "瓶"}, 4)
    assert score.points({"漏气", "瓶"}, length=4) == (9, 0)
    assert score.points({"漏", "修"}, length=2) == (-12, 4)
    assert score.danger({"漏气", "修"}) is Danger.GAS
    assert score.danger({"修"}) is None


def test_weighing_tells_two_kinds_of_sentences_apart():
    group = Clues("falls", Danger.WATER, (0, 0, 0), "掉+3/卖")
    weights = weigh([group], [8], [("孩子掉河里了", True), ("卖鱼的来了", False)] * 20, chinese=True)

    assert weights["=掉"] > 0 > weights["=卖"]
    assert "掉+" in written("Chinese clues", [group], weights, limits=[8])


def test_ordinary_sentences_sound_urgent_when_contexts_are_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hearing, "CONTEXTS", Index(()))

    assert within(rates("held_out.tsv"), LIMITS) != []


def test_ordinary_sentences_sound_urgent_when_harmless_words_are_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hearing, "HARMLESS", Index(()))

    assert within(rates("seen.tsv"), SEEN_LIMITS) != []


def test_corpora_are_large_enough_and_share_no_sentence():
    seen, held_out = sentences("seen.tsv"), sentences("held_out.tsv")
    twice = len(seen) + len(held_out) - len({sentence for _, _, _, sentence in (*seen, *held_out)})

    assert twice == 0  # a number, because a failed comparison would print sentences of the held-out part
    assert len(seen) >= 600
    for corpus in (seen, held_out):
        labels = Counter(label for label, *_ in corpus)
        assert min(labels["urgent"], labels["ordinary"]) >= 300
        assert {kind for label, kind, *_ in corpus if label == "urgent"} - {"-"} == {each.value for each in Danger}
        assert sum(language == "en" for _, _, language, _ in corpus) >= 120


#: A group that is repeated: the only way to a repetition inside a repetition.
REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+?{]")
#: A repetition without a bound.
UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{[0-9]*,\}")


def test_no_pattern_repeats_inside_a_repetition():
    rows = [sign.row for _, sign in signs()] + [context.row for _, context in tables.contexts()]
    sources = {source for row in rows for source in row.sources}

    assert len(sources) > 400
    assert [source for source in sources if REPEATED_GROUP.search(source) or UNBOUNDED.search(source)] == []
    assert REPEATED_GROUP.search("(?:ab)+")
    assert UNBOUNDED.search("a+")
    assert UNBOUNDED.search("[^,]{0,}")


def test_every_row_has_patterns_that_compile():
    rows = [sign.row for _, sign in signs()] + [context.row for _, context in tables.contexts()]
    for table in (chinese_harmless.HARMLESS, chinese_contexts.NOW):
        rows += rows_of(table, chinese_sets.SETS)
    for table in (english_contexts.HARMLESS, english_contexts.NOW):
        rows += rows_of(table, english.SETS)

    assert len(rows) > 700
    assert all(re.compile(source) for row in rows for source in row.sources)


def test_no_word_of_a_table_is_empty():
    texts = [
        text
        for table in (
            chinese_body.CLEAR,
            chinese_body.LIKELY,
            chinese_scene.CLEAR,
            chinese_scene.LIKELY,
            chinese_situations.CLEAR,
            english.CLEAR,
            english.LIKELY,
        )
        for text in table.values()
    ]
    texts += [text for *_, text in (*chinese_contexts.CONTEXTS, *english_contexts.CONTEXTS)]
    texts += [chinese_harmless.HARMLESS, english_contexts.HARMLESS, chinese_contexts.NOW, english_contexts.NOW]
    groups = [group for text in texts for group in text.replace("\n", " & ").replace(" + ", " & ").replace(" … ", " & ").split(" & ")]

    assert [group for group in groups if group.strip() and ("//" in group or group.strip().endswith("/"))] == []


def test_words_of_group_replaces_sets():
    assert words_of("{who}/猫", {"who": "爸/{kin}", "kin": "妈"}) == ["爸", "妈", "猫"]


def test_english_word_matches_as_a_whole():
    assert pattern_of("beat") == "(?<![a-z])beat(?![a-z])"
    assert hear("a beatiful day").level is Level.NONE


def test_homophones_are_pairs_that_differ():
    pairs = [pair.split("=") for pair in HOMOPHONES.split()]

    assert [pair for pair in pairs if len(pair) != 2 or pair[0] == pair[1]] == []
    assert len({heard for heard, _ in pairs}) == len(pairs)


@pytest.mark.parametrize(
    ("said", "danger"),
    [
        ("110！", Danger.VIOLENCE),
        ("１１９", Danger.FIRE),
        ("打120", Danger.MEDICAL),
        ("call 122", Danger.TRAFFIC),
        ("SOS", None),
        ("快打110", Danger.VIOLENCE),
    ],
)
def test_number_to_dial_is_urgent(said: str, danger: Danger | None):
    assert (hear(said).level, hear(said).danger) == (Level.URGENT, danger)


@pytest.mark.parametrize("said", ["1101", "12345", "", "？？？", "13800001111", "https://example.org/119", "你好", "okay thanks"])
def test_number_or_greeting_is_calm(said: str):
    assert hear(said).level is Level.NONE


@pytest.mark.parametrize(
    ("said", "at_home", "own"),
    [
        ("我老公又在打我 我躲在厕所里", True, False),
        ("有人拿着菜刀在追人", False, False),
        ("我不想活了 药都准备好了", False, True),
        ("我老婆喝了农药 瓶子在旁边", False, False),
        ("i want to kill myself", False, True),
    ],
)
def test_hear_tells_violence_at_home_and_own_words(said: str, at_home: bool, own: bool):
    heard = hear(said)

    assert (heard.level, heard.at_home, heard.own) == (Level.URGENT, at_home, own)


def test_cry_is_heard_at_the_end_of_a_long_message():
    assert hear("路边的树该修剪了。" * 400 + "孩子掉河里了快来人").level is Level.URGENT
    assert len("路边的树该修剪了。" * 400) > 2 * HEARD_LENGTH


@pytest.mark.parametrize(
    ("said", "danger"),
    [
        ("着火了，快通知大家", Danger.FIRE),
        ("有人溺水了 请问打什么电话", Danger.WATER),
        ("煤气漏了 提醒大家别开灯", Danger.GAS),
        ("房子塌了 建议大家撤", Danger.COLLAPSE),
    ],
)
def test_danger_said_first_is_asked_about_whatever_follows(said: str, danger: Danger):
    heard = hear(said)

    assert not heard.calm
    assert heard.danger is danger
    assert hear("昨天演练的时候说：" + said).calm
    assert hear(said + "。已经扑灭了，没事了，谢谢消防").calm


@pytest.mark.parametrize(
    ("said", "lost"),
    [
        ("{}", 0.2),
        ("{} 第2次", 0.3),
        ("第三次说了，{}", 0.5),
        ("又{}", 0.3),
        ("again {}", 0.2),
        ("路灯坏了，{}", 2.9),
        ("the street light is broken, {}", 1.0),
        ("{}，路灯也坏了", 2.6),
        ("{} 谢谢", 0.3),
    ],
)
def test_danger_is_heard_when_it_is_repeated_or_something_calm_is_said_too(said: str, lost: float):
    chinese = re.search("[\u4e00-\u9fff]", said) is not None
    urgent = [sentence for label, _, _, sentence in sentences("seen.tsv") if label == "urgent" and is_chinese(sentence) is chinese]
    silent = [sentence for sentence in urgent if hear(said.format(sentence)).calm]

    assert 100 * len(silent) / len(urgent) <= lost


@pytest.mark.parametrize(
    ("said", "danger"),
    [
        ("村口路灯坏了，着火了", Danger.FIRE),
        ("水费交过了，有人在砍人，路灯也坏了", Danger.VIOLENCE),
        ("the light is out. a man is stabbing people", Danger.VIOLENCE),
        ("上次的材料交了，有人落水", Danger.WATER),
        ("上周的表填好了，孩子掉井里了", Danger.WATER),
        ("火灭了又着起来了", Danger.FIRE),
        ("他以前打过我 现在正在砸门", Danger.VIOLENCE),
        ("老人走丢三天了，已经报警还没找到", Danger.MISSING),
    ],
)
def test_danger_said_last_is_asked_about(said: str, danger: Danger):
    assert not hear(said).calm
    assert hear(said).danger is danger


@pytest.mark.parametrize(
    "said",
    [
        "路灯坏了，没着火",
        "路灯坏了，去年还着火了",
        "消防演练，听到喊着火了就往下跑",
        "路灯坏了，如果着火了怎么跑",
        "忙死了，跟着火了一样",
        "听说邻村，着火了",
        "去年我家着火了，孩子烫伤了",
        "老人走丢了已经找到",
        "孩子已经送医院了",
        "王主任把我家的救济款扣下了",
        "身份证号110101199003078811",
        "Police Li",
        "he isn't missing, he is at home",
    ],
)
def test_danger_said_last_is_calm_when_its_own_clause_is_calm(said: str):
    assert hear(said).calm


@pytest.mark.parametrize(
    ("said", "danger"),
    [
        ("救护车", Danger.MEDICAL),
        ("报警", None),
        ("有人打架", Danger.VIOLENCE),
        ("王建国打我", Danger.VIOLENCE),
        ("房子要塌了", Danger.COLLAPSE),
        ("杀人了", Danger.VIOLENCE),
        ("出人命了", None),
        ("快来人", None),
        ("救命", None),
        ("警察怎么还没来", None),
        ("救命…是我爸，没有呼吸了", Danger.MEDICAL),
        ("快报警 孩子不见了", Danger.MISSING),
        ("ambulance", Danger.MEDICAL),
        ("please send police", None),
    ],
)
def test_short_cry_is_heard_with_the_kind_that_it_says(said: str, danger: Danger | None):
    heard = hear(said)

    assert (heard.calm, heard.danger, heard.at_home) == (False, danger, False)


@pytest.mark.parametrize("said", ["救护车多少钱一趟", "到了打我电话", "报警电话是多少", "快来人啊三缺一", "police office hours"])
def test_words_of_a_cry_are_calm_when_they_ask_for_nothing_urgent(said: str):
    assert hear(said).calm


@pytest.mark.parametrize(
    ("said", "danger"),
    [
        ("卖西瓜的老头晕倒了", Danger.MEDICAL),
        ("养鸡的大婶掉塘里了", Danger.WATER),
        ("看电影的人打起来了 有人拿刀", Danger.VIOLENCE),
        ("低保户老刘喝农药了", Danger.SUICIDE),
        ("为了捡皮球 孩子掉河里了", Danger.WATER),
        ("the guy fixing our wifi is attacking my sister", Danger.VIOLENCE),
    ],
)
def test_danger_is_heard_when_a_person_is_named_by_ordinary_words(said: str, danger: Danger):
    heard = hear(said)

    assert (heard.calm, heard.danger) == (False, danger)
    assert hear("昨晚做梦，" + said).calm


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("卖西瓜的老头倒了.", "____老头倒了."),
        ("看电影.", "看电影."),
        ("卖的西瓜老了.", "卖的西瓜老了."),
        ("the man fixing our wifi fell.", "the man _______________ fell."),
    ],
)
def test_words_that_say_who_a_person_is_are_replaced_without_moving_the_rest(line: str, heard: str):
    assert without_roles(line) == heard


def test_traditional_characters_and_full_width_signs_are_heard():
    assert hear("房子燒起來了，裡面有人！").danger is Danger.FIRE


def test_sets_have_no_unknown_name():
    for sets in (chinese_sets.SETS, english.SETS):
        assert all(words_of(f"{{{name}}}", sets) for name in sets)
