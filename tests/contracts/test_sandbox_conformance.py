"""The sandbox conforms to the Bot API 10.0, by the independent model of aiogram 3.28.2.

Every answer is an object of the model without unknown fields. aiogram's own client and python-telegram-bot work against the sandbox unchanged.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, TypeAdapter
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.request import HTTPXRequest

from sandbox.api.methods.table import NAMES
from sandbox.world.pictures import gradient
from sandbox.world.world import World
from tests.sandbox.client import TOKEN, SandboxClient, opened, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def shapes() -> dict[str, Any]:
    """Return the aiogram model of each method's answer.

    Importing the models takes seconds, so only these tests do it.
    """
    from aiogram import types

    member = (
        types.ChatMemberOwner
        | types.ChatMemberAdministrator
        | types.ChatMemberMember
        | types.ChatMemberRestricted
        | types.ChatMemberLeft
        | types.ChatMemberBanned
    )
    return {
        "getMe": types.User,
        "getUpdates": list[types.Update],
        "getWebhookInfo": types.WebhookInfo,
        "sendMediaGroup": list[types.Message],
        "copyMessage": types.MessageId,
        "stopPoll": types.Poll,
        "getFile": types.File,
        "getChat": types.ChatFullInfo,
        "getChatMember": member,
        "getChatMemberCount": int,
        "getChatAdministrators": list[member],
        "createForumTopic": types.ForumTopic,
        "exportChatInviteLink": str,
        "getMyCommands": list[types.BotCommand],
        "getMyName": types.BotName,
        "getMyDescription": types.BotDescription,
        "getMyShortDescription": types.BotShortDescription,
        "getChatMenuButton": types.MenuButtonDefault | types.MenuButtonCommands | types.MenuButtonWebApp,
    } | dict.fromkeys(
        [
            "sendMessage",
            "sendPhoto",
            "sendDocument",
            "sendVoice",
            "sendLocation",
            "sendVenue",
            "sendContact",
            "sendPoll",
            "forwardMessage",
            "editMessageText",
            "editMessageCaption",
            "editMessageReplyMarkup",
            "editMessageMedia",
        ],
        types.Message,
    )


def unknown_fields(value: Any, path: str = "") -> list[str]:
    """Return the fields of an object that the model does not have, at any depth."""
    if isinstance(value, list):
        return [field for place, each in enumerate(value) for field in unknown_fields(each, f"{path}[{place}]")]
    if not isinstance(value, BaseModel):
        return []
    found = [f"{path}.{name}" for name in value.model_extra or {}]
    for name in value.model_fields_set - set(value.model_extra or {}):
        found += unknown_fields(getattr(value, name), f"{path}.{name}")
    return found


def conforms(shape: Any, answer: Any) -> None:
    """Raise an error if an answer has another shape or an unknown field."""
    value = TypeAdapter(shape).validate_python(answer)
    assert unknown_fields(value) == []


@pytest.fixture
async def client() -> AsyncIterator[SandboxClient]:
    async with opened(World(TOKEN, limits=False)) as client:
        yield client


def keyboard(data: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "好", "callback_data": data}, {"text": "网", "url": "https://t.me/tongxin_bot?start=x"}]]}


async def everything_private(client: SandboxClient, user: int) -> None:
    """Send and edit every kind of private message, in both directions."""
    me = {"chat_id": user}
    text = await client.calls("sendMessage", **me, text="<b>粗</b> /help https://e.cn", parse_mode="HTML", reply_markup=keyboard("a"))
    here = {**me, "message_id": text["message_id"]}
    await client.calls("sendMessage", **me, text="答", reply_parameters={"message_id": text["message_id"], "quote": "粗"})
    await client.calls("sendMessage", **me, text="看", link_preview_options={"is_disabled": True}, protect_content=True)
    await client.calls("sendLocation", **me, latitude=30.5, longitude=120.1, horizontal_accuracy=20, live_period=60)
    await client.calls("sendVenue", **me, latitude=30.5, longitude=120.1, title="村委会", address="一号")
    await client.calls("sendContact", **me, phone_number="110", first_name="派出所")
    await client.calls("sendChatAction", **me, action="typing")
    await client.calls("sendPoll", **me, question="几", options=["一", "二"], type="quiz", correct_option_ids=[1], explanation="二")
    await client.calls("forwardMessage", **me, from_chat_id=user, message_id=text["message_id"])
    await client.calls("copyMessage", **me, from_chat_id=user, message_id=text["message_id"])
    await client.calls("editMessageText", **here, text="新", reply_markup=keyboard("b"))
    await client.calls("editMessageReplyMarkup", **here, reply_markup=keyboard("c"))
    await client.calls("setMessageReaction", **here, reaction=[{"type": "emoji", "emoji": "👍"}])
    press = await client.does("presses", user=user, chat=user, message_id=text["message_id"], data="c")
    await client.calls("answerCallbackQuery", callback_query_id=press["callback_query_id"], show_alert=True, text="好")
    await files(client, user)
    await written(client, user)
    await client.does("blocks", user=user, blocked=True)
    await client.does("blocks", user=user, blocked=False)
    await client.calls("deleteMessage", **here)
    await client.calls("deleteMessages", **me, message_ids=[1, 2, 3])


async def files(client: SandboxClient, user: int) -> None:
    """Send pictures, documents and voices, each also by its file id."""
    me = {"chat_id": user}
    for kind, name, data in (("photo", "p.png", gradient(1)), ("document", "d.pdf", b"%PDF"), ("voice", "v.oga", b"OggS")):
        form = {"chat_id": str(user), "caption": "看"}
        answer = await client.http.post(f"/bot{TOKEN}/send{kind}", data=form, files={kind: (name, data)})
        assert answer.json()["ok"], answer.text
        client.answers.append((f"send{kind.capitalize()}", answer.json()["result"]))
        media = answer.json()["result"][kind]
        file_id = (media[-1] if kind == "photo" else media)["file_id"]
        file = await client.calls("getFile", file_id=file_id)
        assert (await client.http.get(f"/file/bot{TOKEN}/{file['file_path']}")).content == data
        again = await client.calls(f"send{kind.capitalize()}", **me, **{kind: file_id})
        await client.calls("editMessageCaption", **me, message_id=again["message_id"], caption="改")
        if kind != "voice":
            await client.calls("sendMediaGroup", **me, media=[{"type": kind, "media": file_id, "caption": "册"}] * 2)
    new = {"type": "document", "media": file["file_id"].replace("Aw", "BQ")}
    document = await client.does("messages", user=user, chat=user, document={"size": 10, "name": "a.txt", "mime_type": "text/plain"})
    new["media"] = document["document"]["file_id"]
    await client.calls("editMessageMedia", **me, message_id=again["message_id"], media=new)


async def written(client: SandboxClient, user: int) -> None:
    """Send every kind of message as a person."""
    me = {"user": user, "chat": user}
    first = await client.does("messages", **me, text="你好 @a_name +8613800138000 #安全")
    await client.does("messages", **me, text="转", forward_from=user)
    await client.does("messages", **me, text="转", forward_from="隐者")
    await client.does("messages", **me, forward_from={"chat": user, "message_id": first["message_id"]})
    await client.does("messages", **me, photo={"size": 10}, caption="看 /help", media_group_id="7")
    await client.does("messages", **me, voice={"size": 100, "duration": 2})
    await client.does("messages", **me, location={"latitude": 1, "longitude": 2, "live_period": 60}, reply_to=first["message_id"])
    await client.does("messages", **me, contact=True)
    await client.does("messages", **me, contact={"phone_number": "1", "first_name": "别人", "user_id": 5})
    await client.does("edits", **me, message_id=first["message_id"], text="改 /help")
    await client.does("reactions", **me, message_id=first["message_id"], emoji="👍")


async def everything_in_groups(client: SandboxClient, user: int, other: int) -> None:
    """Use groups, topics, polls and members, and upgrade a group."""
    facts: dict[str, Any] = {"members": [user], "admins": [user]}
    forum = (await client.does("groups", title="镇", type="supergroup", is_forum=True, bot_is_admin=True, **facts))["id"]
    me = {"chat_id": forum}
    topic = await client.calls("createForumTopic", **me, name="纠纷")
    thread = {"message_thread_id": topic["message_thread_id"]}
    sent = await client.calls("sendMessage", **me, **thread, text="x")
    await client.does(f"groups/{forum}/topics", user=user, name="平安")
    await client.does("messages", user=user, chat=forum, text="闲聊", reply_to=sent["message_id"])
    await client.does("messages", user=user, chat=forum, text="匿名", anonymous_admin=True)
    await client.calls("pinChatMessage", **me, message_id=sent["message_id"])
    await client.calls("getChat", **me)
    await client.calls("unpinChatMessage", **me)
    for action in ("join", "promote", "demote", "leave"):
        await client.does(f"groups/{forum}/members", user=other, by=user, action=action)
        await client.calls("getChatMember", **me, user_id=other)
    await client.calls("getChatMember", **me, user_id=user)
    await client.calls("getChatMember", **me, user_id=client.world.bot["id"])
    await client.calls("getChatMemberCount", **me)
    await client.calls("getChatAdministrators", **me)
    await client.calls("exportChatInviteLink", **me)
    poll = await client.calls("sendPoll", **me, question="来吗", options=["来", {"text": "不"}], is_anonymous=False, open_period=600)
    place = {"user": user, "chat": forum, "message_id": poll["message_id"]}
    await client.does("votes", **place, option_ids=[1])
    await client.does("reactions", **place, emoji="👍")
    await client.calls("stopPoll", **me, message_id=poll["message_id"])
    await client.does(f"groups/{forum}/members", action="demote_bot")
    small = (await client.does("groups", title="村", type="group", **facts))["id"]
    await client.does(f"groups/{small}/members", action="remove_bot", by=user)
    await client.does(f"groups/{small}/members", action="add_bot", by=user)
    await client.does(f"groups/{small}/migrate")
    await client.calls("leaveChat", **me)


async def the_bot_itself(client: SandboxClient, user: int) -> None:
    """Use the profile, commands, menu button and webhook."""
    await client.calls("getMe")
    await client.calls("setMyCommands", commands=[{"command": "help", "description": "帮助"}], scope={"type": "chat", "chat_id": user})
    assert len(await client.calls("getMyCommands", scope={"type": "chat", "chat_id": user})) == 1
    await client.calls("deleteMyCommands", scope={"type": "chat", "chat_id": user})
    for line in ("Name", "Description", "ShortDescription"):
        await client.calls(f"setMy{line}", **{{"Name": "name", "Description": "description"}.get(line, "short_description"): "同心"})
        await client.calls(f"getMy{line}")
    await client.calls("setChatMenuButton", chat_id=user, menu_button={"type": "commands"})
    await client.calls("getChatMenuButton", chat_id=user)
    await client.calls("getChat", chat_id=user)
    await client.calls("getChatMember", chat_id=user, user_id=user)
    await client.calls("setWebhook", url="http://127.0.0.1:9/")
    await client.calls("getWebhookInfo")
    await client.calls("deleteWebhook")
    await client.calls("getWebhookInfo")
    await client.calls("logOut")
    await client.calls("close")


async def test_answers_and_updates_conform_to_bot_api(client: SandboxClient):
    from aiogram import types

    wanted = sorted(set(types.Update.model_fields) - {"update_id"})
    await client.calls("getUpdates", allowed_updates=wanted)
    wang = (await client.does("users", first_name="老王", last_name="王", username="laowang", language_code="zh", phone="+861"))["id"]
    li = (await client.does("users", first_name="李四"))["id"]
    await client.does("starts", user=wang, payload="abc")
    await everything_private(client, wang)
    await everything_in_groups(client, wang, li)
    await the_bot_itself(client, wang)
    updates: list[dict[str, Any]] = []
    while batch := await client.calls("getUpdates", offset=updates[-1]["update_id"] + 1 if updates else 0):
        updates += batch
    shape_of = shapes()
    for method, answer in client.answers:
        conforms(shape_of.get(method, bool), answer)
    for event in (await client.http.get("/control/log")).json()["events"]:
        if event["kind"] in ("message", "edited", "poll"):
            conforms(types.Message, {**event["message"], "reply_markup": None})
    assert {method for method, _ in client.answers} == set(NAMES)
    kinds = {kind for update in updates for kind in update if kind != "update_id"}
    assert kinds == set(
        ["message", "edited_message", "callback_query", "poll", "poll_answer", "my_chat_member", "chat_member", "message_reaction"]
    )


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("getMe", {"id": 1, "is_bot": False, "first_name": "x", "invented": 1}),
        ("sendMessage", {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private", "invented": 1}}),
        ("getUpdates", [{"update_id": 1, "message": {"message_id": 1, "date": 1}}]),
        ("getChatMemberCount", "yes!"),
    ],
)
def test_wrong_object_does_not_conform(name: str, answer: Any):
    with pytest.raises((ValueError, AssertionError)):
        conforms(shapes()[name], answer)


async def test_aiogram_client_works(client: SandboxClient):
    import aiogram
    from aiogram import types
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter

    wang = await client.person()
    session = AiohttpSession(api=TelegramAPIServer.from_base(client.url))
    async with aiogram.Bot(TOKEN, session=session).context() as bot:
        assert (await bot.get_me()).username == "tongxin_bot"
        markup = types.InlineKeyboardMarkup(inline_keyboard=[[types.InlineKeyboardButton(text="好", callback_data="x")]])
        sent = await bot.send_message(wang, "<b>好</b>", parse_mode="HTML", reply_markup=markup)
        assert (sent.text, sent.entities and sent.entities[0].type) == ("好", "bold")
        photo = await bot.send_photo(wang, types.BufferedInputFile(gradient(2), "p.png"))
        assert photo.photo is not None
        data = await bot.download(photo.photo[-1])
        assert data is not None
        assert data.read() == gradient(2)
        group = await bot.send_media_group(
            wang, [types.InputMediaPhoto(media=types.BufferedInputFile(gradient(n), "p.png")) for n in (3, 4)]
        )
        assert len({message.media_group_id for message in group}) == 1
        await client.does("presses", user=wang, chat=wang, message_id=sent.message_id, data="x")
        (update,) = await bot.get_updates(timeout=1)
        assert update.callback_query is not None
        assert await bot.answer_callback_query(update.callback_query.id, "好")
        with pytest.raises(TelegramBadRequest, match="message is not modified"):
            await bot.edit_message_text("<b>好</b>", chat_id=wang, message_id=sent.message_id, parse_mode="HTML", reply_markup=markup)
        await client.does("blocks", user=wang, blocked=True)
        with pytest.raises(TelegramForbiddenError):
            await bot.send_message(wang, "x")
        await client.does("faults", retry_after={"*": 7})
        with pytest.raises(TelegramRetryAfter) as late:
            await bot.send_message(wang, "x")
        assert late.value.retry_after == 7


async def test_python_telegram_bot_works(client: SandboxClient):
    wang = await client.person()
    async with Bot(TOKEN, base_url=f"{client.url}/bot", base_file_url=f"{client.url}/file/bot") as bot:
        assert bot.username == "tongxin_bot"
        assert await bot.delete_webhook()
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("好", callback_data="x")]])
        sent = await bot.send_message(wang, "<i>好</i>", parse_mode="HTML", reply_markup=markup)
        assert sent.text_html == "<i>好</i>"
        answer = await sent.reply_text("答", do_quote=True)
        assert answer.reply_to_message is not None
        assert answer.reply_to_message.message_id == sent.message_id
        photo = await bot.send_photo(wang, gradient(2), caption="看")
        file = await photo.photo[-1].get_file()
        assert bytes(await file.download_as_bytearray()) == gradient(2)
        assert len(await bot.send_media_group(wang, [InputMediaPhoto(gradient(3)), InputMediaPhoto(gradient(4))])) == 2
        poll = await bot.send_poll(wang, "来吗", ["来", "不来"], is_anonymous=False)
        assert (await bot.stop_poll(wang, poll.message_id)).is_closed
        await client.updates()
        await client.does("presses", user=wang, chat=wang, message_id=sent.message_id, data="x")
        (update,) = await bot.get_updates(timeout=1)
        assert isinstance(update, Update)
        assert update.callback_query is not None
        assert update.api_kwargs == {}
        assert await update.callback_query.answer("好")
        assert await bot.get_updates(offset=update.update_id + 1) == ()


async def test_python_telegram_bot_raises_its_own_errors(client: SandboxClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    wang = await client.person()
    group = (await client.does("groups", title="村", type="group", members=[wang]))["id"]
    async with Bot(TOKEN, base_url=f"{client.url}/bot") as bot:
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(99, "x")
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message(wang, "x" * 4097)
        await client.does(f"groups/{group}/migrate")
        with pytest.raises(ChatMigrated):
            await bot.send_message(group, "x")
        await client.does("faults", retry_after={str(wang): 3})
        with pytest.raises(RetryAfter):
            await bot.send_message(wang, "x")
        await client.does("faults", retry_after={str(wang): 0}, mode="502_html", times=1)
        with pytest.raises(NetworkError):
            await bot.send_message(wang, "x")
        await client.does("blocks", user=wang, blocked=True)
        with pytest.raises(Forbidden):
            await bot.send_message(wang, "x")
        poll = asyncio.create_task(bot.get_updates(offset=10**9, timeout=20))
        await until(lambda: client.world.updates.poll_waiting)
        async with Bot(TOKEN, base_url=f"{client.url}/bot") as twin:
            newer = asyncio.create_task(twin.get_updates(offset=10**9, timeout=20))
            with pytest.raises(Conflict):
                await poll
            await client.does("clock", advance_s=1)
            assert await newer == ()
    async with HTTPXRequest() as request, HTTPXRequest() as polls:
        with pytest.raises(InvalidToken):
            await Bot("1:WRONG", base_url=f"{client.url}/bot", request=request, get_updates_request=polls).initialize()
