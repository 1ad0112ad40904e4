"""Where a message about a subject is less safe than by default: every exception is written down here once more, with its reason."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from tests.contracts.sources import ROOT, sources

if TYPE_CHECKING:
    from pathlib import Path

FLAGS = ("stays", "rings", "forwardable", "open_to_admins", "tells_nothing")
#: (module, flag) → how often, and why.
EXCEPTIONS = {
    # an alert is for everybody and now; cards of those who need not answer any more are only redrawn
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
    # whoever may agree to a red alert is asked, all of them, and again with telephone numbers
    ("handlers/alerts/composing.py", "stays"): 3,
    ("handlers/alerts/composing.py", "rings"): 3,
    # what is sent to a whole village is meant to be passed on
    ("handlers/broadcasts/sending.py", "forwardable"): 1,
    # a reporter may show what is theirs; urgent cases wake people; an emptied card says nothing of its case
    ("handlers/cases/cards.py", "forwardable"): 1,
    ("handlers/cases/cards.py", "tells_nothing"): 1,
    ("handlers/cases/moves.py", "forwardable"): 1,
    ("handlers/cases/notifications.py", "rings"): 5,
    ("handlers/cases/notifications.py", "forwardable"): 2,
    # that a case went up concerns those whom it left; the next post has its own card
    ("handlers/cases/notifications.py", "stays"): 2,
    ("handlers/cases/notifications.py", "open_to_admins"): 1,
    # how a decided appointment stands: the question itself escalates
    ("handlers/people/redeeming.py", "stays"): 1,
    # an invitation is one's own, and one may bring somebody along
    ("handlers/training/cards.py", "stays"): 1,
    ("handlers/training/cards.py", "forwardable"): 2,
    ("handlers/training/answers.py", "forwardable"): 2,
    ("handlers/training/changes.py", "forwardable"): 2,
    # what is dangerous wakes the officer; the kit redraws, and empties, as cases do
    ("handlers/found/reporting.py", "rings"): 2,
    ("handlers/found/keeper.py", "rings"): 1,
    # a found thing is announced to a whole village, as a tip is
    ("handlers/found/publishing.py", "forwardable"): 1,
    # the card of somebody who lost a post is emptied
    ("handlers/core/post_changes.py", "tells_nothing"): 1,
    ("handlers/training/holders.py", "tells_nothing"): 1,
    ("handlers/core/records.py", "rings"): 1,
    ("handlers/core/records.py", "stays"): 1,
    ("handlers/core/records.py", "tells_nothing"): 1,
    # passed on as it was: what was forwardable stays so
    ("handlers/core/context.py", "forwardable"): 1,
    ("handlers/core/next_post.py", "forwardable"): 1,
    # the same message to another address of the same person: as its row has it
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


def test_every_exception_from_safe_by_default_is_known():
    assert exceptions(ROOT) == Counter(EXCEPTIONS)


def test_an_exception_that_nobody_wrote_down_is_found(tmp_path: Path):
    for name in ("bot", "handlers", "domain"):
        (tmp_path / name).mkdir()
    code = 'async def light(ctx):\n    await ctx.notify(Notice(who, "lamp.lit", subject="lamp:1", stays=True))\n'
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert exceptions(tmp_path) == {("handlers/lamps.py", "stays"): 1}
