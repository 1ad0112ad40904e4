"""Opinions on the service as rows.

Knows SQL and no rule. Invariant: an opinion is read by its author and by the leaders of the station, never by somebody in the post that it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.immutable import immutable
from domain.feedback import Opinion, topics_of
from domain.people.people import Role
from storage.core.records import Grant, Records, RecordTable, Scope
from storage.core.registry import Data, Personal
from storage.core.retention import Retention
from storage.values import marks

if TYPE_CHECKING:
    from domain.people.people import Person


@immutable
class NotAboutThem(Scope):
    """Readers of an opinion, without those in the post that it is about."""

    def condition(self, actor: Person) -> tuple[str, tuple[Any, ...]]:
        """Return the condition on `x`, and its parameters, for an actor's records."""
        where, params = Scope.condition(self, actor)
        topics = topics_of([post.role for post in actor.posts])
        if not topics or actor.id is None:
            return where, params
        return f"({where} AND (x.author_id = ? OR x.topic NOT IN ({marks(topics)})))", (*params, actor.id, *topics)


class Opinions(Records[Opinion]):
    """Opinions: seen by their author and by the leaders of the station."""

    table = RecordTable(
        Opinion,
        "opinions",
        feature="opinion",
        scope=NotAboutThem(("author_id",), (Grant(frozenset({Role.LEADER})),)),
        retention=Retention.OPINION,
        told=("text", "answer"),
        people=(("author_name", "author_id", "name"), ("leader_name", "answered_by", "name")),
    )


DATA = Data(
    "feedback",
    records=(Opinions,),
    personal=Personal(
        moved=("opinions.author_id", "opinions.answered_by"),
        erase=("UPDATE opinions SET text = '', answer = '' WHERE author_id = ?1",),
        kept={
            "an opinion without its words counts for the station": ("opinions.author_id",),
            "an opinion was answered in office": ("opinions.answered_by",),
        },
    ),
)
