from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from domain import casework
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar, WorkingCalendar
from domain.cases import escalation, moves, next_step, sharing, urgent
from domain.cases.actors import CaseActor, CaseRole, may_see, standing_in
from domain.cases.case import ACTIVE, ENDED, IN_WORK, WAITING, Action, Case, CaseChange, Kind, NewCase, Session, Severity, State
from domain.cases.contact import unheard
from domain.cases.corrections import correct, undo
from domain.cases.escalation import EscalationLevel
from domain.cases.move_table import MOVES, restorable
from domain.cases.notices import (
    cards_to_redraw,
    followers_to_tell,
    new_card_recipients,
    other_handlers,
    reporter_of,
    reporter_to_tell,
    together,
)
from domain.cases.reassignment import reassign
from domain.cases.rounds import Ring, Round, Scene
from domain.cases.visibility import Level, Part, Visibility
from domain.core.change import Address, CaseId, ChatId, Event, PersonId, Receiver, RuleError, StationId, VillageId
from domain.core.town import EscalationRules, Town
from domain.people.people import Person, Post, Posts, Role, Village
from tests.rows import row

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")
QUIET = QuietHours(time(21, 30), time(7, 0), ZONE)
TOWN = Town("禾安", ZONE, ClockCalendar(), QUIET)
RULES = EscalationRules()
VILLAGE = Village(VillageId(1), "上徐村", StationId(1))

REPORTER = CaseActor(PersonId(1), "徐阿婆", CaseRole.REPORTER, Role.VILLAGER)
CHAIR = CaseActor(PersonId(2), "王建国", CaseRole.CHAIR, Role.CHAIR)
OFFICER = CaseActor(PersonId(3), "张伟", CaseRole.POLICE, Role.OFFICER)
LEADER = CaseActor(PersonId(4), "李所", CaseRole.POLICE, Role.LEADER)
SECRETARY = CaseActor(PersonId(5), "赵书记", CaseRole.SECRETARY, Role.SECRETARY)
FOLLOWER = CaseActor(PersonId(6), "周大妈", CaseRole.FOLLOWER, Role.VILLAGER)
CLOCK = CaseActor(None, "", CaseRole.CLOCK, Role.STRANGER)
EVERYBODY = (REPORTER, CHAIR, OFFICER, LEADER, SECRETARY, FOLLOWER, CLOCK)


def holder(by: CaseActor) -> Receiver:
    return Receiver(Address("telegram", ChatId(int(by.id or 0))), "zh", by.id, str(by.role), VILLAGE.id, by.name)


def posts(*holders: CaseActor) -> Posts:
    return Posts(VILLAGE, {by.role: (holder(by),) for by in holders})


FULL = posts(CHAIR, OFFICER, LEADER)
COLLEAGUE = CaseActor(PersonId(77), "赵强", CaseRole.POLICE, Role.DUTY)


def opened(text: str = "邻居砌墙", *, who: Posts = FULL, town: Town = TOWN, **facts) -> CaseChange:
    new = NewCase(Kind.DISPUTE, text, VILLAGE.id, reporter_id=PersonId(1), opened_by=PersonId(1))
    return moves.open_case(replace(new, **facts), number=CaseId(1001), by=REPORTER, posts=who, town=town, at=AT)


def in_state(state: State, rung: EscalationLevel = EscalationLevel.CHAIR) -> Case:
    case = opened().case
    if state in (State.ESCALATED, State.ACKNOWLEDGED, State.JOINT):
        rung = max(rung, EscalationLevel.OFFICER)
    taken = None if state in WAITING else {EscalationLevel.CHAIR: CHAIR, EscalationLevel.OFFICER: OFFICER}.get(rung, LEADER)
    return replace(
        case, state=state, rung=rung, holder=rung.holder, holder_id=taken.id if taken else None, holder_name=taken.name if taken else ""
    )


class Decision(Protocol):
    """A move that takes words."""

    def __call__(self, case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange: ...


WORDY = {
    Action.SETTLE: moves.settle,
    Action.REFER: moves.refer,
    Action.CLOSE: moves.close,
    Action.ASK: moves.ask,
    Action.ANSWER: moves.answer,
    Action.NOTE: moves.note,
}


def due(case: Case) -> datetime:
    assert case.due_at is not None
    return case.due_at


def try_it(case: Case, action: Action, by: CaseActor) -> CaseChange:
    """Make the move that an action means."""
    match action:
        case Action.ACCEPT | Action.ACK:
            return moves.take(case, by, town=TOWN, at=AT)
        case Action.MEDIATE:
            return moves.mediate(case, by, Session("各让半米"), at=AT)
        case Action.SETTLE | Action.REFER | Action.CLOSE:
            end: Decision = getattr(moves, action.value)
            return end(case, by, "好了", at=AT)
        case Action.ESCALATE:
            return moves.escalate(case, by, "怕动手", posts=FULL, town=TOWN, at=AT)
        case Action.ASK | Action.ANSWER | Action.NOTE:
            say: Decision = getattr(moves, action.value)
            return say(case, by, "几点？", at=AT)
        case Action.WITHDRAW:
            return moves.withdraw(case, by, at=AT)
        case Action.RECUSE:
            return moves.recuse(case, by, posts=FULL, town=TOWN, at=AT)
        case Action.REOPEN | Action.UNSOLVED:
            return moves.reopen(case, by, "又砌了", posts=FULL, town=TOWN, at=AT, solved=action is Action.REOPEN)
        case Action.SOLVED:
            return moves.solved(case, by, at=AT)
        case Action.LAPSE:
            return moves.lapse(case, by, posts=FULL, town=TOWN, at=AT)
        case Action.STALL:
            return moves.stall(case, by, posts=FULL, town=TOWN, at=AT)
        case Action.REASSIGN:
            change = reassign(case, by, posts=posts(LEADER), town=TOWN, at=AT)
            assert change is not None
            return change
        case Action.POLICE_NOTE:
            return moves.note(case, by, "线人说的", at=AT, for_police=True)
        case Action.ASSIGN:
            return casework.assign(case, by, PersonId(77), posts=posts(OFFICER, COLLEAGUE), town=TOWN, at=AT)
        case Action.HAND_BACK:
            return casework.hand_back(case, by, "村里先谈", posts=FULL, town=TOWN, at=AT)
        case Action.SNOOZE:
            return casework.snooze(case, by, AT + timedelta(days=3), "等图纸", town=TOWN, at=AT)
        case Action.VISITED:
            return moves.visited(case, by, at=AT)
        case Action.UNDO:
            mine = Event(case.subject, "accept", by.id, AT, data=restorable(opened().case, Action.ACCEPT))
            return undo(case, by, events=[mine], holder_name="", town=TOWN, at=AT)
        case Action.SUPPLEMENT:
            return moves.supplement(case, by, "我家门口也是", at=AT)
        case Action.UNHEARD:
            return unheard(case, by, events=(), posts=FULL, town=TOWN, at=AT + timedelta(days=30))
        case Action.CORRECT:
            return correct(case, by, Kind.HAZARD, posts=FULL, town=TOWN, at=AT)
    if action in (Action.RING, Action.ARRIVE, Action.CANCEL, Action.SPOKE, Action.RAISE):
        return at_the_scene(case, action, by)
    return change_readers(case, action, by)


def at_the_scene(case: Case, action: Action, by: CaseActor) -> CaseChange:
    """Make a move of an urgent case."""
    taken_back = AT if action in (Action.SPOKE, Action.RAISE) else None
    case = replace(case, severity=Severity.URGENT, ladder=opened("着火了").case.ladder, scene=Scene(AT, cancelled_at=taken_back))
    match action:
        case Action.RING:
            return urgent.ring(case, by, Ring(1, frozenset({Round.SECOND_WAVE}), timedelta()), at=AT)
        case Action.ARRIVE:
            return urgent.arrive(case, by, at=AT)
        case Action.CANCEL:
            return urgent.take_back(case, by, at=AT)
        case Action.SPOKE:
            return urgent.spoke(case, by, at=AT)
    return urgent.raise_again(case, by, "又来了", at=AT)


def change_readers(case: Case, action: Action, by: CaseActor) -> CaseChange:
    """Make a move that changes who sees a case, on a case where it makes a difference."""
    shut = replace(case, visibility=Visibility(police_only=True), parties=(PersonId(7),), doubtful=(PersonId(7),))
    sealed = replace(case, visibility=Visibility(Level.SEALED))
    actor = person(int(by.id or 99), Post(Role.LEADER, StationId(1)))
    match action:
        case Action.SHARE:
            return sharing.share(shut, by, posts=FULL, at=AT)
        case Action.EXCLUDE:
            return sharing.exclude(case, by, names=("王建国",), person_ids=(PersonId(2),), posts=FULL, town=TOWN, at=AT)
        case Action.CONCERNS:
            return sharing.concerns(shut, by, posts=FULL, town=TOWN, at=AT)
        case Action.CLEAR:
            return sharing.clear(shut, by, posts=FULL, town=TOWN, at=AT)
        case Action.SHOW_MEDIA:
            return sharing.show_media(case, by, at=AT)
        case Action.HIDE_NUMBERS:
            return sharing.hide_numbers(replace(case, text="打 13800000001"), by, at=AT)
        case Action.RESTRICT:
            return sharing.restrict(case, by, posts=FULL, at=AT)
        case Action.LIFT:
            return sharing.lift(replace(case, visibility=Visibility(restricted=True)), by, at=AT)
        case Action.ASK_SEAL:
            return sharing.ask_seal(sealed, by, "要核实", actor=actor, at=AT)
        case Action.OPEN_SEAL:
            return sharing.open_seal(sealed, by, "要核实", actor=actor, asker=replace(actor, id=PersonId(99)), at=AT)
    raise RuleError("refused.not_allowed")


BY_POLICE = "snooze:P assign:P hand_back:P "
#: Who may move a case from which state, one line per state: the whole chain. R reporter, C chair, P police, T time.
CHAIN = {
    State.OPEN: "accept:C ack:P escalate:C ask:CP note:RCP answer:R withdraw:R recuse:CP lapse:T reassign:T",
    State.ACCEPTED: "snooze:C ack:P mediate:C settle:C refer:C close:C escalate:C ask:CP note:RCP answer:R withdraw:R recuse:CP stall:T reassign:T",
    State.MEDIATING: "snooze:C ack:P mediate:C settle:C refer:C close:C escalate:C ask:CP note:RCP answer:R withdraw:R recuse:CP stall:T reassign:T",
    State.ESCALATED: "hand_back:P ack:P escalate:P ask:P note:RCP answer:R withdraw:R recuse:CP lapse:T reassign:T",
    State.ACKNOWLEDGED: BY_POLICE
    + "mediate:P settle:P refer:P close:P escalate:P ask:P note:RCP answer:R withdraw:R recuse:CP stall:T reassign:T",
    State.JOINT: BY_POLICE
    + "mediate:P settle:P refer:P close:P escalate:P ask:P note:RCP answer:R withdraw:R recuse:CP stall:T reassign:T",
    State.SETTLED: "reopen:RCP note:RCP answer:R recuse:CP solved:R unsolved:R visited:CP",
    State.CLOSED: "reopen:RCP note:RCP answer:R recuse:CP solved:R unsolved:R visited:CP",
    State.REFERRED: "reopen:RCP note:RCP answer:R recuse:CP",
    State.WITHDRAWN: "reopen:RCP note:RCP answer:R recuse:CP",
}
#: A chair corrects no case that went to the police; the reporter corrects an open one.
POLICE_HAVE = frozenset({State.ESCALATED, State.ACKNOWLEDGED, State.JOINT})
#: Who sees a case may change in every state.
READERS = (
    " undo:RCP police_note:P share:R exclude:R concerns:R clear:R show_media:R hide_numbers:R restrict:RP lift:P ask_seal:P open_seal:P"
)
#: Moves of an urgent case, by the states in which it goes on.
SCENE = " cancel:R raise:R spoke:P unheard:R supplement:F"
URGENT = dict.fromkeys(WAITING, SCENE + " ring:T") | dict.fromkeys(IN_WORK, SCENE + " arrive:CP")
CHAIN = {
    state: line
    + READERS
    + URGENT.get(state, "")
    + (" correct:P" if state in POLICE_HAVE else " correct:CP")
    + ("R" if state in ACTIVE else "")
    for state, line in CHAIN.items()
}
LETTERS = {"R": CaseRole.REPORTER, "C": CaseRole.CHAIR, "P": CaseRole.POLICE, "T": CaseRole.CLOCK, "F": CaseRole.FOLLOWER}


def allowed(state: State, action: Action, by: CaseActor) -> bool:
    moves = dict(pair.split(":") for pair in CHAIN[state].split())
    return by.standing in {LETTERS[letter] for letter in moves.get(action.value, "")}


@pytest.mark.parametrize("state", State)
def test_every_state_and_action_is_decided(state):
    for action, by in product(Action, EVERYBODY):
        with row(action, by):
            is_decided(state, action, by)


def is_decided(state: State, action: Action, by: CaseActor) -> None:
    if action in (Action.ACCEPT, Action.ACK) and by.standing in (CaseRole.CHAIR, CaseRole.POLICE):
        action = Action.ACCEPT if by.standing is CaseRole.CHAIR else Action.ACK  # one button per role: `take` checks who presses
    case = in_state(state)
    leader_has_no_rung_above = action is Action.ESCALATE and by is LEADER
    if allowed(state, action, by) and not leader_has_no_rung_above:
        change = try_it(case, action, by)
        assert change.event.action == action
        assert change.case.state in ENDED or change.case.holder in (Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER)
    else:
        with pytest.raises(RuleError) as refusal:
            try_it(case, action, by)
        assert refusal.value.key in (f"case.refused.{state}", "refused.not_allowed")


def test_the_table_holds_nothing_that_the_chain_does_not():
    assert {state: {str(action) for action in moves} for state, moves in MOVES.items()} == {
        state: {pair.split(":")[0] for pair in line.split()} for state, line in CHAIN.items()
    }


def test_words_are_asked_for_where_words_are_needed():
    for action in (Action.SETTLE, Action.CLOSE, Action.REFER):
        with pytest.raises(RuleError, match="no_words"):
            WORDY[action](in_state(State.ACCEPTED), CHAIR, "  ", at=AT)
    with pytest.raises(RuleError, match="no_words"):
        moves.escalate(in_state(State.OPEN), CHAIR, "", posts=FULL, town=TOWN, at=AT)


def test_a_new_dispute_waits_for_the_chair_with_a_reminder_and_a_deadline():
    change = opened()
    assert (change.case.state, change.case.rung, change.case.holder) == (State.OPEN, EscalationLevel.CHAIR, Role.CHAIR)
    assert {timer.kind: timer.due_at for timer in change.timers} == {
        "case_reminder": AT + timedelta(hours=6),
        "case_deadline": AT + timedelta(hours=8),
    }
    assert all(timer.data["fence"] == change.case.fence for timer in change.timers)


@pytest.mark.parametrize(
    ("who", "rung"),
    [
        (posts(OFFICER, LEADER), EscalationLevel.OFFICER),
        (posts(LEADER), EscalationLevel.STATION),
        (posts(), EscalationLevel.STATION),
        (Posts(VILLAGE, {Role.CHAIR: (replace(holder(CHAIR), address=None),), Role.OFFICER: (holder(OFFICER),)}), EscalationLevel.OFFICER),
    ],
)
def test_an_empty_or_unreachable_post_is_passed_by_at_once(who, rung):
    assert opened(who=who).case.rung is rung


def test_a_chair_who_reports_for_himself_does_not_handle_it():
    change = opened(reporter_id=CHAIR.id, opened_by=CHAIR.id)
    assert change.case.rung is EscalationLevel.OFFICER
    assert CHAIR.id not in {who.person_id for who in new_card_recipients(change, FULL)}


def test_a_chair_who_reports_for_somebody_else_handles_it_and_hears_nothing_twice():
    change = opened(reporter_id=None, opened_by=CHAIR.id)
    assert change.case.rung is EscalationLevel.CHAIR
    assert reporter_of(change.case, FULL) is None


def test_urgent_case_calls_everybody_at_once_and_runs_in_rounds():
    night = WorkingCalendar(ZONE, opens=time(8, 30), closes=time(17, 30))
    change = opened("两家打架动刀了", town=replace(TOWN, working=night))
    assert change.case.severity is Severity.URGENT
    assert [(timer.kind, timer.due_at) for timer in change.timers] == [("case_round", AT + timedelta(seconds=90))]
    assert change.case.due_at == AT + timedelta(seconds=90)
    assert [who.person_id for who in new_card_recipients(change, FULL)] == [CHAIR.id, OFFICER.id, LEADER.id]
    assert [who.person_id for who in new_card_recipients(opened(), FULL)] == [CHAIR.id]


def test_the_ladder_is_frozen_when_the_case_is_opened():
    change = opened()
    assert change.case.due_at is not None
    slower = replace(TOWN, escalation=EscalationRules(officer_within=timedelta(days=9)))
    lapsed = moves.lapse(change.case, CLOCK, posts=FULL, town=slower, at=due(change.case))
    assert lapsed.case.due_at == due(change.case) + timedelta(hours=4)
    assert escalation.from_plain(escalation.to_plain(change.case.ladder)) == change.case.ladder


def test_silence_climbs_rung_by_rung_and_stays_with_the_station_until_somebody_answers():
    case, seen = opened().case, []
    for _ in range(4):
        assert case.due_at is not None
        change = moves.lapse(case, CLOCK, posts=FULL, town=TOWN, at=due(case))
        assert change.case.fence == case.fence + 1
        case = change.case
        seen.append((case.state, case.rung))
    assert seen == [
        (State.ESCALATED, rung)
        for rung in (EscalationLevel.OFFICER, EscalationLevel.STATION, EscalationLevel.BEYOND, EscalationLevel.BEYOND)
    ]
    assert moves.take(case, LEADER, town=TOWN, at=AT).case.rung is EscalationLevel.STATION


def test_taking_a_case_ends_the_ladder_and_starts_the_watch_over_silence():
    change = moves.take(opened().case, CHAIR, town=TOWN, at=AT)
    assert change.restep
    assert change.case.due_at is None
    assert [(timer.kind, timer.due_at) for timer in change.timers] == [
        ("case_stalled", AT + timedelta(days=5)),
        ("case_stalls_soon", AT + timedelta(days=4)),
    ]


def test_a_taken_case_that_goes_silent_climbs_one_rung_above_its_holder():
    assert moves.stall(in_state(State.MEDIATING), CLOCK, posts=FULL, town=TOWN, at=AT).case.rung is EscalationLevel.OFFICER
    assert moves.stall(in_state(State.JOINT), CLOCK, posts=FULL, town=TOWN, at=AT).case.rung is EscalationLevel.STATION
    assert (
        moves.stall(in_state(State.ACKNOWLEDGED, EscalationLevel.STATION), CLOCK, posts=FULL, town=TOWN, at=AT).case.rung
        is EscalationLevel.BEYOND
    )


def test_an_agreed_next_session_is_no_silence():
    next_at = AT + timedelta(days=10)
    change = moves.mediate(in_state(State.ACCEPTED), CHAIR, Session("再谈", next_at=next_at), at=AT)
    assert next_step.watch(change.case, town=TOWN).due_at == next_at + timedelta(days=5)


def test_a_next_session_beyond_a_month_is_refused():
    for days, refused in ((30, False), (31, True), (365, True)):
        session = Session("再谈", next_at=AT + timedelta(days=days))
        if refused:
            with pytest.raises(RuleError, match="too_far"):
                moves.mediate(in_state(State.ACCEPTED), CHAIR, session, at=AT)
        else:
            assert moves.mediate(in_state(State.ACCEPTED), CHAIR, session, at=AT).case.next_at == session.next_at


def test_a_date_far_away_does_not_put_silence_off_for_ever():
    buried = replace(in_state(State.MEDIATING), acted_at=AT, next_at=AT + timedelta(days=20_000))
    assert next_step.watch(buried, town=TOWN).due_at == AT + timedelta(days=35)


def test_what_a_reporter_says_in_one_minute_is_one_message_of_bounded_length():
    def said(words: str, seconds: float, who: int = 1, action: Action = Action.NOTE) -> Event:
        return Event("case:1001", action, PersonId(who), AT + timedelta(seconds=seconds), words)

    events = [said("昨天", -60), said("别人", 1, who=2), said("回答", 2, action=Action.ANSWER), said("快来", 3), said("他走了", 59)]
    assert together(events, events[-1]) == ["快来", "他走了"]
    long = [said("长" * 700, number) for number in range(5)]
    assert together(long, long[-1]) == ["…", "长" * 700, "长" * 700]
    assert together([said("长" * 1500, 0)], said("", 0)) == ["长" * 1500]


def test_whole_days_are_working_days():
    working = WorkingCalendar(ZONE, opens=time(8, 30), closes=time(17, 30))
    wednesday = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)
    assert escalation.after(working, wednesday, timedelta(days=3)) == datetime(2026, 6, 8, 0, 30, tzinfo=UTC)
    assert escalation.after(ClockCalendar(), wednesday, timedelta(days=3)) == wednesday + timedelta(days=3)


def test_the_dragon_boat_holiday_is_nobodys_delay():
    working = WorkingCalendar(ZONE, opens=time(8, 30), closes=time(17, 30))
    eve = datetime(2026, 6, 18, 8, 30, tzinfo=UTC)  # 16:30 on the Thursday before Dragon Boat Festival (19 to 21 June)
    case = opened(town=replace(TOWN, working=working)).case
    later = moves.reopen(replace(case, state=State.SETTLED), REPORTER, "又来了", posts=FULL, town=replace(TOWN, working=working), at=eve)
    assert later.case.due_at is not None
    assert later.case.due_at.astimezone(ZONE).date().isoformat() == "2026-06-22"


def test_a_chair_who_steps_aside_is_a_party_and_the_officer_gets_the_case():
    change = moves.recuse(opened().case, CHAIR, posts=FULL, town=TOWN, at=AT)
    assert change.case.parties == (CHAIR.id,)
    assert change.case.rung is EscalationLevel.OFFICER
    assert CHAIR.id not in {who.person_id for who in new_card_recipients(change, FULL)}
    assert other_handlers(change, FULL)[1] == ()


def test_followers_hear_of_a_move_but_not_reporter_party_or_who_made_it():
    case = replace(in_state(State.OPEN), parties=(PersonId(8),))
    followers = [PersonId(number) for number in (1, 2, 6, 8, 9)]
    assert followers_to_tell(try_it(case, Action.ACCEPT, CHAIR), followers) == [6, 9]
    assert followers_to_tell(try_it(case, Action.NOTE, CHAIR), followers) == []


def test_who_reported_for_somebody_is_not_told_of_their_own_move():
    case = replace(in_state(State.OPEN), reporter_id=None, opened_by=PersonId(9))
    other = replace(CHAIR, id=PersonId(9))
    assert reporter_to_tell(try_it(case, Action.ACCEPT, CHAIR), FULL) == 9
    assert reporter_to_tell(try_it(case, Action.ACCEPT, other), FULL) is None
    again = try_it(in_state(State.ESCALATED, EscalationLevel.STATION), Action.LAPSE, CLOCK)
    assert reporter_to_tell(again, FULL) is None


def test_cards_are_redrawn_for_viewers_and_stand_ins_but_not_for_new_recipients():
    change = try_it(in_state(State.OPEN), Action.ESCALATE, CHAIR)
    assert cards_to_redraw(change, FULL, [PersonId(3), PersonId(2)]) == [2]
    absent = replace(holder(OFFICER), address=None)
    nobody = Posts(VILLAGE, {Role.CHAIR: (holder(CHAIR),), Role.OFFICER: (absent,), Role.LEADER: (holder(LEADER),)})
    called = replace(change, case=replace(change.case, rung=EscalationLevel.OFFICER))
    assert cards_to_redraw(called, nobody, [PersonId(2)]) == [2, 4]


def test_a_party_never_gets_a_case_back():
    change = moves.recuse(opened().case, CHAIR, posts=FULL, town=TOWN, at=AT)
    ended = replace(change.case, state=State.CLOSED, rung=EscalationLevel.CHAIR, holder=Role.CHAIR)
    assert moves.reopen(ended, REPORTER, "没解决", posts=FULL, town=TOWN, at=AT).case.rung is EscalationLevel.OFFICER


def test_a_reopened_case_goes_to_whoever_had_it():
    assert try_it(in_state(State.SETTLED), Action.REOPEN, REPORTER).case.state is State.OPEN
    officers = try_it(in_state(State.CLOSED, EscalationLevel.OFFICER), Action.UNSOLVED, REPORTER).case
    assert (officers.state, officers.rung) == (State.ESCALATED, EscalationLevel.OFFICER)


def test_a_chair_does_not_reopen_what_the_police_ended():
    with pytest.raises(RuleError, match="reopen_police"):
        try_it(in_state(State.CLOSED, EscalationLevel.OFFICER), Action.REOPEN, CHAIR)


def test_only_what_was_settled_or_closed_is_asked_about_again():
    for action, asked in ((Action.SETTLE, True), (Action.CLOSE, True), (Action.REFER, False)):
        timers = try_it(in_state(State.ACCEPTED), action, CHAIR).timers
        assert [timer.kind for timer in timers] == (["case_follow_up"] if asked else [])


def test_the_auditor_gives_a_second_look_its_own_name():
    case = opened().case
    again = next_step.next_step(case, town=TOWN, at=AT + timedelta(days=1))
    assert {timer.kind for timer in again} == {"case_deadline"}
    assert {timer.occurrence for timer in again}.isdisjoint({timer.occurrence for timer in opened().timers})
    assert next_step.next_step(in_state(State.CLOSED), town=TOWN, at=AT) == ()


# Standing ---------------------------------------------------------------------------------------------------------------


def person(number: int, *held: Post, **facts) -> Person:
    return Person(PersonId(number), "某人", "zh", Address("telegram", ChatId(number)), posts=held, consented=True, **facts)


def stands(actor: Person, *, parties: tuple[PersonId, ...] = (), reporter: int = 1) -> CaseRole | None:
    by = standing_in(
        actor,
        village_id=VILLAGE.id,
        station_id=VILLAGE.station_id,
        holder=Role.CHAIR,
        reporter_id=PersonId(reporter),
        opened_by=None,
        parties=parties,
    )
    return by.standing if by else None


@pytest.mark.parametrize(
    ("actor", "standing"),
    [
        (person(1), CaseRole.REPORTER),
        (person(1, Post(Role.CHAIR, StationId(1), VILLAGE.id)), CaseRole.REPORTER),
        (person(2, Post(Role.CHAIR, StationId(1), VILLAGE.id)), CaseRole.CHAIR),
        (person(2, Post(Role.CHAIR, StationId(1), VillageId(2))), None),
        (person(2, Post(Role.CHAIR, StationId(1), VILLAGE.id), suspended=True), None),
        (person(2, Post(Role.MEMBER, StationId(1), VILLAGE.id)), None),
        (person(3, Post(Role.OFFICER, StationId(1), VILLAGE.id)), CaseRole.POLICE),
        (person(3, Post(Role.OFFICER, StationId(1), VillageId(2))), None),
        (person(4, Post(Role.DUTY, StationId(1))), CaseRole.POLICE),
        (person(4, Post(Role.LEADER, StationId(2))), None),
        (person(5, Post(Role.SECRETARY, StationId(1), VILLAGE.id)), CaseRole.SECRETARY),
        (person(6, Post(Role.ADMIN, StationId(1))), None),
        (person(7), None),
        (person(8, Post(Role.CHAIR, StationId(1), VILLAGE.id, deputises_for=PersonId(2))), CaseRole.CHAIR),
    ],
)
def test_what_somebody_is_to_a_case(actor, standing):
    assert stands(actor) is standing


def test_a_party_and_his_deputy_are_nothing_to_the_case():
    post = Post(Role.CHAIR, StationId(1), VILLAGE.id)
    assert stands(person(2, post), parties=(PersonId(2),)) is None
    assert stands(person(8, replace(post, deputises_for=PersonId(2))), parties=(PersonId(2),)) is None
    assert stands(person(8, replace(post, deputises_for=PersonId(2))), reporter=2) is None


@pytest.mark.parametrize(
    ("level", "readers"),
    [
        (Level.NAMED, {CaseRole.REPORTER, CaseRole.CHAIR, CaseRole.POLICE}),
        (Level.HIDDEN, {CaseRole.REPORTER, CaseRole.POLICE}),
        (Level.SEALED, {CaseRole.REPORTER}),
    ],
)
def test_name_is_for_its_readers_only(level, readers):
    assert {standing for standing in CaseRole if may_see(standing, Part.NAME, Visibility(level))} == readers


# Posts change ---------------------------------------------------------------------------------------------------------

NEXT_CHAIR = replace(CHAIR, id=PersonId(8), name="赵海燕")
NEXT_AT = AT + timedelta(days=2)


@pytest.mark.parametrize(
    ("state", "who", "rung", "holder_id", "into"),
    [
        (State.OPEN, posts(CHAIR, OFFICER), None, None, None),
        (State.OPEN, posts(NEXT_CHAIR, OFFICER), None, None, None),
        (State.OPEN, posts(OFFICER, LEADER), EscalationLevel.OFFICER, None, State.ESCALATED),
        (State.OPEN, posts(LEADER), EscalationLevel.STATION, None, State.ESCALATED),
        (State.OPEN, posts(), EscalationLevel.STATION, None, State.ESCALATED),
        (State.MEDIATING, posts(CHAIR, OFFICER), None, None, None),
        (State.MEDIATING, posts(NEXT_CHAIR, OFFICER), EscalationLevel.CHAIR, NEXT_CHAIR.id, State.MEDIATING),
        (State.MEDIATING, posts(OFFICER, LEADER), EscalationLevel.OFFICER, None, State.ESCALATED),
        (State.JOINT, posts(CHAIR, LEADER), EscalationLevel.STATION, None, State.ESCALATED),
        (State.ESCALATED, posts(CHAIR), EscalationLevel.STATION, None, State.ESCALATED),
    ],
)
def test_reassignment_moves_a_case_to_the_first_who_can_act(state, who, rung, holder_id, into):
    case = replace(in_state(state), next_at=NEXT_AT)
    change = reassign(case, CLOCK, posts=who, town=TOWN, at=AT)
    if into is None:
        assert change is None
        return
    assert change is not None
    assert (change.case.state, change.case.rung, change.case.holder_id) == (into, rung, holder_id)
    assert change.case.fence == case.fence + 1
    assert change.case.next_at == NEXT_AT
    assert change.restep
    assert change.timers


def test_reassignment_prefers_the_successor():
    two = Posts(VILLAGE, {Role.CHAIR: (holder(NEXT_CHAIR), holder(replace(CHAIR, id=PersonId(9), name="钱春梅")))})
    change = reassign(in_state(State.ACCEPTED), CLOCK, posts=two, town=TOWN, at=AT, to_id=PersonId(9))
    assert change is not None
    assert change.case.holder_id == PersonId(9)


def test_reassignment_of_an_urgent_case_asks_again():
    case = replace(in_state(State.ACCEPTED), severity=Severity.URGENT)
    change = reassign(case, CLOCK, posts=posts(NEXT_CHAIR, OFFICER), town=TOWN, at=AT)
    assert change is not None
    assert (change.case.state, change.case.holder_id) == (State.OPEN, None)
    assert change.case.due_at is not None


def test_reassignment_passes_parties_and_the_reporter_by():
    case = replace(in_state(State.OPEN), parties=(PersonId(8),))
    change = reassign(case, CLOCK, posts=posts(NEXT_CHAIR, OFFICER), town=TOWN, at=AT)
    assert change is not None
    assert change.case.rung is EscalationLevel.OFFICER
