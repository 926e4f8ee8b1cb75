"""From the folder people edit to an index the service reads, switched in one step."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assistant.embedding import Embedder
from assistant.errors import IndexMissing
from assistant.knowledge.documents import MAX_WORDS, Hidden, Skipped, read_documents, split
from assistant.knowledge.index import FORMAT, FaissIndex, IndexedPassage
from assistant.knowledge.sources import Source, read_sources
from assistant.messages import Document

CURRENT, REPORT = "current", "report.json"
EXCERPT = 200  # Characters of a flagged passage that the report shows.


@dataclass(frozen=True, slots=True)
class Flagged:
    """A passage, or a text hidden from readers, that reads like an order to the assistant. It is not in the index."""

    file: str
    excerpt: str
    score: float
    """0 surely an attack … 1 clean."""
    hidden: bool = False
    """Whether readers of the file would not see it. Hidden text is never indexed; only orders are reported."""

    @property
    def place(self) -> str:
        """What was done, for a line of the report."""
        return "hidden in" if self.hidden else "kept out of"


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of a vertical's knowledge folder."""

    vertical: str
    digest: str
    """Names the index: the same files, embedder and settings give the same digest."""
    documents: int
    passages: int
    skipped: tuple[Skipped, ...] = ()
    """Files that could not be read, or are described in sources.yaml and not there."""
    flagged: tuple[Flagged, ...] = ()
    unchanged: bool = False
    """True when the index in use was already this one."""

    def __str__(self) -> str:
        """The report as lines for people."""
        found = (
            f"{self.documents} documents, {self.passages} passages"
            if self.documents
            else "nothing to find: no documents"
        )
        lines = [f"{self.vertical}: {found}{', unchanged' if self.unchanged else ''} ({self.digest[:12]})"]
        lines += [f"  skipped {each.file}: {each.reason}" for each in self.skipped]
        lines += [f"  {each.place} {each.file}, reads like an instruction: {each.excerpt!r}" for each in self.flagged]
        return "\n".join(lines)


def ingest(
    vertical: str,
    *,
    knowledge_dir: Path,
    data_dir: Path,
    embedder: Embedder,
    injection_score: Callable[[str], float],
    min_injection: float,
) -> IngestReport:
    """Read, split, check and embed the knowledge of `vertical`, and put the new index to use.

    Passages whose `injection_score` (0 attack … 1 clean) is under `min_injection` are kept out. A missing or empty
    folder makes an index that finds nothing. A bad document is skipped; a wrong sources.yaml raises InvalidDocument.
    """
    folder, indexes = knowledge_dir / vertical, data_dir / "indexes" / vertical
    with _alone_in(indexes):
        digest = _digest(folder, embedder=embedder, min_injection=min_injection)
        if (current := _report_of_current(indexes, digest, vertical, embedder)) is not None:
            return replace(current, unchanged=True)
        sources = read_sources(folder / "sources.yaml")
        reading = read_documents(folder / "documents")
        documents = [_titled(document, sources.get(document.id)) for document in reading.documents]
        passages, flagged = _passages(documents, sources, injection_score, min_injection)
        flagged += _flagged_hidden(reading.hidden, injection_score, min_injection)
        skipped = (*reading.skipped, *_absent(folder, sources))
        report = IngestReport(vertical, digest, len(documents), len(passages), skipped, flagged)
        _put_to_use(indexes, report, documents, passages, embedder)
    return report


def needs_ingest(
    vertical: str, *, knowledge_dir: Path, data_dir: Path, embedder: Embedder, min_injection: float
) -> bool:
    """Whether `ingest` with the same values would make another index than the one in use, or one that is sound."""
    digest = _digest(knowledge_dir / vertical, embedder=embedder, min_injection=min_injection)
    return _report_of_current(data_dir / "indexes" / vertical, digest, vertical, embedder) is None


def current_index(vertical: str, data_dir: Path) -> Path:
    """The folder of the index in use; raises IndexMissing if `vertical` was never ingested."""
    indexes = data_dir / "indexes" / vertical
    try:
        digest = (indexes / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexMissing(f"{vertical} has no knowledge index; run `assistant ingest {vertical}`") from error
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise IndexMissing(f"{indexes / CURRENT} names no index; run `assistant ingest {vertical}`")
    return indexes / digest


def _digest(folder: Path, *, embedder: Embedder, min_injection: float) -> str:
    total = hashlib.sha256(repr((FORMAT, MAX_WORDS, embedder.name, min_injection)).encode())
    for file in [folder / "sources.yaml", *sorted((folder / "documents").glob("*"))]:
        if file.is_file():
            total.update(f"\n{file.name}\n{hashlib.sha256(file.read_bytes()).hexdigest()}".encode())
    return total.hexdigest()


def _report_of_current(indexes: Path, digest: str, vertical: str, embedder: Embedder) -> IngestReport | None:
    """The report of the index in use, if that is the one with `digest` and sound."""
    try:
        folder = current_index(vertical, indexes.parent.parent)
        if folder.name != digest:
            return None
        FaissIndex.read(folder, vertical=vertical, embedder=embedder.name)
        fields = json.loads((folder / REPORT).read_bytes())
        skipped = tuple(Skipped(**each) for each in fields.pop("skipped"))
        flagged = tuple(Flagged(**each) for each in fields.pop("flagged"))
        return IngestReport(**fields, skipped=skipped, flagged=flagged)
    except (IndexMissing, OSError, ValueError, KeyError, TypeError):
        return None


def _titled(document: Document, source: Source | None) -> Document:
    return replace(document, title=source.title) if source and source.title else document


def _passages(
    documents: Sequence[Document],
    sources: Mapping[str, Source],
    injection_score: Callable[[str], float],
    min_injection: float,
) -> tuple[list[IndexedPassage], tuple[Flagged, ...]]:
    kept: list[IndexedPassage] = []
    flagged: list[Flagged] = []
    for document in documents:
        trust = sources.get(document.id, Source()).trust
        for each in split(document):
            score = injection_score(f"{each.heading}\n{each.text}")
            if score < min_injection:
                flagged.append(Flagged(document.id, each.text[:EXCERPT], score))
                continue
            kept.append(
                IndexedPassage(document.id, document.title, each.heading, each.text, each.start, each.end, trust)
            )
    return kept, tuple(flagged)


def _flagged_hidden(
    hidden: Sequence[Hidden], injection_score: Callable[[str], float], min_injection: float
) -> tuple[Flagged, ...]:
    scored = ((each, injection_score(each.text)) for each in hidden)
    return tuple(
        Flagged(each.file, each.text[:EXCERPT], score, hidden=True) for each, score in scored if score < min_injection
    )


def _absent(folder: Path, sources: Mapping[str, Source]) -> tuple[Skipped, ...]:
    absent = (name for name in sources if not (folder / "documents" / name).is_file())
    return tuple(Skipped(name, "is described in sources.yaml, but is not in documents/") for name in absent)


def _put_to_use(
    indexes: Path,
    report: IngestReport,
    documents: Sequence[Document],
    passages: Sequence[IndexedPassage],
    embedder: Embedder,
) -> None:
    """Write the index beside the others, then let `current` name it: readers see the old one or the new one."""
    vectors = embedder.embed([f"{each.heading}\n{each.text}" for each in passages])
    with tempfile.TemporaryDirectory(dir=indexes, prefix=".new-") as place:
        new, target, pointer = Path(place) / "index", indexes / report.digest, Path(place) / CURRENT
        new.mkdir()
        FaissIndex.write(
            new, documents=documents, passages=passages, vectors=vectors, embedder=embedder.name, digest=report.digest
        )
        (new / REPORT).write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1), encoding="utf-8")
        if target.exists():  # Damaged, or from before the documents went back to this state: the new one is sound.
            target.replace(Path(place) / "replaced")
        new.replace(target)
        pointer.write_text(f"{report.digest}\n", encoding="utf-8")
        pointer.replace(indexes / CURRENT)


@contextmanager
def _alone_in(indexes: Path) -> Iterator[None]:
    """One ingest at a time: workers that start together find the work done when their turn comes."""
    indexes.mkdir(parents=True, exist_ok=True)
    with (indexes / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
