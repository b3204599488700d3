"""Drivers of functions whose indices are known, through the tables of an ensemble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ensembles
import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from supplychain import optional_dependencies
from supplychain.ensemble import morris_screening, sensitivity
from supplychain.ensemble.ensemble_summary import summarise
from supplychain.ensemble.member_losses import opened, read_losses
from supplychain.ensemble.members import Member
from supplychain.errors import ExitCode, InvalidInput

COUNT = 1024
A, B = 7.0, 0.1


def ishigami(x: ensembles.Floats) -> ensembles.Floats:
    """Ishigami and Homma 1990; x in (0, 1) stands for (-pi, pi)."""
    one, two, three = (2 * np.pi * x[:, i] - np.pi for i in range(3))
    found: ensembles.Floats = np.sin(one) + A * np.sin(two) ** 2 + B * three**4 * np.sin(one)
    return found


def tables_of(
    points: ensembles.Floats,
    values: ensembles.Floats,
    names: Sequence[str],
    groups: Mapping[str, str] | None = None,
    failed: Mapping[int, str] | None = None,
) -> dict[str, pd.DataFrame]:
    """An ensemble of one sector and region whose loss is a function of the inputs."""
    tables = ensembles.frames(
        values.reshape(-1, 1, 1, 1), failed=failed, sectors=("auto",), regions=("EUR",)
    )
    rows = [
        (m, name, (groups or {}).get(name, ""), points[m, i], points[m, i], "share")
        for m in range(len(points))
        for i, name in enumerate(names)
    ]
    columns = ["member", "input", "group", "position", "value", "unit"]
    tables["inputs"] = pd.DataFrame(rows, columns=columns)
    return tables


def indices(tables: Mapping[str, pd.DataFrame], method: str) -> pd.DataFrame:
    table = summarise(tables, 3)["drivers"]
    return table[(table["method"] == method) & (table["output"] == "loss/auto")].set_index("input")


def test_first_order_indices_of_ishigami() -> None:
    """S1 = 0.3139, S2 = 0.4424, S3 = 0 (a = 7, b = 0.1)."""
    x = qmc.Sobol(4, rng=3).random(COUNT)
    found = indices(tables_of(x, 1e8 * (20 + ishigami(x)), "abcd"), "rbd_fast")
    for name, index in {"a": 0.3139, "b": 0.4424, "c": 0.0, "d": 0.0}.items():
        assert found["index"][name] == pytest.approx(index, abs=0.06), name
        assert found["low"][name] <= index <= found["high"][name] + 0.02, name
    assert found["rank"].loc[["b", "a"]].tolist() == [1, 2]


def test_pawn_sees_what_the_variance_of_the_mean_does_not() -> None:
    """x3 of Ishigami acts by interaction alone: no first-order index, yet above the noise."""
    x = qmc.Sobol(4, rng=3).random(COUNT)
    found = indices(tables_of(x, 1e8 * (20 + ishigami(x)), "abcd"), "pawn")
    order = found.sort_values("rank").index.tolist()
    assert order[1:] == ["b", "a", "c", "d"]
    assert found["above_noise"].loc[list("abcd")].tolist() == [True, True, True, False]


def test_of_many_inputs_of_pure_chance_none_is_called_a_driver() -> None:
    rng = np.random.default_rng(12)
    x = rng.random((256, 30))
    found = indices(
        tables_of(x, 1e8 * rng.exponential(size=256), [f"x{i}" for i in range(30)]), "pawn"
    )
    assert not found["above_noise"].any()


def test_pawn_of_an_input_that_is_the_result() -> None:
    """Slices of a tenth lie 0.9, 0.8, 0.7, 0.6, 0.5, 0.5 ... 0.9 from the whole: 0.7 on average."""
    x = qmc.Sobol(2, rng=1).random(COUNT)
    found = indices(tables_of(x, 1e9 * x[:, 0], ["a", "b"]), "pawn")
    assert found["index"]["a"] == pytest.approx(0.7, abs=0.02)
    assert found["index"]["b"] < found["high"]["noise"]
    assert 0.0 < found["index"]["noise"] < found["high"]["noise"] < 0.15


@pytest.mark.parametrize("count", range(40, 240, 20))
def test_any_number_of_futures_can_be_sliced(count: int) -> None:
    x = np.random.default_rng(2).random((count, 2))
    assert sensitivity.pawn(x, x[:, 0])[0] > sensitivity.pawn(x, x[:, 0])[1]


def test_the_order_of_futures_that_lose_next_to_nothing_tells_nothing() -> None:
    """Half of the futures lose little, in the order of b: b drives nothing."""
    x = qmc.Sobol(2, rng=1).random(COUNT)
    lost = np.where(x[:, 0] > 0.5, 1e9 * x[:, 0], 1e5 * x[:, 1])
    found = indices(tables_of(x, lost, ["a", "b"]), "pawn")
    assert found["above_noise"].loc[["a", "b"]].tolist() == [True, False]


def test_our_pawn_of_many_samples_is_that_of_salib() -> None:
    rng = np.random.default_rng(6)
    x, other = rng.random((2, 600))
    values = np.where(x > 0.6, np.round(x + other, 1), 0.0)
    ranks = sensitivity.ranked(x, rng)
    weights = rng.multinomial(600, np.full(600, 1 / 600), size=3).astype(float)
    found = sensitivity.weighted_pawn(ranks, values, np.vstack([np.ones(600), weights]))
    places = [np.repeat(np.arange(600), w.astype(int)) for w in [np.ones(600), *weights]]
    again = [sensitivity.pawn(ranks[p][:, None] + 1e-9 * rng.random((600, 1)), values[p])[0]
             for p in places]  # fmt: skip
    assert found == pytest.approx(again, abs=0.01)


def test_linear_indices_are_shares_of_the_variance() -> None:
    """Y = 3 a + b: S = 9/10 and 1/10."""
    x = qmc.Sobol(3, rng=2).random(COUNT)
    found = indices(tables_of(x, 1e8 * (3 * x[:, 0] + x[:, 1]), "abc"), "rbd_fast")
    assert found["index"].loc[["a", "b", "c"]].tolist() == pytest.approx([0.9, 0.1, 0], abs=0.05)


def test_inputs_that_move_together_are_one_driver() -> None:
    x = qmc.Sobol(2, rng=2).random(256)
    both = x[:, [0, 0, 1]]
    groups = {"civil": "stocks", "military": "stocks"}
    found = indices(tables_of(both, 1e8 * x[:, 0], ["civil", "military", "z"], groups), "pawn")
    assert sorted(found.index) == ["noise", "stocks", "z"]


def test_failed_members_are_left_out_with_their_inputs() -> None:
    """A failed member would otherwise shift every input by one against its result."""
    x = qmc.Sobol(2, rng=2).random(128)
    failed = dict.fromkeys(range(0, 128, 9), "no optimum")
    kept = [m for m in range(128) if m not in failed]
    found = indices(tables_of(x, 1e8 * x[:, 0], ["a", "b"], failed=failed), "rbd_fast")
    assert found["index"]["a"] > 0.95
    whole = indices(tables_of(x[kept], 1e8 * x[kept, 0], ["a", "b"]), "rbd_fast")
    assert found["index"].tolist() == pytest.approx(whole["index"].tolist())


@pytest.mark.parametrize("rare", [0, 5])
def test_a_result_that_hardly_varies_has_no_drivers(rare: int) -> None:
    x = qmc.Sobol(2, rng=2).random(256)
    lost = np.where(np.arange(256) < rare, 5e8, 0.0)
    assert summarise(tables_of(x, lost, ["a", "b"]), 1)["drivers"].empty


def test_few_futures_or_no_inputs_say_nothing_of_drivers() -> None:
    x = qmc.Sobol(2, rng=2).random(32)
    assert summarise(tables_of(x, 1e8 * x[:, 0], ["a", "b"]), 1)["drivers"].empty
    plain = ensembles.frames(np.random.default_rng(1).random((64, 5, 7, 2)))
    assert summarise(plain, 1)["drivers"].empty


def test_a_path_is_known_by_its_break_and_its_weeks_in_each_state() -> None:
    tables = ensembles.truce_collapse(64, weeks=20)
    with opened(tables) as connection:
        found = sensitivity.read_known(connection, read_losses(connection), 1)
    real = found.names[: found.real]
    assert "stocks" in real
    assert sensitivity.FIRST_BREAK in real
    assert "path: weeks in general-licence" not in real  # the same as the week of the break
    rows = pd.DataFrame(
        [(0, 0, "calm"), (0, 4, "slow"), (0, 9, "calm"), (1, 0, "calm"), (1, 30, "slow")],
        columns=["member", "week", "state"],
    )
    spent = sensitivity.weeks_in_states(rows, 12)
    assert spent.to_dict("index") == {0: {"calm": 7.0, "slow": 5.0}, 1: {"calm": 12.0, "slow": 0.0}}


def linear(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {
        "loss": [6.0 * row["a"] - 2.0 * row["b"] for row in rows],
        "product": [row["a"] * row["b"] for row in rows],
    }


def test_morris_finds_the_slopes_of_a_linear_function() -> None:
    """Effects of 6 a - 2 b over the range from the 5 % to the 95 % quantile: 5.4 and -1.8."""
    planned = morris_screening.plan(["a", "b", "c"], trajectories=12, seed=4)
    assert planned.solves == morris_screening.solves(3, 12) == 48
    assert planned.points.min() == pytest.approx(0.05)
    assert planned.points.max() == pytest.approx(0.95)
    table = morris_screening.screen(planned, linear)
    loss = table[table["output"] == "loss"].set_index("input")
    assert loss["index"].loc[["a", "b", "c"]].tolist() == pytest.approx([5.4, 1.8, 0.0])
    assert loss["mu"].loc[["a", "b"]].tolist() == pytest.approx([5.4, -1.8])
    assert loss["sigma"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert loss["rank"].loc[["a", "b", "c"]].tolist() == [1, 2, 3]
    product = table[table["output"] == "product"].set_index("input")
    assert product["sigma"]["a"] > 0.1


def test_morris_takes_the_path_of_a_hard_future_that_was_drawn() -> None:
    members = [Member(index, {}, {}, (), {}) for index in (4, 7, 8, 9, 11)]
    assert morris_screening.hard_member(members, {7: 3.0, 4: 1.0, 11: 5.0, 9: 4.0}).index == 9
    assert morris_screening.hard_member(members, dict.fromkeys((9, 7, 8), 2.0)).index == 7


def test_morris_moves_one_input_at_a_time() -> None:
    planned = morris_screening.plan(["a", "b", "c", "d"], trajectories=5, seed=2)
    again = morris_screening.plan(["a", "b", "c", "d"], trajectories=5, seed=2)
    assert planned.points.tolist() == again.points.tolist()
    for way in planned.points.reshape(5, 5, 4):
        assert ((np.diff(way, axis=0) != 0).sum(axis=1) == 1).all()


def test_a_failed_point_costs_its_trajectory_alone() -> None:
    planned = morris_screening.plan(["a", "b"], trajectories=6, seed=4)
    values = linear(planned.rows())["loss"]
    values[4] = float("nan")
    table = morris_screening.analyse(planned, {"loss": values}).set_index("input")
    assert table["index"].loc[["a", "b"]].tolist() == pytest.approx([5.4, 1.8])
    with pytest.raises(InvalidInput, match="Fewer than two"):
        morris_screening.analyse(planned, {"loss": [float("nan")] * planned.solves})


@pytest.mark.parametrize(
    ("names", "trajectories", "levels"), [([], 10, 4), (["a"], 1, 4), (["a"], 10, 3)]
)
def test_a_screening_that_cannot_be_is_refused(
    names: list[str], trajectories: int, levels: int
) -> None:
    with pytest.raises(InvalidInput) as caught:
        morris_screening.plan(names, trajectories, levels)
    assert caught.value.problems[0].code == "ENS-605"


def test_a_missing_library_is_said_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optional_dependencies.importlib.util, "find_spec", lambda _name: None)
    for asked in (lambda: summarise({}, 1), lambda: morris_screening.plan(["a"])):
        with pytest.raises(InvalidInput) as caught:
            asked()
        assert caught.value.code is ExitCode.INVALID
        assert caught.value.problems[0].hint == 'pip install "supplychain[sensitivity]"'
