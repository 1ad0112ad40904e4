"""The page on scale matches the program's output, and the program's figures match the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import scale, scale_figures, scale_model
from bot.channel_settings import WebhookSection
from bot.process import leadership
from bot.settings import DeliverySection
from handlers.alerts import sending as alert_sending

PAGE = (Path(__file__).parents[3] / "docs" / "scale.md").read_text(encoding="utf-8")
#: Not of the model: machines and limits in the sizes in which one buys or sets them.
ALLOWED = {"4", "200"}
NUMBER = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w)")


@pytest.fixture(scope="module")
def printed() -> str:
    return scale.main()


def tables(text: str) -> list[str]:
    """Return every table of a text, whole."""
    return re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE)


def unbacked(page: str) -> set[str]:
    """Return the numbers in a page's sentences that are not in any of its tables."""
    known = {number for table in tables(page) for number in NUMBER.findall(table)}
    prose = re.sub(r"^\|.*$|^\d+\. ", "", page, flags=re.MULTILINE)
    return set(NUMBER.findall(prose)) - known


def test_the_tables_of_the_page_are_what_the_program_prints(printed):
    assert [table.strip() for table in tables(PAGE)] == printed.split("\n\n")


def test_no_sentence_of_the_page_has_a_number_of_its_own():
    assert unbacked(PAGE) == ALLOWED


def test_a_number_without_a_table_is_found():
    assert unbacked("Buy 7 of them.\n\n| a | 8 |\n\nOr 8, or 8.5.\n") == {"7", "8.5"}


@pytest.mark.parametrize(
    ("figure", "of_the_code"),
    [
        (scale_figures.PACE, DeliverySection().per_second),
        (scale_figures.CHAT_PACE, DeliverySection().chat_per_second),
        (scale_figures.CHAT_BURST, DeliverySection().chat_burst),
        (scale_figures.CALLS, WebhookSection().max_connections),
        (scale_figures.BEAT_S, leadership.BEAT_EVERY_S),
        (scale_figures.GONE_S, leadership.LEAD_GONE_S),
        (scale_figures.BURIED_S, leadership.WORKER_GONE_S),
        (scale_figures.PORTION, alert_sending.PORTION),
        (scale_figures.FEW, alert_sending.FEW),
    ],
    ids=lambda value: value.said if isinstance(value, scale_figures.Figure) else "",
)
def test_the_model_reckons_with_the_numbers_of_the_code(figure, of_the_code):
    assert float(figure) == float(of_the_code)


def test_villagers_of_an_alert_are_told_as_fast_as_the_pace_allows():
    assert scale_model.portions_rate() > 0.98 * scale_figures.PACE


def test_everybody_who_writes_in_an_earthquake_has_a_receipt_even_when_the_leader_dies():
    run = scale_model.shake(5, gap=(30, 60))
    assert len(run.receipt) == run.people
    assert len(run.dial) == len(run.desk) > 0
    assert run.messages == 3 * run.people + 2 * len(run.desk)
    assert run.dial[-1] > 30, "the gap is felt"
