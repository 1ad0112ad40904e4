"""What the bot may write, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.methods.editing import UNCHANGED
from sandbox.methods.presses import TOO_OLD
from tests.sandbox.client import Refused

if TYPE_CHECKING:
    from tests.sandbox.client import SandboxClient


def keyboard(*rows: list[str]) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": data, "callback_data": data} for data in row] for row in rows]}


async def test_unknown_method_and_wrong_token(client: SandboxClient):
    assert (await client.raw("sendNothing")).json() == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
    answer = await client.http.get("/bot1:WRONG/getMe")
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")
    assert (await client.http.get("/bot123456:SANDBOX/GETME")).json()["ok"] is True


async def test_bot_cannot_begin_and_cannot_reach_who_blocked_it(client: SandboxClient):
    wang = await client.person(started=False)
    assert await client.refusal("sendMessage", chat_id=9999, text="x") == "Bad Request: chat not found"
    assert await client.refusal("sendMessage", text="x") == "Bad Request: chat_id is empty"
    assert await client.refusal("sendMessage", chat_id=wang, text="x") == "Forbidden: bot can't initiate conversation with a user"
    await client.does("starts", user=wang)
    await client.calls("sendMessage", chat_id=wang, text="x")
    await client.updates()
    await client.does("blocks", user=wang, blocked=True)
    assert await client.refusal("sendMessage", chat_id=wang, text="x") == "Forbidden: bot was blocked by the user"
    (change,) = await client.updates()
    assert change["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    await client.does("messages", user=wang, chat=wang, text="听得见吗")
    assert await client.updates() == []
    await client.does("blocks", user=wang, blocked=False)
    await client.calls("sendMessage", chat_id=wang, text="x")
    await client.does("blocks", user=wang, deactivated=True)
    assert await client.refusal("sendMessage", chat_id=wang, text="x") == "Forbidden: user is deactivated"


@pytest.mark.parametrize(
    ("text", "mode", "problem"),
    [
        ("", "", "message text is empty"),
        ("  \n ", "", "message text is empty"),
        ("<b> </b>", "HTML", "message text is empty"),
        ("a" * 4097, "", "message is too long"),
        ("😀" * 2049, "", "message is too long"),
        ("x", "BBCode", "unsupported parse_mode"),
        ("a <b>b", "HTML", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("村<x>", "HTML", 'can\'t parse entities: Unsupported start tag "x" at byte offset 3'),
        ("<b>x</i>", "HTML", 'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "HTML", "can't parse entities: Unexpected end tag at byte offset 1"),
        ("1 < 2", "HTML", 'can\'t parse entities: Unsupported start tag "" at byte offset 2'),
        ("a <b", "HTML", "can't parse entities: Unclosed start tag at byte offset 2"),
        ("a.b", "MarkdownV2", "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*a", "MarkdownV2", "can't parse entities: Can't find end of Bold entity at byte offset 0"),
    ],
)
async def test_bad_texts_are_refused(client: SandboxClient, text: str, mode: str, problem: str):
    wang = await client.person()
    arguments = {"parse_mode": mode} if mode else {}
    assert await client.refusal("sendMessage", chat_id=wang, text=text, **arguments) == f"Bad Request: {problem}"


@pytest.mark.parametrize(
    "text", ["a" * 4096, "😀" * 2048, f"<b>{'字' * 4090}</b>&lt;&amp;&gt;", f"<a href='https://x.cn/{'a' * 500}'>{'字' * 4000}</a>"]
)
async def test_length_counts_utf16_units_after_parsing(client: SandboxClient, text: str):
    wang = await client.person()
    await client.calls("sendMessage", chat_id=wang, text=text, parse_mode="HTML")


async def test_html_becomes_entities_in_utf16_units(client: SandboxClient):
    wang = await client.person()
    source = '😀<b>粗<i>斜</i></b> &lt;x&gt; <a href="https://e.cn/?a=1&amp;b=2">链</a> '
    source += '<pre><code class="language-py">p</code></pre><blockquote expandable>q</blockquote>'
    message = await client.calls("sendMessage", chat_id=wang, text=source, parse_mode="HTML")
    assert message["text"] == "😀粗斜 <x> 链 pq"
    assert message["entities"] == [
        {"type": "bold", "offset": 2, "length": 2},
        {"type": "italic", "offset": 3, "length": 1},
        {"type": "text_link", "offset": 9, "length": 1, "url": "https://e.cn/?a=1&b=2"},
        {"type": "pre", "offset": 11, "length": 1, "language": "py"},
        {"type": "expandable_blockquote", "offset": 12, "length": 1},
    ]


async def test_white_space_is_cut_and_entities_move_along(client: SandboxClient):
    wang = await client.person()
    message = await client.calls("sendMessage", chat_id=wang, text="\n <b> 好 </b> 的 \n", parse_mode="HTML")
    assert (message["text"], message["entities"]) == ("好  的", [{"type": "bold", "offset": 0, "length": 2}])


async def test_markdown_v2_becomes_entities(client: SandboxClient):
    wang = await client.person()
    source = "*粗* __下__ ~删~ ||密|| `c\\`d` [链](https://e\\.cn/) 1\\. _斜_\n>引"
    message = await client.calls("sendMessage", chat_id=wang, text=source, parse_mode="MarkdownV2")
    assert message["text"] == "粗 下 删 密 c`d 链 1. 斜\n引"
    assert [entity["type"] for entity in message["entities"]] == [
        "bold",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "text_link",
        "italic",
        "blockquote",
    ]
    assert message["entities"][5] == {"type": "text_link", "offset": 12, "length": 1, "url": "https://e.cn/"}


async def test_telegram_finds_commands_links_and_numbers_in_what_people_write(client: SandboxClient):
    wang = await client.person()
    text = "😀 /help 看 https://e.cn/a，@laowang_1 #安全 13800138000 a@b.cn"
    message = await client.does("messages", user=wang, chat=wang, text=text)
    encoded = text.encode("utf-16-le")
    found = {(e["type"], encoded[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")) for e in message["entities"]}
    assert found == {
        ("bot_command", "/help"),
        ("url", "https://e.cn/a"),
        ("mention", "@laowang_1"),
        ("hashtag", "#安全"),
        ("phone_number", "13800138000"),
        ("email", "a@b.cn"),
    }


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        (keyboard(["字" * 22]), "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "x", "callback_data": ""}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "x"}]]}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (keyboard([str(n) for n in range(9)]), "REPLY_MARKUP_TOO_LONG"),
        (keyboard(*[["x"]] * 101), "REPLY_MARKUP_TOO_LONG"),
        ({"inline_keyboard": [[{"text": "x", "url": "javascript:alert(1)"}]]}, "BUTTON_URL_INVALID"),
        ({"nonsense": 1}, "object expected as reply markup"),
    ],
)
async def test_bad_keyboards_are_refused(client: SandboxClient, markup: dict[str, Any], problem: str):
    wang = await client.person()
    assert await client.refusal("sendMessage", chat_id=wang, text="x", reply_markup=markup) == f"Bad Request: {problem}"


async def test_largest_keyboard_and_data_pass(client: SandboxClient):
    wang = await client.person()
    markup = keyboard(["字" * 21 + "x"], *[[str(n) for n in range(8)]] * 12, ["a", "b", "c"])
    assert (await client.calls("sendMessage", chat_id=wang, text="x", reply_markup=markup))["reply_markup"] == markup


async def test_contact_button_exists_in_private_only_and_only_people_see_it(client: SandboxClient):
    wang = await client.person()
    group = await client.does("groups", title="村", type="group", members=[wang])
    markup = {"keyboard": [[{"text": "电话", "request_contact": True}]]}
    problem = "Bad Request: phone number can be requested in private chats only"
    assert await client.refusal("sendMessage", chat_id=group["id"], text="x", reply_markup=markup) == problem
    assert "reply_markup" not in await client.calls("sendMessage", chat_id=wang, text="x", reply_markup=markup)
    assert (await client.events("message"))[-1]["message"]["reply_markup"]["keyboard"][0][0]["request_contact"] is True


async def test_edits_must_change_something_own_that_exists(client: SandboxClient):
    wang = await client.person()
    message = await client.calls("sendMessage", chat_id=wang, text="<b>一</b>", parse_mode="HTML", reply_markup=keyboard(["a"]))
    place = {"chat_id": wang, "message_id": message["message_id"]}
    same = {"text": "<b>一</b>", "parse_mode": "HTML", "reply_markup": keyboard(["a"])}
    assert await client.refusal("editMessageText", **place, **same) == f"Bad Request: {UNCHANGED}"
    assert await client.refusal("editMessageReplyMarkup", **place, reply_markup=keyboard(["a"])) == f"Bad Request: {UNCHANGED}"
    edited = await client.calls("editMessageText", **place, text="一")
    assert "entities" not in edited
    assert "reply_markup" not in edited
    assert await client.refusal("editMessageText", chat_id=wang, message_id=999, text="x") == "Bad Request: message to edit not found"
    theirs = await client.does("messages", user=wang, chat=wang, text="我的")
    problem = await client.refusal("editMessageText", chat_id=wang, message_id=theirs["message_id"], text="x")
    assert problem == "Bad Request: message can't be edited"
    await client.calls("deleteMessage", **place)
    assert await client.refusal("editMessageText", **place, text="x") == "Bad Request: message to edit not found"


async def test_messages_older_than_two_days_cannot_be_deleted(client: SandboxClient):
    wang = await client.person()
    message = await client.calls("sendMessage", chat_id=wang, text="x")
    await client.does("clock", advance_s=48 * 3600 + 1)
    problem = await client.refusal("deleteMessage", chat_id=wang, message_id=message["message_id"])
    assert problem == "Bad Request: message can't be deleted for everyone"


async def test_callback_is_answered_in_time_or_refused(client: SandboxClient):
    wang = await client.person()
    message = await client.calls("sendMessage", chat_id=wang, text="x", reply_markup=keyboard(["a"]))
    place = {"user": wang, "chat": wang, "message_id": message["message_id"]}
    assert "no such button" in await client.cannot("presses", **place, data="b")
    await client.does("presses", **place, data="b", forged=True)
    early = await client.does("presses", **place, data="a")
    assert [update["callback_query"]["data"] for update in await client.updates()] == ["b", "a"]
    assert await client.calls("answerCallbackQuery", callback_query_id=early["callback_query_id"], text="好")
    (event,) = await client.events("callback_answered")
    assert (event["user_id"], event["text"]) == (wang, "好")
    late = await client.does("presses", **place, data="a")
    await client.does("clock", advance_s=16)
    assert await client.refusal("answerCallbackQuery", callback_query_id=late["callback_query_id"]) == f"Bad Request: {TOO_OLD}"
    assert await client.refusal("answerCallbackQuery", callback_query_id="1") == f"Bad Request: {TOO_OLD}"


async def test_replies_need_their_message_and_protected_ones_stay(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    secret = await client.calls("sendMessage", chat_id=wang, text="密", protect_content=True)
    assert secret["has_protected_content"] is True
    place = {"from_chat_id": wang, "message_id": secret["message_id"]}
    problem = "Bad Request: message has protected content and can't be forwarded"
    assert await client.refusal("forwardMessage", chat_id=li, **place) == problem
    forward = {"chat": wang, "message_id": secret["message_id"]}
    assert "protected" in await client.cannot("messages", user=wang, chat=wang, forward_from=forward)
    missing = {"message_id": 999}
    problem = "Bad Request: message to be replied not found"
    assert await client.refusal("sendMessage", chat_id=wang, text="x", reply_parameters=missing) == problem
    await client.calls("sendMessage", chat_id=wang, text="x", reply_parameters=missing | {"allow_sending_without_reply": True})


async def test_files_exist_are_not_too_big_and_come_back_whole(client: SandboxClient):
    wang = await client.person()
    picture = await client.does("messages", user=wang, chat=wang, photo={"size": 50_000}, caption="看")
    assert (await client.updates())[0]["message"]["caption"] == "看"
    file = await client.calls("getFile", file_id=picture["photo"][-1]["file_id"])
    body = (await client.http.get(f"/file/bot123456:SANDBOX/{file['file_path']}")).content
    assert body.startswith(b"\x89PNG")
    assert len(body) == 50_000
    shown = await client.http.get(f"/control/files/{file['file_unique_id']}")
    assert (shown.content, shown.headers["content-type"]) == (body, "image/png")
    assert (await client.http.get("/file/bot1:WRONG/" + file["file_path"])).status_code == 401
    big = await client.does("messages", user=wang, chat=wang, document={"size": 21 << 20})
    assert await client.refusal("getFile", file_id=big["document"]["file_id"]) == "Bad Request: file is too big"
    assert await client.refusal("getFile", file_id="nonsense") == "Bad Request: invalid file_id"
    problem = "Bad Request: wrong file identifier/HTTP URL specified"
    assert await client.refusal("sendPhoto", chat_id=wang, photo="nonsense") == problem
    await client.calls("sendPhoto", chat_id=wang, photo=picture["photo"][-1]["file_id"])
    problem = "Bad Request: message caption is too long"
    long = await client.refusal("sendPhoto", chat_id=wang, photo=picture["photo"][-1]["file_id"], caption="字" * 1025)
    assert long == problem


@pytest.mark.parametrize("payload", ["x" * 65, "中文", "a b", "a=b"])
async def test_deep_links_are_short_and_plain(client: SandboxClient, payload: str):
    wang = await client.person()
    assert "payload" in await client.cannot("starts", user=wang, payload=payload)
    started = await client.does("starts", user=wang, payload="A-z_9" * 12)
    assert started["text"] == "/start " + "A-z_9" * 12


async def test_refusals_carry_the_status_in_the_body(client: SandboxClient):
    with pytest.raises(Refused) as refused:
        await client.calls("sendMessage", chat_id=1, text="x")
    assert refused.value.body == {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
