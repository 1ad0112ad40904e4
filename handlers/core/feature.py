"""What a feature declares to the rest of the program: one `FEATURE = Feature(…)` in its package.

Knows what rows, conversations and hooks look like; must not know any feature. `bot/routes.py` gathers them in order. Invariant: a trigger, a
conversation's name and a link's first letters belong to exactly one feature; two are refused when the program is put together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from domain.core.immutable import immutable
from handlers.core.context import AccessRevoked, GoOn, Hooks, ShowMenu, StartLink
from handlers.core.dialogs import Dialog
from handlers.core.route import Route, trigger_of

V = TypeVar("V")


@immutable
class Feature:
    """One feature's rows and hooks.

    * `routes`, `dialogs`: see handlers/core/route.py and handlers/core/dialogs.py. The clock's rows are routes too (`Tick`).
    * `start_links`: first letters of a deep link's payload → what takes the rest; it returns False when the payload is something else.
    * `kept_drafts`: name of a draft that waits until a stranger has joined → how it goes on.
    * `show_menu`: what is shown to who has joined and asked for nothing; one feature has it.
    * `on_access_revoked`: stops what a person may not do any more; called for somebody who may do less than before, and safe to repeat.
    """

    name: str
    routes: tuple[Route, ...] = ()
    dialogs: tuple[Dialog, ...] = ()
    start_links: Mapping[str, StartLink] = field(default_factory=dict)
    kept_drafts: Mapping[str, GoOn] = field(default_factory=dict)
    show_menu: ShowMenu | None = None
    on_access_revoked: AccessRevoked | None = None


def routes_of(features: Sequence[Feature]) -> tuple[Route, ...]:
    """Return every row in the order of the features.

    Raises:
        ValueError: two rows have the same trigger.
    """
    return tuple(_once("route", (((type(route), trigger_of(route)), route) for each in features for route in each.routes)).values())


def dialogs_of(features: Sequence[Feature]) -> dict[str, Dialog]:
    """Return every conversation by its name.

    Raises:
        ValueError: two have the same name.
    """
    return _once("dialog", ((dialog.name, dialog) for each in features for dialog in each.dialogs))


def hooks_of(features: Sequence[Feature]) -> Hooks:
    """Return what the features ask to be called for.

    Raises:
        ValueError: two ask for the same link or draft, or not exactly one shows the menu.
    """
    menus = [each.show_menu for each in features if each.show_menu is not None]
    if len(menus) != 1:
        raise ValueError(f"{len(menus)} features show the menu, not one")
    return Hooks(
        start_links=_once("start link", (link for each in features for link in each.start_links.items())),
        kept_drafts=_once("kept draft", (draft for each in features for draft in each.kept_drafts.items())),
        show_menu=menus[0],
        on_access_revoked=tuple(each.on_access_revoked for each in features if each.on_access_revoked is not None),
    )


K = TypeVar("K", bound=Hashable)


def _once(what: str, pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    found: dict[K, V] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"two of one {what}: {name[1] if isinstance(name, tuple) else name}")
        found[name] = value
    return found
