"""Groups: what the bot hears, topics, upgrades, being thrown out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.people import ANONYMOUS_ADMIN
from sandbox.world import World
from tests.sandbox.client import TOKEN, Refused, opened

if TYPE_CHECKING:
    from tests.sandbox.client import SandboxClient


async def heard(client: SandboxClient) -> list[str]:
    return [update["message"].get("text", "service") for update in await client.updates() if "message" in update]


async def test_privacy_mode_lets_commands_answers_and_mentions_through(client: SandboxClient):
    wang = await client.person()
    group = (await client.does("groups", title="村", type="supergroup", members=[wang], admins=[wang]))["id"]
    (change,) = await client.updates()
    assert change["my_chat_member"]["new_chat_member"]["status"] == "member"
    asked = await client.calls("sendMessage", chat_id=group, text="请回复")
    for text in ("闲聊", "/help", "/help@other_bot", "/help@tongxin_bot", "喂 @tongxin_bot", "@somebody 好"):
        await client.does("messages", user=wang, chat=group, text=text)
    await client.does("messages", user=wang, chat=group, text="答", reply_to=asked["message_id"])
    assert await heard(client) == ["/help", "/help@tongxin_bot", "喂 @tongxin_bot", "答"]
    await client.does(f"groups/{group}/members", action="promote_bot")
    await client.does("messages", user=wang, chat=group, text="闲聊")
    assert await heard(client) == ["闲聊"]


async def test_without_privacy_mode_the_bot_hears_everything():
    async with opened(World(TOKEN, limits=False, reads_all=True)) as client:
        wang = await client.person()
        group = (await client.does("groups", title="村", type="group", members=[wang]))["id"]
        await client.does("messages", user=wang, chat=group, text="闲聊")
        assert await heard(client) == ["闲聊"]
        assert (await client.calls("getMe"))["can_read_all_group_messages"] is True


async def test_bot_thrown_out_cannot_write_and_hears_nothing(client: SandboxClient):
    wang = await client.person()
    group = (await client.does("groups", title="村", type="group", members=[wang]))["id"]
    await client.does(f"groups/{group}/members", action="remove_bot", by=wang)
    assert await client.refusal("sendMessage", chat_id=group, text="x") == "Forbidden: bot was kicked from the group chat"
    assert (await client.updates())[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    await client.does("messages", user=wang, chat=group, text="/help")
    assert await client.updates() == []
    await client.does(f"groups/{group}/members", action="add_bot", by=wang)
    await client.calls("leaveChat", chat_id=group)
    assert await client.refusal("sendMessage", chat_id=group, text="x") == "Forbidden: bot is not a member of the group chat"
    unknown = (await client.does("groups", title="别村", type="group", members=[wang], with_bot=False))["id"]
    assert await client.refusal("sendMessage", chat_id=unknown, text="x") == "Bad Request: chat not found"


async def test_upgraded_group_answers_with_its_new_id(client: SandboxClient):
    wang = await client.person()
    group = (await client.does("groups", title="村", type="group", members=[wang], admins=[wang]))["id"]
    await client.updates()
    new = await client.does(f"groups/{group}/migrate")
    assert new["id"] < -1_000_000_000_000
    messages = [update["message"] for update in await client.updates()]
    assert [(m["chat"]["id"], m.get("migrate_to_chat_id"), m.get("migrate_from_chat_id")) for m in messages] == [
        (group, new["id"], None),
        (new["id"], None, group),
    ]
    with pytest.raises(Refused) as refused:
        await client.calls("sendMessage", chat_id=group, text="x")
    assert refused.value.description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert refused.value.body["parameters"] == {"migrate_to_chat_id": new["id"]}
    await client.calls("sendMessage", chat_id=new["id"], text="x")


async def test_topics_exist_or_not(client: SandboxClient):
    wang = await client.person()
    plain = (await client.does("groups", title="村", type="supergroup", members=[wang], bot_is_admin=True))["id"]
    forum = (await client.does("groups", title="镇", type="supergroup", is_forum=True, members=[wang]))["id"]
    problem = "Bad Request: message thread not found"
    assert await client.refusal("sendMessage", chat_id=forum, text="x", message_thread_id=77) == problem
    assert await client.refusal("sendMessage", chat_id=plain, text="x", message_thread_id=2) == problem
    assert await client.refusal("createForumTopic", chat_id=plain, name="x") == "Bad Request: the chat is not a forum"
    assert await client.refusal("createForumTopic", chat_id=forum, name="x") == "Bad Request: not enough rights to create a topic"
    await client.does(f"groups/{forum}/members", action="promote_bot")
    topic = await client.calls("createForumTopic", chat_id=forum, name="纠纷")
    sent = await client.calls("sendMessage", chat_id=forum, text="x", message_thread_id=topic["message_thread_id"])
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic["message_thread_id"], True)
    assert "message_thread_id" not in await client.calls("sendMessage", chat_id=forum, text="x", message_thread_id=1)
    written = await client.does("messages", user=wang, chat=forum, text="/help", message_thread_id=topic["message_thread_id"])
    assert written["message_thread_id"] == topic["message_thread_id"]


async def test_anonymous_administrator_wears_a_mask(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    group = (await client.does("groups", title="村", type="supergroup", members=[wang, li], admins=[wang]))["id"]
    await client.updates()
    await client.does("messages", user=wang, chat=group, text="/help", anonymous_admin=True)
    (update,) = await client.updates()
    assert update["message"]["from"] == ANONYMOUS_ADMIN
    assert update["message"]["sender_chat"]["id"] == group
    assert "administrators" in await client.cannot("messages", user=li, chat=group, text="/help", anonymous_admin=True)


async def test_only_members_write_in_a_group(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    group = (await client.does("groups", title="村", type="group", members=[wang]))["id"]
    assert "not in group" in await client.cannot("messages", user=li, chat=group, text="x")
    await client.does(f"groups/{group}/members", user=li, action="join")
    await client.does("messages", user=li, chat=group, text="x")


async def test_message_numbers_are_a_supergroups_own(client: SandboxClient):
    wang = await client.person()
    one = (await client.does("groups", title="一", type="supergroup", members=[wang]))["id"]
    two = (await client.does("groups", title="二", type="supergroup", members=[wang]))["id"]
    first = [(await client.calls("sendMessage", chat_id=chat, text="x"))["message_id"] for chat in (one, two)]
    assert first == [2, 2]


async def test_votes_are_told_one_by_one_unless_anonymous(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    group = (await client.does("groups", title="村", type="group", members=[wang, li]))["id"]
    await client.updates()
    open_poll = await client.calls("sendPoll", chat_id=group, question="来吗", options=["来", {"text": "不来"}], is_anonymous=False)
    place = {"chat": group, "message_id": open_poll["message_id"]}
    await client.does("votes", user=wang, option_ids=[0], **place)
    await client.does("votes", user=wang, option_ids=[], **place)
    answers = [update["poll_answer"]["option_ids"] for update in await client.updates() if "poll_answer" in update]
    assert answers == [[0], []]
    await client.does("votes", user=li, option_ids=[1], **place)
    await client.updates()
    result = await client.calls("stopPoll", chat_id=group, message_id=open_poll["message_id"])
    assert [option["voter_count"] for option in result["options"]] == [0, 1]
    assert "no open poll" in await client.cannot("votes", user=wang, option_ids=[0], **place)
    secret = await client.calls("sendPoll", chat_id=group, question="来吗", options=["来", "不来"], open_period=60)
    await client.updates()
    await client.does("votes", user=wang, chat=group, message_id=secret["message_id"], option_ids=[0])
    assert [set(update) - {"update_id"} for update in await client.updates()] == [{"poll"}]
    await client.does("clock", advance_s=61)
    assert (await client.updates())[0]["poll"]["is_closed"] is True
