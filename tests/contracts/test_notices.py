"""Each less safe message flag and each unchecked message has a declared reason.

`HandlerContext.notify` looks for private numbers in what many people read. A function that puts a message into the outbox itself passes it
by: "put" names it, and its reason says who reads the message.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bot.routes import FEATURES, HOOKS
from tests.contracts.sources import ROOT, sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from handlers.core.feature import Feature

#: Features, for those that are one module.
NAMES = frozenset(each.name for each in FEATURES)
FLAGS = ("stays", "rings", "forwardable", "open_to_admins", "tells_nothing")


def exceptions(root: Path) -> set[str]:
    """Return the flags set where messages are made, and each direct write to the outbox.

    Each is "<feature>: <flag> <module>.<function>".
    Other modules of handlers belong to core.
    """
    found: set[str] = set()
    for source in sources(root, "handlers", "bot", "domain"):
        layer, *folders = source.file.relative_to(root).with_suffix("").parts
        of_a_feature = layer == "handlers" and (len(folders) > 1 or folders[0] in NAMES)
        feature, module = (folders[0], folders[-1]) if of_a_feature else ("core", ".".join(folders))
        if layer != "handlers":
            module = f"{layer}.{module}"
        for function, flag in _flags(source.tree, ""):
            found.add(f"{feature}: {flag} {module}.{function}")
    return found


def _flags(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Call):
            yield from ((function, word.arg) for word in inner.keywords if word.arg in FLAGS)
            called = inner.func
            if isinstance(called, ast.Attribute) and called.attr == "put" and getattr(called.value, "attr", "") == "outbox":
                yield function, "put"
        yield from _flags(inner, inner.name if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) else function)


def declared(features: Iterable[Feature]) -> set[str]:
    return {f"{each.name}: {use}" for each in features for uses in each.exceptions.values() for use in uses}


def test_every_less_safe_message_flag_is_declared_with_a_reason():
    assert exceptions(ROOT) == declared(FEATURES)
    assert all(len(reason) > 10 for each in FEATURES for reason in each.exceptions)


def test_undeclared_message_flag_is_found(tmp_path: Path):
    for name in ("bot", "handlers/lamps", "domain"):
        (tmp_path / name).mkdir(parents=True)
    code = 'async def light(ctx):\n    await ctx.notify(Notice(who, "lamp.lit", subject="lamp:1", stays=True))\n'
    (tmp_path / "handlers" / "lamps" / "lighting.py").write_text(code, encoding="utf-8")
    (tmp_path / "domain" / "lamps.py").write_text(code, encoding="utf-8")
    assert exceptions(tmp_path) == {"lamps: stays lighting.light", "core: stays domain.lamps.light"}


def test_undeclared_message_past_the_check_for_private_numbers_is_found(tmp_path: Path):
    for name in ("bot", "handlers/lamps", "domain"):
        (tmp_path / name).mkdir(parents=True)
    code = 'async def light(ctx, words):\n    await ctx.unit.outbox.put(Notice(group, "lamp.lit", {"text": words}), unique_key="lamp", at=ctx.at)\n'
    (tmp_path / "handlers" / "lamps" / "lighting.py").write_text(code, encoding="utf-8")
    assert exceptions(tmp_path) == {"lamps: put lighting.light"}


def unveiled(root: Path) -> list[str]:
    """Return the places where a store is made without the veil of silent chats."""
    return [
        f"{source.file.relative_to(root)}:{node.lineno}"
        for source in sources(root, "bot")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Store"
        if not any(word.arg == "veil" for word in node.keywords)
    ]


def test_every_store_of_the_program_has_the_veil_of_silent_chats(tmp_path: Path):
    assert unveiled(ROOT) == []
    assert [each.veils for each in FEATURES if each.veils is not None] == [HOOKS.veils]
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "tool.py").write_text("store = Store(database)\n", encoding="utf-8")
    assert unveiled(tmp_path) == ["bot/tool.py:1"]
