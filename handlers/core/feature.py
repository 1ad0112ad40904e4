"""Declare one feature to the rest of the program: `FEATURE = Feature(…)` in its package.

Knows the form of routes, dialogs and hooks; must not know any feature. `bot/routes.py` gathers the features in order. Invariant: a
trigger, a dialog's name and a link's first letters belong to exactly one feature; a duplicate is refused when the program is put together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeVar

from domain.core.change import Button
from domain.core.immutable import immutable, replace
from handlers.core.context import AccessRevoked, Follows, GoOn, HearsWords, Hooks, PostsChanged, Redraw, ShowMenu, StartLink
from handlers.core.dialogs import Dialog
from handlers.core.placing import placed
from handlers.core.records import RecordActions
from handlers.core.route import ButtonRoute, CommandRoute, Route, trigger_of
from handlers.core.understood import Sentence, TakesCode, TakesReply, Typed, Understood, by_words

if TYPE_CHECKING:
    from storage.unit import Veils

V = TypeVar("V")


@immutable
class Feature:
    """One feature's routes, dialogs and hooks.

    * `routes`, `dialogs`: see handlers/core/route.py and handlers/core/dialogs.py. The clock's rows are routes too (`TimerRoute`).
    * `start_links`: first letters of a deep link's payload → handler of the rest; it returns False when the payload is something else.
    * `kept_drafts`: name of a draft that waits until a stranger has joined → function that continues with it.
    * `show_menu`: shows the menu to a joined user without a request; exactly one feature has it.
    * `hears`: hears a call for help in everything that people write, before it goes anywhere; exactly one feature has it.
    * `veils`: changes the messages to chats that must not give something away, of whatever function; exactly one feature has it.
    * `optional`: name of the switch in `Town.features` without which its commands and menu buttons are not there; empty: always on.
    * `records`: its kinds of the records kit; each has an auditor, a reminder, the end of access and another handler without more.
    * `menu_buttons`: added below the menu.
    * `exceptions`: flags of messages that are less safe than by default, by reason: "rings keeper.remind_due" names the flag and the function.
    * `on_access_revoked`: stops everything that a person may not do any more; called for a person with fewer rights than before; safe to
      repeat.
    * `on_posts_changed`: gives the feature's open things to somebody who can act; called whenever posts change (handlers/core/post_changes.py)
      and by the auditor. Required when `Personal.held` names a column of the feature; records with `handled_by` need nothing.
    * `typed`: buttons with words that mean them, besides those of the menu and those that the chat shows. `replies`: a kind of subject ("case") →
      function that takes a reply to a message about it. `sentences`: records in one sentence. `codes`: take digits that are the whole message.
    * `follows`: an event of a lower feature ("case changed") → function that acts on it in the same unit.
    * `redraws`: kind of card → function that draws one again in the actor's chat, so that a dialog can ask its questions in it; records need
      nothing.
    * `apart`: kind of card → reason why a dialog that begins on it asks elsewhere, in the chat's one place for questions.
    * `consent`: lines of the consent text about the readers of what people give to this feature.
    """

    name: str
    routes: tuple[Route, ...] = ()
    dialogs: tuple[Dialog, ...] = ()
    start_links: Mapping[str, StartLink] = field(default_factory=dict)
    kept_drafts: Mapping[str, GoOn] = field(default_factory=dict)
    show_menu: ShowMenu | None = None
    hears: HearsWords | None = None
    veils: Veils | None = None
    optional: str = ""
    records: tuple[RecordActions[Any, Any], ...] = ()
    menu_buttons: tuple[Button, ...] = ()
    exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    on_access_revoked: AccessRevoked | None = None
    on_posts_changed: PostsChanged | None = None
    consent: tuple[Any, ...] = ()
    follows: Mapping[str, Follows] = field(default_factory=dict)
    typed: tuple[Typed, ...] = ()
    replies: Mapping[str, TakesReply] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    codes: tuple[TakesCode, ...] = ()
    redraws: Mapping[str, Redraw] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)


def routes_of(features: Sequence[Feature]) -> tuple[Route, ...]:
    """Return every route in the order of the features.

    Raises:
        ValueError: two routes have the same trigger.
    """
    routes = [(replace(row, feature=each.optional) if isinstance(row, CommandRoute) else row) for each in features for row in each.routes]
    return tuple(_once("route", (((type(route), trigger_of(route)), route) for route in routes)).values())


def dialogs_of(features: Sequence[Feature]) -> dict[str, Dialog]:
    """Return every dialog by its name.

    Raises:
        ValueError: two have the same name.
    """
    return _once("dialog", ((dialog.name, dialog) for each in features for dialog in each.dialogs))


def hooks_of(features: Sequence[Feature]) -> Hooks:
    """Return the hooks of all features.

    Raises:
        ValueError: two declare the same link or draft, or not exactly one shows the menu or hears words.
    """
    return Hooks(
        start_links=_once("start link", (link for each in features for link in each.start_links.items())),
        kept_drafts=_once("kept draft", (draft for each in features for draft in each.kept_drafts.items())),
        show_menu=_only("show the menu", [each.show_menu for each in features if each.show_menu is not None]),
        hears=_only("hear words", [each.hears for each in features if each.hears is not None]),
        veils=_only("veil messages", [each.veils for each in features if each.veils is not None]),
        places=placed,
        menu_buttons=tuple((each.optional, button) for each in features for button in each.menu_buttons),
        commands={row.name: row for row in routes_of(features) if isinstance(row, CommandRoute)},
        records=_once("kind of record", ((kind.lifecycle.name, kind) for each in features for kind in each.records)),
        on_access_revoked=(
            *(each.on_access_revoked for each in features if each.on_access_revoked is not None),
            *(kind.revoke for each in features for kind in each.records),
        ),
        on_posts_changed=(
            *(each.on_posts_changed for each in features if each.on_posts_changed is not None),
            *(kind.give_away for each in features for kind in each.records),
        ),
        consent=tuple(line for each in features for line in each.consent),
        understood=Understood(
            presses={route.verb: route for each in features for route in each.routes if isinstance(route, ButtonRoute)},
            typed=by_words(
                [*(row for each in features for row in each.typed), *(Typed(b) for each in features for b in each.menu_buttons)]
            ),
            replies=_once("reply", (reply for each in features for reply in each.replies.items())),
            sentences=tuple(sentence for each in features for sentence in each.sentences),
            codes=tuple(code for each in features for code in each.codes),
        ),
        follows=_follows(features),
        redraws=_once(
            "redraw",
            (
                *(pair for each in features for pair in each.redraws.items()),
                *((kind.lifecycle.name, kind.draw_again) for each in features for kind in each.records),
            ),
        ),
    )


def _follows(features: Sequence[Feature]) -> dict[str, tuple[Follows, ...]]:
    """Return who follows each event; every kind of record follows the erasure of a person."""
    declared = [(what, follow) for each in features for what, follow in each.follows.items()]
    declared += [("person erased", kind.redraw_erased) for each in features for kind in each.records]
    return {what: tuple(follow for name, follow in declared if name == what) for what in sorted({name for name, _ in declared})}


K = TypeVar("K", bound=Hashable)


def _only(what: str, declared: Sequence[V]) -> V:
    if len(declared) != 1:
        raise ValueError(f"{len(declared)} features {what}, not one")
    return declared[0]


def _once(what: str, pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    found: dict[K, V] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"two of one {what}: {name[1] if isinstance(name, tuple) else name}")
        found[name] = value
    return found
