"""/sos_month: the figures of urgent cases of a month, in the reader's scope.

Knows how they are shown; domain/aftercare/monthly.py counts. Invariant: no number, name or village of a case is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.aftercare.monthly import Share, Span, bounds, figures, month_of
from storage.drills import Drills
from texts import Text

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext


async def show(ctx: HandlerContext) -> None:
    """`/sos_month [2026-11]`: show the figures of a month, the present one without words."""
    zone = ctx.town.zone
    month = month_of(ctx.args, at=ctx.at, zone=zone)
    since, until = bounds(month, zone)
    drills = await ctx.unit.records(Drills).count(ctx.actor, since=since, until=until)
    found = figures(await ctx.unit.aftercare.outcomes(ctx.actor, since=since, until=until), drills=drills)
    await ctx.reply(
        "aftercare.month",
        month=f"{month:%Y-%m}",
        count=found.count,
        false=found.false,
        drills=found.drills,
        first=_span(found.first),
        arrival=_span(found.arrival),
        before=_share(found.before),
    )


def _span(span: Span) -> dict[str, Any]:
    if span.minutes is None:
        return Text("aftercare.month.none")
    return Text("aftercare.month.minutes", minutes=f"{span.minutes:.1f}".removesuffix(".0"), n=span.n)


def _share(share: Share) -> dict[str, Any]:
    if share.n == 0:
        return Text("aftercare.month.none")
    return Text("aftercare.month.share", part=share.part, n=share.n, percent=round(100 * share.part / share.n))
