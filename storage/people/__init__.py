"""The directory: people, posts, invitations and consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.people.people import Role
from storage.core.registry import Data, Personal, Subject
from storage.core.retention import Retention
from storage.people.invitations import Invitations

if TYPE_CHECKING:
    from domain.people.people import Person
    from storage.engine.database import Transaction

IN_OFFICE = "who held which post, and who gave it, is the station's record; it names a number"

#: Deletes the rows about the chats of a person (`?1`), which are found by their addresses.
OF_CHATS = (
    "DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = ?1 AND a.channel = {table}.channel"
    " AND a.user_id = {table}.user_id)"
)

#: The modules that other features may import.
DOORS = (
    "groups",
    "people",
)


async def _may_decide(transaction: Transaction, actor: Person, number: int) -> bool:
    """Tell whether somebody may open an appointment: leaders and administrators of its station."""
    stations = sorted(actor.stations(Role.LEADER, Role.ADMIN))
    return await Invitations(transaction).find_appointment(number, stations=stations) is not None


DATA = Data(
    "people",
    subjects=(
        Subject(
            "appointment",
            "appointments",
            scope=_may_decide,
            retention=Retention.ORDER,
            sealed=False,  # administrators decide on appointments too
        ),
    ),
    grows=("attempts",),
    small={
        "as many as the town has of them": ("stations", "villages", "groups"),
        "as many as the town has inhabitants; read whole by a search for a name and by an import": ("people", "addresses"),
        "some a year for each post": ("posts", "invitations", "appointments", "leaves", "menus"),
    },
    traces=("attempts", "menus", "addresses"),
    row_ids={
        "villages": "a poster names the village it was printed for, and whoever scans it reads the village's name before they agree",
        "invitations": "its button is made anew after a restore, and its code is looked up by a hash",
        "appointments": "named by buttons only, which are made anew after a restore",
        "leaves": "named by buttons only, which are made anew after a restore",
        "stations": "nobody sees them",
        "posts": "nobody sees them",
        "people": "named by buttons only, which are made anew after a restore",
    },
    secrets=("invitations.code_hash",),
    shown={"to the person, and to those who must call them in office": ("people.phone",)},
    unscoped={
        "People.list_villages": "the town's villages stand on every poster; which may be chosen is the caller's question",
        "Addresses.list_addresses": "for delivery, which sends a person's own message to another of that person's addresses",
        "People.list_menus": "for the process, which sets the command menus",
        "Rosters.list_stations": "the stations' names stand on every poster",
        "Directory.list_away": "takes whose absence is asked for; a handler asks about the possible deputies of a person",
        "Directory.list_leaves": "takes whose leaves they are; a handler asks for the actor's own, or after `may_…`",
        "Invitations.list_open": "takes the issuer, whose own they are",
    },
    personal=Personal(
        moved=(
            "posts.person_id",
            "leaves.person_id",
            "leaves.deputy_id",
            "invitations.person_id",
            "invitations.issuer_id",
            "invitations.replaces_id",
            "invitations.used_by",
            "appointments.person_id",
            "appointments.issuer_id",
            "appointments.replaces_id",
            "appointments.decided_by",
            "groups.bound_by",
        ),
        stays={"chats end with the half that is emptied": ("addresses.person_id",)},
        erase=(OF_CHATS.format(table="menus"), OF_CHATS.format(table="attempts")),
        held=("leaves.deputy_id",),
        past={
            "the posts themselves, and what lends them": ("posts.person_id", "leaves.person_id"),
            "a code is worth what its issuer may give when it is redeemed": (
                "invitations.person_id",
                "invitations.issuer_id",
                "invitations.replaces_id",
                "invitations.used_by",
            ),
            "a post that waits for approval is decided by others, for a person of whom they know": (
                "appointments.person_id",
                "appointments.issuer_id",
                "appointments.replaces_id",
                "appointments.decided_by",
            ),
            "a group stays its village's": ("groups.bound_by",),
            "a chat stays its person's": ("addresses.person_id",),
        },
        erase_last=("DELETE FROM addresses WHERE person_id = ?1",),
        kept={
            IN_OFFICE: (
                "posts.person_id",
                "leaves.person_id",
                "leaves.deputy_id",
                "invitations.person_id",
                "invitations.issuer_id",
                "invitations.replaces_id",
                "invitations.used_by",
                "appointments.person_id",
                "appointments.issuer_id",
                "appointments.replaces_id",
                "appointments.decided_by",
                "groups.bound_by",
            ),
            "a chat of several people": ("groups.chat_id",),
        },
        left=(
            OF_CHATS.format(table="menus"),
            OF_CHATS.format(table="attempts"),
            "DELETE FROM addresses WHERE person_id = ?1",
        ),
    ),
)
