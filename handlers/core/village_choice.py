"""Choose villages in a dialog: all, by name, or by toggle buttons, page by page.

Knows the question, not its purpose; the caller says which villages may be chosen. Invariant: the choice is checked against the villages
that the actor may choose now, by button and by name alike; absent and not allowed read the same.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain.core.change import RuleError, VillageId
from domain.core.immutable import immutable
from domain.core.village_names import means_all, names_in
from domain.people.people import Person, Village
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import ASK_AGAIN, Answers, Choice, Step
from texts import Joined, Text

A_PAGE = 12
A_LINE = 10
SWITCH = re.compile("([tp])([0-9]{1,9})")


async def villages_where(ctx: HandlerContext, may: Callable[[Person, Village], bool]) -> list[Village]:
    """Return the open villages where the actor may do something."""
    return [village for village in await ctx.unit.people.list_villages() if may(ctx.actor, village)]


def named(villages: Sequence[Village], names: Sequence[str]) -> tuple[list[Village], list[str]]:
    """Return the villages of these names, and the names that are not one of them.

    A name may have 村 at its end or not; "all" means every village. A name that several villages have is none of them: it needs the station.
    """
    if means_all(names):
        return list(villages), []
    by_name: dict[str, list[Village]] = {}
    for village in villages:
        for called in {village.name.removesuffix("村"), (village.bare or village.name).removesuffix("村"), village.name}:
            by_name.setdefault(called, []).append(village)
    found = {name: by_name.get(name) or by_name.get(name.removesuffix("村"), []) for name in names}
    chosen = {same[0].id: same[0] for same in found.values() if len(same) == 1}
    return list(chosen.values()), [name for name, same in found.items() if len(same) != 1]


def names_text(names: Sequence[str]) -> dict[str, Any]:
    """Return village names in one line; of many the first ten and the total."""
    return Joined(names) if len(names) <= A_LINE else Text("village.names.many", names=Joined(names[:A_LINE]), count=len(names))


@immutable
class VillageChoice:
    """The question for one kind of thing; the answer is a list of village ids.

    `step(name, ask)` gives the dialog's step. `last`: returns the villages that the actor chose last time, which are offered as one choice.
    """

    may: Callable[[Person, Village], bool]
    last: Callable[[HandlerContext], Awaitable[Sequence[VillageId]]] | None = None

    def step(self, name: str, ask: str, *, shown: Callable[[HandlerContext, Answers], Awaitable[dict[str, Any]]] | None = None) -> Step:
        """Return the step; its text gets `chosen`, `total`, `page`, `pages` and what `shown` adds."""

        async def all_shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
            villages = await villages_where(ctx, self.may)
            facts = {
                "chosen": len(_chosen(answers)),
                "total": len(villages),
                "page": _page(answers) + 1,
                "pages": max(1, -(-len(villages) // A_PAGE)),
            }
            return facts | (await shown(ctx, answers) if shown else {})

        return Step(name, ask, self._accept, choices=self._choices, shown=all_shown, wide=3, reads_labels=True)

    async def _choices(self, ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
        villages = await villages_where(ctx, self.may)
        chosen, page = _chosen(answers), _page(answers)
        again = await self._again(ctx, villages)
        choices = [
            Choice("village.button.chosen" if village.id in chosen else "village.button.other", f"t{village.id}", {"village": village.name})
            for village in villages[page * A_PAGE : (page + 1) * A_PAGE]
        ]
        choices += [Choice("village.button.previous", f"p{page - 1}")] if page else []
        choices += [Choice("village.button.next", f"p{page + 1}")] if (page + 1) * A_PAGE < len(villages) else []
        choices.append(Choice("village.button.all", "all", {"count": len(villages)}))
        choices += [Choice("village.button.again", "again", {"count": len(again), "first": again[0].name})] if again else []
        choices += [Choice("village.button.done", "done", {"count": len(chosen)})] if chosen else []
        return tuple(choices)

    async def _accept(self, ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
        villages = await villages_where(ctx, self.may)
        pressed = SWITCH.fullmatch(said.text) if said.press_id else None
        if pressed:
            return _switch(answers, pressed[1], int(pressed[2]), {village.id for village in villages})
        if said.press_id and said.text == "again":
            chosen = await self._again(ctx, villages)
        elif said.press_id and said.text == "done":
            chosen = [village for village in villages if village.id in _chosen(answers)]
        else:
            chosen, unknown = named(villages, list(names_in(said.text)))
            if unknown:
                raise RuleError("village.unknown", names={"join": [name[:20] for name in unknown[:10]]})
        if not chosen:
            raise RuleError("village.choose_one")
        return [village.id for village in chosen]

    async def _again(self, ctx: HandlerContext, villages: Sequence[Village]) -> list[Village]:
        """Return the villages of last time that the actor may still choose."""
        last = set(await self.last(ctx)) if self.last is not None else set()
        return [village for village in villages if village.id in last]


def _switch(answers: Answers, what: str, number: int, allowed: set[VillageId]) -> Any:
    if what == "p":
        answers["_page"] = min(number, max(0, len(allowed) - 1) // A_PAGE)
    elif number in allowed:
        chosen = _chosen(answers)
        answers["_chosen"] = [village for village in chosen if village != number] if number in chosen else [*chosen, number]
    return ASK_AGAIN


def _chosen(answers: Answers) -> list[int]:
    return list(answers.get("_chosen", ()))


def _page(answers: Answers) -> int:
    return int(answers.get("_page", 0))
