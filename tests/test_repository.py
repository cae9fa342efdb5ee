"""What the repository promises about itself: the lock, the variables, the containers, the commands."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MADE_HERE = {".git", ".venv", ".env", ".hypothesis", "var", "build", "htmlcov", "test-results", "__pycache__"}
APP_SERVICES = {"migrate", "web", "worker", "beat"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def own_files() -> Iterator[Path]:
    """Every text file of the project, without what is made on the machine."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in MADE_HERE and not name.endswith("_cache")]
        for name in set(files) - MADE_HERE:
            path = Path(folder) / name
            if path.suffix not in {".png", ".svg", ".gz", ".zip", ".parquet", ".ico", ".sqlite3"}:
                yield path


# The lock


@pytest.mark.parametrize("group", ["run", "dev", "uv"])
def test_the_lock_names_no_address(group: str) -> None:
    lock = text_of(f"requirements/{group}.txt")

    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock


@pytest.mark.parametrize("group", ["run", "dev", "uv"])
def test_every_locked_package_is_pinned_and_hashed(group: str) -> None:
    entries = re.split(r"\n(?=\S)", text_of(f"requirements/{group}.txt").strip())

    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+( ; [^\\]+)? \\\n\s+--hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_tests_run_on_the_versions_the_site_runs_on() -> None:
    run, dev = (set(pins(f"requirements/{group}.txt")) for group in ("run", "dev"))

    assert run <= dev


def test_every_library_the_code_imports_is_locked() -> None:
    """What a helper of a helper happens to bring along may be gone with its next version."""
    declared = tomllib.loads(text_of("pyproject.toml"))
    run = {distribution_of(line) for line in declared["project"]["dependencies"]}
    dev = run | {distribution_of(line) for line in declared["dependency-groups"]["dev"]}

    missing = {
        f"{path.relative_to(ROOT)} imports {library}"
        for path in own_files()
        if path.suffix == ".py"
        for library in imported_libraries(path)
        if library not in (dev if path.is_relative_to(ROOT / "tests") else run)
    }

    assert missing == set()


def distribution_of(requirement: str) -> str:
    return re.split(r"[\[<>=; ]", requirement)[0].lower()


def imported_libraries(path: Path) -> Iterator[str]:
    """The distributions behind a file's imports, without the standard library and our own packages."""
    modules: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules += [node.module or ""]
    for name in {module.partition(".")[0] for module in modules} - sys.stdlib_module_names:
        if not (ROOT / name).is_dir() and not (ROOT / f"{name}.py").exists():
            yield distributions().get(name, [name])[0].lower().replace("_", "-")


@cache
def distributions() -> Mapping[str, list[str]]:
    """Which distributions a top-level module comes from; takes a second to find out."""
    return packages_distributions()


def pins(name: str) -> list[str]:
    return re.findall(r"^[a-z0-9-]+==[^ ]+", text_of(name), flags=re.MULTILINE)


# The environment


def test_every_variable_the_project_reads_is_explained_and_no_other() -> None:
    explained = re.findall(r"^#?([A-Z][A-Z0-9_]*)=", text_of(".env.example"), flags=re.MULTILINE)
    used = variables_of_the_code() | variables_of_the_containers()

    assert len(explained) == len(set(explained)), "a variable is listed twice"
    assert set(explained) == used


def test_a_fresh_copy_of_the_example_changes_nothing() -> None:
    active = [line for line in text_of(".env.example").splitlines() if line and not line.startswith("#")]

    assert active == []


def variables_of_the_code() -> set[str]:
    files = [*(ROOT / "config").rglob("*.py"), *(ROOT / "tests").glob("*.py"), ROOT / "manage.py"]
    return {name for path in files for name in variables_read_by(ast.parse(path.read_text(encoding="utf-8")))}


def variables_read_by(tree: ast.AST) -> Iterator[str]:
    """Names in env("X"), env.int("X"), os.environ.get("X"), os.environ["X"] and os.getenv("X")."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]) if is_environment(function):
                yield name
            case ast.Subscript(value=mapping, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
                if is_environment(mapping):
                    yield name


def is_environment(node: ast.expr) -> bool:
    return re.fullmatch(r"env|env\.\w+|(os\.)?environ(\.\w+)?|os\.getenv", ast.unparse(node)) is not None


def variables_of_the_containers() -> set[str]:
    names = re.findall(r"(?<!\$)\$\{([A-Z_]+):-", text_of("docker-compose.yml") + text_of("Dockerfile"))
    return set(names)


# The containers


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(text_of("docker-compose.yml"))
    return document


def test_the_compose_file_keeps_to_the_specification() -> None:
    run_tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_dockerfile_keeps_to_good_practice() -> None:
    run_tool("hadolint", "Dockerfile")


def run_tool(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [BIN / program, *arguments], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_runs_as_an_ordinary_user() -> None:
    users = re.findall(r"^USER (\S+)", text_of("Dockerfile"), flags=re.MULTILINE)

    assert users[-1] == "10001:10001"


def test_the_image_reports_its_health_and_serves_the_site() -> None:
    dockerfile = text_of("Dockerfile")

    assert "/healthz" in dockerfile.partition("HEALTHCHECK")[2]
    assert "config.wsgi:application" in dockerfile.splitlines()[-1]


def test_no_secret_is_kept_in_the_image() -> None:
    kept = re.findall(r"^(?:ENV|ARG) (?:.*\\\n)*.*", text_of("Dockerfile"), flags=re.MULTILINE)

    assert kept
    assert not any("SECRET" in line or "PASSWORD" in line for line in kept)
    assert ".env" in text_of(".dockerignore").splitlines()


def test_the_whole_site_is_composed(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"db", "redis"} | APP_SERVICES
    assert set(compose["volumes"]) == {"database", "messages", "files"}


@pytest.mark.parametrize("name", sorted(APP_SERVICES))
def test_our_containers_can_write_only_where_they_must(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert set(service["tmpfs"]) <= {"/tmp", "/run/metrics"}
    assert service["volumes"] == ["files:/data"]
    assert "user" not in service, "the image's own user must stay"


def test_nothing_starts_before_what_it_needs_is_ready(compose: dict[str, Any]) -> None:
    services = compose["services"]

    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for name in APP_SERVICES:
        for needed, how in services[name]["depends_on"].items():
            if how["condition"] == "service_healthy":
                assert "test" in services[needed]["healthcheck"]


def test_only_the_site_is_published_and_only_to_this_machine(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}

    assert published == {"web": ["${BIND:-127.0.0.1}:${PORT:-8000}:8000"]}


# The commands


def test_help_lists_every_make_target() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), flags=re.MULTILINE))
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert targets == set(re.findall(r"^  make ([a-z]+)", shown, flags=re.MULTILINE))
    assert targets == set(re.findall(r"[a-z]+", text_of("Makefile").partition(".PHONY:")[2].splitlines()[0]))


def test_the_readme_shows_the_two_commands() -> None:
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text_of("README.md"), flags=re.MULTILINE | re.DOTALL))

    assert re.search(r"^(\$ )?make demo\b", blocks, flags=re.MULTILINE)
    assert re.search(r"^(\$ )?make test\b", blocks, flags=re.MULTILINE), ".ci/run runs this line"


def test_continuous_integration_is_a_valid_script() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


# Every file


def test_no_file_holds_a_path_of_one_machine() -> None:
    homes = "root|home|Users|work|farm"
    machine_path = re.compile(rf"(?<![\w.:/-])/(?:{homes})/\w")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in own_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if machine_path.search(line) or str(ROOT) in line
    ]

    assert found == []
