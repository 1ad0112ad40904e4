"""The unit of work: one transaction with every feature's storage.

`unit.people`, `unit.outbox`, … are created on first use. Knows the features' storage by name and nothing of their rules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from storage.aftercare import Aftercare
from storage.alerts.alerts import Alerts
from storage.alerts.helps import AlertHelps
from storage.broadcasts import Broadcasts
from storage.cases.cases import Cases
from storage.cases.discreet import Discreet
from storage.cases.holders import CaseHolders
from storage.cases.officials import Officials
from storage.cases.past_reports import PastReports
from storage.cases.places import Places
from storage.cases.questions import Questions
from storage.cases.returning import Returning
from storage.cases.search import Search
from storage.cases.transfers import Transfers
from storage.core import gate
from storage.core.audit import Audit
from storage.core.cards import Cards as LiveCards
from storage.core.chats import Chats
from storage.core.drafts import Drafts
from storage.core.facts import Facts
from storage.core.inbox import Inbox
from storage.core.late import LateMessages
from storage.core.outbox import Outbox
from storage.core.timers import Timers
from storage.core.workers import Workers
from storage.engine.database import Database, Transaction
from storage.features import REGISTRY
from storage.people.addresses import Addresses
from storage.people.directory import Directory
from storage.people.groups import Groups
from storage.people.import_requests import ImportRequests
from storage.people.invitations import Invitations
from storage.people.people import People
from storage.people.phones import Phones
from storage.people.privacy import Privacy
from storage.people.residents import Residents
from storage.people.roster import Rosters
from storage.people.rotas import Rotas
from storage.people.villages import Villages
from storage.responders import Callouts, Volunteers
from storage.tips import Tips
from storage.training.attendance import TrainingRecords
from storage.training.trainings import Trainings
from storage.village_places import VillagePlaces

if TYPE_CHECKING:
    from domain.core.change import Notice
    from domain.people.people import Person
    from storage.core.records import Records
    from storage.core.registry import Registry

T = TypeVar("T")
P = TypeVar("P")
K = TypeVar("K", bound="Records[Any]")


class Part(Generic[P]):
    """A feature's storage on a unit, created for its transaction on first use."""

    def __init__(self, kind: Callable[[Transaction], P]) -> None:
        self._kind = kind

    def __set_name__(self, owner: type[Unit], name: str) -> None:
        """Store the attribute's name."""
        self._name = name

    def __get__(self, unit: Unit, owner: type[Unit]) -> P:
        """Create the storage; from then on the unit has it under this name."""
        made = unit.__dict__[self._name] = self._kind(unit.transaction)
        return made


class Veils(Protocol):
    """Changes the messages to chats that must not give something away."""

    async def __call__(self, unit: Unit, notice: Notice, asker: Person | None, /) -> Notice | None:
        """Return a message as its chat may show it; None for one that it must not show.

        `asker`: the person who acts in this unit, None where nobody is known.
        """
        ...


class Unit:
    """Everything that one use case may load from and record to."""

    #: The directory: persons, posts, villages.
    people = Part(People)
    addresses = Part(Addresses)
    #: What people gave their telephone numbers for.
    phones = Part(Phones)
    #: Holders of posts, as people read them; suspension and leave.
    directory = Part(Directory)
    #: Duty rotas: shifts, takeovers and special days.
    rotas = Part(Rotas)
    #: The roster for imports: stations, villages and known people.
    rosters = Part(Rosters)
    #: Invitations, and posts that wait for a second person's approval.
    invitations = Part(Invitations)
    #: Changes of a roster that wait for a leader.
    imports = Part(ImportRequests)
    #: Cases that people reported.
    cases = Part(Cases)
    #: Active cases by who holds them.
    case_holders = Part(CaseHolders)
    #: Marks of erased people whom cases concern.
    returning = Part(Returning)
    #: People in office, for reports that are against somebody.
    officials = Part(Officials)
    #: Questions to reporters that wait for an answer.
    questions = Part(Questions)
    #: Points of places of cases.
    places = Part(Places)
    #: Chats that must not give away a call for help.
    discreet = Part(Discreet)
    #: Accounts to which money was sent in a fraud.
    transfers = Part(Transfers)
    #: What follows an urgent case: sheets, tasks, outcomes.
    aftercare = Part(Aftercare)
    #: Chats with several people, and the village each is bound to.
    groups = Part(Groups)
    #: Lists of cases, in the reader's scope.
    search = Part(Search)
    #: What an account and its village reported before.
    past_reports = Part(PastReports)
    #: Unfinished dialogs, one per chat.
    drafts = Part(Drafts)
    #: Raw updates, before and after they are handled.
    inbox = Part(Inbox)
    #: Messages that somebody must receive.
    #: Messages that have waited for long.
    late = Part(LateMessages)
    #: The live cards in people's chats.
    cards = Part(LiveCards)
    #: What people have before them in their chats.
    chats = Part(Chats)
    #: Scheduled checks.
    timers = Part(Timers)
    #: Audit events: actor, action, instant.
    audit = Part(Audit)
    #: Alerts: villages that must confirm, and their confirmations.
    alerts = Part(Alerts)
    #: Villagers who answered an alert with a call for help.
    alert_helps = Part(AlertHelps)
    #: The people who joined in villages.
    residents = Part(Residents)
    #: People called to urgent cases, and their answers.
    callouts = Part(Callouts)
    #: Residents who agreed to be called.
    volunteers = Part(Volunteers)
    #: Points, neighbours and places of villages.
    village_places = Part(VillagePlaces)
    #: Trainings, answers and attendance.
    trainings = Part(Trainings)
    #: Quizzes, make-up lists and the attendance of a year.
    training_records = Part(TrainingRecords)
    #: One message to many: drafts, sent messages, recipients.
    broadcasts = Part(Broadcasts)
    #: People who want tips, and the turn of the library.
    tips = Part(Tips)
    #: Workers on this database, and their leader.
    workers = Part(Workers)
    #: Single values: counters, marks, leases.
    facts = Part(Facts)

    def __init__(self, transaction: Transaction, registry: Registry, veil: Veils | None = None) -> None:
        self.transaction = transaction
        #: The features' declarations about their data.
        self.registry = registry
        self._veil = veil

    def records(self, kind: type[K]) -> K:
        """Return the storage of a kind of record, which a feature declares in its `DATA`."""
        return kind(self.transaction)

    @cached_property
    def outbox(self) -> Outbox:
        """Messages that somebody must receive; each passes the veil of silent chats."""
        return Outbox(self.transaction, None if self._veil is None else partial(self._veil, self))

    @cached_property
    def privacy(self) -> Privacy:
        """Data about one person, in every feature's tables."""
        return Privacy(self.transaction, self.registry.personal)

    @cached_property
    def villages(self) -> Villages:
        """Villages that close or become one, in every feature's tables."""
        return Villages(self.transaction, self.registry.places)

    async def may_see(self, actor: Person, subject: str) -> bool:
        """Tell whether a person may open a subject ("case:1024").

        Nobody may open a subject that no feature declares.
        """
        found = self.registry.find(subject)
        return found is not None and (await gate.may_open(self.transaction, [(actor, *found)]))[0]

    async def may_be_told(self, asked: Sequence[tuple[Person, str]]) -> list[bool]:
        """Tell, for each person and subject, whether the person may be sent something about it.

        Nobody may be told of a subject that no feature declares. Takes one statement for up to 50 questions.
        """
        found = [(person, self.registry.find(subject)) for person, subject in asked]
        known = [(person, *each) for person, each in found if each is not None]
        answers = iter(await gate.may_be_told(self.transaction, known))
        return [each is not None and next(answers) for _, each in found]


class Store:
    """The database as the rest of the program sees it: units in, results out.

    `registry`: the features' declarations, passed to every unit; `veil`: the rule for messages to silent chats.
    """

    def __init__(self, database: Database, registry: Registry = REGISTRY, *, veil: Veils | None = None) -> None:
        self.database = database
        self.registry = registry
        self.veil = veil

    def _unit(self, transaction: Transaction) -> Unit:
        return Unit(transaction, self.registry, self.veil)

    async def transact(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Run one unit; return its result once committed. Errors: see `Database.transact`."""
        return await self.database.transact(lambda transaction: work(self._unit(transaction)))

    async def transact_many(self, works: Sequence[Callable[[Unit], Awaitable[T]]]) -> list[T | BaseException]:
        """Run units in order in shared commits; return results or exceptions in order."""

        def bound(work: Callable[[Unit], Awaitable[T]]) -> Callable[[Transaction], Awaitable[T]]:
            return lambda transaction: work(self._unit(transaction))

        return await self.database.transact_many([bound(work) for work in works])

    async def claim(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Run one unit that claims something for this process. Errors: see `Database.claim`."""
        return await self.database.claim(lambda transaction: work(self._unit(transaction)))

    async def close(self) -> None:
        """Finish what is queued and close the database."""
        await self.database.close()
