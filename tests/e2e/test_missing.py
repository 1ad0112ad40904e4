"""A missing-person notice: words and photo leave the group when the person is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.village import Group

WORDS = "徐老汉，78 岁，穿蓝布衫，昨天下午在村口车站不见的"


async def test_photo_and_words_leave_the_group_when_the_person_is_found(village):
    await village.chair.says("/bind 上徐村", to=village.group)
    await village.officer.says("/missing")
    await village.officer.says("女儿李芳当面同意")
    await village.officer.says(WORDS)
    await village.officer.sends_photo()
    await village.officer.says("上徐村")
    await village.officer.presses("发出去")
    village.group.saw("寻人", WORDS, "110")
    before = _photos(village.group)
    await village.officer.presses("找到了")
    village.group.has("人已找到")
    after = _photos(village.group)
    assert ["徐老汉" in message["caption"] for message in (*before, *after)] == [True, False]
    assert before[0]["message_id"] == after[0]["message_id"]
    assert before[0]["photo"][0]["file_id"] != after[0]["photo"][0]["file_id"]


def _photos(group: Group) -> list[dict[str, Any]]:
    """Return the photos that a group shows now."""
    return [message for message in group.town.chats.of(group.id).shows.values() if "photo" in message]
