"""Cells of a workbook as text: the visible sheets, rows and values of an XLSX.

Knows the file format and its traps; must not know what a column means. Invariants: nothing is run or followed; the size that the file
states is not believed; a package, a sheet or an area beyond the limits is refused before the reader allocates memory for it.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from domain.people.roster import MOST_PEOPLE, Fault
from domain.people.roster_words import cell_text, is_error_value

MOST_UNPACKED = 50_000_000
MOST_PARTS = 500
MOST_COLUMNS = 60
MOST_ROWS = MOST_PEOPLE + 500
#: Cells without a value may be anywhere: a whole column may have a colour.
MOST_CELLS = 2_000_000
SHEETS_READ = 2
_CELL = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_WORKBOOK = "xl/workbook.xml"


class UnreadableFile(Exception):
    """The file cannot be read at all; `fault` says why."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.fault = Fault(0, key, params)


@dataclass(slots=True)
class Marks:
    """Facts of a sheet's XML beside the values.

    Rows from 1; `formulas` and `errors`: (row, "C4"). `rows`, `columns`: the last ones that hold a value.
    """

    hidden: set[int] = field(default_factory=set)
    formulas: set[tuple[int, str]] = field(default_factory=set)
    errors: set[tuple[int, str]] = field(default_factory=set)
    rows: int = 0
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """One visible sheet: (row number, cells as text) of each visible row that is not empty."""

    name: str
    rows: tuple[tuple[int, list[str]], ...]


def read_tables(content: bytes, faults: list[Fault], notes: list[Fault]) -> list[Table]:
    """Return the first two visible sheets of a workbook.

    Formulas and error values are added to `faults`, hidden sheets and rows to `notes`.

    Raises:
        UnreadableFile: damaged, too large, or another kind of file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _refuse_bombs(packed)
            paths = _sheet_paths(packed)
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            return _visible_tables(packed, book, paths, faults, notes)
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, expat.ExpatError, CalamineError, ValueError, NotImplementedError, KeyError, EOFError, OSError) as error:
        raise UnreadableFile("roster.fault.xlsx") from error


def _visible_tables(
    packed: zipfile.ZipFile, book: CalamineWorkbook, paths: dict[str, str], faults: list[Fault], notes: list[Fault]
) -> list[Table]:
    tables: list[Table] = []
    for sheet in book.sheets_metadata:
        if sheet.typ is not SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is not SheetVisibleEnum.Visible:
            notes.append(Fault(0, "roster.note.hidden_sheet", {"sheet": cell_text(sheet.name)}))
        elif len(tables) == SHEETS_READ:
            notes.append(Fault(0, "roster.note.sheet_not_read", {"sheet": cell_text(sheet.name)}))
        else:
            tables.append(_table(packed, book, sheet.name, paths[sheet.name], faults, notes))
    return tables


def _table(packed: zipfile.ZipFile, book: CalamineWorkbook, name: str, path: str, faults: list[Fault], notes: list[Fault]) -> Table:
    marks = _marks(packed.read(path))
    if marks.rows > MOST_ROWS:
        raise UnreadableFile("roster.fault.too_many", most=MOST_PEOPLE)
    if marks.columns > MOST_COLUMNS:
        raise UnreadableFile("roster.fault.too_wide", most=MOST_COLUMNS)
    sheet = book.get_sheet_by_name(name)
    values = sheet.to_python(skip_empty_area=False)
    _fill_merged(values, sheet.merged_cell_ranges or [])
    if hidden := sorted(row for row in marks.hidden if row <= len(values) and any(map(_shown, values[row - 1]))):
        notes.append(Fault(0, "roster.note.hidden_rows", {"sheet": cell_text(name), "rows": _spans(hidden), "n": len(hidden)}))
    visible = [(row, [_shown(value) for value in cells]) for row, cells in enumerate(values, 1) if row not in marks.hidden]
    for key, found in (("roster.fault.formula", marks.formulas), ("roster.fault.error_value", marks.errors)):
        faults += [Fault(row, key, {"cell": cell}) for row, cell in sorted(found) if row not in marks.hidden]
    for row, cells in visible:
        for column, text in enumerate(cells):
            if is_error_value(text) or text.startswith("="):
                key = "roster.fault.formula" if text.startswith("=") else "roster.fault.error_value"
                faults.append(Fault(row, key, {"cell": f"{_letters(column)}{row}"}))
                cells[column] = ""
    return Table(name, tuple((row, cells) for row, cells in visible if any(cells)))


def _fill_merged(values: list[list[Any]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Copy the value of a merged cell down its first column.

    A title merged across columns stays one cell.
    """
    for (top, left), (bottom, _) in ranges:
        if top < len(values) and left < len(values[top]):
            for row in range(top + 1, min(bottom + 1, len(values))):
                if left < len(values[row]) and values[row][left] == "":
                    values[row][left] = values[top][left]


def _shown(value: Any) -> str:
    """Return a cell as text: a whole number without a decimal point, a date as a date."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return cell_text(str(value))


def _refuse_bombs(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableFile("roster.fault.bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile("roster.fault.password")
    if _WORKBOOK not in packed.namelist():
        raise UnreadableFile("roster.fault.format")


def _sheet_paths(packed: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet, by the sheet's name."""
    targets: dict[str, str] = {}
    for name, attributes in _elements(packed.read("xl/_rels/workbook.xml.rels")):
        if name == "Relationship":
            targets[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")
    found: dict[str, str] = {}
    for name, attributes in _elements(packed.read(_WORKBOOK)):
        if name == "sheet":
            found[attributes["name"]] = targets[next(value for key, value in attributes.items() if key.endswith(":id"))]
    return found


def _marks(xml: bytes) -> Marks:
    marks, row, column, cells, here, kind = Marks(), 0, 0, 0, "", ""
    for name, attributes in _elements(xml):
        if name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
            if attributes.get("hidden") in ("1", "true"):
                marks.hidden.add(row)
        elif name == "c":
            cells += 1
            if cells > MOST_CELLS:
                raise UnreadableFile("roster.fault.bomb")
            found = _CELL.fullmatch(attributes.get("r", ""))
            if found:
                row, column = int(found[2]), _number(found[1])
            else:
                column += 1
            here, kind = f"{_letters(column - 1)}{row}", attributes.get("t", "")
        elif name in ("v", "is", "f"):
            marks.rows, marks.columns = max(marks.rows, row), max(marks.columns, column)
            if name == "f":
                marks.formulas.add((row, here))
            elif kind == "e":
                marks.errors.add((row, here))
    marks.errors -= marks.formulas
    return marks


def _elements(xml: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each element's name without its prefix, and its attributes.

    A document type is refused: it can hold a bomb.
    """
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise UnreadableFile("roster.fault.bomb")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: found.append((name.rpartition(":")[2], attributes))
    for start in range(0, len(xml), 1 << 16):
        parser.Parse(xml[start : start + (1 << 16)], False)
        yield from found
        found.clear()
    parser.Parse(b"", True)
    yield from found


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(column: int) -> str:
    """Return the letters of a column, counted from 0."""
    letters, column = "", column + 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _spans(rows: list[int]) -> str:
    """Return row numbers in short: 3-5, 9."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:20]]
    return ", ".join(shown) + ("…" if len(spans) > 20 else "")
