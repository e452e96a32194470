"""The old package stays until the new one is in its place."""

from pathlib import Path

import pytest

from generator.failures import TargetError
from generator.generation import DOCUMENT, generate
from generator.swap import recover, require_replaceable, swap

pytestmark = pytest.mark.workshop


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A package of an earlier run."""
    return package(tmp_path / "generated" / "api", "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A package of this run."""
    return package(tmp_path / "work" / "api", "new")


def package(folder: Path, content: str) -> Path:
    """A folder that looks like a run's output."""
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    (folder / "module.py").write_text(content)
    return folder


def neighbours(folder: Path) -> list[str]:
    """What stands beside the folder, itself included."""
    return sorted(path.name for path in folder.parent.iterdir())


def test_a_swap_replaces_the_whole_folder(old: Path, new: Path) -> None:
    """No file of the old package stays, and nothing is left beside it."""
    (old / "gone.py").touch()
    swap(new, old)
    assert sorted(path.name for path in old.iterdir()) == ["manifest.json", "module.py"]
    assert (old / "module.py").read_text() == "new"
    assert neighbours(old) == ["api"]


def test_a_swap_makes_a_missing_folder(tmp_path: Path, new: Path) -> None:
    """The first run needs no folder, nor its parent."""
    target = tmp_path / "a" / "b"
    swap(new, target)
    assert (target / "module.py").read_text() == "new"


@pytest.mark.parametrize("failure", [OSError("disk"), KeyboardInterrupt()], ids=["fault", "ctrl-c"])
@pytest.mark.parametrize("moment", [1, 2])
def test_an_interrupted_swap_leaves_the_old_folder(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, moment: int
) -> None:
    """Whichever of the two renames is interrupted."""
    rename, calls = Path.rename, [0]

    def interrupted(self: Path, target: Path) -> Path:
        calls[0] += 1
        if calls[0] == moment:
            raise failure
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises((TargetError, KeyboardInterrupt)):
        swap(new, old)
    assert (old / "module.py").read_text() == "old"
    assert neighbours(old) == ["api"]


def test_a_full_disk_leaves_the_old_folder(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is finished before the old folder moves."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generator.swap.shutil.copytree", full)
    with pytest.raises(TargetError, match="No space left"):
        swap(new, old)
    assert (old / "module.py").read_text() == "old"


def test_a_killed_swap_is_mended_by_the_next_run(target: Path) -> None:
    """A kill between the renames leaves the old folder aside; it comes back."""
    target.rename(target.with_name(f".{target.name}.previous"))
    assert generate(DOCUMENT, target) == []
    assert neighbours(target) == [target.name]


def test_a_kill_after_the_swap_leaves_the_new_folder(old: Path, tmp_path: Path) -> None:
    """What was moved aside and replaced is cleared away."""
    package(tmp_path / "generated" / ".api.previous", "older")
    recover(old)
    assert (old / "module.py").read_text() == "old"
    assert neighbours(old) == ["api"]


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    """Without a manifest no run has written it."""
    (tmp_path / "letters.txt").touch()
    with pytest.raises(TargetError, match="was not written by scripts/generate"):
        require_replaceable(tmp_path)


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    """A target is a folder."""
    file = tmp_path / "api"
    file.touch()
    with pytest.raises(TargetError):
        require_replaceable(file)


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    """There is nothing to lose in it."""
    require_replaceable(tmp_path)
