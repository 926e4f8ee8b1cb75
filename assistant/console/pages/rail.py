"""A rail on one page: why it is there, what it says, its Colang, its examples, and a place to try it."""

from __future__ import annotations

import re

from nicegui import ui

from assistant.console.editing import Writing, editor, other_problems
from assistant.console.examples import ExamplesPanel
from assistant.console.routes import console_page
from assistant.console.shell import badge, card, crumbs, field, frame, notice, tag
from assistant.console.trying import try_panel
from assistant.console.visits import Visit
from assistant.errors import NotFound
from assistant.rails.bundle import Rail
from assistant.rails.colang import parse_texts
from assistant.rails.live import Release
from assistant.rails.rewriting import with_message, with_section
from assistant.releases.drafts import DraftedRail

MESSAGES, POLICY = "messages.co", "policy.md"
AnyRail = Rail | DraftedRail
_PAPER = re.compile(r"^- (Stops|Why|Source|Owner|Review): *(.*)$", re.MULTILINE)


def add_rail_page() -> None:
    """Registers `/verticals/{vertical}/rails/{rail}`."""

    @console_page("/verticals/{vertical}/rails/{rail}")
    async def show(visit: Visit, vertical: str, rail: str) -> None:
        say, by = visit.words("rail"), await visit.caller()
        release = visit.desk.rails.release(vertical)
        live = next((each for each in release.bundle.rails if each.name == rail), None)
        draft = await visit.desk.drafts.open(live.owner if live else vertical, by)
        found = live or next((each for each in draft.begun_rails if each.name == rail), None)
        if found is None:
            raise NotFound(say("unknown", rail=rail))
        writing = Writing(visit, draft, say("change", rail=rail))
        with frame(visit, rail, section="verticals", wide=True):
            crumbs(visit, (visit.words("frame")("verticals"), "/"), (release.vertical.title, f"/verticals/{vertical}"))
            with ui.element("div").classes("line"):
                badge(visit, "live" if live else "draft")
                tag("span", say(found.stage)).classes("badge calm")
                if found.owner == "shared":
                    tag("span", say("shared")).classes("badge warn")
            writing.status()
            with ui.element("div").classes("columns"):
                with ui.element("div"):
                    _purpose(visit, writing, found)
                    _colang(visit, writing, found)
                    _messages(visit, writing, release, found)
                with ui.element("div").classes("aside"):
                    try_panel(writing, vertical, found.stage, rail=rail)
            await _examples(visit, writing, vertical, found)
        await writing.check()


async def _examples(visit: Visit, writing: Writing, vertical: str, rail: AnyRail) -> None:
    say, spoken = visit.words("examples"), rail.stage == "output"
    if rail.owner != "shared":
        ExamplesPanel(writing, vertical, rail.name, title=say("title"), with_evidence=spoken)
        return
    draft = await visit.desk.drafts.open(vertical, await visit.caller())
    own = Writing(visit, draft, visit.words("rail")("change", rail=rail.name))
    ExamplesPanel(own, vertical, rail.name, title=say("title_own"), with_evidence=spoken)
    own.status()
    ExamplesPanel(writing, vertical, rail.name, title=say("title_shared"), with_evidence=spoken)


def _purpose(visit: Visit, writing: Writing, rail: AnyRail) -> None:
    say = visit.words("rail")
    section = _section(writing.text(POLICY), rail.name)
    with card(say("purpose")):
        if not section:
            notice(say("no_policy"), "warn")
        with tag("dl").classes("facts paper"):
            for name, text in _PAPER.findall(section):
                tag("dt", say(name.lower()))
                tag("dd", text)
        with tag("details").classes("adding"):
            tag("summary", say("edit_policy"))
            made = field(say("policy_label"), section, lines=8, hint=say("policy_hint"))
            made.on_value_change(
                lambda event: writing.typed(POLICY, with_section(writing.text(POLICY), rail.name, event.value or ""))
            )


def _colang(visit: Visit, writing: Writing, rail: AnyRail) -> None:
    say, path = visit.words("rail"), rail.file.partition("/")[2]
    with card(say("colang")):
        tag("p", say("colang_lead")).classes("hint")
        editor(writing, path, label=say("colang_label", rail=rail.name))
        other_problems(writing, but=(path,))


def _messages(visit: Visit, writing: Writing, release: Release, rail: AnyRail) -> None:
    say = visit.words("rail")
    own = {block.name: block.texts[0][1] for block in parse_texts(MESSAGES, writing.text(MESSAGES), "bot")[0]}
    with card(say("messages")):
        tag("p", say("messages_lead")).classes("hint")
        for message in rail.messages:
            said = release.bundle.messages.get(message, "")
            made = field(message, own.get(message, said), lines=2)
            made.on_value_change(lambda event, name=message: _say(writing, name, event.value or ""))
            if message in own and said != own[message] and message not in _changed(writing, own):
                tag("p", say("said_here", text=said)).classes("hint")


def _say(writing: Writing, message: str, text: str) -> None:
    if text.strip():
        writing.typed(MESSAGES, with_message(writing.text(MESSAGES), message, text))


def _changed(writing: Writing, own: dict[str, str]) -> set[str]:
    served = {b.name: b.texts[0][1] for b in parse_texts(MESSAGES, writing.draft.served_text(MESSAGES), "bot")[0]}
    return {name for name, text in own.items() if served.get(name) != text}


def _section(policy: str, rail: str) -> str:
    parts = re.split(r"^## +(.+?) *$", policy, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(rail, "").strip()
