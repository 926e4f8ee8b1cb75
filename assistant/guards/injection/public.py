"""Public texts the head is trained on beside those written for it. None of these sets is reported on."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.errors import Misconfigured
from assistant.guards.injection.units import sentences_of
from assistant.guards.plain_text import plain_text


@dataclass(frozen=True, slots=True)
class PublicSet:
    """How much of one field of one set is used, and as what."""

    name: str
    field: str
    count: int
    licence: str
    cut: Literal["whole", "sentences", "cells"] = "whole"
    """What of a text is used: all of it, single sentences, or the values of a table."""
    passage: bool | None = False
    """Whether its texts are orders where they stand in a document; None: they may be either and are not used there."""


# Licences as the data folder's README states them. Sets without one, for research only or non-commercial are left out.
SETS = (
    PublicSet("halueval_general", "query", 2600, "MIT", passage=None),
    PublicSet("halueval_general", "response", 200, "MIT", passage=None),
    PublicSet("clinc150_train", "text", 800, "CC BY 3.0", passage=None),
    PublicSet("banking77oos_train", "text", 500, "CC BY 4.0"),
    PublicSet("medquad", "question", 250, "CC BY 4.0"),
    PublicSet("medquad", "answer", 600, "CC BY 4.0", cut="sentences"),
    PublicSet("medquad", "answer", 100, "CC BY 4.0"),
    PublicSet("policyqa_dev", "question", 250, "MIT"),
    PublicSet("policyqa_dev", "context", 400, "MIT", cut="sentences"),
    PublicSet("policyqa_dev", "context", 80, "MIT"),
    PublicSet("xquad_en", "question", 200, "CC BY-SA 4.0", passage=None),
    PublicSet("xquad_en", "context", 300, "CC BY-SA 4.0", cut="sentences"),
    PublicSet("xquad_en", "context", 80, "CC BY-SA 4.0"),
    PublicSet("squad_it_a", "question", 300, "CC BY-SA 4.0"),
    PublicSet("squad_it_a", "context", 400, "CC BY-SA 4.0", cut="sentences"),
    PublicSet("mtsdialog_trainingset", "dialogue", 600, "CC BY 4.0", cut="sentences"),
    PublicSet("mtsdialog_trainingset", "dialogue", 80, "CC BY 4.0"),
    PublicSet("acibench_train", "dialogue", 300, "CC BY 4.0", cut="sentences"),
    PublicSet("acibench_train", "dialogue", 40, "CC BY 4.0"),
    PublicSet("acibench_train", "note", 200, "CC BY 4.0", cut="sentences"),
    PublicSet("acibench_train", "note", 40, "CC BY 4.0"),
    PublicSet("infotabs_train", "context", 300, "Apache-2.0", cut="sentences"),
    PublicSet("infotabs_train", "context", 2000, "Apache-2.0", cut="cells"),
    PublicSet("nli_mnli_dev", "context", 700, "OANC and Creative Commons, as MultiNLI states"),
    PublicSet("summeval", "context", 500, "MIT", cut="sentences"),
    PublicSet("summeval", "context", 40, "MIT"),
    PublicSet("opsum_amazon", "reviews", 250, "MIT", cut="sentences"),
    PublicSet("pubmedqa_train", "contexts", 250, "MIT", cut="sentences"),
)
_REQUEST = re.compile(r"\W*(?!(?:what|who|when|where|why|how|which|is|are|do|does|did|can|in|if|given)\b)[A-Z][a-z]+\b")
_SPEAKER = re.compile(r"^\s*[\w ]{1,20}:\s+")
_PIECES, _CELL_WORDS = 20, 6  # Of one text so many pieces at most; longer values of a table are sentences.
_REQUEST_LENGTH = 220  # A longer query mostly brings a text of its own along.


def texts_of(public: PublicSet, folder: Path, *, seed: int) -> list[str]:
    """The texts of one set, drawn with `seed`; raises Misconfigured if the folder lacks it."""
    chance = random.Random(seed)  # noqa: S311 — for a draw that can be repeated
    whole = _drawn((text for row in read_rows(folder, public.name) for text in _strings(row[public.field])), chance)
    if public.cut == "whole":
        return whole[: public.count]
    pieces = _cells if public.cut == "cells" else _sentences
    cut: list[str] = []
    for text in whole:
        if len(cut) > 3 * public.count:
            break
        found = pieces(text)
        cut += chance.sample(found, min(_PIECES, len(found)))
    return _drawn(cut, chance)[: public.count]


def is_request(query: str) -> bool:
    """Whether a query to an assistant is a plain request, which in a document would be an order out of place."""
    return len(query) < _REQUEST_LENGTH and bool(_REQUEST.match(query))


def read_rows(folder: Path, name: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a set in `folder`, JSON lines under gzip; raises Misconfigured where it is not there."""
    try:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except OSError as error:
        raise Misconfigured(f"{folder} holds no {name}.jsonl.gz ({error})") from error


def _sentences(text: str) -> list[str]:
    return [_SPEAKER.sub("", each) for each in sentences_of(plain_text(text))]


def _cells(text: str) -> list[str]:
    cells = [cell.strip() for line in text.splitlines() for cell in re.split(r"[:,;]", line)]
    return [cell for cell in cells if 2 <= len(cell.split()) <= _CELL_WORDS]


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _drawn(texts: Iterable[str], chance: random.Random) -> list[str]:
    different = [text for text in dict.fromkeys(texts) if text.strip()]
    chance.shuffle(different)
    return different
