"""`--pdf`: what a page leaves beside itself on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

Printer = Callable[[Path], list[Path]]


def printer(*, wanted: bool) -> Printer:
    """Return what gives the files of a page: itself and, if wanted, its PDF, which it prints.

    Raises:
        InvalidInput: a PDF is wanted and there is no Chromium. Asked before anything is solved.
    """
    if not wanted:
        return lambda page: [page]
    from supplychain.report.paper import need_browser, print_page

    need_browser()
    return lambda page: [page, print_page(page, page.with_suffix(".pdf"))]


def file_lines(files: Sequence[Path]) -> str:
    """Say where a page and its PDF are.

    >>> print(file_lines([Path("a.html"), Path("a.pdf")]))
    Page: a.html
    PDF: a.pdf
    """
    words = {".html": "Page", ".pdf": "PDF"}
    return "\n".join(f"{words[file.suffix]}: {file.as_posix()}" for file in files)
