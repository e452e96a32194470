"""`demo`: a whole visit, from the fetch to the click, against an emulator in this process."""

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
    """Show a whole visit, over real HTTP, against the API emulated in this process.

    It needs the extra emulator, and neither an account nor the internet. The exit code is 0 only
    where all that was sent was received.
    """
    output = Output()
    with reported(output):
        with extra_needed():
            # Servers take time to import, and the other commands need none.
            from moengage_personalize.emulator import Emulator  # noqa: PLC0415

        with Emulator() as emulator:
            complete = _visit(output, emulator)
        if not complete:
            output.say("Error: the emulator did not receive all that was sent.")
            raise typer.Exit(ExitCode.NOT_FOUND)


def _visit(output: Output, emulator: Emulator) -> bool:
    """Make the calls, tell about them, and say whether the emulator received them."""
    output.show(
        "An emulator of MoEngage's Personalize API now listens on this machine. With an account, "
        "your own credentials and data_center= stand here instead:",
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
            "1. A customer opens the home page. Which content is hers? A fetch asks for experiences"
            " by key:",
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
            "2. The page shows the banner. The dashboard counts that only when it is told:",
            _python(f"client.shown(banner, visitor={_CUSTOMER!r})"),
        )
        shown = client.shown(banner, visitor=_CUSTOMER)
        show_receipt(output, shown)

        output.show(
            "",
            "3. She clicks in it. The element says where:",
            _python(f"client.clicked(banner, visitor={_CUSTOMER!r}, element={_ELEMENT!r})"),
        )
        clicked = client.clicked(banner, visitor=_CUSTOMER, element=_ELEMENT)
        show_receipt(output, clicked)

        output.show(
            "",
            "4. Which experiences does the workspace have? Ask at start-up, and keep the answer:",
            _python("client.metadata()"),
        )
        show_metadata(output, client.metadata())

    output.show("5. What the emulator received, as the dashboard would count it:")
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
    """Whether the emulator tells the same story as the client."""
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
