"""Forged buttons, foreign numbers, guessed and shared invitations are refused.

The refusal reads as if there were nothing, and nothing changes.
"""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

import storage.cases.cases
import storage.cases.search
from bot.routes import ROUTES
from bot.telegram.buttons import Signer
from handlers.core.route import ButtonRoute
from storage.core.records import Scope
from tests.faults.hostile import callers
from tests.faults.hostile.forger import URL_SAFE, WAYS, Made, forged
from tests.faults.hostile.towns import CODE, STEPS, Town, busy, invited, with_every_feature
from tests.faults.hostile.typed import SIGNER, comes, message_of, types
from tests.handler_harness import HandlerHarness
from tests.handlers.conftest import town

if TYPE_CHECKING:
    import domain.core.town
    from tests.faults.invariant_log import InvariantLog
    from tests.handler_harness import Voice

__all__ = ["town"]

SEED = 20261124
#: Numbers of things in 上徐村 (cases, its alert, training, broadcast, invitation, people, itself); `NOWHERE` has no such thing.
HERE = ("1", "1001", "1002", "1003")
NOWHERE = "99999"
#: Buttons that show something to all police of a station, also to the officer of the next village.
OF_STATION = frozenset({"rota", "rotaback"})
DIGITS = re.compile("[0-9]+")


@asynccontextmanager
async def a_town(path: Path, settings: domain.core.town.Town) -> AsyncIterator[Town]:
    """Open a busy town, which bears any number of presses."""
    harness = await HandlerHarness.open(
        path, replace(with_every_feature(settings), limits=replace(settings.limits, texts_per_minute=1_000_000))
    )
    try:
        yield await busy(harness)
    finally:
        await harness.store.close()


# The tag --------------------------------------------------------------------------------------------------------------------


def genuine_buttons(chats: range = range(10_001, 10_041)) -> list[Made]:
    """Return buttons as the bot makes them, in private chats and a group."""
    shapes: tuple[tuple[str, tuple[str | int, ...]], ...] = (
        ("c.acc", (1001,)), ("c.all", (1999,)), ("agot", (12,)), ("answer", ("report", "kind", "hazard")), ("menu", ()), ("bc.tog", (7, 0, 21)),
    )  # fmt: skip
    return [(SIGNER.write(verb, args, chat_id=chat), chat) for chat in (*chats, -4001) for verb, args in shapes]


def accepted(count: int) -> tuple[int, list[str], Counter[str]]:
    """Forge so many buttons, or until one is accepted.

    Return (number of tries, accepted ones, tries of each way).
    """
    ways: Counter[str] = Counter()
    read: list[str] = []
    tries = 0
    for way, (data, chat) in forged(Random(SEED), genuine_buttons()):  # noqa: S311 - the same forgeries every time
        if tries == count or read:
            break
        tries += 1
        ways[way] += 1
        if SIGNER.read(data, chat_id=chat) is not None:
            read.append(f"{way}: {data!r} in {chat}")
    return tries, read, ways


def test_button_is_refused_when_forged(invariant_log: InvariantLog) -> None:
    tries, read, ways = accepted(invariant_log.size(small=3_000, full=100_000))
    invariant_log.ran("forged buttons", tries, failed=len(read))
    assert not read
    assert len(ways) == len(WAYS)
    assert all(SIGNER.read(data, chat_id=chat) is not None for data, chat in genuine_buttons())


def reads_a_prefix(self: Signer, data: str, *, chat_id: int) -> tuple[str, tuple[str, ...]] | None:
    """Compare as much of the tag as there is."""
    plain, _, tag = data.rpartition("~")
    if not self._tag(plain, chat_id).startswith(tag):
        return None
    verb, *args = plain.split("|")
    return verb, tuple(args)


def tags_without_chat(self: Signer, plain: str, chat_id: int) -> str:
    """Make the same tag for every chat."""
    return f"{crc32(plain.encode('utf-8', 'surrogatepass')):011x}"


def tags_only_the_verb(self: Signer, plain: str, chat_id: int) -> str:
    """Leave the arguments out of the tag."""
    return tags_without_chat(self, f"{chat_id}:{plain.partition('|')[0]}", 0)


@pytest.mark.parametrize(
    ("bug", "name", "patch"),
    [
        ("a button's tag is compared by its beginning", "read", reads_a_prefix),
        ("a button's tag does not hold the chat", "_tag", tags_without_chat),
        ("a button's tag does not hold the arguments", "_tag", tags_only_the_verb),
    ],
)
def test_forged_button_is_accepted_when_tag_check_is_weakened(
    invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch, bug: str, name: str, patch: Any
) -> None:
    monkeypatch.setattr(Signer, name, patch)
    tries, read, _ = accepted(3_000)
    invariant_log.mutant(bug, found=bool(read), after=f"{tries} forgeries")
    assert read


async def test_press_changes_nothing_when_button_is_forged(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog
) -> None:
    count = invariant_log.size(small=120, full=4_000)
    async with a_town(tmp_path, town) as place:
        before, last = await place.state(), await place.newest()
        real = [(SIGNER.write(verb, args, chat_id=chat), chat) for chat, verb, args in await place.buttons()]
        pressers = [place.villager, place.chair, *place.foreigners.values()]
        for voice in pressers:
            voice.toasts.clear()
        dice = Random(SEED)  # noqa: S311 - the same forgeries every time
        made = forged(dice, real)
        for number in range(count):
            way, (data, _) = next(made)
            voice = dice.choice(pressers)
            if (data, voice.user_id) in real:
                continue
            shown = {"message_id": 7, "date": 1_780_000_000, "chat": {"id": voice.user_id, "type": "private", "first_name": "?"}}
            press = {"id": f"{number}", "from": _user(voice), "message": shown, "chat_instance": "1", "data": data}
            await comes(voice, {"update_id": number, "callback_query": press})
            assert len(set(voice.toasts)) == 1, f"{way}: {voice.name} was told {set(voice.toasts)}"
        invariant_log.ran("forged presses", count)
        assert await place.state() == before
        assert await place.newest() == last


def _user(voice: Voice) -> dict[str, Any]:
    return {"id": voice.user_id, "is_bot": False, "first_name": voice.name, "language_code": "zh-hans"}


# Genuine buttons, wrong hands ---------------------------------------------------------------------------------------------------


async def told(place: Town, voice: Voice, verb: str, *args: str) -> list[str]:
    """Press a button; return all resulting messages to anybody, without numbers."""
    last, toasts = await place.newest(), len(voice.toasts)
    await voice.presses_raw(verb, *args)
    fresh = [heard for heard in await place.harness.outbox() if heard.row["id"] > last]
    said = [f"{heard.chat_id == voice.user_id}:{heard.text}" for heard in fresh]
    return [DIGITS.sub("#", each) for each in (*voice.toasts[toasts:], *said)]


async def wrong_hands(place: Town, *, most: int) -> tuple[int, list[str]]:
    """Let every foreigner press every button that is about something of 上徐村.

    Return (number of presses, faults).
    """
    verbs = [route.verb for route in ROUTES if isinstance(route, ButtonRoute) and not route.about_oneself]
    ids = [*HERE, str(place.chair.person_id), str(place.neighbour.person_id)]
    shown = {(verb, tuple(map(str, args))) for _, verb, args in await place.buttons() if verb in verbs}
    shown = {(verb, args) for verb, args in shown if {*args} - {"0"}}  # 0: the desk of the person's own station
    made = shown | {(verb, (number, number)) for verb in verbs for number in ids}
    turns = [
        (name, verb, args)
        for verb, args in sorted(made)
        for name in place.foreigners
        if verb not in OF_STATION or name != "the officer of the next village"
    ]
    Random(SEED).shuffle(turns)  # noqa: S311 - the same turns every time
    before = await place.state()
    nothing: dict[tuple[str, ...], list[str]] = {}
    wrong: list[str] = []
    tries = 0
    for name, verb, args in turns[:most]:
        voice = place.foreigners[name]
        void = tuple(NOWHERE if arg.isdecimal() else arg for arg in args)
        if (name, verb, *void) not in nothing:
            nothing[name, verb, *void] = await told(place, voice, verb, *void)
        tries += 1
        answered = await told(place, voice, verb, *args)
        if answered != nothing[name, verb, *void]:
            wrong.append(f"{name} pressed {verb} {args} and was told {answered}, not {nothing[name, verb, *void]}")
        if tries % 50 == 0 or wrong:
            after = await place.state()
            wrong += [f"{name} pressed {verb} {args}: {table} changed" for table in before if before[table] != after[table]]
        if wrong:
            break
    return tries, wrong


@pytest.mark.timeout(3600)
async def test_press_changes_nothing_when_person_has_no_access(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog
) -> None:
    async with a_town(tmp_path, town) as place:
        tries, wrong = await wrong_hands(place, most=invariant_log.size(small=500, full=100_000))
        invariant_log.ran("buttons in wrong hands", tries, failed=len(wrong))
        assert not wrong


async def test_access_check_fails_when_scope_filter_is_missing(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_town(tmp_path, town) as place:
        for module in (storage.cases.cases, storage.cases.search):
            if hasattr(module, "scope"):
                monkeypatch.setattr(module, "scope", lambda actor, **_: ("1 = 1", ()))
        tries, wrong = await wrong_hands(place, most=2_000)
        invariant_log.mutant("a case is looked up without the actor's scope", found=bool(wrong), after=f"{tries} presses")
        assert wrong


async def test_missing_scope_of_a_record_is_found(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_town(tmp_path, town) as place:
        monkeypatch.setattr(Scope, "condition", lambda self, actor: ("1 = 1", ()))
        tries, wrong = await wrong_hands(place, most=2_000)
        invariant_log.mutant("a record of the kit is looked up without the actor's scope", found=bool(wrong), after=f"{tries} presses")
        assert wrong


async def test_case_makes_only_legal_moves_when_old_buttons_are_pressed(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog
) -> None:
    """Press every button that was ever shown again, in any order, after the cases went on."""
    async with a_town(tmp_path, town) as place:
        voices = {
            voice.user_id: voice for voice in (place.villager, place.neighbour, place.chair, place.officer, place.leader, place.member)
        }
        dice = Random(SEED)  # noqa: S311 - the same order every time
        count = invariant_log.size(small=150, full=2_000)
        shown = await place.buttons()
        for turn in range(count):
            chat, verb, args = dice.choice(shown)
            before = await _states(place)
            if chat in voices:
                await voices[chat].presses_raw(verb, *args)
            after = await _states(place)
            moved = {(before[each], after[each]) for each in before if before[each] != after[each]}
            assert moved <= STEPS, f"{verb} {args}: {moved - STEPS}"
            shown = shown if turn % 20 else await place.buttons()
        invariant_log.ran("old buttons", count)


async def _states(place: Town) -> dict[int, str]:
    rows = await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id, state FROM cases"))
    return {row["id"]: row["state"] for row in rows}


# Invitations --------------------------------------------------------------------------------------------------------------------


def altered(dice: Random, code: str) -> str:
    """Return a code with one thing wrong."""
    place = dice.randrange(len(code))
    other = dice.choice([letter for letter in URL_SAFE if letter.upper() != code[place]])
    guess = "".join(dice.choice(URL_SAFE) for _ in code)
    return dice.choice((code[:place] + other + code[place + 1 :], code + other, code[1:] + code[0], guess))


async def test_invitation_is_refused_when_code_is_guessed_or_altered(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog
) -> None:
    count = invariant_log.size(small=200, full=5_000)
    async with a_town(tmp_path, town) as place:
        number = await invited(place, CODE, lasts=timedelta(days=3650))
        before, answers = await place.state(), set()
        dice = Random(SEED)  # noqa: S311 - the same guesses every time
        for _ in range(count):
            place.harness.at += timedelta(minutes=15)  # fewer than a town may guess in a day
            guesser = place.harness.stranger()
            await types(guesser, f"/start i{altered(dice, CODE)}")
            answers.add(await guesser.new())
            await guesser.presses_raw("take", number)
            assert len(guesser.toasts) == 1
        invariant_log.ran("guessed invitations", count)
        assert await place.state() == before
        assert len(answers) == 1


@pytest.mark.parametrize(("seconds", "worth"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize("shown_before", [True, False])
async def test_invitation_expires_when_its_last_second_passes(
    tmp_path: Path, town: domain.core.town.Town, seconds: int, worth: bool, shown_before: bool
) -> None:
    async with a_town(tmp_path, town) as place:
        number = await invited(place, CODE, lasts=timedelta(hours=1))
        ends, guest = place.harness.at + timedelta(hours=1), place.harness.stranger()
        if not shown_before:
            place.harness.at = ends + timedelta(seconds=seconds)
        await types(guest, f"/start i{CODE}")
        place.harness.at = ends + timedelta(seconds=seconds)
        await _accepts(guest, number)
        assert await _posts(place, guest) == (1 if worth else 0)


async def test_invitation_gives_one_post_when_fifty_people_accept_at_once(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog
) -> None:
    rounds = invariant_log.size(small=2, full=40)
    async with a_town(tmp_path, town) as place:
        for turn in range(rounds):
            code = f"{turn:04d}{CODE[4:]}"
            number = await invited(place, code)
            guests = [place.harness.stranger() for _ in range(50)]
            for guest in guests:
                await types(guest, f"/start i{code}")
            await asyncio.gather(*(_accepts(guest, number) for guest in guests))
            posts = [await _posts(place, guest) for guest in guests]
            told = Counter([(await guest.heard())[-1].key for guest in guests])
            assert sorted(posts) == [0] * 49 + [1]
            assert told == {"invite.refused": 49, "invite.started.to_holder": 1}
            late = place.harness.stranger()
            await types(late, f"/start i{code}")
            await _accepts(late, number)
            assert await _posts(place, late) == 0
        invariant_log.ran("races for one invitation", rounds, people=50)


async def test_invitation_is_refused_when_issuer_has_lost_their_post(tmp_path: Path, town: domain.core.town.Town) -> None:
    async with a_town(tmp_path, town) as place:
        number, guest, chair = await invited(place, CODE), place.harness.stranger(), place.chair.person_id
        await types(guest, f"/start i{CODE}")
        assert chair is not None
        await place.harness.store.transact(lambda unit: unit.people.dismiss(chair, at=place.harness.at))
        await _accepts(guest, number)
        assert await _posts(place, guest) == 0


async def _accepts(guest: Voice, number: int) -> None:
    """Press the button of a code, and give a real name when it is asked for."""
    await guest.presses_raw("take", number)
    await guest.says("李卫东")


async def _posts(place: Town, guest: Voice) -> int:
    sql = "SELECT COUNT(*) AS n FROM posts p JOIN addresses a ON a.person_id = p.person_id WHERE a.user_id = ? AND p.until_at IS NULL"
    row = await place.harness.store.transact(lambda unit: unit.transaction.fetch_one(sql, (guest.user_id,)))
    return 0 if row is None else int(row["n"])


def payload(dice: Random) -> str:
    """Return a value for `?start=`: letters that Telegram allows, or ones of a changed client."""
    letters = URL_SAFE if dice.random() < 0.7 else URL_SAFE + " ~|=<>&{}%\u202e\x00村"
    words = "".join(dice.choice(letters) for _ in range(dice.choice((1, 2, 8, 22, 23, 64, 200))))
    return dice.choice(("", "v", "i", "t", "v1", "v99999", "v-1", "i", "t1", "v" * 9)) + dice.choice((words, str(dice.randrange(10**12))))


async def test_deep_link_is_answered_and_changes_nothing_when_payload_is_random(
    tmp_path: Path, town: domain.core.town.Town, invariant_log: InvariantLog
) -> None:
    count = invariant_log.size(small=300, full=10_000)
    async with a_town(tmp_path, town) as place:
        before = await place.state()
        dice = Random(SEED)  # noqa: S311 - the same links every time
        for number in range(count):
            guest = place.harness.stranger()
            link = payload(dice)
            await comes(guest, message_of(guest, f"/start {link}"))
            assert await guest.new(), f"silence after /start {link!r}"
            if number % 100 == 99:
                assert await place.state() == before, link
        invariant_log.ran("deep links", count)
        assert await place.state() == before


# Webhook calls ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def webhook(invariant_log: InvariantLog) -> Any:
    """The module that lets the server call us."""
    if importlib.util.find_spec("bot.receiving.webhook") is None:
        invariant_log.ran("forged webhook calls", 0, skipped=1, reason="the bot only polls, there is no door to knock at")
        pytest.skip("there is no webhook")
    return importlib.import_module("bot.receiving.webhook")


class Kept(list[Any]):
    """The updates that the database was asked to keep."""

    async def keep(self, updates: list[Any]) -> None:
        """Keep it."""
        self.extend(updates)


async def status_of(entrance: Any, secrets: list[bytes]) -> int:
    """Call the entrance with these secrets; reading the body is a failure."""

    async def receive() -> Any:
        raise AssertionError("the body of a forged call was read")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), *((callers.NAME.lower().encode(), secret) for secret in secrets)]
    await entrance({"type": "http", "method": "POST", "path": callers.PATH, "headers": headers}, receive, send)
    return int(sent[0]["status"])


async def knocked(webhook: Any, count: int) -> tuple[int, list[str]]:
    """Knock with guessed secrets; return how often, and which were let in."""
    kept, wrong, tries = Kept(), list[str](), 0
    entrance = webhook.Entrance(kept.keep, secret=callers.SECRET, path=callers.PATH, max_body=callers.MOST)
    dice = Random(SEED)  # noqa: S311 - the same guesses every time
    while tries < count and not wrong:
        secrets = callers.guess(dice)
        tries += 1
        try:
            if await status_of(entrance, secrets) != 403:
                wrong.append(f"{secrets} was not refused")
        except AssertionError as fault:
            wrong.append(f"{secrets}: {fault}")
    return tries, wrong + [f"{update} was kept" for update in kept]


async def test_webhook_refuses_call_when_secret_is_guessed(webhook: Any, invariant_log: InvariantLog) -> None:
    tries, wrong = await knocked(webhook, invariant_log.size(small=2_000, full=50_000))
    invariant_log.ran("forged webhook calls", tries, failed=len(wrong))
    assert not wrong


async def test_webhook_keeps_no_update_when_calls_are_forged_or_too_large(webhook: Any, invariant_log: InvariantLog) -> None:
    kept = Kept()
    entrance = webhook.Entrance(kept.keep, secret=callers.SECRET, path=callers.PATH, max_body=callers.MOST)
    async with importlib.import_module("bot.http.http_listener").HttpListener(entrance, host="127.0.0.1", port=0) as door:
        for name, request in callers.FORGED.items():
            assert await callers.answer(door.port, request) in (0, 400, 403, 431), name
        for name, request in callers.TOO_MUCH.items():
            assert await callers.answer(door.port, request) in (0, 400, 413), name
        assert not kept
        for name, request in callers.GENUINE.items():
            assert await callers.answer(door.port, request) == 200, name
        assert len(kept) == len(callers.GENUINE)
    invariant_log.ran("forged webhook calls over a socket", len(callers.FORGED) + len(callers.TOO_MUCH))


@pytest.mark.parametrize(
    ("bug", "genuine"),
    [
        ("a secret is compared by its beginning", lambda said: any(callers.SECRET.encode().startswith(each) for each in said)),
        ("one right secret among several is enough", lambda said: callers.SECRET.encode() in said),
    ],
)
async def test_forged_call_is_accepted_when_secret_check_is_weakened(
    webhook: Any, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch, bug: str, genuine: Any
) -> None:
    name = callers.NAME.lower().encode()
    monkeypatch.setattr(webhook.Entrance, "_genuine", lambda self, headers: genuine([value for each, value in headers if each == name]))
    tries, wrong = await knocked(webhook, 2_000)
    invariant_log.mutant(bug, found=bool(wrong), after=f"{tries} calls")
    assert wrong
