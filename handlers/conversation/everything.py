"""Show every function as a button: a page of the commands without another one.

Knows the declarations of commands (handlers/core/route.py); must not know any feature. Invariants: a button of the page does what its command
does, with the same policy; a new command is on the page without more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Button, RuleError
from domain.people.people import Role, admit, may_try
from handlers.conversation import menu
from handlers.core.context import rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from handlers.core.context import HandlerContext, Hooks

VERB = "m.do"


def roles_of(ctx: HandlerContext) -> frozenset[Role]:
    """Return every role that the actor holds."""
    held = {post.role for post in ctx.actor.posts}
    return frozenset(held | {Role.VILLAGER} if ctx.actor.consented else held)


def on_page(roles: frozenset[Role], hooks: Hooks, features: Collection[str]) -> tuple[str, ...]:
    """Return the commands whose buttons are on the page for these roles.

    Those that the menu has already are left out, and so are those that are done on the card of a thing.
    """
    beside = {button.verb for _, button in hooks.menu_buttons}
    in_menu = {menu.BACK.verb, *beside, *(button.verb for row in menu.buttons_for(roles) for button in row)}
    return tuple(
        route.name
        for route in hooks.commands.values()
        if route.where != "group"
        and roles & route.menu
        and (not route.feature or route.feature in features)
        and (not route.pressed or (route.pressed not in in_menu and hooks.understood.presses[route.pressed].about_oneself))
    )


async def press_everything(ctx: HandlerContext) -> None:
    """Show the page."""
    names = on_page(roles_of(ctx), ctx.hooks, ctx.town.features)
    able = [name for name in names if may_try(ctx.actor, ctx.hooks.commands[name].policy)]
    buttons = (*rows(*(Button(f"menu.do.{name}", VERB, (name,)) for name in able)), (menu.BACK,))
    await ctx.reply("menu.everything", buttons=buttons, card="menu", as_new_message=False)


async def press_command(ctx: HandlerContext) -> None:
    """Do what a command does without any words after it.

    Raises:
        RuleError: `refused.old_button`: there is no such command; or the policy of the command refuses.
    """
    route = ctx.hooks.commands.get((*ctx.incoming.values, "")[0])
    if route is None or route.where == "group" or (route.feature and route.feature not in ctx.town.features):
        raise RuleError("refused.old_button")
    admit(ctx.actor, route.policy)
    await route.handler(ctx)
