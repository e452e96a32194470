import pytest

from moengage_personalize.emulator.experiences.visitor import Visitor, device_type


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("", None),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36",
            "desktop",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox", "desktop"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1", "desktop"),
        ("curl/8.9.1", "desktop"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148", "mobile"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/139.0 Mobile Safari/537.36", "mobile"),
        ("Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) Mobile/15E148 Safari", "tablet"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/139.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0) Version/6.0 TV Safari/537.36", "tv"),
        ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/120.0", "tv"),
        ("Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH21) Chrome/139.0", "tv"),
        ("Mozilla/5.0 (Linux; Android 9; AFTKA) AppleWebKit/537.36 Silk/130.4", "tv"),
        ("Roku/DVP-14.5 (14.5.4.5934-46)", "tv"),
    ],
)
def test_device_type_follows_from_the_user_agent(user_agent: str, device: str | None) -> None:
    """A browser's own words tell which kind of device it runs on."""
    assert device_type(user_agent) == device


@pytest.mark.parametrize(
    ("body", "other"),
    [
        (
            {"identifiers": {"customer_id": "a"}, "USER_AGENT": "x"},
            {"identifiers": {"customer_id": "a", "user_identifiers": {"u_em": "b"}}},
        ),
        (
            {"identifiers": {"user_identifiers": {"u_em": "b", "u_mb": "c"}}},
            {"identifiers": {"user_identifiers": {"u_mb": "c", "u_em": "b"}}, "USER_AGENT": "x"},
        ),
        (
            {"USER_IP_ADDRESS": "203.0.113.7", "USER_AGENT": "x", "utm_medium": "email"},
            {"USER_IP_ADDRESS": "203.0.113.7", "USER_AGENT": "x"},
        ),
    ],
)
def test_visitor_is_recognized(body: dict[str, object], other: dict[str, object]) -> None:
    """The best that two requests tell of a visitor is what a variation is chosen by."""
    assert Visitor.from_body(body).stable_name == Visitor.from_body(other).stable_name
