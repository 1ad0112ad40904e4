"""Read a roster file, YAML or XLSX, into the same columns.

Knows the formats and their columns, and the traps of YAML (those of XLSX: bot/commands/roster_cells.py); must not know what a role is.
Invariant: every cell is returned as text, and a file of another kind is refused in one sentence that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from bot.channel_settings import TELEGRAM
from bot.commands.roster_cells import MOST_COLUMNS, Table, UnreadableFile, read_tables
from domain.people.roster import Fault, Line, Sheet
from domain.people.roster_words import cell_text, header_key, person_name, split_villages

MOST_BYTES = 5_000_000
MOST_YAML_BYTES = 1_000_000
MOST_DEPTH = 8
HEADER_WITHIN = 10
SUM = re.compile("合计|总计|小计|共计|总数|共 ?[0-9]")
#: First bytes of other formats → the sentence that says what to do.
OTHER_FORMATS = (
    (b"%PDF", "roster.fault.format"),
    (b"{\\rtf", "roster.fault.format"),
    (b"\xd0\xcf\x11\xe0", "roster.fault.old_workbook"),
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: Header (`header_key`) → column.
HEADERS: dict[str, str] = {
    **dict.fromkeys(("name", "姓名", "名字", "人员姓名", "人员"), "name"),
    **dict.fromkeys(("role", "角色", "职务", "岗位", "职位"), "role"),
    **dict.fromkeys(
        ("villages", "village", "村", "村庄", "村名", "所管村", "负责村", "所在村", "行政村", "村社", "管辖村", "包村"), "villages"
    ),
    **dict.fromkeys(("phone", "电话", "手机", "手机号", "手机号码", "联系电话", "联系方式", "电话号码", "联系手机"), "phone"),
    **dict.fromkeys(("account", "账号", "帐号"), "account"),
    **dict.fromkeys(("channel", "渠道"), "channel"),
    **dict.fromkeys(("telegramid", "telegram", "telegram编号", "telegram号"), "telegram_id"),
    **dict.fromkeys(("station", "派出所", "所属派出所", "单位", "所"), "station"),
}
PERSON = frozenset({"name", "role", "villages", "phone", "account", "channel", "telegram_id"})
#: Cells that are taken as they are.
CELLS = ("name", "role", "phone", "account", "channel")


def read_roster_file(path: Path) -> Sheet:
    """Read a roster file; the sheet's `faults` list what is wrong."""
    try:
        with path.open("rb") as file:
            return read_roster(file.read(MOST_BYTES + 1))
    except FileNotFoundError:
        return _nothing("roster.fault.no_file")
    except OSError:
        return _nothing("roster.fault.unreadable")


def read_roster(content: bytes) -> Sheet:
    """Read a roster's bytes; the format is recognized by content, not by file name."""
    try:
        if len(content) > MOST_BYTES:
            raise UnreadableFile("roster.fault.too_big", most=MOST_BYTES // 1_000_000)
        if content.startswith(b"PK"):
            return _read_xlsx(content)
        for start, key in OTHER_FORMATS:
            if content.startswith(start):
                raise UnreadableFile("roster.fault.password" if ENCRYPTED in content else key)
        return _read_yaml(content)
    except UnreadableFile as error:
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
        raise UnreadableFile("roster.fault.too_big", most=MOST_YAML_BYTES // 1_000_000)
    text = _decode(content)
    if text.lstrip().startswith("<"):
        raise UnreadableFile("roster.fault.html")
    if _is_csv(text):
        raise UnreadableFile("roster.fault.csv")
    if content.startswith(UTF_16):
        raise UnreadableFile("roster.fault.format")
    faults: list[Fault] = []
    top = _mapping(_compose(text), faults)
    for name, node in top.items():
        if name not in ("station", "villages", "people"):
            faults.append(Fault(_row(node), "roster.fault.column", {"column": name}))
    people = top.get("people")
    lines = tuple(_yaml_line(node, faults) for node in people.value) if isinstance(people, yaml.SequenceNode) else ()
    return Sheet(_scalar(top.get("station")), _names(top.get("villages")), lines, tuple(faults))


def _is_csv(text: str) -> bool:
    """Tell whether one of the first lines is a header with commas, tabs or semicolons."""
    for line in text.splitlines()[:HEADER_WITHIN]:
        columns = {HEADERS.get(header_key(cell)) for cell in re.split("[,;\t，；]", line)}
        if {"name", "role"} <= columns:
            return True
    return False


def _decode(content: bytes) -> str:
    for encoding in ("utf-16",) if content.startswith(UTF_16) else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("roster.fault.format")


def _compose(text: str) -> yaml.Node | None:
    try:
        _refuse_yaml_bombs(text)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise UnreadableFile("roster.fault.yaml", line=error.problem_mark.line + 1 if error.problem_mark else 0) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableFile("roster.fault.format") from error


def _refuse_yaml_bombs(text: str) -> None:
    """Refuse aliases and deep nesting, by a check of each parser event.

    Aliases expand to gigabytes from a few lines; deep nesting takes minutes to read.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableFile("roster.fault.alias")
        if depth > MOST_DEPTH:
            raise UnreadableFile("roster.fault.format")


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
    return cell_text(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _row(node: yaml.Node | None) -> int:
    return 0 if node is None else int(node.start_mark.line) + 1


# XLSX -----------------------------------------------------------------------------------------------------------------


def _read_xlsx(content: bytes) -> Sheet:
    faults: list[Fault] = []
    notes: list[Fault] = []
    tables = read_tables(content, faults, notes)
    if not tables:
        raise UnreadableFile("roster.fault.header")
    lines, station = _xlsx_lines(tables[0].rows, faults, notes)
    villages, beside = _xlsx_villages(tables[1], notes) if len(tables) > 1 else ((), "")
    return Sheet(station or beside, villages or None, lines, tuple(faults), notes=tuple(notes))


def _xlsx_lines(rows: Sequence[tuple[int, list[str]]], faults: list[Fault], notes: list[Fault]) -> tuple[tuple[Line, ...], str]:
    for position, (number, cells) in enumerate(rows[:HEADER_WITHIN]):
        columns = [HEADERS.get(header_key(cell), "") for cell in cells]
        if {"name", "role"} <= set(columns):
            _other_columns(number, cells, columns, faults, notes)
            records = [(row, dict(zip(columns, values, strict=False))) for row, values in rows[position + 1 :]]
            lines = tuple(_line(row, record, split_villages(record.get("villages", "")), faults) for row, record in records)
            return lines, _station(records, faults)
    raise UnreadableFile("roster.fault.header")


def _station(records: Sequence[tuple[int, dict[str, str]]], faults: list[Fault]) -> str:
    """Return the one station of the rows; another one in a later row is a fault."""
    station = ""
    for row, record in records:
        said = record.get("station", "")
        if station and said and person_name(said) != person_name(station):
            faults.append(Fault(row, "roster.fault.two_stations", {"station": station, "other": said}))
        station = station or said
    return station


def _other_columns(number: int, cells: list[str], columns: list[str], faults: list[Fault], notes: list[Fault]) -> None:
    for cell, column in zip(cells, columns, strict=True):
        if column and columns.count(column) > 1:
            faults.append(Fault(number, "roster.fault.column_twice", {"column": cell}))
    if others := [cell[:20] for cell, column in zip(cells, columns, strict=True) if cell and not column]:
        notes.append(Fault(number, "roster.note.columns", {"columns": "、".join(others)}))


def _xlsx_villages(table: Table, notes: list[Fault]) -> tuple[tuple[str, ...], str]:
    """Read the second sheet: the village column, and the station beside it if it is named.

    The village column is headed 村; a sheet without a header is a list in its first column that has cells. A sum below is left out.
    """
    for position, (_, cells) in enumerate(table.rows[:HEADER_WITHIN]):
        columns = [HEADERS.get(header_key(cell), "") for cell in cells]
        if "villages" in columns:
            body, at = table.rows[position + 1 :], columns.index("villages")
            beside = columns.index("station") if "station" in columns else -1
            break
    else:
        body, beside = table.rows, -1
        at = next((column for column in range(MOST_COLUMNS) if any(cells[column : column + 1] != [""] for _, cells in body)), 0)
    names: list[str] = []
    for row, cells in body:
        if SUM.match(next(filter(None, cells), "")) or SUM.match(cells[at]):
            notes.append(Fault(row, "roster.note.sum_row", {"sheet": table.name}))
        elif cells[at]:
            names.append(cells[at])
    station = next((cells[beside] for _, cells in body if 0 <= beside < len(cells) and cells[beside]), "")
    return tuple(names), station
