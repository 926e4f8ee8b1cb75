"""One vertical: its rails with their health, its topics, and the documents it knows."""

from __future__ import annotations

from nicegui import ui

from assistant.access import Caller, allow
from assistant.console.door import PATH
from assistant.console.figures import bars
from assistant.console.routes import console_page
from assistant.console.shell import badge, card, crumbs, digest_chip, empty, frame, tag
from assistant.console.visits import Visit
from assistant.rails.live import Release
from assistant.reviewing.rail_health import Health


def add_vertical_page() -> None:
    """Registers `/verticals/{vertical}`."""

    @console_page("/verticals/{vertical}")
    async def show(visit: Visit, vertical: str) -> None:
        say, by = visit.words("vertical"), await visit.caller()
        allow(by, "read-records", vertical)
        release = visit.desk.rails.release(vertical)
        health = await visit.desk.health.of(vertical, by)
        with frame(visit, release.vertical.title, section="verticals"):
            crumbs(visit, (visit.words("frame")("verticals"), "/"))
            with ui.element("div").classes("line gap-below"):
                badge(visit, "live")
                digest_chip(visit, release.digest)
                tag("span", say("alarms_of", n=health.false_alarms, days=len(health.days))).classes("hint")
            for stage in ("input", "output"):
                with card(say(stage)):
                    _rails(visit, release, stage, health)
            if "review" in by.scopes:
                await _begun(visit, vertical, by)
            with ui.element("div").classes("cards"):
                _topics(visit, release)
                _documents(visit, release)


def _rails(visit: Visit, release: Release, stage: str, health: Health) -> None:
    say, name = visit.words("vertical"), release.vertical.name
    with tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for key in ("rail", "stops", "a_day", "fires", "alarms"):
                tag("th", say(key)).classes("number" if key in ("fires", "alarms") else "").props('scope="col"')
        with tag("tbody"):
            for rail in release.bundle.rails:
                if rail.stage != stage:
                    continue
                with tag("tr"):
                    with tag("td").classes("name"):
                        tag("a", rail.name).props(f'href="{PATH}/verticals/{name}/rails/{rail.name}"')
                        if rail.owner == "shared":
                            tag("span", say("shared")).classes("hint block")
                    tag("td", _stops(release.bundle.policy.get(rail.name, ""))).classes("soft")
                    found = health.rails.get(rail.name)
                    with tag("td"):
                        fires = found.fires if found else (0,) * len(health.days)
                        bars(fires, label=say("fires_label", rail=rail.name, n=sum(fires)))
                    tag("td", str(found.total if found else 0)).classes("number")
                    tag("td", str(found.false_alarms if found else 0)).classes("number")


async def _begun(visit: Visit, vertical: str, by: Caller) -> None:
    """The rails that this person has begun and that are not live yet, and a way to begin one."""
    say, draft = visit.words("vertical"), await visit.desk.drafts.open(vertical, by)
    with ui.element("div").classes("line gap-below"):
        begin = tag("a", say("begin_rail")).classes("button small")
        begin.props(f'href="{PATH}/verticals/{vertical}/new-rail"')
        for each in draft.begun_rails:
            tag("a", each.name).props(f'href="{PATH}/verticals/{vertical}/rails/{each.name}"')
            badge(visit, "draft")


def _topics(visit: Visit, release: Release) -> None:
    say = visit.words("vertical")
    own = {form: texts for form, texts in release.bundle.forms.items() if form not in release.bundle.small_talk}
    with card(say("topics")):
        tag("p", say("topics_count", forms=len(own), examples=sum(len(each) for each in own.values())))
        link = tag("a", say("topics_open")).classes("button small")
        link.props(f'href="{PATH}/verticals/{release.vertical.name}/topics"')


def _documents(visit: Visit, release: Release) -> None:
    say = visit.words("vertical")
    with card(say("knowledge")):
        names = sorted(release.retriever.documents) if release.retriever else []
        if not names:
            empty(say("no_knowledge"))
            return
        with tag("ul").classes("documents"):
            for each in names:
                source = release.sources.get(each)
                with tag("li"):
                    tag("span", (source.title if source else None) or each)
                    tag("span", each).classes("hint mono")


def _stops(section: str) -> str:
    """What the rail stops, as its policy says."""
    found = next((line for line in section.splitlines() if line.startswith("- Stops:")), "")
    return found.removeprefix("- Stops:").strip()
