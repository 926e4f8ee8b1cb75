"""From files to evidence: documents read and split, indexed once, retrieved for a question."""

from assistant.knowledge.documents import (
    MAX_BYTES,
    TYPES,
    Passage,
    Reading,
    Skipped,
    read_document,
    read_documents,
    read_upload,
    split,
)
from assistant.knowledge.followups import stand_alone, stand_beside
from assistant.knowledge.index import FaissIndex, Hit, Index, IndexedPassage
from assistant.knowledge.ingest import Flagged, IngestReport, ingest, needs_ingest
from assistant.knowledge.retriever import Retriever, open_retriever
from assistant.knowledge.sources import Source, read_sources

__all__ = [
    "MAX_BYTES",
    "TYPES",
    "FaissIndex",
    "Flagged",
    "Hit",
    "Index",
    "IndexedPassage",
    "IngestReport",
    "Passage",
    "Reading",
    "Retriever",
    "Skipped",
    "Source",
    "ingest",
    "needs_ingest",
    "open_retriever",
    "read_document",
    "read_documents",
    "read_sources",
    "read_upload",
    "split",
    "stand_alone",
    "stand_beside",
]
