"""The document and the installed package are one release."""

from importlib import metadata, resources

from generator.document import Document


def test_the_package_has_the_documents_version(document: Document) -> None:
    """One number: `info.version`."""
    assert document.version == metadata.version("moengage-personalize")


def test_the_document_comes_with_the_package(document: Document) -> None:
    """importlib.resources finds it, byte for byte."""
    resource = resources.files("moengage_personalize") / "openapi" / "moengage-personalize.yaml"
    assert resource.read_bytes() == document.content
