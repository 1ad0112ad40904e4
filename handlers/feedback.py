"""/feedback: an opinion on the service, to the leaders of the station.

Knows the questions and the card; domain/feedback.py decides who reads and answers. Invariants: nobody whom an opinion is about is told of it; its
author reads the answer in this chat.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain import feedback as rules
from domain.core.change import Button, Notice, RuleError
from domain.core.records import one_line
from domain.feedback import LONGEST, OPINIONS, PER_DAY, Opinion, State, Topic
from domain.people.people import Policy, Role
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.feature import Feature
from handlers.core.records import RecordActions, limit_rate, me, text_step
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute
from handlers.core.understood import Typed
from storage.feedback import Opinions
from texts import Text

if TYPE_CHECKING:
    from domain.core.change import Keyboard, Receiver
    from domain.people.people import Village
    from handlers.core.erased_cards import Erased

SHOWN = 5
#: The answer about whom the bot has no reader: other authorities have.
LEADER = "leader"


async def feedback(ctx: HandlerContext) -> None:
    """`/feedback [words]`: write an opinion; for a leader, the open ones."""
    found = await WRITTEN.store(ctx).list_open(ctx.actor, limit=SHOWN)
    for value in found:
        await WRITTEN.show(ctx, value)
    if ctx.actor.holds(Role.LEADER):
        if not found:
            await ctx.reply("opinion.none")
        return
    await _village(ctx)
    await begin(ctx, DIALOG.name, {"words": one_line(ctx.args, most=LONGEST, key="opinion.words.again")} if ctx.args else {})


async def press_answer(ctx: HandlerContext) -> None:
    """Ask a leader for the answer."""
    value = await WRITTEN.pressed(ctx, handling=True)
    if value.state is not State.SENT:
        raise RuleError(f"opinion.is.{value.state}", number=str(value.id))
    await begin(ctx, ANSWER.name, {"number": value.id})


async def press_withdraw(ctx: HandlerContext) -> None:
    """Withdraw an opinion of one's own."""
    value = await WRITTEN.pressed(ctx)
    if value.author_id != ctx.actor.id:
        raise RuleError("refused.not_allowed")
    await WRITTEN.record(ctx, rules.withdraw(value, me(ctx), at=ctx.at))
    ctx.toast("opinion.toast.withdrawn")


async def press_show(ctx: HandlerContext) -> None:
    """Show an opinion as it is now."""
    await WRITTEN.show(ctx, await WRITTEN.pressed(ctx))


# Questions ----------------------------------------------------------------------------------------------------------------


async def _topics(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"opinion.topic.{topic}", str(topic)) for topic in (*Topic, LEADER))


async def _accept_topic(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take a topic; nobody in the bot reads an opinion on a leader.

    Raises:
        RuleError: `opinion.topic.again`, `opinion.about_leader`.
    """
    if said.text == LEADER:
        raise RuleError("opinion.about_leader")
    if said.verb != "answer" or said.text not in list(Topic):
        raise RuleError("opinion.topic.again")
    return said.text


async def _village(ctx: HandlerContext) -> Village:
    """Return the village of an opinion: the author's home, or the first of their posts."""
    of_posts = (post.village_id for post in ctx.actor.posts if post.village_id is not None)
    village_id = ctx.actor.village_id or next(of_posts, None)
    if village_id is None:
        raise RuleError("opinion.no_village")
    return await ctx.unit.people.village(village_id)


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    await limit_rate(ctx, "opinion", most=PER_DAY, within=timedelta(days=1), key="opinion.too_many")
    village = await _village(ctx)
    value = Opinion(
        id=await WRITTEN.store(ctx).next_number(),
        village_id=village.id,
        station_id=village.station_id,
        author_id=me(ctx),
        topic=Topic(answers["topic"]),
        text=answers["words"],
        state=State.SENT,
        opened_at=ctx.at,
    )
    value = await WRITTEN.open(ctx, rules.send(value, at=ctx.at))
    await WRITTEN.call(ctx, value, Role.LEADER)
    await WRITTEN.show(ctx, value)


async def _finish_answer(ctx: HandlerContext, answers: Answers) -> None:
    value = await WRITTEN.load(ctx, int(answers["number"]), handling=True)
    value = await WRITTEN.record(ctx, rules.answer(value, answers["answer"], me(ctx), at=ctx.at))
    await WRITTEN.notify(ctx, value, "opinion.answered.to_author", value.author_id, number=str(value.id), words=value.answer)
    await ctx.reply("opinion.answered", number=str(value.id))


async def end_erased(ctx: HandlerContext, erased: Erased) -> None:
    """Withdraw the open opinions of an erased person: nobody could read the answer."""
    for value in await WRITTEN.store(ctx).list_open(erased.person, limit=PER_DAY * 10):
        if value.author_id == erased.person.id and value.state is State.SENT:
            await WRITTEN.record(ctx, rules.withdraw(value, None, at=ctx.at))


# Parts --------------------------------------------------------------------------------------------------------------------


async def _card(ctx: HandlerContext, value: Opinion, to: Receiver, handling: bool) -> Notice:
    buttons: Keyboard = ()
    if value.state is State.SENT and handling:
        buttons = rows(Button("opinion.button.answer", "fb.ans", (value.id,)))
    elif value.state is State.SENT and to.person_id == value.author_id:
        buttons = rows(Button("opinion.button.withdraw", "fb.wd", (value.id,)))
    own = to.person_id == value.author_id
    params = {
        "number": str(value.id),
        "who": Text("opinion.mine") if own else Text("opinion.from", name=value.author_name, village=value.village),
        "topic": Text(f"opinion.topic.{value.topic}"),
        "words": value.text or Text("opinion.erased"),
        "state": Text("opinion.state.answered", name=value.leader_name, words=value.answer)
        if value.state is State.ANSWERED
        else Text(f"opinion.state.{value.state}"),
    }
    return Notice(to, "opinion.card", params, buttons)


WRITTEN: RecordActions[Opinion, Opinions] = RecordActions(
    OPINIONS,
    Opinions,
    card=_card,
    may_handle=rules.may_answer,
    parts=lambda value: (value.author_id,),
    asks=lambda value: (Role.LEADER,),
)
DIALOG = Dialog(
    "opinion",
    Policy.JOINED,
    (
        Step("topic", "opinion.topic.question", _accept_topic, choices=_topics),
        text_step("words", "opinion.words.question", most=LONGEST, again="opinion.words.again"),
    ),
    _finish,
)
ANSWER = Dialog(
    "opinion_answer",
    Policy.POLICE,
    (text_step("answer", "opinion.answer.question", most=LONGEST, again="opinion.words.again"),),
    _finish_answer,
)
#: "意见" alone is a kind of report, about the village.
WORDS = ("我有意见", "提个意见", "我要提意见", "意见箱", "投诉", "我要投诉", "投诉建议", "feedback", "complaint")
FEATURE = Feature(
    "feedback",
    routes=(
        CommandRoute("feedback", feedback, Policy.JOINED, menu=KNOWN, words=("提意见",)),
        ButtonRoute("fb.new", feedback, Policy.JOINED, about_oneself=True),
        ButtonRoute("fb.ans", press_answer, Policy.POLICE, fresh=press_show),
        ButtonRoute("fb.wd", press_withdraw, Policy.JOINED, fresh=press_show),
    ),
    records=(WRITTEN,),
    dialogs=(DIALOG, ANSWER),
    typed=(Typed(Button("menu.do.feedback", "fb.new"), WORDS),),
    follows={"person erased": end_erased},
)
