"""Every first-aid card begins with a number to dial, is short, and ends with its check."""

from __future__ import annotations

import re

import pytest

from domain.firstaid import Card
from texts import Text, render
from texts.catalog import LANGUAGES

LINES, LINE = 9, {"zh": 45, "en": 110}
MARKUP = re.compile(r"</?b>")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", Card)
def test_card_begins_with_a_number_and_is_short(card: Card, language: str):
    lines = MARKUP.sub("", render(f"aid.card.{card}", language)).split("\n")
    assert re.match(r"📞 (110|119|120)\b", lines[0])
    assert len(lines) <= LINES
    assert [line[:2] for line in lines[1:]] == [f"{n} " for n in range(1, len(lines))]
    assert max(map(len, lines)) <= LINE[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_card_ends_with_who_checked_it(language: str):
    unsigned = render("aid.page", language, card=Text("aid.card.cpr"), check=Text("aid.unsigned"))
    signed = render("aid.page", language, card=Text("aid.card.cpr"), check=Text("aid.signed", by="王医生"))
    assert unsigned.split("\n")[-1] == render("aid.unsigned", language)
    assert "王医生" in signed.split("\n")[-1]
