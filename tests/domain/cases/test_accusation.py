"""Recognition of reports against somebody in office: accused, mentioned, left open."""

from __future__ import annotations

import pytest

from domain.cases.words.accusation import Accused, Official, accused, means, violence_at_home
from domain.core.change import PersonId
from domain.people.people import Role

CHAIR = Official(PersonId(1), "甲建国", Role.CHAIR)
SECRETARY = Official(PersonId(2), "钱书", Role.SECRETARY)
OFFICER = Official(PersonId(3), "丁伟", Role.OFFICER)
LEADER = Official(PersonId(4), "李国强", Role.LEADER)
MEMBER = Official(PersonId(5), "申小明", Role.MEMBER)
ALL = (CHAIR, SECRETARY, OFFICER, LEADER, MEMBER)

AGAINST = [
    ("甲主任打我", CHAIR),
    ("救命 甲主任打我", CHAIR),
    ("主任打我", CHAIR),
    ("主任打了我一巴掌", CHAIR),
    ("主任收了我的钱", CHAIR),
    ("治保主任收了我两千块钱，不办事", CHAIR),
    ("主任要我的钱", CHAIR),
    ("主任收了工程队的红包", CHAIR),
    ("主任收了邻居的钱，偏袒他", CHAIR),
    ("主任昨天又骂我", CHAIR),
    ("主任天天欺负我们家", CHAIR),
    ("主任威胁我，不让我告", CHAIR),
    ("主任说要打我", CHAIR),
    ("主任扬言打断我的腿", CHAIR),
    ("我被主任打了", CHAIR),
    ("我让主任骂了一顿", CHAIR),
    ("我被甲建国打了", CHAIR),
    ("甲建国打人", CHAIR),
    ("我和主任打起来了", CHAIR),
    ("主任喝了酒打人", CHAIR),
    ("主任带人砸我家的门", CHAIR),
    ("主任克扣低保", CHAIR),
    ("主任贪了修路的款", CHAIR),
    ("治保主任拿了我家的补偿款", CHAIR),
    ("主任把我家的救济款扣下了", CHAIR),
    ("主任把征地的钱都卷走了", CHAIR),
    ("书记领走了大家的扶贫款", SECRETARY),
    ("主任包庇他侄子", CHAIR),
    ("主任骚扰我女儿", CHAIR),
    ("今天下午三点，主任动手打了我爸", CHAIR),
    ("村书记收了我的红包", SECRETARY),
    ("钱书记骂我", SECRETARY),
    ("书记霸占我家的地", SECRETARY),
    ("丁警官打我", OFFICER),
    ("民警打人", OFFICER),
    ("警察收了他的钱", OFFICER),
    ("所长威胁我", LEADER),
    ("申小明偷我家的鸡", MEMBER),
    ("治保委员打我", MEMBER),
    ("The chair beat me", CHAIR),
    ("the chairman took my money", CHAIR),
    ("The chair threatened me yesterday", CHAIR),
    ("I was beaten by the chair", CHAIR),
    ("the officer hit me", OFFICER),
    ("the secretary always insults us", SECRETARY),
    ("ｔｈｅ ｃｈａｉｒ ｂｅａｔ ｍｅ", CHAIR),
]
MENTIONED = [
    "我找过主任",
    "主任晕倒了",
    "主任来过了，没有用",
    "主任没打我",
    "主任没有打过人",
    "主任从来不骂人",
    "主任不收钱",
    "主任拿来了表格",
    "主任把表格拿来了",
    "主任领我们去领补偿款",
    "姓甲的邻居打我",
    "村干部来了，老甲家的鸡丢了",
    "主任要我去派出所",
    "主任帮我要回了钱",
    "主任被打了",
    "主任被邻居打了",
    "有人打主任",
    "邻居打了主任",
    "主任挨打了",
    "主任挨骂了",
    "主任受到威胁",
    "主任打电话给我了",
    "我给主任打电话",
    "主任打110了",
    "主任打听过这事",
    "主任打扫卫生",
    "主任来劝架，邻居打我",
    "主任看见邻居打我",
    "主任说邻居打我",
    "主任调解过，他们又打架",
    "主任拉开了打架的人",
    "妇女主任打我",
    "班主任打我孩子",
    "张主任打我",
    "邻居打我，请主任来",
    "邻居打我，主任也在",
    "着火了，主任快来",
    "出车祸了，主任在现场",
    "主任，邻居砌墙占了我的路",
    "请主任管一管，狗咬人",
    "镇书记来检查",
    "主任推荐我去找所长",
    "主任抢险去了",
    "主任家漏水",
    "the chair collapsed",
    "I have asked the chair",
    "the chair did not beat me",
    "the chair never takes money",
    "my neighbour hit the chair",
    "the chair was beaten",
    "路灯坏了",
    "",
]
OPEN = [
    ("我去找主任，他打我", CHAIR),
    ("主任来了，后来打我", CHAIR),
    ("主任的儿子打我", CHAIR),
    ("主任老婆骂我", CHAIR),
    ("听说主任收了钱", CHAIR),
    ("如果主任打我怎么办", CHAIR),
    ("主任和邻居一起打我", CHAIR),
    ("治保会那个姓甲的收红包", CHAIR),
    ("村干部老甲骂我", CHAIR),
    ("I went to the chair, and he hit me", CHAIR),
]
AT_HOME = [
    "我老公打我",
    "我老公打我，流血了",
    "老公喝了酒打我",
    "被老公打了",
    "丈夫家暴",
    "他天天打老婆",
    "公公打我",
    "儿子拿刀威胁我",
    "继父打我",
    "my husband beats me",
    "I was hit by my husband",
    "domestic violence next door",
    "he beats his wife",
]
NOT_AT_HOME = [
    "老公打电话给我",
    "邻居打我",
    "我老公被邻居打了",
    "儿子在学校被打了",
    "老公没打我",
    "老公打工去了",
    "孩子打针发烧",
    "他没有家暴",
    "my husband called me",
    "丈夫失踪了",
]


@pytest.mark.parametrize(("text", "who"), AGAINST)
def test_report_is_against_the_person_whom_the_words_make_the_doer(text, who):
    assert accused(text, ALL) == {who.person_id: Accused.YES}


@pytest.mark.parametrize("text", MENTIONED)
def test_mere_mention_accuses_nobody(text):
    assert accused(text, ALL) == {}


@pytest.mark.parametrize(("text", "who"), OPEN)
def test_words_that_leave_it_open_are_doubtful(text, who):
    assert accused(text, ALL) == {who.person_id: Accused.DOUBTFUL}


def test_doubt_does_not_keep_help_away_when_somebody_needs_rescue():
    assert accused("我去找主任，他打翻了炉子，着火了", ALL) == {}
    assert accused("主任放火烧我家，着火了", ALL) == {CHAIR.person_id: Accused.YES}


def test_title_alone_means_every_holder_and_a_surname_only_its_own():
    other = Official(PersonId(9), "乙大山", Role.CHAIR)
    assert set(accused("主任打我", (CHAIR, other))) == {CHAIR.person_id, other.person_id}
    assert set(accused("乙主任打我", (CHAIR, other))) == {other.person_id}


@pytest.mark.parametrize("text", AT_HOME)
def test_violence_at_home_is_recognised(text):
    assert violence_at_home(text)


@pytest.mark.parametrize("text", NOT_AT_HOME)
def test_other_words_are_not_violence_at_home(text):
    assert not violence_at_home(text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("甲建国", True), ("甲主任", True), ("主任", True), ("治保主任", True), ("the chair", True), ("乙主任", False), ("建国", False)],
)
def test_name_or_title_means_an_official(words, expected):
    assert means(CHAIR, words) is expected


SPELLED = [
    "甲  主任 收 钱",
    "甲　主任　收　钱",
    "甲.主.任.收.钱",
    "甲·主任*收了我的钱",
    "甲主，任，收，钱",
    "甲-主-任 打 我",
    "甲主\u200b任收\u200d了钱",
    "甲_主_任_骂_我",
    "甲主任🔥收了🔥我的钱",
    "甲主任收了我的錢",
    "甲主任打傷我爸",
    "治保主任貪了補償款",
    "甲 建 國 打 人",
    "甲建國打人",
    "“甲主任”收了我的钱",
    "甲主 任 威 脅 我",
    "甲\u0301主任打我",
    "甲 主 任 欺 负 我 们 家",
]


def test_report_is_against_a_person_however_the_words_are_spelled():
    for text in SPELLED:
        assert accused(text, ALL).get(CHAIR.person_id) is Accused.YES, text
    assert accused("錢書記罵我", ALL) == {SECRETARY.person_id: Accused.YES}
    assert violence_at_home("我 老 公 打 我")
    assert violence_at_home("家\u200b暴")
    assert means(CHAIR, "甲 主 任")
    assert means(CHAIR, "甲建國")


def test_mere_mention_accuses_nobody_when_blanks_stand_for_commas():
    for text in MENTIONED:
        for other in (text.replace("，", " "), text.replace("，", "　"), text.replace("。", " ")):
            assert Accused.YES not in accused(other, ALL).values(), other
