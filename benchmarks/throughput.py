"""Eight answers at a time through the served product, beside llama.cpp alone: `python -m benchmarks.throughput [N]`.

Both sides have the same weights, slots, threads and window, and read the same prompts. llama.cpp alone writes as many
tokens as the product did, without anything between the tokens. Rounds ask different questions, and the two sides take
turns, so that whatever else the machine does meets both. Settings are the product's own: ASSISTANT_MODEL_THREADS and
the others count.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep
from typing import Any

import httpx
import psutil

from assistant.cases import read_cases
from assistant.commands.records_report import table
from assistant.llamacpp import open_server
from assistant.opening import loading, open_catalog
from assistant.parts import open_parts
from assistant.settings import Settings, read_settings
from benchmarks.ours import prompt_of

AT_ONCE = 8
QUESTIONS = 16
"""Of one round."""
ROUNDS = 3
SETTLED_S = 5.0
IDLE = 0.05
"""Of a core, for each process: what looking for edited folders and for work to do takes."""
WAYS = (1, 2)
"""Numbers of web processes; with one the model is in it, with more in a process of its own."""
MODEL = "smollm2-135m"
UNLIMITED = {"ASSISTANT_REQUESTS_PER_MINUTE": "0", "ASSISTANT_ADDRESS_REQUESTS_PER_MINUTE": "0"}

Prompt = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Round:
    """What one side did with one round of questions."""

    wall_s: float
    cpu_s: float
    """Of every process of that side."""
    tokens: tuple[int, ...]
    """Written for each question."""
    checks_s: float = 0.0
    """CPU time of the processes that hold no model; 0 where the model is in the same process."""

    @property
    def tokens_per_s(self) -> float:
        """Of all answers together."""
        return sum(self.tokens) / self.wall_s


def main(rounds: int) -> None:
    """Measures every way and prints a table."""
    settings = read_settings().model_copy(update={"model_slots": AT_ONCE, "model_queue": 2 * AT_ONCE})
    prompts = asyncio.run(_prompts(settings))[: rounds * QUESTIONS]
    parts = [prompts[n : n + QUESTIONS] for n in range(0, len(prompts), QUESTIONS)]
    catalog = open_catalog(settings)
    spec = loading(settings).spec(catalog, catalog.get(MODEL))
    measured = {}
    for workers in WAYS:
        pairs = []
        server = open_server(spec, key="bench")  # A new one each time: what it has read before it need not read again.
        raw(server, [{**prompts[0], "tokens": 4}])
        with service(settings, workers=workers) as (address, key, process):
            asyncio.run(ours(address, key, process, prompts[:1]))
            settle(process)
            for part in parts:
                product = asyncio.run(ours(address, key, process, part))
                asked = [{**each, "tokens": tokens} for each, tokens in zip(part, product.tokens, strict=True)]
                pairs.append((product, raw(server, asked)))
                print(f"{workers} web processes: {pairs[-1]}", file=sys.stderr, flush=True)
        measured[workers] = pairs
    print(report(measured, settings))


def report(measured: dict[int, list[tuple[Round, Round]]], settings: Settings) -> str:
    """One row for each way: tokens a second on both sides, and where the product's CPU time goes."""
    head = f"{AT_ONCE} AT A TIME, {settings.model_threads} THREADS"
    rows = [(head, "LLAMA.CPP, TOKENS/S", "PRODUCT, TOKENS/S", "RATIO (EACH ROUND)", "CPU S", "OF IT NOT THE MODEL")]
    for workers, pairs in measured.items():
        alone, product = median(r.tokens_per_s for _, r in pairs), median(r.tokens_per_s for r, _ in pairs)
        ratios = [ours.tokens_per_s / raw.tokens_per_s for ours, raw in pairs]
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        cpu, others = sum(r.cpu_s for r, _ in pairs), sum(r.checks_s or r.cpu_s - a.cpu_s for r, a in pairs)
        name = "model in the one web process" if workers == 1 else f"{workers} web processes, one of the model"
        rows.append(
            (
                name,
                f"{alone:.1f}",
                f"{product:.1f}",
                f"{median(ratios):.2f} × ({each})",
                f"{cpu:.1f}",
                f"{others / cpu:.0%}",
            )
        )
    return table(rows)


async def ours(address: str, key: str, process: psutil.Process, prompts: Sequence[Prompt]) -> Round:
    """The questions through the door, `AT_ONCE` at a time."""
    gate, before = asyncio.Semaphore(AT_ONCE), _cpu_s(process)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=600) as http:

        async def ask(prompt: Prompt) -> int:
            body = {"model": prompt["vertical"], "messages": [{"role": "user", "content": prompt["question"]}]}
            async with gate:
                answer = await http.post("/v1/chat/completions", json=body)
            if answer.status_code != HTTPStatus.OK:
                raise SystemExit(f"{prompt['question']!r} was answered with {answer.status_code}: {answer.text}")
            return int(answer.json()["usage"]["completion_tokens"])

        began = perf_counter()
        tokens = await asyncio.gather(*(ask(each) for each in prompts))
        wall_s = perf_counter() - began
    spent = {name: seconds - before.get(name, 0.0) for name, seconds in _cpu_s(process).items()}
    houses = sum(seconds for name, seconds in spent.items() if name.startswith("model"))
    return Round(wall_s, sum(spent.values()), tuple(tokens), sum(spent.values()) - houses if houses else 0.0)


def settle(process: psutil.Process) -> None:
    """Returns once the service has read its knowledge, which it does after it is ready."""
    before = sum(_cpu_s(process).values())
    while True:
        sleep(SETTLED_S)
        each = _cpu_s(process)
        spent = sum(each.values())
        if spent - before < IDLE * len(each) * SETTLED_S:
            return
        before = spent


def raw(server: Any, prompts: Sequence[Prompt]) -> Round:
    """The same prompts and numbers of tokens through llama.cpp alone."""

    def write(prompt: Prompt) -> int:
        messages = [{"role": "system", "content": prompt["system"]}, {"role": "user", "content": prompt["prompt"]}]
        body = {"messages": messages, "max_tokens": prompt["tokens"], "temperature": 0.0, "ignore_eos": True}
        return int(server.handle_chat_completions(body)["usage"]["completion_tokens"])

    began, cpu_s = perf_counter(), process_time()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tokens = tuple(pool.map(write, prompts))
    return Round(perf_counter() - began, process_time() - cpu_s, tokens)


async def _prompts(settings: Settings) -> list[Prompt]:
    """Questions of every vertical in turn, with the prompts that the product sends for them."""
    parts = open_parts(settings)
    await parts.database.create()
    parts.rails.refresh()
    found = []
    for name in parts.rails.names:
        cases = read_cases(settings.knowledge_dir / name / "questions.yaml")
        asked = [case for case in cases if case.task == "answer" and not case.documents]
        found.append([prompt for case in asked if (prompt := await prompt_of(parts, name, case))])
    await parts.close()
    most = max(map(len, found))
    return [of_one[n] for n in range(most) for of_one in found if n < len(of_one)]


@contextmanager
def service(settings: Settings, *, workers: int) -> Iterator[tuple[str, str, psutil.Process]]:
    """The product as an operator starts it: its address, a key and its process."""
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "serve", "--workers", str(workers)]
    with tempfile.TemporaryDirectory() as folder:
        own = {
            "ASSISTANT_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bench.db",
            "ASSISTANT_KEYS_URL": f"sqlite+aiosqlite:///{folder}/keys.db",
            "ASSISTANT_ANCHORS_DIR": str(folder),
            "ASSISTANT_PORT": "0",
            "ASSISTANT_CONSOLE_PORT": "0",
            "ASSISTANT_MODEL_SLOTS": str(settings.model_slots),
            "ASSISTANT_MODEL_QUEUE": str(settings.model_queue),
            "PYTHONUNBUFFERED": "1",
        }
        log = Path(folder) / "log"
        with (
            log.open("w") as errors,
            subprocess.Popen(
                command, env={**os.environ, **UNLIMITED, **own}, stdout=subprocess.PIPE, stderr=errors, text=True
            ) as process,
        ):
            printed = ""
            assert process.stdout
            for line in process.stdout:
                printed += line
                if "Your first key" in line:
                    break
            address, key = re.search(r"Ready: (\S+)", printed), re.search(r"ast_\S+", printed)
            if not address or not key:
                raise SystemExit(f"the service did not start:\n{log.read_text()[-3000:]}")
            try:
                yield address[1], key[0], psutil.Process(process.pid)
            finally:
                process.terminate()


def _cpu_s(process: psutil.Process) -> dict[str, float]:
    """CPU seconds so far of each process of the service."""
    found = {}
    for each in (process, *process.children(recursive=True)):
        spent = each.cpu_times()
        kind = "model" if "assistant.llamacpp.house" in each.cmdline() else "web"
        found[f"{kind} {each.pid}"] = spent.user + spent.system
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
