"""What a client sent and read, held against a case: the one place where that is decided."""

from collections.abc import Iterator, Mapping, Sequence

from conformance.cases import Case, Json
from generator.document import is_list, is_mapping
from moengage_personalize.emulator import RecordedRequest

_LONGEST = 300


def problems(
    case: Case, requests: Sequence[RecordedRequest], outcome: Mapping[str, Json]
) -> list[str]:
    """What is wrong, in words; empty where the client passes.

    Args:
        case: What was wanted.
        requests: What arrived at the emulator.
        outcome: What the client read: `read` or `error`.
    """
    found = list(_request_problems(case, requests))
    if not is_same(case.outcome, outcome):
        found.append(difference(case.outcome, outcome))
    return found


def is_same(wanted: Json, found: Json) -> bool:
    """Whether two JSON values are equal: numbers by value, true and false no numbers."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if is_mapping(wanted) and is_mapping(found):
        return wanted.keys() == found.keys() and all(
            is_same(value, found[name]) for name, value in wanted.items()
        )
    if is_list(wanted) and is_list(found):
        return len(wanted) == len(found) and all(map(is_same, wanted, found))
    return bool(wanted == found)


def difference(wanted: Json, found: Json, place: str = "outcome") -> str:
    """Where two JSON values differ first, and how."""
    if is_mapping(wanted) and is_mapping(found):
        for name in [*wanted, *(name for name in found if name not in wanted)]:
            where = f"{place}.{name}"
            if name not in found:
                return f"{where} is missing"
            if name not in wanted:
                return f"{where} should not be there: {_shown(found[name])}"
            if not is_same(wanted[name], found[name]):
                return difference(wanted[name], found[name], where)
    if is_list(wanted) and is_list(found) and len(wanted) == len(found):
        for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
            if not is_same(one, other):
                return difference(one, other, f"{place}[{index}]")
    return f"{place} should be {_shown(wanted)}, is {_shown(found)}"


def _request_problems(case: Case, requests: Sequence[RecordedRequest]) -> Iterator[str]:
    if len(requests) != 1:
        yield f"{len(requests)} requests arrived instead of 1"
        return
    (request,) = requests
    wanted = case.request
    if (request.method, request.path) != (wanted["method"], wanted["path"]):
        yield f"request should be {wanted['method']} {wanted['path']}"
    if _query(request.query) != _query(wanted["query"]):
        yield f"query should be {wanted['query']!r}, is {request.query!r}"
    for name, value in wanted["headers"].items():
        if request.headers.get(name.lower()) != value:
            yield f"header {name} is missing or wrong"
    if "body" in wanted and not is_same(wanted["body"], request.json):
        yield difference(wanted["body"], request.json, "request body")
    elif "body" not in wanted and request.body:
        yield "a request without a body is wanted"


def _query(text: str) -> str:
    return text.replace("%2c", ",").replace("%2C", ",")


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
