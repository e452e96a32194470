"""Which host a workspace lives on."""

from __future__ import annotations

import pytest

from moengage_personalize import DataCenter, InvalidArgumentError, PersonalizeClient
from moengage_personalize.data_centers import resolve_base_url


@pytest.mark.parametrize(
    "spelling",
    [
        "03",
        "3",
        3,
        "DC-03",
        "dc03",
        "DC_03",
        "dc 3",
        DataCenter.DC_03,
        "https://dashboard-03.moengage.com",
        "https://dashboard-03.moengage.com/v4/#/campaigns?x=1",
        "dashboard-03.moengage.com",
        "https://sdk-03.moengage.com/v1",
        " 03 ",
    ],
)
def test_every_accepted_spelling_means_the_same_host(spelling: DataCenter | str | int) -> None:
    """A customer may write the data center as the dashboard or the guide does."""
    assert resolve_base_url(spelling, None) == "https://sdk-03.moengage.com/v1"


def test_each_data_center_has_the_documented_host() -> None:
    """The hosts are those of the vendor's data-center page."""
    assert [data_center.base_url for data_center in DataCenter] == [
        f"https://sdk-{number}.moengage.com/v1"
        for number in ("01", "02", "03", "04", "05", "06", "101")
    ]


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "7",
        99,
        True,
        0,
        -3,
        3.0,
        None,
        "Mumbai",
        "https://api-03.moengage.com",
        "https://dashboard-03.moengage.com.example.org",
        "https://example.org/dashboard-03.moengage.com",
        "https://[",
        "٠٣",
    ],
)
def test_an_unknown_spelling_is_refused_with_the_accepted_ones(spelling: object) -> None:
    """Nothing is guessed, and the error lists what would be right."""
    with pytest.raises(InvalidArgumentError, match=r"^data_center: .*01, 02, 03, 04, 05, 06, 101"):
        resolve_base_url(spelling, None)  # type: ignore[arg-type]  # the point of the test


def test_an_api_key_in_its_place_is_not_repeated() -> None:
    """Two arguments that were swapped."""
    with pytest.raises(InvalidArgumentError) as caught:
        PersonalizeClient("W", "03", data_center="s3cret7key")
    assert "s3cret" not in str(caught.value)


def test_two_sources_for_a_host_are_refused() -> None:
    """A data center and a base URL would contradict each other sooner or later."""
    with pytest.raises(InvalidArgumentError, match="not both") as caught:
        PersonalizeClient("W", "K", data_center="03", base_url="https://sdk-03.moengage.com/v1")
    assert caught.value.field == "data_center, base_url"


@pytest.mark.parametrize(
    ("base_url", "problem"),
    [
        ("http://sdk-03.moengage.com/v1", "must be https"),
        ("http://10.0.0.5:8080/v1", "must be https"),
        ("http://localhost.example.org/v1", "must be https"),
        ("ftp://127.0.0.1/v1", "absolute https"),
        ("sdk-03.moengage.com/v1", "absolute https"),
        ("https:///v1", "absolute https"),
        ("https://user:secret@sdk-03.moengage.com/v1", "must not contain credentials"),
        ("https://sdk-03.moengage.com/v1?x=1", "query"),
        ("https://sdk-03.moengage.com/v1#x", "fragment"),
        ("https://sdk-03.moengage.com:port/v1", "not a valid address"),
        ("", "absolute https"),
        (5, "must be a string"),
    ],
)
def test_an_unsafe_or_malformed_base_url_is_refused(base_url: object, problem: str) -> None:
    """Credentials never travel in the clear, and the error does not repeat them."""
    with pytest.raises(InvalidArgumentError, match=problem) as caught:
        resolve_base_url(None, base_url)  # type: ignore[arg-type]  # the point of the test
    assert caught.value.field == "base_url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:8080/v1",
        "http://localhost:8080/v1",
        "http://[::1]:8080/v1",
        "https://sdk-07.moengage.com/v1",
    ],
)
def test_loopback_may_be_http_and_any_https_host_is_accepted(base_url: str) -> None:
    """The emulator, and a data center newer than the package."""
    assert resolve_base_url(None, base_url + "/") == base_url
