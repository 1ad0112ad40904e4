"""The directory: people, posts, invitations and consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.people.people import Role
from domain.people.rota import stations_seen
from storage.core.registry import Data, Personal, Places, Subject
from storage.core.retention import Retention
from storage.people.relocations import Relocations
from storage.values import marks

if TYPE_CHECKING:
    from domain.people.people import Person

IN_OFFICE = "who held which post, and who gave it, is the station's record; it names a number"

#: Deletes the rows about the chats of a person (`?1`), which are found by their addresses.
OF_CHATS = (
    "DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = ?1 AND a.channel = {table}.channel"
    " AND a.user_id = {table}.user_id)"
)

#: The modules that other features may import.
DOORS = ("groups", "posts_now")


def _may_decide(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of appointments in stations that an actor leads or administers."""
    stations = sorted(actor.stations(Role.LEADER, Role.ADMIN))
    return f"x.station_id IN ({marks(stations)})", tuple(stations)


def _may_confirm(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of imports that wait for the leaders of an actor's stations."""
    stations = sorted(actor.stations(Role.LEADER))
    return f"x.station_id IN ({marks(stations)})", tuple(stations)


def _may_read_rota(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of the rotas of stations where an actor is police."""
    stations = sorted(stations_seen(actor))
    return f"x.station_id IN ({marks(stations)})", tuple(stations)


DATA = Data(
    "people",
    subjects=(
        Subject("import", "import_requests", scope=_may_confirm, gate=_may_confirm, retention=Retention.ORDER),
        Subject(
            "appointment",
            "appointments",
            scope=_may_decide,
            gate=_may_decide,
            retention=Retention.ORDER,
            sealed=False,  # administrators decide on appointments too
        ),
        Subject("rota", "rotas", scope=_may_read_rota, gate=_may_read_rota, retention=Retention.ORDER),
    ),
    records=(Relocations,),
    grows=("attempts",),
    small={
        "as many as the town has of them": ("stations", "villages", "groups"),
        "as many as the town has inhabitants; read whole by a search for a name and by an import": ("people", "addresses", "phone_uses"),
        "some a year for each post": ("posts", "invitations", "invitation_posts", "appointments", "leaves", "menus"),
        "one for each role of a station": ("rotas",),
        "some a week for each rota; what is over is deleted after thirty days": ("shifts", "shift_takeovers", "rota_days", "rota_gaps"),
        "some a year; the items of a request that is decided or has expired are deleted": ("import_requests", "import_items"),
    },
    traces=("attempts", "menus", "addresses"),
    row_ids={
        "villages": "a poster names the village it was printed for, and whoever scans it reads the village's name before they agree",
        "invitations": "its button is made anew after a restore, and its code is looked up by a hash",
        "appointments": "named by buttons only, which are made anew after a restore",
        "import_requests": "named by buttons only, which are made anew after a restore",
        "leaves": "named by buttons only, which are made anew after a restore",
        "rotas": "named by buttons only, which are made anew after a restore",
        "shifts": "named by buttons only, which are made anew after a restore",
        "shift_takeovers": "named by buttons only, which are made anew after a restore",
        "stations": "nobody sees them",
        "posts": "nobody sees them",
        "people": "named by buttons only, which are made anew after a restore",
    },
    secrets=("invitations.code_hash",),
    shown={
        "to the person, and to those who must call them in office": ("people.phone", "people.listed_phone"),
        "to nobody: a code for another phone is refused": ("invitations.phone",),
    },
    unscoped={
        "People.list_villages": "the town's villages stand on every poster; which may be chosen is the caller's question",
        "Addresses.list_addresses": "for delivery, which sends a person's own message to another of that person's addresses",
        "Addresses.list_keyboards": "for delivery, which shows a chat its own keyboard",
        "People.list_menus": "for the process, which sets the command menus",
        "Rosters.list_stations": "the stations' names stand on every poster",
        "Directory.list_away": "takes whose absence is asked for; a handler asks about the possible deputies of a person",
        "Directory.list_all": "for `check`, which the operator runs",
        "Rosters.list_with_villages": "the stations' names stand on every poster",
        "Directory.list_leaves": "takes whose leaves they are; a handler asks for the actor's own, or after `may_…`",
        "Rotas.visible_to": "the shifts of a station are read by all its police",
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
            "appointments.approved_by",
            "people.became_person_id",
            "groups.bound_by",
            "import_items.person_id",
            "import_requests.decided_by",
            "shifts.person_id",
            "shift_takeovers.person_id",
            "shift_takeovers.asked_by",
        ),
        stays={
            "chats end with the half that is emptied": ("addresses.person_id",),
            "a number was given for its own person": ("phone_uses.person_id",),
        },
        erase=(
            OF_CHATS.format(table="menus"),
            OF_CHATS.format(table="attempts"),
            "DELETE FROM phone_uses WHERE person_id = ?1",
            "DELETE FROM import_items WHERE person_id = ?1",
            "DELETE FROM relocations WHERE person_id = ?1",
            "DELETE FROM shift_takeovers WHERE person_id = ?1 OR asked_by = ?1",
            "DELETE FROM shifts WHERE person_id = ?1",
            "UPDATE people SET became_person_id = NULL WHERE became_person_id = ?1 OR id = ?1",
        ),
        held=("leaves.deputy_id", "shifts.person_id", "shift_takeovers.person_id"),
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
                "appointments.approved_by",
            ),
            "a pending list is decided by any leader, and says whom it is about": (
                "import_items.person_id",
                "import_requests.decided_by",
            ),
            "a question to a colleague is answered by the colleague, and lapses when the turn begins": ("shift_takeovers.asked_by",),
            "what bars a person follows them to another account": ("people.became_person_id",),
            "a group stays its village's": ("groups.bound_by",),
            "a chat stays its person's, and so does their wish about their number": ("addresses.person_id", "phone_uses.person_id"),
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
                "appointments.approved_by",
                "groups.bound_by",
                "import_requests.decided_by",
            ),
            "a chat of several people": ("groups.chat_id",),
        },
        left=(
            "DELETE FROM phone_uses WHERE person_id = ?1",
            OF_CHATS.format(table="menus"),
            OF_CHATS.format(table="attempts"),
            "DELETE FROM addresses WHERE person_id = ?1",
        ),
    ),
    places=Places(
        moves=("UPDATE relocations SET from_village_id = ?1, version = version + 1 WHERE from_village_id = ?2 AND ended_at IS NULL",),
        stays={
            "residents, groups, posts and open invitations are handled where a village closes (storage/people/villages.py)": (
                "people.village_id",
                "groups.village_id",
                "posts.village_id",
                "invitations.village_id",
                "invitation_posts.village_id",
                "appointments.village_id",
            ),
            "a post of a closed village is passed over when a leader confirms": ("import_items.village_id",),
        },
    ),
)
