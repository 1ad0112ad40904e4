"""Reading who imports whom: features, their order, their doors, and circles; on the real tree and on broken copies.

Knows Python's syntax tree. An import under TYPE_CHECKING counts like any other. Invariant: every function takes the folder it reads.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.contracts.sources import parsed, walked

LAYERS = ("domain", "storage", "handlers")
#: What every feature may use; the rest of a layer's packages and modules are features.
BASE = frozenset({"core", "calendar", "engine", "migrations", "maintenance", "values", "unit", "features"})
#: What core may know of a feature: who acts, what they may, and the unit.
CORE_MAY = ("domain.people.people", "storage.unit")
Graph = dict[str, dict[str, int]]


def modules(root: Path, *packages: str) -> dict[str, Path]:
    """Return {dotted name: file}."""
    found = {}
    for package in packages:
        for file in sorted((root / package).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def graph(root: Path, *packages: str) -> Graph:
    """Return {module: {module it imports: line}}, imports for types and inside functions included."""
    have = modules(root, *packages)
    return {name: dict(_imports(parsed(file), have)) for name, file in have.items()}


def _imports(tree: ast.Module, have: Mapping[str, Path]) -> Iterator[tuple[str, int]]:
    for node in walked(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name in have)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                target = f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in have else node.module
                if target in have:
                    yield target, node.lineno


def circles(edges: Graph) -> list[frozenset[str]]:
    """Return every set of more than one module that reach one another (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[frozenset[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in edges.get(name, ()):
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            circle = set()
            while True:
                circle.add(stack.pop())
                if name in circle:
                    break
            if len(circle) > 1:
                found.append(frozenset(circle))

    for name in edges:
        if name not in index:
            visit(name)
    return found


def feature_of(module: str) -> str:
    """Return the feature a module belongs to: "alerts" of handlers.alerts.board; empty for what every feature may use."""
    parts = module.split(".")
    return parts[1] if parts[0] in LAYERS and len(parts) > 1 and parts[1] not in BASE else ""


def ranks(root: Path) -> dict[str, int]:
    """Return {feature: rank, lowest first} as the layers of handlers in pyproject.toml say; a feature without handlers stands beside broadcasts."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = (each["layers"] for each in settings["contracts"] if each["id"] == "features-of-handlers")
    found = {name.strip(): rank for rank, layer in enumerate(reversed(layers)) for name in layer.split("|")}
    return {"tips": found["broadcasts"], **found}


def doors(root: Path, package: str) -> tuple[str, ...]:
    """Return the inner modules that a feature's package lets others import: its `DOORS`, read and not run."""
    file = root / package.replace(".", "/") / "__init__.py"
    if not file.exists():
        return ()
    for node in parsed(file).body:
        if isinstance(node, ast.Assign) and [target.id for target in node.targets if isinstance(target, ast.Name)] == ["DOORS"]:
            return tuple(ast.literal_eval(node.value))
    return ()


def faults_between_features(root: Path) -> list[str]:
    """Return every import from one feature into another, or from core into one, that the order and the doors do not allow."""
    order = ranks(root)
    faults = []
    for module, targets in graph(root, *LAYERS).items():
        mine, core = feature_of(module), ".core" in module
        for target, line in targets.items():
            other = feature_of(target)
            where = f"{module}:{line} imports {target}"
            if core and (other or target == "storage.features") and target not in CORE_MAY:
                faults.append(f"{where}: core knows no feature")
            if not (mine and other) or mine == other:
                continue
            if mine not in order or other not in order:
                faults.append(f"{where}: {mine if mine not in order else other} has no place among the features")
            elif order[other] > order[mine]:
                faults.append(f"{where}: {other} stands above {mine}")
            package, _, inner = target.partition(f".{other}")
            if inner and inner.removeprefix(".") not in doors(root, f"{package}.{other}"):
                faults.append(f"{where}: not among the doors of {package}.{other}")
    return faults


def unused_doors(root: Path) -> list[str]:
    """Return the doors that no other feature goes through."""
    edges = graph(root, *LAYERS)
    used = {(target, feature_of(module)) for module, targets in edges.items() for target in targets}
    found = []
    for layer in LAYERS:
        for package in sorted((root / layer).iterdir()):
            for door in doors(root, f"{layer}.{package.name}"):
                name = f"{layer}.{package.name}.{door}"
                if not any(target == name and mine not in ("", package.name) for target, mine in used):
                    found.append(name)
    return found
