"""ID numbers are blanked before an update is stored, in every part of it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.process.database_startup import open_database
from bot.receiving.blanking import blank_ids
from bot.receiving.polling import Inlet, decode
from bot.receiving.webhook import HEADER, Entrance
from bot.telegram.buttons import Signer
from bot.telegram.incoming import BLANKED, read
from bot.timers.clock import Clock
from domain.core.numbers import utf16_len
from domain.core.private_numbers import BLANK
from storage.unit import Store
from tests.engines import new_database

if TYPE_CHECKING:
    from pathlib import Path

ID = "110101199003074258"
GONE = BLANK * 18
HERE: dict[str, Any] = {"message_id": 5, "date": 1, "chat": {"id": 9, "type": "private"}, "from": {"id": 9, "first_name": "李"}}

#: Where people's words stand in a message; True: the sender's own.
PLACES: tuple[tuple[dict[str, Any], bool], ...] = (
    ({"text": f"😀 我是{ID}，路灯坏了"}, True),
    ({"text": "/report 隐患 １１０１０１１９９００３０７４２５８ 路灯坏了"}, True),
    ({"caption": f"看照片 {ID}", "photo": [{"file_id": "a", "file_unique_id": "b"}]}, True),
    ({"text": "好", "quote": {"text": f"他是{ID}", "position": 0}}, True),
    ({"text": f"转 {ID}", "forward_origin": {"type": "hidden_user", "sender_user_name": "某人", "date": 1}}, True),
    ({"contact": {"phone_number": "13812345678", "first_name": f"张三{ID}", "vcard": f"NOTE:{ID}"}}, True),
    ({"document": {"file_id": "a", "file_unique_id": "b", "file_name": f"{ID}.jpg"}}, True),
    ({"venue": {"title": ID, "address": f"{ID}号", "location": {"latitude": 1, "longitude": 2}}}, True),
    ({"poll": {"question": ID, "options": [{"text": ID}]}}, True),
    ({"text": "好", "reply_to_message": {"message_id": 4, "date": 1, "text": f"旧的 {ID}"}}, False),
    ({"text": "好", "from": {"id": 9, "first_name": ID}}, False),
)


@pytest.mark.parametrize("kind", ["message", "edited_message"])
@pytest.mark.parametrize(("words", "own"), PLACES)
def test_id_number_is_blanked_wherever_it_stands(kind: str, words: dict[str, Any], own: bool) -> None:
    update = {"update_id": 7, kind: HERE | deepcopy(words)}
    blanked = blank_ids(deepcopy(update))
    assert (blanked.pop(BLANKED, False), len(str(blanked))) == (own, len(str(update)))
    told = json.dumps(blanked, ensure_ascii=False)
    assert ID not in told
    assert "１１０１０１" not in told
    assert GONE in told


def test_positions_in_the_text_stay_valid_when_an_id_number_is_blanked() -> None:
    text = f"😀 我是{ID}，看 https://a.example"
    entity: dict[str, Any] = {"type": "url", "offset": utf16_len(text) - 17, "length": 17}
    message = blank_ids({"update_id": 7, "message": HERE | {"text": text, "entities": [entity]}})["message"]
    units = message["text"].encode("utf-16-le")
    assert message["text"] == f"😀 我是{GONE}，看 https://a.example"
    assert units[2 * entity["offset"] :].decode("utf-16-le") == "https://a.example"


def test_what_the_server_made_is_not_touched() -> None:
    press = {"id": ID, "chat_instance": ID, "data": ID, "from": {"id": 9}}
    update = {"update_id": 7, "callback_query": press, "message": {"media_group_id": ID, "voice": {"file_id": ID, "file_unique_id": ID}}}
    assert blank_ids(deepcopy(update)) == update


def test_update_of_any_shape_is_blanked() -> None:
    deep: Any = ID
    for _ in range(3000):
        deep = [deep]
    blanked = blank_ids({"update_id": 7, "message": deep})
    for _ in range(3000):
        blanked = blanked["message"] if isinstance(blanked, dict) else blanked[0]
    assert blanked == [GONE]
    assert blank_ids(f"no JSON {ID}") == f"no JSON {GONE}"
    assert blank_ids([ID, None, 5]) == [GONE, None, 5]
    assert blank_ids(None) is None


def test_only_the_receiving_step_marks_an_update() -> None:
    assert blank_ids({"update_id": 7, BLANKED: True, "message": HERE | {"text": "好"}}) == {
        "update_id": 7,
        "message": HERE | {"text": "好"},
    }


@pytest.mark.parametrize("kind", ["message", "edited_message"])
def test_incoming_message_knows_that_it_was_blanked(kind: str) -> None:
    for text, blanked in ((f"我是{ID}", True), ("路灯坏了", False)):
        update = blank_ids({"update_id": 7, kind: HERE | {"text": text}})
        incoming = read(update, channel="telegram", bot_name="bot", signer=Signer("x"))
        assert incoming is not None
        assert (incoming.blanked, incoming.edited) == (blanked, kind == "edited_message")


class _Named:
    name = "telegram"


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_inbox_row_holds_no_id_number(tmp_path: Path, engine: str, way: str) -> None:
    store = Store(await open_database(await new_database(engine, tmp_path)))
    inlet = Inlet(_Named(), store, Clock(), silent_after=timedelta(), received=lambda: None)  # type: ignore[arg-type]
    body = json.dumps({"update_id": 7, "message": HERE | {"text": f"我是{ID}"}}).encode()
    if way == "polling":
        await inlet.keep([decode(body)])
    else:
        await _call(Entrance(inlet.keep, secret="s" * 32, path="/", max_body=10_000), body)
    rows = await store.transact(lambda unit: unit.transaction.fetch_all("SELECT payload FROM inbox"))
    assert [json.loads(row["payload"])["message"]["text"] for row in rows] == [f"我是{GONE}"]
    await store.close()


async def _call(entrance: Entrance, body: bytes) -> None:
    headers = [(HEADER, b"s" * 32), (b"content-type", b"application/json")]

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: Any) -> None:
        assert event.get("status", 200) == 200

    await entrance({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)
