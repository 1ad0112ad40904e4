"""Questions by the subject of a report."""

from __future__ import annotations

from dataclasses import replace

from domain.cases.case import Category, Kind, State
from domain.cases.questions import ALL, QUESTIONS, Topic, answer, open_questions, topic_of
from tests.domain.cases.test_moves import AT, REPORTER, opened
from tests.rows import row
from texts import plain

SAID = {
    "老板欠我三个月工资": Topic.WAGES,
    "工地上摔伤了，老板不出医药费": Topic.INJURY,
    "隔壁半夜太吵": Topic.NOISE,
    "他家占了我家的承包地": Topic.LAND,
    "他欠我两万块不还": Topic.MONEY,
    "邻居砌墙挡了我家的光": Topic.NEIGHBOUR,
    "她总是骂我": None,
}


def test_subject_follows_from_category_words_and_kind():
    for words, topic in SAID.items():
        with row(words):
            assert topic_of(Kind.DISPUTE, Category.NONE, words) is topic
    assert topic_of(Kind.DISPUTE, Category.LABOUR, "邻居") is Topic.WAGES
    assert topic_of(Kind.HAZARD, Category.NONE, "老板欠工资") is Topic.HAZARD
    assert topic_of(Kind.OPINION, Category.NONE, "邻居") is None


def test_every_question_and_answer_has_a_sentence_in_both_languages():
    assert set(QUESTIONS) == set(Topic)
    for question in ALL:
        for language in ("zh", "en"):
            assert plain(f"question.ask.{question.name}", language, n="1", of="2")
            assert plain(f"question.label.{question.name}", language)
            assert all(plain(f"question.choice.{question.name}_{each}", language) for each in question.choices)


def test_answered_question_is_not_asked_again_and_an_ended_case_asks_nothing():
    case = replace(opened().case, category=Category.NEIGHBOUR)
    first, *rest = open_questions(case)
    change = answer(case, REPORTER, [first.name], "跟谁家：老王", at=AT)
    assert open_questions(change.case) == tuple(rest)
    assert change.event.words == "跟谁家：老王"
    assert open_questions(replace(case, state=State.CLOSED)) == ()
    assert open_questions(opened("着火了").case) == ()
