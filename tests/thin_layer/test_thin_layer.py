"""The count of the thin layer's lines, which scripts/lint compares with a number."""

from pathlib import Path

import pytest

from thin_layer.__main__ import main

pytestmark = pytest.mark.workshop


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose thin layer has 100 lines written by hand, and 50 generated ones."""
    package = tmp_path / "overrides" / "moengage_personalize"
    (package / "client" / "operations").mkdir(parents=True)
    (package / "errors.py").write_text("x = 1\n" * 40)
    (package / "client" / "operations" / "fetch.py").write_text("x = 1\n" * 60)
    (package / "client" / "async_client.py").write_text(
        "# Generated from sync_client.py by scripts/generate; do not edit.\n" + "x = 1\n" * 49
    )
    (package / "cli.py").write_text("x = 1\n" * 1000)
    return tmp_path


def allow(checkout: Path, lines: int, modules: str = '"client", "errors.py"') -> None:
    (checkout / "pyproject.toml").write_text(
        "[tool.moengage-personalize]\n"
        f"thin-layer-lines = {lines}\n"
        f"thin-layer-modules = [{modules}]\n"
    )


@pytest.mark.parametrize("lines", [100, 102])
def test_as_many_lines_as_allowed_pass(checkout: Path, lines: int) -> None:
    """Generated modules and other rooms do not count."""
    allow(checkout, lines)
    assert main(checkout) == 0


def test_a_line_too_many_is_refused_with_the_way_out(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shorter code, or a reason."""
    allow(checkout, 99)
    assert main(checkout) == 1
    assert "100 lines, 1 more than pyproject.toml allows" in capsys.readouterr().err


def test_a_number_that_leaves_room_is_refused(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was won is kept."""
    allow(checkout, 103)
    assert main(checkout) == 1
    assert "from 103 to 100" in capsys.readouterr().err


def test_a_module_that_is_no_longer_there_is_named(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else what moves away would no longer be counted."""
    allow(checkout, 100, '"client", "errors.py", "models"')
    assert main(checkout) == 1
    assert "nothing is counted at models" in capsys.readouterr().err
