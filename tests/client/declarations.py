"""`make types`: the TypeScript declarations of the API, made anew from its OpenAPI document."""

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.factory import build_app
from app.settings import CHECKOUT, load_settings
from tests.client.node import node, node_modules

DECLARATIONS = CHECKOUT / "app/web/static/thrive-api.d.ts"
NOWHERE = {
    "DATABASE_URL": "postgresql://nowhere/nothing",
    "REDIS_URL": "redis://nowhere",
    "JWT_SECRET": "signs nothing, but is long enough",
}


def api_document() -> dict[str, Any]:
    """The OpenAPI document of an application that nothing stands behind."""
    with TemporaryDirectory() as directory:
        settings = load_settings({**NOWHERE, "VAR_DIR": directory})
        document: dict[str, Any] = build_app(settings).test_client().get("/api/openapi.json").json
    return document


def write_declarations(target: Path) -> None:
    """Write them to a file; raises CalledProcessError where the document can't be read."""
    program = node_modules() / "openapi-typescript/bin/cli.js"
    with TemporaryDirectory() as directory:
        document = Path(directory) / "openapi.json"
        document.write_text(json.dumps(api_document()))
        command = [node(), str(program), str(document), "--output", str(target)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    write_declarations(DECLARATIONS)
