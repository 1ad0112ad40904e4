from __future__ import annotations

from dataclasses import replace

import pytest

from domain.core.change import Address, ChatId, PersonId
from domain.people.people import Role
from domain.people.roster import Line, Roster, Sheet, check, near_villages, village_questions
from domain.people.roster_plan import Answers, ExistingPerson, plan
from domain.people.roster_words import split_villages

VILLAGES = ("上徐村", "下李村")
WANG = Line(1, "王主任", "chair", ("上徐村",), "13800000001", "1001")


def sheet(*lines: Line, station: str = "禾安所", villages: tuple[str, ...] | None = VILLAGES) -> Sheet:
    return Sheet(station, villages, lines)


def faults(*lines: Line, **facts) -> list[tuple[int, str]]:
    found = check(sheet(*lines, **facts))
    assert not isinstance(found, Roster)
    return [(fault.row, fault.key) for fault in found]


def sound(*lines: Line, **facts) -> Roster:
    found = check(sheet(*lines, **facts))
    assert isinstance(found, Roster), found
    return found


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (Line(3, "", "chair", ("上徐村",)), "roster.fault.no_name"),
        (Line(3, "王", "boss", ("上徐村",)), "roster.fault.role"),
        (Line(3, "王", "villager", ("上徐村",)), "roster.fault.role"),
        (Line(3, "王", "", ("上徐村",)), "roster.fault.role"),
        (Line(3, "王", "chair", ("上徐村",), "110"), "roster.fault.phone"),
        (Line(3, "王", "chair", ("上徐村",), "1380000000"), "roster.fault.phone"),
        (Line(3, "王", "chair", ("上徐村",), "", "@wang"), "roster.fault.account"),
        (Line(3, "王", "chair", ("上徐村",), "", "wang"), "roster.fault.account"),
        (Line(3, "王", "chair", ("上徐村",), "", "-100123"), "roster.fault.account"),
        (Line(3, "王", "chair", ("上徐村",), "", "1_000"), "roster.fault.account"),
        (Line(3, "王", "chair", ("上徐村",), "", "9" * 17), "roster.fault.account"),
        (Line(3, "王", "chair", ("上徐村",), "", "0"), "roster.fault.account"),
        (Line(3, "王", "chair", ("东岭村",)), "roster.fault.village"),
        (Line(3, "王", "chair", ("上许村",)), "roster.fault.village_near"),
        (Line(3, "王", "chair"), "roster.fault.no_village"),
        (Line(3, "王", "officer"), "roster.fault.no_village"),
    ],
)
def test_a_fault_is_named_with_its_row(line, key):
    assert faults(line) == [(3, key)]


def test_every_fault_is_listed_at_once_in_the_order_of_the_rows():
    found = faults(Line(7, "王", "boss", ("上徐村",), "1"), Line(2, "", "chair", ("无",), "", "@x"), station="")
    assert [row for row, _ in found] == sorted(row for row, _ in found)
    assert {key.rpartition(".")[2] for _, key in found} >= {"no_station", "no_name", "account", "role", "phone"}


def test_a_roster_without_station_villages_or_people_is_refused():
    assert {key for _, key in faults(station="", villages=())} == {
        "roster.fault.no_station",
        "roster.fault.no_villages",
        "roster.fault.no_people",
    }


def test_two_people_cannot_have_one_telegram_id():
    assert faults(WANG, Line(2, "李四", "member", ("上徐村",), "", "1001")) == [(2, "roster.fault.id_twice")]


def test_one_person_may_hold_two_posts():
    roster = sound(WANG, Line(2, "王主任", "member", ("下李村",), "", "1001"))
    assert [person.posts for person in roster.people] == [{(Role.CHAIR, "上徐村"), (Role.MEMBER, "下李村")}]


def test_the_same_row_twice_is_a_fault():
    assert faults(WANG, Line(2, "王主任", "治保主任", ("上徐",), "13800000001", "1001")) == [(2, "roster.fault.twice")]


def test_a_village_twice_is_a_fault():
    assert faults(WANG, villages=("上徐村", "上徐村")) == [(0, "roster.fault.village_twice")]


def test_roles_and_villages_are_understood_in_chinese():
    roster = sound(Line(1, "张警官", "社区民警", ("上徐", "下李村")), Line(2, "陈所", "所长"))
    assert roster.people[0].posts == {(Role.OFFICER, "上徐村"), (Role.OFFICER, "下李村")}
    assert roster.people[1].posts == {(Role.LEADER, "")}


def test_without_a_list_the_villages_are_those_of_the_rows():
    assert sound(WANG, Line(2, "赵主任", "chair", ("下李村",)), villages=None).villages == ("上徐村", "下李村")


def test_holes_are_warnings_and_not_faults():
    roster = sound(WANG, Line(2, "孙主任", "chair", ("上徐村",)), Line(3, "张警官", "officer", ("下李村",)))
    found = {(warning.key.rpartition(".")[2], warning.params.get("village")) for warning in roster.warnings}
    assert found == {("two_chairs", "上徐村"), ("no_officer", "上徐村"), ("no_chair", "下李村"), ("no_station", None)}


def test_names_are_split_at_every_usual_separator():
    assert split_villages("上徐村、下李村,东岭村；石门村 ; 西街") == ("上徐村", "下李村", "东岭村", "石门村", "西街")


def test_a_near_name_is_found_first():
    assert near_villages("上许", ("东岭村", "上徐村", "下李村"))[0] == "上徐村"


# The plan -------------------------------------------------------------------------------------------------------------

PHONE = "+8613800000001"
KNOWN = ExistingPerson(
    PersonId(5), "王主任", PHONE, frozenset({Address("", ChatId(1001))}), frozenset({(Role.CHAIR, "上徐村")}), False, "王主任", PHONE
)


def test_the_same_roster_again_plans_nothing():
    planned = plan(sound(WANG), [KNOWN], VILLAGES)
    assert not any(step.changes for step in planned.steps)
    assert (planned.new_villages, planned.absent) == ((), ())


@pytest.mark.parametrize(
    ("line", "matched"),
    [
        (Line(1, "王大明", "chair", ("上徐村",), "", "1001"), True),
        (Line(1, "王主任", "member", ("下李村",), "13800000001"), True),
        (Line(1, "王主任", "chair", ("上徐村",), "13900000002"), True),
        (Line(1, "王主任", "chair", ("下李村",), "13900000002"), False),
        (Line(1, "王主仁", "chair", ("上徐村",), "13800000001"), True),
        (Line(1, "李四", "chair", ("下李村",), "13800000001"), False),
    ],
)
def test_somebody_is_known_by_id_else_by_what_a_roster_said(line, matched):
    step = plan(sound(line), [KNOWN], VILLAGES).steps[0]
    assert (step.known is KNOWN) is matched


def test_the_id_decides_before_the_name():
    twin = replace(KNOWN, id=PersonId(6), accounts=frozenset())
    assert plan(sound(WANG), [twin, KNOWN], VILLAGES).steps[0].known is KNOWN


def test_a_changed_post_ends_and_starts():
    step = plan(sound(Line(1, "王主任", "secretary", ("上徐村",), "", "1001")), [KNOWN], VILLAGES).steps[0]
    assert step.start == {(Role.SECRETARY, "上徐村")}
    assert step.end == {(Role.CHAIR, "上徐村")}


def test_who_is_absent_is_reported_and_administrators_are_not():
    admin = ExistingPerson(PersonId(9), "管理员", "", frozenset({Address("", ChatId(7))}), frozenset({(Role.ADMIN, "")}))
    planned = plan(sound(Line(1, "李四", "chair", ("上徐村",))), [KNOWN, admin], (*VILLAGES, "东岭村"))
    assert planned.absent == (KNOWN,)
    assert planned.missing_villages == ("东岭村",)


def test_what_people_say_of_themselves_identifies_nobody():
    villager = replace(KNOWN, listed_name="", listed_phone="")
    planned = plan(sound(Line(1, "王主任", "chair", ("上徐村",), "13800000001")), [villager], VILLAGES)
    assert planned.steps[0].known is None
    assert [question.key for question in planned.questions] == ["roster.fault.same_person", "roster.fault.second_chair"]


@pytest.mark.parametrize(
    ("answers", "matched"), [(Answers(same=("王 主任",)), True), (Answers(other=("王主任",), replaces_chairs=True), False)]
)
def test_the_operator_says_whether_a_namesake_is_meant(answers, matched):
    villager = replace(KNOWN, listed_name="", listed_phone="")
    planned = plan(sound(Line(1, "王主任", "chair", ("上徐村",), "13800000001")), [villager], VILLAGES, answers)
    assert (planned.steps[0].known is villager, planned.questions) == (matched, ())


@pytest.mark.parametrize("padded", ["王　主任", "王 主任", "王主任_x000D_", "\u202d王主任"])
def test_a_padded_name_is_the_same_person(padded):
    assert not plan(sound(replace(WANG, name=padded, account="")), [KNOWN], VILLAGES).steps[0].changes


def test_the_record_of_who_came_with_an_account_of_their_own_ends():
    record = replace(KNOWN, id=PersonId(6), accounts=frozenset())
    villager = ExistingPerson(PersonId(5), "老王", "", frozenset({Address("", ChatId(1001))}))
    planned = plan(sound(WANG), [record, villager], VILLAGES)
    step = planned.steps[0]
    assert (step.known, step.also, planned.absent, planned.questions) == (villager, record, (), ())
    assert step.start == {(Role.CHAIR, "上徐村")}


@pytest.mark.parametrize(
    "known",
    [
        [replace(KNOWN, listed_name="李四", name="李四", listed_phone="", phone="")],
        [replace(KNOWN, accounts=frozenset({Address("", ChatId(9))})), ExistingPerson(PersonId(7), "老王", "", KNOWN.accounts)],
    ],
    ids=["account of another holder", "holder with another chat"],
)
def test_a_chat_moves_to_another_person_only_if_asked_for(known):
    assert [question.key for question in plan(sound(WANG), known, VILLAGES).questions] == ["roster.fault.chat_of_other"]
    assert plan(sound(WANG), known, VILLAGES, Answers(moved=("王主任",))).questions == ()


def test_a_new_chair_beside_one_who_is_not_in_the_file_is_asked_about():
    roster = sound(Line(1, "孙主任", "chair", ("上徐村",), "13800000009"))
    assert [question.params for question in plan(roster, [KNOWN], VILLAGES).questions] == [{"name": "王主任", "village": "上徐村"}]
    planned = plan(roster, [KNOWN], VILLAGES, Answers(replaces_chairs=True))
    assert [(step.known, sorted(step.end)) for step in planned.steps][1:] == [(KNOWN, [(Role.CHAIR, "上徐村")])]


def test_a_post_from_chair_upward_and_a_moved_chat_wait():
    moved = plan(sound(replace(WANG, account="2002")), [KNOWN], VILLAGES).steps[0]
    new = plan(sound(Line(1, "孙", "secretary", ("上徐村",)), Line(2, "孙主任", "chair", ("下李村",))), [], VILLAGES).steps
    assert (moved.chat_waits, [sorted(step.waiting) for step in new]) == (True, [[], [(Role.CHAIR, "下李村")]])


# Villages out of thin air ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("全部", "village_all"), ("所有村", "village_all"), ("上徐村等2个村", "village_title"), ("上徐村和下李村", "village_joined"),
        ("合计：2个村", "village_title"), ("芝英派出所辖区村名单", "village_title"), ("2026-01-02", "village_number"), ("42", "village_number"),
        ("#N/A", "village_number"), ("村", "village_short"), ("上徐村治保会成员", "village_holds"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_a_village_is_refused_until_asked_for(said, key):
    lines = (WANG, Line(2, "张警官", "officer", split_villages(said)))
    assert faults(*lines, villages=None) == [(2, f"roster.fault.{key}")]
    if key != "village_all":
        assert isinstance(check(sheet(*lines, villages=None), new_villages=split_villages(said)), Roster)


@pytest.mark.parametrize("said", ["上徐村 下李村", "上徐村.下李村", "上徐村｜下李村", "上徐、下李", "上 徐 村、下李村"])
def test_villages_in_one_cell_are_split(said):
    roster = sound(WANG, Line(2, "张警官", "officer", split_villages(said)), Line(3, "李", "chair", ("下李村",)), villages=None)
    assert roster.villages == ("上徐村", "下李村")


def test_all_villages_means_those_of_the_list():
    assert sound(Line(1, "张警官", "officer", ("全部",))).people[0].posts == {(Role.OFFICER, village) for village in VILLAGES}


@pytest.mark.parametrize(
    ("one", "two"), [("上徐村", "上徐"), ("⽯门村", "石门村"), ("东岭村（一）", "东岭村(一)"), ("上徐村", "上徐村委会")]
)
def test_two_spellings_are_one_village(one, two):
    roster = sound(Line(1, "王", "chair", (one,)), Line(2, "张", "officer", (two,)), villages=None)
    assert len(roster.villages) == 1
    again = plan(sound(Line(1, "王", "chair", (two,)), villages=None), [], [one])
    assert (again.new_villages, again.missing_villages, set(again.steps[0].start)) == ((), (), {(Role.CHAIR, one)})


@pytest.mark.parametrize(("name", "asked"), [("上许村", True), ("下徐村", False), ("上徐新村", False), ("石门村", False)])
def test_a_new_village_one_character_from_another_is_asked_about(name, asked):
    roster = sound(Line(1, "王", "chair", ("上徐村",)), Line(2, "张", "officer", (name,)), villages=None)
    assert [fault.params["near"] for fault in village_questions(roster, ["上徐村"], ())] == (["上徐村"] if asked else [])
    assert village_questions(roster, ["上徐村"], [name]) == []


@pytest.mark.parametrize(("said", "near"), [("治保主住", "治保主任"), ("社区警察", "社区民警"), ("村主任", "主任")])
def test_the_nearest_role_is_offered(said, near):
    found = check(sheet(replace(WANG, role=said)))
    assert not isinstance(found, Roster)
    assert [(fault.key, fault.params["near"]) for fault in found] == [("roster.fault.role_near", near)]


def test_several_roles_in_one_cell_are_several_posts():
    assert sound(replace(WANG, role="书记兼主任")).people[0].posts == {(Role.CHAIR, "上徐村"), (Role.SECRETARY, "上徐村")}


@pytest.mark.parametrize(
    "said",
    [
        "138\u00a00000\u00a00001",
        "138–0000–0001",
        "13800000001\ufe0f",
        "13800000001。",
        "手机：13800000001",
        "tel:13800000001",
        "１３８００００００01",
    ],
)
def test_a_phone_is_read_through_the_signs_around_it(said):
    assert sound(replace(WANG, phone=said)).people[0].phone == PHONE


def test_an_invisible_sign_in_a_phone_is_shown():
    found = check(sheet(replace(WANG, phone="138\u200b00 0001")))
    assert not isinstance(found, Roster)
    assert [fault.params["said"] for fault in found] == ["138‹U+200B›00␣0001"]


def test_a_code_is_made_for_who_is_not_online_and_has_none():
    offline = replace(KNOWN, accounts=frozenset())
    invited = replace(KNOWN, accounts=frozenset(), invited=True)
    line = Line(1, "王主任", "chair", ("上徐村",), "13800000001")
    assert [plan(sound(line), [who], VILLAGES).steps[0].invite for who in (offline, invited, KNOWN)] == [True, False, False]


def test_a_town_of_five_thousand_is_planned_at_once():
    villages = tuple(f"第{number}村" for number in range(42))
    lines = [Line(n, f"人{n}", "member", (villages[n % 42],), f"138{n:08d}") for n in range(4900)]
    roster = sound(*lines, villages=villages)
    known = [
        ExistingPerson(PersonId(n), f"人{n}", f"+86138{n:08d}", frozenset(), roster.people[n].posts, True, f"人{n}", f"+86138{n:08d}")
        for n in range(4900)
    ]
    assert not any(step.changes for step in plan(roster, known, villages).steps)
