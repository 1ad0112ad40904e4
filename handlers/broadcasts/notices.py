"""Plain notices (water off, a meeting): words with at most one picture.

Knows the questions; handlers/broadcasts/composing.py previews and sends. Invariant: a notice goes to everybody who joined, and says who
sends it; a tip goes only to the people who want tips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import tips as rules
from domain.people.people import Policy
from handlers.broadcasts.composing import compose
from handlers.broadcasts.sending import villages_of
from handlers.core.dialogs import KEEP_LISTENING, Dialog, Step, begin

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext, Incoming
    from handlers.core.dialogs import Answers

TITLE = 20
#: The name of the picture among the answers.
PHOTO = "_photo"


async def write(ctx: HandlerContext) -> None:
    """Ask for the words and the picture of a notice."""
    await begin(ctx, NOTICE.name)


async def accept_words(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Keep a picture; return the words, also those under it."""
    if said.media is not None and said.media.get("type") == "photo":
        answers[PHOTO] = said.media["file_id"]
        if not said.text:
            await ctx.reply("notice.pictured")
            return KEEP_LISTENING
    return ctx.for_many(rules.own_words(said.text))


async def params_of(ctx: HandlerContext, words: str) -> dict[str, Any]:
    """Return the parameters of a notice: its words and the station that sends it."""
    mine = await villages_of(ctx, ctx.actor)
    station = await ctx.unit.broadcasts.station_name(mine[0].station_id) if mine else ""
    title = words.partition("\n")[0]
    return {"title": title if len(title) <= TITLE else f"{title[:TITLE]}…", "text": words, "station": station}


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    await compose(ctx, "notice", "notice.sent", await params_of(ctx, answers["words"]), photo=answers.get(PHOTO, ""))


NOTICE = Dialog(
    "notice", Policy.POLICE, (Step("words", "notice.ask", accept_words),), _finish, unheard="police announce something to many people"
)
