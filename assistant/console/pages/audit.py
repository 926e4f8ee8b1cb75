"""The audit page: the chain verified on screen and taken away, sign-offs, and the evidence pack of a period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from nicegui import ui

from assistant.auditing import Activity, Period, SignOff, period_of
from assistant.console.door import PATH
from assistant.console.downloads import EXPORT, PACK, add_downloads
from assistant.console.routes import console_page
from assistant.console.shell import badge, button, card, empty, field, frame, heading, notice, tag, when
from assistant.console.visits import Visit
from assistant.database import utc_now
from assistant.records import Finding

_SORTS = (
    "activity",
    "answer",
    "audit",
    "conversation",
    "hold",
    "key",
    "pack",
    "person",
    "retention",
    "revision",
    "webhook",
)
"""What acts are about, as their records name it."""


def add_audit_page() -> None:
    """Registers `/audit` and the files it hands over."""
    add_downloads()

    @console_page("/audit")
    async def audit(visit: Visit) -> None:
        say, by = visit.words("audit"), await visit.caller()
        people = {person.id: person.name for person in await visit.desk.people.list()}
        with frame(visit, say("title"), section="audit"):
            tag("p", say("lead")).classes("lead")
            with ui.element("div").classes("columns"):
                _period(visit, signs="review" in by.scopes, whole=by.verticals is None)
                with ui.element("div"):
                    _verification(visit)
                    _export(visit, whole=by.verticals is None)
            if "review" in by.scopes:
                with card(say("signed")):
                    _signoffs(visit, await visit.desk.audits.signoffs.list(by), people)


def _verification(visit: Visit) -> None:
    say = visit.words("audit")
    with card(say("chain")):
        tag("p", say("chain_lead"))
        start = button(say("verify"), primary=True)
        bar = tag("progress").props(f'value=0 max=1 aria-label="{say("progress")}"').classes("bar")
        bar.set_visibility(False)
        result = ui.element("div").props('aria-live="polite"').classes("found")

    def progress(done: int, total: int) -> None:
        bar.props(f"value={done} max={total}")

    async def verify() -> None:
        start.props("disabled")
        result.clear()
        progress(0, 1)
        bar.set_visibility(True)
        try:
            finding = await visit.desk.audits.verify(await visit.caller(), progress=progress)
        finally:
            start.props(remove="disabled")
            bar.set_visibility(False)
        with result:
            _finding(visit, finding)

    start.on("click", visit.doing(verify))


def _finding(visit: Visit, finding: Finding) -> None:
    say = visit.words("audit")
    if finding.problem:
        with notice(say("broken"), "bad"):
            place = say("record", n=finding.sequence) if finding.sequence else ""
            tag("p", f"{place} {finding.problem}".strip()).props('lang="en"')
            tag("p", say("broken_next")).classes("hint")
        return
    later = finding.end.sequence - finding.anchored
    with notice(say("whole", n=f"{finding.records:,}") if finding.records else say("nothing"), "good"):
        if finding.records:
            tag("p", say("anchored", n=finding.anchors, last=finding.anchored)).classes("hint")
        if later and finding.records:
            tag("p", say("later", n=later)).classes("hint")


def _export(visit: Visit, *, whole: bool) -> None:
    say = visit.words("audit")
    with card(say("export")):
        tag("p", say("export_lead") if whole else say("all_verticals"))
        with ui.element("div").classes("line"):
            for form, name in (("jsonl", "JSON Lines"), ("csv", "CSV")) if whole else ():
                address = f"{PATH}{EXPORT.format(form=form)}"
                link = tag("a", name).classes("button")
                link.props(f'href="{address}" download aria-label="{say("export")}: {name}"')


def _period(visit: Visit, *, signs: bool, whole: bool) -> None:
    say, today = visit.words("audit"), utc_now().date()
    with card(say("period")):
        tag("p", say("period_lead"))
        with ui.element("div").classes("days"):
            first = field(say("first"), today.replace(day=1).isoformat()).props('type="date"')
            last = field(say("last"), today.isoformat()).props('type="date"')
            show = button(say("show"))
        shown = ui.element("div").props('aria-live="polite"').classes("activity")
        acts = ui.element("div")

    async def look() -> None:
        period = period_of(first.value or "", last.value or "", today=utc_now().date())
        found = await visit.desk.audits.activity(period, await visit.caller())
        shown.clear()
        acts.clear()
        with shown:
            heading(_days(period), 3)
            _activity(visit, found)
        with acts:
            if signs:
                _sign(visit, period)
            _pack(visit, period, whole=whole)

    show.on("click", visit.doing(look))
    ui.timer(0, visit.doing(look), once=True)


def _activity(visit: Visit, found: Activity) -> None:
    say, outcomes = visit.words("audit"), visit.words("frame")
    if not found.total:
        tag("p", say("quiet")).classes("soft")
    by_vertical: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for each in found.turns:
        by_vertical[each.vertical or say("unknown")].append((each.outcome, each.turns))
    for vertical, counts in by_vertical.items():
        with ui.element("div").classes("counted"):
            tag("span", vertical).classes("name")
            for outcome, turns in counts:
                known = outcome in ("answered", "quoted", "declined", "unanswered", "failed")
                name = outcomes(f"outcome_{outcome}") if known else say(outcome.replace(" ", "_"))
                badge(visit, outcome, f"{turns:,} {name}")
    if found.acts:
        tag("p", say("acts", told=_acts(visit, found.acts))).classes("hint")


def _acts(visit: Visit, acts: Mapping[str, int]) -> str:
    """How many acts of each sort: `person.added` and `person.roles` are both about people."""
    say, counts = visit.words("audit"), Counter[str]()
    for kind, count in acts.items():
        sort = kind.partition(".")[0]
        counts[say(f"sort_{sort}") if sort in _SORTS else sort] += count
    return ", ".join(f"{name} ({count:,})" for name, count in counts.items())


def _sign(visit: Visit, period: Period) -> None:
    say = visit.words("audit")
    with ui.element("div").classes("act"):
        heading(say("sign"), 3)
        tag("p", say("sign_lead")).classes("hint")
        note = field(say("note"), lines=2)

        async def sign() -> None:
            await visit.desk.audits.signoffs.sign(period, await visit.caller(), note=note.value or "")
            ui.navigate.reload()

        button(say("sign_now", days=_days(period)), primary=True).on("click", visit.doing(sign))


def _pack(visit: Visit, period: Period, *, whole: bool) -> None:
    say = visit.words("audit")
    with ui.element("div").classes("act"):
        heading(say("pack"), 3)
        tag("p", say("pack_lead") if whole else say("all_verticals")).classes("hint")
        if not whole:
            return
        address = f"{PATH}{PACK}?first={period.first}&last={period.last}"
        made = tag("a", say("pack_now")).classes("button").props(f'href="{address}" download')
        said = tag("p", "").classes("hint").props('role="status"')
        made.on("click", lambda: said.set_text(say("pack_begun")))


def _signoffs(visit: Visit, found: tuple[SignOff, ...], people: Mapping[str, str]) -> None:
    say = visit.words("audit")
    if not found:
        empty(say("none_signed"), say("none_signed_hint"))
        return
    wide = ui.element("div").classes("signed").props(f'tabindex="0" role="region" aria-label="{say("signed")}"')
    with wide, tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for name in ("when", "who", "days", "verticals", "seen", "note"):
                tag("th", say(f"column_{name}")).props('scope="col"').classes("number" if name == "seen" else "")
        with tag("tbody"):
            for each in found:
                with tag("tr"):
                    _row(visit, each, people)


def _row(visit: Visit, signed: SignOff, people: Mapping[str, str]) -> None:
    say = visit.words("audit")
    with tag("td"):
        when(visit, signed.signed_at)
    tag("td", people.get(signed.person_id, say("unknown")))
    tag("td", _days(signed.period)).classes("nowrap")
    tag("td", say("all") if signed.verticals is None else ", ".join(sorted(signed.verticals)))
    tag("td", f"{signed.through:,}").classes("number")
    tag("td", signed.note or "–")


def _days(period: Period) -> str:
    return period.first.isoformat() if period.first == period.last else f"{period.first} – {period.last}"
