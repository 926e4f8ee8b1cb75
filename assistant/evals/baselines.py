"""Plain ways to answer that any model should beat: words and passages as they stand in the source."""

from __future__ import annotations

from collections.abc import Callable

from assistant.answering.evidence import statements
from assistant.cases import Case
from assistant.embedding import Embedder
from assistant.rails.live import Release

FIRST_WORDS = 25  # The length of a short answer; the references of the shipped cases have 20 words in the middle.
NO_ANSWER = "No passage was found."


def _first_words(release: Release, _: Embedder, case: Case) -> tuple[str, tuple[str, ...]]:
    """The first words of the source: of the documents brought, or of the document found first."""
    if case.documents:
        text, document = "\n".join(each.text for each in case.documents), case.documents[0].id
    else:
        found, retriever = release.search(case.question, k=1), release.retriever
        if not found or retriever is None:
            return NO_ANSWER, ()
        document = found[0].document
        text = retriever.document_text(document)
    return " ".join(text.split()[:FIRST_WORDS]), (document,)


def _best_passage(release: Release, embedder: Embedder, case: Case) -> tuple[str, tuple[str, ...]]:
    """The passage nearest to the question, word for word."""
    brought = tuple(each for document in case.as_documents() for each in statements(document))
    if brought:
        vectors = embedder.embed([case.question, *(each.reading for each in brought)])
        best = brought[int((vectors[1:] @ vectors[0]).argmax())]
    else:
        found = release.search(case.question, k=1)
        if not found:
            return NO_ANSWER, ()
        best = found[0]
    return best.quote or best.text, (best.document,)


BASELINES: dict[str, Callable[[Release, Embedder, Case], tuple[str, tuple[str, ...]]]] = {
    "first-words": _first_words,
    "best-passage": _best_passage,
}
"""Plain ways to answer without a model, by name: the text, and the documents it is from."""
