"""Posts that count at an instant, own and lent, as SQL conditions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from domain.people.people import COMMITTEE, POLICE, Role

if TYPE_CHECKING:
    from collections.abc import Iterable


def _in(roles: Iterable[Role]) -> str:
    return "(" + ", ".join(f"'{role}'" for role in sorted(roles)) + ")"


#: The condition that a post `posts` counts at an instant `{at}`.
HELD = "(posts.until_at IS NULL OR posts.until_at > {at})"
#: The condition that a leave `l` lends a post `posts` of the absent person to the deputy. The post existed when the leave was taken, its
#: holder is not suspended, and the deputy now fulfils what domain/people/people.py (`may_deputise`) asks for. A person who may not be a
#: deputy gets no post.
LENDS = (
    "posts.person_id = l.person_id AND posts.since_at <= COALESCE(l.taken_at, l.from_at)"
    f" AND posts.role <> '{Role.AUDIT}' AND NOT EXISTS (SELECT 1 FROM people o WHERE o.id = l.person_id AND o.suspended_at IS NOT NULL)"
    " AND EXISTS (SELECT 1 FROM posts own JOIN people d ON d.id = own.person_id WHERE own.person_id = l.deputy_id AND d.suspended_at IS NULL"
    " AND (own.until_at IS NULL OR own.until_at > {at})"
    f" AND ((posts.role IN {_in(COMMITTEE)} AND own.role IN {_in(COMMITTEE | {Role.OFFICER})} AND own.village_id = posts.village_id)"
    f" OR (posts.role NOT IN {_in(COMMITTEE)} AND own.station_id = posts.station_id"
    f" AND (own.role IN {_in(POLICE)} OR (own.role = 'admin' AND posts.role = 'admin')))))"
)
#: The same, while the leave lasts.
STANDS_IN = "l.cancelled_at IS NULL AND l.from_at <= {at} AND l.until_at > {at} AND " + LENDS


def _posts_now(whose: str, at: str) -> str:
    """Return the query for the posts of a person (`whose`: "= ?1") at an instant."""
    return (
        f"SELECT person_id, role, station_id, village_id, NULL AS for_id FROM posts WHERE person_id {whose} AND {HELD.format(at=at)}"
        " UNION ALL SELECT l.deputy_id, posts.role, posts.station_id, posts.village_id, posts.person_id FROM leaves l"
        f" JOIN posts ON posts.person_id = l.person_id WHERE l.deputy_id {whose} AND {HELD.format(at=at)} AND {STANDS_IN.format(at=at)}"
    )


@cache
def posts_of_many(count: int) -> str:
    """Return the same for `count` people: the instant is ?1, their ids follow."""
    return _posts_now(f"IN ({', '.join(f'?{place}' for place in range(2, count + 2))})", "?1")


#: Posts held now: a person's own (also on leave, which does not change their rights) and those that people on leave lend.
POSTS_NOW = _posts_now("= ?1", "?2")
