"""Texts as vectors: one text, one embedding, used by knowledge and guards alike."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
"""One row a text, unit length, so that a dot product of two rows is a cosine in [-1, 1]."""

MAX_TOKENS = 256  # What all-MiniLM-L6-v2 was trained on; its card: longer input is cut.
MAX_CHARACTERS = 8192  # 256 word pieces of real text are far shorter; tokenizing a whole megabyte takes seconds.
BATCH = 16  # On CPU, padding costs more than larger batches gain.
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"


class Embedder(Protocol):
    """What turns texts into vectors."""

    @property
    def name(self) -> str:
        """Stable name of the embedder and its weights: equal names give equal vectors."""

    @property
    def dimension(self) -> int:
        """Numbers in one vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors for `texts`, one row each, in order: shape (n, dimension), float32, unit length."""


@dataclass(frozen=True, slots=True)
class TokenStates:
    """What the model makes of each word piece of a text, before they are averaged."""

    states: Vectors
    """One row a word piece, in order: shape (pieces, dimension), float32; not of unit length."""
    spans: tuple[tuple[int, int], ...]
    """Where each word piece stands in the text."""


class SentenceEmbedder:
    """A sentence-transformers model as ONNX on the CPU: the mean of its token vectors. Threads may share it."""

    def __init__(self, folder: Path, *, threads: int = 1, remember: int = 4096) -> None:
        """Load `model.onnx` and `tokenizer.json` from `folder`; keep the vectors of the last `remember` texts.

        Raises ModelUnavailable if a file is missing or cannot be read as what it should be.
        """
        self._tokenizer = read_tokenizer(folder / TOKENIZER, max_tokens=MAX_TOKENS)
        self._session = open_session(folder / MODEL, threads=threads)
        self._wanted = {each.name for each in self._session.get_inputs()}
        self._memory = _Memory(remember)
        self.name = f"{folder.name}@{_digest(folder / MODEL, folder / TOKENIZER)[:12]}"
        self.dimension = int(self._session.get_outputs()[0].shape[-1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors for `texts`, one row each, in order; a text seen lately is not computed again.

        Shape (n, dimension), float32, unit length. Beyond 256 tokens a text is cut.
        """
        keys = [self._memory.key(text) for text in texts]
        known = self._memory.recall(keys)
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if unknown:
            rows = self._compute(list(unknown.values()))
            computed = {key: row.copy() for key, row in zip(unknown, rows, strict=True)}
            self._memory.store(computed)
            known |= computed
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, self.dimension), np.float32)

    def token_states(self, texts: Sequence[str]) -> list[TokenStates]:
        """The states of the word pieces of each text, in order. Beyond 256 tokens a text is cut."""
        encodings = self._tokenizer.encode_batch([_encodable(text[:MAX_CHARACTERS]) for text in texts])
        tokens = [encoding.ids for encoding in encodings]
        found: dict[int, TokenStates] = {}
        for rows in _batches_of_like_length([len(each) for each in tokens]):
            states, _ = self._states([tokens[row] for row in rows])
            for row, each in zip(rows, states, strict=True):
                # The first and the last piece are the model's own marks.
                spans = tuple(encodings[row].offsets[1:-1])
                found[row] = TokenStates(each[1 : 1 + len(spans)], spans)
        return [found[row] for row in range(len(texts))]

    def _compute(self, texts: list[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch([_encodable(text[:MAX_CHARACTERS]) for text in texts])
        tokens = [encoding.ids for encoding in encodings]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for rows in _batches_of_like_length([len(each) for each in tokens]):
            vectors[rows] = self._run([tokens[row] for row in rows])
        return vectors

    def _run(self, tokens: list[list[int]]) -> Vectors:
        states, mask = self._states(tokens)
        # The mean over tokens needs no division: unit length takes the count out again.
        return _unit((states * mask[:, :, None]).sum(axis=1).astype(np.float32))

    def _states(self, tokens: list[list[int]]) -> tuple[Vectors, NDArray[np.int64]]:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, each in enumerate(tokens):
            ids[row, : len(each)] = each
            mask[row, : len(each)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {name: value for name, value in feed.items() if name in self._wanted})[0]
        return states, mask


class HashEmbedder:
    """Vectors from hashed words and their letter trigrams: texts that share words are near. Needs no weights."""

    def __init__(self, dimension: int = 384) -> None:
        self.name = f"hash-{dimension}"
        self.dimension = dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors for `texts`, one row each, in order: shape (n, dimension), float32, unit length."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for feature, weight in _features(text):
                bucket = zlib.crc32(_encodable(feature).encode())
                vectors[row, bucket % self.dimension] += weight if bucket >> 31 else -weight
        return _unit(vectors)


class KeptEmbedder:
    """Another embedder that keeps in a folder what it embedded, for lists of texts that come again at every start."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """Each list is a file, named by the digest of the embedder and the texts."""
        self._embedder = embedder
        self._folder = folder
        self.name = embedder.name
        self.dimension = embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors for `texts`, one row each, in order: read where they were kept, else computed and kept."""
        key = hashlib.sha256(json.dumps([self.name, *map(_encodable, texts)]).encode()).hexdigest()
        file = self._folder / f"{key[:32]}.npy"
        with suppress(OSError, ValueError, EOFError):
            kept = np.load(file, allow_pickle=False)
            if kept.shape == (len(texts), self.dimension) and kept.dtype == np.float32:
                return cast(Vectors, kept)
        vectors = self._embedder.embed(texts)
        with suppress(OSError):  # A folder that cannot be written costs time at the next start, and nothing else.
            _write_whole(file, vectors)
        return vectors


def read_tokenizer(file: Path, *, max_tokens: int) -> Tokenizer:
    """The tokenizer in `file`, without padding; raises ModelUnavailable if it cannot be read as one."""
    from tokenizers import Tokenizer

    try:
        text = file.read_text(encoding="utf-8")
        # Looked at first, because tokenizers itself fails with a bare Exception.
        _ = json.loads(text)["model"]["vocab"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(file, error) from error
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def open_session(file: Path, *, threads: int) -> onnxruntime.InferenceSession:
    """The ONNX model in `file` on the CPU; raises ModelUnavailable if it cannot be read as one."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except (
        failures.Fail,
        failures.InvalidArgument,
        failures.InvalidGraph,
        failures.InvalidProtobuf,
        failures.NoSuchFile,
        failures.NotImplemented,
        failures.RuntimeException,
    ) as error:
        raise _unreadable(file, error) from error


class _Memory:
    """The vectors of the texts seen last, under keyed digests: the texts themselves are never kept."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._secret = secrets.token_bytes(32)
        self._vectors: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = Lock()

    def key(self, text: str) -> bytes:
        return hashlib.blake2b(_encodable(text).encode(), digest_size=16, key=self._secret).digest()

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        with self._lock:
            found = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in found:
                self._vectors.move_to_end(key)
        return found

    def store(self, vectors: dict[bytes, Vectors]) -> None:
        with self._lock:
            self._vectors |= vectors
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)


def _write_whole(file: Path, vectors: Vectors) -> None:
    """Writes under another name first, so that nobody reads half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{secrets.token_hex(4)}")
    with part.open("wb") as stream:
        np.save(stream, vectors, allow_pickle=False)
    part.replace(file)


def _unreadable(file: Path, error: Exception) -> ModelUnavailable:
    found = "is damaged" if file.is_file() else "is missing"
    reason = str(error).splitlines()[0][:200] if file.is_file() else "no such file"
    return ModelUnavailable(f"{file} {found} ({reason}); run `assistant models pull {file.parent.name}`")


def _digest(*files: Path) -> str:
    total = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def _batches_of_like_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    order = sorted(range(len(lengths)), key=lambda row: lengths[row])
    for first in range(0, len(order), BATCH):
        yield order[first : first + BATCH]


def _encodable(text: str) -> str:
    # A lone surrogate has no UTF-8 form, and neither hashing nor tokenizing would take it.
    return text.encode("utf-8", "replace").decode("utf-8")


def _features(text: str) -> Iterator[tuple[str, float]]:
    yield "", 1e-3  # So that a text without words has a direction too.
    for word in re.findall(r"\w+", text.lower()):
        # Short words are mostly grammar; without a corpus, length is the only hint of weight.
        yield word, 1.0 if len(word) > 3 else 0.25
        padded = f"<{word}>"
        yield from ((padded[start : start + 3], 0.4) for start in range(len(padded) - 2))


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
