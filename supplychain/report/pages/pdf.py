"""A page printed to PDF by a browser without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from supplychain.errors import InvalidInput, problem
from supplychain.files import whole_file

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS = 120.0
"""How long a page may take to print; an ordinary one takes five."""
DRAWN_AFTER_MS = 20_000
"""Time of the page's own clock in which its figures are drawn; it runs as fast as it can."""

Printer = Callable[[Path], list[Path]]


def browser() -> str | None:
    """The path of the Chromium to use: BROWSER_PATH, or what lies on the path."""
    names = (os.environ.get("BROWSER_PATH"), *BROWSERS)
    return next((path for name in names if name and (path := shutil.which(name))), None)


def need_browser() -> str:
    """The path of the Chromium to use.

    Raises:
        InvalidInput: there is none; the problem says what to install.
    """
    found = browser()
    if found is None:
        message = "Printing needs Chromium, and none is on the path."
        hint = "Debian: apt install chromium. Elsewhere set BROWSER_PATH, or print from a browser."
        raise InvalidInput(message, [problem("SETUP-120", message, hint=hint)])
    return found


def print_page(page: Path, target: Path) -> Path:
    """Print a page to a PDF, whole, and return its path.

    Raises:
        InvalidInput: there is no Chromium, or it printed nothing.
        OSError: the file cannot be written.
    """
    program = need_browser()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as room,
        whole_file(target) as part,
    ):
        printed = Path(room) / "page.pdf"
        words = [
            program,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={room}",
            f"--virtual-time-budget={DRAWN_AFTER_MS}",
            f"--print-to-pdf={printed}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.append("--no-sandbox")  # Chromium refuses to start as root with one
        done = subprocess.run(
            [*words, page.resolve().as_uri()],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        content = printed.read_bytes() if printed.exists() else b""
        if not content.startswith(b"%PDF"):
            said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            message = f"Chromium did not print {page.name}: {said[0]}"
            hint = f"Try another: BROWSER_PATH, now {program}. The page itself is written."
            raise InvalidInput(message, [problem("SETUP-121", message, hint=hint)])
        part.write_bytes(content)
    return target


def printer(*, wanted: bool) -> Printer:
    """Return what gives the files of a page: itself and, if wanted, its PDF.

    A PDF that is no older than its page is that page's, and is not printed again.

    Raises:
        InvalidInput: a PDF is wanted and there is no Chromium. Asked before anything is solved.
    """
    if not wanted:
        return lambda page: [page]

    need_browser()
    return lambda page: [page, _printed(page)]


def _printed(page: Path) -> Path:
    target = page.with_suffix(".pdf")
    if target.is_file() and target.stat().st_mtime_ns >= page.stat().st_mtime_ns:
        return target
    return print_page(page, target)


def file_lines(files: Sequence[Path]) -> str:
    """Say where a page and its PDF are.

    >>> print(file_lines([Path("a.html"), Path("a.pdf")]))
    Page: a.html
    PDF: a.pdf
    """
    words = {".html": "Page", ".pdf": "PDF", ".csv": "Numbers", ".parquet": "Numbers"}
    return "\n".join(f"{words[file.suffix]}: {file.as_posix()}" for file in files)
