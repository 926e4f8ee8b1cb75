"""Files of other programs as plain text: the small program that `documents.py` runs, limited, once a file.

What comes out is text with light structure: `# ` headings, `- ` list items, one line a table row, blank lines between
paragraphs; then, each after a form feed, the texts that readers do not see. It imports nothing of ours, so that it
starts quickly and a crafted file meets as little as possible.
"""

from __future__ import annotations

import contextlib
import re
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

MAX_SECONDS = 20
MAX_MEMORY = 1 << 30
MAX_CHARACTERS = 10 << 20  # A small file may unfold into gigabytes; a book has about one million characters.
PART_END = "\f"  # Between the text that is seen and each hidden one, on standard output.
REFUSED = 3  # Exit status when the reason is on standard error, in words for people.

HEADING = re.compile(r"^h[1-6]$")
LIST = re.compile(r"^[uo]l$")
BLOCK = re.compile(
    r"^(?:h[1-6]|address|article|aside|blockquote|body|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form"
    r"|header|hr|html|legend|li|main|ol|p|pre|section|summary|table|ul)$"
)
UNWRITTEN = re.compile(r"^(?:head|title|script|style|svg|math)$")  # Not text, or text that is read elsewhere.
UNSEEN = re.compile(r"^(?:template|noscript|nav|iframe|object|canvas|select)$")
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(?:[;!}]|$)"
    r"|font(?:-size)?\s*:[^;}]*?(?<![\d.])0*\.?0+(?:px|pt|em|rem|%|\s|[;!}]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    kind: Literal["text", "item", "row"] = "text"


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says."""

    seen: str
    """What a reader would see."""
    hidden: tuple[str, ...] = ()
    """What is there for machines only: comments, parts hidden by style or attribute, type too small to read."""


def text_of_markdown(file: Path) -> Text:
    """Text of a Markdown file without its marks."""
    from markdown_it import MarkdownIt

    return text_of_markup(MarkdownIt("commonmark").enable("table").render(file.read_text(encoding="utf-8-sig")))


def text_of_html(file: Path) -> Text:
    """Text of a web page."""
    return text_of_markup(file.read_bytes())


def text_of_docx(file: Path) -> Text:
    """Text of a Word document, its headings, lists and tables kept."""
    import mammoth

    with file.open("rb") as stream:
        no_images = mammoth.images.img_element(lambda _: {})
        page = mammoth.convert_to_html(stream, convert_image=no_images, style_map="p[style-name='Title'] => h1:fresh")
    return text_of_markup(page.value)


def text_of_pdf(file: Path) -> Text:
    """Text of a PDF: lines joined into paragraphs, larger type taken as headings."""
    from pypdf import PdfReader

    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        sys.exit(_refuse("is protected with a password; save it without one"))
    lines: list[_Line] = []
    hidden: list[str] = []
    for page in reader.pages:
        found = _Lines()
        lines += found.of(page)
        hidden.append(" ".join(" ".join(found.tiny).split()))
    return Text(_paragraphs(lines), tuple(filter(None, hidden)))


def text_of_markup(markup: str | bytes) -> Text:
    """Text of HTML `markup`; what a browser would not show (by style, attribute or comment) is told apart."""
    from bs4 import BeautifulSoup, Comment

    page = BeautifulSoup(markup, "html.parser")
    title = page.title.get_text(" ", strip=True) if page.title else ""
    hidden = [str(comment) for comment in page.find_all(string=lambda text: isinstance(text, Comment))]
    hidden += _without_unseen(page)
    blocks = [*_blocks(page)]
    if title and not page.find(HEADING):
        blocks.insert(0, _Block(f"# {title}"))
    return Text(_join(blocks), tuple(" ".join(each.split()) for each in hidden if each.strip()))


def row_text(header: Sequence[str], cells: Sequence[str]) -> str:
    """One table row as one line, `Header: value; Header: value`; empty cells are left out."""
    names = [*header, *[""] * (len(cells) - len(header))]
    pairs = [(" ".join(name.split()), " ".join(cell.split())) for name, cell in zip(names, cells, strict=False)]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def _without_unseen(page: BeautifulSoup) -> list[str]:
    """Takes from `page` what a browser would not show; the texts of the parts that were hidden."""
    from soupsieve import SelectorSyntaxError

    sheet = re.sub(r"/\*.*?\*/", "", " ".join(style.get_text() for style in page.find_all("style")), flags=re.DOTALL)
    _remove(page.find_all(UNWRITTEN))
    hidden: list[str] = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        if HIDING.search(body):
            # A selector that cannot be read hides nothing in a browser either.
            with contextlib.suppress(SelectorSyntaxError):
                hidden += _remove(page.select(selector))
    hidden += _remove(page.find_all(UNSEEN))
    hidden += _remove(page.find_all(hidden=True))
    hidden += _remove(page.select('[aria-hidden="true" i]'))
    hidden += _remove(page.find_all(style=HIDING))
    return hidden


def _remove(tags: Iterable[Tag]) -> list[str]:
    texts = []
    for tag in tags:
        if not tag.decomposed:
            texts.append(tag.get_text(" "))
            tag.decompose()
    return texts


def _blocks(parent: Tag) -> Iterator[_Block]:
    """The blocks in `parent`, in order; text between blocks makes blocks of its own."""
    from bs4 import Tag

    inline: list[str] = []
    for child in parent.children:
        if isinstance(child, Tag) and (BLOCK.match(child.name) or child.find(BLOCK)):
            yield from _flush(inline)
            yield from _block(child)
        else:
            inline.append(_inline(child))
    yield from _flush(inline)


def _block(tag: Tag) -> Iterator[_Block]:
    if HEADING.match(tag.name):
        text = " ".join(_inline(tag).split())
        yield from [_Block(f"{'#' * int(tag.name[1])} {text}")] if text else []
    elif LIST.match(tag.name):
        yield from _items(tag)
    elif tag.name == "li" and tag.find_parent(LIST):
        return  # An item inside an item is one whose end tag was left out: its list reads it.
    elif tag.name == "table":
        yield from _rows(tag)
    elif tag.name == "pre":
        # Indented, so that a line such as "# comment" is not taken for a heading.
        yield _Block("\n".join(f"    {line}" for line in tag.get_text().strip("\n").splitlines()))
    else:
        yield from _blocks(tag)


def _items(tag: Tag) -> Iterator[_Block]:
    first = str(tag.get("start", "1"))
    number = int(first) if first.isdecimal() else 1
    for item in (each for each in tag.find_all("li") if each.find_parent(LIST) is tag):
        mark = f"{number}. " if tag.name == "ol" else "- "
        number += 1
        for position, block in enumerate(_blocks(item)):
            yield _Block(f"{mark}{block.text}" if position == 0 else block.text, "item")


def _rows(table: Tag) -> Iterator[_Block]:
    header: list[str] = []
    for row in table.find_all("tr"):
        tags = [tag for tag in row.find_all(["th", "td"]) if tag.find_parent("tr") is row]
        cells = ["".join(map(_inline, tag.children)) for tag in tags]
        if not header and all(tag.name == "th" for tag in tags):
            header = cells
            continue
        # Two cells without a header over them are a name and its value.
        text = row_text(header, cells) if header or len(cells) != 2 else row_text(cells[:1], cells[1:])
        yield from [_Block(text, "row")] if text else []


def _inline(node: object) -> str:
    """Text of `node` on one line, save where it says to break the line."""
    from bs4 import Tag
    from bs4.element import NavigableString

    if type(node) is NavigableString:  # Its subclasses are comments, declarations and the like.
        return re.sub(r"\s+", " ", node)
    # A cell inside another is one whose end tag was left out, or of a table in a table: it is read as a cell.
    if isinstance(node, Tag) and node.name not in ("tr", "th", "td"):
        return "\n" if node.name == "br" else "".join(map(_inline, node.children))
    return ""


def _flush(inline: list[str]) -> Iterator[_Block]:
    text = re.sub(r" *\n *", "\n", re.sub(r"[ \t]+", " ", "".join(inline))).strip()
    inline.clear()
    if text:
        yield _Block(text)


def _join(blocks: Sequence[_Block]) -> str:
    text, before = "", ""
    for block in blocks:
        tight = before == block.kind != "text"
        text += ("\n" if tight else "\n\n" if text else "") + block.text
        before = block.kind
    return text


@dataclass(slots=True)
class _Line:
    text: str
    size: float
    """Height of its type, in points."""
    y: float
    """Height of its base line above the foot of the page."""


class _Lines:
    """Collects the lines of one PDF page as pypdf visits its pieces of text."""

    def __init__(self) -> None:
        self._lines = [_Line("", 0.0, 0.0)]
        self.tiny: list[str] = []

    def of(self, page: object) -> list[_Line]:
        page.extract_text(visitor_text=self._visit)  # type: ignore[attr-defined]
        return [line for line in self._lines if line.text.strip()]

    def _visit(self, text: str, outer: list[float], inner: list[float], _font: object, size: float) -> None:
        size *= abs(inner[3] * outer[3]) or 1.0
        y = inner[5] * outer[3] + outer[5]
        for position, part in enumerate(text.split("\n")):
            if position:
                self._lines.append(_Line("", 0.0, y))
            if part.strip() and size < 1:  # Type under one point is there for machines, not for readers.
                self.tiny.append(part)
            elif part.strip():
                line = self._lines[-1]
                line.text, line.size, line.y = line.text + part, max(line.size, size), y
            elif part and self._lines[-1].text:
                self._lines[-1].text += " "


def _paragraphs(lines: Sequence[_Line]) -> str:
    sizes = sorted(line.size for line in lines for _ in line.text.split())
    body = sizes[len(sizes) // 2] if sizes else 0.0
    larger = sorted({round(line.size, 1) for line in lines if line.size > body * 1.12}, reverse=True)
    text, before = "", None
    for line in lines:
        words = " ".join(line.text.split())
        level = larger.index(round(line.size, 1)) + 1 if line.size > body * 1.12 else 0
        item = re.match(r"(?:[-–•▪●◦*]|\d{1,3}[.)])\s+(?=\S)", words)
        gap = before is not None and not 0 <= before.y - line.y <= 1.7 * max(line.size, 1)
        if level:
            joins_on = before is not None and round(before.size, 1) == round(line.size, 1) and not gap
            text += f" {words}" if joins_on else f"\n\n{'#' * min(level, 6)} {words}"
        elif item:
            text += "\n- " + words[item.end() :] if item[0].strip() in "-–•▪●◦*" else f"\n{words}"
        else:
            starts = before is None or gap or round(before.size, 1) in larger
            text += f"\n\n{words}" if starts else f"{'' if text.endswith('-') else ' '}{words}"
        before = line
    return text.strip()


READERS = {
    ".md": text_of_markdown,
    ".html": text_of_html,
    ".htm": text_of_html,
    ".pdf": text_of_pdf,
    ".docx": text_of_docx,
}


def main(file: Path) -> int:
    """Write the text of `file` to standard output, within the limits; the exit status."""
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(ValueError):  # macOS refuses a limit on memory; the others hold there.
            resource.setrlimit(limit, (value, value))
    try:
        text = READERS[file.suffix.lower()](file)
    except UnicodeDecodeError:
        return _refuse("is not UTF-8; save it as UTF-8")
    except MemoryError:
        return _refuse(f"needs more than {MAX_MEMORY >> 30} GiB of memory to read")
    except RecursionError:
        return _refuse("is nested too deeply to read")
    length = len(text.seen) + sum(map(len, text.hidden))
    if length > MAX_CHARACTERS:
        return _refuse(f"holds {length:,} characters of text; the most is {MAX_CHARACTERS:,}")
    parts = [part.replace(PART_END, " ") for part in (text.seen, *text.hidden)]
    sys.stdout.buffer.write(PART_END.join(parts).encode("utf-8", "replace"))
    return 0


def _refuse(reason: str) -> int:
    sys.stderr.write(reason)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
