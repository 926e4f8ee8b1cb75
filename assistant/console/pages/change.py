"""A change, as its author works on it: what is different, what that does, and the next step."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from assistant.console.changes.acting import Do, act, act_with_words, again
from assistant.console.changes.acts import about, names_of, show_history
from assistant.console.changes.breaking import breaking_panel
from assistant.console.changes.diffs import show_diffs, show_problems
from assistant.console.changes.radius import radius_panel
from assistant.console.changes.trials import show_trials, show_weakenings
from assistant.console.changes.writing import write_files
from assistant.console.door import PATH
from assistant.console.routes import console_page
from assistant.console.shell import card, frame, heading, notice, tag
from assistant.console.visits import Visit
from assistant.rails.reviewing import Review


def add_change_page() -> None:
    """Registers `/changes/{proposal_id}`."""

    @console_page("/changes/{proposal_id}")
    async def change(visit: Visit, proposal_id: str) -> None:
        by, say = await visit.caller(), visit.words("change")
        review, names = await visit.desk.reviews.review(proposal_id, by), await names_of(visit)
        made = review.proposal
        mine, approves = made.author_id == by.person_id, "approve" in by.scopes

        shown = _possible(review)

        @ui.refreshable
        def next_step(now: Review) -> None:
            _next_step(visit, now, settle, mine=mine, approves=approves)

        def kept(now: Review) -> None:
            nonlocal shown
            if _possible(now) != shown:  # Else a note that somebody is writing there stays as it is.
                shown = _possible(now)
                next_step.refresh(now)

        with frame(visit, made.title, section="changes", wide=True):
            about(visit, made, names)
            show_standing(visit, review)
            with ui.element("div").classes("deciding"):
                with ui.element("div"):
                    settle = await show_change(visit, review, kept=kept if mine else None)
                    with card(say("history")):
                        show_history(visit, review.history, names)
                with ui.element("aside").props(f'aria-label="{say("next")}"'), card(say("next")):
                    next_step(review)


def show_standing(visit: Visit, review: Review) -> None:
    """What must not be overlooked: an emergency, a newer state that is live, a comment it came back with."""
    say, made = visit.words("change"), review.proposal
    if made.flagged:
        notice(say("is_flagged", reason=made.emergency or ""), "bad")
    if review.stale:
        notice(say("is_stale"), "warn")
    last = next((each for each in reversed(review.history) if each.act in ("returned", "submitted")), None)
    if last is not None and last.act == "returned":
        notice(say("came_back", comment=last.note or ""), "warn")


async def show_change(visit: Visit, review: Review, *, kept: Callable[[Review], object] | None = None) -> Do:
    """Everything there is to know before deciding, in the order in which one wants to know it.

    What it returns keeps at once what somebody has just written, before anything is done with the change.

    With `kept`, a draft may be written in here; it hears of the change as it then stands, as do all parts of the page.
    """
    say, made = visit.words("change"), review.proposal

    @ui.refreshable
    def differing(now: Review) -> None:
        show_problems(visit, now)
        if now.examination is not None:
            show_weakenings(visit, now.examination)
        heading(say("differs"), 2)
        show_diffs(visit, now)

    @ui.refreshable
    def tried(now: Review) -> None:
        show_trials(visit, now)
        if now.examination is None and not now.problems and made.state != "discarded":
            act(visit, say("run_trials"), run_trials, busy=say("running"))

    async def settle() -> None:
        if writing is not None:
            await writing.settle()

    async def run_trials() -> None:
        await settle()
        by = await visit.caller()
        await visit.desk.revisions.run_trials_before(made.id, by)
        await visit.desk.revisions.run_trials(made.id, by)
        now = await visit.desk.reviews.review(made.id, by)
        differing.refresh(now)
        tried.refresh(now)

    async def heard(now: Review) -> None:
        differing.refresh(now)
        tried.refresh(now)
        await radius()
        await breaking()
        if kept is not None:
            kept(now)

    differing(review)
    writes = kept is not None and made.state == "draft"
    writing = await write_files(visit, review, heard) if writes else None
    with card(say("trials")), ui.element("div").props('aria-live="polite"'):
        tried(review)
    with card(say("radius")):
        radius = await radius_panel(visit, made.id, settle=settle)
    with card(say("mutations")):
        breaking = await breaking_panel(visit, made.id, settle=settle)
    return settle


def _next_step(visit: Visit, review: Review, settle: Do, *, mine: bool, approves: bool) -> None:
    say, made = visit.words("change"), review.proposal
    tag("p", say(f"next_{made.state}" if mine or made.state != "draft" else "next_theirs"))
    if (made.state in ("submitted", "approved") and approves) or made.flagged:
        tag("a", say("decide")).classes("button primary").props(f'href="{PATH}/changes/{made.id}/approve"')
    elif made.state == "draft" and mine and approves:
        tag("a", say("at_once")).props(f'href="{PATH}/changes/{made.id}/approve"').classes("soft")
    if not mine or made.state in ("published", "discarded"):
        return
    if made.state == "draft" and not review.problems and not review.stale and review.diffs:
        _hand_in(visit, review, settle)

    async def rebased() -> None:
        await visit.desk.proposals.rebase(made.id, await visit.caller())
        again()

    async def discarded() -> None:
        await visit.desk.proposals.discard(made.id, await visit.caller())
        ui.navigate.to("/changes")

    if review.stale:
        act(visit, say("rebase"), rebased, primary=True)
    elif made.state != "draft":
        act(visit, say("take_back"), rebased)
    with ui.element("details").classes("act"):
        tag("summary", say("discard")).classes("bad-text")
        tag("p", say("discard_why")).classes("hint")
        act(visit, say("discard"), discarded, danger=True)


def _possible(review: Review) -> tuple[bool, bool, bool]:
    """What decides on the next step of a draft."""
    return bool(review.problems), review.stale, bool(review.diffs)


def _hand_in(visit: Visit, review: Review, settle: Do) -> None:
    say, made = visit.words("change"), review.proposal

    async def handed_in(note: str) -> None:
        await settle()
        await visit.desk.revisions.submit(made.id, await visit.caller(), note=note.strip() or None)
        again()

    act_with_words(visit, "submit", say("submit"), say("submit_why"), say("note"), handed_in, first=True)
