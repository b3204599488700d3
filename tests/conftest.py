"""What every test starts from."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the tests in the background has them ignore Ctrl-C, and so would the
    # commands that they start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
