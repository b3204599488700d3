"""Every number that a scenario's changes set, with its old and new value, for the record."""

from __future__ import annotations

from collections.abc import Iterator

from supplychain.network.kinds import Network
from supplychain.regime.kinds import Change, Scenario
from supplychain.regime.licences import Rules
from supplychain.regime.policy import ANY
from supplychain.regime.reach import covers_of, customer_words
from supplychain.regime.treatment import Calendar, change_weeks

Record = dict[str, object]


def changed_inputs(
    network: Network, scenario: Scenario, calendar: Calendar, rules: Rules
) -> list[Record]:
    """List old -> new: one record for each number, or for each change that is itself a share."""
    found: list[Record] = []
    for change in scenario.changes:
        if change.what == "opening_cover":
            found.extend(_covers(network, change))
        elif change.what == "opening_stock":
            place = (change.place("region"), change.place("material"))
            old = network.opening_stock[network.place_index[place]]
            found.append(_record(change, dict(change.where), old, change.value, "t"))
        elif change.what == "licence":
            found.extend(_licences(network, change, calendar, rules))
        else:
            old_share = None if change.what in ("arc_limit", "recipe_share") else 1.0
            where = dict(change.where)
            found.append(_record(change, where, old_share, change.value, change.unit))
    return found


def _covers(network: Network, change: Change) -> Iterator[Record]:
    for row in covers_of(network, change):
        cover = network.covers[row]
        old = cover.opening_weeks
        new = change.value * (old if change.unit == "ratio" else 1.0)
        name = customer_words(network.customers[cover.customer])["customer"]
        yield _record(change, {"customer": name, "material": cover.material}, old, new, "week")


def _licences(
    network: Network, change: Change, calendar: Calendar, rules: Rules
) -> Iterator[Record]:
    """One record for all classes treated alike, with the value in the change's first week."""
    wanted = {key: change.place(key) for key in ("control", "destination", "end_use")}
    name = change.place("parameter")
    seen: set[tuple[str, str, str]] = set()
    for row, k in enumerate(network.classes):
        own = (k.control, k.destination, k.end_use)
        fits = all(w in (ANY, mine) for w, mine in zip(wanted.values(), own, strict=True))
        if fits and own not in seen:
            seen.add(own)
            where = dict(zip(("control", "destination", "end_use"), own, strict=True))
            first = change_weeks(change, calendar).start
            old = float(getattr(rules, name)[row, min(first, calendar.weeks - 1)])
            yield _record(change, {"parameter": name, **where}, old, change.value, change.unit)


def _record(
    change: Change, where: dict[str, str], old: float | None, new: float, unit: str
) -> Record:
    return {
        "what": change.what,
        "where": where,
        "when": {
            "from": change.start.isoformat() if change.start else None,
            "to": change.end.isoformat() if change.end else None,
        },
        "old": old,
        "new": new,
        "unit": unit,
        "why": change.why,
        "source": change.source,
    }
