"""The bot's profile: name, descriptions, commands per scope and language, menu button."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.api.targets import known_chat
from sandbox.core.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
COMMANDS = 100
DESCRIPTION_CHARS = 256
SIMPLE_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
Scope = tuple[str, int, int, str]
LIMITS = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: World, args: Arguments) -> Json:
    """Return the bot's own `User`."""
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": world.reads_all,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        **({} if world.abilities.said is None else {"can": world.abilities.said}),
    }


def _scope(args: Arguments) -> Scope:
    scope = args.mapping("scope") or {"type": "default"}
    kind = scope.get("type")
    language = args.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    if kind in SIMPLE_SCOPES:
        return (str(kind), 0, 0, language)
    if kind not in CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    try:
        chat_id = int(scope["chat_id"])
        user_id = int(scope["user_id"]) if kind == "chat_member" else 0
    except (KeyError, TypeError, ValueError):
        raise bad_request("can't parse BotCommandScope: chat_id and user_id must be numbers") from None
    return (str(kind), chat_id, user_id, language)


def _checked_scope(world: World, args: Arguments) -> Scope:
    scope = _scope(args)
    if scope[1] and scope[1] not in world.persons and scope[1] not in world.groups:
        raise bad_request("chat not found")
    return scope


def set_my_commands(world: World, args: Arguments) -> bool:
    """Replace the commands of one scope and language."""
    scope = _checked_scope(world, args)
    commands = args.sequence("commands")
    if commands is None:
        raise bad_request("can't parse commands JSON object")
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    cleaned = []
    for each in commands:
        if not isinstance(each, dict):
            raise bad_request("can't parse BotCommand: expected an Object")
        name, description = str(each.get("command", "")).removeprefix("/"), str(each.get("description", ""))
        if not COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= DESCRIPTION_CHARS:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        cleaned.append({"command": name, "description": description})
    world.commands[scope] = cleaned
    world.events.add("commands", scope=scope[0], chat_id=scope[1], user_id=scope[2], language_code=scope[3], commands=cleaned)
    return True


def get_my_commands(world: World, args: Arguments) -> list[Json]:
    """Return the commands of exactly this scope and language."""
    return world.commands.get(_checked_scope(world, args), [])


def delete_my_commands(world: World, args: Arguments) -> bool:
    """Delete the commands of one scope and language."""
    scope = _checked_scope(world, args)
    world.commands.pop(scope, None)
    world.events.add("commands", scope=scope[0], chat_id=scope[1], user_id=scope[2], language_code=scope[3], commands=[])
    return True


def setter(field: str) -> Callable[[World, Arguments], bool]:
    """Return a method that sets a profile field; an empty value deletes it."""

    def set_line(world: World, args: Arguments) -> bool:
        value = args.text(field)
        if len(value) > LIMITS[field]:
            raise bad_request(f"bot {field.replace('_', ' ')} is too long")
        world.profile[field, args.text("language_code")] = value
        return True

    return set_line


def getter(field: str) -> Callable[[World, Arguments], Json]:
    """Return a method that reads a profile field in the language, else the default one."""

    def get_line(world: World, args: Arguments) -> Json:
        default = world.profile.get((field, "")) or (world.bot["first_name"] if field == "name" else "")
        return {field: world.profile.get((field, args.text("language_code"))) or default}

    return get_line


def set_chat_menu_button(world: World, args: Arguments) -> bool:
    """Set the action of the menu button, in one private chat or in all."""
    chat_id = known_chat(world, args) if args.has("chat_id") else 0
    button = args.mapping("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: unsupported type specified")
    world.menu_buttons[chat_id] = button
    return True


def get_chat_menu_button(world: World, args: Arguments) -> Json:
    """Return the menu button of a chat."""
    chat_id = known_chat(world, args) if args.has("chat_id") else 0
    return world.menu_buttons.get(chat_id) or world.menu_buttons.get(0) or {"type": "commands"}
