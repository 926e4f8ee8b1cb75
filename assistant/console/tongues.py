"""Every text that the console shows, in the languages of its readers: one file a page and language."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import yaml
from starlette.requests import HTTPConnection

Tongue = Literal["en", "it"]
TONGUES: tuple[Tongue, ...] = get_args(Tongue)
COOKIE = "console_language"
THEME_COOKIE = "console_theme"
reader: ContextVar[HTTPConnection] = ContextVar("reader")
"""The request that is answered: the language and the colours of a page are those of whoever reads it."""
_FOLDER = Path(__file__).parent / "words"

Say = Callable[..., str]
"""A text by its key, with its placeholders filled by name: `say("since", when="3 May")`."""


def tongue_of(connection: HTTPConnection) -> Tongue:
    """What the reader chose, else the first language of their browser that we have, else English."""
    wanted = [connection.cookies.get(COOKIE, "")]
    wanted += [each.strip()[:2].lower() for each in connection.headers.get("accept-language", "").split(",")]
    return next((tongue for each in wanted for tongue in TONGUES if each == tongue), "en")


def words(tongue: Tongue, page: str) -> Say:
    """The texts of one page. A key that is not there raises KeyError: a page is tested in every language."""
    texts = read_words(tongue, page)

    def say(key: str, **filled: object) -> str:
        return texts[key].format(**filled) if filled else texts[key]

    return say


@lru_cache(maxsize=128)
def read_words(tongue: Tongue, page: str) -> dict[str, str]:
    """The texts of the file `words/<tongue>/<page>.yaml` by key."""
    loaded = yaml.safe_load((_FOLDER / tongue / f"{page}.yaml").read_text(encoding="utf-8"))
    return {str(key): str(text).strip() for key, text in loaded.items()}
