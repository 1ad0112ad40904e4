"""The menu: big buttons that fit a person's roles, and the help.

Knows which verbs each role starts with. Invariant: every verb here is a row of the route table (held by a contract test).
"""

from __future__ import annotations

from domain.cases.case import WAITING as WAITING_STATES
from domain.core.change import Button, Keyboard
from domain.core.immutable import replace
from domain.people.people import COMMITTEE, LIMITED, POLICE, RANK, Role
from handlers.core.context import HandlerContext, rows
from handlers.people import joining
from texts import Lines, Text

REPORT = Button("menu.button.report", "m.report")
MINE = Button("menu.button.mine", "m.cases", ("mine",))
SOS = Button("menu.button.sos", "m.sos")
CALL = Button("menu.button.call", "m.call")
TIPS = Button("menu.button.tips", "menu.tip")
LANGUAGE = Button("menu.button.language", "langs")
ME = Button("menu.button.me", "m.me")
WAITING = Button("menu.button.waiting", "m.cases", ("open",))
FOR_OTHER = Button("menu.button.for_other", "m.other")
FAMILY = Button("menu.button.family", "m.family")
ALERT = Button("menu.button.alert", "menu.alert")
TRAINING = Button("menu.button.training", "menu.training")
ROSTER = Button("menu.button.roster", "m.roster")
DUTY = Button("menu.button.duty", "m.duty")
EVERYTHING = Button("menu.button.everything", "m.all")
BACK = Button("menu.button.back", "menu")
EVERY_BUTTON = (EVERYTHING, REPORT, MINE, SOS, CALL, TIPS, LANGUAGE, ME, WAITING, FOR_OTHER, FAMILY, ALERT, TRAINING, ROSTER, DUTY)


def buttons_for(roles: frozenset[Role]) -> Keyboard:
    """Return the menu for these roles."""
    if roles & POLICE:
        return rows(WAITING, ALERT, TRAINING, SOS, TIPS, FOR_OTHER, ROSTER, DUTY, ME, LANGUAGE, EVERYTHING)
    if Role.CHAIR in roles:
        return rows(WAITING, FOR_OTHER, REPORT, TRAINING, SOS, TIPS, DUTY, ROSTER, ME, LANGUAGE, EVERYTHING)
    if Role.ADMIN in roles:
        return rows(ROSTER, DUTY, REPORT, MINE, SOS, ME, LANGUAGE, EVERYTHING)
    if roles & COMMITTEE:
        return rows(REPORT, MINE, FOR_OTHER, TRAINING, SOS, CALL, TIPS, ME, LANGUAGE, EVERYTHING)
    return rows(REPORT, MINE, SOS, CALL, FAMILY, TIPS, ME, LANGUAGE, EVERYTHING)


async def buttons(ctx: HandlerContext) -> Keyboard:
    """Return the menu that fits the actor, with the number of cases that wait for an answer."""
    if ctx.actor.elder and not ctx.actor.posts:
        return rows(SOS, REPORT, CALL, MINE, width=1)
    keyboard = buttons_for(frozenset(post.role for post in ctx.actor.posts))
    keyboard = (*keyboard, *((button,) for switch, button in ctx.hooks.menu_buttons if not switch or switch in ctx.town.features))
    if not any(WAITING in row for row in keyboard):
        return keyboard
    count = await ctx.unit.search.count_of(ctx.actor, states=tuple(WAITING_STATES))
    counted = replace(WAITING, label="menu.button.waiting_count", params={"count": str(count)}) if count else WAITING
    return tuple(tuple(counted if button is WAITING else button for button in row) for row in keyboard)


async def show_menu(ctx: HandlerContext) -> None:
    """Show the menu that fits the actor; to a stranger the way in."""
    if ctx.actor.role is Role.STRANGER:
        await ctx.reply("talk.join_first", buttons=joining.WAY_IN, town=ctx.town.name)
        return
    key = "menu.post" if ctx.actor.posts else "menu.elder" if ctx.actor.elder else "menu.villager"
    await ctx.reply(key, buttons=await buttons(ctx), card="menu", name=ctx.actor.name, town=ctx.town.name)


async def help_(ctx: HandlerContext) -> None:
    """Show the possible actions, in one message that fits the actor."""
    role = ctx.actor.role
    if role is Role.STRANGER:
        await ctx.reply("menu.help.stranger")
    elif ctx.actor.holds(*POLICE, Role.CHAIR):
        await ctx.reply("menu.help.handler")
    elif ctx.actor.holds(Role.ADMIN):
        await ctx.reply("menu.help.admin")
    else:
        await ctx.reply("menu.help.villager")
    if limited := [Text(f"people.sees.{role}") for role in RANK if role in LIMITED and ctx.actor.holds(role)]:
        await ctx.reply("menu.help.limited", sees=Lines(limited))


async def press_menu(ctx: HandlerContext) -> None:
    """Show the menu again."""
    await show_menu(ctx)
