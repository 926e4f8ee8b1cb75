"""Passages found by meaning and by words: FAISS and SQLite FTS5 on disk, fused by reciprocal rank."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from assistant.embedding import Vectors
from assistant.errors import IndexMissing
from assistant.messages import Document

FORMAT = 1
"""Version of the files below; an index of another version is not read but made anew."""

MANIFEST, VECTORS, KEYWORDS, PASSAGES, DOCUMENTS = (
    "manifest.json",
    "vectors.faiss",
    "keywords.sqlite",
    "passages.json",
    "documents.json",
)
RANK_CONSTANT = 60  # Cormack, Clarke and Büttcher 2009, who found results insensitive to it.
# Words that stand in nearly every question and tell passages apart by chance only.
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about an and any are as at be been but by can could did do does for from had has have how i if in into is
        it its me my of on or our shall should so than that the their them then there these they this those to us was we
        were what when where which who whom whose why will with would you your""",
    )
)

Trust = Literal["approved", "reference"]


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage as it was ingested."""

    document: str
    """Name of its file."""
    title: str
    heading: str
    text: str
    """Exactly the document's text from `start` to `end`."""
    start: int
    end: int
    trust: Trust


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query."""

    passage: IndexedPassage
    score: float
    """Cosine similarity of query and passage, 0 to 1; the order of hits also heeds shared words."""


class Index(Protocol):
    """What finds passages."""

    @property
    def vectors(self) -> Vectors:
        """The passages' vectors, shape (n, dimension), float32, unit length."""

    def search(self, query: str, vector: Vectors, k: int) -> list[Hit]:
        """At most `k` passages for `query`, whose vector is `vector` (shape (dimension,)), best first."""


class FaissIndex:
    """An index in a folder of its own, which is never changed once written."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Open the index in `folder`; `FaissIndex.read` checks it first and is the way in."""
        import faiss

        self.digest: str = manifest["digest"]
        self._documents = {each["id"]: Document(**each) for each in json.loads((folder / DOCUMENTS).read_bytes())}
        self._passages = [self._passage(**each) for each in json.loads((folder / PASSAGES).read_bytes())]
        self._nearest = faiss.read_index(str(folder / VECTORS))
        # Serialized mode (sqlite3.threadsafety 3) lets threads share the connection; nobody writes to it.
        place = f"{(folder / KEYWORDS).resolve().as_uri()}?mode=ro&immutable=1"
        self._keywords = sqlite3.connect(place, uri=True, check_same_thread=False)

    @classmethod
    def read(cls, folder: Path, *, vertical: str, embedder: str) -> FaissIndex:
        """The index in `folder`; raises IndexMissing if it is damaged, of another version or of another embedder."""
        try:
            manifest = json.loads((folder / MANIFEST).read_bytes())
            if manifest["format"] != FORMAT:
                raise _missing(vertical, f"is of format {manifest['format']}, this version reads {FORMAT}")
            if manifest["embedder"] != embedder:
                raise _missing(vertical, f"was made with the embedder {manifest['embedder']}, in use is {embedder}")
            for name, digest in manifest["files"].items():
                if _digest(folder / name) != digest:
                    raise _missing(vertical, f"is damaged: {name} is not what was written")
            return cls(folder, manifest)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _missing(vertical, f"is damaged or incomplete ({error})") from error

    @staticmethod
    def write(
        folder: Path,
        *,
        documents: Sequence[Document],
        passages: Sequence[IndexedPassage],
        vectors: Vectors,
        embedder: str,
        digest: str,
    ) -> None:
        """Write an index of `passages`, whose `vectors` stand in the same order, into the empty `folder`."""
        import faiss

        nearest = faiss.IndexFlatIP(vectors.shape[1])
        nearest.add(np.ascontiguousarray(vectors, np.float32))
        faiss.write_index(nearest, str(folder / VECTORS))
        _write_keywords(folder / KEYWORDS, passages)
        # Without their texts and titles: these are the document's, so a passage cannot differ from its document.
        places = [{k: v for k, v in asdict(each).items() if k not in ("text", "title")} for each in passages]
        _write_json(folder / PASSAGES, places)
        _write_json(folder / DOCUMENTS, [asdict(each) for each in documents])
        files = {name: _digest(folder / name) for name in (VECTORS, KEYWORDS, PASSAGES, DOCUMENTS)}
        _write_json(folder / MANIFEST, {"format": FORMAT, "embedder": embedder, "digest": digest, "files": files})

    @property
    def documents(self) -> Mapping[str, Document]:
        """The ingested documents, whole, by file name."""
        return self._documents

    @property
    def passages(self) -> Sequence[IndexedPassage]:
        """Every passage, in the order of `vectors`."""
        return self._passages

    @cached_property
    def vectors(self) -> Vectors:
        """The passages' vectors, shape (n, dimension), float32, unit length."""
        if not self._passages:  # FAISS reads out of bounds when asked for no rows at all.
            return np.zeros((0, self._nearest.d), np.float32)
        return np.asarray(self._nearest.reconstruct_n(0, self._nearest.ntotal), np.float32)

    def search(self, query: str, vector: Vectors, k: int) -> list[Hit]:
        """At most `k` passages for `query`, whose vector is `vector` (shape (dimension,)), best first."""
        if not self._passages or k < 1:
            return []
        depth = max(4 * k, 20)
        order = fuse(self._by_meaning(vector, depth), self._by_words(query, depth))[:k]
        cosines = np.clip(self.vectors[order] @ vector, 0, 1)
        return [Hit(self._passages[row], float(cosine)) for row, cosine in zip(order, cosines, strict=True)]

    def _by_meaning(self, vector: Vectors, depth: int) -> list[int]:
        _, rows = self._nearest.search(vector.reshape(1, -1), min(depth, len(self._passages)))
        return [int(row) for row in rows[0]]

    def _by_words(self, query: str, depth: int) -> list[int]:
        words = {word for word in re.findall(r"\w+", query.lower()) if word not in STOP_WORDS}
        if not words:
            return []
        # Quoted, so that no word is read as an operator of the query language.
        match = " OR ".join(f'"{word}"' for word in sorted(words)[:64])
        found = self._keywords.execute(
            "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages) LIMIT ?", (match, depth)
        )
        return [row for (row,) in found]

    def _passage(self, document: str, heading: str, start: int, end: int, trust: Trust) -> IndexedPassage:
        whole = self._documents[document]
        return IndexedPassage(document, whole.title, heading, whole.text[start:end], start, end, trust)


def fuse(*rankings: Sequence[int]) -> list[int]:
    """One order made of several by reciprocal rank: each gives 1 / (60 + rank) to what it names."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, start=1):
            scores[row] = scores.get(row, 0.0) + 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda row: (-scores[row], row))


def _write_keywords(file: Path, passages: Sequence[IndexedPassage]) -> None:
    connection = sqlite3.connect(file)
    connection.execute(
        "CREATE VIRTUAL TABLE passages USING fts5 (words, content='', tokenize='porter unicode61 remove_diacritics 2')"
    )
    words = ((row, f"{each.heading}\n{each.text}") for row, each in enumerate(passages))
    connection.executemany("INSERT INTO passages (rowid, words) VALUES (?, ?)", words)
    connection.commit()
    connection.close()


def _write_json(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _missing(vertical: str, reason: str) -> IndexMissing:
    return IndexMissing(f"the knowledge index of {vertical} {reason}; run `assistant ingest {vertical}`")
