import sqlite3
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.core.numbers import NAME_LENGTH, ascii_digits, clean_name, clean_text, mask_phone, parse_case_number, parse_phone, utf16_len

FULL_WIDTH = str.maketrans("0123456789#+", "".join(chr(0xFEE0 + ord(c)) for c in "0123456789#+"))

# -- numbers


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("214", "214"),
        ("\uff12\uff11\uff14", "214"),
        ("2\uff11" + "4", "214"),
        ("", None),
        ("\u0662\u0661\u0664", None),  # Arabic-Indic
        ("\u0968", None),  # Devanagari
        ("\u00b2", None),  # superscript
        ("\u2461", None),  # circled
        ("\U0001d7d0", None),  # mathematical bold
        ("二", None),
        ("2 1", None),
        ("214\n", None),
    ],
)
def test_only_ascii_and_full_width_digits_are_digits(typed, digits):
    assert ascii_digits(typed) == digits


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1024", 1024),
        ("#1024", 1024),
        ("\uff031024", 1024),
        ("#1024".translate(FULL_WIDTH), 1024),
        ("007", 7),
        ("999999999", 999_999_999),
        ("1000000000", None),
        ("9" * 5000, None),
        ("", None),
        ("#", None),
        ("##1", None),
        ("1#", None),
        ("1_000", None),
        ("+1", None),
        ("-1", None),
        ("\uff0d1", None),
        ("1.0", None),
        ("1e3", None),
        ("0x1f", None),
        (" 12", None),
        ("12\n", None),
        ("1 2", None),
        ("\u0661\u0662", None),
        ("十二", None),
        ("12\u200d", None),
        ("\ufe0f12", None),
    ],
)
def test_a_case_number_is_digits_and_nothing_else(typed, number):
    assert parse_case_number(typed) == number


@given(st.integers(0, 999_999_999), st.booleans(), st.booleans())
def test_every_case_number_is_read_back(number, hashed, wide):
    typed = f"{'#' if hashed else ''}{number}"
    assert parse_case_number(typed.translate(FULL_WIDTH) if wide else typed) == number


@given(st.text())
def test_no_text_is_a_case_number_by_accident(typed):
    number = parse_case_number(typed)
    assert number is None or set(typed) <= set("0123456789#") | set("0123456789#".translate(FULL_WIDTH))


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("13812345678".translate(FULL_WIDTH), "138****5678"),
        ("+8657987123456", "865****3456"),
        ("+12025550123", "120****0123"),
        ("87123456", "****456"),
        ("1234567", "****567"),
        ("12345", "****5"),
        ("110", "****"),
        ("", "****"),
        ("张三", "****"),
    ],
)
def test_the_middle_of_a_phone_number_stays_hidden(phone, shown):
    assert mask_phone(phone) == shown


@given(st.text("0123456789+- ", max_size=20))
def test_at_least_four_digits_of_a_phone_number_stay_hidden(phone):
    digits = sum(character.isdigit() for character in phone)
    assert sum(character.isdigit() for character in mask_phone(phone)) <= max(digits - 4, 0)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812345678", "+8613812345678"),
        (" 138-1234-5678 ", "+8613812345678"),
        ("+86 138 1234 5678", "+8613812345678"),
        ("0086 13812345678", "+8613812345678"),
        ("+8613812345678".translate(FULL_WIDTH), "+8613812345678"),
        ("0579-87123456", "+8657987123456"),
        ("(0579) 87123456", "+8657987123456"),
        ("+44 20 7183 8750", "+442071838750"),
        *((short, None) for short in ("110", "119", "120", "122", "96110", "12345", "12110", "95588")),
        ("1381234567", None),
        ("138123456789", None),
        ("0579-87123456转8001", None),
        ("0579-87123456 ext 1", None),
        ("1-800-FLOWERS", None),
        ("tel:13812345678", None),
        ("13812345678;13912345678", None),
        ("\u0661\u0663\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", None),
        ("", None),
        ("+", None),
        ("-----", None),
        ("1" * 3000, None),
        ("张三", None),
    ],
)
def test_a_phone_number_is_a_persons_number(typed, number):
    assert parse_phone(typed) == number


# -- texts

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
RAINBOW = "\U0001f3f3\ufe0f\u200d\U0001f308"
WOMAN_JUDGE = "\U0001f469\U0001f3fd\u200d\u2696\ufe0f"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # its joiner parts prefix and verb
STACKED = "a\u0323\u0301\u0302\u0303\u0304\u0305\u0306\u0307"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("邻居砌墙占了我家的路", "邻居砌墙占了我家的路"),
        ("e\u0301", "\u00e9"),
        ("a\x00b", "ab"),
        ("a\ud800b\udfff", "ab"),
        ("\ud83d\ude00", "\U0001f600"),  # two halves in the right order are a face
        ("a\x07\x1b[31mb\x7f\x9b", "a[31mb"),
        ("a\tb", "a\tb"),
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"),
        ("\u202e官警\u202c 张\u2066三\u2069", "官警 张三"),
        ("张\u200b\u200b\u200b三\ufeff\u2060\u00ad\u200e", "张三"),
        ("张\u200d三", "张三"),
        ("\u200d\u200d\u200d", ""),
        (FAMILY, FAMILY),
        (RAINBOW, RAINBOW),
        (WOMAN_JUDGE, WOMAN_JUDGE),
        (ENGLAND, ENGLAND),
        (PERSIAN, PERSIAN),
        ("a\U000e0068\U000e0069", "a"),  # a hidden message in tags
        ("\u3164\u115f\uffa0", ""),
        (STACKED, "\u1ea1\u0301\u0302\u0303"),
        ("a\n\n\n\n\n\nb", "a\n\n\nb"),
        ("a\n \n\u3000\n\t\n\nb", "a\n\n\nb"),
        ("a\n\n\nb", "a\n\n\nb"),
        ("  \n\n a \n\n ", "a"),
        ("<b>民警</b> & @all", "<b>民警</b> & @all"),  # escaping is render's
        ("1\ufe0f\u20e3 2", "1\ufe0f\u20e3 2"),
        ("", ""),
    ],
)
def test_a_text_keeps_its_meaning_and_loses_its_tricks(typed, kept):
    assert clean_text(typed, 4096) == kept


@pytest.mark.parametrize(
    ("typed", "limit", "kept"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("abcdef", -3, ""),
        ("ab cd", 4, "ab…"),
        ("\U0001f600\U0001f600\U0001f600", 6, "\U0001f600\U0001f600\U0001f600"),
        ("\U0001f600\U0001f600\U0001f600", 5, "\U0001f600\U0001f600…"),
        ("\U0001f600\U0001f600\U0001f600", 4, "\U0001f600…"),
        ("ab" + FAMILY + "c", 6, "ab…"),  # never half a family
        ("abe\u0323\u0302\u0303c", 4, "ab…"),
    ],
)
def test_a_long_text_is_cut_between_characters(typed, limit, kept):
    assert clean_text(typed, limit) == kept


NASTY = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                "é",
                "张",
                "三",
                " ",
                "\u3000",
                "\n",
                "\r\n",
                "\t",
                "\x00",
                "\x1f",
                "\ud83d",
                "\ude00",
                "\u202e",
                "\u2066",
            ),
            *(
                "\u200b",
                "\u200c",
                "\u200d",
                "\ufe0f",
                "\u0301",
                "\u0323",
                "\u0344",
                "\u0f43",
                "\U0001f468",
                "\U0001f3fd",
                "\u2800",
            ),
            *(
                "\U0001f3f4",
                "\U000e0067",
                "\U000e007f",
                "\u0645",
                "\u0915",
                "\u094d",
                "\u1100",
                "\u1161",
                "\u2194",
                "\ufffe",
                "\u0600",
            ),
        ]
    ),
    max_size=30,
).map("".join)


@given(NASTY | st.text(st.characters()), st.integers(0, 60))
@example("e\u200d\u0301", 40)
@example("\u0e01" + "\u0301" * 4 + "\ufe0f\u200d\U0001f600", 40)
@example("\u0f43\ufe0f\u200d\U0001f600", 40)
@example("\U0001d160\u0301\u0301\u0301\ufe0f\u200d\U0001f600", 40)  # clean only after a second pass
def test_a_cleaned_text_is_clean(typed, limit):
    cleaned = clean_text(typed, limit)
    assert utf16_len(cleaned) <= limit
    assert clean_text(cleaned, limit) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(character) in ("Cs", "Cc") and character not in "\n\t" for character in cleaned)
    assert "\n\n\n\n" not in cleaned
    assert sqlite3.connect(":memory:").execute("SELECT ?, length(?)", (cleaned, cleaned)).fetchone() == (
        cleaned,
        len(cleaned),
    )


@given(st.text("abc 张三王主任一二三。\uff0c\uff01\uff1f0123456789\n", max_size=80))
def test_an_ordinary_text_is_left_alone(typed):
    if "\n\n\n\n" not in typed:
        lines = [line.rstrip() for line in typed.split("\n")]
        assert clean_text(typed, 4096).split() == "\n".join(lines).split()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" 王  主任\n", "王 主任"),
        ("王\r\n主任\t值班", "王 主任 值班"),
        ("\u3000王\u3000小明\u00a0", "王 小明"),
        ("\u2800\u2800", ""),
        ("\u202e民警", "民警"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("王" * 41, "王" * 39 + "…"),
        ("\n" * 500 + "王", "王"),
    ],
)
def test_a_name_is_one_short_line(typed, name):
    assert clean_name(typed) == name


@given(NASTY | st.text(st.characters()))
def test_a_cleaned_name_is_clean(typed):
    name = clean_name(typed)
    assert "\n" not in name
    assert "  " not in name
    assert utf16_len(name) <= NAME_LENGTH
    assert clean_name(name) == name


def test_a_flood_is_cleaned_in_no_time():
    started = time.process_time()
    for flood in (
        "e" + "\u0301\u0323" * 50_000,
        "\u200d" * 100_000,
        " " * 100_000 + "x",
        "\n" * 100_000 + "x",
        "\U0001f468\u200d" * 50_000,
    ):
        clean_text(flood, 4096)
        clean_name(flood)
    assert time.process_time() - started < 5


@given(st.text())
def test_utf16_length_is_what_an_encoder_says(text):
    assert utf16_len(text) == len(text.encode("utf-16-le")) // 2
