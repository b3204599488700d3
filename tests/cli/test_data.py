"""`supplychain data` on the tiny world."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pytest

from supplychain.dataset import TABLES, read_tables
from tests.cli.conftest import TINY, Command


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """One price changed, as text of the tiny world with another value."""
    folder = tmp_path / "mine"
    folder.mkdir()
    with (TINY / "material_numbers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(r for r in rows if r["quantity"] == "price")
    row.update(value="77", low="70", high="80")
    with (folder / "material_numbers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)
    return folder


def test_check_prints_what_the_numbers_close_to(command: Command) -> None:
    said = command("data", "check", "--data", str(TINY))
    assert said.code in (0, 6)
    assert "no problems." in said.out
    assert "closes to" in said.out
    said = command("data", "check", "--data", str(TINY), "--json")
    closure = said.json["data"]["closure"]
    assert set(closure["china_share"]) == {
        "mining",
        "refining",
        "heavy_separation",
        "ndfeb_magnets",
    }
    assert closure["world_ndfeb_t"] > 0
    assert isinstance(closure["exports_t"], dict)
    assert isinstance(closure["adjusted"], list)


def test_check_fails_with_6_where_a_target_is_missed(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "numbers"
    shutil.copytree(TINY, folder)
    file = folder / "closure_targets.csv"
    head = file.read_text().splitlines()[0]
    source = (TINY / "sources.csv").read_text().splitlines()[1].split(",")[0]
    row = {"target": "world-ndfeb", "value": "1e7", "low": "9e6", "high": "1.1e7"}
    row |= {"unit": "t/a", "kind": "reported", "source": source}
    file.write_text(head + "\n" + ",".join(row.get(c, "") for c in head.split(",")) + "\n")
    said = command("data", "check", "--data", str(folder))
    assert said.code == 6
    assert "world-ndfeb closes to" in said.err
    assert "NO" in said.out
    assert command("data", "check", "--data", str(folder), "--json").json["exit_code"] == 6


def test_check_tells_every_problem_with_3(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "numbers"
    shutil.copytree(TINY, folder)
    (folder / "arcs.csv").unlink()
    said = command("data", "check", "--data", str(folder))
    assert said.code == 3
    assert said.out == ""
    assert "arcs.csv" in said.err


def test_list_counts_rows_and_describes_a_table(command: Command) -> None:
    said = command("data", "list", "--data", str(TINY), "--json")
    tables = {t["table"]: t["rows"] for t in said.json["data"]["tables"]}
    assert tables == {name: len(read_tables(TINY)[name]) for name in TABLES}
    said = command("data", "list", "line_numbers", "--columns")
    assert said.out.startswith("line_numbers.csv: ")
    assert "capacity" in said.out
    assert command("data", "list", "line_number").code == 7
    assert 'Nearest: "line_numbers"' in command("data", "list", "line_number").err


def test_list_shows_the_rows_of_a_table(command: Command) -> None:
    rows = read_tables(TINY).records("regimes")
    said = command("data", "list", "regimes", "--data", str(TINY))
    for row in rows:
        assert f"\n{row['regime']} " in said.out
        assert str(row["name"]) in said.out
    (listed,) = command("data", "list", "regimes", "--data", str(TINY), "--json").json["data"][
        "tables"
    ]
    assert [row["regime"] for row in listed["records"]] == [row["regime"] for row in rows]
    assert listed["rows"] == len(rows)
    said = command("data", "list", "--columns")
    assert said.code == 2
    assert "name one" in said.err


def test_sources_count_the_rows_that_stand_on_them(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "numbers"
    shutil.copytree(TINY, folder)
    with (folder / "sources.csv").open("a") as file:
        file.write("zz-unused,Nobody stands on this,2026,,low,\n")
    said = command("data", "sources", "--data", str(folder), "--json")
    entries = said.json["data"]["sources"]
    rows = {entry["source"]: entry["rows"] for entry in entries}
    assert rows["zz-unused"] == 0
    assert sum(rows.values()) >= sum(
        len(read_tables(TINY)[name]) for name, table in TABLES.items() if table.numbers
    )
    assert all(not key.startswith("_") for entry in entries for key in entry)


def test_diff_lists_old_and_new(command: Command, overlay: Path) -> None:
    said = command("data", "diff", "--data", str(TINY), str(overlay), "--json")
    changed = {c["column"]: c["new"] for c in said.json["data"]["changes"]}
    assert changed == {"value": "77", "low": "70", "high": "80"}
    said = command("data", "diff", "--data", str(TINY), str(overlay))
    assert "3 cells changed." in said.out
    assert "77" in said.out


def test_an_export_reads_back_the_same(command: Command, overlay: Path, tmp_path: Path) -> None:
    words = ("data", "export", "--data", str(TINY), "--overlay", str(overlay), "-o", "copy")
    said = command(*words)
    assert said.code == 0, said.err
    assert read_tables(tmp_path / "copy").hash == read_tables(TINY, [overlay]).hash
    assert read_tables(tmp_path / "copy").hash != read_tables(TINY).hash


def test_an_export_replaces_its_own_only_when_told(command: Command, tmp_path: Path) -> None:
    words = ("data", "export", "--data", str(TINY), "-o", "copy")
    assert command(*words).code == 0
    again = command(*words)
    assert again.code == 3
    assert "--force" in again.err
    assert command(*words, "--force").code == 0
    (tmp_path / "copy" / "letter.txt").write_text("mine")
    foreign = command(*words, "--force")
    assert foreign.code == 3
    assert (tmp_path / "copy" / "letter.txt").read_text() == "mine"


def test_reconcile_puts_a_moved_number_back(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "numbers"
    shutil.copytree(TINY, folder)
    file = folder / "arcs.csv"
    file.write_text(file.read_text().replace("CHN,EUR,1500,", "CHN,EUR,1400,"))
    spoilt = read_tables(folder).hash
    words = ("data", "reconcile", "--data", str(folder))
    said = command(*words, "-n")
    assert said.code == 0, said.err
    assert "1 number would change." in said.out
    assert "1,400" in said.out
    assert read_tables(folder).hash == spoilt
    said = command(*words, "--json")
    (change,) = said.json["data"]["changed"]
    assert (change["key"], change["old"]) == ("ndfeb-heavy, CHN, EUR", 1400.0)
    assert read_tables(folder).hash == read_tables(TINY).hash
    assert "0 numbers changed." in command(*words).out


def test_reconcile_writes_neither_overlays_nor_an_installation(
    command: Command, overlay: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "_shipped" / "data"
    shutil.copytree(TINY, folder)
    said = command("data", "reconcile", "--data", str(folder), "--overlay", str(overlay))
    assert said.code == 3
    assert "an overlay is not reconciled." in said.err
    assert "belongs to the installed program" in said.err
    assert read_tables(folder).hash == read_tables(TINY).hash


def test_export_needs_a_form_and_for_csv_a_folder(command: Command) -> None:
    assert "-o DIR" in command("data", "export", "--data", str(TINY)).err
    said = command("data", "export", "--data", str(TINY), "--to", "ods", "-o", "copy")
    assert said.code == 2
    assert "csv, xlsx" in said.err


def numbered(path: Path) -> Path:
    """Change three cells of a workbook: two numbers of one row, and a word of another table."""
    book = openpyxl.load_workbook(path)
    book["material_numbers"]["C3"] = 301.5
    book["material_numbers"]["D3"] = 0.1 + 0.2
    book["lines"]["D4"] = "ramping"
    book.save(path)
    return path


def test_a_workbook_goes_out_and_comes_back(command: Command, tmp_path: Path) -> None:
    said = command("data", "export", "--to", "xlsx", "--data", str(TINY), "--json")
    assert said.code == 0, said.err
    assert said.json["artifacts"] == ["supplychain-data.xlsx"]
    assert said.json["data"]["hash"] == read_tables(TINY).hash
    file = "supplychain-data.xlsx"
    same = command("data", "import", file, "--data", str(TINY))
    assert same.code == 0
    assert same.out == (
        f"{file} holds the numbers it was made from: nothing differs, nothing was written.\n"
    )
    assert [p.name for p in tmp_path.iterdir()] == [file]

    numbered(tmp_path / file)
    said = command("data", "import", file, "--data", str(TINY))
    assert said.code == 0, said.err
    assert "3 cells in 2 rows written to supplychain-data-overlay." in said.out
    folder = tmp_path / "supplychain-data-overlay"
    assert sorted(p.name for p in folder.iterdir()) == ["lines.csv", "material_numbers.csv"]
    assert [len(p.read_text().splitlines()) for p in folder.iterdir()] == [2, 2]
    checked = command("data", "check", "--data", str(TINY), "--overlay", folder.name, "--json")
    assert checked.code == command("data", "check", "--data", str(TINY)).code
    listed = command("data", "diff", "--data", str(TINY), folder.name, "--json").json["data"]
    assert [(c["table"], c["column"], c["old"], c["new"]) for c in listed["changes"]] == [
        ("material_numbers", "value", "300", "301.5"),
        ("material_numbers", "low", "150.0", "0.3"),
        ("lines", "status", "operating", "ramping"),
    ]


def test_a_workbook_replaces_nothing_unless_told(command: Command, tmp_path: Path) -> None:
    out = ("data", "export", "--to", "xlsx", "--data", str(TINY), "-o", "plan.xlsx")
    assert command(*out).code == 0
    before = numbered(tmp_path / "plan.xlsx").read_bytes()
    refused = command(*out)
    assert refused.code == 3
    assert "--force" in refused.err
    assert (tmp_path / "plan.xlsx").read_bytes() == before
    back = ("data", "import", "plan.xlsx", "--data", str(TINY))
    assert command(*back, "-o", "mine").code == 0
    assert command(*back, "-o", "mine").code == 3
    assert command(*back, "-o", "mine", "--force").code == 0
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    assert command(*back, "-o", "mine", "--force").code == 3
    assert (tmp_path / "mine" / "letter.txt").read_text() == "mine"
    assert command(*out, "--force").code == 0


def test_an_import_never_replaces_the_data(command: Command, tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "data")
    words = ("--data", "data")
    assert command("data", "export", "--to", "xlsx", "-o", "plan.xlsx", *words).code == 0
    numbered(tmp_path / "plan.xlsx")
    said = command("data", "import", "plan.xlsx", "-o", "data", "--force", *words)
    assert said.code == 3
    assert "cannot be replaced by the outcome" in said.err
    assert read_tables(tmp_path / "data").hash == read_tables(TINY).hash


def test_a_bad_workbook_leaves_nothing(command: Command, tmp_path: Path) -> None:
    words = ("--data", str(TINY))
    assert command("data", "export", "--to", "xlsx", "-o", "plan.xlsx", *words).code == 0
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    book["covers"]["D3"] = "three"
    book["lines"]["D4"] = "=LOWER(1)"
    book.save(tmp_path / "plan.xlsx")
    said = command("data", "import", "plan.xlsx", *words)
    assert said.code == 3
    assert said.out == ""
    assert said.err.splitlines()[0] == "2 problems in plan.xlsx"
    assert '  DATA-202  covers!D3: "three" is not a number.' in said.err
    assert "  BOOK-103  lines!D4: a formula whose result was not saved." in said.err
    assert said.err.endswith("Nothing was imported.\n")
    errors = command("data", "import", "plan.xlsx", *words, "--json").json["errors"]
    assert {e["path"] for e in errors} == {"covers!D3", "lines!D4"}
    assert {e["file"] for e in errors} == {"plan.xlsx"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.xlsx"]
