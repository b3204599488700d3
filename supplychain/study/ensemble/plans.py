"""The regime paths of a definition, checked against the data and the horizon."""

from __future__ import annotations

from supplychain.dataset.schema_paths import STATES
from supplychain.errors import nearest
from supplychain.regime.layers import origin_at
from supplychain.regime.meaning import check_source
from supplychain.regime.path import Expiry, Multiplier, PathPlan
from supplychain.regime.switching import state_regimes
from supplychain.study.ensemble.document import PathsPart, PriorPart
from supplychain.study.ensemble.ground import Ground


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
