"""What the tools' findings mean, in tables; no tool is run here."""

from typing import Any

import pytest

from api_changes import document_parts, document_rules
from api_changes.change import Change, Step, needed_step
from api_changes.oasdiff import Finding

INFORMS, WARNS, BREAKS = 1, 2, 3


def judged(*findings: Finding) -> list[Change]:
    return document_rules.changes(findings)


@pytest.mark.parametrize(
    ("check", "level", "step"),
    [
        ("request-property-removed", WARNS, Step.MAJOR),
        ("new-required-request-property", BREAKS, Step.MAJOR),
        ("new-optional-request-property", INFORMS, Step.MINOR),
        ("endpoint-added", INFORMS, Step.MINOR),
        ("a-check-of-tomorrow", INFORMS, Step.MINOR),
        ("a-check-of-tomorrow", WARNS, Step.MAJOR),
    ],
)
def test_without_a_correction_oasdiffs_word_holds(check: str, level: int, step: Step) -> None:
    """What it warns of breaks; what it mentions is an addition."""
    (change,) = judged(Finding(check, "text", level))
    assert change.step is step


@pytest.mark.parametrize(
    ("check", "level", "step"),
    [
        ("response-optional-property-removed", INFORMS, Step.MAJOR),
        ("response-required-property-became-write-only", INFORMS, Step.MAJOR),
        ("response-property-became-enum", INFORMS, Step.MAJOR),
        ("response-property-enum-value-removed", INFORMS, Step.MAJOR),
        ("response-property-became-required", INFORMS, Step.MAJOR),
        ("response-required-property-added", INFORMS, Step.MAJOR),
        ("response-write-only-property-became-required", INFORMS, Step.MINOR),
        ("response-success-status-added", INFORMS, Step.MAJOR),
        ("response-non-success-status-added", INFORMS, Step.MINOR),
        ("response-property-type-specialized", INFORMS, Step.MAJOR),
        ("request-parameter-type-generalized", INFORMS, Step.MAJOR),
        ("request-property-list-of-types-widened", INFORMS, Step.MAJOR),
        ("request-property-removed-with-deprecation", INFORMS, Step.MAJOR),
        ("api-path-removed-with-deprecation", INFORMS, Step.MAJOR),
        ("api-operation-id-removed", INFORMS, Step.MAJOR),
        ("api-tag-removed", INFORMS, Step.MAJOR),
        ("api-tag-added", INFORMS, Step.MINOR),
        ("api-schema-removed", INFORMS, Step.MAJOR),
        ("api-security-added", INFORMS, Step.MAJOR),
        ("api-global-security-scope-removed", INFORMS, Step.MAJOR),
        ("response-property-discriminator-removed", INFORMS, Step.MAJOR),
        ("response-property-min-unset", BREAKS, Step.MINOR),
        ("response-property-max-length-unset", BREAKS, Step.MINOR),
        ("response-property-pattern-removed", BREAKS, Step.MINOR),
        ("response-optional-write-only-property-removed", INFORMS, Step.MINOR),
        ("api-deprecated-sunset-missing", BREAKS, Step.MINOR),
    ],
)
def test_a_client_sees_some_findings_otherwise(check: str, level: int, step: Step) -> None:
    """Each correction says why."""
    (change,) = judged(Finding(check, "text", level))
    assert change.step is step
    assert change.why or step is Step.MINOR


def test_every_correction_says_why() -> None:
    """A rule without a reason cannot be judged by the next person."""
    assert all(correction.why for correction in document_rules.CORRECTIONS)


@pytest.mark.parametrize("check", ["api-version-not-bumped", "api-major-version-not-bumped"])
def test_the_version_is_no_change(check: str) -> None:
    """It is what the comparison decides."""
    assert judged(Finding(check, "text", BREAKS)) == []


def test_one_change_of_several_operations_and_statuses_is_one() -> None:
    """A shared answer is one place in the document."""
    findings = [
        Finding("x", f"removed `code` from the response with the `{status}` status", 3, operation)
        for status in ("400", "401")
        for operation in ("fetchExperiences", "listExperienceMetadata")
    ]
    (change,) = judged(*findings)
    assert change.what == "removed `code` from the response"
    assert change.where == "fetchExperiences, listExperienceMetadata"
    assert change.names == ("code", "fetchExperiences", "listExperienceMetadata")


@pytest.mark.parametrize(
    ("text", "affected"),
    [
        ("`format` changed from `int32` to `int64`", "other languages"),
        ("`type/format` changed from `integer/int32` to `string`", "callers, other languages"),
        ("removed `code`", "callers, other languages"),
    ],
)
def test_the_width_of_an_integer_is_nothing_to_python(text: str, affected: str) -> None:
    """Other languages have a type for each."""
    (change,) = judged(Finding("response-property-type-changed", f"the property {text}", BREAKS))
    assert change.affected == affected


def parameter(**more: Any) -> dict[str, Any]:
    return {"paths": {"/x": {"get": {"parameters": [{"name": "a", "in": "query", **more}]}}}}


def tagged(*tags: str) -> dict[str, Any]:
    return {"paths": {"/x": {"get": {"tags": [*tags]}}}}


def schema(**more: Any) -> dict[str, Any]:
    return {"components": {"schemas": {"Thing": {"type": "object", **more}}}}


def server(**more: Any) -> dict[str, Any]:
    return {"servers": [{"url": "https://{dc}", "variables": {"dc": {"enum": ["1"], **more}}}]}


@pytest.mark.parametrize(
    ("base", "revision", "step", "affected"),
    [
        (parameter(), parameter(explode=False), Step.MAJOR, "callers, other languages"),
        (parameter(), parameter(style="deepObject"), Step.MAJOR, "callers, other languages"),
        (parameter(), parameter(allowReserved=True), Step.MAJOR, "callers, other languages"),
        (parameter(), parameter(description="x"), Step.PATCH, "nobody"),
        (parameter(), parameter(example="x"), Step.PATCH, "nobody"),
        (parameter(), parameter(**{"x-note": 1}), Step.MAJOR, "callers, other languages"),
        (schema(), schema(title="Other"), Step.MAJOR, "callers, other languages"),
        ({"info": {"title": "A"}}, {"info": {"title": "B"}}, Step.PATCH, "nobody"),
        (tagged("A", "B"), tagged("B", "A"), Step.MAJOR, "callers, other languages"),
        (tagged("A"), tagged("B", "A"), Step.MAJOR, "callers, other languages"),
        (
            schema(properties={"a": {}}),
            schema(properties={"a": {"deprecated": True}}),
            Step.MINOR,
            "callers, other languages",
        ),
        (parameter(), parameter(novelty=1), Step.MAJOR, "callers, other languages"),
        (
            schema(additionalProperties=True),
            schema(additionalProperties=False),
            Step.MAJOR,
            "callers, other languages",
        ),
        (
            schema(additionalProperties=False),
            schema(additionalProperties=True),
            Step.MINOR,
            "callers, other languages",
        ),
        (schema(additionalProperties=True), schema(additionalProperties={}), Step.PATCH, "nobody"),
        (
            schema(additionalProperties={}),
            schema(additionalProperties={"type": "string"}),
            Step.MAJOR,
            "callers, other languages",
        ),
        ({"components": {"schemas": {}}}, schema(), Step.MINOR, "callers, other languages"),
        (server(), server(enum=["1", "2"]), Step.MINOR, "other languages"),
        (server(), server(enum=["2"]), Step.MAJOR, "callers, other languages"),
        (server(), server(default="1"), Step.MAJOR, "callers, other languages"),
        (server(), server(description="x"), Step.PATCH, "nobody"),
        ({"openapi": "3.0.3"}, {"openapi": "3.1.0"}, Step.MAJOR, "callers, other languages"),
        (
            {"tags": [{"name": "A", "description": "x"}]},
            {"tags": [{"name": "A"}]},
            Step.PATCH,
            "nobody",
        ),
        (
            {"components": {"headers": {}}},
            {"components": {"headers": {"A": {}}}},
            Step.PATCH,
            "nobody",
        ),
        ({"callbacks": {}}, {"callbacks": {"a": 1}}, Step.MAJOR, "callers, other languages"),
    ],
)
def test_what_oasdiff_is_silent_about_is_judged_here(
    base: dict[str, Any], revision: dict[str, Any], step: Step, affected: str
) -> None:
    """Wording, hosts, the way of parameters, closed objects; the unknown breaks."""
    (change,) = document_parts.changes(base, revision, ())
    assert (change.step, change.affected) == (step, affected)


def test_a_flip_is_seen_beside_a_new_parameter() -> None:
    """Parameters are compared by name, not by position."""
    base = parameter()
    revision = parameter(explode=False)
    revision["paths"]["/x"]["get"]["parameters"].insert(0, {"name": "new", "in": "query"})
    changes = document_parts.changes(base, revision, judged(Finding("x", "new", INFORMS)))
    assert needed_step(changes) is Step.MAJOR


def test_a_field_named_description_is_no_wording() -> None:
    """`properties` holds names of fields, not keywords."""
    told = judged(Finding("x", "y", INFORMS))
    base = schema(properties={"description": {"type": "string"}})
    revision = schema(properties={"description": {"type": "integer"}})
    assert document_parts.changes(base, revision, told) == []


def test_equal_names_hide_nothing() -> None:
    """Two parameters of one name, in query and header, are two."""
    base = parameter()
    base["paths"]["/x"]["get"]["parameters"].append({"name": "a", "in": "header"})
    revision = parameter(explode=False)
    revision["paths"]["/x"]["get"]["parameters"].append({"name": "a", "in": "header"})
    (change,) = document_parts.changes(base, revision, ())
    assert change.rule == "travel"


def test_what_is_left_to_oasdiff_must_be_told_by_it() -> None:
    """Where it says nothing, as of a schema that nothing uses, caution wins."""
    base, revision = schema(minProperties=1), schema(minProperties=2)
    assert document_parts.changes(base, revision, judged(Finding("x", "y", INFORMS))) == []
    (change,) = document_parts.changes(base, revision, ())
    assert change.rule == "unknown"


@pytest.mark.parametrize("keyword", ["required", "enum"])
def test_the_order_of_a_set_means_nothing(keyword: str) -> None:
    """Nor does that of an object's keys."""
    base, revision = schema(**{keyword: ["a", "b"]}), schema(**{keyword: ["b", "a"]})
    assert document_parts.changes(base, revision, ()) == []


def test_the_version_alone_is_no_change() -> None:
    """A release raises it."""
    base, revision = {"info": {"version": "1.0.0"}}, {"info": {"version": "2.0.0"}}
    assert document_parts.changes(base, revision, ()) == []
