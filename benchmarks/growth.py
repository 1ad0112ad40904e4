"""Measures whether screens get slower as a town grows: towns of 10⁴, 10⁵ and 10⁶ cases.

Knows the handlers and calls them as production does, each in a unit that is rolled back. The unit is timed in the database's thread by that
thread's CPU clock, because the machine is shared; wall time is shown, too. Every look uses another person, case or word.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.growth_town import COMMON, MOST_OPEN, PEOPLE, RARE, THINGS, grown
from benchmarks.report import Options, Result, Table, at_most, percentile
from benchmarks.server import FIRST_USER
from benchmarks.town import AT, FIRST_CHAIR, FIRST_OFFICER, LEADER, VILLAGES
from bot.routes import DIALOGS, HOOKS
from bot.settings import Settings
from domain.cases.case import Action
from domain.core.change import Address, ChatId
from handlers.cases import lists as case_lists
from handlers.cases import moves as case_moves
from handlers.cases import reports
from handlers.core.context import HandlerContext, Incoming

if TYPE_CHECKING:
    from domain.core.town import Town
    from storage.unit import Store, Unit

SCREEN_MS, SEARCH_MS = 10.0, 40.0
BATCH = 100
WARM = 20
#: A slow kind of look is repeated less often: a budget in seconds, and the least number of times.
BUDGET_S, LEAST = 8.0, 20
See = Callable[["Unit", int], Awaitable[None]]


class Enough(Exception):
    """Rolls back the unit; carries its (CPU, wall) seconds."""

    def __init__(self, cpu: float, wall: float) -> None:
        super().__init__()
        self.cpu = cpu
        self.wall = wall


@dataclass(frozen=True)
class Look:
    """One kind of look: the person's chat, the typed text or pressed button, and the handler.

    `most_ms` is the goal; None means that there is no goal.
    """

    name: str
    most_ms: float | None
    person: Callable[[int, int], int]
    args: Callable[[int, int], str] = lambda _turn, _cases: ""
    pressed: Callable[[int, int], tuple[str, ...]] = lambda _turn, _cases: ()
    handler: Callable[[HandlerContext], Awaitable[None]] = case_lists.list_cases


async def _offered(ctx: HandlerContext) -> None:
    """Offer a report for free text, which is compared with the village's reports."""
    await reports.offer(ctx, {"said": ctx.args, "messages": [1]})


def _villager(turn: int, _cases: int) -> int:
    return FIRST_USER + turn * 617 % PEOPLE


def _chair(turn: int, _cases: int) -> int:
    return FIRST_CHAIR + turn % VILLAGES


def _officer(turn: int, _cases: int) -> int:
    return FIRST_OFFICER + turn % 9


def _leader(_turn: int, _cases: int) -> int:
    return LEADER


def _thing(turn: int, _cases: int) -> str:
    return THINGS[turn % len(THINGS)]


def _case_of(turn: int, cases: int) -> int:
    """Return the number (from 0) of a case of any age that chair `turn` may see."""
    number = (turn * 7919 * 101) % cases
    while number % PEOPLE % VILLAGES != turn % VILLAGES or number % 100 == 3:
        number = (number + 1) % cases
    return number


def _open_case_of(turn: int, cases: int) -> int:
    """Return the number (from 0) of an open case that waits for chair `turn`."""
    number = cases - 1 - turn * 211 % (min(MOST_OPEN, cases // 5) // 2)
    while number % 5 or number % PEOPLE % VILLAGES != turn % VILLAGES or number % 100 == 3:
        number -= 1
    return number


LOOKS = (
    Look("my cases (villager)", SCREEN_MS, _villager),
    Look("village queue (chair)", SCREEN_MS, _chair),
    Look("queue of five villages (officer)", SCREEN_MS, _officer),
    Look("queue of the station (leader)", SCREEN_MS, _leader),
    Look("all of a village (chair)", SCREEN_MS, _chair, pressed=lambda *_: ("all", "0", ""), handler=case_lists.press_list),
    Look("all of the station (leader)", SCREEN_MS, _leader, pressed=lambda *_: ("all", "0", ""), handler=case_lists.press_list),
    Look("card with its whole timeline (chair)", SCREEN_MS, _chair, lambda turn, cases: str(1001 + _case_of(turn, cases))),
    Look(
        "free text compared with the village's reports (villager)", SCREEN_MS, _villager, lambda *_: "路灯坏了晚上看不见", handler=_offered
    ),
    Look("a case opened (villager)", SCREEN_MS, _villager, lambda *_: "hazard 路灯坏了", handler=reports.report),
    Look(
        "a case accepted, its card redrawn (chair)",
        SCREEN_MS,
        _chair,
        handler=case_moves.press(Action.ACCEPT),
        pressed=lambda turn, count: (str(1001 + _open_case_of(turn, count)),),
    ),
    Look("search, a common word (chair)", SEARCH_MS, _chair, _thing),
    Look("search, a rare word (chair)", SEARCH_MS, _chair, lambda *_: RARE),
    Look("search, two words (officer)", SEARCH_MS, _officer, lambda turn, cases: f"{_thing(turn, cases)} 婆媳"),
    Look("search, a common word (leader)", SEARCH_MS, _leader, lambda *_: COMMON),
    Look("search, a rare word (leader)", SEARCH_MS, _leader, lambda *_: RARE),
    Look("search, nothing found (leader)", SEARCH_MS, _leader, lambda *_: "直升机"),
)


async def run(options: Options) -> Result:
    """Measure every size. Goals apply to the largest town."""
    result = Result("growth")
    town = Settings().as_town(bot_names={"telegram": "bench_bot"})
    for cases in options.cases:
        with tempfile.TemporaryDirectory() as name:
            began = time.perf_counter()
            store = await grown(Path(name) / "town.db", cases)
            size = (Path(name) / "town.db").stat().st_size / 1e6
            title = f"{cases} cases: {size:.0f} MB ({size * 1e6 / cases:.0f} bytes per case), filled in {time.perf_counter() - began:.0f} s"
            result.tables.append(Table(title, ("milliseconds", "CPU p50", "CPU p99", "wall p50", "wall p99")))
            result.figures[f"{cases}: MB"] = size
            try:
                await _look_around(store, cases, town, options, result)
            finally:
                await store.close()
    return result


async def _look_around(store: Store, cases: int, town: Town, options: Options, result: Result) -> None:
    """Fill the last table of the result. Goals apply to the largest town."""
    looks: list[tuple[str, float | None, See]] = [(look.name, look.most_ms, partial(_see, look, cases, town)) for look in LOOKS]
    looks += [(f"due timers, {BATCH} of them", SCREEN_MS, _due_timers), ("the auditor, every five minutes", None, _audited)]
    for words, most, see in looks:
        spent = await _timed(store, see, options.looks)
        shown = [percentile([each[clock] for each in spent], share) * 1000 for clock in (0, 1) for share in (0.5, 0.99)]
        result.tables[-1].rows.append((words, *(f"{value:.2f}" for value in shown)))
        result.figures[f"{cases}: {words}: p99 ms"] = shown[1]
        if most is not None and cases == max(options.cases):
            result.goals.append(at_most(f"{cases} cases: {words}, p99", shown[1], most, unit="ms"))


async def _timed(store: Store, see: See, looks: int) -> list[tuple[float, float]]:
    """Return (CPU, wall) seconds of each look, without the warm-up."""

    async def once(unit: Unit, turn: int) -> None:
        cpu, wall = time.thread_time(), time.perf_counter()
        await see(unit, turn)
        raise Enough(time.thread_time() - cpu, time.perf_counter() - wall)

    spent: list[tuple[float, float]] = []
    until = time.perf_counter() + BUDGET_S
    for turn in range(WARM + looks):
        if time.perf_counter() > until and len(spent) >= LEAST:
            break
        try:
            await store.transact(partial(once, turn=turn))
        except Enough as enough:
            spent.append((enough.cpu, enough.wall))
    return spent[WARM:] or spent


async def _see(look: Look, cases: int, town: Town, unit: Unit, turn: int) -> None:
    address = Address("telegram", ChatId(look.person(turn, cases)))
    actor = await unit.people.actor(address, name="", language="zh", at=AT)
    assert actor.id is not None
    incoming = Incoming(address, int(address.chat_id), actor.name, "zh", private=True, args=look.args(turn, cases), message_id=turn + 1)
    if pressed := look.pressed(turn, cases):
        incoming = replace(incoming, values=pressed, press_id="p")
    await look.handler(HandlerContext(unit, actor, AT, town, incoming, f"bench:{turn}", dialogs=DIALOGS, hooks=HOOKS))


async def _audited(unit: Unit, _turn: int) -> None:
    await unit.cases.list_unwatched()


async def _due_timers(unit: Unit, _turn: int) -> None:
    due = await unit.timers.list_due(at=AT, limit=BATCH)
    assert due
