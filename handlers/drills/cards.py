"""The card of a drill: for a person who is called, and for those who look on.

Knows what each reads; must not start or end anything. Invariants: every message begins with the mark of a drill and shows the numbers for a real danger;
no message of a drill goes to the next post.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases.display import display_name
from domain.core.change import Button, Notice
from domain.drills import DRILLS as RULES
from domain.drills import Drill, DrillState, may_end
from domain.people.people import Role
from handlers.core.context import HandlerContext, rows
from handlers.core.records import RecordActions
from storage.drills import Drills
from texts import Lines, Text

if TYPE_CHECKING:
    from domain.core.change import Keyboard, Receiver
    from domain.drills import Call


def facts(drill: Drill) -> dict[str, Any]:
    """Return number, village and kind of a drill."""
    return {"number": str(drill.id), "village": drill.village, "what": Text(f"scene.danger.{drill.danger}")}


def to_called(drill: Drill, to: Receiver, key: str, params: dict[str, Any], buttons: Keyboard = ()) -> Notice:
    """Return a message to somebody who is called in a drill: it goes to them or to nobody."""
    card = f"{RULES.subject(drill)}:ring"
    return Notice(
        to, key, params, buttons, card=card, as_new_message=True, latest=True, stays=True, subject=RULES.subject(drill)
    )  # fmt: skip


def go_button(drill: Drill) -> Keyboard:
    """Return the button of a person who has not answered."""
    return rows(Button("drill.button.go", "sd.go", (drill.id,)), width=1)


def summary(drill: Drill, calls: list[Call]) -> dict[str, Any]:
    """Return a line for each person called: after how many seconds they answered and arrived."""
    answered = sum(call.answered_at is not None for call in calls)
    return {"count": len(calls), "answered": answered, "lines": Lines([_line(call) for call in calls])}


def _line(call: Call) -> dict[str, Any]:
    who = display_name(call.name, call.role)
    if call.seconds is None:
        return Text("drill.line.silent" if call.reached else "drill.line.no_chat", who=who)
    if call.arrived_at is None:
        return Text("drill.line.answered", who=who, seconds=call.seconds)
    return Text("drill.line.arrived", who=who, seconds=call.seconds, minutes=(call.arrived_at - call.called_at) // timedelta(minutes=1))


async def _card(ctx: HandlerContext, drill: Drill, to: Receiver, handling: bool) -> Notice:
    calls = await DRILLS.store(ctx).calls(drill.id)
    own = next((call for call in calls if call.person_id == to.person_id), None)
    over = drill.state is DrillState.ENDED
    if own is None:
        end = rows(Button("drill.button.end", "sd.end", (drill.id,)), width=1) if not over and to.person_id == drill.started_by else ()
        until = {"minutes": (drill.ends_at - drill.opened_at) // timedelta(minutes=1)}
        return Notice(to, "drill.board.over" if over else "drill.board", facts(drill) | summary(drill, calls) | until, end)
    if over:
        return Notice(to, "drill.call.over", facts(drill))
    if own.seconds is None:
        return Notice(to, "drill.call", facts(drill), go_button(drill))
    here = () if own.arrived_at is not None else rows(Button("drill.button.here", "sd.here", (drill.id,)), width=1)
    return Notice(to, "drill.call.answered", facts(drill) | {"seconds": own.seconds}, here)


DRILLS: RecordActions[Drill, Drills] = RecordActions(
    RULES,
    Drills,
    card=_card,
    may_handle=may_end,
    parts=lambda drill: (),
    asks=lambda drill: (Role.OFFICER,),
)
