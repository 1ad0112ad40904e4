"""Storage that every feature uses: inbox, outbox, timers. Knows no feature."""

from __future__ import annotations

from storage.core.registry import Data, Personal, Places

CHATS = "EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = ?1 AND a.channel = {table}.channel AND a.user_id = {table}.chat_id)"

DATA = Data(
    "core",
    grows=("inbox", "outbox", "cards", "timers", "audit", "drafts"),
    small={
        "one row a name": ("facts", "counters", "leases", "migrations"),
        "as many as there are processes": ("workers", "leaders"),
        "as many as somebody in office has planned": ("schedules",),
    },
    traces=("inbox", "outbox", "cards", "facts", "leases", "counters", "workers", "leaders", "migrations"),
    row_ids={
        "inbox": "nobody sees them",
        "outbox": "nobody sees them",
        "timers": "nobody sees them",
        "audit": "nobody sees them",
        "schedules": "named by buttons only, which are made anew after a restore",
    },
    places=Places(stays={"a message that waits goes up from the post it was written for": ("outbox.village_id",)}),
    shown={"a person's own unfinished answers, for that person": ("drafts.answers",)},
    personal=Personal(
        moved=("outbox.person_id", "schedules.created_by"),
        held=("schedules.created_by",),
        past={
            "messages that somebody may not read any more are stopped by each feature": ("outbox.person_id",),
            "cards are emptied for people who may not see them any more": ("cards.person_id",),
            "the audit stays as it was written": ("audit.actor_id",),
        },
        stays={
            "chats end with the half that is emptied": ("cards.person_id",),
            "what was written down then stays as it was written": ("audit.actor_id",),
        },
        erase=(
            f"DELETE FROM drafts WHERE {CHATS.format(table='drafts')}",
            f"DELETE FROM cards WHERE {CHATS.format(table='cards')}",
            # A message that may be in flight, stopped meanwhile or not, is emptied and not deleted: its number must not become another
            # message's, which would then count as sent.
            "UPDATE outbox SET state = CASE state WHEN 'waiting' THEN 'sent' ELSE state END, fault = 'forgotten', done_at = COALESCE(done_at, created_at),"
            " person_id = NULL, chat_id = 0, params = '{}', buttons = '', media = '' WHERE person_id = ?1 AND batch = '' AND owner <> ''",
            "DELETE FROM outbox WHERE person_id = ?1 AND batch = ''",
            "UPDATE outbox SET chat_id = 0 WHERE person_id = ?1 AND batch <> '' AND state <> 'waiting'",
            # The end of an old card is for a chat and no person.
            "UPDATE outbox SET state = CASE state WHEN 'waiting' THEN 'sent' ELSE state END, fault = 'forgotten', done_at = COALESCE(done_at, created_at),"
            f" chat_id = 0, params = '{{}}', media = '' WHERE key IN ('delivery.moved', 'delivery.moved.number') AND {CHATS.format(table='outbox')}",
        ),
        kept={
            "the audit is append-only: it keeps the number, and never had a name": ("audit.actor_id",),
            "a promise of the station's goes on when whoever made it is gone": ("schedules.created_by",),
            "a broadcast's receipts are counted by person; its words are the same for all": ("outbox.person_id",),
            "an update as it came is deleted after three days": ("inbox.chat_id", "inbox.user_id"),
        },
        left=(f"DELETE FROM drafts WHERE {CHATS.format(table='drafts')}", "DELETE FROM cards WHERE person_id = ?1"),
    ),
)
