"""The reference **bare**: the same server answering constant bytes from an async route without dependencies.

``python -m benchmarks.bare PORT``; the bytes of ``/body/N`` come from the file ``bodies.json`` in the working folder, a
character each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response
from starlette_compress import CompressMiddleware

app = FastAPI()
BODIES = {name: body.encode("latin-1") for name, body in json.loads(Path("bodies.json").read_text()).items()}


def _add(name: str, body: bytes) -> None:
    kind = "application/epub+zip" if body.startswith(b"PK") else "application/json"

    @app.get(f"/body/{name}")
    async def constant() -> Response:
        return Response(body, media_type=kind)


for _name, _body in BODIES.items():
    _add(_name, _body)


@app.get("/unchanged")
async def unchanged() -> Response:
    """An empty 304."""
    return Response(status_code=304)


app.add_middleware(CompressMiddleware, minimum_size=1024)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False)
