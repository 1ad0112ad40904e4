"""The route table in words: all rows, conversations and start links, with their policies.

Knows how to print the tables that `bot/routes.py` collects. Invariant: every row is printed, in the order of the features.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.routes import FEATURES
from handlers.core.feature import Feature
from handlers.core.route import ButtonRoute, CommandRoute, Handler, MessageRoute, Route, TimerRoute, trigger_of

KINDS = {CommandRoute: "command", ButtonRoute: "press", MessageRoute: "says", TimerRoute: "timer"}


def listing(features: Sequence[Feature] = FEATURES) -> dict[str, list[dict[str, Any]]]:
    """Return `routes`, `dialogs` and `start_links` in plain values, for a script."""
    return {
        "routes": [_row(feature, route) for feature in features for route in feature.routes],
        "dialogs": [
            {"feature": feature.name, "name": dialog.name, "policy": str(dialog.policy), "steps": [step.name for step in dialog.steps]}
            for feature in features
            for dialog in feature.dialogs
        ],
        "start_links": [
            {"feature": feature.name, "prefix": prefix, "handler": name_of(take)}
            for feature in features
            for prefix, take in feature.start_links.items()
        ],
    }


def lines(features: Sequence[Feature] = FEATURES) -> list[str]:
    """Return the same as a table for an operator, one line per row."""
    found = listing(features)
    return [
        *_table(("feature", "kind", "trigger", "policy", "where", "menu", "free", "handler"), found["routes"]),
        "",
        *_table(("feature", "name", "policy", "steps"), [{**each, "name": f"dialog {each['name']}"} for each in found["dialogs"]]),
        "",
        *_table(("feature", "prefix", "handler"), [{**each, "prefix": f"start={each['prefix']}…"} for each in found["start_links"]]),
    ]


def name_of(handler: Handler | Any) -> str:
    """Return a handler's module and name.

    For a handler made by another function, the name of that function.
    """
    return f"{handler.__module__}.{handler.__qualname__.partition('.<locals>')[0]}"


def _row(feature: Feature, route: Route) -> dict[str, Any]:
    return {
        "feature": feature.name,
        "kind": KINDS[type(route)],
        "trigger": trigger_of(route),
        "policy": str(route.policy),
        "where": route.where if isinstance(route, CommandRoute) else "",
        "menu": sorted(str(role) for role in route.menu) if isinstance(route, CommandRoute) else [],
        "free": not isinstance(route, TimerRoute) and route.free,
        "handler": name_of(route.handler),
    }


def _table(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> list[str]:
    cells = [columns, *([_words(row[column]) for column in columns] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _words(value: object) -> str:
    match value:
        case bool():
            return "free" if value else ""
        case list():
            return ",".join(str(each) for each in value)
    return str(value)
