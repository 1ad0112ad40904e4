"""The unit of work: one transaction with every feature's storage hanging on it.

`unit.people`, `unit.outbox`, … are created when first asked for. Knows the features' storage by name and nothing of their rules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TypeVar

from storage.alerts import Alerts
from storage.audit import Audit
from storage.broadcasts import Broadcasts
from storage.cases import Cases
from storage.database import Database, Transaction
from storage.directory import Directory
from storage.drafts import Drafts
from storage.facts import Facts
from storage.groups import Groups
from storage.inbox import Inbox
from storage.invitations import Invitations
from storage.outbox import Outbox
from storage.people import People
from storage.privacy import Privacy
from storage.residents import Residents
from storage.roster import Rosters
from storage.search import Search
from storage.timers import Timers
from storage.tips import Tips
from storage.training import Trainings
from storage.workers import Workers

T = TypeVar("T")


class Unit:
    """Everything one use case may load from and record to."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction

    @cached_property
    def people(self) -> People:
        """The directory: persons, posts, villages."""
        return People(self.transaction)

    @cached_property
    def directory(self) -> Directory:
        """Who holds which post, as people read it; suspension and leave."""
        return Directory(self.transaction)

    @cached_property
    def privacy(self) -> Privacy:
        """What is stored about one person."""
        return Privacy(self.transaction)

    @cached_property
    def rosters(self) -> Rosters:
        """The roster: stations, villages and who is known there, for imports."""
        return Rosters(self.transaction)

    @cached_property
    def invitations(self) -> Invitations:
        """Invitations, and posts that wait for a second word."""
        return Invitations(self.transaction)

    @cached_property
    def cases(self) -> Cases:
        """What people reported."""
        return Cases(self.transaction)

    @cached_property
    def groups(self) -> Groups:
        """Chats with several people, and the village each is bound to."""
        return Groups(self.transaction)

    @cached_property
    def search(self) -> Search:
        """Lists of cases, in the reader's scope."""
        return Search(self.transaction)

    @cached_property
    def drafts(self) -> Drafts:
        """Unfinished dialogs, one a chat."""
        return Drafts(self.transaction)

    @cached_property
    def inbox(self) -> Inbox:
        """Raw updates, before and after they are handled."""
        return Inbox(self.transaction)

    @cached_property
    def outbox(self) -> Outbox:
        """Messages that somebody must receive."""
        return Outbox(self.transaction)

    @cached_property
    def timers(self) -> Timers:
        """Promises to look again."""
        return Timers(self.transaction)

    @cached_property
    def audit(self) -> Audit:
        """Who did what, and when."""
        return Audit(self.transaction)

    @cached_property
    def alerts(self) -> Alerts:
        """Alerts: who must confirm, who has."""
        return Alerts(self.transaction)

    @cached_property
    def residents(self) -> Residents:
        """The people who joined in villages."""
        return Residents(self.transaction)

    @cached_property
    def trainings(self) -> Trainings:
        """Trainings: who answered, who came."""
        return Trainings(self.transaction)

    @cached_property
    def broadcasts(self) -> Broadcasts:
        """One message to many: drafts, what was sent, who received."""
        return Broadcasts(self.transaction)

    @cached_property
    def tips(self) -> Tips:
        """Who wants tips, and whose turn it is."""
        return Tips(self.transaction)

    @cached_property
    def workers(self) -> Workers:
        """Who is at work here, and which of them leads."""
        return Workers(self.transaction)

    @cached_property
    def facts(self) -> Facts:
        """Single values: counters, marks, leases."""
        return Facts(self.transaction)


class Store:
    """The database as the rest of the program sees it: units in, results out."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def transact(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Run one unit; return its result once committed. Errors: see `Database.transact`."""
        return await self.database.transact(lambda transaction: work(Unit(transaction)))

    async def transact_many(self, works: Sequence[Callable[[Unit], Awaitable[T]]]) -> list[T | BaseException]:
        """Run units in order in shared commits; return results or exceptions in order."""

        def bound(work: Callable[[Unit], Awaitable[T]]) -> Callable[[Transaction], Awaitable[T]]:
            return lambda transaction: work(Unit(transaction))

        return await self.database.transact_many([bound(work) for work in works])

    async def claim(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Run one unit that takes something for this process. Errors: see `Database.claim`."""
        return await self.database.claim(lambda transaction: work(Unit(transaction)))

    async def close(self) -> None:
        """Finish what is queued and close the database."""
        await self.database.close()
