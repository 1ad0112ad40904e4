"""Lost and found: consequences of words and classes, and every state with every verb."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.found import claims
from domain.found import things as rules
from domain.found import words as spoken
from domain.found.claims import ClaimState, ClaimVerb
from domain.found.things import Class, Item, Loss, State, Verb
from domain.people.people import Person, Post, Role, Village

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
VILLAGE = Village(VillageId(3), "上徐村", StationId(1))
ITEM = Item(12, VILLAGE.id, VILLAGE.station_id, VILLAGE.name, Class.ORDINARY, "一把伞", "村口", PersonId(5), "老徐", 2, State.REPORTED, AT)
BY = PersonId(7)
MOVES = {
    Verb.RECEIVE: lambda item: rules.receive(item, BY, at=AT),
    Verb.HAND_OVER: lambda item: rules.hand_over(item, BY, at=AT),
    Verb.DENY: lambda item: rules.deny(item, BY, at=AT),
    Verb.NOTE: lambda item: rules.note(item, BY, "问过两户", at=AT),
    Verb.LOCATE: lambda item: rules.locate(item, BY, "桥下", at=AT),
    Verb.CLEAR: lambda item: rules.clear(item, BY, at=AT),
    Verb.WITHDRAW: lambda item: rules.withdraw(item, BY, at=AT),
    Verb.PUBLISH: lambda item: rules.publish(item, BY, at=AT),
}
LEADS = {
    (State.REPORTED, Verb.RECEIVE): State.STORED,
    (State.REPORTED, Verb.HAND_OVER): State.RETURNED,
    (State.REPORTED, Verb.DENY): State.REPORTED,
    (State.REPORTED, Verb.NOTE): State.REPORTED,
    (State.REPORTED, Verb.LOCATE): State.REPORTED,
    (State.REPORTED, Verb.CLEAR): State.CLEARED,
    (State.REPORTED, Verb.WITHDRAW): State.WITHDRAWN,
    (State.REPORTED, Verb.PUBLISH): State.REPORTED,
    (State.STORED, Verb.PUBLISH): State.STORED,
    (State.STORED, Verb.HAND_OVER): State.RETURNED,
    (State.STORED, Verb.DENY): State.STORED,
    (State.STORED, Verb.NOTE): State.STORED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_in_every_state_leads_on_or_is_refused(state: State, verb: Verb):
    item = replace(ITEM, state=state)
    if (state, verb) not in LEADS:
        with pytest.raises(RuleError, match=rf"^found\.is\.{state}$"):
            MOVES[verb](item)
        return
    change = MOVES[verb](item)
    ends = LEADS[state, verb] in (State.RETURNED, State.CLEARED, State.WITHDRAWN)
    assert change.value.state is LEADS[state, verb]
    assert change.value.ended_at == (AT if ends else None)
    assert change.restart == (ends or verb is Verb.RECEIVE)
    assert (change.event.subject, change.event.action, change.event.actor_id) == ("found:12", f"found.{verb}", BY)


def test_moves_say_what_they_changed():
    assert rules.receive(ITEM, BY, at=AT).value.handled_by == BY
    assert rules.deny(replace(ITEM, denials=2), BY, at=AT).value.denials == 3
    assert rules.note(ITEM, BY, "问过两户", at=AT).event.words == "问过两户"
    assert rules.locate(ITEM, BY, "桥下", at=AT).value.place == "桥下"


def test_new_thing_is_its_finders_and_promises_a_reminder():
    finder = Person(PersonId(5), "老徐", "zh", Address("telegram", ChatId(1)), VILLAGE.id, consented=True)
    change = rules.report(12, finder, VILLAGE, kind=Class.VALUABLE, what="手机", place="村口", details=2, at=AT)
    assert (change.value.finder_id, change.value.village, change.value.state) == (5, "上徐村", State.REPORTED)
    assert [(timer.kind, timer.subject, timer.due_at) for timer in change.timers] == [
        (rules.REMINDER, "found:12", AT + timedelta(hours=24))
    ]


@pytest.mark.parametrize(
    ("kind", "state", "turn", "after"),
    [
        (Class.VALUABLE, State.REPORTED, 1, timedelta(hours=24)),
        (Class.VALUABLE, State.REPORTED, 3, timedelta(hours=24)),
        (Class.VALUABLE, State.REPORTED, 4, timedelta(days=30)),
        (Class.VALUABLE, State.STORED, 1, timedelta(days=30)),
        (Class.ORDINARY, State.REPORTED, 1, timedelta(days=30)),
        (Class.PERISHABLE, State.STORED, 2, timedelta(days=30)),
        (Class.DANGEROUS, State.REPORTED, 1, timedelta(minutes=30)),
        (Class.DANGEROUS, State.REPORTED, 2, timedelta(hours=24)),
    ],
)
def test_reminder_comes_when_its_class_asks_for_it(kind: Class, state: State, turn: int, after: timedelta):
    timer = rules.remind_again(replace(ITEM, kind=kind, state=state), at=AT, turn=turn)
    assert (timer.due_at - AT, timer.data) == (after, {"number": 12, "turn": turn})


def test_reminders_of_a_thing_are_told_apart_when_it_changes_and_when_they_repeat():
    timers = [rules.remind_again(replace(ITEM, version=version), at=AT, turn=turn) for version in (1, 2) for turn in (1, 2)]
    assert len({timer.occurrence for timer in timers}) == 4


@pytest.mark.parametrize(
    ("kind", "role", "village", "may"),
    [
        (Class.ORDINARY, Role.CHAIR, 3, True),
        (Class.VALUABLE, Role.CHAIR, 3, False),
        (Class.DANGEROUS, Role.CHAIR, 3, False),
        (Class.ORDINARY, Role.CHAIR, 4, False),
        (Class.VALUABLE, Role.OFFICER, 3, True),
        (Class.VALUABLE, Role.OFFICER, 4, False),
        (Class.VALUABLE, Role.DUTY, None, True),
        (Class.ORDINARY, Role.LEADER, None, True),
        (Class.ORDINARY, Role.ADMIN, None, False),
        (Class.ORDINARY, Role.MEMBER, 3, False),
        (Class.ORDINARY, Role.SECRETARY, 3, False),
    ],
)
def test_keeper_may_handle_what_belongs_to_their_post(kind: Class, role: Role, village: int | None, may: bool):
    post = Post(role, StationId(1), None if village is None else VillageId(village))
    actor = Person(BY, "某人", "zh", Address("telegram", ChatId(1)), posts=(post,), consented=True)
    item = replace(ITEM, kind=kind)
    assert rules.may_keep(actor, item) is may
    assert not rules.may_keep(replace(actor, suspended=True), item)
    assert not rules.may_keep(replace(actor, posts=(replace(post, station_id=StationId(2), village_id=VillageId(9)),)), item)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("一部手机", Class.VALUABLE), ("一个钱包", Class.VALUABLE), ("钱包里有200块", Class.VALUABLE), ("身份证", Class.VALUABLE), ("老人机", Class.VALUABLE),
        ("儿童手表", Class.VALUABLE), ("现金800元", Class.VALUABLE), ("五百块", Class.VALUABLE), ("捡到钱", Class.VALUABLE), ("600 yuan", Class.VALUABLE),
        ("钥匙，牌子上写着3幢201室", Class.VALUABLE), ("a wallet", Class.VALUABLE),
        ("现金200元", Class.ORDINARY), ("一串钥匙", Class.ORDINARY), ("一把伞", Class.ORDINARY), ("孩子的书包", Class.ORDINARY), ("小孩衣服", Class.ORDINARY),
        ("小孩掉的手套", Class.ORDINARY), ("奶奶的拐杖", Class.ORDINARY), ("一把玩具枪", Class.ORDINARY),
        ("牛仔裤", Class.ORDINARY), ("the kid's jacket", Class.ORDINARY),
        ("一只小狗", Class.PERISHABLE), ("我家狗走失了", Class.PERISHABLE), ("半个西瓜", Class.PERISHABLE), ("a lost dog", Class.PERISHABLE),
        ("一把枪", Class.DANGEROUS), ("匕首", Class.DANGEROUS), ("农药瓶", Class.DANGEROUS), ("机密文件", Class.DANGEROUS), ("a hand grenade", Class.DANGEROUS),
        ("一个迷路的老人", Class.PERSON), ("小孩走失了", Class.PERSON), ("有个老太太找不到家", Class.PERSON), ("一个小孩在路口哭", Class.PERSON),
        ("我爷爷走丢了", Class.PERSON),
        ("found a child alone", Class.PERSON), ("弃婴", Class.PERSON),
        ("东西", None), ("手机壳", None), ("五百块砖", None), ("婴儿车", None), ("水枪", None), ("toy gun", Class.ORDINARY),
    ],
)  # fmt: skip
def test_class_is_guessed_from_words_the_most_careful_first(words: str, kind: Class | None):
    assert spoken.guess_class(words) is kind


@pytest.mark.parametrize(
    ("words", "sum_"),
    [
        ("500元", 500), ("1,200块", 1200), ("４百块", 400), ("3千多块", 3000), ("2万元", 20_000), ("五百块", 500), ("一千二百元", 1200), ("两千二块", 2200),
        ("一千零五块", 1005), ("十五块", 15), ("两万三块", 23_000), ("¥800", 800), ("99.5 yuan", 99.5), ("10元和500元", 500),
        ("一块石头", None), ("没有", None),
    ],
)  # fmt: skip
def test_sum_of_money_is_read_as_people_write_it(words: str, sum_: float | None):
    assert spoken.yuan(words) == sum_


@pytest.mark.parametrize(
    ("kind", "published_at", "may"),
    [(Class.VALUABLE, None, True), (Class.ORDINARY, None, True), (Class.PERISHABLE, None, True), (Class.DANGEROUS, None, False), (Class.ORDINARY, AT, False)],
)  # fmt: skip
def test_group_is_told_once_and_never_of_danger(kind: Class, published_at: datetime | None, may: bool):
    item = replace(ITEM, kind=kind, published_at=published_at)
    assert rules.may_publish(item) is may
    if may:
        assert rules.publish(item, BY, at=AT).value.published_at == AT
        return
    with pytest.raises(RuleError, match=r"^found\.published$"):
        rules.publish(item, BY, at=AT)


@pytest.mark.parametrize(
    ("words", "noun"),
    [
        ("一部黑色手机，屏保是孩子", "phone"), ("手机壳", "thing"), ("老徐的钱包", "wallet"), ("身份证", "papers"), ("银行卡", "card"), ("红伞", "umbrella"),
        ("牛仔裤", "clothes"), ("一只小狗", "animal"), ("牛奶", "food"), ("金项链", "thing"), ("a red umbrella", "umbrella"), ("a donkey", "thing"),
    ],
)  # fmt: skip
def test_public_word_is_of_a_fixed_list(words: str, noun: str):
    assert spoken.noun(words) == noun


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("一把红伞", "红伞，木头柄", True), ("手机", "黑色手机", True), ("一只花猫", "花猫", True), ("a black wallet", "black wallet", True),
        ("红伞", "红色雨伞", True), ("红色的雨伞", "一把红伞", True), ("黑色双肩包", "黑背包", True), ("棕色皮夹", "一个棕钱包", True),
        ("蓝伞", "红色雨伞", False), ("红色的包", "红伞", False), ("一样东西", "黑色的东西", False),
        ("黑色雨伞", "黑色手机", False), ("一把伞", "一把锄头", False), ("", "红伞", False), ("伞", "伞", False),
    ],
)  # fmt: skip
def test_descriptions_are_alike_when_one_contains_half_of_the_other(one: str, other: str, alike: bool):
    assert spoken.alike(one, other) is alike
    assert spoken.alike(other, one) is alike


# Claims ---------------------------------------------------------------------------------------------------------------

LOSS = Loss(4, VILLAGE.id, VILLAGE.station_id, VILLAGE.name, "伞", "车站", PersonId(6), rules.LostState.MISSING, AT)
CLAIM = claims.offer(9, ITEM, LOSS, by=PersonId(6), at=AT).value
CLAIM_MOVES = {
    ClaimVerb.ANSWER: lambda claim: claims.answer(claim, BY, at=AT),
    ClaimVerb.HEAR: lambda claim: claims.hear(claim, BY, at=AT),
    ClaimVerb.ACCEPT: lambda claim: claims.accept(claim, BY, "012345", [claim], at=AT),
    ClaimVerb.REFUSE: lambda claim: claims.refuse(claim, BY, at=AT),
    ClaimVerb.HAND_OVER: lambda claim: claims.hand_over(claim, BY, at=AT),
    ClaimVerb.CLOSE: lambda claim: claims.close(claim, BY, at=AT),
}
CLAIM_LEADS = {
    (ClaimState.OFFERED, ClaimVerb.ANSWER): ClaimState.ANSWERED,
    (ClaimState.ANSWERED, ClaimVerb.HEAR): ClaimState.HEARD,
    (ClaimState.HEARD, ClaimVerb.ACCEPT): ClaimState.ACCEPTED,
    (ClaimState.HEARD, ClaimVerb.REFUSE): ClaimState.OFFERED,
    (ClaimState.ACCEPTED, ClaimVerb.HAND_OVER): ClaimState.RETURNED,
    **{(state, ClaimVerb.CLOSE): ClaimState.CLOSED for state in (*ClaimState,)[:4]},
}


@pytest.mark.parametrize("state", ClaimState)
@pytest.mark.parametrize("verb", ClaimVerb)
def test_every_verb_of_a_claim_in_every_state_leads_on_or_is_refused(state: ClaimState, verb: ClaimVerb):
    claim = replace(CLAIM, state=state)
    if (state, verb) not in CLAIM_LEADS:
        with pytest.raises(RuleError, match=rf"^claim\.is\.{state}$"):
            CLAIM_MOVES[verb](claim)
        return
    assert CLAIM_MOVES[verb](claim).value.state is CLAIM_LEADS[state, verb]


def test_claim_is_of_the_village_and_class_of_the_found_thing():
    claim = claims.offer(9, ITEM, replace(LOSS, village_id=VillageId(8)), by=PersonId(6), at=AT).value
    assert (claim.village_id, claim.kind, claim.finder_id, claim.claimant_id) == (3, Class.ORDINARY, 5, 6)


def test_code_is_kept_until_the_hand_over_and_only_one_person_has_one():
    heard = replace(CLAIM, state=ClaimState.HEARD)
    accepted = claims.accept(heard, BY, "012345", [heard], at=AT).value
    assert accepted.code == "012345"
    assert claims.hand_over(accepted, BY, at=AT).value.code == ""
    with pytest.raises(RuleError, match=r"^claim\.other_accepted$"):
        claims.accept(replace(heard, id=10), BY, "000000", [accepted], at=AT)


@pytest.mark.parametrize(("own", "of_all", "locked"), [(0, 0, False), (2, 4, False), (3, 3, True), (0, 5, True)])
def test_tries_are_limited_per_person_and_for_all(own: int, of_all: int, locked: bool):
    assert claims.is_locked(own=own, of_all=of_all) is locked
    if locked:
        with pytest.raises(RuleError, match=r"^claim\.too_many$"):
            claims.check_tries(4, own=own, of_all=of_all)
    else:
        claims.check_tries(4, own=own, of_all=of_all)


# Lost -----------------------------------------------------------------------------------------------------------------


def test_loss_ends_when_its_owner_has_it_again():
    owner = Person(PersonId(5), "老徐", "zh", Address("telegram", ChatId(1)), VILLAGE.id, consented=True)
    loss = rules.lose(3, owner, VILLAGE, what="红伞", place="车站", at=AT).value
    back = rules.got_back(loss, PersonId(5), at=AT).value
    assert (back.state, back.ended_at) == (rules.LostState.BACK, AT)
    with pytest.raises(RuleError, match=r"^lost\.is\.back$"):
        rules.got_back(back, PersonId(5), at=AT)
