"""The first page: what each vertical serves, since when, by whom, and how its rails are doing."""

from __future__ import annotations

from collections.abc import Mapping

from nicegui import ui

from assistant.access import Caller
from assistant.console.door import PATH
from assistant.console.figures import bars
from assistant.console.routes import console_page
from assistant.console.shell import badge, card, digest_chip, empty, frame, notice, tag, when
from assistant.console.visits import Visit
from assistant.rails.live import Release
from assistant.rails.publication import Live
from assistant.reviewing.rail_health import Health

BUSIEST = 3


def add_verticals_page() -> None:
    """Registers `/`."""

    @console_page("/")
    async def verticals(visit: Visit) -> None:
        say, by = visit.words("verticals"), await visit.caller()
        live = {each.folder: each for each in await visit.desk.reviews.live(by)} if "review" in by.scopes else {}
        people = {each.id: each.name for each in await visit.desk.people.list()}
        shown = [name for name in visit.desk.rails.names if by.verticals is None or name in by.verticals]
        with frame(visit, say("title"), section="verticals"):
            tag("p", say("lead")).classes("lead")
            if visit.desk.serve == "folders":
                notice(say("folders"), "warn")
            if not shown:
                empty(say("none"), say("none_hint"))
            with ui.element("div").classes("cards"):
                for name in shown:
                    await _vertical(visit, name, live.get(f"rails/{name}"), people, by)


async def _vertical(visit: Visit, name: str, live: Live | None, people: Mapping[str, str], by: Caller) -> None:
    say = visit.words("verticals")
    release = next((each for each in visit.desk.rails.live if each.vertical.name == name), None)
    problem = visit.desk.rails.problems.get(name)
    with card():
        with ui.element("div").classes("line spread"):
            with tag("h2").classes("flush"):
                tag("a", release.vertical.title if release else name).props(f'href="{PATH}/verticals/{name}"')
            badge(visit, "failed" if release is None else "live", say("down") if release is None else None)
        if problem is not None:
            notice(say("problem", problem=str(problem)), "bad")
        if release is not None:
            _facts(visit, release, live, people)
            if "read-records" in by.scopes:
                _health(visit, name, await visit.desk.health.of(name, by))


def _facts(visit: Visit, release: Release, live: Live | None, people: Mapping[str, str]) -> None:
    say = visit.words("verticals")
    with tag("dl").classes("facts"):
        tag("dt", say("since"))
        with tag("dd"):
            if live is None or not release.published:
                tag("span", say("never"))
            else:
                when(visit, live.since)
                tag("span", " · " + say("by", name=people.get(live.person_id, say("unknown"))))
        tag("dt", say("release"))
        with tag("dd"):
            digest_chip(visit, release.digest)
        tag("dt", say("model"))
        tag("dd", release.vertical.model)


def _health(visit: Visit, name: str, health: Health) -> None:
    say = visit.words("verticals")
    answers = sum(health.answers)
    with ui.element("div").classes("line spread health"):
        with ui.element("div"):
            tag("p", say("answers", n=answers, days=len(health.days))).classes("flush")
            tag("p", say("rails", n=len(visit.desk.rails.release(name).bundle.rails))).classes("hint flush")
        bars(health.answers, label=say("answers_label", n=answers))
    busiest = sorted(health.rails.items(), key=lambda each: -each[1].total)[:BUSIEST]
    if not busiest:
        tag("p", say("quiet")).classes("hint")
        return
    with tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for key in ("busiest", "a_day", "fires", "alarms"):
                tag("th", say(key)).classes("number" if key in ("fires", "alarms") else "").props('scope="col"')
        with tag("tbody"):
            for rail, counted in busiest:
                with tag("tr"):
                    with tag("td"):
                        tag("a", rail).props(f'href="{PATH}/verticals/{name}/rails/{rail}"')
                    with tag("td"):
                        bars(counted.fires, label=say("fires_label", rail=rail, n=counted.total))
                    tag("td", str(counted.total)).classes("number")
                    tag("td", str(counted.false_alarms)).classes("number")
