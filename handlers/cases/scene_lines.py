"""Describe an urgent case: its danger, who is on the way, its rounds, the age of its place.

Knows text keys and the scene; must not decide a move. Invariant: a sentence says only what was recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import WAITING, Action, Case
from domain.cases.display import display_name
from domain.cases.urgent import sees_place
from domain.emergencies.heard import Danger
from domain.people.people import Role
from texts import At, Joined, Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from domain.core.change import Receiver

_HANDLERS = (CaseRole.CHAIR, CaseRole.POLICE)
#: Moves that are called differently while somebody may be in danger.
LABELS = {Action.ACCEPT: "scene.button.come", Action.ACK: "scene.button.come"}


def danger_of(case: Case) -> dict[str, Any]:
    """Return the kind of danger: 起火, 落水; a call for help when it is unknown."""
    return Text(f"scene.danger.{case.danger or 'unknown'}")


def head_key(case: Case) -> str:
    """Return the text key of the first line of an urgent case that goes on; "" for any other."""
    if case.scene is None or case.ended:
        return ""
    if case.state in WAITING:
        return "scene.head.waiting"
    return "scene.head.coming" if case.calls else "scene.head.there"


def scene_lines(case: Case, by: CaseActor, *, age: dict[str, Any] | None) -> list[Any]:
    """Return the lines of the card below the report: rounds, a mistake, the age of the place.

    `age`: of the newest point, as `age_of` says it; None without a point.
    """
    lines: list[Any] = []
    scene = case.scene
    if age is not None and case.placed_at is not None and sees_place(case, by.standing):
        lines.append(Text("scene.place_age", at=At(case.placed_at, "time"), age=age))
    if scene is None or case.ended:
        return lines
    if case.danger is Danger.VIOLENCE and by.standing is CaseRole.CHAIR:
        lines.append(Text("scene.keep_away"))
    if scene.cancelled_at is not None:
        lines.append(Text("scene.cancelled" if by.standing in _HANDLERS else "scene.cancelled.own", at=At(scene.cancelled_at, "time")))
    elif case.state in WAITING and by.standing in _HANDLERS:
        lines.append(Text("scene.waiting", at=At(scene.called_at, "time"), count=scene.turn + 1))
    elif case.state in WAITING:
        lines.append(Text("scene.waiting.own"))
    return lines


def called_line(called: Sequence[Receiver]) -> dict[str, Any]:
    """Say who was called to an urgent case: those whose messages are queued, and nobody else."""
    reached = [who for who in called if who.address is not None]
    if not reached:
        return Text("scene.called.nobody")
    names = {str(name): name for name in (display_name(who.name, Role(who.role)) for who in reached)}
    return Text("scene.called", who=Joined(list(names.values())))


def age_of(span: timedelta) -> dict[str, Any]:
    """Return how long ago something was, in its largest unit."""
    minutes = max(0, int(span.total_seconds()) // 60)
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= size:
            return Text(f"cases.age.{unit}", n=str(minutes // size))
    return Text("cases.age.minutes", n=str(minutes)) if minutes else Text("cases.age.now")
