"""A service as `assistant serve` runs it in one process, with a model that writes slowly: first little, then on and on.

Run as `python service_to_stop.py PORT`; the settings are in the environment.
"""

from __future__ import annotations

import os
import socket
import sys

import assistant.serving.web
from assistant.models import Catalog, Models, ScriptedChat
from assistant.opening import open_models
from assistant.serving.web import WebServer, set_up_logging
from assistant.settings import Settings, read_settings

SHORT = "You can return an unopened item within 30 days from delivery. Opened items can be returned within 14 days."
LONG = " ".join(f"Standard delivery takes 3 to 5 business days and costs 4.90 euros, says page {n}." for n in range(99))


def scripted(settings: Settings, catalog: Catalog, *, keeper: object) -> Models:
    models = open_models(settings, catalog)
    models.add("smollm2-135m", ScriptedChat(replies=[SHORT, LONG], tokens_per_s=12))
    return models


def main(port: int) -> None:
    settings = read_settings()
    set_up_logging(settings.log_format)
    assistant.serving.web.open_models = scripted
    WebServer(settings, on_ready=lambda: None).run([socket.create_server(("127.0.0.1", port))])


if __name__ == "__main__":
    os.environ["ASSISTANT_PORT"] = sys.argv[1]
    main(int(sys.argv[1]))
