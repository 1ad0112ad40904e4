"""/drill sos: choose danger and village, call the people whom a real one would call.

Knows the two questions. Invariants: one drill runs in a village at a time; the people called come from the rules of a real urgent case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import drills as rules
from domain.cases.notices import new_card_recipients
from domain.core.change import RuleError, VillageId
from domain.core.immutable import replace
from domain.core.village_names import names_in
from domain.drills import Call, Drill, DrillState, may_drill
from domain.emergencies.heard import Danger
from domain.people.people import Policy, Role
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.records import me
from handlers.core.village_choice import named, villages_where
from handlers.drills.cards import DRILLS, facts, go_button, to_called

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext, Incoming

#: Villages offered as buttons; others are typed.
OFFERED = 60


async def press_new(ctx: HandlerContext) -> None:
    """Begin a drill of a call for help."""
    await begin(ctx, "sos_drill")


async def _dangers(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"scene.danger.{danger}", danger.value) for danger in Danger)


async def _accept_danger(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if said.text not in tuple(Danger):
        raise RuleError("drill.danger.again")
    return said.text


async def _villages(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    villages = await villages_where(ctx, may_drill)
    return tuple(Choice("village.button.other", str(village.id), {"village": village.name}) for village in villages[:OFFERED])


async def _accept_village(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    villages = await villages_where(ctx, may_drill)
    by_id = {str(village.id): village for village in villages}
    found = [by_id[said.text]] if said.text in by_id else named(villages, names_in(said.text))[0]
    if len(found) != 1:
        raise RuleError("drill.village.again")
    return int(found[0].id)


async def _start(ctx: HandlerContext, answers: Answers) -> None:
    """Open a drill and call everybody whom a real call for help would call."""
    villages = {village.id: village for village in await villages_where(ctx, may_drill)}
    village = villages.get(VillageId(int(answers["village"])))
    if village is None:
        raise RuleError("drill.village.again")
    store = DRILLS.store(ctx)
    if await store.running_in(village.id) is not None:
        raise RuleError("drill.already", village=village.name)
    if await store.real_one_in(ctx.actor, village.id):
        raise RuleError("drill.real_one", village=village.name)
    posts = await ctx.unit.people.posts_of(village.id, at=ctx.at)
    drill = Drill(
        await store.next_number(),
        village.id,
        village.station_id,
        village.name,
        Danger(answers["danger"]),
        me(ctx),
        DrillState.RUNNING,
        ctx.at,
        ctx.at + ctx.town.emergency.drill_lasts,
    )
    real = rules.rehearsed(drill, posts=posts, town=ctx.town)
    called = [who for who in new_card_recipients(real, posts) if who.person_id is not None]
    if not any(who.address is not None for who in called):
        raise RuleError("drill.nobody", village=village.name)
    assert real.case.ladder.rounds is not None
    change, first = rules.start(drill, real.case.ladder.rounds)
    drill = await DRILLS.open(ctx, change)
    await ctx.start_timers(first)
    for who in called:
        assert who.person_id is not None
        await store.call(drill.id, Call(who.person_id, who.name, Role(who.role), ctx.at, who.address is not None))
        if who.address is not None:
            first_call = to_called(drill, who, "drill.call", facts(drill), go_button(drill))
            await ctx.notify(replace(first_call, card=rules.DRILLS.subject(drill)))
    await DRILLS.show(ctx, drill)


DRILL = Dialog(
    "sos_drill",
    Policy.HANDLER,  # words about danger inside it are a real cry, which they are not in a dialog of the police's own
    (
        Step("danger", "drill.danger.question", _accept_danger, choices=_dangers),
        Step("village", "drill.village.question", _accept_village, choices=_villages, wide=3),
    ),
    _start,
)
