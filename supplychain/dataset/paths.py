"""Where the folders that ship with the program are, and how a path is shown to the user."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Literal

Shipped = Literal["data", "scenarios", "reports"]


def shipped(kind: Shipped) -> Path:
    """Return the shipped folder: inside an installed wheel, or at the root of a checkout.

    Raises:
        FileNotFoundError: the installation has no such folder.
    """
    inside = importlib.resources.files("supplychain") / "_shipped" / kind
    if inside.is_dir():
        return Path(str(inside))
    root = Path(__file__).resolve().parent.parent.parent
    if (root / "pyproject.toml").is_file() and (root / kind).is_dir():
        return root / kind
    raise FileNotFoundError(f"This installation has no folder {kind}; install it again.")


def shown(path: Path) -> str:
    """Return a path as the user would write it: relative where it lies below the working folder."""
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return path.relative_to(Path.cwd()).as_posix()
    return path.as_posix()
