"""The command line: words in, exit code out; one file a command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command `supplychain` and leave with its exit code."""
    try:
        from supplychain.cli.main import start
    except KeyboardInterrupt:
        sys.exit(130)
    start()
