"""The HTML of the frame and the demo pages; everything a vertical says is escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.api import VerticalCard
from assistant.widget.assembling import Script
from assistant.widget.showcase import Showcase

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def frame_page(card: VerticalCard, token: str, window: Script) -> str:
    """A page that the conversation fills, for an `<iframe>`."""
    return _PAGES.get_template("frame.html").render(card=card, token=token, window=window)


def demo_page(card: VerticalCard, showcase: Showcase, launcher: Script) -> str:
    """The page of the company that `showcase` tells of, with the widget on it."""
    return _PAGES.get_template("demo.html").render(card=card, page=showcase, launcher=launcher)
