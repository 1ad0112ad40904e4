"""Dialogs as data: a tuple of steps, answers in a draft that survives restarts.

Knows asking, going back, leaving, and old buttons; must not know any feature. Invariant: one draft per chat; every way out of a dialog
deletes it; an answer to a step that is not the current one asks the current one again. A dialog that was begun with a button on a card asks in
that card, and gives it back at its end; any other asks in the chat's one place for questions (handlers/core/placing.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from domain.core.change import Button, Keyboard, Leaves, Notice, RuleError
from domain.core.immutable import immutable, replace
from domain.core.said import bare
from domain.people.people import Policy, admit, may_try
from handlers.core.context import HandlerContext, Incoming
from handlers.core.placing import HERE, give_back_pressed, restore, spend, surface
from storage.core.drafts import Draft
from texts import Text, plain

Answers = dict[str, Any]
BACK_WORDS = frozenset({"上一步", "返回", "返回上一步", "back"})
CANCEL_WORDS = frozenset({"取消", "算了", "退出", "不报了", "cancel", "/cancel", "stop", "quit"})


@immutable
class Choice:
    """An offered answer: a button with a label (text key) that answers `value`."""

    label: str
    value: str
    params: dict[str, Any] | None = None


@immutable
class Step:
    """One question of a dialog.

    `ask`: text key; `shown(ctx, answers)` gives its parameters. `choices(ctx, answers)`: offered answers. `accept(ctx, said, answers)`:
    turns the answer (an `Incoming`; a pressed choice has `text` = its value and `verb` = "answer") into the JSON that is kept. It raises
    RuleError to ask again; returns `KEEP_LISTENING` to keep listening at the same step (after it changed `answers` itself), `ASK_AGAIN` to
    redraw the question as well. `when(answers)`: whether it is asked. `wide`: choices per row. `request`: "location" or "contact" for a
    reply keyboard. A typed label is the pressed choice, unless `reads_labels`: `accept` gives typed labels a meaning of their own.
    """

    name: str
    ask: str
    accept: Callable[[HandlerContext, Incoming, Answers], Awaitable[Any]]
    choices: Callable[[HandlerContext, Answers], Awaitable[tuple[Choice, ...]]] | None = None
    shown: Callable[[HandlerContext, Answers], Awaitable[dict[str, Any]]] | None = None
    when: Callable[[Answers], bool] = lambda answers: True
    wide: int = 2
    request: str = ""
    reads_labels: bool = False


@immutable
class Dialog:
    """A dialog: the users who may hold it, its steps, and the function that gets the answers.

    `unheard`: the reason why nobody listens for danger in its answers (an alert is about it); empty: they are heard.
    """

    name: str
    policy: Policy
    steps: tuple[Step, ...]
    finish: Callable[[HandlerContext, Answers], Awaitable[None]]
    unheard: str = ""


KEEP_LISTENING = object()
ASK_AGAIN = object()


async def begin(ctx: HandlerContext, name: str, answers: Answers | None = None) -> None:
    """Start a dialog in the actor's private chat, in place of any unfinished one.

    Steps that are already answered are not asked.
    """
    dialog = _dialog(ctx, name)
    admit(ctx.actor, dialog.policy)
    left = await ctx.unit.drafts.find(ctx.incoming.address)
    draft = Draft(ctx.incoming.address, name, "", dict(answers or {}), ctx.at, ctx.at, await surface(ctx))
    await _advance(ctx, dialog, draft)
    if left is not None and left.card != draft.card:
        await restore(ctx, left.card)


async def answer(ctx: HandlerContext, said: Incoming) -> bool:
    """Take a message as the answer to the current step; False when no dialog is open here."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog not in ctx.dialogs:
        return False
    dialog = _dialog(ctx, draft.dialog)
    admit(ctx.actor, dialog.policy)
    step = next((step for step in dialog.steps if step.name == draft.step), None)
    if step is None:
        await _advance(ctx, dialog, draft)
        return True
    if not said.press_id and bare(said.text) in BACK_WORDS:
        await press_back(ctx)
        return True
    said = await _as_choice(ctx, dialog, step, draft, said)
    answers = dict(draft.answers)
    try:
        value = await step.accept(ctx, said, answers)
    except RuleError as rule:
        if draft.card not in ("", HERE):
            await ctx.reply(rule.key, **rule.params)  # the question still stands in the card
        else:
            await _ask(ctx, dialog, step, draft, refusal=rule)
        return True
    if value is KEEP_LISTENING or value is ASK_AGAIN:
        draft = replace(draft, answers=answers, updated_at=ctx.at)
        await ctx.unit.drafts.put(draft)
        if value is ASK_AGAIN:
            await _ask(ctx, dialog, step, draft, in_place=said.press_id not in ("", "typed"))
        return True
    ctx.keyboard_spent = ctx.keyboard_spent or bool(step.request)
    await _advance(ctx, dialog, replace(draft, answers=answers | {step.name: value}))
    return True


async def _as_choice(ctx: HandlerContext, dialog: Dialog, step: Step, draft: Draft, said: Incoming) -> Incoming:
    """Return a message whose words are the label of an offered answer as the press of it."""
    word = "" if said.press_id or said.media is not None or said.location is not None else bare(said.text)
    if not word or step.choices is None or step.reads_labels:
        return said
    for choice in await step.choices(ctx, draft.answers):
        if bare(plain(choice.label, ctx.actor.language, **(choice.params or {}))) == word:
            return replace(said, text=choice.value, verb="answer", values=(dialog.name, step.name, choice.value), press_id="typed")
    return said


async def wants_words(ctx: HandlerContext) -> bool:
    """Tell whether the open question takes the words, whatever they are a label of.

    It offers no choices, or they are one of its choices.
    """
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog not in ctx.dialogs:
        return False
    dialog = _dialog(ctx, draft.dialog)
    step = next((step for step in dialog.steps if step.name == draft.step), None)
    if step is None or not may_try(ctx.actor, dialog.policy):
        return False
    return step.choices is None or await _as_choice(ctx, dialog, step, draft, ctx.incoming) is not ctx.incoming


async def about(ctx: HandlerContext) -> int | None:
    """Return the number of the thing that the open dialog is about, None without one."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    number = None if draft is None or draft.dialog not in ctx.dialogs else draft.answers.get("number")
    return number if isinstance(number, int) else None


async def is_open(ctx: HandlerContext) -> bool:
    """Tell whether a dialog is open here that the actor may hold.

    A stranger's report waits until they have joined.
    """
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    return draft is not None and draft.dialog in ctx.dialogs and may_try(ctx.actor, _dialog(ctx, draft.dialog).policy)


async def press_answer(ctx: HandlerContext) -> None:
    """Take a pressed choice.

    An old one asks the current question again, or says that the dialog is over.
    """
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    dialog_name, step_name, value = (*ctx.incoming.values, "", "", "")[:3]
    if draft is None or draft.dialog != dialog_name:
        await _over(ctx)
        return
    if draft.step != step_name:
        ctx.toast("dialog.answered")
        await ask_again(ctx)
        return
    await answer(ctx, replace(ctx.incoming, text=value))


async def press_back(ctx: HandlerContext) -> None:
    """Go back one question."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog not in ctx.dialogs:
        await _over(ctx)
        return
    dialog = _dialog(ctx, draft.dialog)
    asked = [step.name for step in dialog.steps if step.when(draft.answers) and step.name in draft.answers]
    before = [name for name in asked if _position(dialog, name) < _position(dialog, draft.step)]
    answers = {name: value for name, value in draft.answers.items() if name != (before[-1] if before else "")}
    await _advance(ctx, dialog, replace(draft, answers=answers))


async def _over(ctx: HandlerContext) -> None:
    """Say that a pressed question is over, and take it away."""
    ctx.toast("dialog.over")
    await give_back_pressed(ctx)


async def press_cancel(ctx: HandlerContext) -> None:
    """Leave the dialog by its button."""
    await cancel(ctx)


async def cancel(ctx: HandlerContext) -> None:
    """Leave the open dialog, or say that there is none; works everywhere and always."""
    ctx.keyboard_spent = ctx.keyboard_spent or await _asks_by_keyboard(ctx)
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    there_was_one = await ctx.unit.drafts.drop(ctx.incoming.address)
    said = "dialog.cancelled" if there_was_one else "dialog.nothing_to_cancel"
    if draft is not None and draft.card not in ("", HERE) and ctx.incoming.press_id:
        ctx.toast(said)
    else:
        await ctx.reply(said)
    await _end(ctx, "" if draft is None else draft.card)


async def _asks_by_keyboard(ctx: HandlerContext) -> bool:
    """Tell whether the open question showed a keyboard for a place or a telephone number."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    steps = _dialog(ctx, draft.dialog).steps if draft is not None and draft.dialog in ctx.dialogs else ()
    return any(step.request and draft is not None and step.name == draft.step for step in steps)


async def ask_again(ctx: HandlerContext) -> None:
    """Ask the current question of the open dialog once more."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is not None and draft.dialog in ctx.dialogs:
        await _advance(ctx, _dialog(ctx, draft.dialog), draft)


def _dialog(ctx: HandlerContext, name: str) -> Dialog:
    dialog = ctx.dialogs[name]
    assert isinstance(dialog, Dialog)
    return dialog


async def _advance(ctx: HandlerContext, dialog: Dialog, draft: Draft) -> None:
    for step in dialog.steps:
        if step.name not in draft.answers and step.when(draft.answers):
            draft = replace(draft, step=step.name, updated_at=ctx.at)
            await _ask(ctx, dialog, step, draft)
            return
    await ctx.unit.drafts.drop(draft.address)
    ctx.surface = draft.card
    await dialog.finish(ctx, draft.answers)
    await _end(ctx, draft.card)


async def _end(ctx: HandlerContext, card: str) -> None:
    """Give a card back, or take the last question away, unless something else is there by now."""
    again = await ctx.unit.drafts.find(ctx.incoming.address)
    if again is not None and again.card == card:
        return
    if card != HERE:
        await restore(ctx, card)
    elif card not in ctx.drawn:
        await spend(ctx, HERE, Leaves.NOTHING)


async def _ask(
    ctx: HandlerContext, dialog: Dialog, step: Step, draft: Draft, *, refusal: RuleError | None = None, in_place: bool = False
) -> None:
    """Ask a question, in the card of the dialog; a reply keyboard needs a message of its own.

    `refusal`: the fault of the last answer, in the same message. `in_place`: the question is drawn again where it is.
    """
    params = await step.shown(ctx, draft.answers) if step.shown else {}
    choices = await step.choices(ctx, draft.answers) if step.choices else ()
    offered = [Button(choice.label, "answer", (dialog.name, step.name, choice.value), choice.params or {}) for choice in choices]
    keyboard: Keyboard = tuple(tuple(offered[start : start + step.wide]) for start in range(0, len(offered), step.wide))
    leave: tuple[Button, ...] = (Button("dialog.cancel", "cancel"),)
    if any(each.when(draft.answers) and each.name in draft.answers for each in dialog.steps):
        leave = (Button("dialog.back", "back"), *leave)
    covered = draft.card not in ("", HERE)
    if step.request and covered:
        await ctx.unit.drafts.drop(draft.address)
        await restore(ctx, draft.card)
        draft, covered = replace(draft, card=HERE), False
    await ctx.unit.drafts.put(draft)
    key = step.ask
    if refusal is not None:
        key, params = "dialog.again", {"refusal": Text(refusal.key, **refusal.params), "question": Text(key, **params)}
    buttons = (*keyboard, leave)
    if covered:
        ctx.asking = True
        await ctx.notify(Notice(ctx.origin, key, params, buttons, card=draft.card, media={"type": "keep"}, leaves=Leaves.LINE))
        ctx.asking = False
        return
    here = HERE if in_place and not step.request else ""
    await ctx.reply(key, buttons=buttons, card=here, as_new_message=False, ask=step.request, leaves=Leaves.NOTHING, **params)
    if step.request:
        await spend(ctx, HERE, Leaves.NOTHING)


def _position(dialog: Dialog, name: str) -> int:
    return next((index for index, step in enumerate(dialog.steps) if step.name == name), len(dialog.steps))
