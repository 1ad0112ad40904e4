"""Read a roster file, YAML or XLSX, into the same columns.

Knows the two formats and their traps (zip and alias bombs, formulas, numbers that look like text); must not know what a role is.
Invariant: nothing in the file is run, followed or unpacked beyond the limits below; every cell is returned as text.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from openpyxl import load_workbook

from bot.channel_settings import TELEGRAM
from domain.core.numbers import clean_text
from domain.people.roster import MOST_PEOPLE, Fault, Line, Sheet, split_villages

MOST_BYTES = 5_000_000
MOST_YAML_BYTES = 1_000_000
MOST_DEPTH = 8
MOST_UNPACKED = 50_000_000
MOST_PARTS = 500
MOST_COLUMNS = 20
MOST_BLANK_ROWS = 200
CELL_LIMIT = 2000
EMPTY = frozenset({"", "~", "null", "none", "-", "无"})
#: Header → column.
HEADERS: dict[str, str] = {
    **dict.fromkeys(("name", "姓名", "名字"), "name"),
    **dict.fromkeys(("role", "角色", "职务", "岗位"), "role"),
    **dict.fromkeys(("villages", "village", "村", "村庄", "村名", "所管村", "负责村"), "villages"),
    **dict.fromkeys(("phone", "电话", "手机", "手机号", "手机号码", "联系电话"), "phone"),
    **dict.fromkeys(("account", "账号", "帐号"), "account"),
    **dict.fromkeys(("channel", "渠道"), "channel"),
    **dict.fromkeys(("telegram_id", "telegram id", "telegram", "telegram编号", "telegram号"), "telegram_id"),
    **dict.fromkeys(("station", "派出所", "单位", "所"), "station"),
}
PERSON = frozenset({"name", "role", "villages", "phone", "account", "channel", "telegram_id"})
#: Cells that are taken as they are.
CELLS = ("name", "role", "phone", "account", "channel")


class Unreadable(Exception):
    """The file cannot be read at all; `fault` says why."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.fault = Fault(0, key, params)


def read_roster_file(path: Path, *, station: str = "") -> Sheet:
    """Read a roster file; the sheet's `faults` list what is wrong.

    `station` is used when an XLSX names none.
    """
    try:
        with path.open("rb") as file:
            return read_roster(file.read(MOST_BYTES + 1), station=station)
    except FileNotFoundError:
        return _nothing("roster.fault.no_file")
    except OSError:
        return _nothing("roster.fault.unreadable")


def read_roster(content: bytes, *, station: str = "") -> Sheet:
    """Read a roster's bytes; the format is recognized by content, not by file name."""
    try:
        if len(content) > MOST_BYTES:
            raise Unreadable("roster.fault.too_big", most=MOST_BYTES // 1_000_000)
        if content.startswith(b"PK"):
            return _read_xlsx(content, station)
        if content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")):
            raise Unreadable("roster.fault.format")
        return _read_yaml(content)
    except Unreadable as error:
        return Sheet("", (), (), (error.fault,), readable=False)


def _line(row: int, cells: Mapping[str, str], villages: tuple[str, ...], faults: list[Fault]) -> Line:
    """Return a person's row.

    The column `telegram_id` of older files is an account on the channel `telegram`.
    """
    texts = {name: cells.get(name, "") for name in CELLS}
    if older := cells.get("telegram_id", ""):
        if texts["account"]:
            faults.append(Fault(row, "roster.fault.column_twice", {"column": "telegram_id"}))
        texts |= {"account": older, "channel": TELEGRAM}
    return Line(row, villages=villages, **texts)


def _nothing(key: str) -> Sheet:
    return Sheet("", (), (), (Fault(0, key),), readable=False)


# YAML -----------------------------------------------------------------------------------------------------------------


def _read_yaml(content: bytes) -> Sheet:
    if len(content) > MOST_YAML_BYTES:
        raise Unreadable("roster.fault.too_big", most=MOST_YAML_BYTES // 1_000_000)
    faults: list[Fault] = []
    top = _mapping(_compose(_decode(content)), faults)
    for name, node in top.items():
        if name not in ("station", "villages", "people"):
            faults.append(Fault(_row(node), "roster.fault.column", {"column": name}))
    people = top.get("people")
    lines = tuple(_yaml_line(node, faults) for node in people.value) if isinstance(people, yaml.SequenceNode) else ()
    return Sheet(_scalar(top.get("station")), _names(top.get("villages")), lines, tuple(faults))


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("roster.fault.format")


def _compose(text: str) -> yaml.Node | None:
    try:
        _refuse_yaml_bombs(text)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise Unreadable("roster.fault.yaml", line=error.problem_mark.line + 1 if error.problem_mark else 0) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable("roster.fault.format") from error


def _refuse_yaml_bombs(text: str) -> None:
    """Refuse aliases and deep nesting, by a check of each parser event.

    Aliases expand to gigabytes from a few lines; deep nesting takes minutes to read.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("roster.fault.alias")
        if depth > MOST_DEPTH:
            raise Unreadable("roster.fault.format")


def _mapping(node: yaml.Node | None, faults: list[Fault]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        faults.append(Fault(_row(node), "roster.fault.shape"))
        return {}
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = _scalar(key)
        if name in found:
            faults.append(Fault(_row(key), "roster.fault.column_twice", {"column": name}))
        found[name] = value
    return found


def _yaml_line(node: yaml.Node, faults: list[Fault]) -> Line:
    cells = _mapping(node, faults)
    for name in cells:
        if name not in PERSON:
            faults.append(Fault(_row(node), "roster.fault.column", {"column": name}))
    texts = {name: _scalar(node) for name, node in cells.items() if name in (*CELLS, "telegram_id")}
    return _line(_row(node), texts, _names(cells.get("villages")), faults)


def _names(node: yaml.Node | None) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode):
        return tuple(_scalar(item) for item in node.value)
    return split_villages(_scalar(node))


def _scalar(node: yaml.Node | None) -> str:
    """Return a scalar as it is written: a phone or an id never becomes a number."""
    return _text(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _row(node: yaml.Node | None) -> int:
    return 0 if node is None else int(node.start_mark.line) + 1


# XLSX -----------------------------------------------------------------------------------------------------------------


def _read_xlsx(content: bytes, station: str) -> Sheet:
    _refuse_bombs(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        faults: list[Fault] = []
        first = list(_rows(book.worksheets[0], faults))
        second = list(_rows(book.worksheets[1], faults)) if len(book.worksheets) > 1 else []
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("roster.fault.xlsx") from error
    lines, found = _xlsx_lines(first, faults)
    villages, named = _xlsx_villages(second)
    return Sheet(found or named or station, villages or None, lines, tuple(faults))


def _refuse_bombs(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable("roster.fault.xlsx") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable("roster.fault.bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("roster.fault.xlsx")


def _rows(sheet: Any, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, cells as text) of each row that is not empty.

    A formula is a fault and reads as empty.
    """
    if not hasattr(sheet, "iter_rows"):  # a chart sheet
        return
    blank = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if number > MOST_PEOPLE + MOST_BLANK_ROWS:
            raise Unreadable("roster.fault.too_many", most=MOST_PEOPLE)
        cells = [_cell(cell, number, faults) for cell in row]
        blank = 0 if any(cells) else blank + 1
        if blank > MOST_BLANK_ROWS:
            return
        if any(cells):
            yield number, cells


def _cell(cell: Any, number: int, faults: list[Fault]) -> str:
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "f" or (isinstance(value, str) and value.lstrip().startswith("=")):
        faults.append(Fault(number, "roster.fault.formula", {"cell": getattr(cell, "coordinate", "")}))
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _text(str(value))


def _xlsx_lines(rows: Sequence[tuple[int, list[str]]], faults: list[Fault]) -> tuple[tuple[Line, ...], str]:
    for position, (number, cells) in enumerate(rows[:5]):
        columns = [HEADERS.get(cell.casefold().replace(" ", " ").strip(), "") for cell in cells]
        if {"name", "role"} <= set(columns):
            _unknown_columns(number, cells, columns, faults)
            records = [(row, dict(zip(columns, values, strict=False))) for row, values in rows[position + 1 :]]
            lines = tuple(_line(row, record, split_villages(record.get("villages", "")), faults) for row, record in records)
            return lines, next((record["station"] for _, record in records if record.get("station")), "")
    raise Unreadable("roster.fault.header")


def _unknown_columns(number: int, cells: list[str], columns: list[str], faults: list[Fault]) -> None:
    for cell, column in zip(cells, columns, strict=True):
        if cell and (not column or columns.count(column) > 1):
            key = "roster.fault.column_twice" if column else "roster.fault.column"
            faults.append(Fault(number, key, {"column": cell}))


def _xlsx_villages(rows: Sequence[tuple[int, list[str]]]) -> tuple[tuple[str, ...], str]:
    """Read the second sheet: the village column, and the station beside it if it is named.

    The village column is headed 村, or is the first one.
    """
    if not rows:
        return (), ""
    columns = [HEADERS.get(cell.casefold().strip(), "") for cell in rows[0][1]]
    body = rows[1:] if any(columns) else rows
    at = columns.index("villages") if "villages" in columns else 0
    names = tuple(cells[at] for _, cells in body if at < len(cells) and cells[at])
    beside = columns.index("station") if "station" in columns else -1
    return names, next((cells[beside] for _, cells in body if 0 <= beside < len(cells) and cells[beside]), "")


def _text(value: str) -> str:
    text = clean_text(value, CELL_LIMIT)
    return "" if text.casefold() in EMPTY else text
