"""Checks across tables: what no single row can show to be wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise, product

from supplychain.dataset.row_validation import (
    TOLERANCE,
    CrossCheck,
    Records,
    at,
    quantity_of,
    words,
)
from supplychain.dataset.schema import LOSS_STEPS, TABLES
from supplychain.dataset.schema_demand import NORMAL_RECIPE, RECIPES
from supplychain.dataset.schema_policy import END_USES, PARAMETERS
from supplychain.dataset.supply_consistency import SUPPLY_CHECKS
from supplychain.dataset.table_types import ANY
from supplychain.errors import Problem, problem

USES: dict[str, tuple[tuple[str, str], ...]] = {
    "elements": (("material_content", "element"),),
    "materials": (("process_flows", "material"), ("intensities", "material")),
    "sites": (("lines", "site"),),
    "processes": (("lines", "process"),),
    "segments": (("customers", "segment"), ("companies", "segment")),
}
"""Tables each of whose rows something must use, and the columns that would."""


USES_IN_THE_END = [use for use in END_USES if use != ANY]


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


def late_costs(records: Records) -> Iterator[Problem]:
    """Output made up at the last moment costs less than output lost, or nobody would make it."""
    longest = quantity_of(records["segment_numbers"], "make_up", "segment")
    for key, row in quantity_of(records["segment_numbers"], "late_cost", "segment").items():
        if key in longest and row["value"] * longest[key]["value"] > 1.0:
            message = (
                f'"{key[0]}" loses {row["value"]:g} of its value each week for '
                f"{longest[key]['value']:g} weeks: more than all of it."
            )
            yield at(row, "DATA-438", "value", message, "Lower this, or make_up.")


def recipe_rules(records: Records) -> Iterator[Problem]:
    """A rule is about a recipe that its segment has, and not older than its control."""
    known = words(records["recipes"], "segment", "recipe")
    announced = {row["control"]: row["announced"] for row in records["controls"]}
    for row in records["recipe_rules"]:
        if (row["segment"], row["recipe"]) not in known:
            message = f'"{row["segment"]}" has no recipe "{row["recipe"]}".'
            yield at(row, "DATA-439", "recipe", message, "Add its rows to recipes.csv.")
        if row["since"] < announced[row["control"]]:
            message = (
                f"{row['since']} lies before {announced[row['control']]}, when "
                f'"{row["control"]}" was announced.'
            )
            yield at(row, "DATA-439", "since", message, "Correct the date.")


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
    CrossCheck(("segment_numbers",), late_costs),
    CrossCheck(("recipe_rules", "recipes", "controls"), recipe_rules),
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


def regime_rows(records: Records) -> Iterator[Problem]:
    """Every regime has every parameter, for all or for each that a control can reach.

    What was fitted lies on top of what was assumed.
    """
    given: dict[tuple[str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for row in (*records["regime_parameters"], *records["fitted_parameters"]):
        who = row["control"], row["destination"], row["end_use"]
        given[row["regime"], row["parameter"]].add(who)
    regions = [row["region"] for row in records["regions"]]
    reached = sorted(
        {
            (row["control"], destination, end_use)
            for row in records["control_scope"]
            for destination in (regions if row["destination"] == ANY else [row["destination"]])
            for end_use in (USES_IN_THE_END if row["end_use"] == ANY else [row["end_use"]])
        }
    )
    for regime in records["regimes"]:
        for parameter in PARAMETERS:
            rows = given[regime["regime"], parameter]
            if (ANY, ANY, ANY) in rows:
                continue
            bare = (who for who in reached if rows.isdisjoint(product(*((w, ANY) for w in who))))
            first = next(bare, None)
            if first is not None:
                control, destination, end_use = first
                message = (
                    f'"{regime["regime"]}" has no {parameter} for control {control}, '
                    f"destination {destination}, end use {end_use}."
                )
                name = regime["regime"]
                hint = f"Add a row {name},ANY,ANY,ANY,{parameter} to regime_parameters.csv."
                yield at(regime, "DATA-446", "regime", message, hint)


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


def firm_layers(records: Records) -> Iterator[Problem]:
    """The tangents of the loss frontier lie at different shares."""
    seen: dict[float, str] = {}
    for row in records["assumptions"]:
        if row["assumption"].startswith("firm_layer_"):
            other = seen.setdefault(row["value"], row["assumption"])
            if other != row["assumption"]:
                message = f"{row['assumption']} is as large as {other}."
                yield at(row, "DATA-462", "value", message, "Tangents need shares of their own.")


POLICY_CHECKS = (
    CrossCheck(("controls", "control_scope"), control_scopes),
    CrossCheck(
        ("regimes", "regime_parameters", "fitted_parameters", "control_scope", "regions"),
        regime_rows,
    ),
    CrossCheck(("controls",), control_dates),
    CrossCheck(("events",), event_dates),
    CrossCheck(("assumptions",), loss_steps),
    CrossCheck(("assumptions",), firm_layers),
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
