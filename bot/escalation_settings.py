"""Settings of the escalation: the spans of all cases, and other spans for some of them.

Knows names, types and limits. Invariant: a row that could never fit a case, or changes nothing, refuses to start.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.channel_settings import Section, Span
from domain.cases.case import Category, Kind, Severity
from domain.core.town import EscalationRules, SpanRule

#: What the file calls a severity.
SEVERITIES = {"urgent": Severity.URGENT, "ordinary": Severity.ORDINARY, "minor": Severity.MINOR}


class SpanRow(Section):
    """Other spans for cases of a kind, a category, a severity or in some villages."""

    kind: Kind | None = None
    category: Category | None = None
    severity: Literal["urgent", "ordinary", "minor"] | None = None
    villages: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    chair_within: Span | None = None
    officer_within: Span | None = None
    leader_within: Span | None = None
    stalled_after: Span | None = None
    follow_up_after: Span | None = None

    @model_validator(mode="after")
    def _says_something(self) -> SpanRow:
        if not (self.kind or self.category or self.severity or self.villages):
            raise ValueError("names no cases: give a kind, a category, a severity or villages")
        if self.category and self.kind not in (None, Kind.DISPUTE):
            raise ValueError("fits no case: only disputes have a category")
        if not self.as_rule().spans:
            raise ValueError("sets no span: give for example chair_within: PT4H")
        return self

    def as_rule(self) -> SpanRule:
        """Return the row as a plain value."""
        severity = SEVERITIES[self.severity].value if self.severity else ""
        said = self.model_dump(exclude={"kind", "category", "severity", "villages"})
        kind, category = (each.value if each else "" for each in (self.kind, self.category))
        return SpanRule(kind, category, severity, frozenset(self.villages), **said)


class EscalationSection(Section):
    """The time each post has to respond before the next one is notified."""

    chair_within: Span = timedelta(hours=8)
    officer_within: Span = timedelta(hours=4)
    leader_within: Span = timedelta(hours=4)
    stalled_after: Span = timedelta(days=5)
    follow_up_after: Span = timedelta(days=7)
    remind_share: Annotated[float, Field(gt=0, lt=1)] = 0.25
    working_time: bool = True
    by: list[SpanRow] = Field(default_factory=list)

    def as_rules(self) -> EscalationRules:
        """Return the spans as plain values."""
        return EscalationRules(**self.model_dump(exclude={"working_time", "by"}), by=tuple(row.as_rule() for row in self.by))


def table(section: EscalationSection) -> list[str]:
    """Return the resulting spans in sentences: of all cases, and of the cases of each row."""
    rules = section.as_rules()
    lines = [f"Spans of all cases: {_spans(rules)}."]
    for row in rules.by:
        resulting = rules.rules_for(kind=row.kind, category=row.category, severity=row.severity, villages=row.villages)
        lines.append(f"Spans of {_cases(row)}: {_spans(resulting)}.")
    return lines


def _cases(row: SpanRule) -> str:
    severity = next((name for name, each in SEVERITIES.items() if each.value == row.severity), "")
    named = (("kind", row.kind), ("category", row.category), ("severity", severity), ("village", " or ".join(sorted(row.villages))))
    return "cases with " + ", ".join(f"{name} {value}" for name, value in named if value)


def _spans(rules: EscalationRules) -> str:
    named = (
        ("chair", rules.chair_within),
        ("officer", rules.officer_within),
        ("desk and leader", rules.leader_within),
        ("silence", rules.stalled_after),
        ("question", rules.follow_up_after),
    )
    return ", ".join(f"{name} {length(span)}" for name, span in named)


def length(span: timedelta) -> str:
    """Return a span in its units: 1 d 12 h."""
    left, parts = int(span.total_seconds()), []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if left >= size:
            parts.append(f"{left // size} {unit}")
        left %= size
    return " ".join(parts)
