"""Order never comes from a set: the same programme under any hash seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
WRITE = """
import sys
from pathlib import Path
sys.path.insert(0, "tests/worlds")
from cases import make_case, usual_numbers, blocked
from supplychain.dataset import read_tables
from supplychain.model.build_model import build_model
from supplychain.model.window import make_window
from supplychain.network.build_network import build_network
from supplychain.model.window import Grid
from supplychain.solve.allocation import loss_rule
from supplychain.solve.solution import empty_history
from supplychain.case.opening_inventory import opening_pipeline
from supplychain.solve.rolling_horizon import Solver, state_at
from supplychain.solve.solution import Solution
network = build_network(read_tables(Path("tests/worlds/tiny"), []))
numbers = blocked(usual_numbers(network, 60), (6, 22))
case = make_case(network, numbers)
grid = Grid((1,) * 6 + (4, 4))
rule = loss_rule(network, "value", "rolling")
start = Solution(case, empty_history(network, 26, 4), grid, "rolling", "value", rule)
pipeline = opening_pipeline(
    network, case.weeks, case.past_arcs, case.past_deliveries, case.past_runs
)
state = state_at(start, pipeline, 0)
window = make_window(network, grid, numbers, state, rule)
model = build_model(network, grid, window)
model.write(sys.argv[1], io_options={"symbolic_solver_labels": True})
history = Solver(network).solve(case, "rolling", "value").history
print(history.delivery.tobytes().hex(), history.lost.tobytes().hex(), history.costs)
"""


def written(seed: str, path: Path) -> tuple[bytes, str]:
    """The LP text and a digest of the solved history under a hash seed."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return path.read_bytes(), hashlib.sha256(done.stdout.encode()).hexdigest()


def test_same_programme_and_history_under_two_hash_seeds(tmp_path: Path) -> None:
    one = written("1", tmp_path / "one.lp")
    two = written("77", tmp_path / "two.lp")
    assert one[0].count(b"region_balance") > 50
    assert one == two
