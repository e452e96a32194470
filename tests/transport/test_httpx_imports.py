"""The modules that a move to another httpx would have to look at."""

import ast
from collections.abc import Iterator
from pathlib import Path

import moengage_personalize

PACKAGE = Path(moengage_personalize.__file__).parent

USERS = {
    # These meet the httpx of the generated code, or of the caller, and move with it.
    "transport/httpx_adapter.py": "makes httpx's requests ours, and our responses httpx's",
    "client/generated_client.py": "gives the generated client its httpx transport and Timeout",
    "transport/backends/custom_httpx.py": "sends with the caller's httpx client or transport",
    "transport/backends/mocked_httpx.py": "sends with the httpx that the caller's tests mock",
    "client/sync_client.py": "its public annotations, which typing.get_type_hints is to resolve",
    "client/async_client.py": "the same; generated from the sync client",
    # These use httpx as a library, and no object of theirs reaches the generated code.
    "data_centers.py": "httpx.URL says which addresses can be sent to",
    "transport/backends/httpcore_common.py": "httpx.URL encodes a host and drops a default port",
    "transport/backends/environment.py": "httpx's trust settings, limits, and parsing of proxies",
}


def imported_at_run_time(node: ast.AST) -> Iterator[str]:
    """The packages that a module imports, wherever in it, but for annotations alone."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                for one in child.orelse:
                    yield from imported_at_run_time(one)
            case ast.Import():
                yield from (alias.name.partition(".")[0] for alias in child.names)
            case ast.ImportFrom(level=0, module=str(name)):
                yield name.partition(".")[0]
            case _:
                yield from imported_at_run_time(child)


def test_only_named_modules_import_httpx_at_run_time() -> None:
    """Another one, or one less, is written down here with its reason."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "httpx" in imported_at_run_time(ast.parse(path.read_bytes()))
    }
    assert found == set(USERS)
