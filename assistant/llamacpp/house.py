"""A process that does nothing but hold one model: `python -m assistant.llamacpp.house`, started by the keeper.

Reads what to open as one line of JSON, says in one line whether it is open, and ends when its input does: when whoever
started it lets it go, or is no more.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

from assistant.errors import ModelUnavailable
from assistant.llamacpp import ServerSpec, open_server


def main() -> None:
    """Holds the model until the input ends."""
    # It must outlive whatever stops the service, so that answers under way can end; its input says when it may go.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # llama.cpp may print; only what we answer goes to the keeper.
    told = json.loads(sys.stdin.readline())
    paths = {"path": Path(told["spec"]["path"]), "adapters": tuple(map(Path, told["spec"]["adapters"]))}
    spec = ServerSpec(**{**told["spec"], **paths})
    try:
        server = open_server(spec, key=told["key"], host=told["socket"])
    except ModelUnavailable as error:
        _say(answers, {"error": str(error)})
        raise SystemExit(1) from error
    _say(answers, {"open": True})
    sys.stdin.read()
    del server


def _say(answers: TextIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
