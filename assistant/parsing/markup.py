"""Web pages and Markdown as text; what a browser would not show is told apart."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.parsing.tables import row_text
from assistant.parsing.text import Text

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

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


def text_of_markdown(file: Path) -> Text:
    """Text of a Markdown file without its marks."""
    from markdown_it import MarkdownIt

    return text_of_markup(MarkdownIt("commonmark").enable("table").render(file.read_text(encoding="utf-8-sig")))


def text_of_html(file: Path) -> Text:
    """Text of a web page."""
    return text_of_markup(file.read_bytes())


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
