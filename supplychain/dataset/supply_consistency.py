"""Checks across the tables of supply: mass, products, usual runs, lanes and their ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supplychain.dataset.row_validation import (
    TOLERANCE,
    CrossCheck,
    Records,
    at,
    elsewhere,
    quantity_of,
    words,
)
from supplychain.dataset.schema import BASE_YEAR
from supplychain.errors import Problem

OUT_OF_THE_GROUND = ("mining", "minor-metal")
"""Stages at which elements enter the model."""

OXIDE_PER_METAL = 1.54
"""Most oxide that a tonne of metal can stand for: scandium, 1.5338 (IUPAC atomic weights)."""

AS_METAL = ("metal", "alloy", "magnet")
"""Stages whose tonnes are metal while their rare-earth content is counted as oxide."""


def element_mass(records: Records) -> Iterator[Problem]:
    """A process makes at most as much of an element as it takes."""
    content: dict[str, dict[str, float]] = defaultdict(dict)
    for record in records["material_content"]:
        content[record["material"]][record["element"]] = record["value"]
    takes: dict[tuple[str, str], float] = defaultdict(float)
    makes: dict[tuple[str, str], float] = defaultdict(float)
    needing = set()
    for flow in records["process_flows"]:
        side = makes if flow["role"] == "makes" else takes
        if flow["role"] == "needs":
            needing.add(flow["process"])
        for element, share in content[flow["material"]].items():
            side[flow["process"], element] += flow["value"] * share
    flows = words([f for f in records["process_flows"] if f["role"] == "makes"], "process")
    for process in records["processes"]:
        name = process["process"]
        if process["stage"] in OUT_OF_THE_GROUND or name not in needing:
            continue
        for element in sorted({e for p, e in makes if p == name}):
            made, taken = makes[name, element], takes[name, element]
            if made > taken * (1 + TOLERANCE):
                message = (
                    f'process "{name}" makes {made:.6g} t of {element} per tonne of run '
                    f"but takes only {taken:.6g} t."
                )
                hint = "Raise what it needs, or lower what it makes."
                yield at(flows[(name,)], "DATA-401", "value", message, hint)


def own_mass(records: Records) -> Iterator[Problem]:
    """A material holds no more than its own mass, and at least one element."""
    total: dict[str, float] = defaultdict(float)
    for record in records["material_content"]:
        total[record["material"]] += record["value"]
    rows = words(records["material_content"], "material")
    for material in records["materials"]:
        name, stage = material["material"], material["stage"]
        if (name,) not in rows:
            hint = "Add a row to material_content.csv."
            yield at(material, "DATA-403", "material", f'"{name}" holds no element.', hint)
        most = OXIDE_PER_METAL if stage in AS_METAL else 1.0
        if total[name] > most * (1 + TOLERANCE):
            message = (
                f'the elements of "{name}" add up to {total[name]:.6g} t/t; {most:g} is the most.'
            )
            yield at(rows[(name,)], "DATA-402", "value", message, "Lower the contents.")


def products(records: Records) -> Iterator[Problem]:
    """A process makes something, and out of something unless it mines or recycles."""
    roles = {(flow["process"], flow["role"]) for flow in records["process_flows"]}
    for process in records["processes"]:
        name = process["process"]
        if (name, "makes") not in roles:
            hint = "Add a row with role makes to process_flows.csv."
            yield at(process, "DATA-405", "process", f'"{name}" makes nothing.', hint)
        if (name, "needs") in roles or process["stage"] in (*OUT_OF_THE_GROUND, "recycling"):
            continue
        hint = "Add a row with role needs to process_flows.csv."
        message = f'"{name}" needs nothing, yet it is neither mining nor recycling.'
        yield at(process, "DATA-404", "process", message, hint)


def usual_runs(records: Records) -> Iterator[Problem]:
    """In the base year a line ran within its capacity, and not before its start."""
    capacity = quantity_of(records["line_numbers"], "capacity", "line")
    lines = words(records["lines"], "line")
    for (line,), run in quantity_of(records["line_numbers"], "usual_run", "line").items():
        if (line,) in capacity and run["value"] > capacity[(line,)]["value"] * (1 + TOLERANCE):
            most = capacity[(line,)]["value"]
            told = f"{most:g} t/a{elsewhere(run, capacity[(line,)])}"
            message = f'"{line}" usually runs {run["value"]:g} t/a with a capacity of {told}.'
            yield at(run, "DATA-411", "value", message, "Raise the capacity or lower the run.")
        start = lines[(line,)]["start"]
        if run["value"] > 0 and start > BASE_YEAR[1]:
            message = f'"{line}" ran {run["value"]:g} t/a in 2024 but starts on {start}.'
            yield at(
                run, "DATA-413", "value", message, "Write 0, or correct the start in lines.csv."
            )


def lanes(records: Records) -> Iterator[Problem]:
    """Every arc has a transit time and a freight rate."""
    for quantity in ("transit", "freight"):
        known = quantity_of(records["lanes"], quantity, "origin", "destination")
        for arc in records["arcs"]:
            pair = (arc["origin"], arc["destination"])
            if pair not in known:
                message = f"lanes.csv has no {quantity} from {pair[0]} to {pair[1]}."
                hint = "Add that lane, or delete the arc."
                yield at(arc, "DATA-421", "destination", message, hint)


def flights(records: Records) -> Iterator[Problem]:
    """A lane by air has a transit time and a freight rate, both or neither."""
    found = {
        quantity: quantity_of(records["lanes"], quantity, "origin", "destination")
        for quantity in ("air_transit", "air_freight")
    }
    for quantity, other in (("air_transit", "air_freight"), ("air_freight", "air_transit")):
        for pair, row in found[quantity].items():
            if pair not in found[other]:
                message = f"the lane from {pair[0]} to {pair[1]} has {quantity} but no {other}."
                hint = "Add a row for it, or delete this one."
                yield at(row, "DATA-425", "quantity", message, hint)


def inner_arcs(records: Records) -> Iterator[Problem]:
    """Inside a region only goods that customers buy have an arc."""
    final = {(record["material"],) for record in records["intensities"]}
    for arc in records["arcs"]:
        if arc["origin"] == arc["destination"] and (arc["material"],) not in final:
            message = (
                f'no customer buys "{arc["material"]}", so it needs no arc inside {arc["origin"]}.'
            )
            yield at(arc, "DATA-422", "destination", message, "Delete the row.")


def arc_changes(records: Records) -> Iterator[Problem]:
    """A change of a route is of an arc that is there, and comes after the base year."""
    arcs = words(records["arcs"], "material", "origin", "destination")
    for row in records["arc_changes"]:
        route = (row["material"], row["origin"], row["destination"])
        if route not in arcs:
            message = f"{route[0]} has no arc from {route[1]} to {route[2]}."
            hint = "Add a row to arcs.csv; its value may be 0. Or delete this one."
            yield at(row, "DATA-423", "destination", message, hint)
        if row["start"] <= BASE_YEAR[1]:
            message = f"{row['start']} is not after {BASE_YEAR[1]}."
            hint = "Put what held in the base year into arcs.csv, or correct the date."
            yield at(row, "DATA-424", "start", message, hint)


def growth_days(records: Records) -> Iterator[Problem]:
    """Growth is counted from the base year: its days come after it."""
    for table in ("demand_growth", "capacity_growth"):
        for row in records[table]:
            if row["day"] <= BASE_YEAR[1]:
                message = f"{row['day']} is not after {BASE_YEAR[1]}."
                hint = "Delete the row: in the base year growth is 1."
                yield at(row, "DATA-426", "day", message, hint)


SUPPLY_CHECKS = (
    CrossCheck(("material_content", "process_flows", "processes"), element_mass),
    CrossCheck(("materials", "material_content"), own_mass),
    CrossCheck(("processes", "process_flows"), products),
    CrossCheck(("lines", "line_numbers"), usual_runs),
    CrossCheck(("lanes", "arcs"), lanes),
    CrossCheck(("lanes",), flights),
    CrossCheck(("arcs", "intensities"), inner_arcs),
    CrossCheck(("arcs", "arc_changes"), arc_changes),
    CrossCheck(("demand_growth", "capacity_growth"), growth_days),
)
