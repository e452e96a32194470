"""Web servers and task queues to run samples under, installed once in a folder of their own."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

from generator.document import ROOT
from moengage_personalize.emulator import Emulator
from provisioning.once import CACHE, made_once

_LOCK = ROOT / "requirements" / "servers.txt"


def servers() -> Path:
    """The folder with their modules and, in `bin`, their programs."""
    digest = hashlib.sha256(_LOCK.read_bytes() + sys.version.encode()).hexdigest()
    return made_once(CACHE / f"servers-{digest[:16]}", _install)


def _install(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--require-hashes", "--target", str(folder), "--requirement", str(_LOCK)]
    subprocess.run([*command, *options], check=True)


def environment(emulator: Emulator, folder: Path, **more: str) -> dict[str, str]:
    """What a server's process needs: these modules, an application's folder, and credentials."""
    paths = [folder, servers(), sysconfig.get_paths()["purelib"], *sys.path]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
        "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
        "MOENGAGE_BASE_URL": emulator.base_url,
        **more,
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
