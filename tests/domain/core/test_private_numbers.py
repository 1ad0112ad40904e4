"""ID numbers and private telephone numbers are found in every way of writing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.numbers import utf16_len
from domain.core.private_numbers import BLANK, Kind, find_ids, find_private, plain_phone, without_ids

#: A published test value: right check digit, born 1990-03-07.
ID = "110101199003074258"
WITH_X = "11010519491231002X"

IDS = (
    ID,
    WITH_X,
    WITH_X.lower(),
    f"身份证{ID}谢谢",
    f"张三{ID}",
    f"138{ID}",
    f"{ID}9",
    f"电话13812345678 {ID}",
    "110101 19900307 4258",
    "110101-1990-0307-4258",
    "１１０１０１１９９００３０７４２５８",
    "一一零一零一一九九零零三零七四二五八",
    "幺幺〇幺〇幺幺九九〇〇三〇七四二五八",
    "1 1 0 1 0 1 1 9 9 0 0 3 0 7 4 2 5 8",
    BLANK * 18,
)
NO_IDS = (
    "110101199003074259",  # wrong check digit
    "11010119900307425",  # one digit short
    "110101199013074258",  # no such month
    "110101199002304258",  # no such day
    "000000199003074258",  # no such place
    "1101 0119，9003，0742，58",  # commas separate numbers
    "6222021234567890123",  # a bank card
    "2026113012345678901",
    BLANK * 17,
    "",
)
PHONES = (
    ("13812345678", "13812345678"),
    ("打张三13812345678", "13812345678"),
    ("加微信X13812345678", "13812345678"),
    ("+86 138 1234 5678", "13812345678"),
    ("8613812345678", "13812345678"),
    ("013812345678", "13812345678"),
    ("１３８１２３４５６７８", "13812345678"),
    ("幺三八一二三四五六七八", "13812345678"),
    ("138-1234-5678", "13812345678"),
    ("1 3 8 1 2 3 4 5 6 7 8", "13812345678"),
    ("0571-88886666", "057188886666"),
    ("(010) 8888 6666", "01088886666"),
    ("0913-2123456", "09132123456"),
    ("138/1234/5678", "13812345678"),
    ("138,1234,5678", "13812345678"),
    ("138，1234，5678", "13812345678"),
    ("138、1234、5678", "13812345678"),
    ("138\n1234\n5678", "13812345678"),
    ("138 1234\n5678", "13812345678"),
    ("1/3/8/1/2/3/4/5/6/7/8", "13812345678"),
    ("一，三，八，一，二，三，四，五，六，七，八", "13812345678"),
    ("一三八 一二三四 五六七八", "13812345678"),
    ("一三八/1234/伍陆柒捌", "13812345678"),
    ("①13812345678", "13812345678"),
    ("①③⑧①②③④⑤⑥⑦⑧", "13812345678"),
    ("1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", "13812345678"),
    ("１３８．１２３４．５６７８", "13812345678"),
    ("138 12 34 56 78", "13812345678"),
    ("138.12.34.56.78", "13812345678"),
    ("1381234/5678", "13812345678"),
    ("0571/88886666", "057188886666"),
    ("0571、8888、6666", "057188886666"),
)
NO_PHONES = (
    "110、119、120、122、96110、12345、12389",
    "400-820-8820",
    "2026113012345678",  # a number of an order
    "6222021381234567890",
    "138****5678",
    "88886666",  # no area code: a village's own short form is nobody's secret
    "13.5 15.6 17.8 19.2",
    "8.30-11.30 13.30-17.00",
    "2026年11月30日13时00分",
    "12812345678",
    "2026/11/30，13:00、14:30、15:00",
    "30/11/2026 13:00-17:00",
    "2026-11-30\n13:00\n17:00",
    "补助150、2000、3000元",
    "¥150,2000,3000",
    "13,812,345,678元",
    "1,500、2,000、13,800",
    "案件1301、1302、1303",
    "1380、1381、1382、1383",
    "150号、1502号、1603号",
    "130、1301、1302号",
    "0830、2130、2230",
    "150 20 30 40 50 60",
    "110/119/120/122/12110",
    "3、5、8、10、12、15、18、20",
    "138.50 20.30 40.00 60.00",
)
SPLIT_IDS = ("110101,19900307,4258", "110101/1990/0307/4258", "110101\n19900307\n4258", "1101 0119，9003，0742，58")


@pytest.mark.parametrize("text", IDS)
def test_id_number_is_found_and_blanked_when_written_in_any_way(text: str) -> None:
    (found,) = find_ids(text)
    assert found.kind is Kind.ID
    assert len(found.places) == 18
    blanked = without_ids(text)
    assert blanked.count(BLANK) == 18
    assert utf16_len(blanked) == utf16_len(text)
    assert without_ids(blanked) == blanked


@pytest.mark.parametrize("text", NO_IDS)
def test_other_digits_are_not_an_id_number(text: str) -> None:
    assert find_ids(text) == []
    assert without_ids(text) == text


@pytest.mark.parametrize(("text", "digits"), PHONES)
def test_private_phone_is_found_when_written_in_any_way(text: str, digits: str) -> None:
    assert [(each.kind, each.digits) for each in find_private(text)] == [(Kind.PHONE, digits)]
    assert find_private(text, public={digits}) == []


@pytest.mark.parametrize("text", NO_PHONES)
def test_other_digits_are_not_a_private_phone(text: str) -> None:
    assert find_private(text) == []


@pytest.mark.parametrize("text", SPLIT_IDS)
def test_id_number_in_words_for_many_is_found_when_split_as_a_list(text: str) -> None:
    assert [each.kind for each in find_private(text)] == [Kind.ID]


@pytest.mark.parametrize("text", ["0913/2123456", "0913,212,3456", "〇九一三 二一二三四五六"])
def test_station_number_passes_when_split_as_a_list(text: str) -> None:
    assert find_private(text) != []
    assert find_private(text, public={"09132123456"}) == []


def test_only_the_station_number_passes_when_a_private_one_stands_beside_it() -> None:
    found = find_private("值班 0913-2123456 5楼，或者 13812345678", public={"09132123456"})
    assert [each.digits for each in found] == ["13812345678"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("0571-8888 6666", "057188886666"),
        ("+86 571 8888 6666", "057188886666"),
        ("+86 138 1234 5678", "13812345678"),
        ("０５７１－８８８８６６６６", "057188886666"),
        ("110", "110"),
    ],
)
def test_setting_of_a_public_phone_compares_equal_when_written_differently(written: str, plain: str) -> None:
    assert plain_phone(written) == plain


def test_number_is_repeated_to_its_writer_only_by_its_ends() -> None:
    assert [each.shown for each in find_private(f"{ID} 13812345678")] == ["110****4258", "138****5678"]


@given(st.text(alphabet=f"0123456789Xx０一二●- 。张{ID}", max_size=200))
def test_blanking_keeps_length_and_every_other_character(text: str) -> None:
    blanked = without_ids(text)
    assert len(blanked) == len(text)
    assert all(after in (before, BLANK) for before, after in zip(text, blanked, strict=True))
    assert all(each.digits == BLANK * 18 for each in find_ids(blanked))


def _spent(text: str) -> float:
    """Return the least CPU time of several searches, in seconds."""

    def once() -> float:
        start = time.thread_time()
        find_private(text)
        return time.thread_time() - start

    return min(once() for _ in range(7))


@pytest.mark.parametrize("piece", ["1", "1 ", "19900101", "20020202", "0571", "13812345678 ", ID, "1 - ", "●", "一", "0571-88886666 "])
def test_time_grows_with_the_length_only_when_a_text_is_hostile(piece: str) -> None:
    assert _spent((piece * 24_000)[:24_000]) < 20 * _spent((piece * 3000)[:3000])
