"""Where a client's arguments come from: keywords, and the environment for those not given."""

from __future__ import annotations

from typing import Any

import pytest

from moengage_personalize import AsyncPersonalizeClient, InvalidArgumentError, PersonalizeClient
from moengage_personalize.client.config import Connection

ENVIRONMENT = {
    "MOENGAGE_WORKSPACE_ID": "WORKSPACE",
    "MOENGAGE_PERSONALIZE_API_KEY": "KEY",
    "MOENGAGE_DATA_CENTER": "03",
}
CREDENTIALS = [
    ("workspace_id", "MOENGAGE_WORKSPACE_ID"),
    ("api_key", "MOENGAGE_PERSONALIZE_API_KEY"),
]


@pytest.mark.parametrize("kind", [PersonalizeClient, AsyncPersonalizeClient])
def test_a_client_can_be_made_from_the_environment(
    kind: type[PersonalizeClient | AsyncPersonalizeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the process's own variables, or from a given mapping."""
    assert "sdk-03.moengage.com" in repr(kind.from_env(ENVIRONMENT, timeout=1))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert "sdk-03.moengage.com" in repr(kind.from_env())


@pytest.mark.parametrize(("argument", "variable"), CREDENTIALS)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named_with_its_argument(
    argument: str, variable: str, value: str | None
) -> None:
    """Unset and empty are the same: a deployment forgot it."""
    environment = {**ENVIRONMENT, variable: value or ""}
    if value is None:
        del environment[variable]
    with pytest.raises(InvalidArgumentError, match=f"{argument}.*{variable}"):
        PersonalizeClient.from_env(environment)


@pytest.mark.parametrize(
    "hosts", [{}, {"MOENGAGE_DATA_CENTER": "03", "MOENGAGE_BASE_URL": "https://example.org/v1"}]
)
def test_the_environment_must_name_exactly_one_host(hosts: dict[str, str]) -> None:
    """Neither is no guess, and both is no silent precedence."""
    environment = {
        "MOENGAGE_WORKSPACE_ID": "WORKSPACE",
        "MOENGAGE_PERSONALIZE_API_KEY": "KEY",
        **hosts,
    }
    with pytest.raises(InvalidArgumentError, match=r"MOENGAGE_DATA_CENTER.*MOENGAGE_BASE_URL"):
        PersonalizeClient.from_env(environment)


@pytest.mark.parametrize("is_set", [True, False])
@pytest.mark.parametrize(("argument", "variable"), CREDENTIALS)
def test_an_argument_replaces_its_variable(
    argument: str,
    variable: str,
    is_set: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    """Whether that is set or not."""
    environment = dict(ENVIRONMENT) if is_set else {**ENVIRONMENT, variable: ""}
    given: dict[str, Any] = {argument: "GIVEN"}
    found = Connection.from_env(environment, **given)
    assert getattr(found, argument) == "GIVEN"
    assert PersonalizeClient.from_env(environment, **given)


@pytest.mark.parametrize("kind", [PersonalizeClient, AsyncPersonalizeClient])
def test_arguments_are_enough_without_any_variable(
    kind: type[PersonalizeClient | AsyncPersonalizeClient],
) -> None:
    """A program may read its key from a secret store."""
    made = kind.from_env({}, workspace_id="W", api_key="K", data_center=3)
    assert "sdk-03.moengage.com" in repr(made)


@pytest.mark.parametrize("argument", ["workspace_id", "api_key", "data_center", "base_url"])
def test_an_empty_argument_is_refused_and_no_variable_taken_instead(argument: str) -> None:
    """A secret store that gave nothing must not lead to another workspace's credentials."""
    given: dict[str, Any] = {argument: ""}
    with pytest.raises(InvalidArgumentError, match=argument):
        PersonalizeClient.from_env(ENVIRONMENT, **given)


@pytest.mark.parametrize("options", [{"base_url": "https://example.org/v1"}, {"data_center": 5}])
def test_an_argument_for_the_host_replaces_both_its_variables(options: dict[str, Any]) -> None:
    """As a command's own option does."""
    client = PersonalizeClient.from_env(ENVIRONMENT, **options)
    assert ("example.org" in repr(client)) == ("base_url" in options)
    assert ("sdk-05" in repr(client)) == ("data_center" in options)
