"""Real updates of every kind, made by actions in the sandbox, and their corruption.

Knows JSON and Telegram's shapes; must not know how the bot reads them. Invariant: a seed makes the same updates; every fresh update has
unique numbers.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.world.user_actions import groups, messages
from sandbox.world.user_actions.people import add_user, block
from sandbox.world.world import World

if TYPE_CHECKING:
    from bot.telegram.buttons import Signer
    from tests.faults.hostile.line import Inhabitants

Json = dict[str, Any]
Place = tuple[Any, Any]
CANARY = "金丝雀"
PHONE = "13812345678"
IDENTITY = "330722198801011234"
GROUP = -4001
SUPERGROUP = -1_000_000_004_002
HUGE = 2**70
KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")


class Templates:
    """Every kind of update, by name.

    `fresh(name)` gives one with new numbers; `update_ids` increase as Telegram's do.
    """

    def __init__(self, people: Inhabitants, signer: Signer, bot: Json, at_s: int) -> None:
        self._signer = signer
        self._numbers = itertools.count(1000)
        self._updates = itertools.count(50_000)
        self._at_s = at_s
        self.people = people
        self.world = World(f"{bot['id']}:x", limits=False, reads_all=True)
        self.world.updates.allow(["message", "edited_message", "callback_query", "my_chat_member", "chat_member", "channel_post"])
        for voice in (*people.known, people.bystander):
            add_user(self.world, {"id": voice.user_id, "first_name": voice.name, "last_name": f"{CANARY}姓", "language_code": "zh-hans"})
        everyone = [voice.user_id for voice in people.known]
        groups.add_group(self.world, {"id": GROUP, "title": f"{CANARY}群", "type": "group", "members": everyone, "admins": everyone[2:3]})
        groups.add_group(
            self.world,
            {
                "id": SUPERGROUP,
                "title": f"{CANARY}大群",
                "type": "supergroup",
                "is_forum": True,
                "members": everyone,
                "admins": everyone[2:3],
                "bot_is_admin": True,
            },
        )
        self.world.updates.queue.clear()
        self._made = self._make()
        self.names = tuple(self._made)

    def fresh(self, name: str) -> Json:
        """Return an update of this kind that was never sent."""
        update = copy.deepcopy(self._made[name])
        update["update_id"] = next(self._updates)
        for kind in KINDS:
            body = update.get(kind)
            if isinstance(body, dict):
                self._renumber(kind, body)
        return update

    def _renumber(self, kind: str, body: Json) -> None:
        number = next(self._numbers)
        body["id" if kind == "callback_query" else "message_id"] = str(10**18 + number) if kind == "callback_query" else number
        body["date"] = self._at_s + number

    def _one(self, deed: Callable[[World, Json], Json], body: Json) -> Json:
        deed(self.world, body)
        update: Json = self.world.updates.queue[-1].payload
        return copy.deepcopy(update)

    def _says(self, user: int, text: str, **more: Any) -> Json:
        return self._one(messages.write, {"user": user, "chat": user, "text": text} | more)

    def _sends(self, user: int, **content: Any) -> Json:
        return self._one(messages.write, {"user": user, "chat": user} | content)

    def _presses(self, user: int, verb: str, *args: str | int, chat: int | None = None) -> Json:
        where = user if chat is None else chat
        stored = self.world.post(where, self.world.bot, {"text": f"{CANARY} 卡片"}, by_bot=True)
        data = self._signer.write(verb, args, chat_id=where)
        body = {"user": user, "chat": where, "message_id": stored.wire["message_id"], "data": data, "forged": True}
        return self._one(messages.press, body)

    def _make(self) -> dict[str, Json]:
        people, world = self.people, self.world
        me, chair = people.villager.user_id, people.chair.user_id
        said = world.post(me, world.persons[me].user, {"text": "原来的话"}, by_bot=False)
        replied = world.post(me, world.bot, {"text": "机器人的话"}, by_bot=True)
        asked = world.post(GROUP, world.bot, {"text": "机器人在群里"}, by_bot=True)
        made = {
            "a report": self._says(me, f"/report dispute {CANARY}砌墙占了路 {PHONE}"),
            "a report without a kind": self._says(people.neighbour.user_id, f"/report {CANARY}路灯不亮"),
            "free words": self._says(me, f"{CANARY}家半夜放音响 {IDENTITY}"),
            "danger": self._says(people.neighbour.user_id, f"救命，{CANARY}家着火了"),
            "a start": self._says(me, "/start"),
            "a deep link": self._says(me, "/start aGVsbG8td29ybGQtMTIzNDU2Nzg"),
            "a village's name": self._says(people.far_villager.user_id, "/start 下李村"),
            "a cancel": self._says(me, "取消"),
            "an unknown command": self._says(me, f"/nonsense {CANARY}"),
            "the menu": self._says(chair, "/help"),
            "a case": self._says(chair, "/case 1001"),
            "a note": self._says(chair, f"/note 1001 {CANARY}去看过了"),
            "a roster": self._says(people.officer.user_id, "/roster"),
            "an answer to the bot": self._says(me, f"{CANARY}是的", reply_to=replied.wire["message_id"]),
            "a forward": self._says(me, f"{CANARY}转来的话", forward_from=chair),
            "a hidden forward": self._says(me, f"{CANARY}转来的话", forward_from=f"{CANARY}某某"),
            "a photo": self._sends(me, photo={"size": 20_000}, caption=f"{CANARY}照片"),
            "an album": self._sends(me, photo={"size": 20_000}, media_group_id="9001"),
            "a voice": self._sends(me, voice={"size": 9_000}),
            "a document": self._sends(me, document={"size": 9_000, "name": f"{CANARY}.svg", "mime_type": "image/svg+xml"}),
            "a place": self._sends(me, location={"latitude": 28.9, "longitude": 120.1}),
            "a contact": self._sends(me, contact=True),
            "somebody's contact": self._sends(
                me, contact={"phone_number": f"+86{PHONE}", "first_name": CANARY, "user_id": people.chair.user_id}
            ),
            "a correction": self._one(
                messages.edit, {"user": me, "chat": me, "message_id": said.wire["message_id"], "text": f"{CANARY}改过的话"}
            ),
            "a press": self._presses(me, "m.report"),
            "a press with numbers": self._presses(chair, "c.acc", 1001, 1),
            "a press of an answer": self._presses(me, "answer", "quick", "send", "named"),
            "a press in a group": self._presses(me, "menu", chat=GROUP),
            "talk in a group": self._one(messages.write, {"user": me, "chat": GROUP, "text": f"{CANARY}吃了吗"}),
            "a command in a group": self._one(messages.write, {"user": me, "chat": GROUP, "text": f"/report {CANARY}"}),
            "a binding": self._one(messages.write, {"user": chair, "chat": GROUP, "text": "/bind 上徐村"}),
            "a foreign binding": self._one(messages.write, {"user": me, "chat": SUPERGROUP, "text": "/bind 下李村"}),
            "an answer in a group": self._one(
                messages.write, {"user": me, "chat": GROUP, "text": f"{CANARY}在吗", "reply_to": asked.wire["message_id"]}
            ),
            "an anonymous administrator": self._one(
                messages.write, {"user": chair, "chat": SUPERGROUP, "text": "/bind 上徐村", "anonymous_admin": True}
            ),
            "a block": self._one(self._blocks, {"user": people.far_villager.user_id}),
            "thrown out": self._one(self._moves, {"action": "remove_bot", "by": chair}),
            "let in": self._one(self._moves, {"action": "add_bot", "by": chair}),
            "promoted": self._one(self._moves, {"action": "promote_bot", "by": chair}),
        }
        channel = {"id": -1_000_000_009_999, "type": "channel", "title": f"{CANARY}频道"}
        made["a channel post"] = {"channel_post": {"chat": channel, "sender_chat": channel, "date": 1, "text": f"{CANARY}通告"}}
        made["a post in a channel's name"] = copy.deepcopy(made["talk in a group"])
        made["a post in a channel's name"]["message"] |= {"sender_chat": channel, "text": "/bind 上徐村"}
        world.updates.queue.clear()
        groups.migrate(world, GROUP)
        moves = [pending.payload for pending in world.updates.queue]
        made["moved away"] = next(each for each in moves if "migrate_to_chat_id" in each.get("message", {}))
        made["moved here"] = next(each for each in moves if "migrate_from_chat_id" in each.get("message", {}))
        return made

    @staticmethod
    def _blocks(world: World, body: Json) -> Json:
        world.persons[body["user"]].has_written = True
        return block(world, body | {"blocked": True})

    @staticmethod
    def _moves(world: World, body: Json) -> Json:
        before = len(world.updates.queue)
        chat = groups.change_members(world, SUPERGROUP, body)
        while len(world.updates.queue) > before + 1:  # the service message comes after the change of membership
            world.updates.queue.pop()
        return chat


def places(value: Any) -> Iterator[Place]:
    """Give every (container, key) of a JSON value, outermost first."""
    waiting = [value]
    while waiting:
        here = waiting.pop(0)
        for key in list(here) if isinstance(here, dict) else range(len(here)):
            yield here, key
            if isinstance(here[key], dict | list):
                waiting.append(here[key])


def nested(depth: int, *, lists: bool) -> Any:
    """Return a hole of this depth."""
    value: Any = "底"
    for _ in range(depth):
        value = [value] if lists else {"message": value}
    return value


def _said(value: Any) -> str:
    """Return a value as a word; one that holds others, perhaps without a bottom, as three dots."""
    return "…" if isinstance(value, dict | list) else str(value)


def swapped(value: Any, dice: Random) -> Any:
    """Return something of another type that looks like the value."""
    others: list[Any] = [_said(value)[:80], [value], {"id": value}, bool(value), 7, 0.5, "", [], {}, None]
    return dice.choice([each for each in others if type(each) is not type(value)])


def bent(value: Any, dice: Random, wrong_ids: list[int], *, deepest: int) -> Any:
    """Return a hostile value in place of one; its nesting is at most `deepest`."""
    words = _said(value)
    match dice.randrange(16):
        case 0:
            return None
        case 1 | 2 | 3:
            return swapped(value, dice)
        case 4:
            return dice.choice((HUGE, -HUGE, 2**63, 2**62, -(2**63), 2**53 + 1, 2**31, 0, -1, -5))
        case 5:
            return -value if isinstance(value, int) else -1
        case 6:
            return dice.choice((1e300, -0.0, 0.1, 1e-300, float("nan"), float("inf"), float("-inf"), 1.0))
        case 7:
            return dice.choice((f"{words}\ud800", "\udfff", f"\ud83d{words}", "\udc00\ud800"))
        case 8:
            return dice.choice((f"\x00{words}", "\x00", f"{words}\x1b[2J\x07", f"\u202e{words}", f"{words}\r\n\r\n"))
        case 9:
            return (words or "长") * 4096 if len(words) < 40 else words * 100
        case 10:
            return [value] * dice.choice((2, 100, 2000))
        case 11:
            return nested(min(deepest, dice.choice((10, 200, 900, 960, 995))), lists=dice.random() < 0.5)
        case 12 | 13:
            return dice.choice(wrong_ids)
        case 14:
            return f" {_said(value)}"
        case _:
            return dice.choice(("/report 危险", "/start", "=cmd|' /C calc'!A0", "<b>x</b>", "{0.__class__}", "%s%n", "private", "左移"))


def mutated(update: Json, dice: Random, wrong_ids: list[int], *, deepest: int = 1000) -> Any:
    """Return an update with one to three things wrong."""
    if dice.random() < 0.01:
        return dice.choice(
            (None, 7, "nonsense", [], [update], {}, True, nested(min(deepest, 900), lists=True), {"update_id": update["update_id"]})
        )
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        found = list(places(update))
        if not found:
            break
        container, key = dice.choice(found)
        match dice.randrange(8):
            case 0 | 1:
                del container[key]
            case 2 if isinstance(container, dict):
                unknown = dice.choice(
                    ("hologram", "sender_chat", "via_bot", "business_connection_id", "chat", "from", "text", "date", "id")
                )
                container[unknown] = bent(dice.choice((1, "词", {}, [])), dice, wrong_ids, deepest=deepest)
            case 3 if isinstance(container, dict):
                other = dice.choice([each for each in container if each != key] or [key])
                container[key], container[other] = container[other], container[key]
            case 4 if isinstance(container[key], dict):
                container[key] = {**container[key], "reply_to_message": container[key]}
            case _:
                container[key] = bent(container[key], dice, wrong_ids, deepest=deepest)
    return update


def named(update: Any) -> set[int]:
    """Return the ids of the people whom the update names as its author."""
    return {number for body in _bodies(update) if (number := _whole(_inside(body, "from"))) is not None}


def chats(update: Any) -> set[int]:
    """Return the ids of the chats the update says it came from."""
    found = {_whole(_inside(body, "chat")) for body in _bodies(update)}
    found |= {_whole(_inside(_inside(body, "message"), "chat")) for body in _bodies(update)}
    moved = [body.get("migrate_to_chat_id") for body in _bodies(update)]
    return {number for number in found if number is not None} | {number for number in moved if isinstance(number, int)}


def _bodies(update: Any) -> list[Json]:
    return [each for each in update.values() if isinstance(each, dict)] if isinstance(update, dict) else []


def _inside(body: Any, name: str) -> Any:
    return body.get(name) if isinstance(body, dict) else None


def _whole(body: Any) -> int | None:
    number = _inside(body, "id")
    return number if isinstance(number, int) and not isinstance(number, bool) else None
