"""Approve: what the other person sees, and what they can do: approve, return, publish, and take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui

from assistant.access import Caller
from assistant.console.changes.acting import act, act_with_words, again
from assistant.console.changes.acts import about, names_of, show_history
from assistant.console.door import PATH
from assistant.console.pages.change import show_change, show_standing
from assistant.console.routes import console_page
from assistant.console.shell import badge, card, digest_chip, frame, tag, when
from assistant.console.visits import Visit
from assistant.rails.publication import Live
from assistant.rails.reviewing import Review, Served
from assistant.releases.radius import BlastRadius


def add_approve_page() -> None:
    """Registers `/changes/{proposal_id}/approve`."""

    @console_page("/changes/{proposal_id}/approve")
    async def approve(visit: Visit, proposal_id: str) -> None:
        by, say, of_change = await visit.caller(), visit.words("approve"), visit.words("change")
        review, names = await visit.desk.reviews.review(proposal_id, by), await names_of(visit)
        served = await visit.desk.reviews.history(review.proposal.folder, by)
        live = [each for each in await visit.desk.reviews.live(by) if each.folder == review.proposal.folder]
        radius = await visit.desk.radius.found(proposal_id, by, most=0)
        with frame(visit, say("title", title=review.proposal.title), section="changes", wide=True):
            about(visit, review.proposal, names)
            show_standing(visit, review)
            with ui.element("div").classes("deciding"):
                with ui.element("div"):
                    await show_change(visit, review)
                    with card(of_change("history")):
                        show_history(visit, review.history, names)
                    with card(say("served")):
                        _served(visit, review, served, live, decides="approve" in by.scopes)
                with ui.element("aside").props(f'aria-label="{say("decide")}"'), card(say("decide")):
                    _checks(visit, review, radius)
                    _decide(visit, review, by, names)


def _checks(visit: Visit, review: Review, radius: BlastRadius) -> None:
    """What has been seen to, and what has not, in words."""
    say, found = visit.words("approve"), review.examination
    laxer = len(found.weakenings) + len(found.lost) if found else 0
    counts = radius.run.counts if radius.run else None
    with ui.element("ul").classes("checks"):
        _check(say("check_files"), "bad" if review.problems else "good")
        trials = "calm" if not found else "good" if found.passed else "bad"
        _check(say("check_trials" if found else "check_not_tried"), trials)
        _check(say("check_laxer", n=laxer) if laxer else say("check_not_laxer"), "bad" if laxer else "good")
        text = say("check_radius", changed=counts.changed, total=counts.total) if counts else say("check_no_radius")
        _check(text, ("warn" if counts.changed else "good") if counts else "calm")


def _check(text: str, tone: str) -> None:
    with ui.element("li").classes(f"{tone}-text"):
        tag("span", {"good": "✓", "bad": "✗", "warn": "!", "calm": "–"}[tone]).props('aria-hidden="true"')
        tag("span", text)


def _decide(visit: Visit, review: Review, by: Caller, names: Mapping[str, str]) -> None:
    say, made = visit.words("approve"), review.proposal
    tag("a", say("to_change")).props(f'href="{PATH}/changes/{made.id}"')
    if "approve" not in by.scopes:
        tag("p", say("needs_role")).classes("soft")
        return
    mine = made.author_id == by.person_id
    if made.state == "submitted" and mine:
        tag("p", say("own")).classes("warn-text")
    if made.state == "submitted" and not mine:
        _approve(visit, review)
    if made.state == "approved":
        tag("p", say("approved_by", name=names.get(made.approver_id or "", "")))
        _publish(visit, review)
    if made.state in ("submitted", "approved"):
        _return(visit, review)
    if made.state in ("submitted", "approved") or (made.state == "draft" and mine):
        _emergency(visit, review)
    if made.flagged:
        _accept(visit, review, own=mine or made.approver_id == by.person_id)


def _approve(visit: Visit, review: Review) -> None:
    say, made = visit.words("approve"), review.proposal

    async def approved(note: str) -> None:
        # What is approved is what this page shows; of anything that was written since, the service says so.
        by = await visit.caller()
        await visit.desk.revisions.approve(made.id, by, digest=review.tree.digest, note=note.strip() or None)
        again()

    act_with_words(visit, "approve", say("approve"), say("approve_why"), say("note"), approved, first=True)


def _publish(visit: Visit, review: Review) -> None:
    say, made = visit.words("approve"), review.proposal

    async def published() -> None:
        await visit.desk.revisions.publish(made.id, await visit.caller())
        again()

    act(visit, say("publish"), published, busy=say("publishing"), primary=True)


def _return(visit: Visit, review: Review) -> None:
    say, made = visit.words("approve"), review.proposal

    async def returned(comment: str) -> None:
        await visit.desk.revisions.send_back(made.id, await visit.caller(), comment=comment)
        again()

    act_with_words(visit, "return", say("return"), say("return_why"), say("comment"), returned)


def _emergency(visit: Visit, review: Review) -> None:
    say, made = visit.words("approve"), review.proposal

    async def at_once(reason: str) -> None:
        await visit.desk.revisions.publish_at_once(made.id, await visit.caller(), reason=reason)
        again()

    act_with_words(visit, "emergency", say("emergency"), say("emergency_why"), say("reason"), at_once, danger=True)


def _accept(visit: Visit, review: Review, *, own: bool) -> None:
    say, made = visit.words("approve"), review.proposal
    if own:
        tag("p", say("own_emergency")).classes("warn-text")
        return

    async def accepted(comment: str) -> None:
        await visit.desk.revisions.accept(made.id, await visit.caller(), comment=comment)
        again()

    act_with_words(visit, "accept", say("accept"), say("accept_why"), say("comment"), accepted, first=True)


def _served(visit: Visit, review: Review, served: Sequence[Served], live: Sequence[Live], *, decides: bool) -> None:
    """The states of the folder that were live: go back to one, or take one out of use."""
    say, now = visit.words("approve"), live[0].digest if live else None
    if not served:
        tag("p", say("never_served")).classes("soft")
    with ui.element("ul").classes("served"):
        for number, each in enumerate(served):
            with ui.element("li"):
                with ui.element("div").classes("line"):
                    digest_chip(visit, each.digest)
                    when(visit, each.at).classes("soft")
                    if each.digest == now:
                        badge(visit, "live")
                    elif each.withdrawn:
                        badge(visit, "declined", say("withdrawn"))
                    elif not each.sound:
                        badge(visit, "declined", say("unsound"))
                if decides and each.digest != now and not each.withdrawn:
                    _turn_back(visit, review.proposal.folder, each, number)


def _turn_back(visit: Visit, folder: str, each: Served, number: int) -> None:
    say = visit.words("approve")

    async def rolled_back(reason: str) -> None:
        await visit.desk.revisions.roll_back(folder, each.digest, await visit.caller(), reason=reason)
        again()

    async def withdrawn(reason: str) -> None:
        await visit.desk.revisions.withdraw(folder, each.digest, await visit.caller(), reason=reason)
        again()

    with ui.element("div").classes("line acts-on"):
        if each.sound:
            name = f"rollback-{number}"
            act_with_words(visit, name, say("roll_back"), say("roll_back_why"), say("reason"), rolled_back)
        name = f"withdraw-{number}"
        act_with_words(visit, name, say("withdraw"), say("withdraw_why"), say("reason"), withdrawn, danger=True)
