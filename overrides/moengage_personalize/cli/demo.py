"""`demo`: a visit from the fetch to the click, against an emulator in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer
from rich.padding import Padding
from rich.syntax import Syntax

from moengage_personalize import PersonalizeClient, Receipt

from .errors import extra_needed, reported
from .exit_codes import ExitCode
from .fetch import show_experiences
from .metadata import show_metadata
from .output import Output, table
from .report import show_receipt

if TYPE_CHECKING:
    from moengage_personalize.emulator import Emulator

__all__ = ["demo"]

_KEYS: Final = ("homepage-banner", "promo-strip")
_CUSTOMER: Final = "user_8821"
_ELEMENT: Final = "Add to Cart"
_CONVERSATION: Final = (
    "fetchExperiences",
    "reportExperienceEvents",
    "reportExperienceEvents",
    "listExperienceMetadata",
)


def demo() -> None:
    """Show a visit from the fetch to the click, over real HTTP, against a local emulator.

    It needs the extra emulator. It needs no account and no internet. The exit code is 0 only if the
    emulator received all that was sent.
    """
    output = Output()
    with reported(output):
        with extra_needed():
            # Importing a server takes time, and the other commands need none.
            from moengage_personalize.emulator import Emulator  # noqa: PLC0415

        with Emulator() as emulator:
            complete = _visit(output, emulator)
        if not complete:
            output.say("Error: the emulator did not receive all that was sent.")
            raise typer.Exit(ExitCode.NOT_FOUND)


def _visit(output: Output, emulator: Emulator) -> bool:
    """Make the calls, explain them, and return whether the emulator received them."""
    output.show(
        "An emulator of MoEngage's Personalize API now listens on this machine. If you have an "
        "account, use your own credentials and data_center= here:",
        _python(
            "from moengage_personalize import PersonalizeClient\n\n"
            f"client = PersonalizeClient({emulator.workspace_id!r}, {emulator.api_key!r},\n"
            f"                           base_url={emulator.base_url!r})"
        ),
    )
    with PersonalizeClient(
        emulator.workspace_id, emulator.api_key, base_url=emulator.base_url
    ) as client:
        output.show(
            "1. A customer opens the home page. Fetch the content for her, by experience key:",
            _python(
                f"experiences = client.fetch({', '.join(map(repr, _KEYS))},\n"
                f"                           visitor={_CUSTOMER!r})\n"
                f"banner = experiences[{_KEYS[0]!r}]\n"
                "banner['Title']"
            ),
        )
        experiences = client.fetch(*_KEYS, visitor=_CUSTOMER)
        show_experiences(output, experiences)
        banner = experiences[_KEYS[0]]

        output.show(
            "2. The page shows the banner. Report it, so that the dashboard counts it:",
            _python(f"client.shown(banner, visitor={_CUSTOMER!r})"),
        )
        shown = client.shown(banner, visitor=_CUSTOMER)
        show_receipt(output, shown)

        output.show(
            "",
            "3. She clicks the button in it. Report that too:",
            _python(f"client.clicked(banner, visitor={_CUSTOMER!r}, element={_ELEMENT!r})"),
        )
        clicked = client.clicked(banner, visitor=_CUSTOMER, element=_ELEMENT)
        show_receipt(output, clicked)

        output.show(
            "",
            "4. List the experiences of the workspace. Do this once, at start-up:",
            _python("client.metadata()"),
        )
        show_metadata(output, client.metadata())

    output.show("5. The events that the emulator received, as the dashboard would count them:")
    _show_events(output, emulator)
    return _received(emulator, shown, clicked)


def _show_events(output: Output, emulator: Emulator) -> None:
    output.show(
        table(
            ("Event", "Customer", "Experience", "Element", "Platform"),
            [
                (
                    event.action,
                    event.customer_id,
                    event.attributes.get("experience", ""),
                    event.attributes.get("b_id", ""),
                    event.platform,
                )
                for event in emulator.events
            ],
        )
    )


def _received(emulator: Emulator, *receipts: Receipt) -> bool:
    """Return whether the emulator received what the client sent."""
    conversation = tuple(request.operation for request in emulator.requests)
    actions = [(event.action, event.attributes.get("b_id")) for event in emulator.events]
    return (
        conversation == _CONVERSATION
        and all(receipt.accepted == 1 for receipt in receipts)
        and actions
        == [
            ("MOE_PERSONALIZATION_MESSAGE_SHOWN", None),
            ("MOE_PERSONALIZATION_MESSAGE_CLICKED", _ELEMENT),
        ]
    )


def _python(code: str) -> Padding:
    return Padding(Syntax(code, "python", theme="ansi_dark", background_color="default"), (1, 4))
