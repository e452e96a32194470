"""Settings of Sphinx; `scripts/docs` builds the site with them."""

from moengage_personalize.version import package_version

project = "moengage-personalize"
author = "the maintainers of moengage-personalize"
copyright = author  # noqa: A001  (Sphinx calls it so)
release = version = package_version()

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "docs_site.extension"]
exclude_patterns = ["Thumbs.db", ".DS_Store"]
nitpicky = True
nitpick_ignore_regex = [
    # Names of other projects and of generated code, which this site does not document.
    (r"py:.*", r"(httpx|moengage_personalize_api|starlette|pytest|redis)\b.*"),
    (r"py:.*", r"(collections|datetime|enum|os|pathlib|sqlite3|types|typing|uuid)\b.*"),
    # Private types in public signatures are shown, without a link.
    (r"py:.*", r"moengage_personalize(\.\w+){2,}"),
    # A type variable, in the constructor that `Experiences` inherits.
    (r"py:class", r"T"),
]
smartquotes = False

myst_heading_anchors = 3
myst_enable_extensions = ["attrs_inline"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"moengage-personalize {release}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses for files
html_static_path = ["_static"]
html_css_files = ["site.css"]
