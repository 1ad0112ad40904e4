"""Check that docs/features.md names only what exists and quotes only what is written.

Knows Markdown, Python's syntax tree and the Makefile. Every span in backticks must be one of: a path, a command, a name of the code, a flag of pytest's
command line, a text key, a subject or a setting. A span of any other kind is a fault, so nothing on the page goes unchecked.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from domain.core.change import Notice
from handlers.core.feature import Feature
from storage.core.registry import Data, Subject
from storage.features import REGISTRY
from tests.contracts.sources import ROOT, catalog, sources, walked
from tests.contracts.test_notices import FLAGS
from tests.contracts.test_pages import COMMANDS, SUBCOMMANDS, defaults

PAGE = ROOT / "docs" / "features.md"
#: Targets that the page may name before the Makefile has them.
PLANNED: frozenset[str] = frozenset()
#: Variables that the page uses, and their classes.
VARIABLES = {"ctx": "HandlerContext", "unit": "Unit"}
#: Names that are not ours.
FOREIGN = frozenset({"StrEnum"})
#: A line that leaves out a part of a quoted file.
GAP = "..."


@dataclass
class Names:
    """Names that the code defines.

    `members`: class → its own fields and methods; `keys`: text keys and settings.
    """

    known: set[str] = field(default_factory=set)
    members: dict[str, set[str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def has(self, dotted: str) -> bool:
        """Return whether every part of a dotted name exists.

        The part after a class must be a member of that class.
        """
        owner = ""
        for part in dotted.split("."):
            if owner and part not in self.members[owner]:
                return False
            if not owner and part not in self.known and part not in VARIABLES and part not in FOREIGN:
                return False
            owner = VARIABLES.get(part, part if part in self.members else "")
        return True


def names(root: Path, *packages: str) -> Names:
    """Read the names of every class, function, field and constant in these packages."""
    found = Names(keys={*defaults(), *catalog(root, "zh")})
    for source in sources(root, *packages):
        for node in walked(source.tree):
            if isinstance(node, ast.ClassDef):
                found.known.add(node.name)
                found.members.setdefault(node.name, set()).update(_defined(node.body))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.known.add(node.name)
        found.known |= _defined(source.tree.body)
    for members in found.members.values():
        found.known |= members
    return found


def _defined(body: list[ast.stmt]) -> set[str]:
    defined: set[str] = set()
    for node in body:
        match node:
            case ast.Assign(targets=targets):
                defined |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                defined.add(name)
    return defined


# Code blocks ----------------------------------------------------------------------------------------------------------


def quoted_blocks(page: str) -> list[str]:
    """Return the bodies of the blocks marked as Python."""
    return [dedent(body) for body in re.findall(r"^ *```python\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)]


def without_docstrings(source: str) -> list[str]:
    """Return a module's lines without docstrings."""
    lines: list[str | None] = [*source.splitlines()]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            first = node.body[0]
            assert first.end_lineno is not None
            after = first.end_lineno
            blank = after < len(lines) and not (lines[after] or "").strip() and isinstance(node, ast.ClassDef)
            lines[first.lineno - 1 : after + blank] = [None] * (after + blank - first.lineno + 1)
    return [line for line in lines if line is not None]


def faults_of_block(root: Path, block: str) -> list[str]:
    """Return the faults of a quotation.

    Its file is missing, or a part is not in the file, or the parts are in another order.
    """
    first, _, body = block.partition("\n")
    path = first.removeprefix("# ")
    if not first.startswith("# ") or not (root / path).is_file():
        return [f"a block does not begin with its file: {first}"]
    lines, at = without_docstrings((root / path).read_text(encoding="utf-8")), 0
    faults = []
    for part in re.split(rf"^{re.escape(GAP)}\n", body, flags=re.MULTILINE):
        wanted = dedent(part.strip("\n")).splitlines()
        places = [start for start in range(at, len(lines)) if wanted and lines[start].strip() == wanted[0].strip()]
        places = [start for start in places if dedent("\n".join(lines[start : start + len(wanted)])).splitlines() == wanted]
        if not places:
            faults.append(f"not in {path}: {(wanted or ['nothing'])[0].strip()}")
        else:
            at = places[0] + len(wanted)
    return faults


# Spans ----------------------------------------------------------------------------------------------------------------


def spans(page: str) -> list[str]:
    """Return the texts in backticks outside code blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", page, flags=re.MULTILINE | re.DOTALL))


def is_there(span: str, root: Path, known: Names) -> bool:
    """Return whether what a span names exists."""
    if re.match(r"make |\.venv/bin/python |python ", span):
        return is_command(span, root)
    if re.fullmatch(r"/[a-z]+", span):
        return span[1:] in COMMANDS
    if re.fullmatch(r'(?:subject|card)="[a-z]+:\d+"', span):
        name, kind = re.split('="|:', span)[:2]
        return name in Notice.__dataclass_fields__ and kind in REGISTRY.subjects
    if "/" in span or re.search(r"\.(?:py|md|po|sql|toml|yaml)$", span):
        return (root / span).exists()
    if span in known.keys:
        return True
    name, _, rest = re.sub(r" = .*", "", span).partition("(")
    if re.fullmatch(r"[a-z]+_…", name):
        return any(each.startswith(name[:-1]) for each in known.known)
    return re.fullmatch(r"[A-Za-z_][\w.]*", name) is not None and (not rest or rest.endswith(")")) and known.has(name)


def is_command(span: str, root: Path) -> bool:
    """Return whether the target, the module, the subcommand or the files of a command exist."""
    words = span.split()
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return words[1] in {*targets, *PLANNED}
    module = words[words.index("-m") + 1]
    if module == "bot":
        return words[words.index("-m") + 2] in SUBCOMMANDS
    files = [word for word in words if word.startswith("tests/")]
    if "-k" in words and not _selects(words[words.index("-k") + 1], root, files):
        return False
    return module in ("pytest", "mypy") and all((root / file).is_file() for file in files)


def _selects(word: str, root: Path, files: list[str]) -> bool:
    return any(re.search(rf"def test_\w*{word}", (root / file).read_text(encoding="utf-8")) for file in files if (root / file).is_file())


def faults_of_page(page: str, root: Path, known: Names) -> list[str]:
    """Return names that the tree lacks, and quotations that differ from their files."""
    lost = [f"there is no {span}" for span in dict.fromkeys(spans(page)) if not is_there(span, root, known)]
    return lost + [fault for block in quoted_blocks(page) for fault in faults_of_block(root, block)]


def first_cells(page: str, head: str) -> set[str]:
    """Return the names in the first column of the table with this head.

    The row that describes `Subject` gives those of its second column too.
    """
    table = page.partition(f"| {head} |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    return {name for first, second in cells for name in spans(first) + (spans(second) if "`Subject`" in second else [])}


def untold(page: str) -> set[str]:
    """Return the flags of a notice and the fields of the declarations that no table explains."""
    declared = {*Data.__dataclass_fields__, *Subject.__dataclass_fields__} - {"name"}
    return (
        ({*FLAGS, "silent"} ^ first_cells(page, "flag"))
        | ((Feature.__dataclass_fields__.keys() - {"name"}) ^ first_cells(page, "in `Feature`"))
        | (declared ^ (first_cells(page, "in `Data`") - {"Subject"}))
    )


@pytest.fixture(scope="module")
def known() -> Names:
    return names(ROOT, "bot", "handlers", "storage", "domain", "texts", "tests")


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_page_names_and_quotes_only_what_exists(page: str, known: Names) -> None:
    assert faults_of_page(page, ROOT, known) == []
    assert len(spans(page)) > 100
    assert len(quoted_blocks(page)) >= 3


def test_page_explains_every_flag_and_every_field_of_the_declarations(page: str) -> None:
    assert untold(page) == set()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("`tests/domain/test_found.py`", "`tests/domain/test_lamps.py`", "there is no tests/domain/test_lamps.py"),
        ("`texts/zh/found.po`", "`texts/zh/lamp.po`", "there is no texts/zh/lamp.po"),
        ("`limit_rate`", "`limit_lamps`", "there is no limit_lamps"),
        ("`Records.unseal`", "`Records.unlamp`", "there is no Records.unlamp"),
        ("`ctx.notify`", "`ctx.tell_lamps`", "there is no ctx.tell_lamps"),
        ("`make check`", "`make lamps`", "there is no make lamps"),
        ("`python -m bot routes`", "`python -m bot lamps`", "there is no python -m bot lamps"),
        ("test_found.py --engines", "test_lamps.py --engines", "there is no .venv/bin/python -m pytest -q tests/handlers/test_lamps.py"),
        ("-k keeper", "-k lamps", "-k lamps"),
        ("`/lost`", "`/lamps`", "there is no /lamps"),
        ("`found.is.returned`", "`found.is.lit`", "there is no found.is.lit"),
        ('`card="found:7"`', '`card="lamp:7"`', 'there is no card="lamp:7"'),
        ("`features.lost_found`", "`features.lamps`", "there is no features.lamps"),
        ("`silent`", "`two words`", "there is no two words"),
        ("# storage/found.py", "# storage/lamps.py", "a block does not begin with its file: # storage/lamps.py"),
        ('"found_items",', '"lamps",', "not in storage/found.py: class FoundItems(Records[Item]):"),
        (
            "(State.REPORTED, Verb.RECEIVE): State.STORED",
            "(State.REPORTED, Verb.RECEIVE): State.LIT",
            "not in domain/found/things.py: ITEMS:",
        ),
    ],
)
def test_broken_page_is_found(page: str, known: Names, old: str, new: str, fault: str) -> None:
    assert old in page
    (found, *_) = faults_of_page(page.replace(old, new), ROOT, known)
    assert fault in found


@pytest.mark.parametrize("row", ["| `rings` |", "| `show_menu` |", "| `secrets` |", "`retention`, "])
def test_flag_or_field_without_explanation_is_found(page: str, row: str) -> None:
    assert row in page
    assert untold(page.replace(row, "| nothing |" if row.startswith("|") else "")) == {re.sub(r"\W", "", row)}


def test_renamed_code_is_found(tmp_path: Path) -> None:
    page = "`Lamp.light` in `domain/lamps.py`\n\n```python\n# domain/lamps.py\nclass Lamp:\n    def light(self):\n        return 1\n```\n"
    code = '"""Lamps."""\n\n\nclass Lamp:\n    """One lamp."""\n\n    def light(self):\n        """Light it."""\n        return 1\n'
    (tmp_path / "domain").mkdir()
    (tmp_path / "texts" / "zh").mkdir(parents=True)
    file = tmp_path / "domain" / "lamps.py"
    file.write_text(code, encoding="utf-8")
    assert faults_of_page(page, tmp_path, names(tmp_path, "domain")) == []
    file.write_text(code.replace("light", "shine"), encoding="utf-8")
    assert faults_of_page(page, tmp_path, names(tmp_path, "domain")) == ["there is no Lamp.light", "not in domain/lamps.py: class Lamp:"]


def test_parts_of_a_quotation_must_be_in_order(tmp_path: Path) -> None:
    (tmp_path / "lamps.py").write_text("on = 1\nwait = 2\noff = 3\n", encoding="utf-8")
    assert faults_of_block(tmp_path, "# lamps.py\non = 1\n...\noff = 3\n") == []
    assert faults_of_block(tmp_path, "# lamps.py\noff = 3\n...\non = 1\n") == ["not in lamps.py: on = 1"]
