"""Build the notices of a case's move, as one ordered tuple, from plain values.

Knows texts; domain/cases/notices.py decides the recipients, and everything is loaded before (handlers/cases/audience.py): nothing here
awaits. Invariant: a notice to a post goes before other traffic and escalates if undeliverable, but a reporter's words, however many, never
overtake other people's notices; it is silent in quiet hours unless the case is urgent; an empty post always escalates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases import notices as case_notices
from domain.cases.actors import CaseRole, may_see
from domain.cases.case import WAITING, Action, Case, CaseChange, Kind, Severity
from domain.cases.display import holder_of
from domain.cases.escalation import EscalationLevel
from domain.cases.questions import open_questions
from domain.cases.visibility import Level, Part, readers_of
from domain.cases.words.own_words import whole
from domain.core.change import Button, Gist, Keyboard, Notice, Priority, Receiver
from domain.core.immutable import replace
from domain.people.people import Role
from handlers.cases.cards import buttons_for, card_for, current_assignee, gone, next_assignee, reporter_buttons, what, when
from handlers.cases.concerned import seen_lines
from handlers.cases.scene_lines import called_line
from handlers.core.context import rows
from handlers.core.placing import ASKED, news
from texts import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from domain.cases.notices import Audience, CardViewer
    from domain.core.change import Event, PersonId
    from domain.core.town import Town
    from domain.people.people import Person, Posts


# A move ---------------------------------------------------------------------------------------------------------------


def notices_of(change: CaseChange, audience: Audience, *, at: datetime, town: Town) -> tuple[Notice, ...]:
    """Return all notices of a move, in the order of sending.

    `change.case` is the case as recorded.
    """
    return (
        *_receipt(change, audience, at=at, town=town),
        *_new_cards(change, audience, at=at, town=town),
        *_nobody_there(change, audience),
        *_to_reporter(change, audience, at=at, town=town),
        *_to_other_handlers(change, audience),
        *_to_followers(change, audience),
        *_to_second_persons(change, audience),
        *_to_judicial_office(change, audience),
        *redraws(change.case, audience, at=at, town=town),
        *_phone_lists(change, audience),
    )


def _receipt(change: CaseChange, audience: Audience, *, at: datetime, town: Town) -> Iterator[Notice]:
    """Send the receipt to the reporter.

    It says the number, who does what by when, who sees the name, and where to call.
    """
    case = change.case
    if change.action is not Action.OPEN or audience.reporter is None:
        return
    assert case.due_at is not None
    who = current_assignee(case, audience.posts)
    if audience.in_elder_mode and not case.calls and case.severity is not Severity.URGENT and case.kind is not Kind.FRAUD:
        due = when(case.due_at, at=at, town=town)
        short = Text("elder.receipt", number=str(case.id), who=who, due=due)
        yield Notice(
            audience.reporter, "case.receipt", {"lines": Lines([short])}, reporter_buttons(case)[:1], card=case.card, as_new_message=True,
            forwardable=True, silent=case.at_home,
        )  # fmt: skip
        return
    lines: list[Any] = [Text("case.receipt.number", number=str(case.id))]
    if case.severity is Severity.URGENT:
        lines.insert(0, Text("case.receipt.danger"))
    elif case.kind is Kind.FRAUD:
        lines.insert(0, Text("case.receipt.fraud"))
    if case.calls:
        lines.append(called_line(case_notices.new_card_recipients(change, audience.posts)))
    else:
        due = when(case.due_at, at=at, town=town)
        lines.append(Text(f"case.receipt.{case.rung.name.lower()}", village=case.village, who=who, due=due))
    if case.reporter_id is None:
        lines.append(Text("case.receipt.for_other"))
    lines += sight_lines(case, audience.posts)
    if open_questions(case):
        lines.append(Text("case.receipt.questions", who=who))
    if case.severity is not Severity.URGENT:
        lines.append(Text("case.receipt.emergency"))
    if case.severity is Severity.URGENT or case.kind is Kind.FRAUD:
        lines.append(Text("case.receipt.not_filed"))
    yield Notice(
        audience.reporter,
        "case.receipt",
        {"lines": Lines(lines)},
        (*sight_buttons(case, audience.posts), *reporter_buttons(case)),
        card=case.card,
        as_new_message=True,
        forwardable=True,  # theirs to show
        silent=case.at_home,
    )


def sight_lines(case: Case, posts: Posts) -> list[Any]:
    """Say who sees the case, as `seen_lines` does."""
    chairs = posts.of(Role.CHAIR, without=case.excluded_ids)
    attached = bool(case.photos + case.voices + case.files)
    named = case.reporter_id is not None or case.visibility.level is not Level.NAMED
    return seen_lines(case.visibility, chairs[0].name if chairs else "", named=named, attached=attached)


def sight_buttons(case: Case, posts: Posts) -> Keyboard:
    """Offer the reporter to show a case, or its photos and voices, to more people."""
    offered = []
    if case.visibility.police_only and posts.of(Role.CHAIR, without=case.excluded_ids):
        offered.append(Button("case.button.share", "c.shr", (case.id,)))
    if readers_of(case.visibility, Part.MEDIA) is not readers_of(case.visibility, Part.WORDS) and case.photos + case.voices + case.files:
        offered.append(Button("case.button.show_media", "c.fil", (case.id,)))
    return rows(*offered, width=1)


def _new_cards(change: CaseChange, audience: Audience, *, at: datetime, town: Town) -> Iterator[Notice]:
    """Give a new card to the people who are asked now.

    Those of the station read on it whom they can telephone.
    """
    case = change.case
    for who in case_notices.new_card_recipients(change, audience.posts):
        if who.person_id in audience.holding:
            continue  # it is drawn again in its place
        by = case_notices.as_handler(who)
        notice = card_for(case, by, who, posts=audience.posts, events=audience.events, at=at, town=town)
        if case.rung is EscalationLevel.STATION and case_notices.called_by_phone(change):
            silent = (each for each in case_notices.silent_posts(case, audience.posts) if each.person_id != who.person_id)
            told = Text("escalation.phones", phones=_phones(audience, silent))
            notice = replace(notice, params=notice.params | {"lines": Lines([*notice.params["lines"]["lines"], told])})
        yield replace(to_post(case, notice), as_new_message=True, priority=_urgency(change), gist=_gist(case, audience))


def _gist(case: Case, audience: Audience) -> Gist | None:
    """Return what a list says about the card of an urgent case; None for any other case."""
    if not rings(case):
        return None
    kind = f"report.kind.{case.kind}" if case.scene is None else f"scene.danger.{case.danger or 'unknown'}"
    return Gist(case.opened_by or 0, not audience.opener_is_new, str(case.id), case.village, kind)


def _nobody_there(change: CaseChange, audience: Audience) -> Iterator[Notice]:
    """Address an empty post all the same: the notice escalates."""
    case = change.case
    if case_notices.arrived(change) and not any(who.address for who in case_notices.new_card_recipients(change, audience.posts)):
        nobody = Receiver(None, role=str(case.holder), village_id=case.village_id)
        notice = Notice(nobody, "escalation.nobody", {"number": str(case.id), "village": case.village})
        yield to_post(case, notice)


def _to_reporter(change: CaseChange, audience: Audience, *, at: datetime, town: Town) -> Iterator[Notice]:
    """Tell the reporter what changed; their own move is answered."""
    case, own = change.case, change.by.standing is CaseRole.REPORTER
    if change.action is Action.OPEN or audience.reporter is None:
        return
    params = {
        "number": str(case.id), "who": current_assignee(case, audience.posts) if case.state in WAITING else holder_of(case),
        "words": whole(change.event.words, case), "n": case.sessions, "by": change.event.data["by"],
        "due": when(case.due_at, at=at, town=town) if case.due_at else "",
        "next": when(case.next_at, at=at, town=town) if case.next_at else "",
    }  # fmt: skip
    key = f"case.{change.action}.{'by' if own else 'to'}_reporter"
    if change.action is Action.MEDIATE and case.next_at is not None:
        key = "case.mediate.to_reporter_with_next"
    if change.action is Action.REASSIGN and case.state in WAITING:
        key = "case.reassign.to_reporter_waiting"
    if case.scene is not None and change.action in (Action.ACCEPT, Action.ACK, Action.WITHDRAW):
        key = f"scene.{change.action}.{'by' if own else 'to'}_reporter"
    if change.action is Action.UNHEARD and case.rung is EscalationLevel.BEYOND:
        key = "case.unheard.by_reporter_all"
    asks, buttons = change.action is Action.ASK, reporter_buttons(case)
    if asks:
        buttons = rows(Button("case.button.answer", "c.ans", (case.id,)))
    elif audience.reporter.person_id in audience.having:
        buttons = ()  # the card has them, and this is a reply to it
    if change.action is Action.ANSWER:
        buttons = rows(Button("case.button.not_answer", "c.una", (case.id,)))
    notice = Notice(
        audience.reporter, key, params, buttons, subject=case.subject, rings=rings(case) and not case.at_home, silent=case.at_home,
        forwardable=True,  # theirs to show
    )  # fmt: skip
    yield replace(notice, card=f"{case.card}{ASKED}", as_new_message=True) if asks else news(notice, "" if own else change.event.words)


def _to_other_handlers(change: CaseChange, audience: Audience) -> Iterator[Notice]:
    """Notify the handlers whom the case left, or who hold it, in a sentence.

    Each may open the card. Words that the reporter adds within the minute extend the existing sentence: however many, they never delay
    other people's notices.
    """
    case = change.case
    key, receivers = case_notices.other_handlers(change, audience.posts)
    own = case_notices.said_by_reporter(change)
    said = case_notices.together(audience.events, change.event) if own else [change.event.words]
    params = {
        "number": str(case.id), "village": case.village, "what": what(case), "who": current_assignee(case, audience.posts),
        "by": change.event.data["by"], "words": "\n".join(said),
    }  # fmt: skip
    card = f"{case.card}:{change.action}" if own else ""
    for who in receivers:
        buttons = () if who.person_id in audience.having else rows(Button("case.button.all", "c.all", (case.id,)))
        told = whole(params, case) if may_see(case_notices.as_handler(who).standing, Part.NAME, case.visibility) else params
        notice = news(to_post(case, Notice(who, key, told, buttons)), change.event.words)
        if own:
            notice = replace(notice, as_new_message=len(said) == 1, card=card)
        yield replace(notice, priority=_urgency(change), stays=not own)


def _to_followers(change: CaseChange, audience: Audience) -> Iterator[Notice]:
    """Tell the followers ("this is the same") the outcome, without any name but the handler's."""
    case, key = change.case, f"case.{change.action}.to_follower"
    params = {"number": str(case.id), "by": change.event.data["by"]}
    button = rows(Button("case.button.progress", "c.all", (case.id,)))
    for who in audience.followers:
        yield news(Notice(who, key, params, button, Priority.REMINDER, subject=case.subject, rings=rings(case)))


def _to_second_persons(change: CaseChange, audience: Audience) -> Iterator[Notice]:
    """Ask for the second word on a sealed name, or tell that a leader opened it alone."""
    case, alone = change.case, change.action is Action.OPEN_SEAL and change.event.data.get("alone")
    if change.action is not Action.ASK_SEAL and not alone:
        return
    params = {"number": str(case.id), "village": case.village, "by": change.event.data["by"], "words": change.event.words}
    buttons = rows(Button("case.button.open_seal", "c.uso", (case.id,))) if change.action is Action.ASK_SEAL else ()
    for who in case_notices.readers(case, audience.posts, Role.OFFICER, Role.DUTY, Role.LEADER):
        if who.person_id != change.by.id:
            yield to_post(case, Notice(who, f"case.{change.action}.to_police", params, buttons))


def _to_judicial_office(change: CaseChange, audience: Audience) -> Iterator[Notice]:
    """Tell the contact at the judicial office that a case is coming, with the number to ask at.

    They see no case, so the message has no subject, and no words and names of the case. The handler gets the telephone numbers of the
    contacts who have no chat, or may not be told.
    """
    case, handler = change.case, audience.phones.get(change.by.id) if change.by.id is not None else None
    contacts, told = case_notices.referred_to(change, audience.posts), case_notices.is_told_to_contacts(change.case)
    by = Text("escalation.phone.name", post=Text(f"case.post.{change.by.role}"), name=change.by.name)
    params = {"number": str(case.id), "village": case.village, "kind": Text(f"report.kind.{case.kind}"), "by": by}
    params["phone"] = Text("case.refer.phone", phone=handler.phone) if handler is not None and handler.phone else ""
    for who in contacts if told else ():
        if who.address is not None:
            yield Notice(who, "case.refer.to_judicial", params)
    called = [who for who in contacts if who.address is None or not told]
    if called and audience.actor is not None:
        phones = _phones(audience, called)
        yield Notice(audience.actor, "case.refer.call_judicial", {"number": str(case.id), "phones": phones}, subject=case.subject)


def redraws(case: Case, audience: Audience, *, at: datetime, town: Town) -> Iterator[Notice]:
    """Redraw the open cards, for each reader as they may see the case now."""
    for viewer in audience.viewers:
        yield redraw(case, viewer, posts=audience.posts, events=audience.events, at=at, town=town)


def redraw(case: Case, viewer: CardViewer, *, posts: Posts, events: Sequence[Event], at: datetime, town: Town) -> Notice:
    """Return the card as one viewer sees it now, or that there is nothing to see any more."""
    if viewer.by is None:
        return gone(case.id, viewer.to)
    notice = card_for(case, viewer.by, viewer.to, posts=posts, events=events, at=at, town=town)
    return replace(notice, as_new_message=viewer.as_new_message, stays=True)  # the news itself is a notice of its own


def to_post(case: Case, notice: Notice) -> Notice:
    """Return a notice with the delivery of every post.

    It goes before other traffic, an SOS before all; it always escalates, and is silent in quiet hours unless the case is urgent.
    """
    return replace(
        notice,
        priority=Priority.SOS if case.calls else Priority.ESCALATION,
        rings=rings(case),
        subject=case.subject,
        excluded_ids=case.excluded_ids,
    )


def _urgency(change: CaseChange) -> Priority:
    """Return the priority of a move's notices.

    After an SOS was raised, its reporter's later moves have the priority of any other.
    """
    if case_notices.said_by_reporter(change):
        return Priority.REPLY
    again = change.by.standing is CaseRole.REPORTER and change.action is not Action.OPEN
    return Priority.SOS if change.case.calls and not again else Priority.ESCALATION


def rings(case: Case) -> bool:
    """Return whether a message about this case wakes people.

    Any other message arrives too, and is read in the morning.
    """
    return case.severity is Severity.URGENT


# Telephone numbers ----------------------------------------------------------------------------------------------------


def _phone_lists(change: CaseChange, audience: Audience) -> Iterator[Notice]:
    """Send telephone numbers when the last level did not answer.

    Duty desk and leaders get those of everybody else. Administrators get those of the station, without the case.
    """
    case, posts = change.case, audience.posts
    if not case_notices.called_by_phone(change) or case.rung is not EscalationLevel.BEYOND:
        return
    silent, station = case_notices.silent_posts(case, posts), case_notices.station_posts(case, posts)
    params = {"number": str(case.id), "village": case.village, "what": what(case), "who": current_assignee(case, posts)}
    button = rows(Button("case.button.ack", "c.ack", (case.id,)))
    for who in station:
        phones = _phones(audience, (each for each in (*silent, *station) if each.person_id != who.person_id))
        notice = Notice(who, "escalation.call.to_station", params | {"phones": phones}, button)
        yield to_post(case, notice)
    told = {who.person_id for who in station}
    for admin in audience.administrators:
        if admin.person_id not in told:
            sealed = {"number": str(case.id), "village": case.village, "phones": _phones(audience, (*station, *silent))}
            yield Notice(
                admin,
                "escalation.call.to_admin",
                sealed,
                priority=Priority.ESCALATION,
                subject=case.subject,
                rings=True,
                open_to_admins=True,
            )


def _phones(audience: Audience, people: Iterable[Receiver]) -> dict[str, Any]:
    return phone_lines(audience.phones, people)


def phone_lines(known: Mapping[PersonId, Person], people: Iterable[Receiver]) -> dict[str, Any]:
    """Return the telephone numbers of these people, a line each."""
    lines = []
    for who in people:
        person = None if who.person_id is None else known.get(who.person_id)
        if person is None:
            continue
        name = Text("escalation.phone.name", post=Text(f"case.post.{who.role}"), name=person.name)
        lines.append(
            Text("escalation.phone.known", name=name, phone=person.phone) if person.phone else Text("escalation.phone.unknown", name=name)
        )
    return Lines(lines or [Text("escalation.phone.nobody")])


# Notices of the clock without a move ----------------------------------------------------------------------------------


def reminders(case: Case, posts: Posts, *, at: datetime, town: Town) -> Iterator[Notice]:
    """Remind the people who have to answer of the deadline."""
    assert case.due_at is not None
    due = when(case.due_at, at=at, town=town)
    params = {"number": str(case.id), "village": case.village, "what": what(case), "due": due, "next": next_assignee(case, posts)}
    key = f"escalation.reminder.{case.rung.name.lower()}"
    for who in case_notices.asked_now(case, posts):
        notice = Notice(who, key, params, buttons_for(case, case_notices.as_handler(who))[:1], expires_at=case.due_at)
        yield news(to_post(case, notice))


def stall_warning(case: Case, posts: Posts, *, due: datetime, at: datetime, town: Town) -> Iterator[Notice]:
    """Warn the assignee of a case in which nothing was recorded for long."""
    params = {"number": str(case.id), "village": case.village, "what": what(case), "due": when(due, at=at, town=town)}
    buttons = rows(Button("case.button.note", "c.not", (case.id,)), Button("case.button.all", "c.all", (case.id,)))
    for who in case_notices.readers(case, posts.everybody, case.holder):
        if who.person_id == case.holder_id and due > at:
            yield to_post(
                case, Notice(who, "escalation.stalls_soon", params | {"next": next_assignee(case, posts)}, buttons, expires_at=due)
            )
