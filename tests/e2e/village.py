"""Village double: people with phones, groups and a clock around the bot's process.

The process is the production one; it talks to a sandbox over HTTP. An end-to-end test reads like a play: `await village.villager.says("…")`,
`village.chair.saw("新纠纷")`, `await village.time_passes(hours=25)`. Invariant: every action waits until the town is at rest (`settle`), so that its
results are visible. An action begins a scene: `saw` looks at everything that a person was shown since the last look in an earlier scene.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from sandbox.world.user_actions.groups import add_group
from sandbox.world.user_actions.people import add_user
from sandbox.world.world import World
from tests.e2e.chats import HERE, Chats, Key, Line, labels_of, words_of
from tests.process import Bot, LocalClient, loopback, plain_weeks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TOKEN = "123456:SANDBOX"
REST_WITHIN_S = 15.0
LOOK_EVERY_S = 0.02
MOMENT_S = 2.0
#: name in the tests → (Telegram id, name on the phone, language, what the roster says: (name, role, villages))
CAST: dict[str, tuple[int, str, str, tuple[str, str, tuple[str, ...]] | None]] = {
    "villager": (500001, "老徐", "zh-hans", None),
    "neighbour": (500002, "阿珍", "zh-hans", None),
    "teacher": (500003, "Emma", "en", None),
    "far_villager": (500004, "老李", "zh-hans", None),
    "stranger": (500009, "路人甲", "zh-hans", None),
    "newcomer": (500010, "小陈", "zh-hans", None),
    "chair": (200001, "王建国", "zh-hans", ("王建国", "chair", ("上徐村",))),
    "secretary": (200003, "李秀英", "zh-hans", ("李秀英", "secretary", ("上徐村",))),
    "member": (200004, "徐小军", "zh-hans", ("徐小军", "member", ("上徐村",))),
    "second_member": (200005, "徐美芳", "zh-hans", ("徐美芳", "member", ("上徐村",))),
    "other_chair": (200002, "赵海燕", "zh-hans", ("赵海燕", "chair", ("下李村",))),
    "officer": (300001, "张伟", "zh-hans", ("张伟", "officer", ("上徐村", "下李村", "东岭村"))),
    "far_officer": (300002, "林志明", "zh-hans", ("林志明", "officer", ("石门村",))),
    "far_chair": (200006, "钱春梅", "zh-hans", ("钱春梅", "chair", ("石门村",))),
    "duty": (400001, "值班室", "zh-hans", ("值班室", "duty", ())),
    "leader": (400002, "陈立新", "zh-hans", ("陈立新", "leader", ())),
    "traffic": (400003, "周涛", "zh-hans", ("周涛", "traffic", ())),
    "admin": (900001, "小周", "zh-hans", None),
}
HOMES = {"villager": "上徐村", "neighbour": "上徐村", "teacher": "上徐村", "far_villager": "下李村"}
#: 东岭村 has no chair.
VILLAGES = ("上徐村", "下李村", "东岭村", "石门村")
#: Names of the channels of a town with two, and the people on the second one. Everybody in a group is on the first.
EAST, WEST = "east", "west"
WESTERN = ("stranger", "second_member", "far_officer", "far_chair", "duty", "leader", "traffic", "admin")
#: Capabilities of the second channel's server.
WEST_CAN: dict[str, Any] = {"idempotent": True, "link": "https://west.example/{bot}"}
GROUP, OTHER_GROUP = -1001000000001, -1001000000002


def roster(people: Iterable[str] | None = None, *, channels: str = "one") -> dict[str, Any]:
    """Return the roster file's content; `people` of CAST, all by default."""
    listed = []
    for number, name in enumerate(CAST if people is None else people):
        user_id, _, _, post = CAST[name]
        if post is not None:
            phone = f"139{user_id:06d}{number:02d}"
            where = {"telegram_id": user_id} if channels == "one" else {"account": user_id, "channel": channel_of(name)}
            listed.append({"name": post[0], "role": post[1], "villages": list(post[2]), "phone": phone} | where)
    return {"station": "禾安派出所", "villages": list(VILLAGES), "people": listed}


def channel_of(name: str) -> str:
    """Return the channel of one of the cast, in a town with two."""
    return WEST if name in WESTERN else EAST


@dataclass
class Phone:
    """View of one person or one group on a chat.

    `id` is the chat's. `mark`, `looked` and `opened` (the start of the play) are places in its lines.
    """

    town: Village
    id: int
    name: str
    mark: int = 0
    looked: int = 0
    scene: int = 0
    opened: int = 0

    # Looking ----------------------------------------------------------------------------------------------------------

    def saw(self, *words: str) -> Line:
        """Return the newest line since the last look that contains all these words.

        If there is none, fail and show the whole chat.
        """
        for line in reversed(self.news()):
            if all(word in _all_of(line) for word in words):
                return line
        wanted = " with ".join(f"“{word}”" for word in words)
        raise AssertionError(f"{self.name} was not shown {wanted}:\n{self.play()}")

    async def sees(self, *words: str, within_s: float = 8.0) -> Line:
        """Wait until `saw` finds these words.

        A message may be a second late, after a failed attempt or by the clock of another worker.
        """
        until = time.monotonic() + within_s
        while True:
            self.town.chats.catch_up()
            try:
                return self.saw(*words)
            except AssertionError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(LOOK_EVERY_S)

    def news(self) -> list[Line]:
        """Return the bot's lines since the last look in an earlier scene."""
        chat = self.town.chats.of(self.id)
        if self.scene != self.town.scene:
            self.scene, self.mark = self.town.scene, self.looked
        self.looked = len(chat.lines)
        return chat.by_bot(self.mark)

    def heard_nothing(self) -> None:
        """Fail if the bot showed anything since the last look."""
        news = self.news()
        assert not news, f"{self.name} was shown something:\n{self.play()}"

    def did_not_see(self, *words: str) -> None:
        """Fail if one of these words is in what was shown since the last look."""
        for line in self.news():
            for word in words:
                assert word not in _all_of(line), f"{self.name} was shown “{word}”:\n{self.play()}"

    def never_saw(self, *words: str) -> None:
        """Fail if the bot ever showed one of these words here."""
        for line in self.town.chats.of(self.id).by_bot():
            for word in words:
                assert word not in _all_of(line), f"{self.name} was once shown “{word}”:\n{self.play()}"

    def has(self, *words: str) -> None:
        """Fail unless one current message contains all these words, in its text or buttons."""
        shown = [" ".join((words_of(message), *labels_of(message))) for message in self.town.chats.of(self.id).shows.values()]
        assert any(all(word in text for word in words) for text in shown), f"{self.name} has no {words}:\n{self.play()}"

    def play(self) -> str:
        """Return the whole chat as a readable play."""
        return f"——— {self.name} ———\n{self.town.chats.of(self.id).play(self.mark, start=self.opened)}"

    def button(self, label: str, *, on: str = "") -> Key:
        """Return the button with this label under the last changed message that contains `on`."""
        for words, key in self.town.chats.of(self.id).buttons():
            if label in key.label and on in words:
                return key
        raise AssertionError(f"{self.name} has no button “{label}”{f' under “{on}”' if on else ''}:\n{self.play()}")

    def labels(self) -> list[str]:
        """Return the inline labels of the last changed message that has buttons."""
        buttons = list(self.town.chats.of(self.id).buttons())
        return [key.label for _, key in buttons if key.message_id == buttons[0][1].message_id]

    def lacks_button(self, label: str, *, on: str = "") -> None:
        """Fail if any current message has such a button."""
        for words, key in self.town.chats.of(self.id).buttons():
            assert label not in key.label or on not in words, f"{self.name} has a button “{label}”:\n{self.play()}"

    def number(self) -> int:
        """Return the case number of the newest message that has one (1001, 1002, …)."""
        for line in reversed(self.town.chats.of(self.id).by_bot()):
            if found := re.search(r"(?<!\d)(\d{4,6})(?!\d)", line.text):
                return int(found[1])
        raise AssertionError(f"{self.name} was told no number:\n{self.play()}")


def _all_of(line: Line) -> str:
    return " ".join((line.text, *line.buttons))


@dataclass
class Group(Phone):
    """A group chat: `saw`, `never_saw` and the other checks see it as a member does."""

    def rename_to(self, chat_id: int) -> None:
        """Follow the group to another chat id."""
        self.id, self.mark, self.looked = chat_id, 0, 0


@dataclass
class Person(Phone):
    """A person with a phone.

    Every action is a new scene and ends at rest, unless `resting=False`.
    """

    # Doing ------------------------------------------------------------------------------------------------------------

    async def says(self, text: str, *, to: Group | None = None, resting: bool = True, **facts: Any) -> int:
        """Write in the private chat, or in a group; return the message's id."""
        return await self._writes(to, resting, text=text, **facts)

    async def taps_start(self, payload: str = "", *, resting: bool = True) -> None:
        """Open the bot's link and tap START."""
        await self.town.does(self, "starts", resting=resting, user=self.id, payload=payload)

    async def sends_photo(self, caption: str = "", *, to: Group | None = None, album: str = "", resting: bool = True) -> int:
        """Send a picture."""
        more = {"media_group_id": album} if album else {}
        return await self._writes(to, resting, photo={"size": 2000}, caption=caption, **more)

    async def sends_voice(self, *, resting: bool = True) -> int:
        """Send a voice message."""
        return await self._writes(None, resting, voice={"size": 2000, "duration": 4})

    async def shares_location(self, latitude: float = 28.89, longitude: float = 120.03) -> int:
        """Send a pin on the map."""
        return await self._writes(None, True, location={"latitude": latitude, "longitude": longitude})

    async def shares_contact(self) -> int:
        """Send one's own telephone number with the contact button."""
        return await self._writes(None, True, contact=True)

    async def forwards(self, text: str, author: str = "陌生号码") -> int:
        """Forward a message whose author's account is hidden."""
        return await self._writes(None, True, text=text, forward_from=author)

    async def presses(self, button: str | Key, *, on: str = "", resting: bool = True) -> str:
        """Press the newest button with this label and return the toast.

        `button` may also be a `Key` from an earlier moment. A person who does not see it asks for the menu: a list took its place.
        """
        if isinstance(button, str) and not on and not any(button in key.label for _, key in self.town.chats.of(self.id).buttons()):
            await self.says("菜单")
        key = button if isinstance(button, Key) else self.button(button, on=on)
        return await self._presses(key, where=key.chat_id, forged=isinstance(button, Key), resting=resting)

    async def presses_in(self, group: Group, label: str, *, on: str = "", resting: bool = True) -> str:
        """Press a button under a message of a group."""
        key = group.button(label, on=on)
        return await self._presses(key, where=group.id, forged=False, resting=resting)

    async def forges(self, data: str) -> str:
        """Press a forged button, with any data, under the last message of one's own chat."""
        standing = list(self.town.chats.of(self.id).shows)
        assert standing, f"{self.name} has no message to press under"
        return await self._presses(Key(self.id, standing[-1], data, data), where=self.id, forged=True, resting=True)

    async def edits(self, message_id: int, text: str) -> None:
        """Edit one's own message."""
        await self.town.does(self, "edits", user=self.id, chat=self.id, message_id=message_id, text=text)

    async def blocks_the_bot(self) -> None:
        """Block the bot."""
        self.town.chats.direct(self.id, self.name, "blocks the bot")
        await self.town.does(self, "blocks", user=self.id, blocked=True)

    async def unblocks_the_bot(self) -> None:
        """Unblock the bot."""
        self.town.chats.direct(self.id, self.name, "unblocks the bot")
        await self.town.does(self, "blocks", user=self.id, blocked=False)

    async def _writes(self, to: Group | None, resting: bool, **content: Any) -> int:
        chat = self.id if to is None else to.id
        message = await self.town.does(self, "messages", resting=resting, user=self.id, chat=chat, **content)
        return int(message["message_id"])

    async def _presses(self, key: Key, *, where: int, forged: bool, resting: bool) -> str:
        assert not key.url, f"“{key.label}” is a link: {key.url}"
        self.town.chats.direct(where, self.name, f"presses “{key.label}”", "pressed")
        chat = where if where < 0 else self.id
        message_id = key.message_id if chat == key.chat_id else next(iter(self.town.chats.of(chat).shows), 0)
        facts = {"user": self.id, "chat": chat, "message_id": message_id, "data": key.data, "forged": forged}
        query = await self.town.does(self, "presses", resting=False, **facts)
        if not resting:
            return ""
        await self.town.rest(answered=query["callback_query_id"])
        return self.town.chats.toasts.get(query["callback_query_id"], "")


@dataclass
class Village:
    """A town of a test: `villager`, `chair`, … (see CAST), `group`, `other_group`, `bot`.

    `bot` is the process. `time_passes(hours=…)` moves everybody's clock; `settle()` waits for rest; `nobody_else_heard()` is about the current scene.
    """

    world: World
    url: str
    http: httpx.AsyncClient
    bot: Bot
    chats: Chats = field(init=False)
    control: LocalClient = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    scene: int = 1
    began: dict[int, int] = field(default_factory=dict)
    actor: int = 0
    fault_expected: bool = False
    west: World | None = None
    west_url: str = ""
    west_control: LocalClient | None = None
    western: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Open the chats and the control clients."""
        self.chats = Chats(*self.worlds)
        self.control = LocalClient(httpx.URL(self.url).port or 0, timeout=20)
        if self.west is not None:
            self.west_control = LocalClient(httpx.URL(self.west_url).port or 0, timeout=20)

    @property
    def channels(self) -> str:
        """Number of channels: "one" or "two"."""
        return "one" if self.west is None else "two"

    @property
    def worlds(self) -> list[World]:
        """Sandbox worlds, one per channel."""
        return [self.world] if self.west is None else [self.world, self.west]

    def __getattr__(self, name: str) -> Person:
        """Return a person of the cast, as `village.chair`."""
        try:
            person: Person = self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None
        return person

    @property
    def group(self) -> Group:
        """上徐村's group."""
        return self.groups["group"]

    @property
    def other_group(self) -> Group:
        """下李村's group."""
        return self.groups["other_group"]

    # Doing ------------------------------------------------------------------------------------------------------------

    async def does(self, who: Phone | None, path: str, *, resting: bool = True, **body: Any) -> Any:
        """Begin a scene and call the control API."""
        self.begin(who)
        chat = body.get("chat") or body.get("user") or (who.id if who is not None else 0)
        control = self.west_control if self.west_control is not None and chat in self.western else self.control
        status, answer = await control.ask("POST", f"/control/{path}", body)
        assert status == 200, f"{path} {body}: {answer}"
        if self.west_control is not None and path in ("clock", "faults") and not chat:
            other = {"advance_s": 0} if path == "clock" else body  # they share a clock
            status, said = await self.west_control.ask("POST", f"/control/{path}", other)
            assert status == 200, f"{path} {other}: {said}"
        if resting:
            await self.rest()
        return answer

    def begin(self, who: Phone | None = None) -> None:
        """Begin a scene."""
        self.scene += 1
        self.actor = 0 if who is None else who.id
        self.began = {chat.id: len(chat.lines) for chat in self.chats.all()}

    async def time_passes(self, *, resting: bool = True, **span: float) -> None:
        """Move the clock forward by a span and MOMENT_S.

        The bot reads the time from a header of whole seconds, so it may be that late.
        """
        passed = timedelta(**span)
        for phone in self.phones():
            self.chats.direct(phone.id, "时间", f"{_in_words(passed)}过去了")
        await self.does(None, "clock", resting=resting, advance_s=passed.total_seconds() + MOMENT_S)

    async def time_comes(self, clock: str, *, days: int = 0) -> None:
        """Move the clock to the next `HH:MM` in Shanghai, plus `days` days."""
        hour, minute = map(int, clock.split(":"))
        now = self.now
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        then += timedelta(days=days + (then <= now))
        await self.time_passes(seconds=(then - now).total_seconds())

    @property
    def now(self) -> datetime:
        """Local time of the town."""
        return datetime.fromtimestamp(self.world.clock.now(), UTC).astimezone(HERE)

    async def joins(self, person: Person, village: str) -> None:
        """Join a village by its name."""
        await person.says(f"/start {village}")
        await person.presses("同意并加入" if person.name != "Emma" else "Agree")

    # Rest -------------------------------------------------------------------------------------------------------------

    async def rest(self, *, answered: str = "", within_s: float = REST_WITHIN_S) -> None:
        """Wait until the town is at rest.

        No update or message waits, no timer is overdue, the bot's clock shows the town's time, and the press `answered` has its answer.
        """
        until = time.monotonic() + within_s
        figures: dict[str, Any] | None = None
        while time.monotonic() < until:
            # Read before the figures: updates may be confirmed while the figures are measured. `bool` keeps the value of this moment.
            under_way = any(bool(world.updates.queue) or bool(world.webhook.pending) for world in self.worlds)
            figures = await self.bot.health()
            if figures is not None and not under_way and self._at_rest(figures):
                self.chats.catch_up()
                if not answered or answered in self.chats.toasts:
                    return
            await asyncio.sleep(LOOK_EVERY_S)
        raise AssertionError(f"the town did not come to rest within {within_s:.0f} s: {self._unrest(figures, answered)}")

    settle = rest

    def _at_rest(self, figures: dict[str, Any]) -> bool:
        waiting = any(figures[name] for name in ("inbox_waiting", "outbox_waiting", "outbox_soon", "timers_overdue"))
        behind = self.world.clock.now() - datetime.fromisoformat(figures["now"]).timestamp()
        return not waiting and abs(behind) < 3.5

    def _unrest(self, figures: dict[str, Any] | None, answered: str) -> str:
        head = f"{len(self.world.updates.queue)} updates not confirmed, press {answered or 'none'} waits, health {figures}"
        return f"{head}\n{self.bot.log[-6000:]}"

    # Looking ----------------------------------------------------------------------------------------------------------

    def phones(self) -> list[Phone]:
        """Return everybody's phone and the groups."""
        return [*self.people.values(), *self.groups.values()]

    def nobody_else_heard(self) -> None:
        """Fail if the scene showed something to anybody else.

        Others are the chats that neither acted nor were looked at in this scene. A card that is drawn again in its place is not heard.
        """
        for chat in self.chats.all():
            new = [line for line in chat.by_bot(self.began.get(chat.id, 0)) if line.how in ("said", "toast")]
            phone = next((phone for phone in self.phones() if phone.id == chat.id), None)
            looked = phone is not None and (phone.scene == self.scene or phone.id == self.actor)
            if new and not looked:
                name = phone.name if phone else chat.id
                raise AssertionError(f"{name} heard something too:\n{chat.play(self.began.get(chat.id, 0))}")

    def everybody_looks(self) -> None:
        """Mark everything shown so far as seen, and begin a new scene."""
        for phone in self.phones():
            phone.news()
        self.begin()

    def play(self) -> str:
        """Return the play of every chat with lines, for a failed test."""
        spoken = [phone for phone in self.phones() if any(line.how != "went" for line in self.chats.of(phone.id).lines[phone.opened :])]
        return "\n\n".join(phone.play() for phone in spoken)


def _in_words(span: timedelta) -> str:
    hours, seconds = divmod(round(span.total_seconds()), 3600)
    return f"{hours} 小时 {seconds // 60} 分" if hours < 48 else f"{hours // 24} 天 {hours % 24} 小时"


# Opening --------------------------------------------------------------------------------------------------------------


def next_monday() -> float:
    """Return nine o'clock in Shanghai on the next Monday, in seconds since the epoch."""
    now = datetime.now(HERE)
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    return monday.timestamp()


def settings_of(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Return the settings of every end-to-end test.

    Monday to Friday are working days, 小周 is the administrator.
    """
    return plain_weeks() | {"TONGXIN_ADMINS": "[900001]"} | (extra or {})


def two_channels(east: str, west: str) -> dict[str, str]:
    """Return the settings for two channels at these URLs; neither is named telegram."""
    channels = [
        {"name": EAST, "title": "东渠道", "base_url": f"{east}/bot", "token": TOKEN},
        {"name": WEST, "title": "西渠道", "base_url": f"{west}/bot", "token": TOKEN},
    ]
    return {"TONGXIN_CHANNELS": json.dumps(channels), "TONGXIN_TELEGRAM__TOKEN": "", "TONGXIN_ADMINS": f'["{WEST}:900001"]'}


async def import_cast(folder: Path, url: str, *, channels: str = "one") -> None:
    """Import the roster into a new database, once; tests copy it."""
    nowhere = "http://127.0.0.1:1"
    bot = Bot(nowhere, TOKEN, folder, settings_of(two_channels(nowhere, nowhere) if channels == "two" else None), url)
    file = folder / "roster.yaml"
    file.write_text(yaml.safe_dump(roster(channels=channels), allow_unicode=True), encoding="utf-8")
    code, printed = await bot.command("import-roster", str(file))
    assert code == 0, printed


def people_of(world: World, west: World | None = None) -> None:
    """Create the cast and the two village groups.

    If there is a second channel, some of the cast are on it.
    """
    for key, (user_id, name, language, _) in CAST.items():
        server = west if west is not None and key in WESTERN else world
        add_user(server, {"id": user_id, "first_name": name, "language_code": language, "phone": f"+86137{user_id:08d}"})
    own = ["villager", "neighbour", "teacher", "chair", "secretary", "member", "officer"]
    for chat_id, title, names, admin in (
        (GROUP, "上徐村村民群", own, "chair"),
        (OTHER_GROUP, "下李村村民群", ["far_villager", "other_chair", "officer"], "other_chair"),
    ):
        members = [CAST[name][0] for name in names]
        wanted = {"id": chat_id, "title": title, "type": "supergroup", "members": members, "admins": [CAST[admin][0]], "with_bot": True}
        add_group(world, wanted)


async def open_village(
    world: World,
    url: str,
    folder: Path,
    database: str,
    extra: dict[str, str] | None = None,
    *,
    today: bool = False,
    by_exec: bool = False,
    west: World | None = None,
    west_url: str = "",
) -> Village:
    """Start the bot on a database of its own, on a Monday at nine or `today`.

    `today` is for operator commands beside the bot, which use the real clock. With `west`, a second server with the same clock, the town has two channels.
    """
    world.clock.offset_s = 0 if today else next_monday() - time.time()
    people_of(world, west)
    channels = {} if west is None else two_channels(url, west_url)
    bot = Bot(url, TOKEN, folder, settings_of(channels | (extra or {})), database, by_exec=by_exec)
    village = Village(world, url, loopback(base_url=url, timeout=20), bot, west=west, west_url=west_url)
    if west is not None:
        village.western = {CAST[key][0] for key in WESTERN}
    village.people = {key: Person(village, user_id, name) for key, (user_id, name, _, _) in CAST.items()}
    village.groups = {"group": Group(village, GROUP, "上徐村村民群"), "other_group": Group(village, OTHER_GROUP, "下李村村民群")}
    await bot.run()
    return village


async def everybody_comes(village: Village) -> None:
    """Let the cast tap START and read their messages, and let the villagers join.

    Most plays begin in this state.
    """
    at_home = [village.people[key] for key in HOMES]
    for key, (_, _, _, post) in CAST.items():
        if post is not None or key == "admin":
            await village.people[key].taps_start(resting=False)
    for key, home in HOMES.items():
        await village.people[key].says(f"/start {home}", resting=False)
    await village.rest()
    for person in at_home:
        await person.presses("Agree" if person.name == "Emma" else "同意并加入", resting=False)
    await village.rest()
    village.everybody_looks()
    for phone in village.phones():
        phone.opened = phone.looked


async def close_village(village: Village) -> None:
    """Stop the bot's process and close the connections."""
    village.control.close()
    await village.http.aclose()
    if village.west_control is not None:
        village.west_control.close()
    await village.bot.close()
