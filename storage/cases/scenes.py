"""Scenes of urgent cases: read and written with their case.

Knows SQL and no rule. Invariant: an urgent case has one row from its start, and no other case has any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.rounds import Scene
from storage.values import from_us, from_us_or_none, to_us, to_us_or_none

if TYPE_CHECKING:
    from domain.cases.case import Case
    from storage.engine.database import Row, Transaction

#: The columns of a scene in the query of a case, and the join that gives them.
COLUMNS = (
    "e.called_at AS e_called_at, e.turn AS e_turn, e.accepted_at AS e_accepted_at, e.arrived_at AS e_arrived_at, e.over_at AS e_over_at,"
    " e.cancelled_at AS e_cancelled_at, e.drill AS e_drill"
)
JOIN = "LEFT JOIN scenes e ON e.case_id = c.id"


def scene_from(row: Row) -> Scene | None:
    """Return the scene in a row of a case, None for a case that is not urgent."""
    if row["e_called_at"] is None:
        return None
    return Scene(
        from_us(row["e_called_at"]), row["e_turn"], from_us_or_none(row["e_accepted_at"]), from_us_or_none(row["e_arrived_at"]),
        from_us_or_none(row["e_over_at"]), from_us_or_none(row["e_cancelled_at"]), bool(row["e_drill"]),
    )  # fmt: skip


async def write_scene(transaction: Transaction, case: Case) -> None:
    """Write the scene of a case, if it has one."""
    scene = case.scene
    if scene is None:
        return
    await transaction.execute(
        "INSERT INTO scenes (case_id, called_at, turn, accepted_at, arrived_at, over_at, cancelled_at, drill) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (case_id) DO UPDATE SET called_at = excluded.called_at, turn = excluded.turn, accepted_at = excluded.accepted_at,"
        " arrived_at = excluded.arrived_at, over_at = excluded.over_at, cancelled_at = excluded.cancelled_at, drill = excluded.drill",
        (
            case.id, to_us(scene.called_at), scene.turn, to_us_or_none(scene.accepted_at), to_us_or_none(scene.arrived_at),
            to_us_or_none(scene.over_at), to_us_or_none(scene.cancelled_at), int(scene.drill),
        ),
    )  # fmt: skip
