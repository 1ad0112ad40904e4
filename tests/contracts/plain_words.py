"""Plain words: find constructions that make the pages and docstrings slow to read.

Knows Markdown and Python's syntax tree; imports nothing that it reads. Comments are not checked. `python -m tests.contracts.plain_words`
prints the number of offending docstrings per folder, `python -m tests.contracts.plain_words bot storage` prints each of them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
#: Folders and files that hold the rules: the pages below them and the docstrings of the modules below them. Add a folder once it is clean.
PLAIN = (
    "README.md",
    "benchmarks",
    "bot",
    "deploy",
    "docs",
    "domain",
    "handlers",
    "sandbox",
    "storage",
    "tests/bot",
    "tests/browser",
    "tests/contracts",
    "tests/domain",
    "tests/e2e",
    "tests/faults",
    "tests/handlers",
    "tests/sandbox",
    "tests/storage",
    "texts",
)
#: Folders whose docstrings are counted.
COUNTED = ("benchmarks", "bot", "domain", "handlers", "sandbox", "storage", "tests", "texts")
SKIPPED = frozenset({".git", ".venv", ".venv-lock", "__pycache__", "node_modules"})

#: A docstring's first line has fewer characters than this.
LONGEST = 90


@dataclass(frozen=True)
class Rule:
    """A refused construction: name, pattern of a sentence that has it, what to write instead."""

    name: str
    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True)
class Fault:
    """A place that breaks a rule."""

    file: str
    line: int
    rule: str
    text: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.text!r} ({self.instead})"


def _rule(name: str, pattern: str, instead: str) -> Rule:
    return Rule(name, re.compile(pattern, re.IGNORECASE), instead)


_SPAN = r"(?:second|minute|hour|day|night|week|month|quarter|year)"
_COUNT = r"(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|hundred|thousand)"
#: Words on -s that are not a counted noun: "takes a second" is not a rate.
_NOT_COUNTED = (
    r"(?!(?:was|is|has|does|as|this|its|less|plus|unless|across|perhaps|always|yes|takes|needs|lasts|waits|costs|lets|makes|gives|adds|"
    r"spends|means|says|gets|misses|allows|passes|leaves|wants|keeps|becomes|holds|ends|starts|begins|runs|sleeps|pauses|counts|names|"
    r"returns|sends|reads|is|covers|schedules|picks|moves|sets|shows|skips|uses|writes|expects|types|chooses|plans)\b)"
)
_UNIT = (
    rf"{_COUNT} (?:statements?|quer(?:y|ies)|files?|messages?|updates?|workers?|threads?|rows?|process(?:es)?|connections?|JSON objects?|tokens?|"
    r"databases?|servers?|modules?|cards?|lines?|transactions?|commits?|savepoints?|buttons?|chairs?|officers?)"
)
_THING = (
    r"(?:village|town|county|chat|token|worker|case|unit|update|process|line|call|card|group|feature|table|database|batch|page|row|"
    r"message|commit|module|request|machine|file)"
)

#: What no sentence may contain. A sentence is what `sentences` returns: one line, code replaced by CODE.
RULES = (
    _rule(
        "relative clause as a subject",
        r"^(?:who|whom|whose|whoever|whatever|whichever|what)\b(?! to\b)(?! (?:it|they) (?:is|are|does|do|says?|means?)[.]?$)(?= \S)(?!.*\?[”\"')]*$)",
        "name the subject: a user who …, updates that …",
    ),
    _rule("whoever", r"\bwhoever\b|\bwhosoever\b", "anybody who …, the person who …"),
    _rule("what waits", r"\bwhat (?:waits|climbs|comes(?! next)|falls|passes)\b", "name the thing: pending items, new updates"),
    _rule("for who", r"\b(?:for|to|from|with|by|about) who (?:has|have|is|holds?|can|may|was|does|leads|sends|had|reads)\b", "for users who …"),
    _rule("nobody's", r"\b(?:nobody|no one)[’']s(?! (?:been|there|here)\b)", "say what it is: unassigned, public"),
    _rule(
        "negated noun",
        r"(?<!\bthere )\b(?:is|are|was|were|be|being) (?:no "
        r"(?!(?:longer|more than|less|fewer|better|worse|different|use|good|match|later|earlier)\b)"
        r"[a-z]|(?-i:none)\b(?! of\b))",
        "is not a …",
    ),
    _rule(
        "negated place",
        r"\b(?:in|on|onto|into|through|under|at) no (?!(?:way|case|time|event|circumstances|order|particular|fault)\b)[a-z]",
        "not in any …",
    ),
    _rule(
        "tell from",
        r"\btell(?:s|ing)? (?:\S+ ){1,4}?(?:apart\b|from (?!now\b|here\b|then\b|the (?:start|beginning)\b))|\btold (?:apart|from)\b",
        "distinguish X from Y",
    ),
    _rule("hold up", r"\bh(?:old|olds|olding|eld) (?:\S+ )?up\b", "block, delay"),
    _rule(
        "rate with a",
        rf"\b(?:once|twice|times|{_COUNT}|{_NOT_COUNTED}[a-z]{{2,}}s) an? {_SPAN}\b(?![’'-])",
        "per second, per day",
    ),
    _rule(
        "amount with a",
        rf"\b(?:µs|ms|[MGk]B|bytes|CPU) an? [a-z]+\b|\b(?:{_UNIT}|in flight) an? {_THING}\b(?! (?:can|may|must|that|which|is|has|was)\b)",
        "per call, per village",
    ),
    _rule("pronoun for anybody", r"\b(?:he|him|his|himself)\b", "they, them, their"),
    _rule("stands for is", r"\b(?:stands?|stood)\b(?! (?:for|in for|by)\b)", "is, is written, appears"),
    _rule(
        "doubled for duplicated",
        r"\b(?:nor|or|not|and|is|are|be|nothing|none) doubled\b(?! (?:each|every|after|at|on|until|with)\b)|\bdoubles (?:no|any|it)",
        "duplicated",
    ),
    _rule("forth and back", r"\bforth and back\b", "back and forth"),
    _rule("ever since", r"\bever since\b", "since, in total"),
    _rule("for ever", r"\bfor ever\b", "permanently, never reused, unbounded; forever for a loop"),
    _rule("lets time act", r"\blet(?:s|ting)? time (?:act|pass)\b", "runs due timers"),
    _rule("climbs", r"\b(?:that|which|it|case|who) climbs?\b|\bclimbs? (?:one|a|to|on|up)\b|\bescalations? [^.]{0,30}\bclimb", "escalates"),
    _rule("ladder", r"\b(?:ladder|rungs?)\b", "escalation policy, level"),
    _rule("falls upward", r"\bf(?:all|alls|ell|alling) (?:upwards?|past)\b", "escalates if undeliverable"),
    _rule("cry for help", r"\b(?:cry|cries) (?:for|at|out|help)\b|\bcries\b", "call for help"),
    _rule("in good order", r"\bin good order\b", "cleanly"),
    _rule("blotted out", r"\bblot(?:s|ted|ting)? out\b", "redacted"),
    _rule("set aside", r"\b(?:set|sets|setting|put) (?:\S+ )?aside\b", "dead-letter, quarantine"),
    _rule("comes to mean", r"\bc(?:ome|omes|ame) to mean\b", "is reused, changes its meaning"),
    _rule("mend", r"\bmend(?:s|ed|ing)?\b", "fix, repair"),
    _rule("journey to the server", r"\bjourneys? (?:to|of|from) (?:the|a|its) (?:server|database)\b|\bone journey (?:less|more)\b", "round trip"),
    _rule("anew", r"\banew\b|\bwithout more ado\b", "again"),
    _rule("heed", r"\bheed(?:s|ed|ing)?\b", "use, respect"),
    _rule("pressing for urgent", r"\bpressing (?:case|report|word|message|matter|one)s?\b|\b(?:is|not|for what is) pressing\b", "urgent"),
    _rule("looks after silence", r"\bgoes? silent\b|\bkeeps? silent\b", "does not respond, times out"),
    _rule("of theirs", r"\bof (?:theirs|hers)\b", "their …"),
)  # fmt: skip

#: What a docstring's first line may not begin with.
FIRST_WORDS = re.compile(
    r"(?:who|whom|whose|whoever|what|whatever|whether|how|where|when|why|which|whichever|that|if|so|as|it|its|they|nobody|nothing|none|never|"
    r"and|but|or|for who|of what|by what|from what|to what|in which)\b",
    re.IGNORECASE,
)


# Markdown -------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Return a piece of Markdown without code, link targets, images and emphasis."""
    text = re.sub(r"``.+?``|`[^`]+`", "CODE", text)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)|\[([^\]]*)\]\([^)]*\)", lambda found: found[1] or found[2] or "", text)
    text = re.sub(r"<https?:[^>]+>", "URL", text)
    return " ".join(re.sub(r"\*\*|(?<!\w)[*_]+(?=\w)|(?<=[\w.,:;!?”)])[*_]+(?!\w)", "", text).split())


def _cells(line: str) -> Iterator[str]:
    yield from filter(None, map(_plain, line.strip().strip("|").split("|")))


def blocks(page: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, plain text) of each heading, paragraph, list item and table cell.

    Code blocks are left out, inline code becomes CODE.
    """
    fenced, start, open_block = False, 0, list[str]()

    def closed() -> Iterator[tuple[int, str]]:
        if open_block:
            yield start, _plain(" ".join(open_block))
            open_block.clear()

    for number, line in enumerate(page.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("```"):
            fenced = not fenced
            yield from closed()
        elif fenced or not stripped or re.fullmatch(r"[|:\- ]+", stripped):
            yield from closed()
        elif stripped.startswith("|"):
            yield from closed()
            yield from ((number, cell) for cell in _cells(line))
        else:
            if re.match(r"(?:[#>]+|[*+-]|\d+\.) ", stripped) or (open_block and open_block[0].startswith("#")):
                yield from closed()
            if not open_block:
                start = number
            open_block.append(re.sub(r"^(?:[#>]+|[*+-]|\d+\.) +", "", stripped) if not stripped.startswith("#") else stripped.lstrip("# "))
            if stripped.startswith("#"):
                yield from closed()
    yield from closed()


def sentences(text: str) -> list[str]:
    """Split a block at full stops, question marks, colons and semicolons."""
    return [part.strip(" “\"'(") for part in re.split(r"(?<=[.!?])[”\")]* +(?=[A-Z“\"(])|(?<=[:;]) +", text) if part.strip(" “\"'(")]


def broken(sentence: str) -> list[Rule]:
    """Return the rules that a sentence breaks."""
    return [rule for rule in RULES if rule.pattern.search(sentence)]


def _faults(file: str, line: int, text: str) -> Iterator[Fault]:
    for sentence in sentences(text):
        for rule in broken(sentence):
            found = rule.pattern.search(sentence)
            assert found
            shown = sentence[max(0, found.start() - 30) : found.end() + 30]
            yield Fault(file, line, rule.name, shown, rule.instead)


def faults_of_page(file: str, page: str) -> list[Fault]:
    """Return the faults of a Markdown page."""
    return [fault for line, text in blocks(page) for fault in _faults(file, line, text)]


# Docstrings -----------------------------------------------------------------------------------------------------------


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, docstring) of a module and of its classes and functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=True)
            if text:
                yield node.body[0].lineno, text


def faults_of_docstring(file: str, line: int, text: str) -> list[Fault]:
    """Return the faults of a docstring's first line and of its sentences."""
    first = text.splitlines()[0].strip()
    faults = []
    if len(first) >= LONGEST:
        faults.append(Fault(file, line, "long first line", first, f"{len(first)} characters; fewer than {LONGEST}"))
    if FIRST_WORDS.match(first):
        faults.append(Fault(file, line, "first word", first, "begin with an imperative or a noun phrase"))
    return faults + [fault for start, block in blocks(text) for fault in _faults(file, line + start - 1, block)]


def faults_of_module(file: str, source: str) -> list[Fault]:
    """Return the faults of a module's docstrings."""
    return [fault for line, text in docstrings(source) for fault in faults_of_docstring(file, line, text)]


# The tree -------------------------------------------------------------------------------------------------------------


def files(root: Path, name: str, suffix: str) -> list[Path]:
    """Return the files with a suffix in a folder of the tree, or the file itself."""
    place = root / name
    found = [place] if place.is_file() else sorted(place.rglob(f"*{suffix}"))
    return [file for file in found if file.suffix == suffix and not SKIPPED & set(file.relative_to(root).parts)]


def faults_of_tree(root: Path, names: Iterable[str], suffixes: Iterable[str] = (".md", ".py")) -> list[Fault]:
    """Return the faults of all pages and docstrings below some folders."""
    faults: list[Fault] = []
    for file in (file for name in names for suffix in suffixes for file in files(root, name, suffix)):
        text, shown = file.read_text(encoding="utf-8"), file.relative_to(root).as_posix()
        if file.suffix == ".py":
            faults += faults_of_module(shown, text)
        else:
            faults += faults_of_page(shown, text)
    return faults


def offending(root: Path, folder: str) -> dict[str, tuple[int, int]]:
    """Return {folder: (offending docstrings, all docstrings)} of a folder and those below."""
    bad, total = Counter[str](), Counter[str]()
    for file in files(root, folder, ".py"):
        places = {folder, file.parent.relative_to(root).as_posix()}
        for line, text in docstrings(file.read_text(encoding="utf-8")):
            total.update(places)
            bad.update(places if faults_of_docstring(file.name, line, text) else ())
    return {place: (bad[place], total[place]) for place in sorted(total)}


def main(names: list[str], *, root: Path = ROOT) -> int:
    """Print the faults of the named folders or files and return 1 if there are any.

    Without names, print the number of offending docstrings per folder and return 0.
    """
    faults = faults_of_tree(root, names)
    lines = [*map(str, faults), *(f"{count:5} {rule}" for rule, count in Counter(fault.rule for fault in faults).most_common())]
    if not names:
        lines = ["offending docstrings per folder:"]
        for place, (bad, total) in (entry for folder in COUNTED for entry in offending(root, folder).items()):
            lines.append(f"{bad:5} of {total:5}  {'  ' * place.count('/')}{place}{'  (held)' if place in PLAIN else ''}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
