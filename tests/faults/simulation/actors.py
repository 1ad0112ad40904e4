"""Actions of people, step by step: they report, answer, press buttons and misuse them.

Knows phones and the sandbox's actions; must not read the bot's database except as an attacker guesses. Invariant: a step follows its own
die in the present world; leaving a step out changes no other step's die.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from bot.telegram.buttons import Signer
from sandbox.core.errors import ControlError
from sandbox.world.people import Group, Person
from sandbox.world.user_actions import groups as group_deeds
from sandbox.world.user_actions import messages as deeds
from sandbox.world.user_actions import people as people_deeds
from tests.faults.simulation.fault_injectors import dice
from tests.faults.simulation.scripts import script
from tests.faults.simulation.town import CAST, VILLAGERS, VILLAGES, Actor

if TYPE_CHECKING:
    from sandbox.world.world import World
    from tests.faults.simulation.fault_injectors import FaultInjectors

LOOKS_BACK = 12
DAY_S = 86_400.0
#: In a burst people of one village talk for a few minutes, then most times some act together; then hours pass without an action.
BURST, TOGETHER = 25, 0.85
HELP = ("救命！有人拿刀", "着火了快来人", "救命 {word}")
COMMANDS = {
    "villager": ("/report dispute {word} 邻居砌墙", "/report hazard {word} 井盖没了", "/report fraud {word} 骗子来电", "{word} 他家狗咬人",
                 "/cases", "/case {case}", "/note {case} {word} 又来了", "/withdraw {case}", "/reopen {case} {word}", "/me", "/tip", "/training",
                 "/help", "/sos", "/cancel", "{word}", "/language", "/start"),
    "chair": ("/cases", "/case {case}", "/accept {case}", "/note {case} 看过了{word}", "/settle {case} 各让半米{word}", "/close {case} 好了{word}",
              "/escalate {case} 怕动手{word}", "/refer {case} 归镇里{word}", "/invite", "/roster", "/duty", "/training", "好的", "/cancel", "/mediate {case}"),
    "officer": ("/cases", "/case {case}", "/ack {case}", "/note {case} 去过了{word}", "/settle {case} 谈好了{word}", "/close {case} 处理了{word}",
                "/refer {case} 归镇里{word}", "/alert", "/drill", "/tip", "/training", "/roster", "/duty", "今晚防火", "/cancel",
                "/escalate {case} 太大{word}"),
    "admin": ("/roster", "/invite", "/duty", "/help", "/case {case}", "/me", "/cancel"),
    "stranger": ("/start", "你好", "/report dispute 有人吗", "/case {case}", "/sos", "/me", "/start i{junk}", "/cases"),
}  # fmt: skip
COMMANDS |= {
    "duty": COMMANDS["officer"],
    "leader": COMMANDS["officer"],
    "secretary": ("/cases", "/case {case}", "/roster", "/report dispute {word} 代报"),
}
#: Verbs that an attacker puts into a button that the bot never made.
VERBS = (
    "c.acc",
    "c.ack",
    "c.wd",
    "c.all",
    "c.pic",
    "c.ok",
    "c.no",
    "c.clo",
    "c.re",
    "suspend",
    "take",
    "appoint",
    "aseen",
    "tgo",
    "bc.go",
    "asend",
)


@dataclass(frozen=True)
class Step:
    """An action of a person at `at` (seconds since the beginning).

    The person's die chooses it, or (`words`, `verbs`) it is their part of a script.
    """

    index: int
    at: float
    actor: int
    die: str
    words: str = ""
    verbs: tuple[str, ...] = ()


def plan(seed: int, count: int) -> list[Step]:
    """Return the steps of a run, earliest first."""
    die = dice(f"plan {seed}")
    days = 1 + 13 * die.random() ** 3
    steps: list[Step] = []
    for number, burst in enumerate(sorted(die.uniform(60, days * DAY_S) for _ in range(max(1, count // BURST)))):
        village = die.randrange(len(VILLAGES))
        at = burst
        for _ in range(BURST):
            at += die.expovariate(1 / 4)
            steps.append(Step(len(steps), at, _choose(die, village), f"{die.getrandbits(48)}"))
        _together(dice(f"together {seed} {number}"), village, steps)
    return sorted(steps, key=lambda step: step.at)[:count]


def _together(die: Random, village: int, steps: list[Step]) -> None:
    """Let a script take the place of the last steps, most times."""
    cues = script(die, village) if die.random() < TOGETHER else ()
    begin = len(steps) - len(cues)
    at = steps[begin - 1].at
    for place, cue in enumerate(cues, start=begin):
        at += cue.after_s
        steps[place] = replace(steps[place], at=at, actor=cue.actor, words=cue.words, verbs=cue.verbs)


def _choose(die: Random, village: int) -> int:
    here = [actor.index for actor in CAST if actor.village == village and actor.post != "attacker"]
    station = [actor.index for actor in CAST if actor.village < 0 and actor.station == VILLAGES[village][1]]
    others = [actor.index for actor in CAST if actor.post in ("attacker", "stranger")]
    roll = die.random()
    return die.choice(here if roll < 0.75 else station if roll < 0.88 else others)


class Crowd:
    """Everybody with a phone.

    `act(step)` runs a step; `forged`: presses of buttons the bot never made (query id → actor); `asked`: effects of commands, which are
    always answered (except a sixth SOS within a minute).
    """

    def __init__(self, world: World, fault_injectors: FaultInjectors, dismiss: Callable[[Actor], None], wrote: dict[int, Actor]) -> None:
        self.world = world
        self.fault_injectors = fault_injectors
        self.forged: dict[str, int] = {}
        self.odd: set[int] = set()
        self.delayed: list[Any] = []
        self.asked: list[str] = []
        self._dismiss = dismiss
        self._wrote = wrote
        self._wrong = Signer("654321:" + "W" * 35)
        for actor in CAST:
            user = {"id": actor.user_id, "is_bot": False, "first_name": actor.name, "language_code": "zh-hans"}
            world.persons[actor.user_id] = Person(user, phone=actor.phone, has_written=True)
        for village, (name, _) in enumerate(VILLAGES):
            members = [actor.user_id for actor in CAST if actor.village == village]
            chat_id = -3_000 - village
            world.groups[chat_id] = Group(chat_id, f"{name}群", "group", False, members, members[VILLAGERS : VILLAGERS + 1], "member")

    def act(self, step: Step) -> None:
        """Run a step; skip an impossible action."""
        actor, die = CAST[step.actor], dice(step.die)
        with contextlib.suppress(ControlError):
            self._trouble(actor, die)
            if step.words or step.verbs:
                self._play(actor, step, die)
            else:
                self._do(actor, step, die)

    def _trouble(self, actor: Actor, die: Random) -> None:
        """Disturb the bot: block it, migrate a group, dismiss an officer."""
        fault_injectors, person = self.fault_injectors, self.world.persons[actor.user_id]
        if fault_injectors.strikes("block"):
            people_deeds.block(self.world, {"user": actor.user_id, "blocked": True})
        elif person.blocked and die.random() < 0.5:
            people_deeds.block(self.world, {"user": actor.user_id, "blocked": False})
        if fault_injectors.strikes("migrate"):
            chat = fault_injectors.die("migrate").choice(sorted(self._groups()))
            group_deeds.migrate(self.world, chat)
        if fault_injectors.strikes("dismiss"):
            self._dismiss(next(each for each in CAST if each.name == "旧警东"))

    def heal(self) -> None:
        """Let everybody unblock the bot."""
        for person in self.world.persons.values():
            if person.blocked:
                people_deeds.block(self.world, {"user": person.id, "blocked": False})

    def _groups(self) -> list[int]:
        return [chat_id for chat_id, group in self.world.groups.items() if group.migrated_to is None]

    def _do(self, actor: Actor, step: Step, die: Random) -> None:
        roll = die.random()
        if actor.post == "attacker" and roll < 0.5:
            self._attack(actor, step, die)
        elif actor.post == "spammer" and roll < 0.3:
            for turn in range(4):
                self._write(actor, step, "{word} 又来了", die, turn=turn)
        elif roll < 0.04 and actor.village >= 0:
            self._in_group(actor, die)
        elif roll < 0.07:
            self._forge(actor, die)
        elif roll < 0.45 and self._press(actor, die):
            pass
        elif roll < 0.48 and actor.post == "villager":
            self._write(actor, step, die.choice(HELP), die)
        else:
            kind = {"spammer": "villager", "attacker": "villager"}.get(actor.post, actor.post)
            self._write(actor, step, die.choice(COMMANDS[kind]), die)

    def _play(self, actor: Actor, step: Step, die: Random) -> None:
        """Run one part of a script, if its button is on the screen.

        The button is the newest one of the first verb that has any.
        """
        buttons = self._buttons(actor)
        fit = (each for verb in step.verbs for each in reversed(buttons) if f"{each[1].rpartition('~')[0]}|".startswith(f"{verb}|"))
        found = next(fit, None)
        if step.words and "{case}" not in step.words:
            self._write(actor, step, step.words, die)
        elif found is not None and step.words:
            self._write(actor, step, step.words.replace("{case}", str(_number(found[1]))), die)
        elif found is not None:
            deeds.press(self.world, {"user": actor.user_id, "chat": actor.user_id, "message_id": found[0], "data": found[1]})

    def _write(self, actor: Actor, step: Step, words: str, die: Random, *, turn: int = 0) -> None:
        number = step.index * 10 + turn
        word = f"槐{actor.village}记{number}号" if actor.village >= 0 else ""
        if word and "{word}" in words:
            self._wrote[number] = actor
        junk = "".join(die.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=22))
        text = words.format(word=word, case=self._case(actor, die), junk=junk)
        wire = deeds.write(self.world, {"user": actor.user_id, "chat": actor.user_id, "text": text})
        if text.startswith("/") and text != "/sos" and actor.post not in ("spammer", "stranger"):
            self.asked.append(f"m:{actor.user_id}:{wire['message_id']}")

    def _case(self, actor: Actor, die: Random) -> int:
        """Return the number of a case: one told to the actor, one told to another, or a guess."""
        whose = die.choice(CAST) if die.random() < 0.1 else actor
        seen = [number for _, data in self._buttons(whose) if (number := _number(data)) is not None]
        return die.choice(seen) if seen and die.random() < 0.85 else die.randint(1000, 1030)

    def _buttons(self, actor: Actor) -> list[tuple[int, str]]:
        """Return (message, data) of the buttons that the actor could press now."""
        chat = self.world.messages.get(actor.user_id, {})
        found = []
        for message_id in list(chat)[-LOOKS_BACK:]:
            for row in (chat[message_id].wire.get("reply_markup") or {}).get("inline_keyboard", []):
                found += [(message_id, button["callback_data"]) for button in row if "callback_data" in button]
        return found

    def _press(self, actor: Actor, die: Random) -> bool:
        buttons = self._buttons(actor)
        if buttons:
            message_id, data = die.choice(buttons[-16:])
            deeds.press(self.world, {"user": actor.user_id, "chat": actor.user_id, "message_id": message_id, "data": data})
        return bool(buttons)

    def _attack(self, actor: Actor, step: Step, die: Random) -> None:
        """Press a button stolen from another village's phone, or guess numbers and links."""
        roll = die.random()
        victims = [each for each in CAST if each.village not in (-1, actor.village) or each.village < 0]
        stolen = self._buttons(die.choice(victims))
        if roll < 0.4 and stolen:
            self._forged_press(actor, die.choice(stolen)[1])
        elif roll < 0.7:
            self._write(actor, step, die.choice(("/case {case}", "/note {case} {word}", "/withdraw {case}", "/accept {case}")), die)
        elif roll < 0.85:
            self._write(actor, step, "/start i{junk}", die)
        else:
            self._forge(actor, die)

    def _forge(self, actor: Actor, die: Random) -> None:
        """Press a button that looks like the bot's and has a tag of somebody else's making."""
        plain = f"{die.choice(VERBS)}|{self._case(actor, die)}"
        data = self._wrong.write(plain, (), chat_id=actor.user_id)
        real = [data for _, data in self._buttons(actor)]
        if real and die.random() < 0.5:
            data = die.choice(real).rpartition("~")[0] + "~" + data.rpartition("~")[2]
        self._forged_press(actor, data)

    def _forged_press(self, actor: Actor, data: str) -> None:
        chat = self.world.messages.get(actor.user_id, {})
        message_id = next((number for number, stored in reversed(chat.items()) if stored.by_bot), 0)
        told = {"user": actor.user_id, "chat": actor.user_id, "message_id": message_id, "data": data, "forged": True}
        self.forged[deeds.press(self.world, told)["callback_query_id"]] = actor.user_id

    def _in_group(self, actor: Actor, die: Random) -> None:
        chats = [chat_id for chat_id in self._groups() if actor.user_id in self.world.groups[chat_id].members]
        if not chats:
            return
        name = VILLAGES[actor.village][0]
        words = die.choice((f"/bind {name}", "/report dispute 吵架", "/help", "大家好", f"/bind {VILLAGES[(actor.village + 1) % 4][0]}"))
        deeds.write(self.world, {"user": actor.user_id, "chat": chats[0], "text": words})

    # Updates as a server may bring them ---------------------------------------------------------------------------------

    def bring(self, before: int) -> None:
        """Apply faults to the updates that a step caused.

        `before`: length of the queue before the step.
        """
        updates, fault_injectors = self.world.updates, self.fault_injectors
        fresh = list(updates.queue)[before:]
        for pending in fresh:
            if fault_injectors.strikes("repeat"):
                updates.add_raw({key: value for key, value in pending.payload.items() if key != "update_id"})
        if fresh and fault_injectors.strikes("late"):
            late = fresh[-1]
            updates.queue.remove(late)
            self.delayed.append(late.payload)
        if fault_injectors.strikes("odd"):
            self.odd.add(updates.add_raw(_odd(fault_injectors.die("odd"))))
        if fault_injectors.strikes("renumber") and not updates.queue:
            updates.next_id = fault_injectors.die("renumber").randint(1_000, 9_000_000)

    def release(self) -> None:
        """Deliver the delayed updates."""
        while self.delayed:
            payload = self.delayed.pop(0)
            self.world.updates.add_raw({key: value for key, value in payload.items() if key != "update_id"})


def _number(data: str) -> int | None:
    """Return the case number in a button's data, if it looks like one."""
    parts = data.rpartition("~")[0].split("|")
    return int(parts[1]) if len(parts) > 1 and parts[0].startswith("c.") and parts[1].isdecimal() else None


def _odd(die: Random) -> dict[str, Any]:
    """Return an update of a shape that no client sends."""
    return die.choice(
        (
            {"message": {"message_id": "x", "date": 1, "chat": {"id": 5, "type": "private"}}},
            {"message": {"message_id": 2**70, "date": 1, "chat": {"id": 2**70, "type": "private"}, "text": "x"}},
            {"message": []},
            {"callback_query": {"id": 1}},
            {"poll": {"id": "1"}},
            {},
        )
    )
