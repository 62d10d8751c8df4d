"""What a fresh clone promises: its commands, its locks, its wheel, its image."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TARGETS = [
    *("help", "setup", "demo", "test", "check", "bench", "bench-full", "soak"),
    *("run", "migrate", "openapi", "lock", "clean"),
]

# Addresses and options of package indexes, and folders of somebody's machine. Each is written in
# two halves, so that this file does not hold what it looks for.
FOREIGN_TO_A_COMMIT = [
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "--index" + "-url",
    "--extra-index" + "-url",
    "--find" + "-links",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/wo" + "rk/",
    "/opt/" + "pypi",
    "/tm" + "p/lab",
]

LOCKS = [
    "requirements-build.txt",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-bench.txt",
]
NEVER_COMMITTED = {
    *(".git", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
    *("__pycache__", "dist", "build", "results"),
}
SECRET = re.compile(r"(?i)\b\w*(passw|passphrase|secret|token|credential|_key)\w*=")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and the source archive as an installer would, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist"]
    done = subprocess.run(
        [*command, "-d", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def in_wheel(built: Path) -> set[str]:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("target", TARGETS)
def test_make_help_explains_every_target(target: str) -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(rf"^  make {target} +\S+ \S+", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(one.stem for one in (ROOT / "benchmarks").glob("*.py")))
def test_every_benchmark_starts_on_what_a_developer_has_installed(name: str) -> None:
    assert import_module(f"benchmarks.{name}").__doc__


def test_ci_runs_the_checks_and_then_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o100
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines
    assert lines[-2:] == ["make check", "make test"]


def test_the_wheel_carries_the_migrations_inside_the_package(in_wheel: set[str]) -> None:
    expected = {f"rfl/{name}" for name in _files_under("migrations")}
    assert "rfl/migrations/env.py" in expected
    assert any(name.startswith("rfl/migrations/versions/") for name in expected)
    assert expected <= in_wheel


def test_the_wheel_carries_the_whole_package_and_nothing_beside_it(in_wheel: set[str]) -> None:
    assert {name.removeprefix("src/") for name in _files_under("src/rfl")} <= in_wheel
    assert {re.split(r"[/-]", name)[0] for name in in_wheel} == {"rfl"}


def test_the_source_archive_is_enough_to_build_the_wheel(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as source:
        inside = {name.partition("/")[2] for name in source.getnames()}
    assert {*_files_under("migrations"), *_files_under("src"), "pyproject.toml"} <= inside


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_one_version_and_hashes(lock: str) -> None:
    for requirement in _locked(lock):
        assert re.match(r"[a-z0-9-]+==[^ ]+ ", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_each_lock_holds_the_one_that_is_installed_before_it() -> None:
    build, run_time, dev, bench = map(set, map(_locked, LOCKS))
    assert build < run_time < dev < bench


def test_every_declared_dependency_is_locked() -> None:
    declared = tomllib.loads(_text("pyproject.toml"))
    groups = declared["dependency-groups"]
    run_time = [*declared["project"]["dependencies"], *groups["build"]]
    assert _names(run_time) <= _names(_locked("requirements.txt"))
    assert _names([*run_time, *groups["dev"]]) <= _names(_locked("requirements-dev.txt"))
    measured = [*run_time, *groups["dev"], *groups["bench"]]
    assert _names(measured) <= _names(_locked("requirements-bench.txt"))


def test_every_declared_dependency_has_its_reason() -> None:
    declared = tomllib.loads(_text("pyproject.toml"))
    reasons = _text("docs/decisions/0002-dependencies.md")
    groups = declared["dependency-groups"]
    named = _names([*declared["project"]["dependencies"], *groups["dev"], *groups["bench"]])
    assert {name for name in named if f"`{name}`" not in reasons} == set()


def test_no_file_names_a_package_index_or_somebodys_machine() -> None:
    found = {
        (name, foreign)
        for name in _committed()
        for foreign in FOREIGN_TO_A_COMMIT
        if foreign in (ROOT / name).read_text(encoding="utf-8", errors="replace")
    }
    assert found == set()


def test_the_image_has_two_stages_and_installs_what_is_locked() -> None:
    text = _text("Dockerfile")
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    for line in re.findall(r"pip install [^&\n]*", text.replace("\\\n", "")):
        assert re.search(r"--require-hashes .*-r \S+|--no-deps dist/\*\.whl", line), line
    assert "/health/live" in text
    assert "VOLUME" in text


def test_the_image_ends_as_a_user_other_than_root_with_a_fixed_number() -> None:
    last_stage = _text("Dockerfile").rpartition("\nFROM ")[2]
    user = re.findall(r"^USER (\S+)$", last_stage, re.MULTILINE)[-1]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)


def test_the_image_holds_no_secret() -> None:
    settings = re.findall(r"^(?:ENV|ARG) (?:.*\\\n)*.*", _text("Dockerfile"), re.MULTILINE)
    assert settings
    assert [line for line in settings if SECRET.search(line)] == []
    assert SECRET.search("ENV PATH=/bin \\\n    RFL_PASSPHRASE=none")


def test_the_licence_is_the_one_that_the_package_declares() -> None:
    assert tomllib.loads(_text("pyproject.toml"))["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in _text("LICENSE")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _files_under(folder: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not NEVER_COMMITTED & set(path.relative_to(ROOT).parts)
    }


def _committed() -> list[str]:
    """List what git would commit; in a copy without git, what does not look like a cache."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.split("\0") if listed.returncode == 0 else sorted(_files_under("."))
    return [name for name in names if (ROOT / name).is_file()]


def _locked(lock: str) -> list[str]:
    """Return the lock's requirements, each with its marker and hashes on one line."""
    text = re.sub(r"^ *#.*\n", "", _text(lock), flags=re.MULTILINE)
    return [re.sub(r"\s+", " ", line) for line in text.replace("\\\n", "").splitlines() if line]


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[=<>; ]", requirement)[0] for requirement in requirements}
