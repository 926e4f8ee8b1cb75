"""What the pages of the console work with, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.access import People, Sessions
from assistant.auditing import Audits
from assistant.checks import Checks
from assistant.embedding import Embedder
from assistant.jobs import Jobs
from assistant.models import Models
from assistant.rails.live import LiveRails
from assistant.rails.proposals import Proposals
from assistant.rails.reviewing import Reviews
from assistant.rails.revisions import Revisions
from assistant.records import ErasedLessons
from assistant.releases.choosing import Choosing
from assistant.releases.drafts import Drafts
from assistant.releases.mutating import Mutating
from assistant.releases.radius import Radius
from assistant.reviewing import Reviewing
from assistant.reviewing.near_questions import NearQuestions
from assistant.reviewing.rail_health import RailHealths


@dataclass(frozen=True, slots=True)
class Desk:
    """The services below the door; each checks for itself what a caller may do."""

    people: People
    sessions: Sessions
    rails: LiveRails
    models: Models
    checks: Checks
    proposals: Proposals
    reviews: Reviews
    revisions: Revisions
    reviewing: Reviewing
    radius: Radius
    mutating: Mutating
    jobs: Jobs
    drafts: Drafts
    choosing: Choosing
    health: RailHealths
    questions: NearQuestions
    embedder: Embedder
    audits: Audits
    erased: ErasedLessons
    serve: Literal["folders", "published"]
    """What answers visitors: the folders as they are, or what was published."""
    oidc: bool = False
    """Whether people may sign in through an OpenID provider as well."""
