"""`python -m supplychain` is the command `supplychain`."""

from __future__ import annotations

from supplychain.cli import main

if __name__ == "__main__":
    main()
