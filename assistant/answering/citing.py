"""How evidence is cited: which passage a citation shows, and what is told of where it is from."""

from __future__ import annotations

from assistant.knowledge import Source
from assistant.messages import Citation, Evidence


def citation_of(evidence: Evidence, source: Source, *, n: int) -> Citation:
    """The citation numbered `n` that shows the passage, with what is known of its source."""
    return Citation(
        n,
        evidence.document,
        evidence.title,
        evidence.quote or evidence.text,
        evidence.start,
        evidence.end,
        round(evidence.score, 4),
        effective=source.effective.isoformat() if source.effective else None,
        link=source.link if source.trust == "approved" else None,
    )


def shows(citation: Citation, evidence: Evidence) -> bool:
    """Whether the citation shows that very passage."""
    text = evidence.quote or evidence.text
    return (citation.document, citation.start, citation.end, citation.text) == (
        evidence.document,
        evidence.start,
        evidence.end,
        text,
    )
