"""Read the project's sources and catalogs for the contract tests.

Knows Python's syntax tree and gettext files; must not import the files it reads. Invariant: every function takes the folder to read, so that a
test can show on a broken copy that its contract fails.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "storage", "domain")
LANGUAGES = ("zh", "en")
KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
FILE = re.compile(r".*\.(?:yaml|db|key|po|json|txt|svg|png)")
#: Calls whose text arguments are names of our own, not keys: audit actions, facts, timers, log events.
NAMES_IN = frozenset(
    {
        "Event",
        "Timer",
        "put",
        "find",
        "take_lease",
        "warning",
        "error",
        "info",
        "debug",
        "get_logger",
        "ButtonRoute",
        "TimerRoute",
        "CommandRoute",
    }
)
ALLOWED_TAGS = frozenset({"b", "i", "code", "a", "blockquote"})


# Catalogs -------------------------------------------------------------------------------------------------------------


def catalog(root: Path, language: str) -> dict[str, str]:
    """Return {key: sentence} of a language."""
    found: dict[str, str] = {}
    for file in sorted((root / "texts" / language).glob("*.po")):
        found |= _sentences(file.read_bytes())
    return found


@cache
def _sentences(content: bytes) -> Mapping[str, str]:
    return {str(message.id): str(message.string) for message in read_po(BytesIO(content), abort_invalid=True) if message.id}


def placeholders(sentence: str) -> frozenset[str]:
    """Return the names in braces of a sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


def faults_between_languages(root: Path) -> list[str]:
    """Return keys, placeholders and sentences that one language lacks."""
    zh, en = (catalog(root, language) for language in LANGUAGES)
    faults = [f"{key} is in one language only" for key in sorted(zh.keys() ^ en.keys())]
    for key in sorted(zh.keys() & en.keys()):
        if placeholders(zh[key]) != placeholders(en[key]):
            faults.append(f"{key} has different placeholders: {sorted(placeholders(zh[key]) ^ placeholders(en[key]))}")
        faults += [
            f"{key} is empty in {language}" for language, words in zip(LANGUAGES, (zh[key], en[key]), strict=True) if not words.strip()
        ]
    return faults


class _Reader(HTMLParser):
    """Parse a sentence as Telegram does: few tags, properly closed; collect the plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED_TAGS:
            self.faults.append(f"<{tag}> is not allowed")
        if [name for name, _ in attrs] != (["href"] if tag == "a" else []):
            self.faults.append(f"<{tag}> has attributes it must not have or lacks its own")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data:
            self.faults.append(f"a bare sign in {data!r}")
        self.text.append(data)

    def handle_entityref(self, name: str) -> None:
        if name not in ("lt", "gt", "amp", "quot"):
            self.faults.append(f"&{name}; is not allowed")
        self.text.append(" ")

    def handle_charref(self, name: str) -> None:
        self.text.append(" ")

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")


def read_html(sentence: str) -> tuple[list[str], str]:
    """Return (faults, plain text) of a sentence."""
    reader = _Reader()
    reader.feed(sentence)
    reader.close()
    return reader.faults + [f"<{tag}> is not closed" for tag in reader.open], "".join(reader.text)


def faults_of_markup(root: Path) -> list[str]:
    """Return every sentence whose markup Telegram refuses."""
    return [
        f"{language} {key}: {fault}"
        for language in LANGUAGES
        for key, sentence in catalog(root, language).items()
        for fault in read_html(sentence)[0]
    ]


def utf16(text: str) -> int:
    """Return a text's length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def faults_of_length(root: Path, longest: dict[str, int], otherwise: int, limits: Iterable[tuple[str, int]]) -> list[str]:
    """Return every sentence that is too long with its longest parameters.

    `longest`: placeholder (or "feature.placeholder") → its UTF-16 units at most; `otherwise`: units of any other placeholder. `limits`: (pattern
    of keys, units); the first match counts.
    """
    faults = []
    for language in LANGUAGES:
        for key, sentence in catalog(root, language).items():
            feature = key.partition(".")[0]
            filled = sentence.format(
                **{name: "长" * longest.get(f"{feature}.{name}", longest.get(name, otherwise)) for name in placeholders(sentence)}
            )
            units = utf16(read_html(filled)[1])
            most = next(units for pattern, units in limits if re.fullmatch(pattern, key))
            if units > most:
                faults.append(f"{language} {key} may take {units} of {most}")
    return faults


# Code -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed file."""

    file: Path
    tree: ast.Module

    @property
    def module(self) -> str:
        """The module's name without the package."""
        return self.file.stem


def sources(root: Path, *packages: str) -> list[Source]:
    """Parse every module of these packages, by default of all."""
    files = [file for package in packages or PACKAGES for file in sorted((root / package).rglob("*.py"))]
    return [Source(file, parsed(file)) for file in files]


def parsed(file: Path) -> ast.Module:
    """Return a file's syntax tree; files with the same text share one tree.

    Nobody may change it.
    """
    return _parsed(file.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def walked(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return what `ast.walk` yields, walked once."""
    return tuple(ast.walk(tree))


def name_of(call: ast.Call) -> str:
    """Return the name of the called function, without its object."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def used_keys(root: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Return ({literal key: where}, {pattern of a constructed key: where}) of all code.

    A literal counts if its first word is one of a key's and it is not an argument of a call in NAMES_IN. A constructed key is an f-string that begins
    with such a word. A `Lifecycle("lamp", …)` refuses with `lamp.is.<state>`, which the kit puts together.
    """
    stems = {key.partition(".")[0] for key in catalog(root, LANGUAGES[0])}
    literal: dict[str, str] = {}
    built: dict[str, str] = {}
    for source in sources(root):
        for node in _words(source.tree):
            where = f"{source.file.relative_to(root)}:{node.lineno}"
            if isinstance(node, ast.JoinedStr):
                pattern = _pattern(node)
                if pattern and pattern.partition("\\.")[0] in stems:
                    built.setdefault(pattern, where)
            elif isinstance(node.value, str) and KEY.fullmatch(node.value) and node.value.partition(".")[0] in stems:
                literal.setdefault(node.value, where)
        for call in walked(source.tree):
            if isinstance(call, ast.Call) and name_of(call) == "Lifecycle" and call.args:
                where = f"{source.file.relative_to(root)}:{call.lineno}"
                built |= {rf"{name}\.is\.[a-z0-9_.]+": where for name in _literals(call.args[0])}
    return literal, built


def faults_of_keys(root: Path, elsewhere: frozenset[str] = frozenset()) -> list[str]:
    """Return the keys used in code without a sentence, and the sentences without a use.

    `elsewhere`: patterns of keys that are built from data (a role, a level). The list gives the reason of each.
    """
    have = catalog(root, LANGUAGES[0]).keys()
    literal, built = used_keys(root)
    begins = {key for key in literal if any(re.fullmatch(pattern, f"{key}.x") for pattern in elsewhere)}
    lost = [key for key in sorted(literal.keys() - have - begins) if not FILE.fullmatch(key)]
    faults = [f"{key} has no sentence ({literal[key]})" for key in lost]
    faults += [
        f"no key is like {pattern} ({where})" for pattern, where in built.items() if not any(re.fullmatch(pattern, key) for key in have)
    ]
    patterns = [*built, *elsewhere]
    faults += [f"{key} is never used" for key in sorted(have - literal.keys()) if not any(re.fullmatch(each, key) for each in patterns)]
    return faults


def _words(tree: ast.Module) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Yield the text literals of a module.

    Docstrings, verbs of buttons and arguments of calls in NAMES_IN are left out.
    """
    skipped: set[int] = set()
    for node in walked(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node, clean=False):
            skipped |= {id(first.value) for first in node.body[:1] if isinstance(first, ast.Expr)}
        if isinstance(node, ast.Call) and name_of(node) in NAMES_IN:
            skipped |= {id(inner) for argument in node.args for inner in ast.walk(argument) if not isinstance(argument, ast.Call)}
        if isinstance(node, ast.Call) and name_of(node) == "CommandRoute":
            skipped |= {id(word.value) for word in node.keywords if word.arg == "pressed"}
        if isinstance(node, ast.Call) and name_of(node) == "Data":  # tables and columns
            skipped |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Call) and name_of(node) == "Button" and len(node.args) > 1:
            skipped |= {id(inner) for inner in ast.walk(node.args[1])}
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(inner) for inner in node.values}
    for node in walked(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in skipped:
            yield node


def _pattern(node: ast.JoinedStr) -> str:
    """Return a pattern of the keys an f-string may make; empty if it cannot make a key."""
    fixed = "".join(part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str))
    if not re.fullmatch(r"[a-z0-9_.]+", fixed):
        return ""
    parts = (
        re.escape(part.value) if isinstance(part, ast.Constant) and isinstance(part.value, str) else "[a-z0-9_.]+" for part in node.values
    )
    return "".join(parts)


# Buttons --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pressable:
    """A `Button(label, verb, (args…))` in the source. `widths`: largest bytes of each argument."""

    verb: str
    widths: tuple[int, ...]
    where: str


def buttons(root: Path, *, number: int) -> list[Pressable]:
    """Return every button that code makes with a literal verb.

    An argument that is not a literal counts `number` bytes.
    """
    found = []
    for source in sources(root, "handlers", "domain", "bot"):
        for node in walked(source.tree):
            if not isinstance(node, ast.Call) or name_of(node) != "Button":
                continue
            named = {word.arg: word.value for word in node.keywords}
            verb = node.args[1] if len(node.args) > 1 else named.get("verb")
            arguments = node.args[2] if len(node.args) > 2 else named.get("args")
            where = f"{source.file.relative_to(root)}:{node.lineno}"
            for literal in _literals(verb):
                found.append(Pressable(literal, tuple(_widths(arguments, number)), where))
    return found


def _literals(node: ast.expr | None) -> list[str]:
    """Return the texts that an expression may have: a literal, or both arms of a condition."""
    match node:
        case ast.Constant(value=str(value)):
            return [value]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_literals(body), *_literals(orelse)]
    return []


def _widths(node: ast.expr | None, number: int) -> Iterator[int]:
    if isinstance(node, ast.Tuple):
        for element in node.elts:
            texts = _literals(element)
            yield max(len(text.encode()) for text in texts) if texts else number


# Handlers -------------------------------------------------------------------------------------------------------------


def dotted(file: Path, root: Path) -> str:
    """Return a module's full name."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def handler_functions(root: Path) -> dict[str, str]:
    """Return {full name: where} of every handler.

    A handler is a public coroutine of handlers/ whose only required argument is a HandlerContext.
    """
    found = {}
    for source in sources(root, "handlers"):
        for node in source.tree.body:
            if not isinstance(node, ast.AsyncFunctionDef) or node.name.startswith("_"):
                continue
            needed = node.args.args[: len(node.args.args) - len(node.args.defaults)]
            is_handler = len(needed) == 1 and isinstance(needed[0].annotation, ast.Name) and needed[0].annotation.id == "HandlerContext"
            if is_handler and not any(default is None for default in node.args.kw_defaults):
                found[f"{dotted(source.file, root)}.{node.name}"] = f"{source.file.relative_to(root)}:{node.lineno}"
    return found


def unreached_handlers(root: Path) -> list[str]:
    """Return the handlers that no route, dialog or other function mentions.

    Handlers are compared by full name: a handler with the same name elsewhere does not count.
    """
    mentioned: set[str] = set()
    for source in sources(root, "handlers", "bot"):
        mentioned |= _mentioned(source.tree, dotted(source.file, root))
    return [f"{name} is never routed ({where})" for name, where in handler_functions(root).items() if name not in mentioned]


@cache
def _mentioned(tree: ast.Module, module: str) -> frozenset[str]:
    return frozenset(_mentions(tree, module))


def _mentions(tree: ast.Module, module: str) -> Iterator[str]:
    """Yield the full name of every function a module mentions.

    A function's own body does not count as a mention of it.
    """
    known = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)}
    for node in walked(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            known |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for statement in tree.body:
        own = f"{module}.{getattr(statement, 'name', '')}"
        for node in ast.walk(statement):
            name = ""
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                name = known.get(node.id, "")
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
                name = f"{known[node.value.id]}.{node.attr}"
            if name != own:
                yield name


def dialogs_begun(root: Path) -> dict[str, str]:
    """Return {name: where} of every conversation that code begins.

    A name that is not a literal is returned as its expression.
    """
    found: dict[str, str] = {}
    for source in sources(root, "handlers"):
        for node in walked(source.tree):
            if isinstance(node, ast.Call) and name_of(node) == "begin" and len(node.args) > 1:
                for name in _dialog_names(node.args[1], source.tree) or [ast.unparse(node.args[1])]:
                    found.setdefault(name, f"{source.file.relative_to(root)}:{node.lineno}")
    return found


def _dialog_names(node: ast.expr | None, tree: ast.Module) -> list[str]:
    """Return the dialog names that an expression may have.

    It may be a literal, a dialog of the module, or a call of a function of the module.
    """
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            return [*_dialog_names(body, tree), *_dialog_names(orelse, tree)]
        case ast.Attribute(value=ast.Name(id=constant), attr="name"):
            made = (each.value for each in tree.body if isinstance(each, ast.Assign) and _gives(each, constant))
            return [name for each in made if isinstance(each, ast.Call) and name_of(each) == "Dialog" for name in _literals(each.args[0])]
        case ast.Call():
            local = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name_of(node)]
            returned = [each.value for function in local for each in ast.walk(function) if isinstance(each, ast.Return)]
            return [name for each in returned for name in _dialog_names(each, tree)]
    return _literals(node)


def built_verbs(root: Path) -> list[str]:
    """Return every button with a constructed verb.

    Such a verb cannot be searched for, and no contract can check its route.
    A variable may hold one of several verbs, if each is a literal where it is assigned.
    """
    faults = []
    for source in sources(root, "handlers", "domain", "bot"):
        scopes = [node for node in walked(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        for node in walked(source.tree):
            if not isinstance(node, ast.Call) or name_of(node) != "Button":
                continue
            named = {word.arg: word.value for word in node.keywords}
            verb = node.args[1] if len(node.args) > 1 else named.get("verb")
            values = [verb] if verb is not None else []
            if isinstance(verb, ast.Name):
                around = [scope for scope in scopes if any(each is node for each in ast.walk(scope))]
                values += [
                    each.value for scope in around for each in ast.walk(scope) if isinstance(each, ast.Assign) and _gives(each, verb.id)
                ]
                for scope in around:
                    place = [argument.arg for argument in scope.args.args].index(verb.id) if _takes(scope, verb.id) else -1
                    values += _given(source.tree, scope.name, verb.id, place) if place >= 0 else []
            faults += [
                f"{source.file.relative_to(root)}:{node.lineno} puts a verb together: {ast.unparse(value)}"
                for value in values
                if any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in ast.walk(value))
            ]
    return faults


def _gives(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _takes(scope: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    return name in [argument.arg for argument in scope.args.args]


def _given(tree: ast.Module, function: str, name: str, place: int) -> list[ast.expr]:
    """Return the values of one argument in a module's calls of a function."""
    found = []
    for node in walked(tree):
        if isinstance(node, ast.Call) and name_of(node) == function:
            found += [node.args[place]] if len(node.args) > place else [word.value for word in node.keywords if word.arg == name]
    return found


# Time -----------------------------------------------------------------------------------------------------------------


def timers(root: Path) -> dict[str, str]:
    """Return {kind: where} of every timer that code starts with a literal kind."""
    found: dict[str, str] = {}
    for source in sources(root, "handlers", "domain", "bot"):
        for node in walked(source.tree):
            if isinstance(node, ast.Call) and name_of(node) == "Timer" and node.args:
                for kind in _literals(node.args[0]):
                    found.setdefault(kind, f"{source.file.relative_to(root)}:{node.lineno}")
    return found


def clocks(root: Path) -> list[str]:
    """Return the places where domain, handlers or storage read the clock.

    There, time is an argument.
    """
    found = []
    for source in sources(root, "handlers", "domain", "storage"):
        for node in walked(source.tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        value=ast.Name(id="datetime" | "date" | "time"), attr="now" | "utcnow" | "today" | "time" | "monotonic"
                    )
                ):
                    found.append(f"{source.file.relative_to(root)}:{node.lineno}")
    return found
