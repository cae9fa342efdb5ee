"""What the documentation promises about itself: nothing stale, nothing broken, nothing named that does not exist."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from django.core.management import get_commands

from docs import generate
from tests.test_promises_of_the_database import constraints
from tests.test_repository import MADE_HERE, ROOT, own_files, text_of

# Names of PostgreSQL and of Django that our code has no use for.
OF_OTHERS: Final = {"pg_dump", "ATOMIC_REQUESTS"}
SUFFIXES: Final = "py|md|toml|yml|json|jsonl|html|css|js|txt"

DOCUMENTS: Final = sorted(path.relative_to(ROOT).as_posix() for path in own_files() if path.suffix == ".md")
DECISIONS: Final = [name for name in DOCUMENTS if re.fullmatch(r"docs/adr/\d{4}-.*\.md", name)]

every_document = pytest.mark.parametrize("name", DOCUMENTS)


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def code_of(text: str) -> list[str]:
    """What stands between backticks, and every line of the blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [*re.findall(r"`([^`\n]+)`", without_blocks(text)), *"\n".join(blocks).splitlines()]


def headings_of(name: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(text_of(name)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


# Made from code


@pytest.mark.parametrize("path", generate.contents(), ids=lambda path: path.name)
def test_what_is_made_from_code_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generate.contents()[path], "run .venv/bin/python -m docs.generate"


def test_a_document_without_its_marks_is_refused() -> None:
    with pytest.raises(generate.MarkMissing, match="study states"):
        generate.replaced("No marks here.", name="study states", part="x")


# Links


@every_document
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", without_blocks(text_of(name)))
    broken = [link for link in links if not re.match(r"https?://|mailto:", link) and not resolves(link, name)]

    assert broken == []


def resolves(link: str, name: str) -> bool:
    target, _, anchor = link.partition("#")
    path = (ROOT / name).parent / target if target else ROOT / name
    if not path.exists():
        return False
    return not anchor or anchor in headings_of(path.resolve().relative_to(ROOT).as_posix())


@pytest.mark.parametrize("name", [each for each in DOCUMENTS if re.fullmatch(r"docs/[\w-]+\.md", each)])
def test_every_page_is_in_the_index(name: str) -> None:
    assert name == "docs/README.md" or f"({Path(name).name})" in text_of("docs/README.md")


# What is named exists


@every_document
def test_every_file_that_is_named_exists(name: str) -> None:
    named = {
        code
        for code in code_of(text_of(name))
        if re.fullmatch(rf"[\w.-]+/([\w.-]+/)*([\w.-]+\.({SUFFIXES}))?", code) and code.split("/")[0] not in MADE_HERE
    }

    assert [code for code in sorted(named) if not (ROOT / code).exists()] == []


@every_document
def test_every_name_is_in_the_file_it_is_said_to_be_in(name: str) -> None:
    claims = re.findall(rf"`(\w+)`\s+(?:in|of)\s+`([\w./-]+\.(?:{SUFFIXES}))`", text_of(name))

    assert [(word, path) for word, path in claims if not stands_in(word, file_of(path, name))] == []


def file_of(path: str, name: str) -> Path:
    """The file a document means: named from the top, or from the document's own folder."""
    return ROOT / path if (ROOT / path).exists() else (ROOT / name).parent / path


def stands_in(word: str, file: Path) -> bool:
    return re.search(rf"\b{word}\b", file.read_text(encoding="utf-8")) is not None


@every_document
def test_every_name_of_code_is_somewhere_in_the_code(name: str) -> None:
    """Names with an underscore, in capitals or in CamelCase; short words may be anything."""
    code_name = re.compile(r"\w+_\w+|[A-Z][A-Z0-9]{3,}|(?:[A-Z][a-z]+){2,}")
    named = {code.removesuffix("()") for code in code_of(text_of(name)) if code_name.fullmatch(code)}

    assert sorted(named - words_of_the_code() - OF_OTHERS) == []


@cache
def words_of_the_code() -> frozenset[str]:
    folders = ("accounts", "analysis", "annotation", "config", "scenarios", "templates", "tests", ".")
    files = [path for folder in folders for path in (ROOT / folder).glob("**/*.*" if folder != "." else "*")]
    sources = [path for path in files if path.suffix in {".py", ".html", ".json", ".toml", ".yml", ".example"}]
    return frozenset(word for path in sources for word in re.findall(r"\w+", path.read_text(encoding="utf-8")))


@every_document
def test_every_test_that_is_named_exists(name: str) -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = {code for code in code_of(text_of(name)) if re.fullmatch(r"test_\w+", code)}

    assert [code for code in sorted(named) if f"def {code}(" not in written] == []


@every_document
def test_every_command_that_is_named_exists(name: str) -> None:
    code = "\n".join(code_of(text_of(name)))
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), flags=re.MULTILINE))

    assert set(re.findall(r"^(?:\$ )?make ([a-z]+)", code, flags=re.MULTILINE)) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", code)) <= set(get_commands())


@every_document
def test_every_variable_that_is_named_is_explained_in_the_example(name: str) -> None:
    explained = set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", text_of(".env.example"), flags=re.MULTILINE))
    of_make = set(re.findall(r"^([A-Z]+) \?=", text_of("Makefile"), flags=re.MULTILINE))
    # In a link a name before = is a recruiter's parameter.
    set_to = re.compile(r"(?<![?&\w])([A-Z][A-Z0-9_]{2,})=")
    named = {each for code in code_of(text_of(name)) for each in set_to.findall(code)}
    if name == "docs/operations.md":
        named |= {code for code in code_of(text_of(name)) if re.fullmatch(r"[A-Z][A-Z0-9_]{2,}", code)}

    assert named - explained - of_make == set()


def test_every_promise_of_the_database_is_in_the_table() -> None:
    table = {code for code in code_of(text_of("docs/architecture.md")) if re.fullmatch(r"[a-z]+(_[a-z]+)+", code)}

    assert set(constraints()) <= table


# Decisions and changes


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_its_parts_and_is_in_the_index(name: str) -> None:
    text, number = text_of(name), int(Path(name).name[:4])
    title = text.partition("\n")[0]

    assert title.startswith(f"# {number}. ")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert "\nStatus: " in text
    line = f"| [{number}]({Path(name).name}) | {title.partition('. ')[2]} |"
    assert line in text_of("docs/adr/README.md")


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(Path(name).name[:4]) for name in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    headings = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), flags=re.MULTILINE)

    assert headings[0] == "[Unreleased]"


def test_the_readme_fits_one_screen() -> None:
    assert len(text_of("README.md").splitlines()) <= 50
