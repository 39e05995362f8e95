"""``/docs``: the API to read and try, every byte of it from here."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from service.api.documents import json_answer

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Verger API</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START: Final = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null});\n'

_POLICY: Final = {
    # Swagger UI draws its icons from data: addresses in its own style sheet.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
_ASSETS: Final = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"})


def page_routes(app: FastAPI) -> APIRouter:
    """``/docs``, its assets, and ``/openapi.json``."""
    router = APIRouter(include_in_schema=False)
    assets = _asset_folder()

    @router.get("/openapi.json")
    async def document() -> Response:
        return json_answer(app.openapi())

    @router.get("/docs")
    async def page() -> Response:
        return Response(_PAGE, media_type="text/html", headers=_POLICY)

    @router.get("/docs/start.js")
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    @router.get("/docs/{asset}")
    async def asset(asset: str) -> Response:
        if asset not in _ASSETS:
            raise HTTPException(404)
        return FileResponse(assets / asset)

    return router


def _asset_folder() -> Path:
    """Swagger UI's files, as fastapi-offline packs them. Only its files are used: the package is never imported."""
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "the package fastapi-offline, which holds Swagger UI's files for /docs, is not installed"
        )
    return Path(spec.origin).parent / "static"
