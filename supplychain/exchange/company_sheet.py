"""A company said in a sheet: two columns, what is said and its value, in CSV or a workbook."""

from __future__ import annotations

import csv
from pathlib import Path

from supplychain.errors import InvalidInput, Problem, problem
from supplychain.exchange.workbook import text_of
from supplychain.exchange.workbook_import import load_book, refuse_too_large, word_of
from supplychain.files import content_of, shown
from supplychain.optional_dependencies import READER, need

HEADS = ("what", "key")
"""What the first cell of a row of headings says."""

Lines = dict[str, tuple[str, int]]
"""Key, with dots into it, to its words and the row in which they stand."""


def read_company_sheet(path: Path) -> Lines:
    """Read the rows of a sheet; the first of a workbook. Shares in percent are read as such.

    Raises:
        InvalidInput: the file cannot be read, or rows have no two cells; all of them.
    """
    rows = _from_book(path) if path.suffix.lower() == ".xlsx" else _from_csv(path)
    file, found = shown(path), Lines()
    problems: list[Problem] = []
    for line, cells in enumerate(rows, start=1):
        words = [cell.strip() for cell in cells if cell.strip()]
        if not words or (line == 1 and words[0].lower() in HEADS):
            continue
        message = ""
        if len(words) != 2:
            message = f"{len(words)} cells, where what is said and its value are wanted."
        elif words[0] in found:
            message = f"{words[0]} is already in row {found[words[0]][1]}."
        if message:
            hint = 'Put a value that holds a comma between double quotes, as "1,000 per week".'
            problems.append(problem("COMPANY-110", message, file=file, line=line, hint=hint))
        else:
            found[words[0]] = words[1], line
    if problems:
        raise InvalidInput(f"{file} cannot be read.", problems)
    return found


def _from_csv(path: Path) -> list[list[str]]:
    file = shown(path)
    try:
        text = content_of(path).decode("utf-8-sig")
        return list(csv.reader(text.splitlines(), strict=True))
    except OSError as error:
        found = problem("DATA-105", f"cannot be opened: {error.strerror}.", file=file)
    except UnicodeDecodeError:
        hint = 'Save it as "CSV UTF-8".'
        found = problem("DATA-106", "is not UTF-8 text.", file=file, hint=hint)
    except csv.Error as error:
        found = problem("DATA-107", f"is not a CSV file: {error}.", file=file)
    raise InvalidInput(f"{file} cannot be read.", [found])


def _from_book(path: Path) -> list[list[str]]:
    need(READER, "reading a workbook")
    refuse_too_large(path, shown(path))
    sheet = load_book(path, shown(path), values=True).worksheets[0]
    rows = []
    for cells in sheet.iter_rows():
        words = []
        for cell in cells:
            percent = isinstance(cell.value, int | float) and "%" in str(cell.number_format)
            words.append(f"{text_of(cell.value * 100)} %" if percent else word_of(cell))
        rows.append(words)
    return rows
