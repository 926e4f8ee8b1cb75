"""`/v1/revisions`: what is proposed, tried, approved, published and taken back, and by whom."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from assistant.access import Caller, Scope, allow
from assistant.api.blast_radius import add_blast_radius
from assistant.api.bodies import described, read_body
from assistant.api.callers import caller
from assistant.api.openapi import keyed, responses
from assistant.api.revision_bodies import (
    ApprovalBody,
    CommentBody,
    FilesBody,
    Id,
    NoteBody,
    ProposalBody,
    ReasonBody,
    TurnBackBody,
    contents,
)
from assistant.api.revisions_shown import live_shown, proposal_shown, review_shown, served_shown, trials_shown
from assistant.api.services import Services
from assistant.api.shown_revisions import LiveRevision, Proposal, RevisionFile, RevisionHistory, RevisionList, Trials


def revisions_router(services: Services) -> APIRouter:
    """The routes of revisions. Reading and writing drafts needs the scope review, deciding the scope approve."""
    router = APIRouter(tags=["revisions"])
    _add_reading(router, services)
    _add_drafts(router, services)
    add_blast_radius(router, services)
    _add_decisions(router, services)
    _add_turning_back(router, services)
    return router


def _add_reading(router: APIRouter, services: Services) -> None:
    @router.get("/v1/revisions", responses=responses(RevisionList, "What there is.", *keyed()))
    async def list_revisions(
        request: Request, folder: Annotated[str | None, Query(max_length=80)] = None
    ) -> dict[str, Any]:
        """The proposals this caller may see, those changed last first, and what is live of each folder."""
        who = await _with(services, request, "review")
        proposals = await services.proposals.list(who, folder=folder)
        live = [live_shown(each) for each in await services.reviews.live(who)]
        return {"object": "list", "data": [proposal_shown(each) for each in proposals], "live": live}

    @router.get("/v1/revisions/history", responses=responses(RevisionHistory, "What was served.", *keyed()))
    async def history(request: Request, folder: Annotated[str, Query(max_length=80)] = "shared") -> dict[str, Any]:
        """The states of a folder that were live at some time, the latest first."""
        who = await _with(services, request, "review")
        return {"object": "list", "data": [served_shown(each) for each in await services.reviews.history(folder, who)]}

    @router.get("/v1/revisions/{revision_id}", responses=responses(Proposal, "All about it.", *keyed(404)))
    async def get(revision_id: Id, request: Request) -> dict[str, Any]:
        """One proposal with its diff, problems, trials, weakenings and history."""
        who = await _with(services, request, "review")
        return review_shown(await services.reviews.review(revision_id, who))

    @router.get("/v1/revisions/{revision_id}/file", responses=responses(RevisionFile, "The file.", *keyed(404)))
    async def read(
        revision_id: Id, request: Request, path: Annotated[str, Query(max_length=255)] = "topics.co"
    ) -> dict[str, Any]:
        """A file as the proposal has it."""
        who = await _with(services, request, "review")
        content = await services.proposals.read(revision_id, path, who)
        return {"object": "revision.file", "path": path, "base64": base64.b64encode(content).decode()}


def _add_drafts(router: APIRouter, services: Services) -> None:
    @router.post(
        "/v1/revisions",
        status_code=201,
        openapi_extra=described(ProposalBody),
        responses=responses(Proposal, "It is a draft.", *keyed(404), status=201),
    )
    async def propose(request: Request) -> Response:
        """Begins a change to a folder, on what is live of it."""
        who = await _with(services, request, "review")
        body = await read_body(request, ProposalBody)
        made = await services.proposals.propose(body.folder, who, title=body.title, files=contents(body.files))
        return JSONResponse(proposal_shown(made), 201)

    @router.post(
        "/v1/revisions/{revision_id}/files",
        openapi_extra=described(FilesBody),
        responses=responses(Proposal, "They are kept.", *keyed(404, 409)),
    )
    async def save(revision_id: Id, request: Request) -> dict[str, Any]:
        """Keeps files of a draft as its author has them now; the others stay."""
        who = await _with(services, request, "review")
        body = await read_body(request, FilesBody)
        return proposal_shown(await services.proposals.save(revision_id, who, contents(body.files)))

    @router.post("/v1/revisions/{revision_id}/rebase", responses=responses(Proposal, "It is on it.", *keyed(404, 409)))
    async def rebase(revision_id: Id, request: Request) -> dict[str, Any]:
        """Brings the change onto what was published since it began."""
        who = await _with(services, request, "review")
        return proposal_shown(await services.proposals.rebase(revision_id, who))

    @router.post(
        "/v1/revisions/{revision_id}/discard", responses=responses(Proposal, "It is given up.", *keyed(404, 409))
    )
    async def discard(revision_id: Id, request: Request) -> dict[str, Any]:
        """Gives the change up."""
        who = await _with(services, request, "review")
        return proposal_shown(await services.proposals.discard(revision_id, who))

    @router.post(
        "/v1/revisions/{revision_id}/trials", responses=responses(Trials, "What they found.", *keyed(404, 409))
    )
    async def trials(revision_id: Id, request: Request) -> dict[str, Any]:
        """Plays every example of the proposal as it stands, and those of its parent, and tells where it is laxer."""
        who = await _with(services, request, "review")
        return trials_shown(await services.revisions.run_trials(revision_id, who))

    @router.post(
        "/v1/revisions/{revision_id}/submit",
        openapi_extra=described(NoteBody),
        responses=responses(Proposal, "It is handed in.", *keyed(404, 409)),
    )
    async def submit(revision_id: Id, request: Request) -> dict[str, Any]:
        """Hands the draft in: it stays as it is, its trials are run, and another person may approve it."""
        who = await _with(services, request, "review")
        body = await read_body(request, NoteBody)
        return proposal_shown(await services.revisions.submit(revision_id, who, note=body.note))


def _add_decisions(router: APIRouter, services: Services) -> None:
    @router.post(
        "/v1/revisions/{revision_id}/approve",
        openapi_extra=described(ApprovalBody),
        responses=responses(Proposal, "It is approved.", *keyed(404, 409)),
    )
    async def approve(revision_id: Id, request: Request) -> dict[str, Any]:
        """Approves what another person handed in."""
        who = await _with(services, request, "approve")
        body = await read_body(request, ApprovalBody)
        done = await services.revisions.approve(revision_id, who, digest=body.digest, note=body.note)
        return proposal_shown(done)

    @router.post(
        "/v1/revisions/{revision_id}/return",
        openapi_extra=described(CommentBody),
        responses=responses(Proposal, "It is a draft again.", *keyed(404, 409)),
    )
    async def send_back(revision_id: Id, request: Request) -> dict[str, Any]:
        """Gives it back to its author with a comment."""
        who = await _with(services, request, "approve")
        body = await read_body(request, CommentBody)
        return proposal_shown(await services.revisions.send_back(revision_id, who, comment=body.comment))

    @router.post("/v1/revisions/{revision_id}/publish", responses=responses(Proposal, "It is live.", *keyed(404, 409)))
    async def publish(revision_id: Id, request: Request) -> dict[str, Any]:
        """Compiles what was approved and lets it go live in every worker; requests under way keep what they had."""
        who = await _with(services, request, "approve")
        return proposal_shown(await services.revisions.publish(revision_id, who))

    @router.post(
        "/v1/revisions/{revision_id}/emergency",
        openapi_extra=described(ReasonBody),
        responses=responses(Proposal, "It is live, and flagged.", *keyed(404, 409)),
    )
    async def emergency(revision_id: Id, request: Request) -> dict[str, Any]:
        """Publishes at once, for a reason; it stays flagged until another person has reviewed it."""
        who = await _with(services, request, "approve")
        body = await read_body(request, ReasonBody)
        return proposal_shown(await services.revisions.publish_at_once(revision_id, who, reason=body.reason))

    @router.post(
        "/v1/revisions/{revision_id}/review",
        openapi_extra=described(CommentBody),
        responses=responses(Proposal, "It is reviewed.", *keyed(404, 409)),
    )
    async def review(revision_id: Id, request: Request) -> dict[str, Any]:
        """Says that a second person has looked at what an emergency published."""
        who = await _with(services, request, "approve")
        body = await read_body(request, CommentBody)
        return proposal_shown(await services.revisions.accept(revision_id, who, comment=body.comment))


def _add_turning_back(router: APIRouter, services: Services) -> None:
    @router.post(
        "/v1/revisions/rollback",
        openapi_extra=described(TurnBackBody),
        responses=responses(LiveRevision, "The older state is live.", *keyed(404, 409)),
    )
    async def roll_back(request: Request) -> dict[str, Any]:
        """Goes back to a state of a folder that two people stood behind and nobody withdrew."""
        who = await _with(services, request, "approve")
        body = await read_body(request, TurnBackBody)
        return live_shown(await services.revisions.roll_back(body.folder, body.digest, who, reason=body.reason))

    @router.post(
        "/v1/revisions/withdraw",
        status_code=204,
        openapi_extra=described(TurnBackBody),
        responses=responses(None, "It is not used again.", *keyed(404, 409), status=204),
    )
    async def withdraw(request: Request) -> Response:
        """Takes a state of a folder out of use for good: it is neither published nor pinned again."""
        who = await _with(services, request, "approve")
        body = await read_body(request, TurnBackBody)
        await services.revisions.withdraw(body.folder, body.digest, who, reason=body.reason)
        return Response(status_code=204)


async def _with(services: Services, request: Request, scope: Scope) -> Caller:
    who = await caller(services, request)
    allow(who, scope)
    return who
