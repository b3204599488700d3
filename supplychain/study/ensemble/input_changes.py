"""Uncertain inputs that change the scenario, as one of the kinds of change."""

from __future__ import annotations

from supplychain.errors import Problem
from supplychain.regime.change_kinds import KINDS
from supplychain.regime.kinds import Change, Origin
from supplychain.regime.layers import origin_at
from supplychain.regime.meaning import at, canonical_value, check_change
from supplychain.regime.vocabulary import ASSUMPTION
from supplychain.regime.yaml_reader import Address
from supplychain.study.ensemble.definition import ChangeTarget, Distribution, UncertainInput
from supplychain.study.ensemble.distributions import extremes
from supplychain.study.ensemble.document import ChangeTargetPart
from supplychain.study.ensemble.ground import Ground


def read_change(
    written: ChangeTargetPart, law: Distribution, address: Address, ground: Ground
) -> ChangeTarget:
    """Turn a change into what it moves, checked at both ends of its distribution."""
    when = written.when
    target = ChangeTarget(
        what=written.what,
        where=tuple(sorted(written.where.items())),
        start=when.from_ if when else None,
        end=when.to if when else None,
        announced=written.announced,
    )
    origin = origin_at(ground.document, address)
    found: list[Problem] = []
    for value in extremes(law):
        change = make_change(target, value, written.unit, origin)
        if isinstance(change, str):
            found.append(at(origin, "ENS-307", change, path="unit"))
        else:
            check_change(change, ground.span, ground.words, found.append)
    ground.document.problems.extend(dict.fromkeys(found))
    return target


def make_change(
    target: ChangeTarget,
    value: float,
    unit: str,
    origin: Origin,
    why: str = "",
    source: str = ASSUMPTION,
) -> Change | str:
    """The change for one drawn value in its canonical unit, or what is wrong with the unit."""
    kind = KINDS.get(target.what)
    amount = (value, unit)
    if kind is not None:
        converted = canonical_value(value, unit, kind, dict(target.where))
        if isinstance(converted, str):
            return converted
        amount = converted
    return Change(
        what=target.what,
        where=target.where,
        start=target.start,
        end=target.end,
        announced=target.announced,
        value=amount[0],
        unit=amount[1],
        why=why,
        source=source,
        origin=origin,
    )


def change_of(one: UncertainInput, value: float) -> Change | None:
    """The change that an input stands for at a drawn value; None if it moves rows."""
    if not isinstance(one.target, ChangeTarget):
        return None
    change = make_change(one.target, value, one.unit, one.origin, one.why, one.source)
    if isinstance(change, str):
        raise AssertionError(f"a unit was let through: {change}")
    return change
