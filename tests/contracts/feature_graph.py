"""Read the imports between features: order, doors and cycles.

Knows Python's syntax tree. An import under TYPE_CHECKING counts like any other. A door is an inner module that a package lists in `DOORS`:
other features may import it. Invariant: every function takes the folder it reads, so that a test can use a broken copy.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.contracts.sources import parsed, walked

LAYERS = ("domain", "storage", "handlers")
#: Modules that every feature may use; the rest of a layer's packages and modules are features.
BASE = frozenset({"core", "calendar", "engine", "migrations", "maintenance", "values", "unit", "features"})
#: Modules of a feature that core may import: people with their permissions, and the unit.
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
    """Return {module: {imported module: line}}, with imports for types and in functions."""
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
    """Return every import cycle of more than one module (Tarjan's algorithm)."""
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
    """Return the feature of a module: "alerts" of handlers.alerts.board.

    It is empty for modules that every feature may use.
    """
    parts = module.split(".")
    return parts[1] if parts[0] in LAYERS and len(parts) > 1 and parts[1] not in BASE else ""


def ranks(root: Path) -> dict[str, int]:
    """Return {feature: rank, lowest first} from the layers of handlers in pyproject.toml.

    Without handlers are `tips` (the rank of broadcasts), `emergencies` and `sentences` (of people); a feature without a place there ranks highest.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = (each["layers"] for each in settings["contracts"] if each["id"] == "features-of-handlers")
    found = {name.strip(): rank for rank, layer in enumerate(reversed(layers)) for name in layer.split("|")}
    return {"tips": found["broadcasts"], "emergencies": found["people"], "sentences": found["people"], **found}


def doors(root: Path, package: str) -> tuple[str, ...]:
    """Return a package's doors: the value of `DOORS`, read without an import."""
    file = root / package.replace(".", "/") / "__init__.py"
    if not file.exists():
        return ()
    for node in parsed(file).body:
        if isinstance(node, ast.Assign) and [target.id for target in node.targets if isinstance(target, ast.Name)] == ["DOORS"]:
            return tuple(ast.literal_eval(node.value))
    return ()


def faults_between_features(root: Path) -> list[str]:
    """Return every import that the order of features or the doors do not allow.

    The imports are those between features and from core into a feature.
    """
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
            if other not in order or order[other] > order.get(mine, len(order)):
                faults.append(f"{where}: {other} stands above {mine}")
            package, _, inner = target.partition(f".{other}")
            if inner and inner.removeprefix(".") not in doors(root, f"{package}.{other}"):
                faults.append(f"{where}: not among the doors of {package}.{other}")
    return faults


def unused_doors(root: Path) -> list[str]:
    """Return the doors that no other feature imports."""
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
