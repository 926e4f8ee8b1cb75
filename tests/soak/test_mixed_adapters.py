"""Three hundred requests at once over a base and its adapters: each gets the text that it gets alone.

But for ties: what is in a batch beside it decides how sums are rounded, and where two words are all but equally likely
that decides which comes. That it was one is shown with the adapter's own probabilities.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from langchain_core.messages import HumanMessage

from assistant.llamacpp import ServerSpec, open_server
from assistant.models import Catalog, Loading, Models

pytestmark = pytest.mark.soak
BASE = "smollm2-135m"
NAMES = (BASE, "medical-sections", "marketing-requests", "feedback-requests")
REQUESTS, AT_ONCE, TOKENS = 300, 48, 24
TIE_NATS = 0.25
"""Two words of which the likelier is at most 1.3 times as likely."""
KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


@pytest.fixture(scope="module")
def loading(weights_dir: Path) -> Loading:
    return Loading(weights_dir, threads=2, slots=4, queue=AT_ONCE, context_tokens=1024)


@pytest.fixture(scope="module")
def scales(loading: Loading) -> Iterator[Scales]:
    catalog = Catalog()
    with Scales(loading.spec(catalog, catalog.get(BASE))) as opened:
        yield opened


class Scales:
    """A server of its own that tells how likely a word is after a prompt, by one adapter."""

    def __init__(self, spec: ServerSpec) -> None:
        self._adapters = [file.stem for file in spec.adapters]
        self._server = open_server(spec, key="soak")  # It ends with whoever holds it.
        address, key = self._server.listening_address, {"Authorization": "Bearer soak"}
        self._http = httpx.Client(base_url=address, headers=key, timeout=60)

    def __enter__(self) -> Scales:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def between(self, name: str, prompt: str, one: str, other: str) -> float:
        """By how many nats one text's first word of its own is likelier than the other's; infinite where none came."""
        words = [self._tokens(text) for text in (one, other)]
        same = next((n for n, pair in enumerate(zip(*words, strict=False)) if pair[0] != pair[1]), 0)
        messages = {"messages": [{"role": "user", "content": prompt}]}
        before = self._tokens(self._ask("/apply-template", messages)["prompt"], special=True) + words[0][:same]
        body = {"prompt": before, "n_predict": 1, "n_probs": 20, "temperature": 0, "cache_prompt": False}
        body["lora"] = [{"id": n, "scale": float(each == name)} for n, each in enumerate(self._adapters)]
        (first,) = self._ask("/completion", body)["completion_probabilities"]
        likely = {each["id"]: each["logprob"] for each in first["top_logprobs"]}
        gap: float = abs(likely.get(words[0][same], -1e9) - likely.get(words[1][same], 1e9))
        return gap

    def _tokens(self, text: str, *, special: bool = False) -> list[int]:
        said = {"content": text, "add_special": False, "parse_special": special}
        tokens: list[int] = self._ask("/tokenize", said)["tokens"]
        return tokens

    def _ask(self, path: str, body: dict[str, object]) -> dict:
        told: dict = self._http.post(path, json=body).raise_for_status().json()
        return told


def requests() -> list[tuple[str, str]]:
    """No two alike, neighbours never for the same adapter; what is shared is where a cache could lead astray."""
    files = KNOWLEDGE.glob("*/documents/*.md")
    paragraphs = sorted({text for file in files for text in file.read_text().split("\n\n")})
    told = [text for text in paragraphs if 60 <= len(text) <= 600][: REQUESTS // len(NAMES)]
    return [(name, f"{text}\n\nIn other words:") for text in told for name in NAMES]


async def test_three_hundred_mixed_requests_get_the_text_that_each_gets_alone(loading: Loading, scales: Scales):
    models, room = Models(Catalog(), loading), asyncio.Semaphore(AT_ONCE)

    async def said(name: str, prompt: str) -> str:
        async with room:
            return (await models.open(name).ainvoke([HumanMessage(prompt)], max_tokens=TOKENS)).text

    asked = requests()
    assert len(asked) == len(set(asked)) == REQUESTS
    began = time.perf_counter()
    alone = [await said(*each) for each in asked]
    middle = time.perf_counter()
    mixed = await asyncio.gather(*(said(*each) for each in asked))
    took = time.perf_counter() - middle
    await models.aclose()
    other = [(*each, one, two) for each, one, two in zip(asked, alone, mixed, strict=True) if one != two]
    gaps = sorted(scales.between(*each) for each in other)
    print(
        f"{len(asked)} alone {middle - began:.0f} s, {AT_ONCE} at once {took:.0f} s; {len(other)} texts differ, where"
    )
    print(f"two words were apart by {', '.join(f'{gap:.3f}' for gap in gaps)} nats")
    by_text = [set(alone[place : place + len(NAMES)]) for place in range(0, REQUESTS, len(NAMES))]
    assert sum(len(texts) > 1 for texts in by_text) >= 0.95 * len(by_text)  # An adapter tells in what it writes.
    assert all(gap <= TIE_NATS for gap in gaps)
    assert len(other) <= 0.05 * REQUESTS
