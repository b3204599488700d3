"""The folder of a company: what is said of it, the overlay made of that, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from supplychain.company.definition import ASKED
from supplychain.company.overlay_rows import Laid
from supplychain.company.words import as_yaml
from supplychain.dataset import Tables
from supplychain.dataset.csv_reader import DEFINITION
from supplychain.dataset.overlay import write_rows
from supplychain.documents import Document, is_free_name, read_yaml
from supplychain.errors import InvalidInput, NothingMatched, Problem, nearest, problem
from supplychain.files import remove_parts, shown, whole_folder, write_json

HOME = "companies"
"""The folder of a project in which its companies lie."""
MADE = ".company.json"
"""What the command made: each file with the sha256 of its content."""


def company_folder(project: Path, name: str) -> Path:
    """The folder of a company in a project."""
    return project / HOME / name


def company_names(project: Path) -> list[str]:
    """The companies of a project by name."""
    return sorted(file.parent.name for file in (project / HOME).glob(f"*/{MADE}"))


def refuse_name(name: str, folder: Path, tables: Tables, *, force: bool) -> None:
    """Refuse a name for a new company.

    Raises:
        InvalidInput: it is badly formed, is a segment's, or something lies in its folder.
    """
    problems: list[Problem] = []
    if not is_free_name(name):
        hint = "Use at most 60 small letters, digits and single hyphens, such as northern-motors."
        problems.append(
            problem("COMPANY-101", f'"{name}" cannot be the name of a company.', hint=hint)
        )
    elif name in set(tables["segments"]["segment"]):
        hint = "Choose another name."
        problems.append(problem("COMPANY-101", f'"{name}" is a segment of the data.', hint=hint))
    elif folder.exists() and not (folder / MADE).is_file():
        hint = "Choose another name, or move it away."
        message = "this was not made by supplychain company new."
        problems.append(problem("COMPANY-108", message, file=shown(folder), hint=hint))
    elif folder.exists() and not force:
        hint = f"supplychain company edit {name} changes it; --force replaces it."
        problems.append(
            problem("COMPANY-102", "there is such a company.", file=shown(folder), hint=hint)
        )
    if problems:
        raise InvalidInput(f"The company {name} was not written.", problems)


def said_of(project: Path, name: str) -> Document:
    """What was said of a company.

    Raises:
        NothingMatched: there is no such company.
        InvalidInput: its file cannot be read.
    """
    folder = company_folder(project, name)
    names = company_names(project)
    if name not in names:
        there = f"There are: {', '.join(names)}." if names else "There is none yet."
        hint = nearest(name, names) or there
        raise NothingMatched(f'There is no company "{name}" in {shown(folder.parent)}. {hint}')
    return read_yaml(folder / DEFINITION)


def changed_by_hand(folder: Path) -> list[str]:
    """Files of a company that are not as the command made them; its definition may change."""
    made = _made(folder)
    return [
        name
        for name, digest in made.items()
        if name != DEFINITION and (folder / name).is_file() and _digest(folder / name) != digest
    ]


def write_company(laid: Laid, document: Document, folder: Path, *, force: bool) -> list[Path]:
    """Write the folder of a company, whole; files that the command did not make stay.

    Raises:
        InvalidInput: a file of it was changed by hand, and is not to be replaced.
        Busy: another process writes it.
        OSError: it cannot be written.
    """
    changed = changed_by_hand(folder)
    if changed and not force:
        hint = "Move the rows to an overlay of their own; --force drops them."
        problems = [
            problem("COMPANY-109", "was changed by hand.", file=shown(folder / name), hint=hint)
            for name in changed
        ]
        raise InvalidInput(f"The company {laid.company.name} was not written.", problems)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(folder, staying=_foreign) as part:
        (part / DEFINITION).write_text(as_yaml(document.tree, list(ASKED)), encoding="utf-8")
        files = [DEFINITION, *write_rows(laid.rows, part)]
        write_json({"made": {name: _digest(part / name) for name in files}}, part / MADE)
    return [folder / name for name in files]


def remove_company(folder: Path) -> list[Path]:
    """Remove what the command made; return what stays, because it did not or was changed since.

    Raises:
        Busy: another process writes it.
        OSError: it cannot be removed.
    """

    def staying(place: Path) -> Iterable[str]:
        return [*_foreign(place), *changed_by_hand(place)]

    left = [folder / name for name in staying(folder)]
    remove_parts(folder, staying)
    return left


def _foreign(folder: Path) -> Sequence[str]:
    """Files in the folder that the command did not make."""
    made = {*_made(folder), MADE}
    files = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return sorted(name for name in files if name not in made)


def _made(folder: Path) -> dict[str, str]:
    """File names to digests; a folder or record that is not there made nothing.

    Raises:
        InvalidInput: the record cannot be read.
    """
    record = folder / MADE
    if not record.is_file():
        return {}
    try:
        found = json.loads(record.read_text(encoding="utf-8"))["made"]
        return {str(name): str(digest) for name, digest in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "Write it anew with supplychain company new --force, or remove the folder yourself."
        found = problem("COMPANY-108", "the record cannot be read.", file=shown(record), hint=hint)
        raise InvalidInput("The company cannot be read.", [found]) from error


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
