"""A real server for the benchmarks: nginx, which answers without looking at the request."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

__all__ = ["CONTEXT", "Nginx", "answer", "running"]

SIZES: Final = {"1": (1, 2), "25": (25, 2), "25x40": (25, 40)}
"""By the path's first part: experiences, and values in each."""

CONTEXT: Final = {
    "cid": "66d55ae445921e4d35ae4368_F_T_WP_AB_2_P_0_AU_5A",
    "experience": "Promo strip",
    "moe_locale_id": "0",
    "moe_variation_id": "2",
    "audience_name": "All Users",
    "audience_id": "5A",
    "type": "Web Personalization",
}
_CONFIGURATION: Final = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log warn;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600;
  default_type application/json;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  error_page 405 =200 $uri;
  server {{
    listen 127.0.0.1:{port}; listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
    root {folder}/www;
  }}
}}
"""


@attrs.frozen
class Nginx:
    """Where it listens, and what to trust."""

    base_url: str
    tls_base_url: str
    authority: Path


def answer(experiences: int, values: int) -> dict[str, Any]:
    """An answer to a fetch."""
    payload = {
        f"value-{number}": {"value": "some text of a usual length", "data_type": "string"}
        if number % 2
        else {"value": number, "data_type": "number"}
        for number in range(values)
    }
    return {
        "experiences": {
            f"experience-{number}": {"payload": payload, "experience_context": CONTEXT}
            for number in range(experiences)
        }
    }


@contextmanager
def running() -> Generator[Nginx]:
    """The server, on loopback, until the end of the block."""
    nginx, openssl = _program("nginx", "nginx-light"), _program("openssl", "openssl")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size, shape in SIZES.items():
            place = folder / "www" / size / "v1" / "experiences" / "fetch"
            place.parent.mkdir(parents=True)
            place.write_text(json.dumps(answer(*shape), separators=(",", ":")), encoding="utf-8")
        _make_certificate(openssl, folder)
        port, tls_port = _free_port(), _free_port()
        text = _CONFIGURATION.format(folder=folder, port=port, tls_port=tls_port)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", name])
        try:
            _wait(port, process)
            yield Nginx(
                f"http://127.0.0.1:{port}",
                f"https://localhost:{tls_port}",
                folder / "authority.pem",
            )
        finally:
            process.terminate()
            process.wait(10)


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None and os.getuid() == 0 and shutil.which("apt-get"):
        for step in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-q", *step], check=False, stdout=subprocess.DEVNULL)
        found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        sys.exit(f"the benchmark needs {name}: apt-get install {package}")
    return found


def _make_certificate(openssl: str, folder: Path) -> None:
    """An authority and a certificate of its: some libraries trust no certificate by itself."""
    new = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    new += ["-nodes", "-days", "2"]
    authority = [str(folder / "authority.pem"), str(folder / "authority-key.pem")]
    subprocess.run(
        [*new, "-subj", "/CN=Benchmark", "-out", authority[0], "-keyout", authority[1]],
        check=True,
        capture_output=True,
    )
    signed = ["-CA", authority[0], "-CAkey", authority[1], "-subj", "/CN=localhost"]
    signed += ["-addext", "subjectAltName=DNS:localhost"]
    signed += ["-addext", "basicConstraints=critical,CA:FALSE"]
    own = ["-out", str(folder / "certificate.pem"), "-keyout", str(folder / "key.pem")]
    subprocess.run([*new, *signed, *own], check=True, capture_output=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    sys.exit("nginx did not start")
