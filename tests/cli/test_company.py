"""`supplychain company`: a planner's own firm on the tiny world."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from openpyxl import Workbook

from supplychain.cli import company_command
from supplychain.dataset import read_tables
from tests.cli.conftest import TINY, Command
from tests.cli.projects import make_project

OWN = """\
title: Own Motors
segment: auto-bev
region: Germany
makes: 2,000 cars per week
kg_per_unit: 2 kg
suppliers: {China: 75 %, Europe: 0.25}
shelf: 2.5 weeks
value_per_unit: 15 k USD
"""
FOLDER = Path("companies/own-motors")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a definition that is not used yet."""
    make_project(tmp_path)
    (tmp_path / "own.yaml").write_text(OWN)
    return tmp_path


def test_a_company_from_its_file_to_nothing(command: Command, project: Path) -> None:
    """Made, shown, changed, removed; a file of the planner's own stays."""
    made = command("company", "new", "own-motors", "--from", "own.yaml", "--json")
    assert made.code == 0, made.err
    data = made.json["data"]
    assert (data["customer"], data["region"]) == ("own-motors-eur", "EUR")
    assert data["output_per_week"] == pytest.approx(2000.0)
    assert data["suppliers"] == {"ndfeb-heavy": {"CHN": 0.75, "EUR": 0.25}}
    assert data["shelf_weeks"] == {"ndfeb-heavy": 2.5}
    assert data["transit_weeks"]["ndfeb-heavy"] == pytest.approx(0.75 * 5)
    plan = next(row for row in data["carved"] if row["what"] == "plan")
    assert plan["before"] == pytest.approx(1e6)
    assert plan["after"] == pytest.approx(1e6)
    assert made.json["artifacts"][0] == (project / FOLDER / "company.yaml").as_posix()
    spread = read_tables(TINY, [FOLDER]).values("segment_numbers", "cover_spread")
    assert spread[("own-motors",)] == 0.0

    said = command("company", "show", "own-motors")
    assert "Own Motors (own-motors-eur)" in said.out
    assert "2,000 cars per week" in said.out
    assert command("company", "show", "--json").json["data"] == {"companies": ["own-motors"]}

    edited = command("company", "edit", "own-motors", "--set", "shelf=6 weeks",
                     "--set", "suppliers.China=50 %", "--set", "suppliers.europe=50 %",
                     "--json")  # fmt: skip
    assert edited.code == 0, edited.err
    assert edited.json["data"]["shelf_weeks"] == {"ndfeb-heavy": 6.0}
    assert edited.json["data"]["suppliers"]["ndfeb-heavy"] == {"CHN": 0.5, "EUR": 0.5}
    assert yaml.safe_load((FOLDER / "company.yaml").read_text())["shelf"] == "6 weeks"

    (FOLDER / "stocks.csv").write_text("region,material,quantity,value,unit,kind,source\n")
    gone = command("company", "remove", "own-motors", "--json")
    assert gone.json["data"]["left"] == ["companies/own-motors/stocks.csv"]
    assert [file.name for file in FOLDER.iterdir()] == ["stocks.csv"]


def test_a_run_tells_of_the_company_and_stock_matters(command: Command, project: Path) -> None:
    """Three weeks and six have different first stops; the card says what would have been enough."""
    found = {}
    for weeks in ("3", "6"):
        (project / "supplychain.toml").write_text(f'data = "{TINY.as_posix()}"\n')
        said = command("company", "new", "own-motors", "--from", "own.yaml", "--force",
                       "--set", f"shelf={weeks} weeks")  # fmt: skip
        assert said.code == 0, said.err
        (project / "supplychain.toml").write_text(
            f'data = "{TINY.as_posix()}"\noverlay = ["companies/own-motors"]\n'
        )
        said = command("run", "storm", "--weeks", "30", "--no-band", "-o", f"out{weeks}")
        assert said.code == 0, said.err
        assert "your firm" in said.out
        record = json.loads((project / f"out{weeks}" / "storm" / "run.json").read_text())
        (found[weeks],) = record["headline"]["companies"]
    three, six = found["3"], found["6"]
    assert three["first_week"] < (six["first_week"] or "no stop")
    assert three["lost"] > six["lost"]
    (stock,) = three["stocks"]
    assert stock["shelf_weeks"] == pytest.approx(3.0)
    assert stock["weeks_needed"] > 4.0
    assert {b["origin"]: round(b["usual_share"], 3) for b in six["bought"]} == {
        "CHN": 0.75,
        "EUR": 0.25,
    }
    page = (project / "out3" / "storm" / "report.html").read_text(encoding="utf-8")
    assert (
        'data-pick="company" data-value="own-motors" data-sector="auto" data-region="EUR"' in page
    )
    assert 'id="company-own-motors"' in page
    assert "It would have come through with" in page


def test_two_firms_of_one_segment(command: Command, project: Path) -> None:
    """The second is carved out of what the first left, whose needs are other ones."""
    first = command("company", "new", "own-motors", "--from", "own.yaml",
                    "--set", "kg_per_unit=1.5 kg")  # fmt: skip
    assert first.code == 0, first.err
    words = ["company", "new", "twin-motors", "--from", "own.yaml", "--overlay", str(FOLDER)]
    second = command(*words, "--json")
    assert second.code == 0, second.err
    carved = {row["what"]: row for row in second.json["data"]["carved"]}
    left = 1e6 - 2 * 2000 * 365.25 / 7
    assert carved["plan"]["others"] == pytest.approx(left)
    assert "companies/own-motors" in first.out
    both = read_tables(TINY, [Path("companies/twin-motors"), FOLDER])
    plans = both.values("customer_numbers", "plan")
    assert plans[("auto-bev-eur-others-eur",)] == pytest.approx(left)
    assert (project / "companies" / "twin-motors" / "company.yaml").is_file()


SHEET = """\
what,value
title,Own Motors
segment,Battery cars
region,EUR
makes,"104,000 per year"
kg_per_unit.ndfeb-heavy,2000 g
suppliers.China,60 %
suppliers.europe-magnets,40 %
shelf,21 days
"""


def test_a_sheet_says_the_same(command: Command, project: Path) -> None:
    """Names for codes, and the site of a maker for its region, which is told."""
    (project / "own.csv").write_text(SHEET)
    said = command("company", "new", "own-motors", "--from", "own.csv", "--dry-run", "--json")
    assert said.code == 0, said.err
    data = said.json["data"]
    assert data["shelf_weeks"] == {"ndfeb-heavy": pytest.approx(3.0)}
    assert data["suppliers"] == {"ndfeb-heavy": {"CHN": 0.6, "EUR": 0.4}}
    assert "europe-magnets counts as EUR" in said.json["warnings"][0]
    assert data["written"] is False
    assert not FOLDER.exists()


def test_a_workbook_says_the_same(command: Command, project: Path) -> None:
    """A cell in percent is the share that it shows."""
    book = Workbook()
    for line in SHEET.splitlines()[1:5]:
        key, _, value = line.partition(",")
        book.active.append([key, value.strip('"')])
    book.active.append(["kg_per_unit", "as segment"])
    for origin, share in (("China", 0.6), ("Europe", 0.4)):
        book.active.append([f"suppliers.{origin}", share])
        book.active.cell(book.active.max_row, 2).number_format = "0%"
    book.active.append(["shelf", "3 weeks"])
    book.save(project / "own.xlsx")
    said = command("company", "new", "own-motors", "--from", "own.xlsx", "-n", "--json")
    assert said.code == 0, said.err
    assert said.json["data"]["suppliers"]["ndfeb-heavy"] == pytest.approx({"CHN": 0.6, "EUR": 0.4})


def test_everything_that_is_wrong_is_said_at_once(command: Command, project: Path) -> None:
    (project / "own.yaml").write_text(
        "segment: auto-bew\nregion: EUU\nmakes: 2000\nkg_per_unit: {ndfeb: 2}\n"
        "suppliers: {China: 60 %, Jpan: 30 %}\nshelf: -1 weeks\nend_use: civl\ncolour: red\n"
    )
    said = command("company", "new", "own-motors", "--from", "own.yaml", "--json")
    assert said.code == 3
    told = {e["path"]: e["hint"] for e in said.json["errors"]}
    assert {"segment", "region", "makes", "shelf", "end_use", "colour"} <= set(told)
    assert told["segment"] == 'Nearest: "auto-bev".'
    assert all(e["line"] and e["message"] for e in said.json["errors"])
    assert not FOLDER.exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (("suppliers.China=80 %",), "COMPANY-105"),
        (("makes=20,000 per week",), "DATA-511"),
        (("makes=19,000 per week", "kg_per_unit=3 kg"), "DATA-513"),
        (("makes=15,000 per week", "suppliers.China=20 %", "suppliers.Europe=80 %"), "COMPANY-107"),
        (("region=USA",), "COMPANY-103"),
        (("suppliers=USA 25 %, China 75 %",), "COMPANY-106"),
        (("makes=1000 per fortnight",), "SCEN-404"),
        (("suppliers.China=75",), "SCEN-405"),
        (("kg_per_unit.dy-oxide=1",), "SCEN-401"),
    ],
)
def test_what_cannot_be_is_refused(command: Command, changes: tuple[str, ...], code: str) -> None:
    words = [word for change in changes for word in ("--set", change)]
    said = command("company", "new", "own-motors", "--from", "own.yaml", *words, "--json")
    assert said.code == 3, said.out
    assert code in [e["code"] for e in said.json["errors"]]
    assert not FOLDER.exists()


@pytest.mark.usefixtures("project")
def test_half_a_company_is_none(command: Command) -> None:
    """Every key that is missing is named with what it wants."""
    said = command("company", "new", "own-motors", "--set", "segment=auto-bev", "--json")
    assert said.code == 3
    missing = [e["message"] for e in said.json["errors"] if e["code"] == "SCEN-202"]
    assert len(missing) == 5


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("new", "own-motors"), 2),
        (("new", "own-motors", "--from", "none.yaml"), 7),
        (("new", "own-motors", "--from", "own.txt"), 2),
        (("new", "own-motors", "--set", "shelf"), 2),
        (("new", "../out", "--from", "own.yaml"), 3),
        (("new", "auto-bev", "--from", "own.yaml"), 3),
        (("show", "nobody"), 7),
        (("edit", "nobody", "--set", "shelf=3 weeks"), 7),
        (("remove", "nobody"), 7),
        (("remove", ".."), 7),
    ],
)
def test_exit_codes(
    command: Command, words: tuple[str, ...], code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(company_command, "_answers", lambda: False)
    said = command("company", *words, "--json")
    assert said.code == code
    assert said.json["ok"] is False
    assert said.json["errors"]


@pytest.mark.usefixtures("project")
def test_what_is_there_is_not_overwritten(command: Command) -> None:
    """Neither another company of that name, nor a folder of somebody else, nor an own row."""
    FOLDER.mkdir(parents=True)
    (FOLDER / "notes.txt").write_text("mine")
    said = command("company", "new", "own-motors", "--from", "own.yaml", "--json")
    assert [e["code"] for e in said.json["errors"]] == ["COMPANY-108"]
    (FOLDER / "notes.txt").unlink()
    FOLDER.rmdir()
    assert command("company", "new", "own-motors", "--from", "own.yaml").code == 0
    said = command("company", "new", "own-motors", "--from", "own.yaml", "--json")
    assert [e["code"] for e in said.json["errors"]] == ["COMPANY-102"]
    with (FOLDER / "covers.csv").open("a") as file:
        file.write("\n")
    said = command("company", "edit", "own-motors", "--set", "shelf=3 weeks", "--json")
    assert [e["code"] for e in said.json["errors"]] == ["COMPANY-109"]
    assert command("company", "remove", "own-motors").code == 0
    assert [file.name for file in FOLDER.iterdir()] == ["covers.csv"]


@pytest.mark.usefixtures("project")
def test_a_terminal_is_asked_and_asked_again(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be is asked for once more; what was offered can be taken."""
    answers = {
        "segment": ["auto-bev"],
        "region": ["EUR"],
        "makes": ["2000 per week"],
        "suppliers": ["China 60 %, Europe 30 %", "China 60 %, Europe 40 %"],
        "shelf": ["3 weeks"],
    }
    keys = {text: key for key, text in company_asked().items()}

    def answer(words: str, *, default: str | None = None, **_: object) -> str:
        left = answers.get(keys[words], [])
        return left.pop(0) if left else str(default)

    monkeypatch.setattr(company_command, "_answers", lambda: True)
    monkeypatch.setattr(company_command.typer, "prompt", answer)
    said = command("company", "new", "own-motors")
    assert said.code == 0, said.err
    assert "add up to 90 %" in said.err
    assert yaml.safe_load((FOLDER / "company.yaml").read_text())["suppliers"] == {
        "China": "60 %",
        "Europe": "40 %",
    }


def company_asked() -> dict[str, str]:
    from supplychain.company.definition import ASKED

    return ASKED
