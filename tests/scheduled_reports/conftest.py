"""What is tried only where systemd is installed."""

from __future__ import annotations

import shutil

collect_ignore = [] if shutil.which("systemd-analyze") else ["test_timers_systemd.py"]
