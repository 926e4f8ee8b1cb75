"""The page of a small company that a vertical is shown on: `knowledge/<vertical>/demo/page.yaml`, with its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InvalidVertical
from assistant.verticals import NAME, parse_yaml

FOLDER = "demo"
PICTURE = r"[a-z0-9-]+\.svg"
SHEET = "page.css"
Words = Annotated[str, Field(min_length=1, max_length=2000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Card(_Part):
    """One thing the company has or does."""

    title: Words
    text: Words
    picture: Annotated[str, Field(pattern=f"^{PICTURE}$")] | None = None
    ask: Words | None = None
    """A question about it, asked at one click."""


class Sample(_Part):
    """A document to try at one click."""

    title: Words
    about: Words
    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class Showcase(_Part):
    """What the page says."""

    company: Words
    motto: Words = ""
    menu: tuple[Words, ...] = ()
    heading: Words
    lead: Words
    picture: Annotated[str, Field(pattern=f"^{PICTURE}$")] | None = None
    cards: tuple[Card, ...] = ()
    samples_heading: Words = "Try it with a document"
    samples: tuple[Sample, ...] = ()
    closing: Words | None = None


def read_showcase(folder: Path, *, title: str, suggestions: tuple[str, ...]) -> Showcase:
    """What `folder` holds; where there is no page.yaml, a plain page of the vertical's title and suggestions.

    Raises InvalidVertical naming the file and the key that is wrong.
    """
    file = folder / "page.yaml"
    if not file.is_file():
        cards = tuple(Card(title=each, text="Ask the assistant.", ask=each) for each in suggestions)
        return Showcase(company=title, heading=title, lead="Ask the assistant at the corner of the page.", cards=cards)
    try:
        return Showcase.model_validate(parse_yaml(file.read_text(encoding="utf-8"), file=file))
    except (UnicodeDecodeError, ValidationError) as error:
        raise InvalidVertical(file, f"is no page: {error}") from error


def folder_of(knowledge_dir: Path, vertical: str) -> Path:
    """Where the page of `vertical` is kept; a name that is none leads nowhere."""
    return knowledge_dir / (vertical if NAME.fullmatch(vertical) else "none") / FOLDER
