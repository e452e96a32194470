"""Our own client passes the cases that every language's generated client is held to."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

import own_client
from conformance.cases import Case, load
from conformance.judging import problems
from moengage_personalize.emulator import Emulator, Fault
from support import Driver

CASES = load()


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest, emulator: Emulator) -> Case:
    """Each case in turn, with its answer ready."""
    chosen: Case = request.param
    answer = chosen.answer
    fault = Fault.answer(answer.body, status=answer.status, media_type=answer.media_type)
    emulator.fail(chosen.operation, fault)
    return chosen


def test_the_methods_pass(
    case: Case, emulator: Emulator, call: Driver, client_options: dict[str, Any]
) -> None:
    """`fetch`, `metadata` and `report`, blocking and awaited."""
    bound = partial(call, emulator.base_url, **client_options)
    outcome = own_client.of_methods(bound, case)
    assert problems(own_client.as_methods_tell(case), emulator.requests, outcome) == []


def test_the_generated_functions_pass(
    case: Case, emulator: Emulator, call: Driver, client_options: dict[str, Any]
) -> None:
    """The functions of the generated package through `client.api`, blocking and awaited."""
    credentials = (emulator.workspace_id, emulator.api_key)
    outcome = own_client.of_generated_functions(
        call.kind, case, *credentials, base_url=emulator.base_url, **client_options
    )
    assert problems(case, emulator.requests, outcome) == []
