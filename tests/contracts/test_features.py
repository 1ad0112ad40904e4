"""Features know the features below them, by their doors; core knows none; nothing imports in a circle, not even for types."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.routes import FEATURES
from storage.features import REGISTRY
from tests.contracts.feature_graph import BASE, LAYERS, circles, faults_between_features, graph, ranks, unused_doors
from tests.contracts.sources import ROOT

PACKAGES = ("bot", *LAYERS, "texts", "sandbox")


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_form_no_circle_when_imports_for_types_count(package):
    assert [sorted(circle) for circle in circles(graph(ROOT, package))] == []


def test_a_circle_for_types_is_found(tmp_path: Path):
    (tmp_path / "domain").mkdir()
    for name, other in (("lamps", "wires"), ("wires", "poles"), ("poles", "lamps"), ("roads", "lamps")):
        code = f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from domain.{other} import thing\n"
        (tmp_path / "domain" / f"{name}.py").write_text(code, encoding="utf-8")
    assert circles(graph(tmp_path, "domain")) == [frozenset({"domain.lamps", "domain.wires", "domain.poles"})]


def test_features_import_only_what_stands_below_them_and_only_by_its_doors():
    assert faults_between_features(ROOT) == []


def test_every_door_is_used():
    assert unused_doors(ROOT) == []


def planted(tmp_path: Path, file: str, code: str) -> list[str]:
    """The real tree with one more module."""
    for name in LAYERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(code, encoding="utf-8")
    return [fault.partition(": ")[2] for fault in faults_between_features(tmp_path)]


@pytest.mark.parametrize(
    ("file", "code", "fault"),
    [
        ("handlers/people/lamp.py", "from handlers.alerts import sending", "alerts stands above people"),
        ("handlers/alerts/lamp.py", "from handlers.cases import escalation", "not among the doors of handlers.cases"),
        ("handlers/alerts/lamp.py", "def late():\n    import storage.people.privacy", "not among the doors of storage.people"),
        ("handlers/people/lamp.py", "from domain.cases.case import Case", "cases stands above people"),
        ("handlers/lamps/light.py", "from domain.people.people import Person", ""),
        ("handlers/lamps/light.py", "from domain.found.things import Item", "found stands above lamps"),
        ("handlers/cases/lamp.py", "from domain.found.things import Item", "found stands above cases"),
        ("handlers/core/lamp.py", "from domain.alerts import Alert", "core knows no feature"),
        ("handlers/core/lamp.py", "from handlers.people import roster", "core knows no feature"),
        ("storage/core/lamp.py", "from storage.cases import cases", "core knows no feature"),
        ("storage/core/lamp.py", "from storage.features import REGISTRY", "core knows no feature"),
        ("domain/core/lamp.py", "from domain.cases.case import Case", "core knows no feature"),
    ],
)
def test_an_import_between_features_is_judged_by_order_and_doors(tmp_path: Path, file: str, code: str, fault: str):
    found = planted(tmp_path, file, code)
    assert fault in found if fault else found == []


def test_a_door_that_nobody_uses_is_found(tmp_path: Path):
    planted(tmp_path, "domain/lamps/__init__.py", 'DOORS = ("light",)\n')
    assert unused_doors(tmp_path) == ["domain.lamps.light"]


# The lists that stay lists --------------------------------------------------------------------------------------------


def packages(layer: str) -> set[str]:
    """The names of the features of a layer: its packages and modules."""
    found = {path.stem if path.is_file() else path.name for path in (ROOT / layer).iterdir() if path.suffix == ".py" or path.is_dir()}
    return found - BASE - {"__init__", "__pycache__"}


def test_every_package_with_rows_is_among_the_features():
    assert packages("handlers") - {"fallback"} == {feature.name for feature in FEATURES} - {"core"}


def test_every_storage_of_a_feature_is_in_the_registry():
    assert packages("storage") == {data.name for data in REGISTRY.features} - {"core"}


def test_every_place_in_the_order_is_a_feature():
    assert ranks(ROOT).keys() - {"core"} <= {*packages("handlers"), *packages("storage"), *packages("domain")}
