from __future__ import annotations

import pytest

from domain.core.change import Address, ChatId, PersonId
from domain.people.people import Role
from domain.people.roster import Line, Roster, Sheet, check, near_villages, split_villages
from domain.people.roster_plan import ExistingPerson, plan

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

KNOWN = ExistingPerson(PersonId(5), "王主任", "+8613800000001", frozenset({Address("", ChatId(1001))}), frozenset({(Role.CHAIR, "上徐村")}))


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
        (Line(1, "李四", "chair", ("上徐村",), "13800000001"), False),
    ],
)
def test_somebody_is_known_by_id_else_name_and_phone_else_name_and_post(line, matched):
    step = plan(sound(line), [KNOWN], VILLAGES).steps[0]
    assert (step.known is KNOWN) is matched


def test_the_id_decides_before_the_name():
    twin = ExistingPerson(PersonId(6), "王主任", "+8613800000001", frozenset(), frozenset({(Role.CHAIR, "上徐村")}))
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


@pytest.mark.parametrize(
    ("other", "one"),
    [
        (ExistingPerson(PersonId(6), "王主任", "", frozenset(), frozenset({(Role.CHAIR, "上徐村")})), True),
        (ExistingPerson(PersonId(6), "王主任", "", frozenset({Address("", ChatId(9))}), frozenset({(Role.CHAIR, "上徐村")})), True),
        (ExistingPerson(PersonId(6), "王主任", "+8613800000001", frozenset(), frozenset({(Role.MEMBER, "上徐村")})), True),
        (ExistingPerson(PersonId(6), "王主任", "+8613800000001", frozenset({Address("", ChatId(9))})), False),
        (ExistingPerson(PersonId(6), "王主任", "", frozenset(), frozenset({(Role.CHAIR, "下李村")})), False),
        (ExistingPerson(PersonId(6), "李四", "+8613800000001", frozenset(), frozenset({(Role.CHAIR, "上徐村")})), False),
    ],
)
def test_who_came_with_an_account_of_his_own_and_whom_the_roster_wrote_down_are_one(other, one):
    villager = ExistingPerson(PersonId(5), "老王", "", frozenset({Address("", ChatId(1001))}))
    planned = plan(sound(WANG), [other, villager], VILLAGES)
    assert planned.steps[0].known is villager
    assert planned.steps[0].duplicates == ((other,) if one else ())
    assert other not in planned.absent or not one


def test_a_namesake_in_the_same_post_with_a_row_of_his_own_stays_himself():
    other = ExistingPerson(PersonId(6), "王主任", "", frozenset({Address("", ChatId(1002))}), frozenset({(Role.CHAIR, "上徐村")}))
    second = Line(2, "王主任", "chair", ("上徐村",), "13800000002", "1002")
    steps = plan(sound(WANG, second), [KNOWN, other], VILLAGES).steps
    assert [(step.known, step.duplicates) for step in steps] == [(KNOWN, ()), (other, ())]


def test_a_code_is_made_for_who_is_not_online_and_has_none():
    offline = ExistingPerson(PersonId(5), "王主任", "+8613800000001", frozenset(), frozenset({(Role.CHAIR, "上徐村")}))
    invited = ExistingPerson(PersonId(5), "王主任", "+8613800000001", frozenset(), frozenset({(Role.CHAIR, "上徐村")}), True)
    line = Line(1, "王主任", "chair", ("上徐村",), "13800000001")
    assert [plan(sound(line), [who], VILLAGES).steps[0].invite for who in (offline, invited, KNOWN)] == [True, False, False]


def test_a_town_of_five_thousand_is_planned_at_once():
    villages = tuple(f"第{number}村" for number in range(42))
    lines = [Line(n, f"人{n}", "member", (villages[n % 42],), f"138{n:08d}") for n in range(4900)]
    roster = sound(*lines, villages=villages)
    known = [ExistingPerson(PersonId(n), f"人{n}", f"+86138{n:08d}", frozenset(), roster.people[n].posts, True) for n in range(4900)]
    assert not any(step.changes for step in plan(roster, known, villages).steps)
