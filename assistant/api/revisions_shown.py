"""Revisions as the calls give them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from assistant.rails.acts import Act
from assistant.rails.examinations import Examination
from assistant.rails.proposals import Proposal
from assistant.rails.publication import Live
from assistant.rails.reviewing import Diff, Review, Served
from assistant.releases.radius import BlastRadius


def proposal_shown(proposal: Proposal) -> dict[str, Any]:
    """A proposal by itself."""
    return {
        "object": "revision",
        **{
            name: getattr(proposal, name)
            for name in ("id", "folder", "title", "state", "parent", "digest", "emergency")
        },
        "author": proposal.author_id,
        "approver": proposal.approver_id,
        "flagged": proposal.flagged,
        "created_at": _at(proposal.created_at),
        "changed_at": _at(proposal.changed_at),
    }


def review_shown(review: Review) -> dict[str, Any]:
    """A proposal with everything that is known about it."""
    return {
        **proposal_shown(review.proposal),
        "digest": review.tree.digest,
        "stale": review.stale,
        "files": sorted(review.tree.files),
        "changes": [_diff(each) for each in review.diffs],
        "problems": [asdict(each) for each in review.problems],
        "trials": None if review.examination is None else trials_shown(review.examination),
        "history": [_act(each) for each in review.history],
    }


def trials_shown(examination: Examination) -> dict[str, Any]:
    """What trials found."""
    return {
        "object": "revision.trials",
        "digest": examination.digest,
        "passed": examination.passed,
        "count": len(examination.trials),
        "failed": [asdict(each) for each in examination.failed],
        "lost": [asdict(each) for each in examination.lost],
        "weakenings": [asdict(each) for each in examination.weakenings],
        "problems": [asdict(each) for each in examination.problems],
        "ran_at": _at(examination.ran_at),
    }


def live_shown(live: Live) -> dict[str, Any]:
    """What is served of a folder."""
    return {
        "object": "revision.live",
        "folder": live.folder,
        "digest": live.digest,
        "revision": live.proposal_id,
        "person": live.person_id,
        "since": _at(live.since),
    }


def served_shown(served: Served) -> dict[str, Any]:
    """What was served of a folder."""
    return {
        "digest": served.digest,
        "at": _at(served.at),
        "approved": served.sound,
        "withdrawn": served.withdrawn,
    }


def radius_shown(found: BlastRadius) -> dict[str, Any]:
    """What is known of a blast radius."""
    job, run = found.job, found.run
    return {
        "object": "revision.blast-radius",
        "digest": found.digest,
        "state": job.state if job else "none",
        "error": job.error if job else None,
        "done": job.done if job else 0,
        "total": job.total if job else 0,
        "stale": found.stale,
        "counts": asdict(run.counts) if run else None,
        "changes": [{**asdict(each.turn), "question": each.question} for each in found.affected],
    }


def _diff(diff: Diff) -> dict[str, Any]:
    return {"path": diff.change.path, "kind": diff.change.kind, "diff": diff.text}


def _act(act: Act) -> dict[str, Any]:
    return {"act": act.act, "person": act.person_id, "digest": act.digest, "note": act.note, "at": _at(act.at)}


def _at(moment: datetime) -> int:
    return int(moment.timestamp())
