from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from supplychain.report import compare_page, run_page, write_compare_page, write_run_page
from supplychain.report.page_tables import data_changes
from supplychain.report.run_view import View
from supplychain.runs.run_schema import Run


def figures_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="text/plain" id="figures">([^<]*)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return data


def outside_blobs(page: str) -> str:
    return re.sub(r'(<script type="text/plain"[^>]*>)[^<]*', r"\1", page)


def texts(value: Any) -> Iterator[str]:
    """Every text that plotly might read as markup: all but the marks that choose traces."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item) if key != "meta" else ()
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def test_equal_runs_give_equal_bytes(runs: Callable[..., Run]) -> None:
    assert run_page(runs(weeks=20)) == run_page(runs(weeks=20))


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    made = str(Path(__file__).with_name("conftest.py"))
    code = (
        "import importlib.util, hashlib, sys\n"
        f"spec = importlib.util.spec_from_file_location('made', {made!r})\n"
        "made = importlib.util.module_from_spec(spec)\n"
        "sys.modules['made'] = made\n"
        "spec.loader.exec_module(made)\n"
        "from supplychain.report import compare_page, run_page\n"
        "run = made.make_run(weeks=12)\n"
        "page = run_page(run) + compare_page(run, [made.make_run(0.2, weeks=12, name='b')])\n"
        "sys.stdout.write(hashlib.sha256(page.encode()).hexdigest())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1


def test_the_page_is_one_file_under_three_megabytes(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_run_page(run, target)
    assert target.stat().st_size < 3_000_000
    page = outside_blobs(target.read_text(encoding="utf-8"))
    assert not re.search(r'<(script|img|link|iframe)[^>]*(src|href)="(?!data:)', page)
    assert "@import" not in page
    assert "url(" not in page


def test_every_figure_is_on_the_page_and_in_its_data(run: Run) -> None:
    page = run_page(run)
    data = figures_of(page)
    for name in (
        "loss-map", "loss-by-week", "loss-by-place", "timeline", "flows", "cover", "licences",
        "marginal-values",
    ):  # fmt: skip
        assert f'<section class="figure" id="{name}"' in page
        assert any(chart["traces"] for chart in data[name]["charts"]), name


def test_the_parts_stand_in_the_order_of_a_planner_s_questions(run: Run) -> None:
    parts = (
        "sectors", "first-stops", "loss-by-week", "loss-map", "loss-by-place", "flows", "cover",
        "licences", "what-helps", "timeline", "losses", "inputs", "run", "marginal-values",
    )  # fmt: skip
    page = run_page(run)
    places = [page.index(f'id="{part}"') for part in parts]
    assert places == sorted(places)


def test_notes_stand_beside_the_headline(run: Run) -> None:
    page = run_page(run)
    note = str(run.record["notes"][0])
    assert note in page
    assert page.index(note) < page.index('id="first-stops"')


def test_markup_in_any_text_stays_text(run: Run, spoil: Callable[[Run], Run]) -> None:
    for clean, dirty in (
        (run_page(run), run_page(spoil(run))),
        (compare_page(run, [run]), compare_page(spoil(run), [spoil(run)])),
    ):
        assert dirty.count("&lt;script&gt;window.taken") > 100
        shown = outside_blobs(dirty)
        assert shown.count("<script") == outside_blobs(clean).count("<script")
        assert shown.count("</script") == outside_blobs(clean).count("</script")
        assert "<img" not in shown
        unsafe = [text for text in texts(figures_of(dirty)) if "<script" in text or "<img" in text]
        assert unsafe == []


def test_addresses_that_are_not_of_the_web_are_no_links(run: Run) -> None:
    sources = pd.DataFrame(
        [("mofcom", "A source", "javascript:alert(1)")], columns=["source", "title", "url"]
    )
    page = run_page(Run(record=run.record, tables={**run.tables, "sources": sources}))
    assert "A source" in page
    assert "javascript:alert" not in page


def test_a_run_without_loss_reads_well(calm: Run) -> None:
    page = run_page(calm)
    assert "No sector loses output. Over the 104 weeks" in page.replace("\u00a0", " ")
    assert "No sector loses output in any region." in page
    assert "nan" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL).lower().split()


def test_a_check_that_does_not_hold_is_seen(run: Run) -> None:
    checks = [{"name": "mass", "residual": 1.0, "tolerance": 1e-6, "ok": False}]
    page = run_page(Run(record={**run.record, "checks": checks}, tables=run.tables))
    assert "DOES NOT HOLD" in page


@pytest.mark.parametrize("field", ["assumptions", "input_changes", "notes", "checks"])
def test_an_empty_part_of_the_record_is_said_in_words(run: Run, field: str) -> None:
    assert "<h1>" in run_page(Run(record={**run.record, field: []}, tables=run.tables))


def test_the_compare_page_says_where_only_timelines_differ(run: Run) -> None:
    page = compare_page(run, [run])
    assert "the scenarios differ by their timelines of regimes only" in page
    assert "No change of its own." not in page


def test_the_compare_page_names_all_runs_and_differences(
    runs: Callable[..., Run], tmp_path: Path
) -> None:
    base = runs(0.3, name="truce", title="The truce goes on", weeks=60)
    other = runs(1.0, weeks=60)
    target = tmp_path / "compare.html"
    write_compare_page(base, [other], target)
    page = target.read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "truce, no-truce" in page
    assert re.search(r"\+[\d.]+ points", page)
    assert "weeks earlier" in page
    gap = sum(
        sign * float(run.tables["shortfall"]["lost_value_usd"].sum())
        for sign, run in ((1, other), (-1, base))
    )
    said = re.search(r"no-truce loses USD ([\d.]+) billion more than truce", page)
    assert said
    assert float(said[1]) * 1e9 == pytest.approx(gap, rel=0.05)


def test_inputs_that_all_runs_share_are_left_out(runs: Callable[..., Run]) -> None:
    base = runs(0.0, name="open", weeks=12)
    changes = [
        *base.record["input_changes"],
        {"what": "review", "old": 4, "new": 12, "why": "slow"},
    ]
    other = Run(record={**base.record, "input_changes": changes}, tables=base.tables)
    page = compare_page(base, [other])
    assert "water permit is late" not in page
    assert "slow" in page


def test_the_compare_page_lists_inputs_old_and_new_with_the_reason(
    runs: Callable[..., Run],
) -> None:
    def with_entry(run: Run, regime: str, why: str) -> Run:
        entry = {
            "announced": "2026-11-10", "effective": "2026-11-10", "set": {"regime": regime},
            "why": why, "source": "mofcom",
        }  # fmt: skip
        scenario = {**run.record["scenario"], "timeline": [entry]}
        return Run(record={**run.record, "scenario": scenario}, tables=run.tables)

    base = with_entry(runs(0.3, name="truce", weeks=12), "mild", "prolonged")
    other = with_entry(runs(weeks=12), "harsh", "a lapse</script><script>window.taken=1</script>")
    page = compare_page(base, [other]).replace("\u00a0", " ")
    assert 'data-name="compare-truce-no-truce"' in page  # the files saved from it are named so
    assert "From truce to no-truce" in page
    inputs = page[page.index('id="inputs"') :]
    for said in (
        "timeline 2026-11-10",
        "mild (announced",
        "harsh (announced",
        "a lapse&lt;/script",
    ):
        assert said in inputs
    assert "prolonged" not in inputs
    assert "Nothing differs." in compare_page(base, [base])


def test_each_page_says_the_last_event_and_whether_it_is_long_ago(
    runs: Callable[..., Run],
) -> None:
    late = "the last event that the data know is of 1 May 2026, 21 weeks before the start"
    known = {"event": "talks", "name": "Talks", "date": "2026-05-01", "stale": late}
    plain = runs()
    old = replace(plain, record={**plain.record, "as_of": known})
    fresh = replace(plain, record={**plain.record, "as_of": {**known, "stale": ""}})
    told = "As of 1 May 2026, the last event that the data know: Talks."
    for page in (run_page(old), compare_page(old, [fresh])):
        head = outside_blobs(page).partition("</header>")[0].replace("\xa0", " ")
        assert told in head
        assert f"T{late[1:]}" in head
    head = outside_blobs(run_page(fresh)).partition("</header>")[0].replace("\xa0", " ")
    assert told in head
    assert "weeks before the start" not in head


def test_of_very_many_changed_rows_the_page_shows_the_first_hundred(run: Run) -> None:
    change = {"table": "stocks", "key": "EUR, ndfeb-heavy", "old": "1", "new": "2"}
    changes = [{**change, "new": str(i)} for i in range(150)]
    many = replace(run, record={**run.record, "data": {**run.record["data"], "changes": changes}})
    table = data_changes(View(many))
    assert len(table.rows) == 100
    assert table.note == "50 more are in the table data_changes."
    assert data_changes(View(run)).note == ""
    kept = {**many.record["data"], "changes": changes[:100], "changes_in_all": 20_000}
    many = replace(run, record={**run.record, "data": kept})
    assert data_changes(View(many)).note == "19,900 more are in the table data_changes."
