"""Reads the body of a control call and refuses invalid values with a clear sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.core.errors import ControlError, missing

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.people import Group, Person
    from sandbox.world.world import Stored, World


def number(body: Json, name: str) -> int:
    """Return a required whole number."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ControlError(f"{name}: a whole number is needed")
    return value


def words(body: Json, name: str, *, needed: bool = False) -> str:
    """Return a string; empty when absent."""
    value = body.get(name, "")
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise ControlError(f"{name}: a text is needed")
    return value


def numbers(body: Json, name: str) -> list[int]:
    """Return a list of whole numbers; empty when absent."""
    value: Any = body.get(name, [])
    if not isinstance(value, list) or any(isinstance(each, bool) or not isinstance(each, int) for each in value):
        raise ControlError(f"{name}: a list of whole numbers is needed")
    return value


def person(world: World, body: Json, name: str = "user") -> Person:
    """Return an existing person."""
    found = world.persons.get(number(body, name))
    if found is None:
        raise missing(f"user: {body[name]}")
    return found


def group(world: World, chat_id: int) -> Group:
    """Return an existing group that was not upgraded."""
    found = world.groups.get(chat_id)
    if found is None:
        raise missing(f"group: {chat_id}")
    if found.migrated_to is not None:
        raise ControlError(f"group {chat_id} was upgraded to {found.migrated_to}")
    return found


def place(world: World, body: Json, who: Person) -> int:
    """Return the chat that a person writes in.

    It is their private chat with the bot (their own id) or a group that they belong to.
    """
    chat_id = number(body, "chat")
    if chat_id == who.id:
        return chat_id
    if chat_id > 0:
        raise ControlError("chat: people write to the bot in the chat with their own id")
    where = group(world, chat_id)
    if who.id not in where.members:
        raise ControlError(f"user {who.id} is not in group {chat_id}")
    return chat_id


def message(world: World, chat_id: int, message_id: int) -> Stored:
    """Return an existing message."""
    found = world.find_message(chat_id, message_id)
    if found is None:
        raise missing(f"message: {message_id} in {chat_id}")
    return found
