"""`supplychain scenario`: what there is, resolved, valid, how two differ, a new one."""

from __future__ import annotations

import typer

group = typer.Typer(
    help="The worlds: list, show, check, diff, new, schema.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(group, name="scenario")
