"""`supplychain scenario`: what there is, resolved, valid, how two differ, a new one, regimes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from supplychain.cli.command import Answer, register
from supplychain.cli.options import Common, Inputs
from supplychain.cli.settings import own_folders, resolve, scenario_folders
from supplychain.errors import InvalidInput, Problem, problem
from supplychain.report.text.terminal_table import table

if TYPE_CHECKING:
    from supplychain.scenario.scenario import Scenario


group = typer.Typer(
    help="The worlds: list, show, check, diff, new, regimes, schema.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NAME = typer.Argument(metavar="SCENARIO", help="A name or a path.")


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(group, name="scenario")


def folders_here() -> tuple[Path, ...]:
    """The folders in which a name is looked up from the working folder."""
    return scenario_folders(resolve(Common(), os.environ, Path.cwd()))


def home_of(file: Path) -> str:
    """Say where a scenario comes from: those that ship, or the folder it is in."""
    from supplychain.files import shipped, shown

    folder = file.parent
    return "shipped" if folder.resolve() == shipped("scenarios").resolve() else shown(folder)


def load(names: Sequence[str], options: Inputs) -> list[Scenario]:
    """Load scenarios against the data.

    Raises:
        InvalidInput: carries the problems of all of them.
    """
    from supplychain.dataset import read_tables
    from supplychain.scenario.load_scenario import load_scenario

    settings = resolve(options, os.environ, Path.cwd())
    folders = own_folders(settings)
    tables = read_tables(settings.data, settings.overlays)
    found: list[Scenario] = []
    problems: list[Problem] = []
    for name in names:
        try:
            found.append(load_scenario(name, tables, folders))
        except InvalidInput as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidInput("The scenarios are not valid.", dict.fromkeys(problems))
    return found


@register(group, "list", group="scenario")
def list_scenarios(options: Common) -> Answer:
    """List the scenarios by name: the project's own first, then those that ship."""
    from supplychain.documents import available

    assert isinstance(options, Common)
    found = available(folders_here())
    rows = [
        [
            one.name,
            one.title if one.readable else "cannot be read: supplychain scenario check",
            one.extends,
            home_of(one.path),
        ]
        for one in found
    ]
    text = table(["scenario", "title", "extends", "from"], rows)
    entries = [{**one.as_json(), "from": home_of(one.path)} for one in found]
    return Answer(text, {"scenarios": entries})


@register(group, "show", group="scenario")
def show(options: Inputs, name: Annotated[str, NAME]) -> Answer:
    """Print a scenario as it is solved, with everything that it extends worked in."""
    import yaml

    (scenario,) = load([name], options)
    resolved = scenario.as_json()
    body = yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True, width=100)
    home = home_of(Path(scenario.file))
    text = f"# {scenario.file} ({home})\n{body.rstrip()}"
    return Answer(text, {**resolved, "file": scenario.file, "from": home})


@register(group, "check", group="scenario")
def check(
    options: Inputs,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SCENARIO]", help="Names or paths; default all.")
    ] = None,
) -> Answer:
    """Check scenarios against the data; every problem at once."""
    from supplychain.documents import available

    wanted = names or [one.name for one in available(folders_here())]
    found = load(wanted, options)
    warnings = worked_in(found, options)
    rows = [[one.name, one.start.isoformat(), f"{one.weeks}", one.file] for one in found]
    text = table(["scenario", "start", "weeks", "file"], rows, "<<><")
    entries = [{"name": one.name, "file": one.file, "valid": True} for one in found]
    return Answer(f"{text}\n\nNo problems.", {"scenarios": entries}, warnings=warnings)


def worked_in(scenarios: Sequence[Scenario], options: Inputs) -> list[str]:
    """Work scenarios into the network, as a run does first; what of each rules no week.

    Raises:
        InvalidInput: a run would refuse one; carries the problems of all.
    """
    from supplychain.case.case import build_case
    from supplychain.dataset import BASE_YEAR, read_tables
    from supplychain.network.build_network import build_network

    settings = resolve(options, os.environ, Path.cwd())
    tables = read_tables(settings.data, settings.overlays)
    since = {one.name: min(one.start, BASE_YEAR[1]) for one in scenarios}
    networks = {day: build_network(tables, day) for day in sorted(set(since.values()))}
    said: list[str] = []
    problems: list[Problem] = []
    for one in scenarios:
        try:
            case = build_case(networks[since[one.name]], tables, one)
            said.extend(f"{one.name}: {text}" for text in case.idle_entries())
        except InvalidInput as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidInput("The scenarios are not valid.", dict.fromkeys(problems))
    return said


@register(group, "diff", group="scenario")
def diff(options: Inputs, one: Annotated[str, NAME], other: Annotated[str, NAME]) -> Answer:
    """List what differs between two scenarios as they are solved."""
    from supplychain.scenario.scenario import scenario_diff

    first, second = load([one, other], options)
    found = scenario_diff(first, second)
    rows = [[d.what, d.one, d.other] for d in found]
    text = table(["what", first.name, second.name], rows) if rows else "They do not differ."
    return Answer(text, {"differences": [d.as_json() for d in found]})


@register(group, "new", group="scenario")
def new(
    options: Common,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits, hyphens.")],
    extends: Annotated[
        str, typer.Option("--extends", metavar="SCENARIO", help="What it starts from.")
    ] = "truce",
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
) -> Answer:
    """Write a scenario to start from into the project's folder scenarios/."""
    from supplychain.documents import find_scenario, is_free_name
    from supplychain.files import RESERVED_NAMES, whole_file

    find_scenario(extends, folders_here())
    settings = resolve(options, os.environ, Path.cwd())
    file = settings.project / "scenarios" / f"{name}.yaml"
    problems = []
    if not is_free_name(name):
        message = f'"{name}" cannot be the name of a scenario.'
        hint = "Use at most 60 small letters, digits and single hyphens, such as late-truce."
        if name in RESERVED_NAMES:
            hint = "In a results folder it has a meaning of its own. Choose another."
        problems.append(problem("SCEN-701", message, hint=hint))
    if file.exists() and not force:
        hint = "Choose another name, or add --force to replace it."
        problems.append(
            problem("SCEN-702", "the file is there already.", file=file.as_posix(), hint=hint)
        )
    if problems:
        raise InvalidInput("The scenario was not written.", problems)
    regimes = read_regimes()
    with whole_file(file) as part:
        part.write_text(TEMPLATE.format(name=name, extends=extends), encoding="utf-8")
    rows = [[one["regime"], one["name"]] for one in regimes]
    said = [
        f"{file.as_posix()} written. Edit it, then: supplychain scenario check {name}",
        "Regimes to choose from; supplychain scenario regimes compares them:",
        table(["regime", "what it is"], rows),
        f"And then: supplychain run {name}, supplychain compare {extends} {name}",
    ]
    data = {"name": name, "file": file, "regimes": regimes}
    return Answer("\n\n".join(said), data, artifacts=[file])


def read_regimes() -> list[dict[str, str]]:
    """Name and words of each regime of the data that hold in the working folder."""
    from supplychain.dataset import read_tables

    settings = resolve(Common(), os.environ, Path.cwd())
    rows = read_tables(settings.data, settings.overlays).records("regimes")
    return [{"regime": str(row["regime"]), "name": str(row["name"])} for row in rows]


@register(group, "regimes", group="scenario")
def regimes(
    options: Inputs,
    control: Annotated[
        str, typer.Option("--control", metavar="NAME", help="The rule for one control.")
    ] = "ANY",
) -> Answer:
    """Compare the regimes that a scenario can set, by what each asks of trade."""
    from supplychain.dataset import read_tables
    from supplychain.policy.regime_comparison import compared_regimes
    from supplychain.report.text.regime_text import regimes_json, regimes_text

    settings = resolve(options, os.environ, Path.cwd())
    found = compared_regimes(read_tables(settings.data, settings.overlays), control)
    return Answer(
        regimes_text(found, control), {"control": control, "regimes": regimes_json(found)}
    )


@register(group, "schema", group="scenario")
def schema(
    options: Common,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="That of the definition of an ensemble.")
    ] = False,
) -> Answer:
    """Print the JSON Schema of a scenario file, for editors."""
    assert isinstance(options, Common)
    if ensemble:
        from supplychain.ensemble.ensemble_definition import ensemble_schema

        found = ensemble_schema()
    else:
        from supplychain.scenario.scenario_schema import scenario_schema

        found = scenario_schema()
    return Answer(json.dumps(found, indent=2), found)


TEMPLATE = """\
name: {name}
title: What happens, in one sentence
extends: {extends}
# Changes of regime: which (supplychain scenario regimes), for whose controls, from when.
# timeline:
#   - announced: 2027-01-10
#     effective: 2027-01-10
#     set: {{regime: october-2025, exporter: CHN}}
#     why: the reason in a sentence
#     source: assumption
# Changes of numbers: a plant, a stock, a route, with dates where they do not hold throughout.
# changes:
#   - what: site_capacity
#     where: {{site: lynas-kuantan}}
#     when: {{from: 2027-01-04, to: 2027-02-01}}
#     value: 0.5
#     unit: share
#     why: the reason in a sentence
#     source: assumption
"""
