"""scripts/docs and the emulator's /docs without a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from docs_site.__main__ import main
from generator.generation import DOCUMENT
from moengage_personalize.emulator import Emulator
from moengage_personalize.emulator.server import docs_page


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """The page depends on the document and on Swagger UI alone."""
    assert run("--api-page", tmp_path / "a" / "one.html") == 0
    assert run("--api-page", tmp_path / "two.html") == 0
    assert (tmp_path / "a" / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_a_document_at_fault_is_named_and_the_page_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4, with the line."""
    (tmp_path / "page.html").write_text("earlier")
    broken = tmp_path / "broken.yaml"
    broken.write_text(DOCUMENT.read_text().replace("info:\n", "info: [\n", 1))
    assert run("--document", broken, "--api-page", tmp_path / "page.html") == 4
    assert "broken.yaml:" in capsys.readouterr().err
    assert (tmp_path / "page.html").read_text() == "earlier"


def test_a_page_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 7."""
    (tmp_path / "file").touch()
    assert run("--api-page", tmp_path / "file" / "page.html") == 7
    assert "cannot be written" in capsys.readouterr().err


@pytest.fixture
def no_assets(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed."""
    docs_page._asset.cache_clear()
    monkeypatch.setattr(docs_page, "_KEEPER", "no-such-package")


@pytest.mark.usefixtures("no_assets")
def test_without_swagger_ui_the_extra_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3."""
    assert run("--api-page", tmp_path / "page.html") == 3
    assert "with the extra emulator" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


@pytest.mark.usefixtures("no_assets")
def test_without_swagger_ui_the_emulator_says_so(emulator: Emulator) -> None:
    """501, and the rest of the emulator works."""
    answer = ask(emulator)
    assert answer.status_code == 501
    assert "with the extra emulator" in answer.json()["description"]


def ask(emulator: Emulator, **headers: str) -> httpx.Response:
    address = emulator.base_url.removesuffix("/v1") + "/docs"
    return httpx.get(address, headers=headers, trust_env=False)


def test_the_emulator_serves_the_page_to_this_machine_only(emulator: Emulator) -> None:
    """As its other controls; and a look at the page is no request to the API."""
    answer = ask(emulator)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert ask(emulator, host="elsewhere.example").status_code == 403
    assert emulator.requests == []


def test_flask_is_never_imported() -> None:
    """Its package is a keeper of files."""
    program = (
        "import sys\n"
        "from moengage_personalize.emulator.server import docs_page\n"
        "from moengage_personalize.emulator.contract import document\n"
        "assert len(docs_page.page(document.load().content)) > 1_000_000\n"
        "assert not {'flask', 'werkzeug', 'flask_swagger_ui'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_help_explains_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them."""
    with pytest.raises(SystemExit):
        run("--help")
    shown = capsys.readouterr().out
    assert all(f"\n  {code}  " in shown for code in (0, 1, 2, 3, 4, 7))
