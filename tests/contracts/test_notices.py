"""Every message flag that is less safe than the default is listed with its reason."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from tests.contracts.sources import ROOT, sources

if TYPE_CHECKING:
    from pathlib import Path

FLAGS = ("stays", "rings", "forwardable", "open_to_admins", "tells_nothing")
#: (module, flag) → number of uses. The comment above gives the reason.
EXCEPTIONS = {
    # alerts: for everybody and immediate; cards of people who need not answer any more are only redrawn
    ("handlers/alerts/sending.py", "rings"): 2,
    ("handlers/alerts/sending.py", "forwardable"): 1,
    ("handlers/alerts/sending.py", "stays"): 1,
    ("handlers/alerts/recall.py", "rings"): 1,
    ("handlers/alerts/recall.py", "forwardable"): 1,
    ("handlers/alerts/recall.py", "stays"): 1,
    ("handlers/alerts/lists.py", "rings"): 1,
    ("handlers/alerts/board.py", "stays"): 1,
    ("handlers/alerts/answers.py", "stays"): 1,
    ("handlers/alerts/answers.py", "forwardable"): 3,
    # red alerts: everybody who may approve one is asked, and again with telephone numbers; leaders are woken by one sent alone
    ("handlers/alerts/second_person.py", "stays"): 4,
    ("handlers/alerts/second_person.py", "rings"): 4,
    # messages to a whole village are meant to be passed on
    ("handlers/broadcasts/sending.py", "forwardable"): 1,
    # cases: a reporter may show their own; urgent cases wake people; an emptied card contains nothing about its case
    ("handlers/cases/cards.py", "forwardable"): 1,
    ("handlers/cases/cards.py", "tells_nothing"): 1,
    ("handlers/cases/moves.py", "forwardable"): 1,
    ("handlers/cases/notifications.py", "rings"): 5,
    ("handlers/cases/notifications.py", "forwardable"): 2,
    ("handlers/cases/notifications.py", "stays"): 1,
    ("handlers/cases/notifications.py", "open_to_admins"): 1,
    # the result of a decided appointment: the question itself escalates
    ("handlers/people/redeeming.py", "stays"): 1,
    # training: an invitation is personal, and its recipient may bring somebody along
    ("handlers/training/cards.py", "stays"): 1,
    ("handlers/training/cards.py", "forwardable"): 2,
    ("handlers/training/answers.py", "forwardable"): 2,
    ("handlers/training/changes.py", "forwardable"): 2,
    # found things: dangerous ones wake the officer; the kit redraws and empties cards as cases do
    ("handlers/found/reporting.py", "rings"): 2,
    ("handlers/found/keeper.py", "rings"): 1,
    # found things are announced to a whole village, like tips
    ("handlers/found/publishing.py", "forwardable"): 1,
    ("handlers/core/records.py", "rings"): 1,
    ("handlers/core/records.py", "stays"): 1,
    ("handlers/core/records.py", "tells_nothing"): 1,
    # messages passed on unchanged stay forwardable if they were
    ("handlers/core/context.py", "forwardable"): 1,
    ("handlers/core/next_post.py", "forwardable"): 1,
    # the same message to another address of the same person, with the flags of its row
    ("handlers/fallback.py", "forwardable"): 1,
    ("handlers/fallback.py", "stays"): 1,
    ("handlers/fallback.py", "tells_nothing"): 1,
}


def exceptions(root: Path) -> Counter[tuple[str, str]]:
    """Count the flags that are set where messages are made, by module."""
    found: Counter[tuple[str, str]] = Counter()
    for source in sources(root, "handlers", "bot", "domain"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                found.update((str(source.file.relative_to(root)), word.arg) for word in node.keywords if word.arg in FLAGS)
    return found


def test_every_less_safe_message_flag_is_listed():
    assert exceptions(ROOT) == Counter(EXCEPTIONS)


def test_unlisted_message_flag_is_found(tmp_path: Path):
    for name in ("bot", "handlers", "domain"):
        (tmp_path / name).mkdir()
    code = 'async def light(ctx):\n    await ctx.notify(Notice(who, "lamp.lit", subject="lamp:1", stays=True))\n'
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert exceptions(tmp_path) == {("handlers/lamps.py", "stays"): 1}
