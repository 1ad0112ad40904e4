"""Features import lower features through their doors; core imports no feature; no cycles.

Imports for types count too. tests/contracts/feature_graph.py explains doors.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.routes import FEATURES, HOOKS
from storage.features import REGISTRY
from tests.contracts.feature_graph import BASE, LAYERS, circles, faults_between_features, graph, ranks, unused_doors
from tests.contracts.sources import ROOT

PACKAGES = ("bot", *LAYERS, "texts", "sandbox")


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_have_no_import_cycle_when_type_imports_count(package):
    assert [sorted(circle) for circle in circles(graph(ROOT, package))] == []


def test_cycle_of_type_imports_is_found(tmp_path: Path):
    (tmp_path / "domain").mkdir()
    for name, other in (("lamps", "wires"), ("wires", "poles"), ("poles", "lamps"), ("roads", "lamps")):
        code = f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from domain.{other} import thing\n"
        (tmp_path / "domain" / f"{name}.py").write_text(code, encoding="utf-8")
    assert circles(graph(tmp_path, "domain")) == [frozenset({"domain.lamps", "domain.wires", "domain.poles"})]


def test_features_import_only_doors_of_lower_features():
    assert faults_between_features(ROOT) == []


def test_every_door_is_used():
    assert unused_doors(ROOT) == []


def planted(tmp_path: Path, file: str, code: str) -> list[str]:
    """Return the faults of the real tree with one more module."""
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
def test_import_between_features_is_judged_by_order_and_doors(tmp_path: Path, file: str, code: str, fault: str):
    found = planted(tmp_path, file, code)
    assert fault in found if fault else found == []


def test_unused_door_is_found(tmp_path: Path):
    planted(tmp_path, "domain/lamps/__init__.py", 'DOORS = ("light",)\n')
    assert unused_doors(tmp_path) == ["domain.lamps.light"]


# Registries -----------------------------------------------------------------------------------------------------------


def packages(layer: str) -> set[str]:
    """Return the names of the features of a layer: its packages and modules."""
    found = {path.stem if path.is_file() else path.name for path in (ROOT / layer).iterdir() if path.suffix == ".py" or path.is_dir()}
    return found - BASE - {"__init__", "__pycache__"}


def test_every_handler_package_is_a_feature():
    assert packages("handlers") - {"fallback"} == {feature.name for feature in FEATURES} - {"core"}


def test_every_storage_package_is_in_the_registry():
    assert packages("storage") == {data.name for data in REGISTRY.features} - {"core"}


def test_every_rank_belongs_to_a_feature():
    assert ranks(ROOT).keys() - {"core"} <= {*packages("handlers"), *packages("storage"), *packages("domain")}


def test_each_kind_of_card_with_a_dialog_is_a_subject_and_named_once():
    redrawn, apart = set(HOOKS.redraws), {kind: why for each in FEATURES for kind, why in each.apart.items()}
    assert {kind.partition(":")[0] for kind in redrawn | set(apart)} <= {each.kind for each in REGISTRY.subjects.values()}
    assert not redrawn & set(apart)
    assert all(len(why) > 10 for why in apart.values())
