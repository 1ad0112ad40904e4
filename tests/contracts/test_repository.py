"""Rules for the files: no paths of a machine, pinned dependencies, promised files exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISED = [
    "LICENSE", "Makefile", "pyproject.toml", "requirements/run.txt", "requirements/dev.txt", ".ci/run",
    "bot", "handlers", "storage", "domain", "texts", "sandbox", "tests",
]  # fmt: skip

# Built from parts, so that the search does not find this file.
HOSTS = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"),
        ("deb", "debian", "org"), ("security", "debian", "org"), ("archive", "ubuntu", "com"),
        ("crates", "io"), ("proxy", "golang", "org"),
        ("repo", "maven", "apache", "org"), ("pypi", "tuna", "tsinghua"), ("mirrors", "aliyun", "com"),
    ]
]  # fmt: skip
HOST = re.compile("|".join(map(re.escape, HOSTS)))
# A path of a developer's machine; not the middle of a URL or of a relative path.
MACHINE = re.compile(r"(?<![\w.~)}>%*-])/(?:work|root|home|Users)/\w")
INDEX = re.compile(r"^\s*(?:--?(?:extra-)?index(?:-url)?|-i|--find-links|-f|--trusted-host)\b|\w://", re.MULTILINE)


def tracked() -> list[Path]:
    """Return the files that git tracks. Skip the test outside a git checkout."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """Return `file: match` for every match of the pattern."""
    return [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in files
        for match in pattern.finditer(file.read_text(encoding="utf-8", errors="replace"))
    ]


def pins(name: str) -> dict[str, str]:
    """Return {package: version} of a compiled requirements file."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def test_no_file_names_a_registry_host() -> None:
    assert found(HOST, tracked()) == []


def test_no_file_contains_path_of_a_machine() -> None:
    assert found(MACHINE, tracked()) == []


@pytest.mark.parametrize("folder", ["work", "root", "home", "Users"])
def test_path_of_a_machine_is_recognised(folder: str) -> None:
    path = f"/{folder}/li/town.db"
    assert all(MACHINE.search(text) for text in [path, f'"{path}"', f"see {path}", f"sqlite:///{path}", f"={path}"])
    assert not MACHINE.search(f"https://town.example{path}")
    assert not MACHINE.search(f"docs{path}")


def test_registry_host_is_recognised() -> None:
    assert all(HOST.search(f"--index-url https://{host}/simple") for host in HOSTS)


def test_no_lock_file_of_another_tool_is_tracked() -> None:
    others = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"}
    assert [file for file in tracked() if file.name in others] == []


def test_no_private_file_is_tracked() -> None:
    private = {".env", ".db", ".sqlite3", ".key", ".pem"}
    assert [file for file in tracked() if file.suffix in private or file.name == ".env"] == []


@pytest.mark.parametrize("name", ["run.in", "run.txt", "dev.in", "dev.txt"])
def test_requirements_name_no_index(name: str) -> None:
    assert found(INDEX, [ROOT / "requirements" / name]) == []


@pytest.mark.parametrize("line", ["--index-url x", "-i x", "--extra-index-url x", "-f x", "    # from https" + "://x"])
def test_index_is_recognised(line: str) -> None:
    assert INDEX.search(f"aiohttp==1\n{line}\n")


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_requirement_has_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    requirements = [block for block in blocks if not block.startswith("#") and block.strip()]
    assert len(requirements) >= len(pins(name)) > 0
    assert [block.split()[0] for block in requirements if "==" not in block or "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("stem", ["run", "dev"])
def test_every_direct_requirement_is_pinned(stem: str) -> None:
    asked = (ROOT / "requirements" / f"{stem}.in").read_text(encoding="utf-8")
    names = {name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z][\w-]*)", asked, re.MULTILINE)}
    assert names - pins(f"{stem}.txt").keys() == set()


def test_tests_use_versions_of_production() -> None:
    dev = pins("dev.txt")
    assert {name: (version, dev.get(name)) for name, version in pins("run.txt").items() if dev.get(name) != version} == {}


@pytest.mark.parametrize("name", PROMISED)
def test_promised_file_exists(name: str) -> None:
    assert (ROOT / name).exists()


def readme() -> str:
    """Return the README."""
    page = ROOT / "README.md"
    if not page.exists():
        pytest.skip("there is no README.md yet")
    return page.read_text(encoding="utf-8")


def test_files_named_in_readme_exist() -> None:
    text = readme()
    linked = re.findall(r"\]\((?!\w+:|#|/)([^)#\s]+)", text)
    quoted = re.findall(r"`((?:bot|handlers|storage|domain|texts|sandbox|tests|benchmarks|docs)/[\w./-]*)`", text)
    named = re.findall(r"`([\w-]+\.(?:md|toml|yaml|txt))`|`(Makefile|LICENSE)`", text)
    names = {*linked, *quoted, *(name for pair in named for name in pair if name)}
    assert sorted(name for name in names if not (ROOT / name).exists()) == []


def test_make_targets_named_in_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    assert {"demo", "test", "check"} <= targets
    assert set(re.findall(r"\bmake ([a-z-]+)", " ".join(re.findall(r"`[^`]+`", readme())))) - targets == set()
