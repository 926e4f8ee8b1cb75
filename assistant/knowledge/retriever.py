"""A query in, ranked evidence out: the vertical's knowledge as a LangChain retriever."""

from __future__ import annotations

from pathlib import Path

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, SkipValidation

from assistant.embedding import Embedder, Vectors
from assistant.errors import NotFound
from assistant.knowledge.index import FaissIndex, Hit
from assistant.knowledge.ingest import current_index
from assistant.messages import Evidence


class Retriever(BaseRetriever):
    """What a vertical knows, as it was ingested; a later ingest does not change an open retriever."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: SkipValidation[FaissIndex]
    embedder: SkipValidation[Embedder]
    k: int = 4
    """Passages that `invoke` returns at most; `search` is told each time."""
    min_score: float = 0.0
    """The least cosine similarity of what `invoke` returns."""

    def search(self, query: str, *, k: int, min_score: float) -> tuple[Evidence, ...]:
        """At most `k` passages for `query` whose cosine similarity is `min_score` or more, best first.

        The order heeds shared words too, so scores need not fall from one to the next.
        """
        (vector,) = self.embedder.embed([query])
        # Four times as many are looked at, so that a passage that is too far takes no other's place.
        hits = self.index.search(query, vector, 4 * k)
        return tuple(_evidence(hit) for hit in hits if hit.score >= min_score)[:k]

    @property
    def digest(self) -> str:
        """Names the index this retriever reads."""
        return self.index.digest

    @property
    def vectors(self) -> Vectors:
        """Vectors of all passages, shape (n, dimension), float32, unit length."""
        return self.index.vectors

    @property
    def passages(self) -> tuple[Evidence, ...]:
        """Every passage there is, in the order of the documents."""
        return tuple(_evidence(Hit(passage, 1.0)) for passage in self.index.passages)

    @property
    def documents(self) -> tuple[str, ...]:
        """File names of all ingested documents."""
        return tuple(self.index.documents)

    def document_text(self, name: str) -> str:
        """The whole text of the document `name`, in which evidence has its spans; raises NotFound."""
        if name not in self.index.documents:
            raise NotFound(f"the knowledge holds no document {name!r}; there are {', '.join(self.documents) or 'none'}")
        return self.index.documents[name].text

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 — LangChain passes it by name.
    ) -> list[LangChainDocument]:
        found = self.search(query, k=self.k, min_score=self.min_score)
        return [
            LangChainDocument(
                each.text,
                id=f"{each.document}:{each.start}-{each.end}",
                metadata={
                    "document": each.document,
                    "title": each.title,
                    "start": each.start,
                    "end": each.end,
                    "score": each.score,
                    "trust": each.trust,
                },
            )
            for each in found
        ]


def open_retriever(vertical: str, data_dir: Path, embedder: Embedder) -> Retriever:
    """The retriever over the index of `vertical` in use; raises IndexMissing, which says what to run."""
    folder = current_index(vertical, data_dir)
    return Retriever(index=FaissIndex.read(folder, vertical=vertical, embedder=embedder.name), embedder=embedder)


def _evidence(hit: Hit) -> Evidence:
    passage = hit.passage
    return Evidence(
        document=passage.document,
        title=passage.title,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        score=hit.score,
        origin="knowledge",
        trust=passage.trust,
        heading=passage.heading,
    )
