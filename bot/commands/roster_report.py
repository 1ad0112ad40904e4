"""The report of an import, in words for an operator.

Knows what is said and in which order; must not know how an import is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.people.roster import Fault
from texts import Text, plain


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an import, or of a dry run.

    `invitations`: (name, role, village, code); the codes are not shown again. `absent`: people who hold posts and are not in the file;
    `removed` tells whether their posts were ended. `waiting`: changes that a leader confirms; `asked`: leaders who were asked.
    """

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: int = 0
    absent: tuple[str, ...] = ()
    new_villages: tuple[str, ...] = ()
    missing_villages: tuple[str, ...] = ()
    invitations: tuple[tuple[str, str, str, str], ...] = ()
    waiting: tuple[dict[str, Any], ...] = ()
    asked: tuple[str, ...] = ()
    removed: bool = False
    dry_run: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)

    def lines(self, language: str = "zh") -> list[str]:
        """Return the report in words for an operator, faults first."""
        if self.faults:
            return [plain("roster.report.refused", language, n=len(self.faults)), *self._listed(self.faults, language)]
        head = plain(
            "roster.report.dry" if self.dry_run else "roster.report.done",
            language,
            added=len(self.added),
            changed=len(self.changed),
            unchanged=self.unchanged,
            villages=len(self.new_villages),
        )
        return [
            head,
            *self._names(language),
            *self._listed(self.warnings, language),
            *self._left_to_leaders(language),
            *self._codes(language),
        ]

    def _names(self, language: str) -> Iterable[str]:
        lists = {"added": self.added, "changed": self.changed, "removed" if self.removed else "absent": self.absent}
        lists |= {"new_villages": self.new_villages, "missing_villages": self.missing_villages}
        joint = "、" if language == "zh" else ", "
        for name, items in lists.items():
            if items:
                yield plain(f"roster.report.{name}", language, names=joint.join(items))

    def _left_to_leaders(self, language: str) -> Iterable[str]:
        if not self.waiting:
            return
        key = "roster.report.waiting" if self.asked or self.dry_run else "roster.report.nobody_confirms"
        joint = "、" if language == "zh" else ", "
        yield plain(key, language, n=len(self.waiting), leaders=joint.join(self.asked))
        for line in self.waiting:
            yield plain("roster.report.item", language, item=line)

    def _codes(self, language: str) -> Iterable[str]:
        if self.invitations:
            yield plain("roster.report.codes", language, n=len(self.invitations))
        for name, role, village, code in self.invitations:
            title = plain(f"people.role.{role}", language)
            yield plain("roster.report.code", language, name=name, role=title, village=village, code=code)

    def _listed(self, faults: Iterable[Fault], language: str) -> list[str]:
        return [
            (plain("roster.report.row", language, row=fault.row) if fault.row else "") + plain(fault.key, language, **self._shown(fault))
            for fault in faults
        ]

    def _shown(self, fault: Fault) -> dict[str, Any]:
        """Return a fault's parameters, a channel by its name in texts."""
        channel = fault.params.get("channel", "")
        return fault.params | ({"channel": self.titles.get(channel, channel)} if channel else {})


def item_text(name: str, role: str, village: str, channel: str) -> dict[str, Any]:
    """Return a change that waits as a parameter of a sentence: a post, or a chat on a channel."""
    if not role:
        return Text("import.item.chat", name=name, channel=channel)
    title = Text(f"people.role.{role}")
    return Text("import.item.post", name=name, post=Text("people.post", role=title, village=village) if village else title)
