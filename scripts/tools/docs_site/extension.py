"""What docs/conf.py adds to Sphinx: command line, operations, and Markdown in docstrings."""

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyClasslike
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from generator.generation import DOCUMENT

from . import command_line, operations
from .building import DOCUMENT_VARIABLE
from .public_names import PACKAGES, homes

__all__ = ["setup"]

_BEFORE_NAPOLEON: Final = 400
_OUTSIDE: Final = "../"
_CODE: Final = re.compile(r"(?<![`:\\])`([^`]+)`(?!`)")
_A_NAME: Final = re.compile(r"[^\W\d]\w*(\.\w+)*")
_CHANGELOG: Final = "../CHANGELOG.md"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add it to Sphinx, which calls this."""
    app.add_directive("command-line", _CommandLine)
    app.add_directive("api-operations", _Operations)
    app.add_transform(_LinksToTheCheckout)
    for field in PyClasslike.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as docstrings call them
    app.connect("builder-inited", _forget_overloads)
    app.connect("autodoc-process-signature", _without_signature)
    app.connect("autodoc-process-docstring", _to_rst, priority=_BEFORE_NAPOLEON)
    app.connect("missing-reference", _by_public_name)
    return {"parallel_read_safe": True}


class _CommandLine(SphinxDirective):
    """The sections of all commands."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(command_line.markdown(), allow_section_headings=True)


class _Operations(SphinxDirective):
    """The sections of all operations."""

    def run(self) -> list[nodes.Node]:
        document = Path(os.environ.get(DOCUMENT_VARIABLE, DOCUMENT))
        return self.parse_text_to_nodes(operations.markdown(document), allow_section_headings=True)


class _LinksToTheCheckout(SphinxTransform):
    """Make plain text of a link to a file of the checkout, which is not on the site."""

    default_priority = 1  # before Sphinx would copy such a file

    def apply(self, **_: Any) -> None:  # noqa: ANN401  (of docutils)
        for kind in (pending_xref, download_reference):
            for link in list(self.document.findall(kind)):
                target = str(link.get("reftarget", ""))
                if target == _CHANGELOG:
                    link["reftarget"], link["reftargetid"] = "changelog", None
                elif target.startswith(_OUTSIDE):
                    link.replace_self(link.children)


def _without_signature(
    _app: Sphinx, kind: str, _name: str, _it: object, _options: object, signature: str, *_: object
) -> tuple[str, str] | None:
    """Leave out how an error is made: programs catch them."""
    return ("", "") if kind == "exception" and signature else None


def _forget_overloads(_app: Sphinx) -> None:
    """Show one signature of each function, the implementation's: it has all that overloads have."""
    for package in PACKAGES:
        for name in import_module(package).__all__:
            analyzer = ModuleAnalyzer.for_module(getattr(import_module(package), name).__module__)
            analyzer.analyze()
            analyzer.overloads.clear()  # Sphinx keeps an analyzer for each module


def _to_rst(
    _app: Sphinx, _kind: str, _name: str, _it: object, _options: object, lines: list[str]
) -> None:
    """Turn a docstring's code, which is Markdown, into reStructuredText."""
    text = re.sub(r"^(Cause|Remedy):", r"\n**\1:**", "\n".join(lines), flags=re.MULTILINE)
    parts = re.split(r"^( *)```(\w+)\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    prose, blocks = parts[::4], zip(parts[1::4], parts[2::4], parts[3::4], strict=True)
    written = [_CODE.sub(_code, prose[0])]
    for (margin, language, code), after in zip(blocks, prose[1:], strict=True):
        indented = "".join(f"    {line}" for line in code.splitlines(keepends=True))
        written += [f"{margin}.. code-block:: {language}\n\n{indented}", _CODE.sub(_code, after)]
    lines[:] = "".join(written).split("\n")


def _code(found: re.Match[str]) -> str:
    text = " ".join(found[1].split())
    return f":py:obj:`{text}`" if _A_NAME.fullmatch(text) else f"``{text}``"


def _by_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Resolve a name that stands where it is defined, as users import it from elsewhere."""
    if node.get("refdomain") != "py":
        return None
    public = homes().get(node["reftarget"])
    if public is not None:
        domain = env.domains["py"]
        return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", public, node, content)
    # In docstrings, backticks hold any code; what is no documented name stays as it is.
    return content if node["reftype"] == "obj" else None
