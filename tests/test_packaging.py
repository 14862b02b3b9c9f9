"""What is shipped: the wheel, the image's recipe, the unit file, and the pinned dependencies."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FANARCHIVE = str(Path(sys.executable).with_name("fanarchive"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
INSTRUCTION = re.compile(r"^([A-Z]+) (.*)$", re.MULTILINE)


def dockerfile() -> list[tuple[str, str]]:
    """Instructions and their arguments, continued lines joined."""
    return INSTRUCTION.findall((ROOT / "Dockerfile").read_text().replace("\\\n", " "))


def arguments_of(instruction: str) -> str:
    """The last one counts."""
    return [arguments for name, arguments in dockerfile() if name == instruction][-1]


def ignored() -> list[str]:
    return [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]


def test_every_source_that_the_image_copies_is_there() -> None:
    sources = [
        source
        for name, arguments in dockerfile()
        if name == "COPY" and "--from" not in arguments
        for source in shlex.split(arguments)[:-1]
    ]
    assert {"app", "migrations", "requirements.lock"} <= set(sources)
    assert not [source for source in sources if not (ROOT / source).exists()]
    assert {f"!{source}" for source in sources} == set(ignored())


def test_the_image_does_not_run_as_root() -> None:
    user = arguments_of("USER")
    assert user not in {"root", "0"}
    made = " ".join(arguments for name, arguments in dockerfile() if name == "RUN")
    assert re.search(rf"useradd .*\b{user}\b", made)


def test_the_image_installs_pinned_dependencies_alone() -> None:
    installs = [arguments for name, arguments in dockerfile() if name == "RUN" and "pip install" in arguments]
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)


def test_the_image_starts_and_asks_commands_that_exist() -> None:
    entry = json.loads(arguments_of("ENTRYPOINT"))
    start = json.loads(arguments_of("CMD"))
    health = json.loads(arguments_of("HEALTHCHECK").partition("CMD ")[2])
    assert entry == ["fanarchive"]
    assert health == ["fanarchive", "health"]
    started = subprocess.run([FANARCHIVE, start[0], "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert set(start[1::2]) <= set(re.findall(r"--\w+", started.stdout))
    subprocess.run([FANARCHIVE, health[1], "--help"], capture_output=True, timeout=60, check=True)


def test_health_fails_where_nobody_answers() -> None:
    asked = subprocess.run(
        [FANARCHIVE, "health", "--port", "1"], capture_output=True, text=True, timeout=60, check=False
    )
    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr


def test_the_unit_starts_a_command_that_exists() -> None:
    unit = (ROOT / "deploy/systemd/fanarchive.service").read_text()
    (start,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, command, *_ = shlex.split(start)
    assert Path(program).name == "fanarchive"
    subprocess.run([FANARCHIVE, command, "--help"], capture_output=True, timeout=60, check=True)
    assert re.search(r"^User=(?!root)\w+$", unit, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_host_and_no_path(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    assert lines
    bad = [
        line
        for line in lines
        if re.search(r"https?:|file:|--(?:extra-)?index-url|--find-links|@ |/(?:home|root|tmp)/", line)
    ]
    assert not bad
    pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert all("==" in line for line in pinned)
    assert all(line.startswith(("    --hash=sha256:", "#")) or line in pinned for line in lines if line)


def test_the_image_has_what_the_program_needs() -> None:
    """Everything that the project depends on is pinned in what the image installs, the driver of PostgreSQL too."""
    lock = (ROOT / "requirements.lock").read_text()
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", lock, re.MULTILINE)}
    project = (ROOT / "pyproject.toml").read_text()
    wanted = re.findall(r'^  "([\w-]+)', project.partition("dependencies = [")[2].partition("\n]")[0], re.MULTILINE)
    assert len(wanted) > 10
    assert not {name.lower() for name in wanted} - pinned
    assert {"psycopg", "hatchling"} <= pinned


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_all_that_is_not_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / "app").rglob("*") if path.is_file()}
    kept = {path for path in kept if "__pycache__" not in path}
    assert kept <= names
    assert "app/web/static/swagger/swagger-ui-bundle.js" in names
    migrations = {path.relative_to(ROOT / "migrations") for path in (ROOT / "migrations").rglob("*.py")}
    assert {f"app/_migrations/{path.as_posix()}" for path in migrations} <= names
    assert "app/_migrations/script.py.mako" in names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/"))]


def test_the_installed_wheel_finds_its_migrations(wheel: Path, tmp_path: Path) -> None:
    """From the wheel alone, an empty database is brought to the newest schema."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    program = (
        "import app.db.migrate as m; from app.config import Settings; from app.db.engine import Database\n"
        "print(m.migrations_dir()); d = Database(Settings()); m.upgrade(d); m.check_schema(d); d.dispose()"
    )
    environment = os.environ | {"PYTHONPATH": str(site), "FANARCHIVE_DATA_DIR": str(tmp_path / "data")}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert Path(ran.stdout.strip()) == site / "app" / "_migrations"
