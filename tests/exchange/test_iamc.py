"""The wide IAMC layout: the sums of the run, and pyam itself reads it without complaint."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from supplychain.exchange.iamc import INDEX, iamc, write_iamc
from supplychain.formatting import visible
from supplychain.runs.run_schema import Run


@pytest.fixture(scope="module")
def wide(run: Run) -> pd.DataFrame:
    return iamc(run).set_index(["region", "variable"])


def weeks(table: pd.DataFrame) -> list[str]:
    return [str(column) for column in table.columns if str(column)[:2] == "20"]


def test_one_column_a_week_and_no_cell_blank(run: Run) -> None:
    table = iamc(run)
    assert list(table.columns) == [*INDEX, *sorted(set(run.tables["shortfall"]["week"]))]
    assert not table.isna().any().any()
    assert not table.duplicated(INDEX).any()
    assert set(table["scenario"]) == {"storm"}
    assert set(table["unit"]) == {
        "vehicle/week", "weapon/week", "million USD/week", "t", "t/week",
    }  # fmt: skip


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)\x1b[31m"])
def test_texts_are_no_formulas(run: Run, tmp_path: Path, word: str) -> None:
    """The name of a scenario, a region or a material, as a foreign file may have it."""
    tables = {
        name: table.assign(
            **{
                column: word
                for column in ("scenario", "region", "material", "sector", "unit")
                if column in table.columns
            }
        )
        for name, table in run.tables.items()
    }
    scenario = {**run.record["scenario"], "name": word}
    write_iamc(Run({**run.record, "scenario": scenario}, tables), tmp_path / "odd.csv")
    with (tmp_path / "odd.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts = [row[column] for row in rows for column in INDEX]
    assert f"'{visible(word)}" in texts
    assert [text for text in texts if text[:1] in ("=", "+", "-", "@")] == []
    assert not any("\x1b" in text for text in texts)


def test_the_series_add_up_to_the_tables(run: Run, wide: pd.DataFrame) -> None:
    def total(region: str, variable: str) -> float:
        return float(wide.loc[(region, variable), weeks(wide)].sum())

    measures = run.tables["indicators"].set_index(["sector", "region"])
    lost = measures.loc[("munitions", "USA")]
    assert lost["lost"] > 0
    assert total("USA", "Lost Output|Munitions") == pytest.approx(lost["lost"])
    assert total("USA", "Lost Value|Munitions") == pytest.approx(lost["lost_value_usd"] / 1e6)
    assert total("World", "Lost Value") == pytest.approx(
        run.tables["shortfall"]["lost_value_usd"].sum() / 1e6
    )
    stock = run.tables["stocks"].query("material == 'ndfeb-heavy'")
    assert total("World", "Stock|ndfeb-heavy") == pytest.approx(stock["tonnes"].sum())
    parts = ("Customers", "Makers and Traders")
    assert total("World", "Stock|ndfeb-heavy") == pytest.approx(
        sum(total("World", f"Stock|ndfeb-heavy|{part}") for part in parts)
    )
    sold = run.tables["flows"].query("material == 'ndfeb-heavy' and origin == 'CHN'")
    abroad = sold[sold["destination"] != "CHN"]["tonnes"].sum()
    assert total("CHN", "Exports|ndfeb-heavy") == pytest.approx(abroad)
    granted = run.tables["licences"]["granted_t"].sum()
    assert total("World", "Licences|Granted|cn-2025-18-magnets") == pytest.approx(granted)


def test_a_sector_of_several_units_has_lost_value_alone(run: Run) -> None:
    shortfall = run.tables["shortfall"].assign(sector="auto")
    mixed = Run(run.record, {**run.tables, "shortfall": shortfall})
    found = set(iamc(mixed)["variable"])
    assert "Lost Output|Auto" not in found
    assert {"Lost Value|Auto", "Lost Output|Auto|auto-bev"} <= found


READ = """
import json, sys, warnings
warnings.simplefilter("ignore")
import pyam
data = pyam.IamDataFrame(sys.argv[1])
found = {
    "domain": data.time_domain, "model": data.model, "scenario": data.scenario,
    "region": data.region, "variable": data.variable, "unit": data.unit,
    "weeks": [str(day.date()) for day in data.time], "rows": len(data.data),
    "sum": float(data.filter(region="World", variable="Lost Value").data["value"].sum()),
    "open": data.check_aggregate("Stock|ndfeb-heavy") is not None,
}
print(json.dumps(found))
"""


def test_pyam_reads_it_without_complaint(run: Run, tmp_path: Path) -> None:
    """In a process and home of its own: pyam is slow to import and leaves a database there."""
    file = tmp_path / "storm.csv"
    write_iamc(run, file)
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, str(file)],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"pip install '.[iamc-test]'\n{ended.stderr}"
    complaints = [line for line in ended.stderr.splitlines() if "pyam" in line]
    assert complaints == []
    found = json.loads(ended.stdout)
    table = iamc(run)
    assert found["domain"] == "datetime"
    assert found["weeks"] == weeks(table)
    assert found["rows"] == len(table) * len(weeks(table))
    assert set(found["variable"]) == set(table["variable"])
    assert set(found["region"]) == set(table["region"])
    assert set(found["unit"]) == set(table["unit"])
    assert found["scenario"] == ["storm"]
    assert found["sum"] == pytest.approx(run.tables["shortfall"]["lost_value_usd"].sum() / 1e6)
    assert not found["open"]
