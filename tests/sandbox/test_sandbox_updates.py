"""getUpdates: confirmation, conflicts, expiry, the clock."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world.updates import BY_WEBHOOK, OTHER_POLL, WEBHOOK_SET
from tests.sandbox.street import Refused, until

if TYPE_CHECKING:
    from tests.sandbox.street import Street


async def say(street: Street, user: int, *texts: str) -> None:
    for text in texts:
        await street.does("messages", user=user, chat=user, text=text)


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def poll_in_background(street: Street, **arguments: Any) -> asyncio.Task[Any]:
    task = asyncio.create_task(street.calls("getUpdates", **{"timeout": 30, **arguments}))
    await until(lambda: street.world.updates.poll_waiting)
    return task


async def test_updates_stay_queued_until_confirmed_by_offset(street: Street):
    wang = await street.person()
    await say(street, wang, "一", "二", "三")
    first = await street.calls("getUpdates")
    assert texts(first) == ["一", "二", "三"]
    assert texts(await street.calls("getUpdates")) == ["一", "二", "三"]
    assert texts(await street.calls("getUpdates", offset=first[0]["update_id"] + 1)) == ["二", "三"]
    assert await street.calls("getUpdates", offset=first[-1]["update_id"] + 1) == []
    assert await street.calls("getUpdates") == []


async def test_limit_is_used_and_defaults_to_100_when_invalid(street: Street):
    wang = await street.person()
    await say(street, wang, *map(str, range(1, 6)))
    assert len(await street.calls("getUpdates", limit=2)) == 2
    assert len(await street.calls("getUpdates", limit=1000)) == 5


async def test_negative_offset_drops_all_but_last_updates(street: Street):
    wang = await street.person()
    await say(street, wang, "一", "二", "三")
    assert texts(await street.calls("getUpdates", offset=-1)) == ["三"]
    assert texts(await street.calls("getUpdates")) == ["三"]


async def test_newer_poll_ends_older_with_409(street: Street):
    older = await poll_in_background(street)
    newer = asyncio.create_task(street.calls("getUpdates", timeout=30))
    with pytest.raises(Refused) as refused:
        await older
    assert (refused.value.status, refused.value.description) == (409, f"Conflict: {OTHER_POLL}")
    wang = (await street.does("users", first_name="老王"))["id"]
    await street.does("starts", user=wang)
    assert texts(await newer) == ["/start"]


async def test_webhook_ends_waiting_poll_and_refuses_polling(street: Street):
    older = await poll_in_background(street)
    await street.calls("setWebhook", url="http://127.0.0.1:9/hook")
    with pytest.raises(Refused) as refused:
        await older
    assert refused.value.description == f"Conflict: {BY_WEBHOOK}"
    assert await street.refusal("getUpdates") == f"Conflict: {WEBHOOK_SET}"
    await street.calls("deleteWebhook")
    assert await street.calls("getUpdates") == []


async def test_update_expires_after_a_day(street: Street):
    wang = await street.person()
    await say(street, wang, "旧")
    await street.does("clock", advance_s=86_000)
    await say(street, wang, "新")
    assert texts(await street.calls("getUpdates")) == ["旧", "新"]
    await street.does("clock", advance_s=401)
    assert texts(await street.calls("getUpdates")) == ["新"]


async def test_waiting_poll_ends_with_new_date_when_clock_moves(street: Street):
    poll = asyncio.create_task(street.raw("getUpdates", timeout=30))
    await until(lambda: street.world.updates.poll_waiting)
    moved = await street.does("clock", advance_s=3600)
    answer = await poll
    assert answer.json() == {"ok": True, "result": []}
    date = parsedate_to_datetime(answer.headers["date"]).timestamp()
    assert abs(date - moved["now"]) < 2
    assert date - time.time() > 3590


async def test_only_allowed_updates_are_queued(street: Street):
    wang = await street.person()
    await street.calls("getUpdates", allowed_updates=["callback_query"])
    await say(street, wang, "不要")
    assert await street.calls("getUpdates") == []
    await street.calls("getUpdates", allowed_updates=[])
    await say(street, wang, "要")
    assert texts(await street.calls("getUpdates")) == ["要"]


async def test_chat_member_and_reaction_updates_need_subscription(street: Street):
    wang, li = await street.person(), await street.person("李四")
    group = await street.does("groups", title="村", type="supergroup", members=[wang], admins=[wang], bot_is_admin=True)
    written = await street.does("messages", user=wang, chat=group["id"], text="大家好")
    await street.updates()
    await street.does("reactions", user=wang, chat=group["id"], message_id=written["message_id"], emoji="👍")
    await street.does(f"groups/{group['id']}/members", user=li, action="join")
    assert [set(update) - {"update_id"} for update in await street.updates()] == [{"message"}]
    await street.calls("getUpdates", allowed_updates=["chat_member", "message_reaction"])
    await street.does("reactions", user=wang, chat=group["id"], message_id=written["message_id"], emoji="")
    await street.does(f"groups/{group['id']}/members", user=li, action="leave")
    assert [set(update) - {"update_id"} for update in await street.updates()] == [{"message_reaction"}, {"chat_member"}]


async def test_invalid_raw_update_arrives_unchanged(street: Street):
    nonsense = '{"update_id": 500, "message": {"chat": {"id": 1180591620717411303424}, "text": "\\ud800"}}'
    answer = await street.http.post("/control/updates", content=nonsense, headers={"content-type": "application/json"})
    assert answer.json() == {"update_id": 500}
    await street.does("updates", poll={"id": 1})
    updates = await street.calls("getUpdates")
    assert updates[0]["message"] == {"chat": {"id": 2**70}, "text": "\ud800"}
    assert updates[1] == {"update_id": 501, "poll": {"id": 1}}


async def test_no_update_is_lost_when_ids_go_down(street: Street):
    wang = await street.person()
    await say(street, wang, "高")
    high = (await street.calls("getUpdates"))[0]["update_id"]
    await street.does("updates", update_id=7, message={"text": "低"})
    await say(street, wang, "更")
    assert texts(await street.calls("getUpdates", offset=high + 1)) == ["低", "更"]
    assert texts(await street.calls("getUpdates", offset=high + 1)) == ["低", "更"]
    assert texts(await street.calls("getUpdates", offset=8)) == ["更"]
    assert await street.calls("getUpdates", offset=9) == []
    await street.does("updates", update_id=3, message={"text": "再低"})
    assert texts(await street.calls("getUpdates", offset=9)) == ["再低"]


async def test_repeated_offset_pauses_and_returns_one_update(paced: Street):
    wang = (await paced.does("users", first_name="老王"))["id"]
    await paced.does("starts", user=wang)
    await say(paced, wang, "一", "二")
    assert len(await paced.calls("getUpdates", offset=5)) == 3
    assert len(await paced.calls("getUpdates", offset=5)) == 1
    paced.world.updates.queue.clear()
    again = await poll_in_background(paced, offset=5, timeout=0)
    assert not again.done()
    await say(paced, wang, "三")
    assert texts(await again) == ["三"]


async def test_waiting_poll_ends_when_poller_disconnects(street: Street):
    poll = await poll_in_background(street)
    poll.cancel()
    await until(lambda: not street.world.updates.poll_waiting)
    assert (await street.http.get("/control/state")).json()["poll_waiting"] is False
