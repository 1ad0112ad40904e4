"""Cases and their full-text search."""

from __future__ import annotations

from storage.cases.scope import scope as readers
from storage.core.registry import Counts, Data, Number, Personal, Places, Subject
from storage.core.retention import Retention

#: The modules that other features may import.
DOORS = ("discreet", "places", "scope", "transfers")

#: Deletes the discreet chats of a person (`?1`), which are found by their addresses.
_CHATS_OF_PERSON = (
    "DELETE FROM discreet_chats WHERE EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = ?1 AND a.channel = discreet_chats.channel"
    " AND a.user_id = discreet_chats.user_id)"
)

DATA = Data(
    "cases",
    grows=(
        "cases",
        "case_parties",
        "case_party_marks",
        "case_attachments",
        "case_followers",
        "case_sessions",
        "case_handlers",
        "case_excluded_names",
        "scenes",
        "case_points",
        "case_transfers",
    ),
    small={"calls about violence at home that are open or ended lately": ("discreet_chats",)},
    subjects=(
        Subject(
            "case",
            "cases",
            alias="c",
            scope=readers,
            gate=readers,
            retention=Retention.CASE_FILE,
            own=True,  # a reporter may show their report to anybody
            counts=(
                Counts(
                    "cases",
                    "cases c",
                    kind="c.kind",
                    village="c.village_id",
                    severity="c.severity",
                    instants={"opened_at": "c.opened_at", "ended_at": "c.ended_at"},
                ),
                Counts(
                    "mediations",
                    "case_sessions s JOIN cases c ON c.id = s.case_id",
                    kind="c.kind",
                    village="c.village_id",
                    severity="c.severity",
                    instants={"held_at": "s.held_at", "recorded_at": "s.recorded_at"},
                ),
            ),
        ),
    ),
    numbers=(Number("case", first=1001),),
    row_ids={
        "case_attachments": "nobody sees them",
        "case_points": "nobody sees them",
        "case_sessions": "nobody sees them; a mediation is called by its turn within its case",
    },
    secrets=("case_transfers.account",),
    unscoped={
        "CaseHolders.list_concerned": "for changes of posts, which give what somebody held to others",
        "CaseHolders.list_ended_by": "for the person who is back from leave: what their deputy ended in their villages",
        "CaseHolders.list_of_reporter": "for an erasure, of which the handlers are told",
        "CaseHolders.list_unheld": "for the auditor, which gives every open case a holder who can act",
        "Cases.list_unwatched": "for the auditor, which gives every open case a next step",
        "Cases.list_all": "the operator's list of numbers and states, without words and names",
    },
    places=Places(
        open={"reports": "SELECT COUNT(*) AS n FROM cases WHERE village_id = ?1 AND ended_at IS NULL"},
        moves=("UPDATE cases SET village_id = ?1, version = version + 1 WHERE village_id = ?2 AND ended_at IS NULL",),
    ),
    shown={"what a reporter was asked, for those who handle the case": ("cases.details",)},
    personal=Personal(
        moved=(
            "cases.reporter_id",
            "cases.opened_by",
            "cases.holder_id",
            "case_parties.added_by",
            "case_attachments.added_by",
            "case_points.added_by",
            "case_sessions.recorded_by",
        ),
        once=("case_parties.case_id", "case_followers.case_id", "case_handlers.case_id"),
        moved_away=("DELETE FROM case_followers WHERE person_id = ?1 AND case_id IN (SELECT c.id FROM cases c WHERE c.village_id <> ?2)",),
        bars=(
            "INSERT INTO case_parties (case_id, person_id, side, added_by, added_at)"
            " SELECT case_id, CAST(?2 AS BIGINT), side, added_by, added_at FROM case_parties x WHERE x.person_id = ?1"
            " ON CONFLICT (case_id, person_id) DO NOTHING",
        ),
        held=("cases.holder_id",),
        past={
            "what one reported or follows is one's own": ("cases.reporter_id", "case_followers.person_id"),
            "the rights over what one filed for others end with the post, by the scope": ("cases.opened_by",),
            "a party stays a party, and a named handler named": ("case_parties.person_id", "case_handlers.person_id"),
            "who added something stays so": (
                "case_parties.added_by",
                "case_attachments.added_by",
                "case_points.added_by",
                "case_sessions.recorded_by",
            ),
        },
        erase=(
            _CHATS_OF_PERSON,
            "DELETE FROM case_followers WHERE person_id = ?1",
            "UPDATE cases SET placed_at = NULL WHERE ended_at IS NOT NULL AND id IN (SELECT case_id FROM case_points WHERE added_by = ?1)",
            "DELETE FROM case_points WHERE added_by = ?1 AND case_id IN (SELECT id FROM cases WHERE ended_at IS NOT NULL)",
            "UPDATE case_points SET channel = '', chat_id = 0, message_id = 0, added_by = NULL WHERE added_by = ?1",
            "UPDATE cases SET reporter_name = '' WHERE reporter_id = ?1",
            "UPDATE cases SET holder_name = '' WHERE holder_id = ?1",
        ),
        kept={
            "a case keeps its shape: it names a number, and the directory has no name for it any more": (
                "cases.reporter_id",
                "cases.opened_by",
                "cases.holder_id",
                "case_parties.person_id",
                "case_handlers.person_id",
                "case_parties.added_by",
                "case_attachments.added_by",
                "case_sessions.recorded_by",
            )
        },
    ),
)
