"""Draw a case for each reader: one card, its timeline, and the buttons that work now.

Knows standings and text keys; must not decide a move, load or write anything. Invariant: a reader's card holds the reporter's name only
where `may_see_reporter` says so, handlers' notes only for handlers, and nothing at all for a reader who no longer sees the case.
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from domain.calendar.local_time import day_of
from domain.cases.actors import CaseActor, CaseRole, may_see
from domain.cases.case import ACTIVE, ELDER, ELDERS_PHONE, ENDED, IN_WORK, WAITING, Action, Case, Kind, Severity, State
from domain.cases.contact import is_overdue
from domain.cases.display import display_name, holder_of
from domain.cases.escalation import ASKED, EscalationLevel, level_of
from domain.cases.intake import LONG_NUMBER
from domain.cases.move_table import MOVES, decide, present_state, undoable
from domain.cases.next_step import deadline_of
from domain.cases.notices import FOR_POLICE, readers
from domain.cases.questions import open_questions
from domain.cases.urgent import sees_place
from domain.cases.visibility import Level, Part
from domain.cases.words.own_words import whole_case
from domain.core.change import Button, Keyboard, Notice, Receiver
from domain.emergencies.heard import Danger
from domain.people.people import Role
from handlers.cases.scene_lines import LABELS, age_of, danger_of, head_key, scene_lines
from handlers.core.context import rows
from texts import At, Lines, Text, keys, placeholders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import Event
    from domain.core.town import Town
    from domain.people.people import Posts

SHORT = 300
WHOLE = 1200
LAST_LINES = 4
WHOLE_LINES = 12
TIMELINE = 4000
#: Argument of the button that shows the short card again.
LESS = "less"
MARKS = {Severity.URGENT: "🔴", Severity.ORDINARY: "🟠", Severity.MINOR: "🔵"}
ENDED_MARKS = {State.SETTLED: "✅", State.CLOSED: "✅", State.REFERRED: "➡️", State.WITHDRAWN: "⚪"}
#: Actions whose words the reporter may read too.
_FOR_REPORTER = frozenset({Action.MEDIATE, Action.SETTLE, Action.REFER, Action.CLOSE, Action.ASK})
_FROM_REPORTER = frozenset({Action.ANSWER, Action.REOPEN, Action.UNSOLVED})
_MEDIATED = frozenset({Kind.DISPUTE})
#: Details of people: for handlers who may see the reporter's name.
_FOR_HANDLERS = frozenset({ELDER, ELDERS_PHONE})
#: Text keys of offered answers; any other word that equals a key was typed by somebody.
_OFFERED = ("case.choice.", "report.danger.", "report.lost.", "report.late.", "report.agrees.")

#: Buttons by standing, in order: (action, verb, label). Only those whose move is in the table are shown.
_HANDLER_BUTTONS = (
    (Action.ACCEPT, "c.acc", "case.button.accept"),
    (Action.ACK, "c.ack", "case.button.ack"),
    (Action.MEDIATE, "c.med", "case.button.mediate"),
    (Action.SETTLE, "c.set", "case.button.settle"),
    (Action.CLOSE, "c.clo", "case.button.close"),
    (Action.ARRIVE, "c.arr", "scene.button.arrived"),
    (Action.SPOKE, "c.spk", "scene.button.spoke"),
    (Action.ASK, "c.ask", "case.button.ask"),
    (Action.ESCALATE, "c.esc", "case.button.escalate"),
    (Action.REFER, "c.ref", "case.button.refer"),
    (Action.REOPEN, "c.re", "case.button.reopen"),
    (Action.NOTE, "c.not", "case.button.note"),
    (Action.RECUSE, "c.rec", "case.button.recuse"),
)


# The card -------------------------------------------------------------------------------------------------------------


def card_for(
    case: Case, by: CaseActor, to: Receiver, *, posts: Posts, events: Sequence[Event], at: datetime, town: Town, whole: bool = False
) -> Notice:
    """Return the case as one reader sees it.

    `whole`: all of the text and timeline; else their last lines.
    """
    who = current_assignee(case, posts)
    if not may_see(by.standing, Part.WORDS, case.visibility):
        shown = head(case, who) if by.standing is CaseRole.FOLLOWER else _summary(case, at=at)
        adds = by.standing is CaseRole.FOLLOWER and not case.ended
        buttons = rows(Button("case.button.supplement", "f.add", (case.id,))) if adds else ()
        return Notice(to, "case.card", {"lines": Lines([shown])}, buttons, card=case.card, subject=case.subject)
    if may_see(by.standing, Part.NAME, case.visibility):
        case, events = whole_case(case, events)
    lines: list[Any] = [
        head(case, who),
        Text("case.quoted", words=_cut(case.text, WHOLE if whole else SHORT)),
        _facts(case, by, at=at, town=town),
    ]
    lines += _details(case, by)
    lines += scene_lines(case, by, age=None if case.placed_at is None else age_of(at - case.placed_at))
    lines += _timeline(events, by, most=WHOLE_LINES if whole else LAST_LINES)
    lines += _what_now(case, by, who, posts, at=at, town=town)
    shows = case.picture and not case.calls and may_see(by.standing, Part.MEDIA, case.visibility)
    picture = {"type": "photo", "file_id": case.picture} if shows else None
    buttons = buttons_for(case, by, whole=whole)
    if by.standing is CaseRole.REPORTER and is_overdue(case, town=town, at=at):
        buttons = ((Button("case.button.unheard", "ct.un", (case.id,)),), *buttons)
    if undoable(case, by, events, at=at):
        buttons = (*buttons, (Button("case.button.undo", "c.und", (case.id,)),))
    return Notice(
        to, "case.card", {"lines": Lines(lines)}, buttons, card=case.card, subject=case.subject, media=picture,
        forwardable=by.standing is CaseRole.REPORTER, excluded_ids=case.excluded_ids,  # their own words
    )  # fmt: skip


def gone(case_number: int, to: Receiver) -> Notice:
    """Return the replacement of a card whose reader no longer sees the case."""
    return Notice(to, "case.card.gone", {"number": str(case_number)}, card=f"case:{case_number}", tells_nothing=True)


# Buttons --------------------------------------------------------------------------------------------------------------


def buttons_for(case: Case, by: CaseActor, *, whole: bool = False) -> Keyboard:
    """Return the buttons that work now for this reader; a press is decided again.

    `whole`: those of the whole card, which has more.
    """
    if by.standing is CaseRole.REPORTER:
        more: tuple[Button, ...] = (Button("case.button.correct_kind", "c.cor", (case.id,)),) if whole and not case.ended else ()
        more += (Button("case.button.hide_numbers", "c.num", (case.id,)),) if whole and LONG_NUMBER.search(case.text) else ()
        return (*reporter_buttons(case, whole=whole), *rows(*more))
    if by.standing not in (CaseRole.CHAIR, CaseRole.POLICE):
        return ()
    held = not may_see(by.standing, Part.MEDIA, case.visibility)
    sight = (Button("case.button.sight", "c.who", (case.id,)),) if by.standing is CaseRole.POLICE else ()
    called = LABELS if case.calls else {}
    offered = [Button(called.get(action, label), verb, (case.id,)) for action, verb, label in _HANDLER_BUTTONS if _offers(case, by, action)]
    if whole and _offers(case, by, Action.CORRECT):
        offered.append(Button("case.button.correct", "c.cor", (case.id,)))
    if whole and (_offers(case, by, Action.SNOOZE) or _offers(case, by, Action.HAND_BACK)) and not case.calls:
        offered.append(Button("case.button.more", "k.more", (case.id,)))
    paid = by.standing is CaseRole.POLICE and case.danger is Danger.MONEY
    account = (Button("case.button.account", "c.pay", (case.id,)),) if paid else ()
    place = (Button("scene.button.place", "c.loc", (case.id,)),) if case.placed_at is not None and sees_place(case, by.standing) else ()
    return rows(*offered, *place, *account, _look(case, "case.button.all", whole=whole), *sight, *(() if held else _pictures(case)))


def reporter_buttons(case: Case, *, whole: bool = False) -> Keyboard:
    """Return the reporter's buttons: add, look, withdraw; after the end, look and reopen."""
    look = _look(case, "case.button.progress", whole=whole)
    if case.ended:
        return rows(look, Button("case.button.again", "c.re", (case.id,)))
    back = "case.button.withdraw" if case.scene is None else "scene.button.mistake"
    sight = Button("case.button.sight", "c.who", (case.id,))
    more = (Button("case.button.questions", "q.more", (case.id,)),) if open_questions(case) else ()
    return rows(Button("case.button.add", "c.not", (case.id,)), look, sight, Button(back, "c.wd", (case.id,)), *more)


def _look(case: Case, label: str, *, whole: bool) -> Button:
    """Offer the whole card, or the short one again."""
    return Button("case.button.less", "c.all", (case.id, LESS)) if whole else Button(label, "c.all", (case.id,))


def _pictures(case: Case) -> tuple[Button, ...]:
    added = case.photos + case.voices + case.files
    return (Button("case.button.pictures", "c.pic", (case.id,), {"count": added}),) if added else ()


def _offers(case: Case, by: CaseActor, action: Action) -> bool:
    """Return whether a button makes sense: the table allows it, and it is natural to do now."""
    move = MOVES[case.state].get(action)
    if move is None or by.standing not in move.by:
        return False
    if action is Action.ARRIVE:
        return case.calls
    if action is Action.SPOKE:
        return case.scene is not None and case.scene.cancelled_at is not None
    if action in (Action.MEDIATE, Action.SETTLE):
        return case.kind in _MEDIATED
    if action is Action.CLOSE:
        return case.kind not in _MEDIATED or case.sessions > 0
    if action is Action.REFER:
        return case.kind not in _MEDIATED or case.sessions > 0 or case.rung is not EscalationLevel.CHAIR
    if action is Action.ESCALATE:
        return level_of(by.role) < EscalationLevel.STATION and level_of(by.role) >= case.rung
    if action is Action.RECUSE:
        return case.state in ACTIVE
    if action is Action.NOTE:
        return case.state in IN_WORK
    if action is Action.CORRECT:
        return not case.ended if by.standing is CaseRole.REPORTER else level_of(by.role) >= case.rung
    return not (action is Action.REOPEN and by.standing is CaseRole.CHAIR and case.rung is not EscalationLevel.CHAIR)


# Lines ----------------------------------------------------------------------------------------------------------------


def what(case: Case) -> dict[str, Any]:
    """Return what kind of case it is: 邻里纠纷, 隐患."""
    if case.scene is not None:
        return danger_of(case)
    kind = Text(f"case.kind.{case.kind}")
    return Text("case.what", category=Text(f"case.category.{case.category}"), kind=kind) if case.category else kind


def mark(case: Case) -> str:
    """Return the sign before a case: how it ended, or how urgent it is."""
    if case.state is State.ESCALATED:
        return "🔴"
    return ENDED_MARKS.get(case.state) or MARKS[case.severity]


def current_assignee(case: Case, posts: Posts) -> dict[str, Any]:
    """Return the current assignee, by name if anybody can be named: 王主任, 张警官, else the post."""
    if case.holder_id is not None:
        return holder_of(case)
    asked = [who for who in readers(case, posts, *ASKED[case.rung]) if who.name]
    first = next((who for who in asked if who.address is not None), asked[0] if asked else None)
    return display_name("" if first is None else first.name, case.holder if first is None else first.role)


def next_assignee(case: Case, posts: Posts) -> dict[str, Any]:
    """Return the next assignee of the escalation policy: 张警官, or the duty desk and the leaders."""
    officers = readers(case, posts, Role.OFFICER)
    if case.rung is EscalationLevel.CHAIR and officers:
        return display_name(officers[0].name, Role.OFFICER)
    return Text("case.post.station")


def when(instant: datetime, *, at: datetime, town: Town) -> dict[str, Any]:
    """Return an instant as it is written at `at`: 今天 18:00, 明天 9:00, 6月3日 14:00."""
    days = (day_of(instant, town.zone) - day_of(at, town.zone)).days
    return Text(f"case.when.{days}", at=At(instant, "time")) if days in (0, 1) else At(instant, "short")


def head(case: Case, who: dict[str, Any]) -> dict[str, Any]:
    """Return a case in one line: number, village, kind, state and who has it."""
    shown = {"mark": mark(case), "number": str(case.id), "village": case.village, "what": what(case)}
    if key := head_key(case):
        return Text(key, **shown, who=who)
    return Text(f"case.head.{case.state}", **shown, who=who)


def _summary(case: Case, *, at: datetime) -> dict[str, Any]:
    """Return number, kind, state and age of a case: all that the village's secretary sees."""
    kind, state = Text(f"case.kind.{case.kind}"), Text(f"case.state.{case.state}")
    return Text("case.summary", number=str(case.id), village=case.village, kind=kind, state=state, age=age_of(at - case.opened_at))


def timed(case: Case, *, at: datetime, town: Town) -> dict[str, Any]:
    """Return by when somebody has to do something, how late it is, or how old the case is."""
    due = deadline_of(case, town=town)
    if due is None:
        return age_of(at - case.opened_at)
    return Text("cases.late", age=age_of(at - due)) if due < at else Text("cases.due", due=when(due, at=at, town=town))


def _facts(case: Case, by: CaseActor, *, at: datetime, town: Town) -> Any:
    counts = (("photos", case.photos), ("voices", case.voices), ("files", case.files))
    extras: list[Any] = [Text(f"case.extra.{name}", count=count) for name, count in counts if count]
    extras += [Text("case.extra.followers", count=str(case.followers))] if case.followers else []
    extras += [Text("case.extra.place", place=_cut(case.place, 60))] if case.place else []
    return _beside([Text("case.facts", reporter=_reporter(case, by), at=when(case.opened_at, at=at, town=town)), *extras])


def _beside(parts: Sequence[Any]) -> Any:
    """Join values in one line."""
    return reduce(lambda first, second: Text("case.beside", first=first, second=second), parts)


def _reporter(case: Case, by: CaseActor) -> Any:
    if by.standing is CaseRole.REPORTER:
        return Text("case.reporter.you")
    if not may_see(by.standing, Part.NAME, case.visibility):
        return Text("case.reporter.sealed" if case.visibility.level is Level.SEALED else "case.reporter.hidden")
    name = case.reporter_name or Text("case.reporter.unknown")
    if case.filer_name:
        name = Text("case.reporter.filed", name=name, filer=case.filer_name)
    if case.visibility.level is not Level.NAMED:
        name = Text("case.reporter.for_police_only", name=name)
    phone = case.reporter_phone if case.phone_given and by.standing in (CaseRole.CHAIR, CaseRole.POLICE) else ""
    return Text("case.reporter.with_phone", name=name, phone=phone) if phone else name


def _details(case: Case, by: CaseActor) -> list[Any]:
    """Return the answers to a kind's own questions.

    A telephone number only for handlers of the case and the person who gave it.
    """
    known = keys("zh")
    handles = by.standing in (CaseRole.CHAIR, CaseRole.POLICE, CaseRole.REPORTER)
    hidden = frozenset() if handles and may_see(by.standing, Part.NAME, case.visibility) else _FOR_HANDLERS
    shown = {key: value for key, value in case.details.items() if key in known and key not in hidden}
    return [Text("case.detail", label=Text(key), value=_shown(value)) for key, value in shown.items()]


def _shown(value: Any) -> Any:
    """Return an answer in one line: an offered one (a text key) as its sentence."""
    said = str(value)
    offered = said.startswith(_OFFERED) and said in keys("zh") and not placeholders(said, "zh")
    return Text(said) if offered else _cut(" ".join(said.split()), 80)


def _timeline(events: Sequence[Event], by: CaseActor, *, most: int) -> list[Any]:
    """Return the lines of the last events, as many as fit into one message, oldest first."""
    lines: list[Any] = []
    room = TIMELINE
    shown = [event for event in events if event.action in _SHOWN and by.standing in _READ_BY.get(event.action, _READERS)]
    for event in reversed(_without_repeats(shown)[-most:]):
        told = _timeline_lines(event, by)
        room -= len(str(told))  # more than it will be when rendered
        if room < 0:
            break
        lines = [*told, *lines]
    return lines


def _without_repeats(events: Sequence[Event]) -> list[Event]:
    """Return the events with only the newest of the repeated notices of the last level."""
    return [
        event
        for event, after in zip_longest(events, events[1:])
        if after is None
        or event.action != after.action
        or event.action not in (Action.LAPSE, Action.RING)
        or event.data.get("to") != after.data.get("to")
    ]


def _timeline_lines(event: Event, by: CaseActor) -> list[Any]:
    """Return one event as this reader may know it.

    It says who did what, the words, and for handlers where it was.
    """
    named = {name: event.data.get(name, "") for name in ("by", "to", "n", "what")}
    line = Text(f"case.line.{event.action}", at=At(event.at), **named)
    words = _cut(" ".join(event.words.split()), 120) if event.words and _may_read_words(event, by) else ""
    told = [Text("case.line.said", line=line, words=words) if words else line]
    facts = [_shown(event.data[name]) for name in ("held", "place", "present") if event.data.get(name)]
    if event.data.get("held_at"):
        facts.insert(0, At(datetime.fromisoformat(event.data["held_at"]), "day"))
    if facts and by.standing in (CaseRole.CHAIR, CaseRole.POLICE):
        told.append(Text("case.line.session", facts=_beside(facts)))
    return told


_SHOWN = frozenset(Action) - {Action.OPEN}
_READERS = frozenset(CaseRole)
_POLICE = frozenset({CaseRole.POLICE})
_POLICE_AND_REPORTER = _POLICE | {CaseRole.REPORTER}
#: Lines of the timeline that not every reader of the case sees.
_READ_BY: dict[str, frozenset[CaseRole]] = dict.fromkeys(map(str, FOR_POLICE), _POLICE) | dict.fromkeys(
    map(str, (Action.EXCLUDE, Action.CONCERNS, Action.CLEAR, Action.OPEN_SEAL)), _POLICE_AND_REPORTER
)


def _may_read_words(event: Event, by: CaseActor) -> bool:
    if by.standing in (CaseRole.CHAIR, CaseRole.POLICE):
        return True
    if by.standing is CaseRole.REPORTER:
        return event.action is Action.OPEN_SEAL or event.action in (_FOR_REPORTER | _FROM_REPORTER) or event.actor_id == by.id
    return False


def _what_now(case: Case, by: CaseActor, who: dict[str, Any], posts: Posts, *, at: datetime, town: Town) -> list[Any]:
    if case.state in ENDED:
        return []
    if case.next_at is not None:
        return [Text("case.next", at=when(case.next_at, at=at, town=town))]
    if case.due_at is None or case.state not in WAITING or case.calls:
        return []
    reader = "reader" if by.standing not in (CaseRole.CHAIR, CaseRole.POLICE) else str(case.rung.name).lower()
    return [Text(f"case.due.{reader}", due=when(case.due_at, at=at, town=town), who=who, next=next_assignee(case, posts))]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


# Answers to presses and commands --------------------------------------------------------------------------------------


def check(case: Case, by: CaseActor, action: Action) -> None:
    """Refuse, before a dialog is begun, a move that would be refused at its end.

    Raises:
        RuleError: see `domain.cases.move_table.decide`.
    """
    decide(case, action, by)
    if action in (Action.ESCALATE, Action.CORRECT) and not _offers(case, by, action):
        raise present_state(case)
