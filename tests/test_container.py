"""The container file: what it copies is there and enough, and nobody in it is root."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
KNOWN = {
    "FROM", "WORKDIR", "COPY", "RUN", "ARG", "ENV", "USER", "VOLUME", "ENTRYPOINT", "CMD",
}  # fmt: skip

Step = tuple[str, str]


def stages() -> list[list[Step]]:
    """The instructions of each stage: the word and the rest of its line."""
    text = (ROOT / "Containerfile").read_text()
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    found: list[list[Step]] = []
    for line in filter(None, joined.splitlines()):
        word, _, rest = line.partition(" ")
        assert word in KNOWN, line
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest.strip()))
    return found


def values(stage: list[Step], word: str) -> list[str]:
    return [rest for found, rest in stage if found == word]


def copied(stage: list[Step]) -> list[tuple[list[str], str]]:
    """What is copied from here, and where to."""
    lines = [rest.split() for rest in values(stage, "COPY") if not rest.startswith("--from=")]
    return [(words[:-1], words[-1]) for words in lines]


def test_what_is_copied_is_there_and_not_left_out() -> None:
    names = [name for sources, _ in copied(stages()[0]) for name in sources]
    assert names
    left_out = (ROOT / ".dockerignore").read_text().split()
    for name in names:
        assert (ROOT / name).exists(), name
        assert not any(fnmatch(name, pattern) for pattern in left_out), name
    assert copied(stages()[1]) == []


def test_what_is_copied_is_enough_for_a_wheel(tmp_path: Path) -> None:
    """The first stage, done by hand: the same folder, the same files, a wheel out of them."""
    for sources, target in copied(stages()[0]):
        for name in sources:
            place = tmp_path / "src" / (name if target.endswith("/") else target)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("out", "*.pyc"))
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place)
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "src"]
    subprocess.run([sys.executable, *words], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for kind in ("data", "scenarios", "reports"):
        assert any(name.startswith(f"supplychain/_shipped/{kind}/") for name in names), kind


def test_versions_are_pinned() -> None:
    """What is installed is what was tested, byte by byte, and nothing comes beside it."""
    locked, own = [rest for rest in values(stages()[0], "RUN") if " pip install " in rest]
    assert locked.endswith("--require-hashes -r requirements.lock")
    assert own.endswith("--no-build-isolation --no-deps .")
    assert all(":" in rest.split()[0] for stage in stages() for rest in values(stage, "FROM"))


def test_nobody_is_root() -> None:
    (user,) = values(stages()[-1], "USER")
    assert user.isdigit()
    assert int(user) >= 1000
    words = [word for word, _ in stages()[-1]]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]
    (made,) = [rest for rest in values(stages()[-1], "RUN") if "useradd" in rest]
    assert f"--uid {user}" in made


def test_results_go_into_the_volume_which_the_user_may_write() -> None:
    last = stages()[-1]
    environment = dict(rest.split("=", 1) for rest in values(last, "ENV"))
    assert values(last, "VOLUME") == [environment["SUPPLYCHAIN_OUT"]]
    volume = PurePosixPath(environment["SUPPLYCHAIN_OUT"])
    (made,) = [rest for rest in values(last, "RUN") if "useradd" in rest]
    assert f"mkdir -p {volume}" in made
    (owned,) = re.findall(r"chown -R planner (\S+)", made)
    assert volume.is_relative_to(owned)
    assert values(last, "WORKDIR") == ["/reports"]


def test_the_command_is_the_projects_own() -> None:
    (entry,) = values(stages()[-1], "ENTRYPOINT")
    assert json.loads(entry) == list(PROJECT["project"]["scripts"])
    (taken,) = [rest for rest in values(stages()[-1], "COPY") if rest.startswith("--from=")]
    assert values(stages()[0], "FROM")[0].endswith(f"AS {taken.split()[0].removeprefix('--from=')}")
    assert f"PATH={taken.split()[-1]}/bin:$PATH" in values(stages()[-1], "ENV")
