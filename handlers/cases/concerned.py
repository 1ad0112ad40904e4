"""Decide whom a new report is against, and who therefore sees it.

Knows the answers of a report (handlers/cases/reports.py) and the recogniser (domain/cases/words/accusation.py); must not know SQL. Invariant: a
report against somebody in office, and one about violence at home, goes to the police only; no choice of the reporter shows it to more people
than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.case import Side
from domain.cases.display import display_name
from domain.cases.visibility import NAMED, Level, Part, Readers, Visibility, readers_of, who_sees
from domain.cases.words.accusation import Accused, accused, may_accuse, violence_at_home, with_deputies
from domain.core.change import VillageId
from domain.core.immutable import immutable
from domain.people.people import RANK, Role
from texts import Joined, Text

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.cases.words.accusation import Official
    from domain.core.change import PersonId
    from handlers.core.context import HandlerContext
    from handlers.core.dialogs import Answers

#: Answers that name a danger of which the village must not learn: violence by the family, one's own wish to die.
CLOSE = ("at_home", "own")
#: Answers to "who may know that it is you" → the level. Others ("party", "police") are about who sees the report.
LEVELS = {level.value: level for level in Level}


@immutable
class Concerned:
    """Readers of a new report: its visibility, and the people who must not see it."""

    visibility: Visibility
    parties: tuple[PersonId, ...] = ()
    side: Side = Side.PARTY


async def concerned(ctx: HandlerContext, answers: Answers) -> Concerned:
    """Judge the answers of a report: words, level, and the wish to keep it from the chair."""
    words, who = _words_of(answers), answers.get("who")
    asks = who == "party" or may_accuse(words)
    officials = await ctx.unit.officials.of_village(VillageId(int(answers["village"])), at=ctx.at) if asks else []
    judged = accused(words, officials)
    against = {each for each, how in judged.items() if how is Accused.YES}
    if who == "party":
        against |= {each.person_id for each in officials if each.role is Role.CHAIR}
    doubtful = set() if against else set(judged)
    parties = with_deputies(judged.keys() | against, officials)
    chair_in_doubt = any(each.person_id in doubtful and each.role is Role.CHAIR for each in officials)
    police_only = bool(against) or chair_in_doubt or who == "police" or _close(words, answers)
    return Concerned(
        Visibility(LEVELS.get(str(who), Level.NAMED), police_only=police_only),
        tuple(each for each in parties if each != ctx.actor.id),
        Side.DOUBTFUL if doubtful else Side.AGAINST if parties else Side.PARTY,
    )


def _close(words: str, answers: Answers) -> bool:
    """Tell whether the report is about a danger of which the village must not learn."""
    return any(answers.get(each) for each in CLOSE) or violence_at_home(words)


def _words_of(answers: Answers) -> str:
    """Return everything that the reporter wrote, a sentence each.

    The place and the amount may accuse somebody too.
    """
    return "\n".join(said for said in (answers.get(name) for name in ("text", "place", "amount")) if isinstance(said, str))


async def newly_accused(ctx: HandlerContext, case: Case, words: str, *, doubtful: bool = False) -> tuple[PersonId, ...]:
    """Return the officials whom later words of a reporter accuse, with their deputies.

    `doubtful`: also those about whom the words leave it open.
    """
    if not may_accuse(words):
        return ()
    officials = await ctx.unit.officials.of_village(case.village_id, at=ctx.at)
    how = {Accused.YES, Accused.DOUBTFUL} if doubtful else {Accused.YES}
    against = [each for each, said in accused(words, officials).items() if said in how and each not in case.excluded_ids]
    return with_deputies(against, officials) if against else ()


def names_of(person_ids: tuple[PersonId, ...], officials: list[Official]) -> Any:
    """Return the display names of officials: 王主任、张警官."""
    shown = [display_name(each.name, each.role) for each in officials if each.person_id in person_ids and each.stands_for is None]
    return Joined(list({str(each): each for each in shown}.values()))


def seen_lines(visibility: Visibility, chair: str, *, named: bool, attached: bool) -> list[Any]:
    """Say who sees a report: its words, its reporter's name, its photos and voices.

    `chair`: the name of a chair who may see it, "" for none. `named`: it has a reporter. `attached`: it has photos, voices or files.
    """
    words, name, media = (readers_of(visibility, part) for part in (Part.WORDS, Part.NAME, Part.MEDIA))
    lines = [] if words is Readers.CHAIR_AND_POLICE else [Text(f"case.seen.words.{words}")]
    if named:
        lines.append(Text(f"case.seen.name.{name}", who=display_name(chair, Role.CHAIR)))
    if attached and media is not words:
        lines.append(Text(f"case.seen.media.{media}"))
    return lines


def consent_lines() -> tuple[Any, ...]:
    """Say, for the consent text, who sees a report, and what its reporter may choose."""
    words, listed = (who_sees(NAMED, part) for part in (Part.WORDS, Part.SUMMARY))
    assert who_sees(NAMED, Part.NAME) == words, "the sentence names one group for words and name"
    return (
        Text("case.consent.words", who=_posts(words)),
        *((Text("case.consent.summary", who=_posts(listed - words)),) if listed - words else ()),
        Text("case.consent.levels", police=_posts(who_sees(Visibility(police_only=True), Part.WORDS))),
    )


def _posts(roles: frozenset[Role]) -> Any:
    return Joined([Text(f"case.post.{role}") for role in RANK if role in roles])
