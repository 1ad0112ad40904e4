"""getUpdates: confirming, conflicts, age, the clock."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.updates import BY_WEBHOOK, OTHER_POLL, WEBHOOK_SET
from tests.sandbox.client import Refused, until

if TYPE_CHECKING:
    from tests.sandbox.client import SandboxClient


async def say(client: SandboxClient, user: int, *texts: str) -> None:
    for text in texts:
        await client.does("messages", user=user, chat=user, text=text)


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def poll_in_background(client: SandboxClient, **arguments: Any) -> asyncio.Task[Any]:
    task = asyncio.create_task(client.calls("getUpdates", **{"timeout": 30, **arguments}))
    await until(lambda: client.world.updates.poll_waiting)
    return task


async def test_updates_stay_until_an_offset_confirms_them(client: SandboxClient):
    wang = await client.person()
    await say(client, wang, "一", "二", "三")
    first = await client.calls("getUpdates")
    assert texts(first) == ["一", "二", "三"]
    assert texts(await client.calls("getUpdates")) == ["一", "二", "三"]
    assert texts(await client.calls("getUpdates", offset=first[0]["update_id"] + 1)) == ["二", "三"]
    assert await client.calls("getUpdates", offset=first[-1]["update_id"] + 1) == []
    assert await client.calls("getUpdates") == []


async def test_limit_is_kept_and_a_foolish_one_means_a_hundred(client: SandboxClient):
    wang = await client.person()
    await say(client, wang, *map(str, range(1, 6)))
    assert len(await client.calls("getUpdates", limit=2)) == 2
    assert len(await client.calls("getUpdates", limit=1000)) == 5


async def test_negative_offset_forgets_all_but_the_last(client: SandboxClient):
    wang = await client.person()
    await say(client, wang, "一", "二", "三")
    assert texts(await client.calls("getUpdates", offset=-1)) == ["三"]
    assert texts(await client.calls("getUpdates")) == ["三"]


async def test_newer_poll_ends_the_older_with_409(client: SandboxClient):
    older = await poll_in_background(client)
    newer = asyncio.create_task(client.calls("getUpdates", timeout=30))
    with pytest.raises(Refused) as refused:
        await older
    assert (refused.value.status, refused.value.description) == (409, f"Conflict: {OTHER_POLL}")
    wang = (await client.does("users", first_name="老王"))["id"]
    await client.does("starts", user=wang)
    assert texts(await newer) == ["/start"]


async def test_polling_is_refused_while_a_webhook_is_set_and_setting_one_ends_the_poll(client: SandboxClient):
    older = await poll_in_background(client)
    await client.calls("setWebhook", url="http://127.0.0.1:9/hook")
    with pytest.raises(Refused) as refused:
        await older
    assert refused.value.description == f"Conflict: {BY_WEBHOOK}"
    assert await client.refusal("getUpdates") == f"Conflict: {WEBHOOK_SET}"
    await client.calls("deleteWebhook")
    assert await client.calls("getUpdates") == []


async def test_update_is_gone_after_a_day(client: SandboxClient):
    wang = await client.person()
    await say(client, wang, "旧")
    await client.does("clock", advance_s=86_000)
    await say(client, wang, "新")
    assert texts(await client.calls("getUpdates")) == ["旧", "新"]
    await client.does("clock", advance_s=401)
    assert texts(await client.calls("getUpdates")) == ["新"]


async def test_moving_the_clock_ends_a_waiting_poll_with_the_new_date(client: SandboxClient):
    poll = asyncio.create_task(client.raw("getUpdates", timeout=30))
    await until(lambda: client.world.updates.poll_waiting)
    moved = await client.does("clock", advance_s=3600)
    answer = await poll
    assert answer.json() == {"ok": True, "result": []}
    date = parsedate_to_datetime(answer.headers["date"]).timestamp()
    assert abs(date - moved["now"]) < 2
    assert date - time.time() > 3590


async def test_only_wanted_kinds_are_queued_and_the_wish_is_remembered(client: SandboxClient):
    wang = await client.person()
    await client.calls("getUpdates", allowed_updates=["callback_query"])
    await say(client, wang, "不要")
    assert await client.calls("getUpdates") == []
    await client.calls("getUpdates", allowed_updates=[])
    await say(client, wang, "要")
    assert texts(await client.calls("getUpdates")) == ["要"]


async def test_chat_member_and_reactions_come_only_on_request(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    group = await client.does("groups", title="村", type="supergroup", members=[wang], admins=[wang], bot_is_admin=True)
    written = await client.does("messages", user=wang, chat=group["id"], text="大家好")
    await client.updates()
    await client.does("reactions", user=wang, chat=group["id"], message_id=written["message_id"], emoji="👍")
    await client.does(f"groups/{group['id']}/members", user=li, action="join")
    assert [set(update) - {"update_id"} for update in await client.updates()] == [{"message"}]
    await client.calls("getUpdates", allowed_updates=["chat_member", "message_reaction"])
    await client.does("reactions", user=wang, chat=group["id"], message_id=written["message_id"], emoji="")
    await client.does(f"groups/{group['id']}/members", user=li, action="leave")
    assert [set(update) - {"update_id"} for update in await client.updates()] == [{"message_reaction"}, {"chat_member"}]


async def test_raw_nonsense_arrives_as_it_is(client: SandboxClient):
    nonsense = '{"update_id": 500, "message": {"chat": {"id": 1180591620717411303424}, "text": "\\ud800"}}'
    answer = await client.http.post("/control/updates", content=nonsense, headers={"content-type": "application/json"})
    assert answer.json() == {"update_id": 500}
    await client.does("updates", poll={"id": 1})
    updates = await client.calls("getUpdates")
    assert updates[0]["message"] == {"chat": {"id": 2**70}, "text": "\ud800"}
    assert updates[1] == {"update_id": 501, "poll": {"id": 1}}


async def test_ids_that_jump_down_lose_nothing(client: SandboxClient):
    wang = await client.person()
    await say(client, wang, "高")
    high = (await client.calls("getUpdates"))[0]["update_id"]
    await client.does("updates", update_id=7, message={"text": "低"})
    await say(client, wang, "更")
    assert texts(await client.calls("getUpdates", offset=high + 1)) == ["低", "更"]
    assert texts(await client.calls("getUpdates", offset=high + 1)) == ["低", "更"]
    assert texts(await client.calls("getUpdates", offset=8)) == ["更"]
    assert await client.calls("getUpdates", offset=9) == []
    await client.does("updates", update_id=3, message={"text": "再低"})
    assert texts(await client.calls("getUpdates", offset=9)) == ["再低"]


async def test_same_offset_again_pauses_and_gives_one_at_a_time(paced: SandboxClient):
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


async def test_killed_poller_leaves_no_waiting_poll(client: SandboxClient):
    poll = await poll_in_background(client)
    poll.cancel()
    await until(lambda: not client.world.updates.poll_waiting)
    assert (await client.http.get("/control/state")).json()["poll_waiting"] is False
