"""Plain words: the pages and the docstrings of the held folders break no rule.

Each rule is proven by sentences that it refuses and accepts. To hold another folder, clean it until
`python -m tests.contracts.plain_words <folder>` prints nothing and exits with 0, then add it to `PLAIN`.
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.contracts.plain_words import (
    COUNTED,
    LONGEST,
    PLAIN,
    ROOT,
    RULES,
    blocks,
    broken,
    faults_of_docstring,
    faults_of_module,
    faults_of_page,
    faults_of_tree,
    main,
    offending,
    sentences,
)

if TYPE_CHECKING:
    from pathlib import Path

#: Rule → sentences that it refuses, sentences that it accepts.
EXAMPLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "relative clause as a subject": (
        (
            "Who has no id gets a code.",
            "what waits for him goes to the next post.",
            "Whatever goes wrong before the last line leaves the target empty.",
            "What has no shape is kept too.",
            "Whoever was too late gets a new code.",
            "Who is party to a case sees nothing of it.",
        ),
        (
            "A person without an id gets a code.",
            "Who may see a report?",
            "what to do",
            "what it is",
            "who",
            "The card shows who has the case.",
            "Whole rows are compared.",
        ),
    ),
    "whoever": (("Give the card to whoever is asked now.",), ("Give the card to the person who is asked now.", "whatever the level")),
    "what waits": (
        ("List what waits for a chair.", "The officer takes what climbs."),
        ("List the cases that wait.", "See what comes next."),
    ),
    "for who": (
        ("It answers only for who has joined.", "The alert is seen by who was told."),
        ("It answers only for users who have joined.", "A list of who has not confirmed.", "It depends on who asks."),
    ),
    "nobody's": (
        ("It is nobody's group again.", "They overtake nobody's news."),
        ("Nobody's there.", "Nobody sees it.", "Everybody's phone rings."),
    ),
    "negated noun": (
        ("Tongxin is no emergency line.", "A number that is no telephone number.", "It is not an XLSX file or is none."),
        (
            "There is no automatic downgrade.",
            "It is no longer valid.",
            "The actor is None.",
            "It is none of these.",
            "The bot is not an emergency service.",
        ),
    ),
    "negated place": (
        ("It stands in no address.", "Never in them, on no level."),
        ("It must not appear in URLs.", "In no case delete the file.", "It fails through no fault."),
    ),
    "tell from": (
        ("It cannot be told from another variable.", "They tell Telegram's calls from other calls.", "Formats are told apart by content."),
        ("It distinguishes two formats.", "Tell them from now on.", "Tell the chair and the officer."),
    ),
    "hold up": (
        ("A slow unit holds up all others.", "An alert that is held up.", "It holds everybody up."),
        ("A slow unit blocks all others.", "Hold the lock.", "Hold an update until it commits."),
    ),
    "rate with a": (
        (
            "It sends 30 messages a second.",
            "The town has 31 cases a week.",
            "Ask three times a minute.",
            "Do it once a quarter.",
            "It takes one a second.",
        ),
        (
            "It sends 30 messages per second.",
            "The wait takes a minute.",
            "It happens within a second.",
            "After an hour it lapses.",
            "It lasts half a minute.",
            "This is a year's work.",
        ),
    ),
    "amount with a": (
        (
            "A call costs 58 µs a call.",
            "It writes three files a village.",
            "There is one token a town.",
            "One request is in flight a chat.",
        ),
        ("A call costs 58 µs.", "It writes three files per village.", "One in 10 opens a case.", "The three files a worker must read."),
    ),
    "pronoun for anybody": (
        ("The deputy keeps his own post.", "He may not read it.", "Keep it from him."),
        ("The deputy keeps their own post.", "They may not read it.", "History stays.", "The shell runs."),
    ),
    "stands for is": (
        ("The reason stands on standard error.", "It stands in config.yaml.", "See how the case stands."),
        ("P stands for period.", "A standby takes over.", "They stand in for the chair.", "An outstanding case.", "People understand it."),
    ),
    "doubled for duplicated": (
        ("Nothing is lost or doubled.", "The report is joined, not doubled.", "It loses nothing and doubles nothing."),
        ("The delay is doubled after each attempt.", "Test doubles are refused.", "The interval doubles each time."),
    ),
    "forth and back": (("Forth and back loses nothing.",), ("Switching back and forth loses nothing.",)),
    "ever since": (("Nobody could be told, ever since.",), ("Messages since the start.", "Every day since May.")),
    "for ever": (("A table that grows for ever.",), ("An unbounded table.", "Poll forever.", "The answer is kept for every day.")),
    "lets time act": (("The leader lets time act.",), ("The leader runs due timers.", "Let the test act.")),
    "climbs": (
        ("The officer takes a case that climbs.", "It climbs one step."),
        ("The officer handles escalated cases.", "A climbing rope."),
    ),
    "ladder": (("The ladder stops.", "It goes up one rung."), ("Escalation stops.", "It goes up one level.", "A bladder is full.")),
    "falls upward": (
        ("The message falls upward.", "Messages that fell past the last post."),
        ("The message escalates.", "The server falls behind."),
    ),
    "cry for help": (("It delays no cry for help.", "A third of them cries."), ("It delays no call for help.", "Cryptography is tested.")),
    "in good order": (("The leader stops in good order.",), ("The leader stops cleanly.", "Rows in order.")),
    "blotted out": (("A token is blotted out.",), ("A token is redacted.", "A blot.")),
    "set aside": (("Updates set aside for a human.", "Put it aside."), ("Dead-lettered updates.", "A set of asides.")),
    "comes to mean": (("No number comes to mean something else.",), ("No number is reused.", "A mean value.")),
    "mend": (("An update that mends it.",), ("An update that fixes it.", "Amend the commit.", "We recommend it.")),
    "journey to the server": (
        ("A savepoint is a journey to the server.", "One journey less."),
        ("A savepoint costs a round trip.", "The journey of a case."),
    ),
    "anew": (("The card is drawn anew.",), ("The card is drawn again.", "A new card.")),
    "heed": (("The password file is heeded.",), ("The bot uses the password file.", "A heedless act.")),
    "pressing for urgent": (
        ("A pressing case runs at night.", "What is not pressing waits."),
        ("An urgent case runs at night.", "Pressing the button sends it."),
    ),
    "looks after silence": (("The officer goes silent.",), ("The officer does not respond.", "A silent drill.")),
    "of theirs": (("Things of theirs are erased.",), ("Their rows are erased.", "One of their rows.")),
}

#: Sentences as the pages once had them.
ONCE = """
a report that is already there is joined, not doubled
Whoever wants to lose a machine and not notice runs several workers on PostgreSQL.
Tongxin is no emergency line and says so.
takes what climbs
what waits for him goes to the next post, and what he sent and has not left is stopped
What has no shape is kept too.
lets time act, delivers, and frees what dead workers held
the test fails where a table that grows for ever is read from one end
Forth and back loses nothing and doubles nothing.
It is all that tells Telegram's calls from anybody's, so it stands in no address, no config.yaml and no log.
what still looks like a token is blotted out.
messages that fell past the last post
nobody could be told, ever since
Nothing from the time that is lost comes to mean something else.
updates set aside for a human
What the server undoes is run again.
Who has no id gets a code.
"""


def test_pages_and_held_folders_break_no_rule() -> None:
    assert [str(fault) for fault in faults_of_tree(ROOT, PLAIN)] == []


def test_every_rule_has_examples() -> None:
    names = [rule.name for rule in RULES]
    assert sorted(names) == sorted(EXAMPLES)
    assert all(refused and accepted for refused, accepted in EXAMPLES.values())


@pytest.mark.parametrize(("rule", "sentence"), [(rule, each) for rule, (refused, _) in EXAMPLES.items() for each in refused])
def test_rule_refuses_sentence(rule: str, sentence: str) -> None:
    assert rule in [found.name for found in broken(sentence)]


@pytest.mark.parametrize(("rule", "sentence"), [(rule, each) for rule, (_, accepted) in EXAMPLES.items() for each in accepted])
def test_rule_accepts_sentence(rule: str, sentence: str) -> None:
    assert rule not in [found.name for found in broken(sentence)]


@pytest.mark.parametrize("sentence", ONCE.strip().splitlines())
def test_old_sentence_of_the_docs_is_refused(sentence: str) -> None:
    assert faults_of_page("page.md", sentence)


@pytest.mark.parametrize(
    "first",
    [
        "Return the cases that a person may see.",
        "Clock of a case: working time and quiet hours.",
        "Rate limiter: count each user's actions in the last minute.",
        "Hold what a unit wrote until the commit.",
        "Itemize a roster.",
        "Organize the rows.",
        "x" * (LONGEST - 1),
    ],
)
def test_plain_first_line_is_accepted(first: str) -> None:
    assert faults_of_docstring("module.py", 1, first) == []


@pytest.mark.parametrize(
    ("first", "rule"),
    [
        ("Who is told what when a case moves.", "first word"),
        ("How fast each person is.", "first word"),
        ("Whether a unit failed.", "first word"),
        ("Nobody waits for it.", "first word"),
        ("x" * LONGEST, "long first line"),
    ],
)
def test_bad_first_line_is_refused(first: str, rule: str) -> None:
    assert rule in [fault.rule for fault in faults_of_docstring("module.py", 1, first)]


def test_docstrings_are_checked_and_comments_are_not() -> None:
    source = dedent('''\
        """Holds up others."""
        # He stands here.
        class A:
            """Whose turn comes."""

            async def b(self):
                """Run.

                It waits
                for ever.
                """
        ''')
    assert [(fault.line, fault.rule) for fault in faults_of_module("a.py", source)] == [
        (1, "hold up"), (4, "first word"), (4, "relative clause as a subject"), (9, "for ever"),
    ]  # fmt: skip


def test_page_blocks_are_checked_and_code_is_not() -> None:
    page = "# He\n\nOne `him` and\n[his](he.md) line.\n\n```\nhe stands\n```\n\n* he\n  waits\n1. anew\n\n| who | himself |\n|---|---|\n| a | `he` |\n> him\n"
    assert list(blocks(page)) == [
        (1, "He"), (3, "One CODE and his line."), (10, "he waits"), (12, "anew"),
        (14, "who"), (14, "himself"), (16, "a"), (16, "CODE"), (17, "him"),
    ]  # fmt: skip
    assert [fault.line for fault in faults_of_page("a.md", page)] == [1, 3, 10, 12, 14, 17]


def test_sentences_end_at_colons_and_semicolons() -> None:
    assert sentences("Look at 1.5 s. “Stop it.” Then wait; who asks: nobody") == [
        "Look at 1.5 s.",
        "Stop it.",
        "Then wait;",
        "who asks:",
        "nobody",
    ]


def test_command_counts_and_lists_offending_docstrings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "a.py").write_text('"""Whose turn it is."""\n\n\ndef b():\n    """Return one."""\n', encoding="utf-8")
    assert offending(tmp_path, "bot") == {"bot": (1, 2)}
    assert main(["tests/contracts/plain_words.py"]) == 0
    assert capsys.readouterr().out.strip() == ""
    assert main(["bot"], root=tmp_path) == 1
    assert "bot/a.py:1: first word: 'Whose turn it is.'" in capsys.readouterr().out
    assert main([], root=tmp_path) == 0
    assert "1 of     2  bot" in capsys.readouterr().out
    assert set(COUNTED) >= {"bot", "handlers", "storage", "domain", "sandbox", "tests"}


def test_every_held_folder_exists() -> None:
    assert [name for name in PLAIN if not (ROOT / name).exists()] == []
