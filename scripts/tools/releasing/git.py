"""What a release asks of git; all of it in one checkout."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from api_changes.failures import ToolsError, TreeError


class Checkout:
    """A checkout of the project.

    Attributes:
        root: Its top.

    Raises:
        ToolsError: git is missing.
        TreeError: There is no checkout, or it has no commit.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.head = self._text("rev-parse", "--verify", "HEAD")

    def require_clean(self) -> None:
        """Makes sure that the commit is all there is.

        Raises:
            TreeError: Files are changed, or new and not ignored. The message lists them.
        """
        rows = self._text("status", "--porcelain", "--untracked-files=all")
        if rows:
            raise TreeError(f"commit or remove these first; a release is made of a commit:\n{rows}")

    def has_tag(self, tag: str) -> bool:
        """Whether the tag exists here."""
        return bool(self._text("tag", "--list", tag))

    def seconds(self) -> int:
        """When the last commit was made, in seconds since 1970-01-01 UTC."""
        return int(self._text("log", "-1", "--format=%ct", self.head))

    def commit_with(self, files: Mapping[str, bytes], message: str) -> str:
        """Makes a commit of HEAD and the files, without touching branch, index or files.

        It has HEAD's date, so that a repeated release makes the same commit.

        Args:
            files: Contents by path from the top.
            message: What the commit says.

        Returns:
            The commit's hash.
        """
        when = f"{self.seconds()} +0000"
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        with tempfile.TemporaryDirectory(prefix="release-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            self._text("read-tree", self.head, **index)
            for path, content in files.items():
                blob = self._bytes("hash-object", "-w", "--stdin", content=content).decode().strip()
                row = f"100644,{blob},{path}"
                self._text("update-index", "--add", "--cacheinfo", row, **index)
            tree = self._text("write-tree", **index)
        return self._text("commit-tree", tree, "-p", self.head, "-m", message, **dates)

    def export(self, commit: str, folder: Path) -> None:
        """Writes the commit's files to the folder."""
        archive = self._bytes("archive", "--format=tar", commit)
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(folder, filter="data")

    def tag(self, tag: str, commit: str, message: str) -> None:
        """Names the commit, with a message."""
        self._text("tag", "--annotate", "-m", message, tag, commit)

    def remove_tag(self, tag: str) -> None:
        """Takes the name away again."""
        self._text("tag", "--delete", tag)

    def fast_forward(self, commit: str) -> None:
        """Moves the branch, and the files, on to the commit."""
        self._text("merge", "--ff-only", "--quiet", commit)

    def _text(self, *arguments: str, **environment: str) -> str:
        return self._bytes(*arguments, environment=environment).decode().strip()

    def _bytes(
        self, *arguments: str, content: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> bytes:
        command = ["git", *arguments]
        try:
            result = subprocess.run(
                command,
                cwd=self.root,
                env={**os.environ, **(environment or {})},
                check=False,
                capture_output=True,
                input=content,
            )
        except FileNotFoundError as error:
            raise ToolsError("git is wanted; none found") from error
        if result.returncode:
            reason = result.stderr.decode(errors="replace").strip()
            raise TreeError(f"git {arguments[0]} failed: {reason}")
        return result.stdout
