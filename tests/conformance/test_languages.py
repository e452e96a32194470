"""`scripts/languages`: what it runs, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance import cases, languages, limits, running
from conformance.building import Workshop
from conformance.failures import ToolchainError
from conformance.languages import Language, Program
from conformance.limits import Limit
from conformance.running import CHECKS, Result, run
from conformance.table import table
from conformance.toolchain import require

pytestmark = pytest.mark.workshop

ROOT = Path(__file__).parents[2]
CASE = cases.load()[0]

# A language whose generator copies the document, and whose driver only knows base URLs.
DRIVER = """
import json, os, sys
for line in sys.stdin:
    center = os.environ.get("MOENGAGE_DATA_CENTER")
    print(json.dumps({"read": f"https://sdk-{center}.moengage.com/v1"}), flush=True)
"""
DESCRIPTION = {
    "title": "Parrot",
    "generate": ["python", "generate.py", "{document}", "{client}"],
    "build": [["python", "-c", "open('builds', 'a').write('.')"]],
    "driver": ["python", "driver.py"],
    "sample": ["python", "-c", "raise SystemExit('I am no sample')"],
    "programs": {"python3": {"probe": ["--version"], "advice": "Python"}},
}
GENERATOR = """
import pathlib, sys
document, client = map(pathlib.Path, sys.argv[1:])
client.mkdir()
(client / "copy").write_bytes(document.read_bytes())
open("generations", "a").write(".")
"""


def toml(description: dict[str, Any]) -> str:
    programs = description["programs"]
    rest = {name: value for name, value in description.items() if name != "programs"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in rest.items()]
    for name, program in programs.items():
        lines.append(f"[programs.{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in program.items()]
    return "\n".join(lines)


def parrot(tmp_path: Path, **changed: Any) -> Language:
    folder = tmp_path / "drivers" / "parrot"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "language.toml").write_text(toml(DESCRIPTION | changed))
    (folder / "driver.py").write_text(DRIVER)
    (folder / "generate.py").write_text(GENERATOR)
    return languages.load(folder.parent)["parrot"]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A cache of its own, with a document and no tools."""
    (tmp_path / "document.yaml").write_text("openapi: 3.0.3\n")
    (tmp_path / "requirements.txt").write_text("")
    return Workshop(tmp_path / "cache", tmp_path / "document.yaml", tmp_path / "requirements.txt")


def counts(workshop: Workshop) -> tuple[int, int]:
    driver = workshop.cache / "parrot" / "driver"
    return len((driver / "generations").read_text()), len((driver / "builds").read_text())


def test_what_has_not_changed_is_not_built_again(workshop: Workshop, tmp_path: Path) -> None:
    """A changed source is built, a changed document or config generated from; no more is done."""
    language = parrot(tmp_path)
    folder = workshop.build(language)
    assert (folder.parent / "client" / "copy").read_text() == "openapi: 3.0.3\n"
    workshop.build(language)
    assert counts(workshop) == (1, 1)
    (language.folder / "more.py").write_text("")
    workshop.build(language)
    assert counts(workshop) == (1, 2)
    workshop.document.write_text("openapi: 3.0.4\n")
    workshop.build(language)
    assert counts(workshop) == (2, 3)
    (language.folder / "parrot.config.js").write_text("")
    workshop.build(language)
    assert counts(workshop) == (3, 4)
    assert (folder.parent / "client" / "copy").read_text() == "openapi: 3.0.4\n"


def test_a_source_that_is_gone_is_gone_from_the_build(workshop: Workshop, tmp_path: Path) -> None:
    """An old file does not help a build that would fail without it."""
    language = parrot(tmp_path)
    (language.folder / "more.py").write_text("")
    folder = workshop.build(language)
    assert (folder / "more.py").exists()
    (language.folder / "more.py").unlink()
    workshop.build(language)
    assert not (folder / "more.py").exists()


def test_a_client_that_does_not_build_is_not_run(workshop: Workshop, tmp_path: Path) -> None:
    """It is told with the last words, does not count as passed, and is tried again."""
    broken = parrot(tmp_path, build=[["python", "-c", "raise SystemExit('syntax error')"]])
    for result in [run(broken, [CASE], [], workshop) for _ in range(2)]:
        assert not result.is_good
        assert "syntax error" in (result.not_run or "")
        assert "NOT RUN" in table([result])
    assert run(parrot(tmp_path), [CASE], [], workshop).not_run is None


def test_a_driver_that_sends_nothing_fails(workshop: Workshop, tmp_path: Path) -> None:
    """The cases, and the sample; the data center is right."""
    result = run(parrot(tmp_path), cases.load()[:3], [], workshop)
    assert (result.passed, len(result.problems)) == (1, 7)
    assert result.problems["data-center"] is None
    assert "0 requests arrived instead of 1" in result.defects[CASE.name]
    assert "I am no sample" in result.defects["sample"]
    assert "ended with 1" in result.defects["default-content"]
    assert "6 FAILED" in table([result])


def test_without_a_driver_each_operation_must_arrive(workshop: Workshop, tmp_path: Path) -> None:
    """One program is run; one that calls nothing fails, and one that ends badly is told."""
    idle = parrot(tmp_path, driver=[], sample=["true"])
    result = run(idle, cases.load(), [], workshop)
    assert result.defects == {"each-operation": "the program's calls were []"}
    broken = parrot(tmp_path, driver=[])
    assert "I am no sample" in run(broken, [], [], workshop).defects["each-operation"]


def test_a_wrong_data_center_fails(workshop: Workshop, tmp_path: Path) -> None:
    """A client that keeps the document's default is told."""
    language = parrot(tmp_path)
    driver = language.folder / "driver.py"
    driver.write_text(DRIVER.replace('os.environ.get("MOENGAGE_DATA_CENTER")', '"01"'))
    assert "sdk-01" in run(language, [], [], workshop).defects["data-center"]


def test_a_client_without_a_time_limit_fails(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that would hold a page up for as long as an API hangs."""
    monkeypatch.setattr(running, "_HANG_SECONDS", 0.5)
    language = parrot(tmp_path)
    hang = "    'list' in line and __import__('time').sleep(60)\n    center"
    (language.folder / "driver.py").write_text(DRIVER.replace("    center", hang))
    assert "still waits after 0.5 s" in run(language, [], [], workshop).defects["time-limit"]


def result_of(problems: dict[str, str | None], *limited: str) -> Result:
    language = languages.load()["go"]
    own = {case: Limit("go", case, "Cannot be.") for case in limited}
    return Result(language, own, problems)


def test_a_failure_as_recorded_is_no_defect() -> None:
    """It is shown as known, with its reason."""
    result = result_of({"one": None, "two": "it broke"}, "two")
    assert result.is_good
    assert "Go: known two: Cannot be." in table([result])
    assert "1/2" in table([result])


def test_a_failure_that_is_not_recorded_is_a_defect() -> None:
    """A record is for one case."""
    result = result_of({"one": "it broke", "two": "it broke"}, "two")
    assert result.defects == {"one": "it broke"}
    assert not result.is_good
    assert "Go: FAILED one: it broke" in table([result])


def test_a_record_that_is_not_true_any_more_is_a_defect() -> None:
    """A case that passes is struck off the records."""
    result = result_of({"one": None, "two": None}, "two")
    assert not result.is_good
    assert "passes, though" in result.defects["two"]


def test_each_record_is_of_a_language_and_a_case() -> None:
    """A record of nothing would never be noticed."""
    names = {case.name for case in cases.load()} | set(CHECKS)
    for limit in limits.load():
        assert limit.language in languages.load()
        assert limit.case in names
        assert limit.reason.endswith(".")


def test_a_missing_program_is_named_with_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing may be installed."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program = {"probe": ["--version"], "packages": ["parrot-cli", "parrot-curl"]}
    language = parrot(tmp_path, programs={"parrot": program})
    with pytest.raises(ToolchainError, match=r"^parrot is missing: apt-get install parrot-cli par"):
        require(language)


def test_a_program_that_lacks_something_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interpreter without the library that a client needs."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    lacking = {"python3": {"probe": ["-c", "import no_such_thing"], "packages": ["python3-thing"]}}
    with pytest.raises(ToolchainError, match="python3 is missing: apt-get install python3-thing"):
        require(parrot(tmp_path, programs=lacking))


def test_packages_are_installed_by_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By apt-get, as on CI; then the program is there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    apt_get = programs / "apt-get"
    apt_get.write_text(
        '#!/bin/sh\necho "$@" >> "$0.log"\n'
        f'[ "$1" = update ] || ln -s /bin/true {programs}/parrot\n'
    )
    apt_get.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program = {"probe": ["--version"], "packages": ["parrot-cli"]}
    require(parrot(tmp_path, programs={"parrot": program}))
    log = (programs / "apt-get.log").read_text().splitlines()
    assert log[-1] == "install --yes --no-install-recommends parrot-cli"


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts" / "tools"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_unknown_language_is_refused() -> None:
    """With the known ones, before anything is built."""
    done = command("klingon")
    assert done.returncode == 2
    assert "unknown language 'klingon'; known: curl, datamodel-code-generator, go," in done.stderr


def test_a_machine_without_a_toolchain_does_not_pass(tmp_path: Path) -> None:
    """The language is not run, visibly, and the command fails."""
    done = command("php", "go", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "Go" in done.stdout
    assert done.stdout.count("NOT RUN") == 2
    assert "php is missing: apt-get install php-cli php-curl php-mbstring" in done.stdout
    assert "java is missing: apt-get install default-jre-headless" in done.stdout


@pytest.mark.parametrize("language", list(languages.load().values()), ids=lambda one: one.name)
def test_a_language_names_what_brings_each_program(language: Language) -> None:
    """Packages or, where Debian's are too old, advice."""
    assert language.programs
    for program in language.programs:
        assert program.packages or program.advice


@pytest.mark.parametrize("lock", sorted(languages.DRIVERS.rglob("package-lock.json")), ids=str)
def test_a_lock_names_no_registry(lock: Path) -> None:
    """So that it serves behind a mirror too; npm leaves them out where `.npmrc` says so."""
    assert "resolved" not in lock.read_text(encoding="utf-8")
    assert "omit-lockfile-registry-resolved=true" in (lock.parent / ".npmrc").read_text()


def test_rusts_versions_name_no_registry() -> None:
    """The installed cargo knows where to find them; the checksums say that they are the same."""
    rust = languages.DRIVERS / "rust"
    assert not (rust / "Cargo.lock").exists()
    pinned = (rust / "versions.lock").read_text(encoding="utf-8")
    assert "source" not in pinned
    assert pinned.count("checksum = ") > 50


def test_the_promised_languages_are_there() -> None:
    """The guide's seven and two more, other generators of these, and four without a driver."""
    assert set(languages.load()) == {
        *("curl", "go", "java", "javascript", "php", "python", "ruby"),
        *("rust", "typescript"),
        *("go-oapi-codegen", "typescript-axios", "typescript-hey-api"),
        *("datamodel-code-generator", "oazapfts", "ogen", "orval"),
    }


def test_a_program_says_what_brings_it() -> None:
    """Advice goes before packages."""
    assert Program("node", (), ("nodejs",), "Node 20 or later").brought_by == "Node 20 or later"
