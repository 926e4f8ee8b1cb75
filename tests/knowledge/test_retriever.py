from pathlib import Path

import pytest

from assistant.embedding import HashEmbedder
from assistant.errors import IndexMissing, NotFound
from assistant.knowledge import Retriever, ingest, open_retriever


def build(tmp_path: Path, embedder, **texts: str) -> Retriever:
    documents = tmp_path / "knowledge" / "shop" / "documents"
    documents.mkdir(parents=True)
    for name, text in texts.items():
        (documents / f"{name}.md").write_text(text)
    ingest(
        "shop",
        knowledge_dir=tmp_path / "knowledge",
        data_dir=tmp_path,
        embedder=embedder,
        injection_score=lambda _: 1.0,
        min_injection=0.5,
    )
    return open_retriever("shop", tmp_path, embedder)


@pytest.fixture
def retriever(tmp_path: Path, hash_embedder: HashEmbedder) -> Retriever:
    return build(
        tmp_path,
        hash_embedder,
        returns="# Returns\n\nUnopened items may be returned within thirty days.\n",
        care="# Care\n\nWipe the lamp with a dry cloth.\n\n## Oak\n\nOil the oak once a year.\n",
    )


def test_evidence_stands_in_its_document_exactly_where_it_says(retriever: Retriever):
    found = retriever.search("oil the oak or wipe the lamp", k=4, min_score=0)
    assert len(found) == 3
    assert all(each.text == retriever.document_text(each.document)[each.start : each.end] for each in found)
    assert all(each.origin == "knowledge" for each in found)


def test_passages_that_are_too_far_are_left_out_and_take_no_place(retriever: Retriever):
    assert [each.document for each in retriever.search("wipe the lamp", k=1, min_score=0.3)] == ["care.md"]
    assert retriever.search("quantum chromodynamics", k=4, min_score=0.5) == ()


def test_a_document_nobody_vouched_for_is_reference_only(retriever: Retriever):
    assert {each.trust for each in retriever.search("lamp", k=4, min_score=0)} == {"reference"}


def test_langchain_can_use_it(retriever: Retriever):
    (document,) = retriever.model_copy(update={"k": 1}).invoke("wipe the lamp")
    assert document.page_content == "Wipe the lamp with a dry cloth."
    assert document.metadata["document"] == "care.md"
    assert document.metadata["end"] - document.metadata["start"] == len(document.page_content)


async def test_langchain_can_use_it_asynchronously(retriever: Retriever):
    assert len(await retriever.ainvoke("lamp")) == 3


def test_it_tells_what_it_holds(retriever: Retriever):
    assert retriever.documents == ("care.md", "returns.md")
    assert retriever.vectors.shape == (3, 384)
    assert len(retriever.digest) == 64
    with pytest.raises(NotFound, match=r"no document 'x\.md'; there are care\.md, returns\.md"):
        retriever.document_text("x.md")


def test_knowledge_never_ingested_says_what_to_run(tmp_path: Path, hash_embedder: HashEmbedder):
    with pytest.raises(IndexMissing, match="run `assistant ingest shop`"):
        open_retriever("shop", tmp_path, hash_embedder)


@pytest.mark.parametrize("content", ["../../etc", "", "0" * 64])
def test_a_pointer_to_nothing_says_what_to_run(tmp_path: Path, hash_embedder: HashEmbedder, content: str):
    (tmp_path / "indexes" / "shop").mkdir(parents=True)
    (tmp_path / "indexes" / "shop" / "current").write_text(content)
    with pytest.raises(IndexMissing, match="run `assistant ingest shop`"):
        open_retriever("shop", tmp_path, hash_embedder)


def test_the_real_embedder_finds_by_meaning_and_keeps_what_is_far_away_out(tmp_path: Path, embedder):
    retriever = build(
        tmp_path,
        embedder,
        returns="# Returns\n\nUnopened items may be returned within thirty days of delivery.\n",
        care="# Care\n\nWipe the shade with a dry cloth.\n",
    )
    (found,) = retriever.search("how long can I wait before sending my purchase back?", k=4, min_score=0.3)
    assert (found.document, found.text) == (
        "returns.md",
        "Unopened items may be returned within thirty days of delivery.",
    )
    assert retriever.search("who won the football world cup?", k=4, min_score=0.3) == ()
