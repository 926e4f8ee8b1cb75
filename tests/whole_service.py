"""The whole service in a process of its own: every part real but the model, which may be a scripted one.

Run as `python whole_service.py FOLDER DATABASE_URL PORT scripted|real`; FOLDER holds rails, knowledge and data.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from assistant.app import create_app
from assistant.models import Models, ScriptedChat
from assistant.opening import open_catalog, open_models
from assistant.parts import open_parts
from assistant.serving.web import KEEP_ALIVE_S
from assistant.settings import Settings

TOKENS_PER_S = 50  # 20 ms a token.
REPLY = "Standard delivery costs 3.95 pounds. Returns are free within 60 days. Thank you for asking."
MODEL = "smollm2-135m"


def main(folder: Path, url: str, port: int, model: str) -> None:
    settings = Settings(
        rails_dir=folder / "rails",
        knowledge_dir=folder / "knowledge",
        data_dir=folder / "data",
        database_url=url,
        requests_per_minute=0,
        address_requests_per_minute=0,
        streams=0,
        _env_file=None,  # type: ignore[call-arg]  # pydantic-settings reads it and mypy does not know
    )
    parts = open_parts(settings, models=scripted(settings) if model == "scripted" else None)
    uvicorn.run(create_app(settings, parts=parts), port=port, log_level="warning", timeout_keep_alive=KEEP_ALIVE_S)


def scripted(settings: Settings) -> Models:
    """The models of the service, where the one that answers says the same to everyone, 20 ms a token."""
    models = open_models(settings, open_catalog(settings))
    models.add(MODEL, ScriptedChat(replies=[REPLY], tokens_per_s=TOKENS_PER_S, remembers=10))
    return models


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
