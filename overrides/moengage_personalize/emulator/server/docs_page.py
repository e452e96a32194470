"""The reference page of an OpenAPI document: one HTML file that loads nothing else.

Swagger UI draws it. Its files come with the package `flask-swagger-ui`, which has a recent copy.
They are read from that package's folder, and Flask is never imported.
"""

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

_KEEPER: Final = "flask-swagger-ui"
_FILES: Final = "flask_swagger_ui/dist"

# The browser enforces that the page uses only its own address and its own code.
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)

# Swagger UI's tables are wider than a phone, so their cells are stacked there. The column of links
# is always hidden, because the API has none.
_NARROW: Final = """
.swagger-ui .response-col_links { display: none !important }
@media (max-width: 640px) {
  .swagger-ui .wrapper, .swagger-ui .responses-inner { padding-left: 10px; padding-right: 10px }
  .swagger-ui :is(.responses-table, .parameters, .headers),
  .swagger-ui :is(.responses-table, .parameters, .headers) :is(tbody, tr, td) {
    display: block; width: auto; min-width: 0; max-width: 100%
  }
  .swagger-ui .curl-command code { white-space: pre-wrap !important; overflow-wrap: anywhere }
  .swagger-ui :is(.responses-table, .parameters, .headers) thead { display: none }
  .swagger-ui .response-col_status { font-weight: bold }
  .swagger-ui .response-controls { flex-direction: column; gap: 10px }
  .swagger-ui :is(.response-controls, .opblock-section-header) select { max-width: 100% }
  .swagger-ui .opblock .opblock-section-header, .swagger-ui .opblock-tag { flex-wrap: wrap }
  .swagger-ui .opblock-tag > small { flex-basis: 100%; order: 1; padding: 0 }
  .swagger-ui a { overflow-wrap: anywhere }
}
"""

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="reference"></div>
<script type="application/json" id="settings">{settings}</script>
<script>{script}</script>
<script>
"use strict";
const settings = JSON.parse(document.getElementById("settings").textContent);
const page = SwaggerUIBundle({{
  ...settings.options,
  spec: settings.document,
  dom_id: "#reference",
  onComplete: () => {{
    for (const [scheme, [name, password]] of Object.entries(settings.basic)) {{
      page.preauthorizeBasic(scheme, name, password);
    }}
    for (const [scheme, key] of Object.entries(settings.keys)) {{
      page.preauthorizeApiKey(scheme, key);
    }}
    document.documentElement.dataset.state = "drawn";
  }},
}});
</script>
</body>
</html>
"""


class AssetsMissingError(Exception):
    """Swagger UI's files are not installed."""


def page(document: Mapping[str, Any]) -> str:
    """Return the page for reading: the document as it is, without sending.

    Raises:
        AssetsMissingError: Swagger UI's files are not installed.
    """
    return _page(document, methods=[], basic={}, keys={})


def page_to_try(
    document: Mapping[str, Any], base_path: str, credentials: tuple[str, str] | None
) -> str:
    """Return the page that can send every operation to the server that serves it.

    Args:
        document: The OpenAPI document.
        base_path: The path of the API on this server, such as `/v1`.
        credentials: The workspace ID and key to fill in; None for none.

    Raises:
        AssetsMissingError: Swagger UI's files are not installed.
    """
    here = {**document, "servers": [{"url": base_path, "description": "The server of this page."}]}
    basic: dict[str, tuple[str, str]] = {}
    keys: dict[str, str] = {}
    for name, scheme in document["components"]["securitySchemes"].items():
        if credentials is not None and scheme["type"] == "http":
            basic[name] = credentials
        elif credentials is not None:
            keys[name] = credentials[0]
    return _page(here, methods=["get", "post", "put", "patch", "delete"], basic=basic, keys=keys)


def _page(
    document: Mapping[str, Any],
    *,
    methods: list[str],
    basic: Mapping[str, tuple[str, str]],
    keys: Mapping[str, str],
) -> str:
    settings = {
        "document": document,
        "options": {
            "deepLinking": True,
            "docExpansion": "full",
            "validatorUrl": None,  # otherwise it shows a badge from another site
            "supportedSubmitMethods": methods,
            "tryItOutEnabled": bool(methods),
        },
        "basic": basic,
        "keys": keys,
    }
    return _PAGE.format(
        policy=_POLICY,
        title=html.escape(document["info"]["title"]),
        style=_asset("swagger-ui.css").replace("</style", "<\\/style") + _NARROW,
        # "<" could begin or end an element, in any text of the document.
        settings=json.dumps(settings).replace("<", "\\u003c"),
        script=re.sub(r"<(?=/script|!--)", r"\\x3c", _asset("swagger-ui-bundle.js")),
    )


@cache
def _asset(name: str) -> str:
    try:
        path = metadata.distribution(_KEEPER).locate_file(f"{_FILES}/{name}")
        text = Path(str(path)).read_bytes().decode()
    except (metadata.PackageNotFoundError, OSError) as error:
        raise AssetsMissingError(
            "Swagger UI is not installed: install the package again with the extra emulator"
        ) from error
    return re.sub(r"/\*# sourceMappingURL=\S*\*/", "", text)
