"""docs/changing-the-api.md, followed from top to bottom in a checkout of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api_changes import oasdiff
from api_changes.interfaces import RELEASED, current, record
from generator.document import ROOT
from generator.generation import DOCUMENT
from generator_upgrade.trial import environment_above
from projects import Index, Project, package_index
from provisioning.wheelhouse import pip_environment, wheelhouse

pytestmark = pytest.mark.workshop

PAGE = (ROOT / "docs" / "changing-the-api.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ").partition("  #")[0].strip()
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
# .ci/run runs these on the checkout itself; the second would run this test again.
ELSEWHERE = {"scripts/lint", "scripts/test"}
# Of the suites that scripts/upgrade-generator runs, a file each: all files take minutes.
SHORTENED = {
    Path("tests/client"): "test_face.py",
    Path("tests/generator"): "test_generator_templates.py",
}
YAML = str(DOCUMENT.relative_to(ROOT))


def add_a_field(project: Project) -> None:
    """A reader's edit: an answer gets an optional field."""
    document = project.root / YAML
    text = document.read_text(encoding="utf-8")
    place = "        message:\n          type: string\n"
    assert place in text
    field = "        queue:\n          type: string\n          description: Where it waits.\n"
    document.write_text(text.replace(place, field + place, 1), encoding="utf-8")


def raise_the_version(project: Project) -> None:
    """What release-check asks for."""
    document, changelog = project.root / YAML, project.root / "CHANGELOG.md"
    document.write_text(
        document.read_text(encoding="utf-8").replace("  version: 1.0.0", "  version: 1.1.0", 1),
        encoding="utf-8",
    )
    section = "## 1.1.0 (2026-12-01)\n\n### Added\n\n- `queue` in the answer to a report.\n\n"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## 1.0.0", section + "## 1.0.0", 1), encoding="utf-8")


def regenerate_and_commit(project: Project) -> None:
    """The new version stands in the generated code too."""
    subprocess.run([project.root / "scripts" / "generate"], check=True, capture_output=True)
    project.git("commit", "-qam", "Say where a report waits")


# What a reader does before a command, and what the command then says.
STEPS: dict[str, tuple[Callable[[Project], None] | None, str]] = {
    "scripts/api-diff HEAD": (add_a_field, "compared with HEAD"),
    "scripts/api-diff": (None, "Due: 1.1.0 at least, a minor step from 1.0.0"),
    "scripts/api-diff --json": (None, '"rule": "response-optional-property-added"'),
    "scripts/generate": (None, "is written: "),
    "scripts/docs": (None, "is written: "),
    "scripts/release-check": (raise_the_version, "say what changed"),
    "scripts/release --dry-run": (regenerate_and_commit, "would tag"),
    "scripts/release": (None, "released 1.1.0: dist/1.1.0 holds what was uploaded"),
    "scripts/upgrade-generator 0.29.1": (None, "endpoint_macros.diff applies cleanly"),
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout in which 1.0.0 is released, as a newcomer has it after scripts/bootstrap dev."""
    project = Project(tmp_path_factory.mktemp("story") / "project")
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    for name in map(Path, filter(None, listed.stdout.split("\0"))):
        if name.match("test_*.py") and name.name != SHORTENED.get(name.parent, name.name):
            continue
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", ROOT / name, project.root / name], check=True)
    # What the first run would install and build; scripts/bootstrap only adds the checkout itself.
    environment_above(project.root / ".venv")
    ruff = Path(sysconfig.get_path("scripts"), "ruff")
    (project.root / ".venv" / "bin" / "ruff").symlink_to(ruff)
    for made in (wheelhouse(), oasdiff.built().parent):
        place = project.root / made.relative_to(ROOT)
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(made)
    subprocess.run(["git", "init", "-q", project.root], check=True)
    project.git("config", "user.name", "Releaser")
    project.git("config", "user.email", "releaser@example.com")
    record(current(project.root), project.root / RELEASED.relative_to(ROOT))
    project.git("add", "-A")
    project.git("commit", "-qm", "Release 1.0.0")
    return project


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """A package index on loopback."""
    with package_index(tmp_path / "index") as found:
        yield found


@pytest.fixture
def environment(index: Index) -> dict[str, str]:
    """What the person who releases has exported."""
    return {
        **{
            name: text
            for name, text in os.environ.items()
            if not name.startswith("COV") and name != "PYTHONPATH"
        },
        **pip_environment(),
        "TWINE_REPOSITORY_URL": index.url,
        "TWINE_USERNAME": "releaser",
        "TWINE_PASSWORD": "do-not-print-me",
    }


def test_the_page_works_from_top_to_bottom(
    story: Project, index: Index, environment: dict[str, str]
) -> None:
    """Each command, in the page's order, does what the page says."""
    for command in COMMANDS:
        if command in ELSEWHERE:
            continue
        prepare, expected = STEPS[command]
        if prepare is not None:
            prepare(story)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=story.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        assert expected in done.stdout, f"{command}\n{done.stdout}"
    assert story.git("describe", "--exact-match") == "v1.1.0"
    assert len(list(index.folder.iterdir())) == 2


def test_every_command_of_the_page_is_run() -> None:
    """Here, or by .ci/run; and nothing is run that the page does not have."""
    assert set(COMMANDS) == STEPS.keys() | ELSEWHERE
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert {row.split()[1] for row in ci.splitlines() if row.startswith("run ")} >= ELSEWHERE


@pytest.mark.parametrize("name", sorted({command.split()[0] for command in COMMANDS}))
def test_a_script_of_the_page_can_be_run(name: str) -> None:
    """The run bit is lost easily."""
    assert os.access(ROOT / name, os.X_OK)


def test_the_links_of_the_page_lead_somewhere() -> None:
    """Within the checkout."""
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).resolve().is_file(), target


def test_the_exit_codes_of_the_page_are_those_of_the_commands() -> None:
    """Each code that a command explains has its row."""
    rows = set(re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE))
    for script in sorted({command.split()[0] for command in COMMANDS} - ELSEWHERE):
        helped = subprocess.run(
            [ROOT / script, "--help"], capture_output=True, text=True, check=True
        )
        codes = set(re.findall(r"^ +(\d+)  ", helped.stdout, flags=re.MULTILINE))
        assert codes - {"0"} <= rows, script
        assert codes
