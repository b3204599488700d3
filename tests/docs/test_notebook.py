"""docs/first-run.ipynb: every cell runs in a kernel of its own; it is kept without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "first-run.ipynb"


def test_it_is_kept_without_outputs() -> None:
    book = nbformat.read(PAGE, as_version=4)
    nbformat.validate(book)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert len(cells) >= 6
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:(zmq|jupyter_client|nbclient)")
def test_every_cell_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    book = nbformat.read(PAGE, as_version=4)
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(book, timeout=600, kernel_name="python3", resources=where).execute()
    kinds = [
        set(out.data) for cell in book.cells for out in cell.get("outputs", ()) if "data" in out
    ]
    cards = [kind for kind in kinds if "text/html" in kind]
    assert len(cards) >= 4
    assert any("application/vnd.plotly.v1+json" in kind for kind in kinds)
    said = str([cell.get("outputs") for cell in book.cells])
    assert "supplychain-card" in said
    assert "'USD'" in said
    assert list(tmp_path.iterdir()) == []
