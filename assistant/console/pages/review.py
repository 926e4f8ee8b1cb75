"""The review queue: turns that somebody should look at, the latest first."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from nicegui import ui

from assistant.console.door import PATH
from assistant.console.routes import console_page
from assistant.console.shell import badge, button, empty, frame, tag, when
from assistant.console.tongues import reader
from assistant.console.visits import Visit
from assistant.records.review import KINDS, Reviewed, Wanted

SEEN = ("open", "marked", "all")
TONES = {"blocked": "bad", "low-support": "warn", "thumbs-down": "warn", "masked": "calm"}


def add_review_page() -> None:
    """Registers `/review`."""

    @console_page("/review")
    async def review(visit: Visit) -> None:
        say, by, chosen = visit.words("review"), await visit.caller(), _chosen()
        page = await visit.desk.reviewing.queue(by, _wanted(chosen), after=_moment(chosen["after"]))
        with frame(visit, say("title"), section="review"):
            tag("p", say("lead")).classes("lead")
            _filters(visit, chosen)
            if not page.turns:
                empty(say("none"), say("none_hint"))
            for turn in page.turns:
                _row(visit, turn)
            if page.after:
                further = urlencode({**chosen, "after": page.after.isoformat()})
                tag("a", say("further")).props(f'href="{PATH}/review?{further}"').classes("button")


def _chosen() -> dict[str, str]:
    """What the address asks for."""
    asked = reader.get().query_params
    chosen = {name: asked.get(name, "").strip()[:200] for name in ("vertical", "kind", "seen", "text", "after")}
    return {**chosen, "seen": chosen["seen"] if chosen["seen"] in SEEN else "open"}


def _wanted(chosen: dict[str, str]) -> Wanted:
    return Wanted(
        vertical=chosen["vertical"] or None,
        kind=next((kind for kind in KINDS if kind == chosen["kind"]), None),
        marked={"open": False, "marked": True, "all": None}[chosen["seen"]],
        text=chosen["text"] or None,
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _filters(visit: Visit, chosen: dict[str, str]) -> None:
    """Plain links and one search field, so that a choice has an address that can be sent to somebody."""
    say = visit.words("review")
    form = ui.element("form").props(f'action="{PATH}/review" method="get" role="search"').classes("filters card")
    with form, ui.element("div").classes("line"):
        _select("vertical", say("vertical"), {"": say("every"), **_verticals(visit)}, chosen["vertical"])
        _select("kind", say("kind"), {"": say("every"), **{k: say(f"kind_{k}") for k in KINDS}}, chosen["kind"])
        _select("seen", say("seen"), {each: say(f"seen_{each}") for each in SEEN}, chosen["seen"])
        with ui.element("div").classes("grow"):
            tag("label", say("text")).props('for="review-text"')
            search = ui.element("input").props('id="review-text" name="text" type="search" maxlength="200"')
            search.props["value"] = chosen["text"]
        tag("button", say("show")).props('type="submit"').classes("button primary")


def _select(name: str, label: str, options: dict[str, str], chosen: str) -> None:
    with ui.element("div"):
        tag("label", label).props(f'for="review-{name}"')
        with ui.element("select").props(f'id="review-{name}" name="{name}"'):
            for value, text in options.items():
                option = tag("option", text)
                option.props["value"] = value
                if value == chosen:
                    option.props("selected")


def _verticals(visit: Visit) -> dict[str, str]:
    return {release.vertical.name: release.vertical.title for release in visit.desk.rails.live}


def _row(visit: Visit, turn: Reviewed) -> None:
    say = visit.words("review")
    with ui.element("article").classes("card turn") as card:
        with ui.element("div").classes("line spread"):
            with ui.element("div").classes("line"):
                for kind in turn.kinds:
                    tag("span", say(f"kind_{kind}")).classes(f"badge {TONES[kind]}")
                if turn.rail:
                    tag("span", say("rail", rail=turn.rail)).classes("hint")
            with ui.element("div").classes("line hint"):
                tag("span", _verticals(visit).get(turn.vertical, turn.vertical))
                when(visit, turn.created_at)
        asked = turn.question if turn.question is not None else say("erased")
        with tag("h2").classes("asked"):
            tag("a", asked).props(f'href="{PATH}/answers/{turn.answer_id}"')
        if turn.reason:
            tag("p", say("reason", reason=turn.reason)).classes("hint")
        with ui.element("div").classes("line").props('aria-live="polite"') as marks:
            _marks(visit, turn, marks)
    card.mark(turn.answer_id)


def _marks(visit: Visit, turn: Reviewed, line: ui.element) -> None:
    say = visit.words("review")
    badge(visit, turn.outcome)
    if turn.mark:
        tag("span", say("was_right" if turn.mark.right else "was_wrong")).classes(
            f"badge {'good' if turn.mark.right else 'bad'}"
        )

    def marking(right: bool) -> None:
        async def mark() -> None:
            await visit.desk.reviewing.mark(turn.answer_id, await visit.caller(), right=right)
            line.clear()
            with line:
                tag("span", say("was_right" if right else "was_wrong")).classes(f"badge {'good' if right else 'bad'}")
                tag("span", say("kept")).classes("hint")

        button(say("right" if right else "wrong"), small=True).on("click", visit.doing(mark))

    marking(right=True)
    marking(right=False)
