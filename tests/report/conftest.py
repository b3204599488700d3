"""A made-up run with the shape of a real one: sectors, regions, 104 weeks, queue and stocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supplychain.results.indicators import headline
from supplychain.results.indicators import indicators as made
from supplychain.runs.run_schema import Run

REGIONS = {
    "CHN": "China", "USA": "United States", "EUR": "Europe", "JPN": "Japan", "KOR": "Korea",
    "TWN": "Taiwan", "IND": "India", "SEA": "South-East Asia", "AUS": "Australia",
    "MMR": "Myanmar and Laos", "ROW": "Rest of world",
}  # fmt: skip
SEGMENTS = {
    "auto-bev": ("auto", "Battery cars", "vehicle", 9000.0, "ndfeb-heavy", 0.002),
    "auto-ice": ("auto", "Combustion cars", "vehicle", 7000.0, "ndfeb-light", 0.0006),
    "airliner-airframe": ("aerospace", "Airliners", "aircraft", 6e7, "smco", 0.02),
    "aero-engine-new": ("aerospace", "New engines", "engine", 9e6, "yttria-powder", 0.03),
    "guided-weapon": ("munitions", "Guided weapons", "weapon", 4e5, "smco", 0.004),
    "wafer-fab-tools": ("semiconductor", "Wafer-fab tools", "tool", 3e6, "yttria-powder", 0.01),
    "wind-turbine": ("other", "Wind turbines", "MW", 9e5, "ndfeb-heavy", 0.6),
}
PLANS = {"auto-bev": 180000.0, "auto-ice": 400000.0, "airliner-airframe": 6.0,
         "aero-engine-new": 14.0, "guided-weapon": 300.0, "wafer-fab-tools": 40.0,
         "wind-turbine": 300.0}  # fmt: skip
SHARES = {"CHN": 0.35, "USA": 0.18, "EUR": 0.2, "JPN": 0.1, "KOR": 0.06, "IND": 0.06, "ROW": 0.05}
MATERIALS = {
    "ore-bayan-obo": ("Bayan Obo ore", "ore", {"ndpr": 0.22}),
    "ore-china-clay": ("Chinese ion clay", "ore", {"dy": 0.05, "y": 0.4, "ndpr": 0.2}),
    "ore-mt-weld": ("Mt Weld concentrate", "ore", {"ndpr": 0.24}),
    "ndpr-oxide": ("NdPr oxide", "oxide", {"ndpr": 1.0}),
    "dy-oxide": ("Dysprosium oxide", "oxide", {"dy": 1.0}),
    "ndpr-metal": ("NdPr metal", "metal", {"ndpr": 1.17}),
    "ndfeb-light": ("NdFeB magnets without heavies", "magnet", {"ndpr": 0.35}),
    "ndfeb-heavy": ("NdFeB magnets with Dy/Tb", "magnet", {"ndpr": 0.33, "dy": 0.03}),
    "smco": ("SmCo magnets", "magnet", {"sm": 0.4}),
    "yttria-powder": ("Yttria powder", "functional", {"y": 1.0}),
}
ELEMENTS = {"ndpr": "Neodymium and praseodymium", "dy": "Dysprosium", "sm": "Samarium",
            "y": "Yttrium"}  # fmt: skip
START = date(2026, 9, 28)
STOP, LOST_FOR_GOOD = 0.02, 0.8


def mondays(weeks: int) -> list[str]:
    return [(START + timedelta(weeks=w)).isoformat() for w in range(weeks)]


def customers() -> pd.DataFrame:
    rows = [
        (f"{segment}-{region.lower()}", spec[0], segment, region, spec[2],
         "military" if spec[0] == "munitions" else "civil", spec[3])
        for segment, spec in SEGMENTS.items()
        for region in SHARES
    ]  # fmt: skip
    names = ["customer", "sector", "segment", "region", "unit", "end_use"]
    names.append("value_added_usd_per_unit")
    return pd.DataFrame(rows, columns=names)


def depth(segment: str, region: str, severity: float, weeks: int) -> np.ndarray[Any, Any]:
    """Lost share of plan by week: nothing, a ramp, a plateau, a slow recovery."""
    if region == "CHN" or severity == 0:
        return np.zeros(weeks)
    place = list(SEGMENTS).index(segment) + 2 * list(SHARES).index(region)
    begin, end = 8 + place % 11, 60 + 5 * (place % 9)
    top = severity * (0.9 if segment == "guided-weapon" else 0.05 + 0.09 * (place % 5))
    t = np.arange(weeks, dtype=float)
    return np.clip(np.minimum((t - begin) / 8, (end - t) / 20), 0, 1) * top


def shortfall(severity: float, weeks: int, scenario: str) -> pd.DataFrame:
    frames = []
    for segment, (sector, _, unit, value, _, _) in SEGMENTS.items():
        for region, part in SHARES.items():
            plan = np.full(weeks, PLANS[segment] * part)
            lost = plan * depth(segment, region, severity, weeks)
            frames.append(pd.DataFrame({
                "scenario": scenario, "sector": sector, "segment": segment, "region": region,
                "week": mondays(weeks), "unit": unit, "planned": plan, "produced": plan - lost,
                "lost": lost, "lost_for_good": lost * LOST_FOR_GOOD, "made_up": 0.0,
                "lost_value_usd": lost * LOST_FOR_GOOD * value, "late_cost_usd": 0.0,
            }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def indicators(frame: pd.DataFrame) -> pd.DataFrame:
    """As the results room makes them: own unit, or million USD where a sector has several."""
    values = {
        (spec[0], segment, region): spec[3]
        for segment, spec in SEGMENTS.items()
        for region in SHARES
    }
    return made(frame, values, date(2026, 11, 10), firms(frame), STOP)


def firms(lost: pd.DataFrame) -> pd.DataFrame:
    """As many firms stand still as output is lost."""
    table = lost[lost["lost"] > 0].copy()
    table["share_standing"] = table["lost"] / table["planned"]
    table["share_short"] = table["share_standing"]
    keys = pd.MultiIndex.from_frame(table[["segment", "region"]])
    for name, mark in (("thinnest", 0.05), ("quarter", 0.25), ("half", 0.5)):
        over = table[table["share_standing"] >= mark].groupby(["segment", "region"])["week"].min()
        table[f"{name}_first_week"] = over.reindex(keys).fillna("").to_numpy()
    columns = ["scenario", "sector", "segment", "region", "week", "share_short", "share_standing"]
    return table[[*columns, *(f"{n}_first_week" for n in ("thinnest", "quarter", "half"))]]


def cover_needed(lost: pd.DataFrame) -> pd.DataFrame:
    """Supply falls behind by what is lost."""
    table = lost.copy()
    table["material"] = [SEGMENTS[segment][4] for segment in table["segment"]]
    share = table["lost"] / table["planned"]
    table["weeks_needed"] = share.groupby([table["segment"], table["region"]]).cumsum()
    table["share_of_firms_through"] = 1.0 - share
    table = table[table["weeks_needed"] > 0]
    columns = ["scenario", "segment", "region", "material", "week", "weeks_needed"]
    return table[[*columns, "share_of_firms_through"]]


def output(lost: pd.DataFrame) -> pd.DataFrame:
    """A tenth of the battery cars is made with motors bought whole, in weeks in which some lose."""
    customer = lost["segment"] + "-" + lost["region"].str.lower()
    other = 0.1 * lost["produced"] * ((lost["segment"] == "auto-bev") & (lost["lost"] > 0))
    table = lost[["scenario", "unit", "week"]].assign(customer=customer)
    ways = {"normal": lost["produced"] - other, "assembled-abroad": other}
    parts = [table.assign(recipe=name, produced=amount) for name, amount in ways.items()]
    columns = ["scenario", "customer", "recipe", "unit", "week", "produced"]
    return pd.concat(parts, ignore_index=True)[columns]


def recipes_used(lost: pd.DataFrame) -> pd.DataFrame:
    """The same as shares of plan, at sixty dollars a vehicle."""
    table = lost[(lost["segment"] == "auto-bev") & (lost["lost"] > 0)]
    other = 0.1 * table["produced"]
    return table[["scenario", "segment", "region", "week"]].assign(
        recipe="assembled-abroad", share=other / table["planned"], extra_cost_usd=60.0 * other
    )


CHAIN = [
    ("ore-mt-weld", "AUS", "SEA", 90.0), ("ndpr-oxide", "SEA", "JPN", 20.0),
    ("ore-china-clay", "MMR", "CHN", 80.0), ("ndpr-oxide", "CHN", "JPN", 12.0),
    ("ndpr-metal", "CHN", "JPN", 25.0), ("dy-oxide", "CHN", "JPN", 1.5),
]  # fmt: skip


def usual_flows() -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, float]] = [(m, o, d, "", t) for m, o, d, t in CHAIN]
    for segment, (_, _, _, _, material, tonnes) in SEGMENTS.items():
        for region, part in SHARES.items():
            name = f"{segment}-{region.lower()}"
            need = PLANS[segment] * part * tonnes
            rows.append((material, "CHN", region, name, need * 0.85))
            rows.append((material, "JPN", region, name, need * 0.15))
    return pd.DataFrame(
        rows, columns=["material", "origin", "destination", "customer", "tonnes_per_week"]
    )


def flows(severity: float, weeks: int, scenario: str) -> pd.DataFrame:
    usual = usual_flows()
    frames = []
    for w, week in enumerate(mondays(weeks)):
        kept = 1 - severity * (0.8 if 6 <= w < 50 else 0.1)
        cut = (usual["origin"] == "CHN") & (usual["destination"] != "CHN")
        tonnes = usual["tonnes_per_week"] * np.where(cut, kept, 1.0)
        frames.append(usual.assign(tonnes=tonnes, week=week, scenario=scenario))
    return pd.concat(frames, ignore_index=True).drop(columns="tonnes_per_week")


def stocks(severity: float, weeks: int, scenario: str) -> pd.DataFrame:
    frames = []
    t = np.arange(weeks, dtype=float)
    for segment, (_, _, _, _, material, tonnes) in SEGMENTS.items():
        for region, part in SHARES.items():
            target = 6.0 if segment != "guided-weapon" else 20.0
            fall = 0 if region == "CHN" else severity
            cover = target * (1 - fall * np.clip((t - 6) / 8, 0, 1) * np.clip((90 - t) / 20, 0, 1))
            frames.append(pd.DataFrame({
                "scenario": scenario, "material": material, "region": region,
                "customer": f"{segment}-{region.lower()}", "week": mondays(weeks),
                "tonnes": cover * PLANS[segment] * part * tonnes, "weeks_of_cover": cover,
                "weeks_under_way": 0.5 * cover, "target_weeks": target,
            }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def licences(severity: float, weeks: int, scenario: str) -> pd.DataFrame:
    frames = []
    t = np.arange(weeks, dtype=float)
    for control in ("cn-2025-18-magnets", "cn-2025-18-yttrium", "cn-2025-61-foreign-content"):
        for i, region in enumerate(("USA", "EUR", "JPN", "KOR")):
            applied = np.where(t >= 6, 40.0 - 6 * i, 20.0)
            granted = applied * np.where(t < 6, 1, np.clip((t - 12 - i) / 30, 0, 1) * 0.9)
            if severity == 0:
                granted = applied
            frames.append(pd.DataFrame({
                "scenario": scenario, "control": control, "exporter": "CHN", "destination": region,
                "end_use": "civil", "end_user": "auto-bev", "week": mondays(weeks),
                "applied_t": applied,
                "granted_t": granted, "used_t": granted * 0.95,
                "pending_t": np.maximum(0, np.cumsum(applied - granted) * 0.5),
                "expired_t": granted * 0.05,
            }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def marginal_values(severity: float, weeks: int, scenario: str) -> pd.DataFrame:
    frames = []
    for segment, (_, _, _, value, material, tonnes) in SEGMENTS.items():
        for region in SHARES:
            dear = depth(segment, region, severity, weeks) > 0
            usd = np.where(dear, value / (tonnes * 1000), 60.0)
            frames.append(pd.DataFrame({
                "scenario": scenario, "law": "customer_balance", "region": region,
                "customer": f"{segment}-{region.lower()}", "material": material,
                "week": mondays(weeks), "usd_per_kg": usd,
            }))  # fmt: skip
    files = licences(severity, weeks, scenario)
    categories = files["control"] + "/" + files["exporter"] + "/" + files["end_use"]
    frames.append(pd.DataFrame({
        "scenario": scenario, "law": "licence_balance", "region": files["destination"],
        "customer": "", "material": categories, "week": files["week"],
        "usd_per_kg": severity * (5.0 + (files["destination"] == "KOR")),
    }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def targets(weeks: int) -> pd.DataFrame:
    held = stocks(0.0, weeks, "").drop_duplicates(["customer", "material"])
    need = held["tonnes"] / held["weeks_of_cover"]
    columns = ["material", "region", "customer", "target_weeks"]
    return held[columns].assign(need_t_per_week=need)


def timeline(scenario: str) -> pd.DataFrame:
    rows = [
        ("event", "2025-04-04", "2025-04-04", "China controls seven medium and heavy rare earths"),
        ("event", "2025-10-09", "2025-12-01", "China announces five more elements and a rule on "
         "foreign-made goods with Chinese content"),
        ("event", "2025-10-30", "2025-11-10", "Truce: the October controls are suspended"),
        ("regime", "2025-11-10", "2025-11-10", "Truce: general licences"),
        ("regime", "2026-11-10", "2026-11-10", "The October 2025 controls take effect"),
        ("regime", "2027-06-01", "2027-09-06", "Slow licences as in April to June 2025"),
        ("change", "2026-12-07", "2027-01-04", "Kuantan runs at half its capacity for four weeks"),
    ]  # fmt: skip
    columns = ["kind", "announced", "effective", "title"]
    return pd.DataFrame(rows, columns=columns).assign(
        scenario=scenario, why="the one-year suspension ends without a successor", source="mofcom"
    )


def record(frame: pd.DataFrame, weeks: int, name: str, title: str) -> dict[str, Any]:
    avoided = [{"recipe": "assembled-abroad", "share_of_output": 0.02, "extra_cost_usd": 1.5e8}]
    loses = float(frame["lost_value_usd"].sum()) > 0
    sectors = headline(frame, {"auto": avoided} if loses else {})
    return {
        "schema": "supplychain/run-record/1",
        "id": f"{name}-3f9a1c",
        "scenario": {
            "name": name, "title": title, "extends": "truce",
            "horizon": {"start": START.isoformat(), "weeks": weeks},
            "foresight": {"mode": "rolling", "window_weeks": 40, "step_weeks": 4},
        },
        "input_changes": [{
            "what": "site_capacity", "where": {"site": "lynas-kuantan"},
            "when": {"from": "2027-01-04", "to": "2027-02-01"}, "old": 1.0, "new": 0.5,
            "unit": "share", "why": "water permit is late", "source": "assumption",
        }],
        "data": {"hash": "sha256:8c1f", "folder": "data", "overlays": ["overlays/own-prices"],
                 "changes": [{"table": "line_numbers", "key": "kuantan", "old": 7.0, "new": 8.0}]},
        "versions": {"supplychain": "0.1.0", "pyomo": "6.10.1", "highspy": "1.15.1"},
        "solver": {"status": "optimal", "windows": 26, "seconds": 31.234, "max_residual": 2.1e-9},
        "seconds": {"read": 0.5, "build": 2.0, "solve": 31.2, "write": 0.6},
        "peak_memory_mb": 812.0,
        "checks": [
            {"name": "mass in every region", "residual": 3e-9, "tolerance": 1e-6, "ok": True},
        ],
        "headline": {"sectors": sectors, "bound_most":
                     "Licences for magnets with dysprosium and terbium bound most."},
        "assumptions": [{
            "assumption": "stop_threshold", "value": STOP, "unit": "share", "low": 0.01,
            "high": 0.05, "kind": "assumed", "source": "assumption", "note": "what a stop is",
        }, {
            "assumption": "thinnest_firms", "value": 0.05, "unit": "share", "low": 0.02,
            "high": 0.1, "kind": "assumed", "source": "assumption", "note": "the first firm",
        }, {
            "assumption": "surge_upstream", "value": 1.2, "unit": "ratio", "low": 1.0, "high": 1.4,
            "kind": "assumed", "source": "mofcom; assumption", "note": "how far runs can rise",
        }],
        "notes": ["Origin of Chinese content in foreign magnets is not tracked."],
    }  # fmt: skip


def make_run(
    severity: float = 1.0,
    weeks: int = 104,
    name: str = "no-truce",
    title: str = "The truce lapses and the October 2025 controls take effect",
) -> Run:
    lost = shortfall(severity, weeks, name)
    measures = indicators(lost)
    content = [(m, e, c) for m, spec in MATERIALS.items() for e, c in spec[2].items()]
    tables = {
        "shortfall": lost,
        "indicators": measures,
        "flows": flows(severity, weeks, name),
        "usual_flows": usual_flows(),
        "stocks": stocks(severity, weeks, name),
        "targets": targets(weeks),
        "licences": licences(severity, weeks, name),
        "firms": firms(lost),
        "cover_needed": cover_needed(lost),
        "output": output(lost),
        "recipes_used": recipes_used(lost),
        "marginal_values": marginal_values(severity, weeks, name),
        "timeline": timeline(name),
        "regions": pd.DataFrame(list(REGIONS.items()), columns=["region", "name"]),
        "materials": pd.DataFrame(
            [(m, n, s) for m, (n, s, _) in MATERIALS.items()], columns=["material", "name", "stage"]
        ),
        "segments": pd.DataFrame(
            [(s, spec[1]) for s, spec in SEGMENTS.items()], columns=["segment", "name"]
        ),
        "customers": customers(),
        "elements": pd.DataFrame(list(ELEMENTS.items()), columns=["element", "name"]),
        "material_content": pd.DataFrame(content, columns=["material", "element", "content"]),
        "sources": pd.DataFrame(
            [("mofcom", "Announcement No. 18 of 2025", "https://example.org/18")],
            columns=["source", "title", "url"],
        ),
    }
    return Run(record=record(measures, weeks, name, title), tables=tables)


@pytest.fixture(scope="session")
def run() -> Run:
    return make_run()


@pytest.fixture(scope="session")
def calm() -> Run:
    return make_run(severity=0.0, name="open", title="No controls")


@pytest.fixture(scope="session")
def runs() -> Callable[..., Run]:
    return make_run


EVIL = "</script><script>window.taken=1</script><img src=x onerror=window.taken=2><!--"
KEPT = {
    "week", "first_week", "worst_week", "recovered_week", "announced", "effective", "kind", "law",
    "first_firm_week", "thinnest_first_week", "quarter_first_week", "half_first_week",
}  # fmt: skip
"""Columns with dates or words of the programme's own; all others may hold any text."""


def spoilt(value: Any, text: str) -> Any:
    """Put a text behind every text of the record, keys and dates aside."""
    if isinstance(value, Mapping):
        kept = {"start", "first_week", "sectors", "date"}
        return {k: v if k in kept else spoilt(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [spoilt(item, text) for item in value]
    return value + text if isinstance(value, str) else value


def spoilt_table(table: pd.DataFrame, text: str) -> pd.DataFrame:
    """Put a text behind every text of a table, also behind its keys."""

    def more(value: Any) -> Any:
        return value + text if isinstance(value, str) and value not in ("", "WORLD") else value

    dirty = {c: table[c].map(more) for c in table.columns if c not in KEPT}
    return table.assign(**dirty)


@pytest.fixture(scope="session")
def spoil() -> Callable[..., Run]:
    def evil(run: Run, text: str = EVIL) -> Run:
        tables = {name: spoilt_table(table, text) for name, table in run.tables.items()}
        return Run(record=spoilt(run.record, text), tables=tables)

    return evil
