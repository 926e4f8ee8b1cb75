"""What every page looks like: its frame, and the small pieces that pages are made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from assistant.access import ROLES
from assistant.console.door import PATH, style_address
from assistant.console.tongues import COOKIE, THEME_COOKIE, TONGUES
from assistant.database import utc_now
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.console.visits import Visit

Section = Literal["verticals", "changes", "review", "work", "models", "audit"]
SECTIONS: dict[Section, str] = {
    "verticals": "/", "changes": "/changes", "review": "/review", "work": "/work", "models": "/models",
    "audit": "/audit",
}  # fmt: skip
Tone = Literal["good", "bad", "warn", "calm"]
TONES: dict[str, Tone] = {
    "answered": "good", "pass": "good", "passed": "good", "published": "good", "approved": "good", "live": "good",
    "declined": "bad", "block": "bad", "failed": "bad", "emergency": "bad",
    "mask": "warn", "quoted": "warn", "unanswered": "warn", "submitted": "warn",
}  # fmt: skip
STATES = ("draft", "submitted", "approved", "published", "discarded", "live", "emergency")
_A_MINUTE, _AN_HOUR, _A_DAY = 60, 3600, 86_400
_SIGN_OUT = (
    "fetch('/v1/session', {{method: 'DELETE', headers: {{'x-csrf-token': '{csrf}'}}}})"
    ".finally(() => location.assign('{then}'))"
)
_CONNECTED_FIRST = """<script>addEventListener('DOMContentLoaded', () => {
    const app = document.getElementById('app');
    app.inert = true;
    (function wait() { if (window.did_handshake) app.inert = false; else setTimeout(wait, 20); })();
});</script>"""
"""Nothing can be typed before the page is connected: NiceGUI would send it in any order, and letters change places."""
_CHOOSE = "document.cookie = '{cookie}={value}; path=/console; max-age=31536000; samesite=lax'; {then}"


@contextmanager
def frame(visit: Visit, title: str, *, section: Section, wide: bool = False) -> Iterator[None]:
    """The page around what is built inside: header, navigation, and `title` as its first heading."""
    say = visit.words("frame")
    ui.page_title(f"{title} · {say('product')}")
    _head()
    client = ui.context.client
    with client.layout, ui.element("header").classes("top") as top:
        with ui.element("a").props(f'href="{PATH}/"').classes("product"):
            tag("span", "§").classes("mark").props('aria-hidden="true"')
            tag("span", say("product"))
        with ui.element("nav").props(f'aria-label="{say("navigation")}"'):
            for name, path in SECTIONS.items():
                link = tag("a", say(name)).props(f'href="{PATH}{path}"')
                if name == section:
                    link.props('aria-current="page"')
        _account(visit)
    top.move(target_index=0)  # Before the page, which Quasar makes the <main> of the document.
    with client.content.classes("wide" if wide else ""):
        heading(title)
        yield
    ui.skip_link(say("skip"), target=client.content)


def crumbs(visit: Visit, *way: tuple[str, str]) -> None:
    """The way to this page, as name and path of each page above it; stands before the heading."""
    with ui.element("nav").classes("crumbs").props(f'aria-label="{visit.words("frame")("way")}"') as made:
        for place, (name, path) in enumerate(way):
            if place:
                tag("span", "/").props('aria-hidden="true"')
            tag("a", name).props(f'href="{PATH}{path}"')
    made.move(target_index=0)


def field(label: str, value: str = "", *, lines: int = 1, hint: str = "") -> ui.input:
    """A labelled input of one line, or of several; `.value` is what it holds."""
    identity = f"field-{ui.context.client.next_element_id}"
    with ui.element("div").classes("field"):
        tag("label", label).props(f'for="{identity}"')
        if hint:
            tag("p", hint).classes("hint flush")
        made = ui.textarea(value=value) if lines > 1 else ui.input(value=value)
        made.props(f'for="{identity}" borderless dense rows={lines}').classes("plain-field")
    return made


def refusal(visit: Visit, error: AssistantError) -> None:
    """The page that stands where another cannot be shown, with the reason."""
    say = visit.words("frame")
    with frame(visit, say("refused"), section="verticals"):
        tag("p", str(error)).classes("lead")
        tag("a", say("back")).props(f'href="{PATH}/"')


def tag(name: str, text: str = "") -> TextElement:
    """An HTML element of that name that holds `text`, which is never read as HTML."""
    return TextElement(tag=name, text=text)


def heading(text: str, level: int = 1) -> TextElement:
    """A heading."""
    return tag(f"h{level}", text)


def badge(visit: Visit, what: str, text: str | None = None) -> TextElement:
    """An outcome or a state in its own words, or in `text`; its colour only repeats what they say."""
    say = visit.words("frame")
    text = text if text is not None else say(f"{'state' if what in STATES else 'outcome'}_{what}")
    return tag("span", text).classes(f"badge {TONES.get(what, 'calm')}")


@contextmanager
def card(title: str | None = None, *, level: int = 2) -> Iterator[Element]:
    """A bordered part of a page, with its heading."""
    with ui.element("section").classes("card") as made:
        if title:
            heading(title, level)
        yield made


def empty(text: str, hint: str = "") -> None:
    """What a list shows that holds nothing: why, and what to do."""
    with ui.element("div").classes("empty"):
        tag("p", text)
        if hint:
            tag("p", hint).classes("hint")


def notice(text: str, tone: Tone = "calm") -> Element:
    """A sentence that must not be overlooked."""
    with ui.element("div").classes(f"notice {tone}").props('role="status"') as made:
        tag("p", text)
    return made


def digest_chip(visit: Visit, digest: str | None) -> None:
    """The first twelve characters of a digest; a click copies the whole."""
    if digest is None:
        return
    short = digest.removeprefix("sha256:")[:12]
    say = visit.words("frame")
    chip = tag("button", short).classes("digest").props(f'type="button" title="{say("copy_digest")}"')
    chip.on("click", js_handler=f"() => navigator.clipboard.writeText('{digest}')")


def when(visit: Visit, at: datetime) -> TextElement:
    """How long ago, or the day; the exact moment is in its title."""
    say, ago = visit.words("frame"), (utc_now() - at).total_seconds()
    if ago < _A_MINUTE:
        text = say("just_now")
    elif ago < _AN_HOUR:
        text = say("minutes", n=int(ago // _A_MINUTE))
    elif ago < _A_DAY:
        text = say("hours", n=int(ago // _AN_HOUR))
    else:
        text = f"{at:%Y-%m-%d %H:%M} UTC"
    return tag("time", text).props(f'datetime="{at.isoformat()}" title="{at:%Y-%m-%d %H:%M:%S} UTC"')


def button(text: str, *, primary: bool = False, danger: bool = False, small: bool = False) -> TextElement:
    """A button; what it does is added with `.on("click", visit.doing(...))`."""
    kinds = {"primary": primary, "danger": danger, "small": small}
    return (
        tag("button", text)
        .classes(" ".join(["button", *(name for name, on in kinds.items() if on)]))
        .props('type="button"')
    )


def _head() -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="{PATH}{style_address()}">{_CONNECTED_FIRST}')


def _account(visit: Visit) -> None:
    say = visit.words("frame")
    with ui.element("details").classes("account"):
        with ui.element("summary").props(f'aria-label="{say("account")}: {_quoted(visit.person.name)}"'):
            tag("span", visit.person.name).classes("name")
            tag("span", ", ".join(say(f"role_{role}") for role in ROLES if role in visit.person.roles)).classes("role")
        with ui.element("div").classes("sheet"):
            with ui.element("div").props(f'role="group" aria-label="{say("language")}"').classes("choice"):
                for tongue in TONGUES:
                    chosen = tag("button", {"en": "English", "it": "Italiano"}[tongue])
                    _choosing(chosen, COOKIE, tongue, "location.reload()", on=tongue == visit.tongue)
            with ui.element("div").props(f'role="group" aria-label="{say("theme")}"').classes("choice"):
                now = visit.theme
                for theme in ("auto", "light", "dark"):
                    chosen = tag("button", say(f"theme_{theme}"))
                    _choosing(chosen, THEME_COOKIE, theme, "location.reload()", on=theme == now)
            out = tag("button", say("sign_out")).classes("button small").props('type="button"')
            gone = _SIGN_OUT.format(csrf=visit.session.csrf, then=f"{PATH}/signin")
            out.on("click", js_handler=f"() => {gone}")


def _choosing(made: TextElement, cookie: str, value: str, then: str, *, on: bool) -> None:
    made.props(f'type="button" aria-pressed="{str(on).lower()}"')
    made.on("click", js_handler=f"() => {{ {_CHOOSE.format(cookie=cookie, value=value, then=then)} }}")


def _quoted(text: str) -> str:
    """`text` as it may stand inside the double quotes of a property."""
    return text.replace("\\", "").replace('"', "”")
