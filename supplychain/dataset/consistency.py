"""Checks across tables: what no single row can show to be wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from supplychain.dataset.row_validation import (
    TOLERANCE,
    CrossCheck,
    Records,
    at,
    elsewhere,
    quantity_of,
    words,
)
from supplychain.dataset.schema import BASE_YEAR, LOSS_STEPS, TABLES
from supplychain.dataset.schema_demand import NORMAL_RECIPE, RECIPES
from supplychain.errors import Problem, problem

USES: dict[str, tuple[tuple[str, str], ...]] = {
    "elements": (("material_content", "element"),),
    "materials": (("process_flows", "material"), ("intensities", "material")),
    "sites": (("lines", "site"),),
    "processes": (("lines", "process"),),
    "segments": (("customers", "segment"),),
}
"""Tables each of whose rows something must use, and the columns that would."""

OUT_OF_THE_GROUND = ("mining", "minor-metal")
"""Stages at which elements enter the model."""

OXIDE_PER_METAL = 1.54
"""Most oxide that a tonne of metal can stand for: scandium, 1.5338 (IUPAC atomic weights)."""

AS_METAL = ("metal", "alloy", "magnet")
"""Stages whose tonnes are metal while their rare-earth content is counted as oxide."""


def cross_problems(records: Records) -> list[Problem]:
    """Run the checks across those tables that are there."""
    found: list[Problem] = []
    for cross_check in ALL_CHECKS:
        if all(name in records for name in cross_check.reads):
            found.extend(cross_check.find(records))
    for parent, uses in USES.items():
        if parent in records and all(table in records for table, _ in uses):
            found.extend(_orphans(records, parent, uses))
    for table in TABLES.values():
        if table.complete_for in records and table.name in records:
            found.extend(_incomplete(records, table.name))
    return sorted(found)


def _orphans(records: Records, parent: str, uses: tuple[tuple[str, str], ...]) -> Iterator[Problem]:
    """Rows of a table that nothing uses: a slip, or a leftover."""
    key = TABLES[parent].key[0]
    used = {row[column] for table, column in uses for row in records[table]}
    users = " or ".join(f"{table}.csv" for table, _ in uses)
    for row in records[parent]:
        if row[key] not in used:
            message = f'"{row[key]}" is used in no row of {users}.'
            yield at(row, "DATA-451", key, message, "Use it there, or delete the row.")


def _incomplete(records: Records, name: str) -> Iterator[Problem]:
    """Rows of a table that lack a number they must have."""
    table = TABLES[name]
    parent = TABLES[table.complete_for].key[0]
    there = {(row[parent], row[table.quantity_column]) for row in records[name]}
    for row in records[table.complete_for]:
        for quantity in table.quantities:
            if quantity.required and (row[parent], quantity.name) not in there:
                message = f'"{row[parent]}" has no {quantity.name}.'
                hint = f"Add a row to {table.file}."
                yield at(row, "DATA-412", parent, message, hint)


def _assumptions(records: Records) -> Iterator[Problem]:
    """Every scalar that the model needs is there."""
    there = {row["assumption"] for row in records["assumptions"]}
    files = {row["_file"] for row in records["assumptions"]}
    for quantity in TABLES["assumptions"].quantities:
        if quantity.required and quantity.name not in there:
            yield problem(
                "DATA-412",
                f"there is no {quantity.name}.",
                file=min(files, default="assumptions.csv"),
                column="assumption",
                hint=f"Add a row for it: {quantity.description}.",
            )


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


def inner_arcs(records: Records) -> Iterator[Problem]:
    """Inside a region only goods that customers buy have an arc."""
    final = {(record["material"],) for record in records["intensities"]}
    for arc in records["arcs"]:
        if arc["origin"] == arc["destination"] and (arc["material"],) not in final:
            message = (
                f'no customer buys "{arc["material"]}", so it needs no arc inside {arc["origin"]}.'
            )
            yield at(arc, "DATA-422", "destination", message, "Delete the row.")


SUPPLY_CHECKS = (
    CrossCheck(("material_content", "process_flows", "processes"), element_mass),
    CrossCheck(("materials", "material_content"), own_mass),
    CrossCheck(("processes", "process_flows"), products),
    CrossCheck(("lines", "line_numbers"), usual_runs),
    CrossCheck(("lanes", "arcs"), lanes),
    CrossCheck(("arcs", "intensities"), inner_arcs),
)


def customer_names(records: Records) -> Iterator[Problem]:
    """A customer's name is its segment, a hyphen and its region in small letters."""
    for customer in records["customers"]:
        wanted = f"{customer['segment']}-{customer['region'].lower()}"
        if customer["customer"] != wanted:
            message = f'"{customer["customer"]}" should be "{wanted}".'
            hint = "Correct the name, the segment or the region."
            yield at(customer, "DATA-431", "customer", message, hint)


def customer_needs(records: Records) -> Iterator[Problem]:
    """A customer has a normal recipe, and each material of its recipes has an arc to it."""
    needed = _materials_by_segment(records)
    arriving = {(arc["material"], arc["destination"]) for arc in records["arcs"]}
    for customer in records["customers"]:
        normal = [m for m, recipe in needed[customer["segment"]] if recipe == NORMAL_RECIPE]
        if not normal:
            message = f'"{customer["customer"]}" needs nothing in its normal recipe.'
            hint = f'Add a row for "{customer["segment"]}" and normal to intensities.csv.'
            yield at(customer, "DATA-432", "segment", message, hint)
        region = customer["region"]
        for material in sorted({m for m, _ in needed[customer["segment"]]}):
            if (material, region) not in arriving:
                message = (
                    f'"{customer["customer"]}" needs {material}, which has no arc to {region}.'
                )
                hint = "Add a row to arcs.csv; its value may be 0."
                yield at(customer, "DATA-433", "region", message, hint)


def customer_covers(records: Records) -> Iterator[Problem]:
    """Each material of a customer's normal recipe has an opening and a target cover."""
    needed = _materials_by_segment(records)
    for quantity in ("opening_cover", "target_cover"):
        covers = quantity_of(records["covers"], quantity, "customer", "material")
        for customer in records["customers"]:
            for material, recipe in sorted(needed[customer["segment"]]):
                if recipe == NORMAL_RECIPE and (customer["customer"], material) not in covers:
                    message = f'"{customer["customer"]}" has no {quantity} of {material}.'
                    hint = "Add a row to covers.csv; its value may be 0."
                    yield at(customer, "DATA-434", "customer", message, hint)


def recipes(records: Records) -> Iterator[Problem]:
    """Each recipe but the normal one has all its numbers."""
    there = words(records["recipes"], "segment", "recipe", "quantity")
    used = [r for r in records["intensities"] if r["recipe"] != NORMAL_RECIPE]
    rows = words([*records["recipes"], *used], "segment", "recipe")
    for (segment, recipe), row in rows.items():
        if recipe == NORMAL_RECIPE:
            hint = "Delete the row; normal is always there."
            yield at(row, "DATA-435", "recipe", "normal has no rows here.", hint)
            continue
        for quantity in RECIPES.quantities:
            if (segment, recipe, quantity.name) not in there:
                message = f'the recipe "{recipe}" of "{segment}" has no {quantity.name}.'
                yield at(row, "DATA-435", "recipe", message, "Add a row to recipes.csv.")


def purchases(records: Records) -> Iterator[Problem]:
    """Special purchases add up to all, and come along arcs."""
    total: dict[tuple[str, ...], float] = defaultdict(float)
    region = {record["customer"]: record["region"] for record in records["customers"]}
    arcs = words(records["arcs"], "material", "origin", "destination")
    for row in records["sourcing"]:
        total[row["customer"], row["material"]] += row["value"]
        arc = (row["material"], row["origin"], region[row["customer"]])
        if row["value"] > 0 and arc not in arcs:
            message = (
                f'"{row["customer"]}" buys {arc[0]} from {arc[1]}, but no arc leads to {arc[2]}.'
            )
            yield at(
                row, "DATA-437", "origin", message, "Add a row to arcs.csv, or delete this one."
            )
    for key, row in words(records["sourcing"], "customer", "material").items():
        if abs(total[key] - 1.0) > TOLERANCE:
            message = f'the shares of "{key[0]}" in {key[1]} add up to {total[key]:g}, not 1.'
            yield at(row, "DATA-436", "value", message, "Correct the shares.")


def _materials_by_segment(records: Records) -> dict[str, set[tuple[str, str]]]:
    """The materials of each segment, each with the recipe that needs it."""
    needed: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in records["intensities"]:
        needed[row["segment"]].add((row["material"], row["recipe"]))
    return needed


DEMAND_CHECKS = (
    CrossCheck(("customers",), customer_names),
    CrossCheck(("customers", "intensities", "arcs"), customer_needs),
    CrossCheck(("customers", "intensities", "covers"), customer_covers),
    CrossCheck(("intensities", "recipes"), recipes),
    CrossCheck(("sourcing", "customers", "arcs"), purchases),
)


def control_scopes(records: Records) -> Iterator[Problem]:
    """Each control covers something."""
    covered = words(records["control_scope"], "control")
    for control in records["controls"]:
        if (control["control"],) not in covered:
            message = f'"{control["control"]}" covers nothing.'
            hint = "Add a row to control_scope.csv."
            yield at(control, "DATA-441", "control", message, hint)


def control_dates(records: Records) -> Iterator[Problem]:
    """The dates of controls come in order."""
    yield from _dates(records, "controls")


def event_dates(records: Records) -> Iterator[Problem]:
    """The dates of events come in order."""
    yield from _dates(records, "events")


def _dates(records: Records, table: str) -> Iterator[Problem]:
    """Announced, effective and until come in that order."""
    for row in records[table]:
        for earlier, later in (("announced", "effective"), ("effective", "until")):
            if row[later] is not None and row[later] < row[earlier]:
                message = f"{later} {row[later]} lies before {earlier} {row[earlier]}."
                yield at(row, "DATA-442", later, message, "Correct one of the two dates.")


def loss_steps(records: Records) -> Iterator[Problem]:
    """The loss steps cover the whole plan, and each costs at least as much as the one before."""
    rows = words(records["assumptions"], "assumption")
    steps = [(f"loss_step_{n}_share", f"loss_step_{n}_weight") for n in range(1, LOSS_STEPS + 1)]
    if any((name,) not in rows for pair in steps for name in pair):
        return
    total = sum(rows[(share,)]["value"] for share, _ in steps)
    if abs(total - 1.0) > TOLERANCE:
        message = f"the shares of the loss steps add up to {total:g}, not 1."
        yield at(rows[(steps[0][0],)], "DATA-461", "value", message, "Correct the shares.")
    for (_, before), (_, after) in pairwise(steps):
        if rows[(after,)]["value"] < rows[(before,)]["value"]:
            message = f"{after} is below {before}; each step must cost at least as much."
            yield at(rows[(after,)], "DATA-461", "value", message, "Raise it.")


POLICY_CHECKS = (
    CrossCheck(("controls", "control_scope"), control_scopes),
    CrossCheck(("controls",), control_dates),
    CrossCheck(("events",), event_dates),
    CrossCheck(("assumptions",), loss_steps),
)


def state_shares(records: Records) -> Iterator[Problem]:
    """The regimes of a state share it out between them; companions are named in full."""
    totals: dict[str, float] = {}
    for row in records["regime_states"]:
        totals[row["state"]] = totals.get(row["state"], 0.0) + row["value"]
        if bool(row["companion_control"]) != bool(row["companion_regime"]):
            blank = "companion_regime" if row["companion_control"] else "companion_control"
            message = "blank, but its partner is given."
            yield at(row, "DATA-444", blank, message, "Fill in both or neither.")
    told: set[str] = set()
    for row in records["regime_states"]:
        total = totals[row["state"]]
        if abs(total - 1.0) > TOLERANCE and row["state"] not in told:
            told.add(row["state"])
            message = f'the shares of "{row["state"]}" add up to {total:g}, not 1.'
            yield at(row, "DATA-443", "value", message, "Correct the shares.")


def spell_dates(records: Records) -> Iterator[Problem]:
    """The spells of a track follow each other without a gap, and each changes the state."""
    tracks: dict[str, list[dict[str, object]]] = {}
    for row in sorted(records["regime_spells"], key=lambda row: (row["track"], row["begins"])):
        tracks.setdefault(row["track"], []).append(row)
        if row["until"] <= row["begins"]:
            message = f"until {row['until']} is not after begins {row['begins']}."
            yield at(row, "DATA-445", "until", message, "Correct one of the two dates.")
    for spells in tracks.values():
        for before, after in pairwise(spells):
            if before["until"] != after["begins"]:
                message = f"the spell before it ends on {before['until']}."
                hint = "Let one begin where the other ends."
                yield at(after, "DATA-445", "begins", message, hint)
            if before["state"] == after["state"]:
                message = f'the spell before it is "{after["state"]}" too.'
                yield at(after, "DATA-445", "state", message, "Make the two one spell.")


PATH_CHECKS = (
    CrossCheck(("regime_states",), state_shares),
    CrossCheck(("regime_spells",), spell_dates),
)

ALL_CHECKS = (
    *SUPPLY_CHECKS,
    *DEMAND_CHECKS,
    *POLICY_CHECKS,
    *PATH_CHECKS,
    CrossCheck(("assumptions",), _assumptions),
)
