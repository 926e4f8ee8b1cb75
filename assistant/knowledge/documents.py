"""Files in, passages out: documents as plain text, and split where their structure allows it."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InvalidDocument
from assistant.knowledge import parse
from assistant.messages import Document

MAX_BYTES = 10 << 20
MAX_WORDS = 90
TYPES = (".md", ".txt", ".html", ".htm", ".pdf", ".docx", ".csv")

# What readers do not see and machines do: controls, zero-width and direction marks, the tag characters of Unicode.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*")
_ITEM = re.compile(
    r"[ \t]*(?:[-*•][ \t]|\d{1,3}[.)][ \t]|[^\s:.!?;][^:.!?;\n]{0,60}:[ \t])"
)  # A list item, row or speaker.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9À-Þ])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|No|Nos|Fig|Art|Sec|vs|e\.g|i\.e|approx|ca|cf|Inc|Ltd|Co|Tel|p|pp)\.$"
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """Text in a file that its readers do not see; it is no part of the document."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a folder, and what was not."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is found and shown as one."""

    text: str
    """Exactly `document.text[start:end]`."""
    heading: str
    """Where it stands: the document's title and its headings, "Returns › Opened items"."""
    start: int
    end: int


def read_documents(folder: Path) -> Reading:
    """Every document in `folder`, by name; a file that cannot be read is skipped with its reason."""
    files = sorted(file for file in folder.iterdir() if not file.name.startswith(".")) if folder.is_dir() else []
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(_attempt, files))
    read = [result for result in results if not isinstance(result, Skipped)]
    return Reading(
        tuple(document for document, _ in read),
        tuple(result for result in results if isinstance(result, Skipped)),
        tuple(each for _, hidden in read for each in hidden),
    )


def read_document(path: Path) -> Document:
    """The document in `path`: its id is the file's name, its title the first heading.

    Raises InvalidDocument if the file is missing, empty, too large, damaged or of a type we do not read.
    """
    return _read(path)[0]


def split(document: Document, *, max_words: int = MAX_WORDS) -> tuple[Passage, ...]:
    """Passages of at most about `max_words` words that together hold all of the document but its headings.

    A passage never crosses a heading. Paragraphs, list items and rows stay whole where they fit and are otherwise cut
    between sentences.
    """
    passages: list[Passage] = []
    for heading, blocks in _sections(document):
        start, end = 0, 0
        for first, last in (piece for block in blocks for piece in _pieces(document.text, *block, max_words)):
            if end and _words(document.text[start:last]) > max_words:
                passages.append(Passage(document.text[start:end], heading, start, end))
                end = 0
            start, end = (start if end else first), last
        if end:
            passages.append(Passage(document.text[start:end], heading, start, end))
    return tuple(passages)


def _read(path: Path) -> tuple[Document, tuple[Hidden, ...]]:
    suffix = path.suffix.lower()
    if not path.is_file():
        raise InvalidDocument(path.name, "is not a file")
    if suffix not in TYPES:
        raise InvalidDocument(path.name, f"is not a type we read; save it as one of {', '.join(TYPES)}")
    if path.stat().st_size > MAX_BYTES:
        raise InvalidDocument(path.name, f"is larger than {MAX_BYTES >> 20} MiB; split it")
    written = {".txt": _text_of_txt, ".csv": _text_of_csv}.get(suffix, _text_in_subprocess)(path)
    parsed = suffix not in (".txt", ".csv")
    text, *hidden = map(_visible, written.split(parse.PART_END) if parsed else [written])
    if not text.strip():
        scan = "; a scan needs text recognition first" if suffix == ".pdf" else ""
        raise InvalidDocument(path.name, f"holds no text{scan}")
    document = Document(id=path.name, title=_title(text) or path.stem, text=text)
    return document, tuple(Hidden(path.name, each) for each in hidden)


def _attempt(file: Path) -> tuple[Document, tuple[Hidden, ...]] | Skipped:
    try:
        return _read(file)
    except InvalidDocument as error:
        return Skipped(file.name, str(error).removeprefix(f"{file.name}: "))


def _text_of_txt(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidDocument(path.name, "is not UTF-8; save it as UTF-8") from error


def _text_of_csv(path: Path) -> str:
    """One line a row, `Header: value; Header: value`, so that a row can be read and quoted alone."""
    text = _text_of_txt(path)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        reason = "has no header row" if isinstance(error, ValueError) else f"is not a well-formed table: {error}"
        raise InvalidDocument(path.name, reason) from error
    for number, row in enumerate(rows, start=2):
        if len(row) > len(header):
            raise InvalidDocument(path.name, f"row {number} has {len(row)} cells, the header has {len(header)}")
    return "\n".join(filter(None, (parse.row_text(header, row) for row in rows)))


def _text_in_subprocess(path: Path) -> str:
    """The text of a file that needs a parser: in a process of its own that may take neither long nor much memory."""
    # Isolated (-I) and by path: neither the environment, nor the working directory, nor our package is loaded.
    command = [sys.executable, "-I", parse.__file__, str(path.resolve())]
    try:
        result = subprocess.run(command, capture_output=True, timeout=parse.MAX_SECONDS, env={}, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise InvalidDocument(path.name, f"takes longer than {parse.MAX_SECONDS} s to read") from error
    if result.returncode == parse.REFUSED:
        raise InvalidDocument(path.name, result.stderr.decode())
    if result.returncode != 0:
        raise InvalidDocument(path.name, f"cannot be read as {path.suffix[1:].lower()}; the file may be damaged")
    return result.stdout.decode()


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _title(text: str) -> str | None:
    return next((match[2] for line in text.splitlines() if (match := _HEADING.fullmatch(line))), None)


def _sections(document: Document) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each heading path with the spans of the blocks below it: paragraphs, list items, rows."""
    path: list[str] = []
    blocks: list[tuple[int, int]] = []
    position, open_block = 0, False
    for line in document.text.splitlines(keepends=True):
        start, end = position, position + len(line.rstrip())
        position += len(line)
        if match := _HEADING.fullmatch(line.rstrip()):
            yield _heading(document, path), blocks
            path, blocks, open_block = [*_padded(path, len(match[1]) - 1), match[2]], [], False
        elif start == end:
            open_block = False
        elif open_block and not _ITEM.match(line):
            blocks[-1] = (blocks[-1][0], end)
        else:
            blocks.append((start, end))
            open_block = True
    yield _heading(document, path), blocks


def _padded(path: list[str], length: int) -> list[str]:
    return [*path[:length], *[""] * (length - len(path))]


def _heading(document: Document, path: list[str]) -> str:
    steps = [document.title, *path]
    return " › ".join(step for position, step in enumerate(steps) if step and step not in steps[:position])


def _pieces(text: str, start: int, end: int, max_words: int) -> Iterator[tuple[int, int]]:
    """The block whole, or its sentences when it is too long."""
    if _words(text[start:end]) <= max_words:
        yield start, end
        return
    for first, last in _sentences(text, start, end):
        # Text that goes on for so long is no sentence but, say, an unpunctuated transcript.
        words = list(re.finditer(r"\S{1,40}", text[first:last]))
        step = max_words if len(words) > 4 * max_words else len(words)
        for position in range(0, len(words), step):
            chunk = words[position : position + step]
            yield first + chunk[0].start(), first + chunk[-1].end()


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first = start
    for gap in _SENTENCE_END.finditer(text, start, end):
        last = gap.start() + len(gap[0].rstrip())
        if not _ABBREVIATION.search(text[max(first, last - 12) : last]):
            yield first, last
            first = gap.end()
    yield first, end


def _words(text: str) -> int:
    # By length too, for writing without spaces and for what is no writing at all.
    return max(len(text.split()), len(text) // 12)
