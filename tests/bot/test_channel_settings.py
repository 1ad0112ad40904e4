"""The list of channels in the settings, and its faults without values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer

from bot.commands.cli import load_settings
from bot.process.database_startup import CannotStart
from bot.process.opening import tokens_of
from domain.core.change import Address, ChatId

if TYPE_CHECKING:
    from pathlib import Path

WEB = {"name": "web", "base_url": "http://127.0.0.1:9/bot", "token": "secret-of-web"}
TWO = """
channels:
  - name: web
    title: 网页聊天
    base_url: https://chat.example.org/bot
    token_file: {folder}/token
    pace: {{chat_per_second: 5}}
  - name: matrix
    base_url: http://127.0.0.1:8008/bot
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(TWO.format(folder=tmp_path), encoding="utf-8")
    (tmp_path / "token").write_text("1:of-web\n", encoding="utf-8")
    monkeypatch.setenv("TONGXIN_CONFIG", str(path))
    return path


def names() -> list[str]:
    return [endpoint.channel for endpoint in load_settings().endpoints]


def test_a_town_needs_no_telegram(file, monkeypatch):
    monkeypatch.setenv("TONGXIN_CHANNELS__MATRIX__TOKEN", "1:of-matrix")
    settings = load_settings()
    assert names() == ["web", "matrix"]
    assert tokens_of(settings) == {"web": "1:of-web", "matrix": "1:of-matrix"}
    web, matrix = settings.endpoints
    assert (web.shown_as, matrix.shown_as) == ("网页聊天", "matrix")
    assert web.own_pace is not None
    assert web.own_pace.model_dump(exclude_none=True) == {"chat_per_second": 5}


def test_the_section_telegram_comes_first_when_it_has_a_token(file, monkeypatch):
    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", "1:x")
    monkeypatch.setenv("TONGXIN_TELEGRAM__BASE_URL", "http://127.0.0.1:8081/bot")
    telegram = load_settings().endpoints[0]
    assert names() == ["telegram", "web", "matrix"]
    assert (telegram.token_value, telegram.base_url, telegram.shown_as) == ("1:x", "http://127.0.0.1:8081/bot", "Telegram")


def test_telegram_is_the_channel_when_nothing_is_said(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert names() == ["telegram"]


def test_channels_may_come_from_the_environment_alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TONGXIN_CHANNELS", json.dumps([WEB, {"name": "tg", "kind": "telegram", "token": "1:x"}]))
    web, telegram = load_settings().endpoints
    assert (web.channel, web.token_value) == ("web", "secret-of-web")
    assert (telegram.channel, telegram.base_url, telegram.shown_as) == ("tg", "https://api.telegram.org/bot", "Telegram")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("[7]", Address("web", ChatId(7))),
        ('["web:7"]', Address("web", ChatId(7))),
        ('["matrix:7"]', Address("matrix", ChatId(7))),
        ('["@seven"]', None),
    ],
)
def test_an_administrator_is_an_account_on_a_channel(file, monkeypatch, said, address):
    monkeypatch.setenv("TONGXIN_ADMINS", said)
    if address is None:
        with pytest.raises(typer.Exit):
            load_settings()
    else:
        assert load_settings().administrators == (address,)


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ([WEB | {"name": "Web"}], "name"),
        ([WEB | {"kind": "smoke"}], "kind"),
        ([WEB | {"base_url": ""}], "base_url is needed"),
        ([WEB, WEB], "the same name"),
        ([{"token": "secret-of-web"}], "needs a name"),
        ([WEB | {"colour": "red"}], "colour"),
        ([WEB | {"name": "telegram"}], "described twice"),
        ([WEB | {"pace": {"per_second": 0}}], "per_second"),
        ([WEB | {"webhook": {"url": "https://bot.example.org/x"}}], "TONGXIN_CHANNELS__WEB__WEBHOOK__SECRET"),
    ],
)
def test_a_fault_is_one_sentence_and_never_the_token(monkeypatch, tmp_path, capsys, channels, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", "1:x")
    monkeypatch.setenv("TONGXIN_CHANNELS", json.dumps(channels))
    with pytest.raises(typer.Exit):
        load_settings()
    told = capsys.readouterr().err
    assert said in told
    assert "secret-of-web" not in told


def test_two_webhooks_cannot_listen_at_one_port(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    hook = {"url": "https://bot.example.org/x", "secret": "a-secret"}
    monkeypatch.setenv("TONGXIN_CHANNELS", json.dumps([WEB | {"webhook": hook}, WEB | {"name": "other", "webhook": hook}]))
    with pytest.raises(typer.Exit):
        load_settings()
    assert "two webhooks" in capsys.readouterr().err


def test_a_webhooks_secret_in_the_file_is_refused_for_every_channel(file, capsys):
    file.write_text(file.read_text(encoding="utf-8") + "    webhook: {secret: in-the-file}\n", encoding="utf-8")
    with pytest.raises(typer.Exit):
        load_settings()
    told = capsys.readouterr().err
    assert "TONGXIN_CHANNELS_MATRIX_WEBHOOK_SECRET" in told.replace("__", "_")
    assert "in-the-file" not in told


def test_a_channel_without_a_token_does_not_start(file):
    with pytest.raises(CannotStart, match=r"TONGXIN_CHANNELS__MATRIX__TOKEN, or channels\.matrix\.token_file"):
        tokens_of(load_settings())


def test_a_token_file_that_cannot_be_read_is_named(file, tmp_path):
    (tmp_path / "token").unlink()
    with pytest.raises(CannotStart, match=r"channels\.web\.token_file cannot be read"):
        tokens_of(load_settings())
