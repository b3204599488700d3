"""The command line: file names in, exit code out."""

from __future__ import annotations


def main() -> None:
    """Run the command `supplychain` and leave with its exit code."""
    from supplychain.cli.main import run

    run()
