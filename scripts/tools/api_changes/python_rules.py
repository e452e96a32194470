"""What a difference between two Python faces means for callers. No I/O here.

griffe names what breaks; additions and types, of which it does not tell, are compared here. The
types in the generated package are left to the document's rules, which know whether a model is sent
or received.
"""

from collections.abc import Iterator

import griffe

from api_changes.change import CALLERS, Change, Step
from api_changes.python_face import GENERATED, Face, Record, to_griffe

_DEFAULT = griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT


def changes(base: Face, revision: Face) -> list[Change]:
    """Every change of what callers can import, call and read."""
    found = [*_breakages(base, revision), *_additions(base, revision)]
    for path in sorted(base.keys() & revision.keys()):
        if not path.startswith(GENERATED):
            found += _types(path, base[path], revision[path])
    return found


def _breakages(base: Face, revision: Face) -> Iterator[Change]:
    for breakage in griffe.find_breaking_changes(to_griffe(base), to_griffe(revision)):
        path = breakage.obj.path.removeprefix("face.")
        what = breakage.kind.value[0].lower() + breakage.kind.value[1:]
        name = getattr(breakage.old_value or breakage.new_value, "name", path.rpartition(".")[2])
        if breakage.kind is _DEFAULT:
            yield _change(f"{what}: `{name}`", path, Step.MINOR, what, "calls still work", name)
        else:
            yield _change(f"{what}: `{name}`", path, Step.MAJOR, what, "", name)


def _additions(base: Face, revision: Face) -> Iterator[Change]:
    for path in sorted(revision.keys() - base.keys()):
        parent, _, name = path.rpartition(".")
        if parent in revision.keys() - base.keys():
            continue  # comes with its parent
        record = revision.get(parent, {})
        if record.get("is_record") and revision[path].get("required"):
            why = "the constructor wants it"
            yield _change(f"added the field `{name}`", path, Step.MAJOR, "field-added", why, name)
        else:
            yield _change(f"added `{name}`", path, Step.MINOR, "name-added", "", name)
    for path in sorted(base.keys() & revision.keys()):
        known = {stated["name"] for stated in base[path].get("parameters", ())}
        for stated in revision[path].get("parameters", ()):
            if stated["name"] not in known and _is_optional(stated):
                name = stated["name"]
                what = f"added the optional parameter `{name}`"
                yield _change(what, path, Step.MINOR, "parameter-added", "", name)


def _is_optional(parameter: Record) -> bool:
    return "default" in parameter or parameter["kind"].startswith("variadic")


def _types(path: str, old: Record, new: Record) -> Iterator[Change]:
    name = path.rpartition(".")[2]
    before = {stated["name"]: stated.get("annotation", "") for stated in old.get("parameters", ())}
    for stated in new.get("parameters", ()):
        was, is_now = before.get(stated["name"]), stated.get("annotation", "")
        if was is not None and was != is_now:
            step = Step.MINOR if _alternatives(was) <= _alternatives(is_now) else Step.MAJOR
            what = f"the parameter `{stated['name']}` takes `{is_now}`, not `{was}`"
            yield _change(what, path, step, "parameter-type", "", stated["name"])
    for kind in ("returns", "annotation"):
        was, is_now = old.get(kind), new.get(kind)
        if was and is_now and was != is_now:
            step = Step.MINOR if _alternatives(is_now) <= _alternatives(was) else Step.MAJOR
            what = f"`{name}` is `{is_now}`, not `{was}`"
            yield _change(what, path, step, "type", "", name)


def _alternatives(annotation: str) -> frozenset[str]:
    """The members of a union; a type that is none is the only member."""
    parts, depth, part = set[str](), 0, ""
    for character in annotation + "|":
        depth += (character in "[(") - (character in "])")
        if character == "|" and not depth:
            parts.add(part.strip())
            part = ""
        else:
            part += character
    return frozenset(parts)


def _change(what: str, path: str, step: Step, rule: str, why: str, name: str) -> Change:  # noqa: PLR0913, PLR0917 - the fields of a change
    names = (name, *reversed(path.split(".")))
    return Change(what, path, step, CALLERS, f"python-{rule.replace(' ', '-')}", why, names)
