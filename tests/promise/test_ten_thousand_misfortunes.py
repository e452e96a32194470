"""The promise again, ten thousand times."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from promise.misfortune import Server
from promise.test_pages_never_break import drive
from support import Driver, Handler, ScriptedServer

pytestmark = pytest.mark.workshop


@pytest.mark.parametrize("start", range(20))
def test_no_misfortune_of_ten_thousand_breaks_a_page(
    call: Driver, serve: Callable[[Handler], ScriptedServer], start: int
) -> None:
    """Twenty seeds of a hundred cases on each of the five ways to send."""
    drive(call.kind, Server(serve), start=start, count=100)
