"""Mark a hidden reporter's own name and telephone number in the words of a case.

Knows how names and numbers are written; must not know who reads. The words of a hidden or sealed report are stored with marks, and `whole`
puts name and number back for those who may see the reporter. Invariant: a change of such a case holds marks from its decision on, so that
code that forgets `whole` shows less, never more.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from domain.cases.case import ELDER, ELDERS_PHONE
from domain.cases.visibility import Level
from domain.core.immutable import replace
from domain.core.private_numbers import pattern_of, plain_phone, replaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.cases.case import Case, Session
    from domain.core.change import Event

#: What stands for the reporter's name and for their number.
NAME, PHONE = "〔本人〕", "〔本人电话〕"
#: Marks of the person who filed it for somebody else, and of the person for whom a relative filed it.
FILER, RELATIVE = "〔代报人〕", "〔老人〕"
#: Between the characters of a name that is written apart.
_APART = r"[\W_]{0,3}"


def veiled(said: Any, case: Case) -> Any:
    """Return words, or plain values, with marks for the name and number of a hidden reporter."""
    if case.visibility.level is Level.NAMED:
        return said
    marks = []
    for known, mark in ((case.reporter_name, NAME), (case.filer_name, FILER), (case.details.get(ELDER, ""), RELATIVE)):
        if len(name := "".join(str(known).split())) > 1:
            marks.append((re.compile(_APART.join(map(re.escape, name)), re.IGNORECASE), mark))
    if phone := plain_phone(case.reporter_phone):
        marks.append((pattern_of(phone), PHONE))
    return replaced(said, partial(_marked, marks=marks)) if marks else said


def veiled_case(case: Case) -> Case:
    """Return a case with marks in its own words."""
    if case.visibility.level is Level.NAMED:
        return case
    kept = {key: case.details[key] for key in (ELDER, ELDERS_PHONE) if key in case.details}  # a card hides these whole
    return replace(case, text=veiled(case.text, case), place=veiled(case.place, case), details=veiled(case.details, case) | kept)


def veiled_session(session: Session, case: Case) -> Session:
    """Return a session with marks in what was written about it."""
    names = ("result", "held_words", "place", "present")
    return replace(session, **{name: veiled(getattr(session, name), case) for name in names})


def whole(said: Any, case: Case) -> Any:
    """Return words with name and number in the place of the marks.

    After an erasure the marks stay.
    """
    if case.visibility.level is Level.NAMED:
        return said
    known = {
        PHONE: case.reporter_phone or PHONE,
        NAME: case.reporter_name or NAME,
        FILER: case.filer_name or FILER,
        RELATIVE: str(case.details.get(ELDER) or RELATIVE),
    }
    return replaced(said, partial(_unmarked, known=known))


def whole_case(case: Case, events: Sequence[Event] = ()) -> tuple[Case, Sequence[Event]]:
    """Return a case and its events with the name and number of the reporter."""
    if case.visibility.level is Level.NAMED:
        return case, events
    told = replace(case, text=whole(case.text, case), place=whole(case.place, case), details=whole(case.details, case))
    return told, [replace(event, words=whole(event.words, case), data=whole(event.data, case)) for event in events]


def _marked(said: str, *, marks: Sequence[tuple[re.Pattern[str], str]]) -> str:
    for pattern, mark in marks:
        said = pattern.sub(mark, said)
    return said


def _unmarked(said: str, *, known: Mapping[str, str]) -> str:
    for mark, words in known.items():
        said = said.replace(mark, words)
    return said
