"""Tables on disk: dates as dates, units and the run's id with them; old folders still read."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from supplychain.runs.run_package import run_package
from supplychain.runs.run_schema import Run
from supplychain.runs.run_store import read_run, write_run, write_tables
from tests.runs.whole_runs import whole_run

TABLES = {
    "indicators": pd.DataFrame(
        {
            "region": ["EUR", "USA"],
            "lost": [1.5, 0.0],
            "first_week": ["2026-12-07", ""],
        }
    ),
    "flows": pd.DataFrame({"material": [], "week": [], "tonnes": []}),
    "own": pd.DataFrame({"week": ["2026-12-07"], 'a "b"': ["x"]}),
}


def storm() -> Run:
    return Run(whole_run("storm", "aaaa1111").record, TABLES)


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    write_run(storm(), tmp_path)
    again = read_run(tmp_path).tables
    for name, table in TABLES.items():
        assert list(again[name].columns) == list(table.columns)
        pd.testing.assert_frame_equal(again[name], table, check_dtype=False)
    assert again["indicators"]["first_week"].tolist() == ["2026-12-07", ""]


def test_a_folder_of_before_is_read_as_before(tmp_path: Path) -> None:
    write_tables(TABLES, tmp_path / "tables")  # without a record: texts, no metadata
    write_run(storm(), tmp_path / "new")
    (tmp_path / "run.json").write_text((tmp_path / "new" / "run.json").read_text())
    assert read_run(tmp_path).tables["indicators"].equals(TABLES["indicators"])


def test_other_tools_find_dates_units_and_the_run(tmp_path: Path) -> None:
    write_run(storm(), tmp_path)
    file = tmp_path / "tables" / "indicators.parquet"
    found = pd.read_parquet(file, engine="pyarrow")
    assert found.attrs["run"] == "aaaa1111"
    assert found.attrs["units"]["lost"] == "that of the column unit"
    schema = pq.read_schema(file)
    assert [str(schema.field(name).type) for name in ("lost", "first_week")] == [
        "double",
        "date32[day]",
    ]
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(
            f"SELECT count(*) FROM '{file}' WHERE first_week < DATE '2027-01-01'"
        ).fetchone()
        said = connection.execute(
            f"SELECT decode(value) FROM parquet_kv_metadata('{file}')"
        ).fetchall()
    assert rows == (1,)
    assert json.loads(said[0][0])["data"] == "d" * 64
    empty = pq.read_schema(tmp_path / "tables" / "flows.parquet")
    assert [str(field.type) for field in empty] == ["string", "date32[day]", "double"]


def test_reading_takes_no_pyarrow(tmp_path: Path) -> None:
    write_run(storm(), tmp_path)
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\n"
        "from supplychain.runs import read_run\n"
        f"print(len(read_run(Path({str(tmp_path)!r})).tables))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.stdout == "3\n", ended.stderr


def test_the_package_of_a_run_tells_its_files(tmp_path: Path) -> None:
    from frictionless import Package

    write_run(storm(), tmp_path)
    said = json.loads((tmp_path / "datapackage.json").read_text())
    assert said == run_package(read_run(tmp_path))
    assert said["run"] == "aaaa1111"
    for resource in said["resources"]:
        content = (tmp_path / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    package = Package.from_descriptor(said)
    fields = {field.name: field.type for field in package.get_resource("indicators").schema.fields}
    assert fields == {"region": "string", "lost": "number", "first_week": "date"}
