# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
"""Contains some shared types for properties"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from http import HTTPStatus
from typing import IO, Any, BinaryIO, Generic, Literal, TypeVar

from attrs import define


class Unset:
    def __bool__(self) -> Literal[False]:
        return False


UNSET: Unset = Unset()

# The types that `httpx.Client(files=)` can accept, copied from that library.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, file (or bytes), content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, file (or bytes), content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


@define
class File:
    """Contains information for file uploads"""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return a tuple representation that httpx will accept for multipart/form-data"""
        return self.file_name, self.payload, self.mime_type


T = TypeVar("T")


class Models(MutableMapping[str, T]):
    """Models by name, each of which is made of its JSON object with its first use"""

    def __init__(self, objects: dict[str, Any], make: Callable[[Any], T]) -> None:
        self.objects = objects
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._made:
            self._made.setdefault(name, self._make(self.objects[name]))  # threads get one
        return self._made[name]

    def __setitem__(self, name: str, model: T) -> None:
        self.objects.setdefault(name, None)
        self._made[name] = model

    def __delitem__(self, name: str) -> None:
        del self.objects[name]
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.objects)

    def __len__(self) -> int:
        return len(self.objects)

    def __contains__(self, name: object) -> bool:
        return name in self.objects

    def __repr__(self) -> str:
        return repr(dict(self))


@define
class Response(Generic[T]):
    """A response from an endpoint"""

    status_code: HTTPStatus
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


__all__ = ["UNSET", "File", "FileTypes", "Models", "RequestFiles", "Response", "Unset"]
