"""The pytest plugin, in pytest runs of their own, as its users have them."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
OTHER_PLUGINS = ("schemathesis", "hypothesispytest", "anyio", "randomly")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run the tests written so far, with the plugin as it is installed; a warning is an error."""
    blocked = [argument for name in OTHER_PLUGINS for argument in ("-p", f"no:{name}")]
    return pytester.runpytest_subprocess("-W", "error", *blocked, *arguments)


def passes(pytester: pytest.Pytester, *arguments: str, passed: int) -> None:
    run(pytester, *arguments).assert_outcomes(passed=passed)


def test_client_and_emulator_belong_together(pytester: pytest.Pytester) -> None:
    """What the client does shows in the emulator, faults included."""
    pytester.makepyfile(
        """
        import pytest
        from moengage_personalize import ServerError
        from moengage_personalize.emulator import Fault

        def test_events(moengage_client, moengage_emulator):
            banner = moengage_client.fetch("homepage-banner")["homepage-banner"]
            moengage_client.shown(banner, visitor="user_1")
            assert [event.customer_id for event in moengage_emulator.events] == ["user_1"]

        def test_faults(moengage_client, moengage_emulator):
            moengage_emulator.fail(None, Fault.status(501))
            with pytest.raises(ServerError):
                moengage_client.metadata()
        """
    )
    passes(pytester, passed=2)


def test_each_test_finds_the_emulator_as_new(pytester: pytest.Pytester) -> None:
    """Whatever the one before did to it: requests, faults, another key, an outage."""
    pytester.makepyfile(
        """
        import pytest
        from moengage_personalize import ConnectionFailedError, PersonalizeClient
        from moengage_personalize.emulator import Fault

        addresses = set()

        @pytest.mark.parametrize("change", ["nothing", "fault", "key", "outage", "nothing"])
        def test_it(moengage_client, moengage_emulator, change):
            assert moengage_emulator.requests == []
            assert moengage_client.metadata()
            addresses.add((moengage_emulator.base_url, moengage_emulator.api_key))
            if change == "fault":
                moengage_emulator.fail(None, Fault.status(500))
            if change == "key":
                moengage_emulator.expire_key("another")
            if change == "outage":
                moengage_emulator.stop()
                with pytest.raises(ConnectionFailedError):
                    moengage_client.metadata(timeout=0.3)

        def test_it_is_one_emulator():
            assert len(addresses) == 1
        """
    )
    passes(pytester, passed=6)


def test_awaited_clients_need_no_plugin(pytester: pytest.Pytester) -> None:
    """The fixture makes them inside the test's own event loop, with the client's arguments."""
    pytester.makepyfile(
        """
        import asyncio

        def test_it(async_moengage_client):
            async def fetch():
                async with async_moengage_client(timeout=1, retries=0) as client:
                    return await client.fetch("homepage-banner")
            assert "homepage-banner" in asyncio.run(fetch())
        """
    )
    passes(pytester, passed=1)


def test_environment_leads_to_the_emulator_for_one_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A data center that is set on the machine does not get in the way, and stays."""
    monkeypatch.setenv("MOENGAGE_DATA_CENTER", "03")
    monkeypatch.delenv("MOENGAGE_BASE_URL", raising=False)
    pytester.makepyfile(
        """
        import os
        from moengage_personalize import PersonalizeClient

        def test_inside(moengage_environment, moengage_emulator):
            with PersonalizeClient.from_env() as client:
                client.metadata()
            assert len(moengage_emulator.requests) == 1
            assert moengage_environment["MOENGAGE_BASE_URL"] == moengage_emulator.base_url

        def test_outside():
            assert os.environ["MOENGAGE_DATA_CENTER"] == "03"
            assert "MOENGAGE_BASE_URL" not in os.environ
        """
    )
    passes(pytester, passed=2)


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
            "*pip install 'moengage-personalize[[]emulator]'*",
        ),
    ],
    ids=["broken file", "missing file", "missing extra"],
)
def test_what_keeps_the_emulator_from_starting_fails_the_test(
    pytester: pytest.Pytester, conftest: str, arguments: tuple[str, ...], said: str
) -> None:
    """It is told in a line, without a traceback; nothing is skipped, and other tests run."""
    pytester.makeconftest(conftest)
    pytester.path.joinpath("broken.yaml").write_text(EXPERIENCES.format(key=5))
    pytester.makepyfile(FETCHES.format(key="a") + "\n    def test_other():\n        pass\n")
    result = run(pytester, *arguments)
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
        "async_moengage_client",
        "moengage_environment",
    ):
        assert f"{name} -- " in listing
    assert "no docstring available" not in listing.partition("moengage_personalize")[2]


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
    passes(pytester, "--cov=moengage_personalize", passed=1)
