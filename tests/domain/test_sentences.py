"""Sentences about cases, leaves, alerts and tips, and numbers that come first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.alerts.typed import after, announces, answers, parse_line
from domain.core.said import bare, command_in_words, number_first, numbers_in, split_glued
from domain.people.leave_words import LeaveSaid, Span, read_leave, read_span
from domain.sentences import SessionSaid, asks_progress, is_kind, is_polite, means_done, read_session
from domain.tips import LIBRARY, SIGNS, like
from tests.rows import row

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 3, 10, tzinfo=SHANGHAI).astimezone(UTC)  # a Wednesday


def test_session_is_read_from_one_sentence():
    table = {
        "昨天下午在三号厂门卫室，都到了，答应周一付": SessionSaid(1, "三号厂门卫室", "都到了", "答应周一付", None),
        "双方都来了，在村委会谈，同意让出半米，下次周五下午3点再谈": SessionSaid(
            None, "村委会", "双方都来了", "同意让出半米", datetime(2026, 6, 5, 7, tzinfo=UTC)
        ),
        "上周三在祠堂调解，只来了老徐，没谈成": SessionSaid(7, "祠堂", "只来了老徐", "没谈成", None),
    }
    for said, meant in table.items():
        with row(said):
            assert read_session(said, NOW, SHANGHAI) == meant


def test_other_sentences_are_no_session():
    for said in ("邻居昨天在村口打架，都来了", "我昨天在家，他没来还钱", "都到了吗，答应付钱没有", "想请你们帮我调解，双方都到", "调解"):
        with row(said):
            assert read_session(said, NOW, SHANGHAI) is None


def test_words_that_mean_done_ask_or_thank():
    for said in ("修好了", "已经处理好了，见照片", "解决了", "fixed"):
        with row(said):
            assert means_done(said)
    for said in ("还没修好", "修好了吗", "修好了又坏了", "不用修了", ""):
        with row(said):
            assert not means_done(said)
    for said in ("怎么样了", "进度", "怎么还没人来？", "办好了吗", "status"):
        with row(said):
            assert asks_progress(said)
    for said in ("还没修好", "隔壁什么时候能安静点啊我要疯了", "", "进度款没付"):
        with row(said):
            assert not asks_progress(said)
    for said in ("谢谢主任", "收到谢谢", "🙏🙏", "好了，灯亮了，谢谢"):
        with row(said):
            assert is_kind(said)
    for said in ("谢谢，另外路灯坏了", "太好了，骗子又来了", "不谢", "收到"):
        with row(said):
            assert not is_kind(said)
    assert is_polite("收到")


def test_leave_is_read_from_one_sentence():
    table = {
        "明天到下周一请假，李秀英代我": LeaveSaid(Span("明天", "下周一"), "李秀英"),
        "我要请假 明天到下周一 李秀英替我": LeaveSaid(Span("明天", "下周一"), "李秀英"),
        "请假三天": LeaveSaid(Span("", lasts=timedelta(days=3)), ""),
    }
    for said, meant in table.items():
        with row(said):
            assert read_leave(said) == meant
    for said in ("谁请假了", "请假怎么办", "我要请假", "明天停水"):
        with row(said):
            assert read_leave(said) is None
    assert read_span("明天起两天") == Span("明天", lasts=timedelta(days=2))
    assert read_span("周四8:00") is None


def test_numbers_and_labels_are_read_as_typed():
    words = {"受理": "accept", "签到": "training", "开始": "start"}
    assert [bare(said) for said in ("📥 待办（5）", "待办 (3)", "待办。")] == ["待办"] * 3
    assert bare("👍") == bare("字" * 61) == ""
    assert command_in_words("受理 1004", words) == ("accept", "1004")
    assert command_in_words("受理1004、1005", words) == ("accept", "1004、1005")
    assert command_in_words("/开始 上徐村", words) == ("start", "上徐村")
    for said in ("开始 上徐村", "受理了没有", "受理1004号的人是谁", "1004 受理"):
        with row(said):
            assert command_in_words(said, words) is None
    assert split_glued("case1011", {"case"}) == ("case", "1011")
    assert split_glued("case1011", {"case", "case1011"}) == ("case1011", "")
    assert numbers_in("1004 1005、#1006") == (1004, 1005, 1006)
    assert numbers_in("1004 修好了") == ()
    found = number_first("#1004号 修好了", least=1000)
    assert found is not None
    assert (found.number, found.words) == (1004, "修好了")
    for said in ("2000块钱被骗", "3个人打架", "2026年的事", "110"):
        with row(said):
            assert number_first(said, least=1000) is None


def test_alert_is_read_with_blanks_and_its_answers():
    known = {"上徐村", "上徐", "下李村", "下李"}
    level, where, text = parse_line("橙　上徐村　下李村\n暴雨来了")
    assert level is not None
    assert after(where, text, known) == (("上徐村", "下李村"), "暴雨来了")
    assert after(("上徐村",), "下李村", known) == (("上徐村",), "下李村")  # a text is never taken away whole
    assert announces("橙色预警 上徐村 暴雨")
    assert not announces("橙色预警是什么意思")
    assert [answers(said) for said in ("收到，马上通知", "全村都通知到了", "还没收到", "收到一条短信")] == ["seen", "told", "", ""]


def test_every_tip_has_signs_and_a_message_is_like_one():
    assert set(SIGNS) == set(range(1, LIBRARY + 1))
    assert like("【客服】商品有质量问题，双倍赔付，点链接退款") == 4
    assert like("刷单返利，日结佣金") == 1
    assert like("点这里 http://example.org") == 4
    assert like("村口的路灯不亮了") is None
