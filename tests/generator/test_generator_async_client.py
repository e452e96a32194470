"""The step of scripts/generate that writes the async client from the sync one."""

import shutil
from pathlib import Path

import pytest

from generator import async_client
from generator.__main__ import main
from generator.document import ROOT

SYNC = (ROOT / async_client.SOURCE).read_text(encoding="utf-8")


def with_method(method: str) -> str:
    """The async client, had the sync one this method, too."""
    return async_client.async_client(
        ROOT, SYNC.replace("    def close(self)", f"{method}\n    def close(self)")
    )


def test_the_async_client_is_up_to_date() -> None:
    """What is checked in is what a run would write."""
    assert async_client.write(ROOT, only_check=True) == []


@pytest.mark.workshop  # a whole copy is generated, and checked by its own command
def test_check_names_an_async_client_that_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, and the file stays as it is; a run mends it."""
    # All of it: what is not there, ruff does not sort as a module of the package's own.
    shutil.copytree(ROOT / "overrides", tmp_path / "overrides")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    edited = tmp_path / async_client.TARGET
    as_written = edited.read_text(encoding="utf-8")
    edited.write_text(f"{as_written}# by hand\n", encoding="utf-8")
    monkeypatch.setattr("generator.__main__.ROOT", tmp_path)
    assert main(["--check"]) == 1
    assert capsys.readouterr().out == "changed async_client.py\n"
    assert "by hand" in edited.read_text(encoding="utf-8")
    assert main([]) == 0
    assert edited.read_text(encoding="utf-8") == as_written


def test_a_method_that_calls_one_that_waits_is_async_and_awaits_it() -> None:
    """Also where the call stands in an expression, and where the other method comes later."""
    written = with_method(
        "    def banner(self, key: str) -> object:\n"
        "        return self.banners(key)[key]\n\n"
        "    def banners(self, *keys: str) -> Experiences:\n"
        "        return self.fetch(*keys)\n"
    )
    assert "async def banner(self" in written
    assert "return (await self.banners(key))[key]" in written
    assert "async def banners(self" in written
    assert "return await self.fetch(*keys)" in written


def test_a_method_that_calls_none_stays_as_it_is() -> None:
    """It would give a coroutine for nothing."""
    written = with_method("    def is_slow(self) -> bool:\n        return self._is_slow()\n")
    assert "    def is_slow(self) -> bool:\n        return self._is_slow()\n" in written


def test_a_sentence_that_is_to_be_replaced_must_be_there() -> None:
    """Else the async client would say what is true of the sync one only."""
    with pytest.raises(ValueError, match="Make one per process"):
        async_client.async_client(ROOT, SYNC.replace("Make one per process", "One per process"))


def test_the_header_says_what_it_is_written_from() -> None:
    """Whoever opens it to edit it learns where to."""
    assert async_client.async_client(ROOT, SYNC).startswith(
        "# Generated from sync_client.py by scripts/"
    )
