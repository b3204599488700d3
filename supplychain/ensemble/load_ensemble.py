"""A definition found, read and checked against scenario and data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from supplychain.dataset import Tables
from supplychain.dataset.schema_policy import STATES
from supplychain.documents import (
    Document,
    ScenarioFile,
    available,
    check_items,
    check_part,
    find_scenario,
    read_yaml,
    unknown_key,
)
from supplychain.ensemble.distributions import extremes
from supplychain.ensemble.ensemble_definition import (
    Definition,
    EnsemblePart,
    Ground,
    HeadPart,
    InputPart,
    PathsPart,
    PriorPart,
    UncertainInput,
)
from supplychain.ensemble.regime_paths import Expiry, Multiplier, PathPlan, state_regimes
from supplychain.ensemble.uncertain_inputs import (
    change_of,
    check_names,
    check_rows_apart,
    read_input,
)
from supplychain.errors import InvalidInput, NothingMatched, Problem, nearest
from supplychain.files import shipped
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario import Scenario
from supplychain.scenario.scenario_checks import Span, check_conflicts, check_source, origin_at
from supplychain.scenario.scenario_schema import HorizonPart
from supplychain.scenario.vocabulary import read_vocabulary

FOLDER = "ensembles"
"""Below a folder of scenarios."""

MONDAY = 0


def ensemble_folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Where definitions are looked up: below folders of scenarios, then those that ship."""
    return tuple(folder / FOLDER for folder in (*folders, shipped("scenarios")))


def available_ensembles(folders: Sequence[Path] = ()) -> tuple[ScenarioFile, ...]:
    """List every definition by name; what it "extends" is its base scenario."""
    return available(ensemble_folders(folders), "base")


def read_definition(name_or_path: str, tables: Tables, folders: Sequence[Path] = ()) -> Definition:
    """Read and check the definition of an ensemble.

    Args:
        name_or_path: a name looked up in `ensembles` below the folders, or the path of a file.
        tables: checked data, whose words the definition may use.
        folders: where scenarios are looked up before the shipped ones.

    Raises:
        NothingMatched: there is no such definition.
        InvalidInput: something is wrong; all problems found, with their places.
    """
    path = find_scenario(name_or_path, ensemble_folders(folders), "ensemble")
    document = read_yaml(path)
    head, horizon, paths, parts = _shape(document, path)
    span = _span(horizon, document)
    base = _base(head, span, tables, folders, document)
    ground = Ground(document, tables, read_vocabulary(tables), span)
    plan = read_plan(paths, ground) if paths else None
    check_names(parts, document)
    read = [read_input(part, index, ground) for index, part in parts]
    inputs = tuple(one for one in read if one is not None)
    check_rows_apart(inputs, document)
    if base:
        _check_conflicts(base, inputs, ground)
    if head:
        _check_whole(head, document)
    _raise(document)
    if head is None or span is None:
        raise AssertionError("a faulty head or horizon was let through")
    return Definition(
        name=head.name,
        title=head.title,
        base=head.base,
        start=span.start,
        weeks=(span.end - span.start).days // 7,
        members=head.members,
        pairs=head.pairs,
        sampler=head.sampler,
        seed=head.seed,
        inputs=inputs,
        paths=plan,
        file=document.file,
        notes=_notes(head, plan, inputs),
    )


def _shape(
    document: Document, path: Path
) -> tuple[HeadPart | None, HorizonPart | None, PathsPart | None, list[tuple[int, InputPart]]]:
    """Check keys and kinds of value, part by part, so that a slip in one hides no other."""
    tree, known = document.tree, list(EnsemblePart.model_fields)
    for key in tree:
        if key not in known:
            unknown_key(document, (key,), known)
    own = {key: tree[key] for key in HeadPart.model_fields if key in tree}
    head = check_part(HeadPart, own, (), document)
    if head and head.name != path.stem:
        message = f'the name "{head.name}" is not that of the file, "{path.stem}".'
        document.report("SCEN-204", message, ("name",), hint="Rename one of the two.")
    horizon = check_part(HorizonPart, tree.get("horizon", {}), ("horizon",), document)
    paths = None
    if "paths" in tree:
        paths = check_part(PathsPart, tree["paths"], ("paths",), document)
    return head, horizon, paths, list(check_items(InputPart, "inputs", document))


def _span(horizon: HorizonPart | None, document: Document) -> Span | None:
    """The horizon of the ensemble, which every member has."""
    if horizon is None:
        return None
    hint = "Write horizon: {start: 2026-11-30, weeks: 52}."
    if horizon.start is None or horizon.weeks is None:
        message = "an ensemble needs a horizon with start and weeks."
        document.report("ENS-102", message, ("horizon",), hint=hint)
        return None
    if horizon.start.weekday() != MONDAY:
        message = f"{horizon.start} is not a Monday."
        document.report("ENS-102", message, ("horizon", "start"), hint=hint)
        return None
    return Span(horizon.start, horizon.start + timedelta(weeks=horizon.weeks))


def horizon_settings(span: Span) -> dict[str, str]:
    """The horizon as settings on top of a scenario."""
    weeks = (span.end - span.start).days // 7
    return {"horizon.start": span.start.isoformat(), "horizon.weeks": f"{weeks}"}


def _base(
    head: HeadPart | None,
    span: Span | None,
    tables: Tables,
    folders: Sequence[Path],
    document: Document,
) -> Scenario | None:
    """The base scenario on the ensemble's horizon; its problems are added to the document."""
    if head is None or span is None:
        return None
    try:
        return load_scenario(head.base, tables, folders, horizon_settings(span))
    except NothingMatched as error:
        document.report("ENS-101", error.message, ("base",))
    except InvalidInput as error:
        document.report("ENS-101", f'the scenario "{head.base}" is not valid.', ("base",))
        document.problems.extend(error.problems)
    return None


def _check_conflicts(base: Scenario, inputs: Sequence[UncertainInput], ground: Ground) -> None:
    """No drawn change sets a number that the base scenario or another drawn change sets."""
    drawn = [change_of(one, extremes(one.distribution)[0]) for one in inputs if one.distribution]
    changes = [*base.changes, *(change for change in drawn if change is not None)]
    check_conflicts(changes, base.start, ground.words, ground.document.problems.append)


def _check_whole(head: HeadPart, document: Document) -> None:
    tree = document.tree
    if not tree.get("inputs") and not tree.get("paths"):
        message = "there are neither inputs nor paths: all members would be the same."
        document.report("ENS-104", message, (), hint="Add inputs: or paths:.")
    if head.pairs > head.members:
        message = f"{head.pairs} pairs are more than {head.members} members."
        document.report("ENS-103", message, ("pairs",), hint="Lower pairs.")
    if head.pairs and "paths" not in tree:
        message = "pairs hold the starting state, but no paths are drawn."
        document.report("ENS-103", message, ("pairs",), hint="Take pairs out, or add paths:.")


def _notes(
    head: HeadPart, plan: PathPlan | None, inputs: Sequence[UncertainInput]
) -> tuple[str, ...]:
    """What is allowed but worth saying."""
    notes: list[str] = []
    n = head.members
    if head.sampler == "sobol" and n & (n - 1):
        below, above = 1 << (n.bit_length() - 1), 1 << n.bit_length()
        notes.append(
            f"{n} members are no power of two: a Sobol sample is balanced at {below} or {above}."
        )
    if head.pairs and head.sampler == "sobol" and head.pairs & (head.pairs - 1):
        notes.append(f"{head.pairs} pairs are no power of two, so the pairs alone are unbalanced.")
    if head.pairs and head.sampler == "lhs" and head.pairs < head.members:
        notes.append("The first members of a Latin hypercube are no Latin hypercube themselves.")
    if plan and not inputs:
        notes.append("Only the paths are uncertain.")
    return tuple(notes)


def _raise(document: Document) -> None:
    found = sorted(set(document.problems), key=_by_place)
    if found:
        raise InvalidInput("The ensemble is not valid.", found)


def _by_place(found: Problem) -> tuple[str, int, int, str]:
    column = found.column if isinstance(found.column, int) else 0
    return found.file, found.line, column, found.code


def read_plan(part: PathsPart, ground: Ground) -> PathPlan:
    """Turn the paths of a file into a plan; problems are added to the document."""
    _check_data(part, ground)
    _check_multipliers(part, ground)
    _check_expiries(part, ground)
    prior = part.prior or PriorPart.model_validate({})
    return PathPlan(
        start=part.start,
        tracks=tuple(part.tracks),
        hazards=part.hazards,
        prior_events=prior.events,
        prior_weeks=prior.weeks,
        multipliers=tuple(
            Multiplier(m.from_, m.to, m.factor, m.why, m.source) for m in part.multipliers
        ),
        expiries=tuple(
            Expiry(e.day, tuple(dict.fromkeys(e.from_)), e.to, e.chance, e.why, e.source)
            for e in part.expiries
        ),
    )


def _check_data(part: PathsPart, ground: Ground) -> None:
    """The tracks are in the data, and every state has a regime there."""
    known = sorted(set(ground.tables["regime_spells"]["track"]))
    for index, track in enumerate(part.tracks):
        if track not in known:
            message = f'"{track}" is no track of regime_spells.csv.'
            hint = nearest(track, known) or f"Known: {', '.join(known)}."
            ground.document.report("ENS-502", message, ("paths", "tracks", index), hint=hint)
    regimes = state_regimes(ground.tables)
    missing = [state for state in STATES if state not in regimes]
    if missing:
        message = f"regime_states.csv has no regime for {', '.join(missing)}."
        hint = "Add a row for each: a path may lead there."
        ground.document.report("ENS-501", message, ("paths",), hint=hint)


def _check_multipliers(part: PathsPart, ground: Ground) -> None:
    document, seen = ground.document, set()
    for index, one in enumerate(part.multipliers):
        here = ("paths", "multipliers", index)
        origin = origin_at(document, here)
        check_source(origin, one.source, ground.words, document.problems.append)
        if one.from_ == one.to:
            message = f'it leads from "{one.to}" to itself.'
            document.report("ENS-503", message, (*here, "to"), hint="Name another state.")
        elif (one.from_, one.to) in seen:
            message = f'the hazard from "{one.from_}" to "{one.to}" has a factor already.'
            document.report("ENS-503", message, here, hint="Keep one of the two.")
        seen.add((one.from_, one.to))


def _check_expiries(part: PathsPart, ground: Ground) -> None:
    document, span = ground.document, ground.span
    for index, one in enumerate(part.expiries):
        here = ("paths", "expiries", index)
        origin = origin_at(document, here)
        check_source(origin, one.source, ground.words, document.problems.append)
        if one.to in one.from_:
            message = f'it leads from "{one.to}" to itself.'
            document.report("ENS-504", message, (*here, "to"), hint="Name another state.")
        if span and not span.start < one.day < span.end:
            message = f"{one.day} lies outside the horizon, {span.start} to {span.end}."
            hint = "The first day on which something can expire is after the horizon's start."
            document.report("ENS-504", message, (*here, "day"), hint=hint)
