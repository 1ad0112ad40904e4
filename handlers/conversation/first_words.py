"""First words to somebody in danger, and the taps that send for help.

Knows text keys and buttons for each kind of danger; must not know storage or when it is said. Invariants: the three numbers come before every
question; a message says who will be told, and that nobody has been told yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Keyboard
from domain.core.immutable import immutable
from domain.emergencies.heard import Danger
from handlers.conversation import held
from handlers.core.context import rows
from texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.people.people import Village
    from handlers.core.dialogs import Answers

#: Argument of the button that leaves the chair out.
POLICE_ONLY = "police"
#: An illness on the road: a medical emergency that may need a free way.
ON_ROAD = "road"
#: The kinds that somebody can tap, in their order.
KINDS = (Danger.MEDICAL, Danger.FIRE, Danger.VIOLENCE, Danger.WATER, ON_ROAD, Danger.MISSING, Danger.MONEY)
#: Dangers of which the village is not told unless the person wants it.
CLOSE = frozenset({Danger.MONEY})
VILLAGES_A_PAGE = 24


@immutable
class Screen:
    """One message with its taps."""

    key: str
    params: dict[str, Any]
    buttons: Keyboard


def close(answers: Answers) -> bool:
    """Tell whether only the police are told of what was heard."""
    return bool(answers.get("own") or answers.get("at_home")) or held.danger_of(answers) in CLOSE


def who_is_told(answers: Answers) -> dict[str, Any]:
    """Return the people who are told after the tap."""
    return Text("emergency.who.police" if close(answers) else "emergency.who.all")


def screen(
    answers: Answers, *, words: bool, unsure: bool = False, villages: Sequence[Village] = (), page: int = 0, where: bool = False
) -> Screen:
    """Return what is said to somebody who may be in danger.

    `words`: they wrote something that can become an ordinary report. `unsure`: ask whether anybody is in danger. `villages`: those that a
    person without a home here may mean; the tap on one sends. `where`: everything but the village is known.
    """
    danger = held.danger_of(answers)
    if answers.get("own") and not where:
        come, not_now = Button("emergency.button.come", "urgent", (POLICE_ONLY,)), Button("emergency.button.not_now", "mistake")
        return Screen("emergency.own", {}, rows(come, not_now, width=1))
    if danger is Danger.MONEY and not where:
        return Screen("emergency.money", {"question": _question(unsure)}, _money(words=words))
    key = "emergency.offer"
    if villages:
        key = "emergency.offer.village"
        taps: Keyboard = _where(villages, page)
    elif unsure:
        return Screen(
            key,
            {"question": _question(unsure), "advice": advice(answers), "who": who_is_told(answers)},
            rows(Button("emergency.button.danger", "urgent"), Button("emergency.button.no_danger", "calm"), width=1),
        )
    elif danger is None:
        key = "emergency.offer.kind"
        taps = kinds()
    else:
        taps = rows(Button("emergency.button.tell", "urgent"), Button("emergency.button.police", "urgent", (POLICE_ONLY,)), width=1)
    params = {"question": _question(unsure), "advice": advice(answers), "who": who_is_told(answers)}
    return Screen(key, params, (*taps, (_back(words=words),)))


def at(village: Village) -> Keyboard:
    """Offer a village that was read from the words: one tap sends."""
    return ((Button("emergency.button.at", "u.at", (village.id,), {"village": village.name}),),)


def advice(answers: Answers) -> Any:
    """Return the one thing to do first in this danger; nothing when it is unknown."""
    danger = held.danger_of(answers)
    if answers.get("own"):
        return Text("emergency.advice", words=Text("emergency.advice.own"))
    return Text("emergency.advice", words=Text(f"emergency.advice.{danger}")) if danger is not None else ""


def kinds() -> Keyboard:
    """Offer the kinds of danger: one tap sends for help."""
    offered = (Button(f"emergency.kind.{kind}", "urgent", (str(kind),)) for kind in KINDS)
    last = (Button("emergency.kind.other", "urgent"), Button("emergency.button.police", "urgent", (POLICE_ONLY,)))
    return (*rows(*offered), *rows(*last, width=1))


def kinds_of(number: int) -> Keyboard:
    """Offer the kinds of danger of an open case."""
    return rows(*(Button(f"emergency.kind.{kind}", "u.is", (number, str(kind))) for kind in KINDS if kind is not Danger.MONEY))


def _question(unsure: bool) -> Any:
    return Text("emergency.question") if unsure else ""


def _back(*, words: bool) -> Button:
    return Button("emergency.button.calm", "calm") if words else Button("emergency.button.mistake", "mistake")


def _money(*, words: bool) -> Keyboard:
    sent, not_yet = Button("emergency.button.sent", "u.sent"), Button("emergency.button.not_sent", "u.kept")
    return rows(sent, not_yet, *(() if words else (_back(words=False),)), width=1)


def _where(villages: Sequence[Village], page: int) -> Keyboard:
    """Offer the villages, each with one tap that sends; a single one was read from the words."""
    if len(villages) == 1:
        return (*at(villages[0]), (Button("emergency.button.elsewhere", "u.page", (0,)),))
    pages = max(1, -(-len(villages) // VILLAGES_A_PAGE))
    page = max(0, min(page, pages - 1))
    shown = villages[page * VILLAGES_A_PAGE : (page + 1) * VILLAGES_A_PAGE]
    turns = [Button("village.button.previous", "u.page", (page - 1,))] if page else []
    turns += [Button("village.button.next", "u.page", (page + 1,))] if page + 1 < pages else []
    return (*rows(*(Button("join.button.village", "u.at", (each.id,), {"village": each.name}) for each in shown), width=3), *rows(*turns))
