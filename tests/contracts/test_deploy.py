"""The folder `deploy`: existing settings and files, secrets in files, no unintended ports."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings
from tests.contracts.test_pages import defaults

DEPLOY = Path(__file__).parents[2] / "deploy"
VARIABLE = re.compile(r"\bTONGXIN_[A-Z_]+\b")
#: Variables that are not settings: the path of the settings file, and the proxy's host name.
BESIDE = {"TONGXIN_CONFIG", "TONGXIN_HOST"}
SECRETS = ("TOKEN", "PASSWORD", "SECRET")


def files() -> list[Path]:
    return [file for file in sorted(DEPLOY.rglob("*")) if file.is_file()]


def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_named_settings_exist(file: Path):
    known = {f"TONGXIN_{name.replace('.', '__').upper()}" for name in defaults()} | BESIDE
    assert set(VARIABLE.findall(file.read_text(encoding="utf-8"))) <= known


def test_secrets_come_only_from_files():
    named = [name for service in compose()["services"].values() for name in service.get("environment", {})]
    bare = [name for name in named if name.rpartition("_")[2] in SECRETS]
    assert bare == []
    assert all(each["file"].startswith("secrets/") for each in compose()["secrets"].values())


def test_only_proxy_is_reachable_from_outside():
    services = compose()["services"]
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}
    assert compose()["networks"]["inside"]["internal"]
    assert services["database"]["networks"] == ["inside"]


def test_workers_have_stop_timeout_and_few_privileges():
    worker = compose()["services"]["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["read_only"]
    assert worker["cap_drop"] == ["ALL"]
    assert int(worker["stop_grace_period"].removesuffix("s")) > 20


def test_proxies_forward_only_webhook_path_to_worker_port():
    port = compose()["services"]["worker"]["environment"]["TONGXIN_TELEGRAM__WEBHOOK__PORT"]
    assert f"worker {port}" in (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"location (\S+ ?\S*) \{", nginx) == ["= /telegram", "/"]
    assert Settings().telegram.webhook.max_body <= 1_048_576, "the proxies let as much pass"


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda unit: unit.name)
def test_systemd_units_are_complete(unit: Path):
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]  # keep the case of names
    parsed.read(unit)
    assert "Unit" in parsed
    if unit.suffix == ".service":
        command = parsed["Service"]["ExecStart"].split()[0]
        own = command.removeprefix("/opt/tongxin/")
        assert own.startswith(".venv/bin/") or (DEPLOY.parent / own).exists()
        assert parsed["Service"]["UMask"] == "0077"


@pytest.mark.parametrize("file", [file for file in files() if file.read_bytes().startswith(b"#!")], ids=lambda file: file.name)
def test_scripts_are_executable_and_parse(file: Path):
    assert os.access(file, os.X_OK)
    assert subprocess.run(["sh", "-n", file], check=False).returncode == 0


def test_container_mounts_exist_or_are_created_by_readme():
    mounts = [mount.split(":")[0] for service in compose()["services"].values() for mount in service.get("volumes", [])]
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    made = {name for line in re.findall(r"^(?:mkdir -p|install -d -o 10001 -m 700) (.+)$", page, re.MULTILINE) for name in line.split()}
    own = [mount for mount in mounts if mount.startswith(".") and mount.removeprefix("./") not in made]
    assert own
    assert [mount for mount in own if not (DEPLOY / mount).is_file()] == []


def blocks() -> list[str]:
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_command_blocks_can_be_copied_unchanged():
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^ *```", page, re.MULTILINE)) == 2 * len(blocks()), "an indented block breaks its here-documents"
    assert [block for block in blocks() if subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode] == []


def test_files_named_in_readme_exist():
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bdeploy/([\w@./-]+\w)", page))
    assert named
    assert [name for name in named if not (DEPLOY / name).exists()] == []


KEPT_TO_ITSELF = """
.env tongxin.db tongxin.db-wal tongxin.db.lock tongxin.db.mark tongxin.db.moved tongxin.db.before-20261103T192000Z tongxin.db.before-20261103T192000Z-wal
backups/backup.key backups/tongxin-20261103T192000Z.backup posters/001-qr.png roster.xlsx roster.yaml
deploy/.env deploy/secrets/telegram_token deploy/files/roster.xlsx deploy/backups/tongxin-20261103T192000Z.dump
"""


@pytest.mark.parametrize("name", KEPT_TO_ITSELF.split())
def test_files_created_at_run_time_are_ignored_by_git(name: str):
    if shutil.which("git") is None or not (DEPLOY.parent / ".git").exists():
        pytest.skip("this is not a git checkout")
    asked = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", name], cwd=DEPLOY.parent, check=False)
    assert asked.returncode == 0


def test_production_install_excludes_test_tools():
    said = subprocess.run(["make", "--always-make", "--dry-run", "venv"], cwd=DEPLOY.parent, capture_output=True, text=True, check=True)
    assert "requirements/run.txt" in said.stdout
    assert "requirements/dev.txt" not in said.stdout
