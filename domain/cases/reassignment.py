"""Give a case to another person because its holder cannot act any more.

Knows levels and the people present; must not know why somebody is gone. Invariant: a case moves only if nobody who has it can act, stays on
its level while somebody there can, and of a restricted case the new holder becomes a named handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseActor
from domain.cases.case import Action, Case, CaseChange, Severity
from domain.cases.display import holder_of
from domain.cases.escalation import ASKED, EscalationLevel
from domain.cases.move_table import decide
from domain.cases.moves import change_of, escalate_to, lowest_level, with_handlers
from domain.cases.next_step import watch
from domain.cases.visibility import Part, who_sees
from domain.core.immutable import replace
from domain.people.people import Role

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId, Receiver
    from domain.core.town import Town
    from domain.people.people import Posts


def reassign(
    case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime, to_id: PersonId | None = None, left: bool = False
) -> CaseChange | None:
    """Give an active case to the first person who can act; None if its holder can.

    In work it stays in work on the same level, with `to_id` if they are there; an urgent one, and one that finds nobody there, waits for an
    answer again. `left`: somebody who was asked is asked no longer, though others on the level are.
    """
    decide(case, Action.REASSIGN, by)
    able = _able(case, posts.everybody)
    if case.holder_id is None:
        rung = lowest_level(case, posts, case.rung)
        if able or rung <= case.rung:
            asked = case if any(_is_asked(case, who) for who in able) else with_handlers(case, able)
            news = bool(able) and (left or asked != case)
            return change_of(case, asked, Action.REASSIGN, by, at, data={"to": holder_of(asked)}) if news else None
    elif any(who.person_id == case.holder_id for who in able):
        return None
    elif able and case.severity is not Severity.URGENT:
        heir = next((who for who in able if who.person_id == to_id), _able(case, posts)[0])
        held = replace(
            case, holder=Role(heir.role), holder_id=heir.person_id, holder_name=heir.name, fence=case.fence + 1, acted_at=at, due_at=None
        )
        held = with_handlers(held, (heir,))
        data = {"to": holder_of(held)}
        return change_of(case, held, Action.REASSIGN, by, at, data=data, timers=(watch(held, town=town),), restep=True)
    else:
        rung = lowest_level(case, posts, min(case.rung, EscalationLevel.STATION))
    climbed, timers = escalate_to(case, rung, posts=posts, town=town, at=at)
    return change_of(case, replace(climbed, next_at=case.next_at), Action.REASSIGN, by, at, timers=timers, restep=True)


def _able(case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return the people of the present level who can act and may see the case."""
    seen = who_sees(case.visibility, Part.WORDS)
    found = posts.of(*(role for role in ASKED[case.rung] if role in seen), without=case.excluded_ids)
    return tuple(who for who in found if who.address is not None)


def _is_asked(case: Case, who: Receiver) -> bool:
    return not case.visibility.restricted or who.person_id in case.handlers
