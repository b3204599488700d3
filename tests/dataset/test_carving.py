"""A firm carved out of its region: the world makes, needs and is worth what it did."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from supplychain.dataset import TABLES, Tables, read_tables
from supplychain.dataset.csv_reader import Row
from supplychain.dataset.tables import tables_with
from supplychain.errors import InvalidInput
from supplychain.network.build_network import build_network
from supplychain.network.entities import Network
from tests.dataset.conftest import TINY, World

NUMBER = {"low": "", "high": "", "kind": "reported", "source": "assumption", "note": ""}
Rows = dict[str, list[Row]]


@lru_cache
def tiny() -> Tables:
    """The world before anything is carved."""
    return read_tables(TINY)


def company(name: str, plan: float, value: float = 15000.0, kg: float = 2.0) -> Rows:
    """Rows of a European maker of electric cars, whose aggregate makes a million of 2 kg."""
    customer = f"{name}-eur"
    like = {"auto-bev": name, "auto-bev-eur": customer}
    tables = tiny()
    found: Rows = defaultdict(list)

    def put(table: str, **cells: str) -> None:
        whole = {column: cells.get(column, "") for column in TABLES[table].header}
        found[table].append(Row("mine", 2, whole))

    for table in ("segment_numbers", "demand_growth", "recipes", "covers", "intensities"):
        for row in tables.records(table):
            key = next(iter(row))
            if row[key] in like and (table, row.get("recipe")) != ("intensities", "normal"):
                words = {k: str(v) for k, v in row.items() if v is not None and k[0] != "_"}
                if table == "intensities":
                    words |= {**NUMBER, "value": str(0.75 * kg)}
                put(table, **{**words, key: like[str(row[key])]})
    put("intensities", segment=name, recipe="normal", material="ndfeb-heavy", value=str(kg),
        unit="kg/unit", **NUMBER)  # fmt: skip
    put("segments", segment=name, sector="auto", name=name, unit="vehicle", end_use="civil")
    put("customers", customer=customer, segment=name, region="EUR")
    for quantity, number, unit in (("plan", plan, "unit/a"), ("value_added", value, "USD/unit")):
        put("customer_numbers", customer=customer, quantity=quantity, value=str(number),
            raw=str(number), unit=unit, **NUMBER)  # fmt: skip
    put("companies", company=name, segment="auto-bev", region="EUR")
    return found


def sums(tables: Tables) -> dict[str, float]:
    """Units and USD of Europe's cars, and tonnes that each recipe of the world would need."""
    segment = tables["customers"].set_index("customer")["segment"]
    region = tables["customers"].set_index("customer")["region"]
    worth = tables.values("customer_numbers", "value_added")
    found: dict[str, float] = defaultdict(float)
    for (customer,), plan in tables.values("customer_numbers", "plan").items():
        if region[customer] == "EUR":
            found["units"] += plan
            found["usd"] += plan * worth[(customer,)]
        for (of, recipe, material), kg in tables.values("intensities").items():
            if of == segment[customer]:
                found[f"{recipe} {material}"] += plan * kg / 1000.0
    return found


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    plans=st.lists(st.floats(1.0, 3e5), min_size=1, max_size=3),
    value=st.floats(1000.0, 16000.0),
    kg=st.floats(0.5, 2.2),
)
def test_sums_of_the_world_stay(plans: list[float], value: float, kg: float) -> None:
    """Plan, value and the need of each recipe, however many firms there are."""
    before = sums(tiny())
    rows: Rows = defaultdict(list)
    for i, plan in enumerate(plans):
        for table, made in company(f"own-{i}", plan, value, kg).items():
            rows[table] += made
    after = sums(tables_with(rows, "mine", TINY))
    assert after == pytest.approx(before, rel=1e-6)


def test_a_firm_like_its_segment_leaves_trade_as_it_was() -> None:
    """What each lane usually delivers, and which part of a licence class is whose."""
    before = build_network(tiny())
    after = build_network(tables_with(company("own", 250_000.0), "mine", TINY))

    def lanes(network: Network) -> dict[int, float]:
        found: dict[int, float] = defaultdict(float)
        for d in network.deliveries:
            found[d.arc] += d.usual_t_per_week
        return found

    assert after.arcs == before.arcs
    assert lanes(after) == pytest.approx(lanes(before))
    assert [k.usual_t_per_week for k in after.categories] == pytest.approx(
        [k.usual_t_per_week for k in before.categories]
    )
    shares = {u.name: u.share for u in after.end_users if u.category == 0}
    (whole,) = (u.share for u in before.end_users if u.category == 0 and u.name == "auto-bev")
    assert shares["own"] == pytest.approx(0.25 * whole)
    assert shares["auto-bev"] == pytest.approx(0.75 * whole)


def test_other_needs_make_the_rest_a_segment_of_its_own() -> None:
    """China's cars are of the same segment, and keep their 2 kg."""
    tables = tables_with(company("own", 500_000.0, kg=1.5), "mine", TINY)
    kg = {s: v for (s, recipe, _), v in tables.values("intensities").items() if recipe == "normal"}
    assert kg["auto-bev"] == 2.0
    assert kg["auto-bev-eur-others"] == pytest.approx(2.5)
    customers = set(tables["customers"]["customer"])
    assert {"own-eur", "auto-bev-eur-others-eur", "auto-bev-chn"} <= customers
    assert "auto-bev-eur" not in customers


@pytest.mark.parametrize(
    ("plan", "value", "kg", "code"),
    [
        (1e6, 15000.0, 2.0, "DATA-511"),
        (5e5, 40000.0, 2.0, "DATA-512"),
        (5e5, 15000.0, 5.0, "DATA-513"),
    ],
)
def test_more_than_there_is_is_refused(plan: float, value: float, kg: float, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        tables_with(company("own", plan, value, kg), "mine", TINY)
    assert [p.code for p in caught.value.problems] == [code]
    assert all(p.hint and p.line == 2 for p in caught.value.problems)


def test_a_world_that_is_carved_already_is_not_carved_again(world: World) -> None:
    """Data that were exported with a firm in them, and its overlay laid over them once more."""
    rows = company("own", 250_000.0)
    carved = tables_with(rows, "mine", TINY)
    for name in carved:
        records = carved.records(name)
        if records:
            words = [{k: "" if v is None else str(v) for k, v in r.items() if k[0] != "_"}
                     for r in records]  # fmt: skip
            world.write(name, words)
    again = tables_with(rows, "mine", world.data)
    assert again.hash == read_tables(world.data).hash
