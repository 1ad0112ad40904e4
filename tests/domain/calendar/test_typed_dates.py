from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.calendar.typed_dates import parse_begin, parse_day, parse_span, parse_when
from tests.domain.calendar.instants import DAY, INSTANTS, LONDON, MINUTE, SHANGHAI, ZONES, shanghai

NOW = shanghai("2026-06-03 10:00")  # a Wednesday


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("今天18:00", "2026-06-03 18:00"),
        ("今天 18:00", "2026-06-03 18:00"),
        ("明天下午3点", "2026-06-04 15:00"),
        ("明天下午三点", "2026-06-04 15:00"),
        ("后天 9:30", "2026-06-05 09:30"),
        ("大后天上午十点", "2026-06-06 10:00"),
        ("周四14:00", "2026-06-04 14:00"),
        ("周四十四点", "2026-06-04 14:00"),
        ("星期天下午两点", "2026-06-07 14:00"),
        ("礼拜五晚上8点", "2026-06-05 20:00"),
        ("周三14:00", "2026-06-03 14:00"),
        ("周三9:00", "2026-06-10 09:00"),
        ("本周五 9:00", "2026-06-05 09:00"),
        ("下周一上午九点", "2026-06-08 09:00"),
        ("下周日 9:00", "2026-06-14 09:00"),
        ("下下周一9:00", "2026-06-15 09:00"),
        ("6月3日 14:00", "2026-06-03 14:00"),
        ("六月三号下午两点", "2026-06-03 14:00"),
        ("6月3日 9:00", "2027-06-03 09:00"),
        ("6月3日(周三)14:00", "2026-06-03 14:00"),
        ("6/3 14:00", "2026-06-03 14:00"),
        ("6.4 14:00", "2026-06-04 14:00"),
        ("1月1日零点", "2027-01-01 00:00"),
        ("15号下午3点", "2026-06-15 15:00"),
        ("2号下午3点", "2026-07-02 15:00"),
        ("2月29日 15:00", "2028-02-29 15:00"),
        ("2026-12-01 14:00", "2026-12-01 14:00"),
        ("2026-12-01T14:00", "2026-12-01 14:00"),
        ("2026/12/1 14:00", "2026-12-01 14:00"),
        ("2026年12月1日14:00", "2026-12-01 14:00"),
        ("二〇二六年十二月二十五日下午两点", "2026-12-25 14:00"),
        ("2025-06-03 14:00", "2025-06-03 14:00"),  # a full date may be past
        ("14:00", "2026-06-03 14:00"),
        ("9:00", "2026-06-04 09:00"),
        ("10:00", "2026-06-04 10:00"),  # now is not later than now
        ("14:30", "2026-06-03 14:30"),
        ("三点半", "2026-06-03 15:30"),
        ("3点半", "2026-06-03 15:30"),
        ("三点一刻", "2026-06-03 15:15"),
        ("十五点零五分", "2026-06-03 15:05"),
        ("八点", "2026-06-03 20:00"),  # the morning is over
        ("明天八点", "2026-06-04 08:00"),
        ("今晚8点", "2026-06-03 20:00"),
        ("明早八点", "2026-06-04 08:00"),
        ("今晚十二点", "2026-06-04 00:00"),
        ("今天24:00", "2026-06-04 00:00"),
        ("明天凌晨1点", "2026-06-04 01:00"),
        ("明天中午", "2026-06-04 12:00"),
        ("明天中午12点半", "2026-06-04 12:30"),
        ("14:00 明天", "2026-06-04 14:00"),
        ("tomorrow 3pm", "2026-06-04 15:00"),
        ("Tomorrow at 3:30 p.m.", "2026-06-04 15:30"),
        ("Thu 14:00", "2026-06-04 14:00"),
        ("on Thursday at 2 pm", "2026-06-04 14:00"),
        ("next Monday 9:00", "2026-06-08 09:00"),
        ("day after tomorrow 9:30", "2026-06-05 09:30"),
        ("June 4, 2pm", "2026-06-04 14:00"),
        ("4 Jun 2026 14:00", "2026-06-04 14:00"),
        ("tonight at 8", "2026-06-03 20:00"),
        ("this afternoon at 3pm", "2026-06-03 15:00"),
        ("noon tomorrow", "2026-06-04 12:00"),
        ("12am", "2026-06-04 00:00"),
        ("12pm", "2026-06-03 12:00"),
        ("半小时后", "2026-06-03 10:30"),
        ("一个半小时后", "2026-06-03 11:30"),
        ("in 2 hours", "2026-06-03 12:00"),
        ("三天后下午两点", "2026-06-06 14:00"),
        ("月底下午3点", "2026-06-30 15:00"),
        ("下个月5号上午9点", "2026-07-05 09:00"),
        ("这周周五14点", "2026-06-05 14:00"),
        ("星期五(6月5日)8点半", "2026-06-05 08:30"),
        ("明天下午两点左右", "2026-06-04 14:00"),
        ("大概明天三点", "2026-06-04 15:00"),
        ("3 点 半", "2026-06-03 15:30"),
    ],
)
def test_a_time_is_understood_as_people_say_it(typed, meant):
    assert parse_when(typed, NOW, SHANGHAI) == shanghai(meant)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "你好", "明天", "周四", "3", "14", "1400", "14:0", "14:000", "24:30", "25:00", "14:60", "-14:00"),
        *("今天9:00", "昨天14:00", "本周一9:00", "上周四14:00", "2月30日14:00", "2026-02-29 14:00", "13/1 14:00"),
        *("6月3日(周四)14:00", "周八14:00", "上午14:00", "明天晚上3点", "凌晨9点", "0:30pm", "14:00-16:00", "九十九点"),
        *(
            "三十十点",
            "market 3pm",
            "1026年6月3日14:00",
            "9999-12-31 24:00",
            "\u0663:\u0663\u0660",
            "14:00" * 20,
            "1_4:00",
        ),
        *("明天14:00 15:00", "morning pm 3", "Thursday, maybe 14:00", "14:00" + " " * 60),
    ],
)
def test_what_is_not_understood_is_not_guessed(typed):
    assert parse_when(typed, NOW, SHANGHAI) is None


@pytest.mark.parametrize(
    ("typed", "begins", "ends"),
    [
        ("明天 14:00-16:00", "2026-06-04 14:00", "2026-06-04 16:00"),
        ("下午2点到4点", "2026-06-03 14:00", "2026-06-03 16:00"),
        ("明天14:00", "2026-06-04 14:00", None),
    ],
)
def test_span_is_read_with_its_end(typed, begins, ends):
    assert parse_span(typed, NOW, SHANGHAI) == (shanghai(begins), shanghai(ends) if ends else None)
    assert parse_begin(typed, NOW, SHANGHAI) == shanghai(begins)


def test_day_is_read_without_a_time_of_day():
    days = {"后天": "2026-06-05", "三天后": "2026-06-06", "月底": "2026-06-30", "周日": "2026-06-07"}
    assert {typed: str(parse_day(typed, NOW, SHANGHAI)) for typed in days} == days
    assert parse_day("昨天", NOW, SHANGHAI) is parse_day("随便", NOW, SHANGHAI) is None


def test_a_time_that_daylight_saving_skips_is_the_end_of_the_gap():
    now = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert parse_when("tomorrow 1:30", now, LONDON) == datetime(2026, 3, 29, 1, tzinfo=UTC)


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "今天",
                "明天",
                "后天",
                "下周",
                "周",
                "一",
                "二",
                "十",
                "日",
                "月",
                "号",
                "年",
                "上午",
                "下午",
                "晚上",
                "凌晨",
                "点",
                "半",
            ),
            *(
                "刻",
                "3",
                "6",
                "12",
                "2026",
                "30",
                ":",
                "\uff1a",
                "/",
                "-",
                " ",
                "pm",
                "Thu",
                "next ",
                "tomorrow ",
                "June ",
                "(",
                ")",
            ),
        ]
    ),
    max_size=8,
).map("".join)


@given(PIECES | st.text(max_size=70), INSTANTS, st.sampled_from(ZONES))
@example("9", NOW, SHANGHAI)
def test_whatever_is_typed_is_none_or_later_than_now(typed, now, zone):
    at = parse_when(typed, now, zone)
    assert at is None or at > now or "20" in typed or "二" in typed


@given(INSTANTS, st.timedeltas(MINUTE, 300 * DAY), st.booleans())
def test_what_the_bot_writes_it_reads_back(now, ahead, full_width):
    meant = (now + ahead).astimezone(SHANGHAI).replace(second=0, microsecond=0)
    for written in (
        f"{meant:%Y-%m-%d %H:%M}",
        f"{meant.month}月{meant.day}日 {meant:%H:%M}",
        f"{meant.month}/{meant.day} {meant:%H:%M}",
    ):
        typed = "".join(chr(ord(c) + 0xFEE0) if full_width and c > " " and c.isascii() else c for c in written)
        if meant > now:
            assert parse_when(typed, now, SHANGHAI) == meant.astimezone(UTC)
