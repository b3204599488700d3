"""Statistics of an ensemble against closed forms."""

from __future__ import annotations

from pathlib import Path

import ensembles
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from supplychain.ensemble import estimates
from supplychain.ensemble.ensemble_summary import add_summary, summarise
from supplychain.ensemble.estimates import in_words
from supplychain.errors import InvalidInput
from supplychain.runs.run_store import write_tables

ONE = {"sectors": ("auto",), "regions": ("EUR",)}


def points(count: int) -> ensembles.Floats:
    """The middles of so many equal parts of (0, 1)."""
    return (np.arange(count) + 0.5) / count


def summed(lost: ensembles.Floats, **more: object) -> dict[str, pd.DataFrame]:
    tables = ensembles.frames(lost, **more)  # type: ignore[arg-type]
    return summarise(tables, 1, with_drivers=False)


def test_the_mean_of_a_linear_toy_equals_its_formula() -> None:
    """E[a + b x + c y] = a + (b + c) / 2 for x and y uniform."""
    x = points(400)
    y = np.random.default_rng(3).permutation(x)
    lost = (5e6 + 2e6 * x + 8e6 * y).reshape(-1, 1, 1, 1)
    row = summed(lost, **ONE)["expected"].set_index(["sector", "region"]).loc[("auto", "EUR")]
    assert row["mean_usd"] == pytest.approx(5e6 + 1e6 + 4e6, rel=1e-12)
    assert row["mean_share"] == pytest.approx(1e7 / 1e9)
    assert row["low"] < row["mean_usd"] < row["high"]
    error = np.std(lost) / np.sqrt(400)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(1.96 * error, rel=0.1)


def test_the_tail_and_the_exceedance_curve_of_an_exponential_law() -> None:
    """P(L >= x) = exp(-x / s); the mean of the worst 5 % is s (1 + ln 20), above q95 = s ln 20."""
    scale, count = 3e7, 2000
    lost = (-scale * np.log(1 - points(count))).reshape(-1, 1, 1, 1)
    found = summed(lost, **ONE)
    row = found["expected"].iloc[0]
    assert row["p95_usd"] == pytest.approx(scale * np.log(20), rel=0.01)
    assert row["tail_mean_usd"] == pytest.approx(scale * (1 + np.log(20)), rel=0.01)
    curve = found["exceedance"]
    curve = curve[curve["sector"] == "auto"]
    law = np.exp(-curve["loss_usd"] / scale)
    assert np.abs(curve["probability"] - law).max() < 1 / count
    assert (curve["low"] <= law).all()
    assert (curve["high"] >= law).all()
    assert curve["loss_usd"].max() == pytest.approx(lost.max())


def test_the_chance_of_no_loss_is_seen_in_the_exceedance_curve() -> None:
    lost = np.where(points(100) < 0.7, 0.0, 4e7).reshape(-1, 1, 1, 1)
    curve = summed(lost, **ONE)["exceedance"].query("sector == 'auto'")
    pairs = [(usd, round(p, 12)) for usd, p in curve[["loss_usd", "probability"]].to_numpy()]
    assert pairs == [(0.0, 1.0), (4e7, 0.3)]


def test_the_chance_of_a_stop_is_the_survival_curve_of_a_geometric_law() -> None:
    """A hazard h a week: 1 - (1 - h)^t have stopped by the end of week t."""
    hazard, count, weeks = 0.05, 4000, 40
    first = np.floor(np.log1p(-points(count)) / np.log1p(-hazard)).astype(int)
    lost = np.zeros((count, 1, 1, weeks))
    inside = first < weeks
    lost[np.flatnonzero(inside), 0, 0, first[inside]] = 5e7  # one week of loss: a stop stays one
    table = summed(lost, **ONE)["stopping"].query("sector == 'auto' and region == 'EUR'")
    law = 1 - (1 - hazard) ** np.arange(1, weeks + 1)
    assert np.abs(table["probability"].to_numpy() - law).max() <= 1 / count
    assert (table["low"].to_numpy() <= law).all()
    assert (table["high"].to_numpy() >= law).all()


def test_a_stop_anywhere_counts_for_all_regions_and_sectors() -> None:
    lost = np.zeros((4, 2, 2, 3))
    lost[0, 0, 0, 1] = lost[1, 1, 1, 2] = lost[2, 0, 1, 0] = 1e9
    table = summed(lost, sectors=("auto", "other"), regions=("EUR", "USA"))["stopping"]
    by_week = table.pivot(index=["sector", "region"], columns="week", values="probability")
    assert by_week.loc[("all", "ALL")].tolist() == [0.25, 0.5, 0.75]
    assert by_week.loc[("auto", "ALL")].tolist() == [0.25, 0.5, 0.5]
    assert by_week.loc[("all", "USA")].tolist() == [0.25, 0.25, 0.5]


def test_fans_are_the_quantiles_of_every_week() -> None:
    """Loss of x USD a week, x uniform: the q-quantile is q, week by week and for sums."""
    lost = np.tile((points(1000) * 1e8).reshape(-1, 1, 1, 1), (1, 1, 2, 3))
    table = summed(lost, planned=1e9, sectors=("auto",), regions=("EUR", "USA"))["fans"]
    usd = table.query("measure == 'usd' and sector == 'auto' and region == 'EUR'")
    for name, level in (("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95)):
        assert usd[name].to_numpy() == pytest.approx([level * 1e8] * 3, abs=1e5)
    share = table.query("measure == 'share' and sector == 'all' and region == 'ALL'")
    assert share["p95"].to_numpy() == pytest.approx([0.095] * 3, abs=1e-4)
    assert len(share) == 3
    both = table.query("measure == 'usd' and sector == 'all' and region == 'ALL'")
    assert both["mean"].to_numpy() == pytest.approx([1e8] * 3)


def test_sectors_and_regions_add_up_to_all_of_them() -> None:
    lost = np.random.default_rng(7).random((30, 2, 2, 4)) * 1e7
    held = lost / 4
    found = summed(lost, held=held, sectors=("auto", "other"), regions=("EUR", "USA"))
    means = found["expected"].set_index(["sector", "region"])["mean_usd"]
    assert means["all", "ALL"] == pytest.approx(lost.sum(axis=(1, 2, 3)).mean())
    assert means["all", "EUR"] == pytest.approx(means["auto", "EUR"] + means["other", "EUR"])
    assert means["auto", "ALL"] == pytest.approx(means["auto", "EUR"] + means["auto", "USA"])
    truce = found["truce_value"].set_index("sector")["mean_usd"]
    assert truce["all"] == pytest.approx(0.75 * means["all", "ALL"])
    assert truce["all"] == pytest.approx(truce["auto"] + truce["other"])


def test_pairs_on_common_numbers_are_surer_than_futures_drawn_apart() -> None:
    """Var(A - B) = Var A + Var B - 2 rho sd A sd B, with the correlation that was put in."""
    rho, count = 0.9, 4000
    rng = np.random.default_rng(5)
    one, other = rng.standard_normal((2, count))
    drawn = 9e7 + 1e7 * one
    held = 5e7 + 1e7 * (rho * one + np.sqrt(1 - rho**2) * other)
    shape = (-1, 1, 1, 1)
    row = summed(drawn.reshape(shape), held=held.reshape(shape), **ONE)["truce_value"].iloc[0]
    assert row["pairs"] == count
    assert row["correlation"] == pytest.approx(rho, abs=0.01)
    assert row["standard_error"] == pytest.approx(1e7 * np.sqrt(2 - 2 * rho) / np.sqrt(count), 0.03)
    assert row["unpaired_standard_error"] == pytest.approx(1e7 * np.sqrt(2 / count), rel=0.03)
    assert row["low"] < 4e7 < row["high"]
    gap = drawn - held
    wanted = stats.t.interval(0.95, count - 1, gap.mean(), stats.sem(gap))
    assert (row["low"], row["high"]) == pytest.approx(wanted, rel=1e-9)
    assert (row["bootstrap_low"], row["bootstrap_high"]) == pytest.approx(wanted, rel=0.01)


def test_stops_with_the_regime_held_are_counted_beside_those_as_drawn() -> None:
    lost = np.zeros((8, 2, 2, 3))
    held = np.zeros((8, 2, 2, 3))
    lost[:5, 0, 0, 1] = lost[5, 1, 1, 2] = 1e9
    held[0, 0, 1, 0] = held[7, 1, 0, 2] = 1e9
    found = summed(lost, held=held, sectors=("auto", "other"), regions=("EUR", "USA"))
    table = found["truce_value"].set_index("sector")
    assert table["stops"].to_dict() == {"all": 6, "auto": 5, "other": 1}
    assert table["held_stops"].to_dict() == {"all": 2, "auto": 1, "other": 1}


def test_all_futures_make_the_value_of_few_pairs_surer() -> None:
    """Held = b drawn + e: the variance is (1 - b)^2 Var drawn / N + Var e / pairs."""
    slope, count, pairs = 0.2, 4000, 250
    rng = np.random.default_rng(8)
    drawn = 9e8 + 1e8 * rng.standard_normal(count)
    held = slope * drawn[:pairs] + 1e7 * rng.standard_normal(pairs)
    shape = (-1, 1, 1, 1)
    row = summed(drawn.reshape(shape), held=held.reshape(shape), **ONE)["truce_value"].iloc[0]
    error = np.sqrt((1 - slope) ** 2 * 1e16 / count + 1e14 / pairs)
    assert row["all_usd"] == pytest.approx((1 - slope) * 9e8, abs=3 * error)
    assert (row["all_high"] - row["all_low"]) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert row["all_low"] < row["all_usd"] < row["all_high"]
    assert row["high"] - row["low"] > 2.5 * (row["all_high"] - row["all_low"])
    every = summed(drawn[:pairs].reshape(shape), held=held.reshape(shape), **ONE)["truce_value"]
    assert every["all_usd"][0] == pytest.approx(every["mean_usd"][0], rel=1e-9)
    few = summed(drawn.reshape(shape), held=held[:19].reshape(shape), **ONE)["truce_value"]
    assert few["all_usd"].isna().all()


def test_intervals_hold_as_often_as_they_say() -> None:
    """Of 300 samples of 200, about 95 % have the true chance of 0.3 in Jeffreys' interval."""
    hits = np.random.default_rng(2).binomial(200, 0.3, 300)
    low, high = estimates.jeffreys(hits, 200)
    assert 0.92 <= np.mean((low <= 0.3) & (high >= 0.3)) <= 0.98


def test_a_tail_of_resamples_is_the_tail_of_the_members_repeated() -> None:
    values = np.random.default_rng(4).gamma(0.3, 1.0, 60)
    weights = estimates.resamples(60, 9, times=20)
    found = estimates.tail_means(values, weights)
    again = [estimates.tail_mean(np.repeat(values, w.astype(int))) for w in weights]
    assert found == pytest.approx(again)


def test_a_failed_member_is_left_out_and_the_others_are_kept() -> None:
    lost = np.array([1e7, 9e9, 3e7]).reshape(-1, 1, 1, 1)
    tables = ensembles.frames(lost, failed={1: "no optimum"}, **ONE)
    row = summarise(tables, 1, with_drivers=False)["expected"].iloc[0]
    assert row["mean_usd"] == pytest.approx(2e7)


def test_an_ensemble_without_a_solved_member_is_refused() -> None:
    tables = ensembles.frames(np.zeros((1, 1, 1, 1)), failed={0: "no optimum"}, **ONE)
    with pytest.raises(InvalidInput, match="No member"):
        summarise(tables, 1, with_drivers=False)


def test_rounding_of_the_solver_is_no_loss() -> None:
    """Under a millionth of the week's plan of 1e9 USD."""
    lost = np.array([900.0, 1100.0]).reshape(-1, 1, 1, 1)
    row = summed(lost, held=lost, **ONE)
    assert row["expected"]["mean_usd"].tolist() == [550.0] * 4
    assert row["expected"]["mean_share"][0] == pytest.approx(5.5e-7)
    assert row["truce_value"]["mean_usd"].tolist() == [0.0, 0.0]


def test_missing_rows_are_noticed() -> None:
    tables = ensembles.frames(np.ones((3, 1, 1, 4)), **ONE)
    tables["losses"] = tables["losses"].drop(index=5)
    with pytest.raises(InvalidInput, match="missing for member 1"):
        summarise(tables, 1, with_drivers=False)


def test_without_pairs_there_is_no_value_of_the_truce() -> None:
    found = summed(np.ones((20, 1, 1, 1)), **ONE)
    assert found["truce_value"].empty
    assert "value of the truce" not in set(found["enough"]["statistic"])


def test_more_futures_make_the_estimate_surer() -> None:
    lost = np.random.default_rng(1).exponential(1e8, 1600).reshape(-1, 1, 1, 1)
    table = summed(lost, **ONE)["enough"].query("statistic == 'expected loss'")
    reach = (table["high"] - table["low"]).to_numpy()
    assert table["n"].tolist() == [200, 400, 800, 1600]
    assert (reach[:-1] / reach[1:]) == pytest.approx([np.sqrt(2)] * 3, rel=0.25)
    assert table["verdict"].tolist()[-1].startswith("Enough, within ")
    few = summed(lost[:160], **ONE)["enough"].query("statistic == 'expected loss'")
    assert few["verdict"].tolist()[-1].startswith("Not enough, within ")


def test_too_few_futures_make_no_tail() -> None:
    found = summed(np.random.default_rng(1).random((90, 1, 1, 1)), **ONE)["enough"]
    assert "tail loss" not in set(found["statistic"])
    assert in_words(0.0, 0.1, 9, 9, chance=False).startswith("Not enough")


def test_the_same_tables_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    tables = ensembles.truce_collapse(64, weeks=12, failed={5: "no optimum"})
    for name in ("one", "two"):
        shuffled = {k: t.sample(frac=1, random_state=len(name)) for k, t in tables.items()}
        write_tables(tables if name == "one" else shuffled, tmp_path / name)
        add_summary(tmp_path / name, 11)
    for table in ("fans", "stopping", "exceedance", "expected", "truce_value", "enough", "drivers"):
        one, two = ((tmp_path / n / f"{table}.parquet").read_bytes() for n in ("one", "two"))
        assert one == two, table
    other = summarise(tmp_path / "one", 12)["expected"]
    same = summarise(tmp_path / "one", 11)["expected"]
    assert not other["low"].equals(same["low"])
    assert other["mean_usd"].equals(same["mean_usd"])
