"""Files in, passages out: documents as plain text, and split where their structure allows it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant import parsing
from assistant.errors import InvalidDocument
from assistant.messages import Document
from assistant.parsing import MAX_SECONDS, PART_END, REFUSED, SPENT

MAX_BYTES = 10 << 20
MAX_WORDS = 90
MAX_NAME = 200
WALL = 3  # Times its seconds of processor a file may take by the clock, for machines that are busy.
_PARSER = Path(parsing.__file__).with_name("__main__.py")
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
_LISTED = re.compile(r"[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t]")
_LEADS_UP = re.compile(r"(?:^|[.!?\n])[ \t]*([^.!?\n]{1,200}):\Z")
_LEAD_CHARACTERS = 240
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
    """Where it stands: the document's title and its headings, "Returns › Opened items", without which its words may
    say the opposite."""
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


def read_document(path: Path, *, name: str | None = None, seconds: int = MAX_SECONDS) -> Document:
    """The document in `path`: its id is the file's name, or `name`; its title the first heading.

    Raises InvalidDocument if the file is missing, empty, too large, damaged, of a type we do not read, or takes longer
    than `seconds`.
    """
    return _read(path, name or path.name, seconds)[0]


def read_upload(name: str, content: bytes, *, seconds: int = MAX_SECONDS) -> Document:
    """The document that somebody sent under `name`, of which the last part counts; raises as `read_document`."""
    plain = _visible(re.split(r"[\\/]", name)[-1]).replace("\n", " ").strip()[-MAX_NAME:]
    if not plain.strip("."):
        raise InvalidDocument("the file", f"has no name; its ending tells how it is read: {', '.join(TYPES)}")
    with TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder, "document").with_suffix(_suffix(plain))
        path.write_bytes(content)
        return read_document(path, name=plain, seconds=seconds)


def split(document: Document, *, max_words: int = MAX_WORDS) -> tuple[Passage, ...]:
    """Passages of at most about `max_words` words that together hold all of the document but its headings.

    A passage never crosses a heading. Paragraphs, list items and rows stay whole where they fit and are otherwise cut
    between sentences. One that begins within a list has what leads up to the list as its last heading.
    """
    passages: list[Passage] = []
    for heading, blocks in _sections(document):
        start, end, under = 0, 0, heading
        for (first, last), lead in _led_pieces(document.text, blocks, max_words):
            if end and _words(document.text[start:last]) > max_words:
                passages.append(Passage(document.text[start:end], under, start, end))
                end = 0
            if not end:
                start, under = first, f"{heading} › {lead}" if heading and lead else lead or heading
            end = last
        if end:
            passages.append(Passage(document.text[start:end], under, start, end))
    return tuple(passages)


def _read(path: Path, name: str, seconds: int) -> tuple[Document, tuple[Hidden, ...]]:
    suffix = path.suffix.lower()
    if not path.is_file():
        raise InvalidDocument(name, "is not a file")
    if suffix not in TYPES:
        raise InvalidDocument(name, f"is not a type we read; save it as one of {', '.join(TYPES)}")
    if path.stat().st_size > MAX_BYTES:
        raise InvalidDocument(name, f"is larger than {MAX_BYTES >> 20} MiB; split it")
    text, *hidden = map(_visible, _parsed(path, name, seconds).split(PART_END))
    if not text.strip():
        scan = "; a scan needs text recognition first" if suffix == ".pdf" else ""
        raise InvalidDocument(name, f"holds no text{scan}")
    document = Document(id=name, title=_title(text) or Path(name).stem, text=text)
    return document, tuple(Hidden(name, each) for each in hidden)


def _attempt(file: Path) -> tuple[Document, tuple[Hidden, ...]] | Skipped:
    try:
        return _read(file, file.name, MAX_SECONDS)
    except InvalidDocument as error:
        return Skipped(file.name, str(error).removeprefix(f"{file.name}: "))


def _parsed(path: Path, name: str, seconds: int) -> str:
    """The text of a file, read in a process of its own that may take neither long nor much memory."""
    # Isolated (-I) and by path: neither the environment nor the working directory decides what is loaded.
    command = [sys.executable, "-I", str(_PARSER), str(path.resolve()), str(seconds)]
    try:
        result = subprocess.run(command, capture_output=True, timeout=WALL * seconds, env={}, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise InvalidDocument(name, f"takes longer than {seconds} s to read") from error
    if result.returncode in SPENT:
        raise InvalidDocument(name, f"takes longer than {seconds} s to read")
    if result.returncode == REFUSED:
        raise InvalidDocument(name, result.stderr.decode())
    if result.returncode != 0:
        raise InvalidDocument(name, f"cannot be read as {path.suffix[1:].lower()}; the file may be damaged")
    return result.stdout.decode()


def _suffix(name: str) -> str:
    """The ending of `name` if it is one we read, else none, so that a strange name never reaches the disk."""
    return next((each for each in TYPES if name.lower().endswith(each)), "")


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


def _led_pieces(text: str, blocks: Sequence[tuple[int, int]], max_words: int) -> Iterator[tuple[tuple[int, int], str]]:
    """The pieces of `blocks`, each with what leads up to the list it is an item of: "You must never carry"."""
    lead = ""
    for start, end in blocks:
        listed = bool(_LISTED.match(text, start, end))
        for piece in _pieces(text, start, end, max_words):
            yield piece, lead if listed else ""
        if not listed:
            match = _LEADS_UP.search(text, max(start, end - _LEAD_CHARACTERS), end)
            lead = match[1] if match else ""


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
