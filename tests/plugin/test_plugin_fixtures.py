"""The pytest plugin, in pytest runs as its users have them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INNER = Path(__file__).parent / "inner" / "fixtures_in_use.py"

EXPERIENCES = """
experiences:
  - key: {key}
    payload:
      Title: Hello
"""
FETCHES = """
    def test_fetches(moengage_client):
        assert list(moengage_client.fetch()) == [{key!r}]
"""


# They load in every run too, some take a second, and one would shuffle tests that tell a story.
OTHER_PLUGINS = {"schemathesis", "hypothesispytest", "anyio", "randomly"}


def run(pytester: pytest.Pytester, *arguments: str, in_a_process: bool = False) -> pytest.RunResult:
    """Run the tests written so far, with the plugin as it is installed; a warning is an error.

    Args:
        pytester: The folder of the tests.
        arguments: Pytest's.
        in_a_process: Whether what this process has imported must not be there.
    """
    start = pytester.runpytest_subprocess if in_a_process else pytester.runpytest_inprocess
    return start("-W", "error", *without(*OTHER_PLUGINS), *arguments)


def without(*plugins: str) -> list[str]:
    return [argument for name in plugins for argument in ("-p", f"no:{name}")]


def passes(pytester: pytest.Pytester, *arguments: str, passed: int) -> None:
    run(pytester, *arguments).assert_outcomes(passed=passed)


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory, measuring: dict[str, str]
) -> tuple[dict[str, str], str]:
    """How each of a user's tests ended, and what pytest printed."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(INNER, folder / f"test_{INNER.name}")
    told = {"MOENGAGE_DATA_CENTER": "03", "MOENGAGE_DISABLED": "1"}
    environment = {**os.environ, **measuring, **told}
    environment.pop("MOENGAGE_BASE_URL", None)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-v",
            "-W",
            "error",
            "--strict-markers",
            *without(*OTHER_PLUGINS - {"anyio"}),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = re.findall(r"::(test_\w+)(?:\[.*\])? ([A-Z]+) +\[", done.stdout)
    outcomes: dict[str, str] = {}
    for name, outcome in found:
        if outcomes.get(name, "PASSED") == "PASSED":
            outcomes[name] = outcome
    return outcomes, done.stdout + done.stderr


@pytest.mark.parametrize("name", re.findall(r"def (test_\w+)", INNER.read_text()))
def test_a_users_test_passes(outcomes: tuple[dict[str, str], str], name: str) -> None:
    """With every fixture and the marker, one session for all of them."""
    by_name, printed = outcomes
    assert by_name.get(name) == "PASSED", printed


def test_the_session_ends_without_a_complaint(outcomes: tuple[dict[str, str], str]) -> None:
    """The emulator stops, and nothing is left open."""
    summary = outcomes[1].strip().splitlines()[-1]
    assert " passed in " in summary
    assert "error" not in summary


def test_each_worker_of_xdist_has_an_emulator(pytester: pytest.Pytester) -> None:
    """No test sees the requests of another worker's."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", range(4))
        def test_it(moengage_client, moengage_emulator, turn, worker_id):
            moengage_client.metadata()
            assert len(moengage_emulator.requests) == 1
            print(worker_id, moengage_emulator.base_url)
        """
    )
    result = run(pytester, "-n", "2", "-rP", in_a_process=True)
    result.assert_outcomes(passed=4)
    served = re.findall(r"^(gw\d) (http\S+)$", result.stdout.str(), re.MULTILINE)
    assert len({worker for worker, _ in served}) == len(set(served)) == 2


def test_a_wrong_marker_fails_its_test(pytester: pytest.Pytester) -> None:
    """In a line that says what would be right."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.moengage_experiences()
        def test_without_experiences():
            pass

        @pytest.mark.moengage_experiences("mine.yaml")
        def test_file():
            pass

        @pytest.mark.moengage_experiences({"a": {"Price": object()}})
        def test_no_json():
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=3)
    wanted = "*takes one mapping of experience keys to values*"
    result.stdout.fnmatch_lines([wanted, wanted, "*experiences[[]'a'][[]'Price'] must be JSON*"])


def test_configured_file_lies_beside_the_configuration(pytester: pytest.Pytester) -> None:
    """Wherever pytest is called from."""
    pytester.makeini("[pytest]\nmoengage_experiences = data/mine.yaml")
    (pytester.mkdir("data") / "mine.yaml").write_text(EXPERIENCES.format(key="mine"))
    pytester.makepyfile(FETCHES.format(key="mine"))
    elsewhere = pytester.mkdir("elsewhere")
    pytester.chdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(elsewhere)
        passes(pytester, "-c", "../tox.ini", "..", passed=1)


def test_option_counts_more_than_the_configuration(pytester: pytest.Pytester) -> None:
    """Its file is named from where pytest is called."""
    pytester.makeini("[pytest]\nmoengage_experiences = missing.yaml")
    pytester.path.joinpath("other.yaml").write_text(EXPERIENCES.format(key="other"))
    pytester.makepyfile(FETCHES.format(key="other"))
    passes(pytester, "--moengage-experiences", "other.yaml", passed=1)


@pytest.mark.parametrize(
    ("conftest", "arguments", "said"),
    [
        ("", ("--moengage-experiences", "broken.yaml"), "*broken.yaml:3: *"),
        ("", ("--moengage-experiences", "missing.yaml"), "*missing.yaml: cannot be read*"),
        (
            "import sys; sys.modules['starlette'] = None",
            (),
            "*install the package again with the extra emulator*",
        ),
    ],
    ids=["broken file", "missing file", "missing extra"],
)
@pytest.mark.usefixtures("measured")
def test_what_keeps_the_emulator_from_starting_fails_the_test(
    pytester: pytest.Pytester, conftest: str, arguments: tuple[str, ...], said: str
) -> None:
    """It is told in a line, without a traceback; nothing is skipped, and other tests run."""
    pytester.makeconftest(conftest)
    pytester.path.joinpath("broken.yaml").write_text(EXPERIENCES.format(key=5))
    pytester.makepyfile(FETCHES.format(key="a") + "\n    def test_other():\n        pass\n")
    result = run(pytester, *arguments, in_a_process=bool(conftest))
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines([said])
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_fixtures_are_documented(pytester: pytest.Pytester) -> None:
    """In `pytest --fixtures`."""
    listing = run(pytester, "--fixtures").stdout.str()
    for name in (
        "moengage_emulator",
        "moengage_client",
        "moengage_async_client",
        "moengage_session_emulator",
        "moengage_environment",
    ):
        assert re.search(rf"^{name}( \[session scope\])? -- ", listing, re.MULTILINE)
    ours = listing.partition("defined from moengage_personalize")[2].partition("\n----")[0]
    assert "no docstring available" not in ours


def test_run_that_uses_no_fixture_pays_for_none() -> None:
    """Loading the plugin imports nothing that the package itself does not."""
    program = (
        "import sys, pytest, moengage_personalize\n"
        "before = set(sys.modules)\n"
        "import moengage_personalize.pytest_plugin\n"
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout.split() == ["moengage_personalize.pytest_plugin"]


def test_coverage_of_the_package_brings_no_warning(pytester: pytest.Pytester) -> None:
    """Though the plugin is imported before the measuring begins."""
    pytester.makepyfile("def test_it(moengage_client):\n    moengage_client.metadata()\n")
    options = ("--cov=moengage_personalize", "--cov-report=")  # a report takes a second
    run(pytester, *options, in_a_process=True).assert_outcomes(passed=1)
