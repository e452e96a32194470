"""Whom a command calls: options before variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.helpers import Invoke
from moengage_personalize.cli.client_options import Connection
from moengage_personalize.cli.errors import Failure
from moengage_personalize.emulator import Emulator

COMPLETE = {
    "MOENGAGE_WORKSPACE_ID": "WORKSPACE",
    "MOENGAGE_PERSONALIZE_API_KEY": "KEY",
    "MOENGAGE_DATA_CENTER": "03",
}


def connection(environment: dict[str, str], base_url: str | None = None) -> Connection:
    """What an option and variables come to."""
    return Connection.from_options(
        workspace_id=None,
        data_center=None,
        base_url=base_url,
        api_key_file=None,
        timeout=1.0,
        environment=environment,
    )


def test_variables_are_enough() -> None:
    """As for from_env."""
    made = connection(COMPLETE)
    assert (made.workspace_id, made.api_key, made.data_center) == ("WORKSPACE", "KEY", "03")


def test_option_for_the_host_replaces_both_variables() -> None:
    """--base-url beside MOENGAGE_DATA_CENTER is no contradiction."""
    made = connection(COMPLETE, base_url="http://127.0.0.1:1/v1")
    assert (made.data_center, made.base_url) == (None, "http://127.0.0.1:1/v1")


def test_key_shows_in_no_repr() -> None:
    """Nor does the workspace ID."""
    text = repr(connection(COMPLETE | {"MOENGAGE_PERSONALIZE_API_KEY": "hush"}))
    assert "hush" not in text
    assert "WORKSPACE" not in text


@pytest.mark.parametrize(("missing", "option"), [
    ("MOENGAGE_WORKSPACE_ID", "--workspace-id"),
    ("MOENGAGE_PERSONALIZE_API_KEY", "--api-key-file"),
    ("MOENGAGE_DATA_CENTER", "--data-center"),
])  # fmt: skip
def test_what_is_missing_is_named_with_both_its_sources(missing: str, option: str) -> None:
    """The variable and the option; an empty variable counts as missing."""
    with pytest.raises(Failure) as caught:
        connection(COMPLETE | {missing: ""}).client()
    assert missing in str(caught.value)
    assert option in str(caught.value)


@pytest.mark.parametrize(
    "command",
    [
        ("fetch", "homepage-banner"),
        ("shown", "homepage-banner", "--customer-id", "user_1"),
        ("metadata",),
        ("types",),
        ("doctor",),
    ],
)
def test_a_command_that_would_ask_says_that_the_client_is_disabled(
    pointed: Emulator, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Nothing goes out, and no script takes that for an answer."""
    monkeypatch.setenv("MOENGAGE_DISABLED", "1")
    outcome = invoke(*command)
    told = "Error: MOENGAGE_DISABLED is set, so nothing is sent: unset it for this command\n"
    assert (outcome.code, outcome.stdout, outcome.stderr) == (2, "", told)
    assert pointed.requests == []


def test_two_hosts_are_refused(pointed: Emulator, invoke: Invoke) -> None:
    """By options, where none can be told to count more."""
    outcome = invoke("metadata", "--data-center", "03", "--base-url", pointed.base_url)
    assert outcome.code == 2
    assert pointed.requests == []


def test_key_may_lie_in_a_file(
    pointed: Emulator, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the line break that editors and secret stores end it with."""
    monkeypatch.delenv("MOENGAGE_PERSONALIZE_API_KEY")
    file = tmp_path / "key"
    file.write_text(f"{pointed.api_key}\n")
    assert invoke("metadata", "--api-key-file", str(file)).code == 0


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_unreadable_key_file_is_named(
    pointed: Emulator, invoke: Invoke, tmp_path: Path, content: bytes | None
) -> None:
    """Missing, or no text."""
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    outcome = invoke("metadata", "--api-key-file", str(file))
    assert outcome.code == 2
    assert str(file) in outcome.stderr
    assert pointed.requests == []


def test_missing_certificates_are_told(
    pointed: Emulator, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of a traceback."""
    del pointed
    monkeypatch.setenv("SSL_CERT_FILE", "missing.pem")
    outcome = invoke("metadata", "--data-center", "03")
    assert outcome.code == 2
    assert "SSL_CERT_FILE" in outcome.stderr


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
def test_unusable_proxy_is_told_without_its_password(
    pointed: Emulator, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Instead of a traceback."""
    del pointed
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "http://user:hush@127.0.0.1:port")
    outcome = invoke("metadata", "--data-center", "03")
    assert outcome.code == 2
    assert variable.lower() in outcome.stderr
    assert "hush" not in outcome.stderr


def test_base_url_that_no_request_can_have_is_refused(pointed: Emulator, invoke: Invoke) -> None:
    """Instead of a traceback."""
    outcome = invoke("metadata", "--base-url", f"{pointed.base_url}\x1b")
    assert outcome.code == 2
    assert outcome.stderr.count("\n") == 1
