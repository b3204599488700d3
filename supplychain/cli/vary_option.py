"""`supplychain compare BASE --vary`: the grid is asked for, solved, written and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from supplychain.cli.command import Answer, UsageError
from supplychain.cli.options import Solving
from supplychain.cli.run_command import code_of, solved_and_saved, unsolved, warnings_of
from supplychain.cli.settings import changes_of, requests
from supplychain.errors import ExitCode, NotSolved, Problem
from supplychain.formatting import counted
from supplychain.progress import announce, step
from supplychain.study.solve_many import check_all

if TYPE_CHECKING:
    from pathlib import Path

    from supplychain.report.pages.pdf import Printer
    from supplychain.study.comparison import Rule
    from supplychain.study.grid import Grid, SolvedGrid


def asked_grid(
    base: str, vary: Sequence[str], options: Solving, *, one_at_a_time: bool, most: int | None
) -> Grid:
    """Read what `--vary` asks for.

    Raises:
        UsageError: the base is a past run, which cannot be solved anew with other numbers.
        InvalidInput: carries every problem of the keys and values.
    """
    from supplychain.runs.catalogue import find_run
    from supplychain.study.grid import MOST_POINTS, read_grid

    settings, _ = requests([], options)
    if find_run(base, settings.out):
        raise UsageError(f'--vary solves anew and wants a scenario, but "{base}" is a past run.')
    own = {
        "horizon.start": settings.start,
        "horizon.weeks": settings.weeks,
        "foresight.mode": settings.foresight,
        "demand": settings.demand,
    }
    fixed = {**changes_of(options), **{key: str(value) for key, value in own.items() if value}}
    return read_grid(base, vary, one_at_a_time=one_at_a_time, most=most or MOST_POINTS, fixed=fixed)


def varied(
    grid: Grid, rules: Sequence[Rule], options: Solving, printing: Printer, *, band: bool
) -> Answer:
    """Solve a scenario as it is and at every point of a grid; write its page and tables.

    Raises:
        InvalidInput: a value cannot be; nothing was solved.
        NotSolved: the scenario itself has no answer, or none of the points has.
    """
    from supplychain.study.comparison import broken, refuse_unlike
    from supplychain.study.grid import SolvedGrid
    from supplychain.study.run_request import horizon_asked
    from supplychain.study.solve_scenario import open_world

    settings, singles = requests([grid.base, *map(grid.name, grid.singles)], options)
    with step("read", "data"):
        world = open_world(settings.data, settings.overlays, settings.threads)
    refuse_unlike({one.scenario: horizon_asked(one, world.tables) for one in singles})
    check_all(singles, world.tables, settings.out, options.force)
    names = [grid.base, *map(grid.name, grid.points)]
    _, made = requests(names, options, band=band)
    announce(f"{counted(len(made), 'scenario')} to solve.", quiet=options.quiet)
    outcomes = solved_and_saved(made, settings, options, world)
    failed = unsolved(outcomes)
    runs = [outcome.run for outcome in outcomes]
    pairs = zip(grid.points, runs[1:], strict=True)
    points = tuple((point, run) for point, run in pairs if run is not None)
    if runs[0] is None or not points:
        raise NotSolved("There is nothing to set beside each other.", failed)
    solved = SolvedGrid(grid, runs[0], points)
    holding = [found for _, run in points for found in broken(rules, solved.base, run)]
    code = ExitCode.CHECK_FAILED if holding else code_of(outcomes)
    return _answer(solved, settings.out, printing, [*failed, *holding], code)


def _answer(
    solved: SolvedGrid,
    out: Path,
    printing: Printer,
    problems: Sequence[Problem],
    code: ExitCode,
) -> Answer:
    from supplychain.files import folder_name, inside, whole_file
    from supplychain.report.pages.compare_page import write_grid_page
    from supplychain.report.pages.pdf import file_lines
    from supplychain.report.save_results import pages_of, write_beside
    from supplychain.report.text.study_text import grid_text
    from supplychain.runs.run_schema import summary

    heads = "-".join(axis.head for axis in solved.grid.axes)
    page = inside(out, f"{folder_name(f'vary-{solved.base.scenario}-{heads}')}.html")
    with step("write", page.as_posix()), whole_file(page) as part:
        write_grid_page(solved, part)
    pages = printing(page)
    table = solved.table
    files = write_beside(page, "grid", table)
    runs = [run for _, run in solved.runs]
    return Answer(
        "\n\n".join([grid_text(solved), file_lines([*pages, *files])]),
        {
            "base": summary(solved.base),
            "axes": [
                {
                    "key": axis.head,
                    "unit": axis.unit or None,
                    "values": list(map(axis.value, axis.values)),
                }
                for axis in solved.grid.axes
            ],
            "runs": [summary(run) for run in runs],
            "grid": table.to_dict("records"),
        },
        artifacts=[*pages, *files, *pages_of([solved.base, *runs])],
        warnings=warnings_of([solved.base]),
        problems=problems,
        code=code,
    )
