"""`supplychain survive`: what it prints and writes, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.cli.survive_command import share_left
from supplychain.errors import ExitCode
from tests.cli.conftest import Command
from tests.cli.projects import make_project

SHORT = ("--weeks", "16", "--for", "8", "--step", "4", "-q")


@pytest.fixture(autouse=True)
def _project(tmp_path: Path) -> None:
    make_project(tmp_path)


def test_a_broken_maker_in_words_files_and_json(command: Command, tmp_path: Path) -> None:
    said = command("survive", "calm", "--break", "china-magnets", *SHORT)
    assert said.code == ExitCode.DONE, said.err
    assert "site:china-magnets" in said.out
    assert "auto-bev-chn" in said.out
    folder = tmp_path / "reports" / "out" / "survive-calm"
    written = {file.name for file in folder.iterdir()}
    tables = {"nodes.csv", "customers.csv", "sectors.csv", "stock_needed.csv"}
    assert written == {"report.html", "survive.json", *tables}
    assert 'id="stock-needed"' in (folder / "report.html").read_text(encoding="utf-8")
    again = command("survive", "calm", "--break", "china-magnets", *SHORT, "--json").json
    assert again["schema"] == "supplychain/survive/1"
    (node,) = again["data"]["nodes"]
    assert (node["node"], node["rank"], node["rank_by_first_stop"]) == ("site:china-magnets", 1, 1)
    assert node["lost_value_usd"] > 0.0
    assert node["weeks_to_survive"] < 8
    assert again["data"]["pace"]["kept"] == 1
    throttled = command("survive", "calm", "--break", "china-magnets", "--to", "60%", *SHORT)
    assert "left with 60.0 %" in throttled.out
    assert (folder / "nodes.csv").read_text().count("china-magnets") == 1


def test_a_horizon_that_ends_before_the_node_reopens_is_said(command: Command) -> None:
    words = ("--break", "lane:CHN-USA", "--weeks", "8", "--for", "8", "--step", "4")
    said = command("survive", "calm", *words)
    assert said.code == ExitCode.DONE, said.err
    assert "no recovery is seen" in said.err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), ExitCode.USAGE, "Nothing is broken"),
        (("--break", "all", "--to", "120%"), ExitCode.USAGE, "less than 100%"),
        (("--break", "all", "--to", "100%"), ExitCode.USAGE, "less than 100%"),
        (("--break", "all", "--to", "50"), ExitCode.USAGE, "Did you mean 50%?"),
        (("--break", "all", "--to", "-1%"), ExitCode.USAGE, "wants a share"),
        (("--break", "all", "--for", "0"), ExitCode.USAGE, "--for"),
        (("--break", "site:china-mien"), ExitCode.INVALID, 'Nearest: "site:china-mine"'),
        (("--break", "all", "--who", "autoo"), ExitCode.INVALID, 'Nearest: "auto"'),
    ],
)
def test_what_cannot_be_asked(
    command: Command, tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    said = command("survive", "calm", *words)
    assert said.code == code
    assert told in said.err
    assert not (tmp_path / "reports").exists() or not list((tmp_path / "reports/out").iterdir())


def test_a_share_is_read_with_and_without_per_cent() -> None:
    read = [share_left(word) for word in ("0%", "50 %", "0.5", "99.9%")]
    assert read == pytest.approx([0.0, 0.5, 0.5, 0.999])
