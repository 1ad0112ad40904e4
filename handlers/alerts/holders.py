"""Give unconfirmed villages of running alerts to somebody who can act when posts change.

Knows who has to confirm for a village. Invariant: while an alert runs, every village without a confirmation is with its chair, or with the
first post above who can be reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.post_change import Moved, Why
from domain.people.people import Role
from handlers.alerts.sending import tell_chairs
from handlers.core.next_post import GATHERED_FOR
from handlers.core.presence import reachable
from texts import Text

if TYPE_CHECKING:
    from domain.core.post_change import PostChange
    from handlers.core.context import HandlerContext
    from handlers.core.presence import Presence


async def give_away(ctx: HandlerContext, change: PostChange, presence: Presence) -> list[Moved]:
    """Give every village whose chair cannot confirm to somebody who can; see `PostsChanged`."""
    if change.why is Why.FORGOTTEN:
        return []
    moved: list[Moved] = []
    for alert_id, village_id, holder_id in await ctx.unit.alerts.list_unconfirmed(at=ctx.at):
        if change.person_id is not None and holder_id not in change.people:
            continue
        posts = await presence.of(village_id)
        chairs = reachable(posts, Role.CHAIR)
        instead = reachable(posts.everybody, Role.OFFICER, Role.DUTY, Role.LEADER, Role.ADMIN)
        alert = await ctx.unit.alerts.find(alert_id)
        if alert is None or holder_id in {who.person_id for who in (*chairs, *instead)} or not (chairs or instead):
            continue
        if village_id in await ctx.unit.alerts.list_unreached(alert, since=ctx.at - 2 * GATHERED_FOR, until=ctx.at + GATHERED_FOR):
            continue  # its message has just failed: it is on the list that is being gathered (sending.unreached)
        await tell_chairs(ctx, alert, (village_id,))
        if chairs and chairs[0].person_id is not None:
            await ctx.unit.alerts.note_chair(alert_id, village_id, chairs[0].person_id)
        to = chairs or posts.first_reachable(Role.CHAIR)[1]
        line = Text("posts.line.alert", number=alert_id, village=posts.village.name)
        moved.append(Moved(alert.card, village_id, alert.station_id, to, line))
    return moved
