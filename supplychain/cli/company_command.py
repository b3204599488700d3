"""`supplychain company`: a planner's own firm, carved out of its segment and region."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Inputs
from supplychain.cli.settings import Settings, resolve
from supplychain.errors import InvalidInput, NothingMatched, describe
from supplychain.report.text.terminal_table import amount, bold, percent, table

if TYPE_CHECKING:
    from supplychain.company.overlay_rows import Laid
    from supplychain.dataset import Tables
    from supplychain.documents import Document

NOTHING = "Nothing was written."
group = typer.Typer(
    help="Your own firm as an overlay: new, show, edit, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NAME = typer.Argument(metavar="NAME", help="Small letters, digits, hyphens.", show_default=False)
FROM = typer.Option(
    "--from", metavar="FILE", help="What is said of it: YAML, or a sheet (.xlsx, .csv)."
)
DRY_RUN = typer.Option("-n", "--dry-run", help="Check, show, and write nothing.")
FORCE = typer.Option("--force", help="Replace what is there, also files changed by hand.")


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(group, name="company")


@dataclass(frozen=True)
class _Place:
    """Where a company lies, and the data that it is carved out of."""

    folder: Path
    settings: Settings
    overlays: tuple[Path, ...]
    tables: Tables


def _place(name: str, options: Inputs) -> _Place:
    """The folder of a company; its own overlay is no part of the data below it."""
    from supplychain.company.company_folder import company_folder
    from supplychain.dataset import read_tables

    settings = resolve(options, os.environ, Path.cwd())
    folder = company_folder(settings.project, name)
    overlays = tuple(o for o in settings.overlays if o.resolve() != folder.resolve())
    return _Place(folder, settings, overlays, read_tables(settings.data, overlays))


@register(group, "new", group="company", closing=NOTHING)
def new(
    options: Inputs,
    name: Annotated[str, NAME],
    file: Annotated[Path | None, FROM] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One thing that is said. Repeatable."),
    ] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    force: Annotated[bool, FORCE] = False,
) -> Answer:
    """Make an overlay of your own firm; asks on a terminal unless --from or --set say it."""
    from supplychain.company.company_folder import company_folder, refuse_name
    from supplychain.company.words import document_of

    settings = resolve(options, os.environ, Path.cwd())
    place = _place(name, options)
    refuse_name(name, company_folder(settings.project, name), place.tables, force=force)
    said = _said(document_of({}, name), file, changes)
    return _made(name, place, said, dry_run=dry_run, force=force)


@register(group, "edit", group="company", closing=NOTHING)
def edit(
    options: Inputs,
    name: Annotated[str, NAME],
    file: Annotated[Path | None, FROM] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One thing to change. Repeatable."),
    ] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    force: Annotated[bool, FORCE] = False,
) -> Answer:
    """Change what is said of a firm and make its overlay anew; asks again on a terminal."""
    from supplychain.company.company_folder import said_of

    place = _place(name, options)
    said = _said(said_of(place.settings.project, name), file, changes)
    return _made(name, place, said, dry_run=dry_run, force=force)


@register(group, "show", group="company")
def show(
    options: Inputs,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Which one; without it all are listed.")
    ] = None,
) -> Answer:
    """Show what was said of a firm, and what it was carved out of, before and after."""
    from supplychain.company.before_after import summary
    from supplychain.company.company_folder import changed_by_hand, company_names, said_of

    if name is None:
        project = resolve(options, os.environ, Path.cwd()).project
        names = company_names(project)
        text = "\n".join(names) or "There is no company yet: supplychain company new NAME."
        return Answer(text, {"companies": names})
    place = _place(name, options)
    document = said_of(place.settings.project, name)
    laid = _laid(name, document, place)
    changed = changed_by_hand(place.folder)
    warnings = [f"{place.folder.as_posix()}/{file} was changed by hand." for file in changed]
    data = {**summary(laid), "folder": place.folder, "said": document.tree}
    return Answer(_text(laid, document), data, warnings=[*laid.company.notes, *warnings])


@register(group, "remove", group="company", closing="Nothing was removed.")
def remove(options: Inputs, name: Annotated[str, NAME]) -> Answer:
    """Remove the overlay of a firm: only what the command made, and as it made it."""
    from supplychain.company.company_folder import company_folder, remove_company, said_of
    from supplychain.files import shown

    settings = resolve(options, os.environ, Path.cwd())
    folder = company_folder(settings.project, name)
    said_of(settings.project, name)
    left = remove_company(folder)
    listed = folder.resolve() in {o.resolve() for o in settings.overlays}
    warnings = [f"{shown(folder)} is still named as an overlay in the settings."] if listed else []
    stays = "".join(f"\n{shown(file)} stays: it was not made so." for file in left)
    data = {"company": name, "folder": folder, "left": [shown(file) for file in left]}
    return Answer(f"{shown(folder)} removed.{stays}", data, warnings=warnings)


def _said(before: Document, file: Path | None, changes: Sequence[str] | None) -> Document | None:
    """What a file says or else was said before, with --set; None where a terminal is to be asked.

    Raises:
        UsageError: nothing is said and nobody is there to answer, or --set is badly written.
        NothingMatched: there is no such file.
    """
    from supplychain.company.words import put

    if file is None and not changes:
        if _answers():
            return None
        raise UsageError("Nothing is said of the company: give --from FILE or --set KEY=VALUE.")
    document = _read(file) if file else before
    for change in changes or ():
        key, equals, value = (part.strip() for part in change.partition("="))
        if not (key and equals and value):
            raise UsageError(f'--set wants KEY=VALUE, but got "{change}".')
        put(document.tree, key, value)
    return document


def _read(file: Path) -> Document:
    from supplychain.company.words import document_of_sheet
    from supplychain.documents import SUFFIXES, read_yaml
    from supplychain.exchange.company_sheet import read_company_sheet
    from supplychain.files import shown

    suffix = file.suffix.lower()
    if suffix not in (*SUFFIXES, ".xlsx", ".csv"):
        raise UsageError(f"--from wants .yaml, .xlsx or .csv, but got {file}.")
    if not file.exists():
        raise NothingMatched(f"There is no file {file}.")
    if suffix in SUFFIXES:
        return read_yaml(file)
    return document_of_sheet(read_company_sheet(file), shown(file))


def _answers() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _asked(name: str, place: _Place, tree: dict[str, Any]) -> tuple[Document, Laid]:
    """Ask for everything, and again for what cannot be, until it can."""
    from supplychain.company.definition import ASKED
    from supplychain.company.words import document_of, put, spoken_value

    wanted = list(ASKED)
    while True:
        for key in wanted:
            default = spoken_value(tree.get(key) or _OFFERED.get(key, ""))
            text = typer.prompt(ASKED[key], default=default or None, err=True)
            tree.pop(key, None)
            put(tree, key, text)
        document = document_of({k: v for k, v in tree.items() if v}, name)
        try:
            return document, _laid(name, document, place)
        except InvalidInput as error:
            typer.echo(describe(error.problems, "Say it again."), err=True)
            keys = {p.path.partition(".")[0] for p in error.problems}
            wanted = [key for key in ASKED if key in keys] or list(ASKED)


_OFFERED = {
    "kg_per_unit": "as segment",
    "suppliers": "as region",
    "end_use": "civil",
    "value_per_unit": "as segment",
}
"""What a question offers; what was said before is offered first."""


def _laid(name: str, document: Document, place: _Place) -> Laid:
    from supplychain.company.definition import read_company
    from supplychain.company.overlay_rows import lay_company

    company = read_company(name, document, place.tables)
    return lay_company(company, document, place.tables, place.settings.data, place.overlays)


def _made(
    name: str, place: _Place, document: Document | None, *, dry_run: bool, force: bool
) -> Answer:
    """Lay a company over the data, and write its folder."""
    from supplychain.company.before_after import summary
    from supplychain.company.company_folder import said_of, write_company
    from supplychain.files import shown

    if document is None:
        there = place.folder.exists()
        tree = dict(said_of(place.settings.project, name).tree) if there else {"title": name}
        document, laid = _asked(name, place, tree)
    else:
        laid = _laid(name, document, place)
    files = [] if dry_run else write_company(laid, document, place.folder, force=force)
    where = shown(place.folder)
    done = (
        f"{where} would be written."
        if dry_run
        else f"{where} written. Use it: supplychain run no-truce --overlay {where}"
    )
    data = {**summary(laid), "folder": place.folder, "written": not dry_run}
    text = f"{_text(laid, document)}\n\n{done}"
    return Answer(text, data, artifacts=files, warnings=laid.company.notes)


def _text(laid: Laid, document: Document) -> str:
    """What was said, and the amounts before and after."""
    from supplychain.company.before_after import carved, licence_shares
    from supplychain.company.definition import ASKED
    from supplychain.company.words import spoken_value

    said = [[key, spoken_value(document.tree[key])] for key in ASKED if document.tree.get(key)]
    said.append(["as_of", laid.company.as_of.isoformat()])
    rows = [
        [r.what, r.unit, *map(amount, (r.before, r.company, r.others, r.after))]
        for r in carved(laid)
    ]
    head = ["base year", "unit", "before", "the company", "the others", "together"]
    shares = [
        [s.control, s.exporter, s.destination, s.end_use, percent(s.share)]
        for s in licence_shares(laid)
    ]
    parts = [
        bold(f"{laid.company.title} ({laid.customer})"),
        table(["said", "as"], said),
        table(head, rows, "<<>>>>"),
    ]
    if shares:
        heads = ["licences of", "exporter", "destination", "end use", "its share"]
        parts.append(table(heads, shares, "<<<<>"))
    return "\n\n".join(parts)
