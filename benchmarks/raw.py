"""Raw llama.cpp on the prompts our line sent: no rails, no checks, no Python between the tokens."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import xllamacpp

from assistant.opening import open_catalog
from assistant.settings import read_settings

MODEL = "smollm2-135m"


def main(prompts: Path) -> None:
    """Times each prompt with the settings of our line."""
    settings = read_settings()
    card = open_catalog(settings).get(MODEL)
    params = xllamacpp.CommonParams()
    params.model.path = str(settings.data_dir / "weights" / MODEL / card.files[0].name)
    params.n_ctx = settings.context_tokens * settings.model_slots
    params.n_parallel = settings.model_slots
    params.cpuparams.n_threads = settings.model_threads
    params.cache_ram_mib = 0
    server = xllamacpp.Server(params)
    asked = json.loads(prompts.read_text())
    time(server, asked[0])
    times = [time(server, each) for each in asked]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"first_s": [f for f, _ in times], "total_s": [t for _, t in times], "memory_mb": memory}))


def time(server: Any, asked: dict[str, Any]) -> tuple[float, float]:
    """Seconds to the first token and to the end."""
    begin, first = perf_counter(), []

    def on_chunk(_: Any) -> bool:
        first.append(perf_counter() - begin)
        return False

    server.handle_chat_completions(
        {
            "messages": [{"role": "system", "content": asked["system"]}, {"role": "user", "content": asked["prompt"]}],
            "max_tokens": asked["max_tokens"],
            "temperature": 0.0,
            "stream": True,
        },
        on_chunk,
    )
    total = perf_counter() - begin
    return (first[0] if first else total), total


if __name__ == "__main__":
    main(Path(sys.argv[1]))
