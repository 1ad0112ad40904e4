"""Persons and groups, and their Bot API objects. Knows nothing of messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.core.wire import Json

ANONYMOUS_ADMIN: Json = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)


@dataclass
class Person:
    """A person with a phone. The bot may write to them only after `has_written`."""

    user: Json
    phone: str = ""
    title: str = ""
    has_written: bool = False
    blocked: bool = False
    deactivated: bool = False
    chat: Json = field(init=False)

    def __post_init__(self) -> None:
        """Build the private chat object once, because every message contains it."""
        names: Json = {key: self.user[key] for key in ("first_name", "last_name", "username") if key in self.user}
        self.chat = {"id": self.user["id"], "type": "private", **names}

    @property
    def id(self) -> int:
        """The user id, which is the private chat's id too."""
        return int(self.user["id"])

    def state(self) -> Json:
        """The person's entry in `/control/state`."""
        extra: Json = {"blocked": self.blocked, "has_written": self.has_written}
        if self.deactivated:
            extra["deactivated"] = True
        if self.phone:
            extra["phone"] = self.phone
        if self.title:
            extra["title"] = self.title
        return self.user | extra


@dataclass
class Group:
    """A group or supergroup.

    `bot` is the bot's membership: None (never a member), member, administrator, left or kicked.
    """

    id: int
    title: str
    kind: str
    is_forum: bool = False
    members: list[int] = field(default_factory=list)
    admins: list[int] = field(default_factory=list)
    bot: str | None = None
    topics: dict[int, str] = field(default_factory=dict)
    migrated_to: int | None = None
    pinned: list[int] = field(default_factory=list)

    @property
    def chat(self) -> Json:
        """The `Chat` object."""
        chat: Json = {"id": self.id, "type": self.kind, "title": self.title}
        if self.is_forum:
            chat["is_forum"] = True
        return chat

    @property
    def bot_is_inside(self) -> bool:
        """True if the bot is a member now."""
        return self.bot in ("member", "administrator")

    @property
    def bot_is_admin(self) -> bool:
        """True if the bot is an administrator now."""
        return self.bot == "administrator"

    def state(self) -> Json:
        """The group's entry in `/control/state`."""
        return {
            "chat": self.chat,
            "members": list(self.members),
            "admins": list(self.admins),
            "bot_is_member": self.bot_is_inside,
            "bot_is_admin": self.bot_is_admin,
            "topics": [{"message_thread_id": thread, "name": name} for thread, name in self.topics.items()],
            "migrated_to": self.migrated_to,
            "pinned": list(self.pinned),
        }


def membership(user: Json, status: str, *, is_bot: bool = False) -> Json:
    """A `ChatMember` object with that status: creator, administrator, member, left or kicked."""
    member: dict[str, Any] = {"user": user, "status": status}
    if status == "creator":
        member["is_anonymous"] = False
    elif status == "administrator":
        member |= {"can_be_edited": False, "is_anonymous": False}
        member |= dict.fromkeys(ADMIN_RIGHTS, True)
        if is_bot:
            member["can_promote_members"] = False
    elif status == "kicked":
        member["until_date"] = 0
    return member


def standing(group: Group, user_id: int) -> str:
    """Return a person's status in a group; the first administrator is its creator."""
    if user_id in group.admins:
        return "creator" if group.admins[0] == user_id else "administrator"
    return "member" if user_id in group.members else "left"
