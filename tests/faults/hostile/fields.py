"""Every field that a person can fill, as a short scene: one types, others read it.

A scene returns a list of (reader, words): words that the reader must be able to read now. It is empty where the words may have had another
legitimate meaning.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from domain.alerts.typed import LONGEST_TEXT
from domain.cases.intake import split_kind
from domain.core.numbers import clean_name, clean_text, utf16_len
from domain.people.people import Role
from handlers.cases.moves import WORDS
from tests.faults.hostile.typed import as_read, comes, message_of, taps, types
from tests.handler_harness import HandlerHarness, Voice

GROUP = -1_000_000_005_001
Seen = list[tuple[Voice, str]]


@dataclass
class Street:
    """Two villages and the people who work for them.

    `at` moves on with every scene, so that no hourly limit is met.
    """

    harness: HandlerHarness
    villager: Voice
    neighbour: Voice
    chair: Voice
    officer: Voice
    leader: Voice
    far_chair: Voice

    @classmethod
    async def of(cls, harness: HandlerHarness) -> Street:
        """People both villages."""
        street = cls(
            harness,
            await harness.person("老徐", Role.VILLAGER, "上徐村"),
            await harness.person("阿珍", Role.VILLAGER, "上徐村", language="en"),
            await harness.person("王建国", Role.CHAIR, "上徐村"),
            await harness.person("张伟", Role.OFFICER, "上徐村"),
            await harness.person("李国强", Role.LEADER),
            await harness.person("赵海燕", Role.CHAIR, "下李村"),
        )
        await street.chair.says("/bind 上徐村", chat=GROUP, chat_title="上徐村群")
        return street

    async def case(self) -> int:
        """Return the number of a new case that the chair has accepted."""
        await types(self.villager, "/report dispute 邻居砌墙占了我家的路")
        row = await self.harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT MAX(id) AS id FROM cases"))
        assert row is not None
        await types(self.chair, f"/accept {row['id']}")
        return int(row["id"])


def _head(words: str, most: int = 200) -> str:
    """Return the beginning of somebody's words as stored."""
    return clean_text(words, WORDS)[:most].rstrip()


async def report(street: Street, words: str) -> Seen:
    """A report in one line."""
    typed = as_read(message_of(street.villager, f"/report dispute {words}"))
    assert typed is not None
    await types(street.villager, f"/report dispute {words}")
    kept = split_kind(typed.args)[1]
    return [(street.chair, _head(kept))] if kept and not await taps(street.villager, "不报了") else []


async def free_words(street: Street, words: str) -> Seen:
    """Words without a command, and one tap."""
    await types(street.neighbour, words)
    await taps(street.neighbour, "eport it") or await taps(street.neighbour, "end it")
    return []


async def long_way(street: Street, words: str) -> Seen:
    """A report by questions: every question is answered with it."""
    await street.villager.presses_raw("m.report")
    for step in ("涉诈", *[words] * 6):
        await taps(street.villager, step) or await types(street.villager, step)
    await taps(street.villager, "不显示") or await taps(street.villager, "实名") or await taps(street.villager, "不让")
    await taps(street.villager, "报上去") or await types(street.villager, "取消")
    await types(street.officer, "/cases")
    return []


async def for_other(street: Street, words: str) -> Seen:
    """A chair reports for somebody without a phone."""
    await street.chair.presses_raw("m.other")
    for step in (words, "隐患", words, words, words):
        await taps(street.chair, step) or await types(street.chair, step)
    await taps(street.chair, "报上去") or await types(street.chair, "取消")
    return []


async def note(street: Street, words: str) -> Seen:
    """A handler's note, and the whole story."""
    number = await street.case()
    typed = as_read(message_of(street.chair, f"/note {number} {words}"))
    await types(street.chair, f"/note {number} {words}")
    await street.chair.presses_raw("c.all", number)
    await types(street.leader, f"/case {number}")
    said = "" if typed is None else typed.args.partition(" ")[2].strip()
    return [(street.chair, _head(said, 100))] if said else []


async def reasons(street: Street, words: str) -> Seen:
    """Type the reasons for passing on, closing and reopening a case."""
    number = await street.case()
    for who, verb in ((street.chair, "escalate"), (street.officer, "ack"), (street.officer, "refer"), (street.villager, "reopen")):
        await types(who, f"/{verb} {number} {words}")
    number = await street.case()
    await types(street.chair, f"/settle {number} {words}")
    await street.chair.presses_raw("c.ask", number)
    await types(street.chair, words)
    await street.villager.presses_raw("c.no", number)
    await types(street.villager, words)
    await types(street.villager, "取消")
    return []


async def session(street: Street, words: str) -> Seen:
    """Enter a mediation session: time, place, participants, result."""
    number = await street.case()
    await street.chair.presses_raw("c.med", number)
    for said in (words, words, words, words, "明天上午9点"):
        await types(street.chair, said)
    await types(street.chair, "取消")
    await street.chair.presses_raw("c.all", number)
    await street.villager.presses_raw("c.all", number)
    return []


async def name(street: Street, words: str) -> Seen:
    """A name that somebody chose."""
    await street.villager.presses_raw("rename")
    await types(street.villager, words)
    await types(street.villager, "取消")
    await types(street.villager, "/me")
    return await report(street, "路灯不亮")


async def account(street: Street, words: str) -> Seen:
    """Join as a stranger whose account has this name."""
    stranger = street.harness.stranger(words)
    await types(stranger, "邻居砌墙")
    stranger.name = clean_name(words)  # as the reader makes it; a press skips the reader
    await types(stranger, "/start 上徐村")
    await taps(stranger, "同意")
    await taps(stranger, "报上去")
    await types(street.officer, "/roster 上徐村")
    called = clean_name(words)
    return [(stranger, called)] if called else []


async def alert(street: Street, words: str) -> Seen:
    """An alert to a village, and its recall."""
    typed = clean_text(words, 4096)
    await types(street.officer, f"/alert 橙 上徐村 {words}")
    taken = 0 < utf16_len(typed) <= LONGEST_TEXT  # refused: the button pressed next belongs to an older alert
    sent = await taps(street.officer, "🚨 发送") and taken
    await street.harness.time_passes(seconds=1)
    await taps(street.officer, "撤回")
    await taps(street.officer, "确认撤回")
    await street.harness.time_passes(seconds=1)
    await types(street.officer, "取消")
    return [(street.chair, _head(typed, 60).partition("\n")[0].strip())] if sent else []


async def training(street: Street, words: str) -> Seen:
    """A training's title and place."""
    await street.officer.presses_raw("menu.training")
    await taps(street.officer, "办一场培训")
    when = street.harness.at + timedelta(days=9)
    for said in (words, f"{when.month}月{when.day}日 14:00", "2", words, "0"):
        await types(street.officer, said)
    await taps(street.officer, "发通知")
    await street.harness.time_passes(seconds=1)
    await types(street.officer, "取消")
    await types(street.villager, "/training")
    return []


async def tip(street: Street, words: str) -> Seen:
    """A tip in an officer's own words, for everybody."""
    await street.officer.presses_raw("tip.own")
    await types(street.officer, words)
    await taps(street.officer, "村民") or await taps(street.officer, "群众")
    await taps(street.officer, "确认发送")
    await street.harness.time_passes(seconds=1)
    await types(street.officer, "取消")
    await street.officer.presses_raw("bc.list")
    return []


async def group(street: Street, words: str) -> Seen:
    """Use the words as a group's title, and as a question in it."""
    await types(street.chair, "/bind 上徐村", chat=GROUP, title=words)
    await types(street.villager, f"/bind {words}", chat=GROUP - 1, title=words)
    await types(street.villager, f"@tongxin_bot {words}", chat=GROUP, title=words)
    await street.chair.says("", chat=GROUP - 2, member="in", chat_title=clean_name(words))
    return []


async def commands(street: Street, words: str) -> Seen:
    """Add the words after every command."""
    for command in ("start", "case", "roster", "invite", "handover", "language", "cases", "sos", "help", "tip", "forget", words):
        await types(street.villager, f"/{command} {words}")
        await types(street.officer, f"/{command} {words}")
    await types(street.villager, "取消")
    await types(street.officer, "取消")
    return []


async def correction(street: Street, words: str) -> Seen:
    """A message that is edited after it became a case."""
    first = message_of(street.villager, "/report dispute 邻居砌墙")
    await comes(street.villager, first)
    edited = {"update_id": first["update_id"], "edited_message": first["message"] | {"text": f"/report dispute {words}"}}
    await comes(street.villager, edited)
    return []


async def contact(street: Street, words: str) -> Seen:
    """A telephone number, and a picture's caption."""
    await street.villager.presses_raw("phone")
    card = {"phone_number": words, "first_name": words, "user_id": street.villager.user_id}
    await types(street.villager, "", contact=card)
    await types(street.villager, "取消")
    number = await street.case()
    picture = [{"file_id": "AgAD", "file_unique_id": f"u{number}", "width": 1, "height": 1}]
    await types(street.villager, "", photo=picture, caption=words)
    await street.chair.presses_raw("c.pic", number)
    return []


async def plan(street: Street, words: str) -> Seen:
    """A plan, an invitation's village, a leave, a deputy: dialogs that understand words."""
    for voice, verb in ((street.officer, "tip.new"), (street.chair, "leave"), (street.leader, "anew"), (street.officer, "tmove")):
        await voice.presses_raw(verb)
        for _ in range(4):
            await types(voice, words)
        await types(voice, "取消")
    return []


Scene = Callable[[Street, str], Awaitable[Seen]]
FIELDS: tuple[Scene, ...] = (
    report, free_words, long_way, for_other, note, reasons, session, name, account, alert, training, tip, group, commands, correction, contact, plan,
)  # fmt: skip
