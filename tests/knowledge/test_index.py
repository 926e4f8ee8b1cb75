import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexMissing
from assistant.knowledge.index import FaissIndex, IndexedPassage, fuse
from assistant.messages import Document

TEXTS = {
    "returns.md": "Unopened items may be returned within thirty days of delivery.",
    "weight.md": "The Tarn desk lamp weighs 1.2 kg and has the part number TX-4471.",
    "cake.md": "Bake the cake for one hour and let it cool.",
}


def write(folder: Path, embedder, texts: dict[str, str] = TEXTS) -> FaissIndex:
    folder.mkdir(parents=True)
    documents = [Document(name, name.upper(), f"# {name}\n\n{text}\n") for name, text in texts.items()]
    passages = [
        IndexedPassage(each.id, each.title, each.title, texts[each.id], start, start + len(texts[each.id]), "approved")
        for each in documents
        for start in [each.text.index(texts[each.id])]
    ]
    vectors = embedder.embed([each.text for each in passages])
    FaissIndex.write(
        folder, documents=documents, passages=passages, vectors=vectors, embedder=embedder.name, digest="d1"
    )
    return FaissIndex.read(folder, vertical="shop", embedder=embedder.name)


def search(index: FaissIndex, embedder, query: str, k: int = 2):
    return index.search(query, embedder.embed([query])[0], k)


def test_what_is_written_is_read_back_word_for_word(tmp_path: Path, hash_embedder):
    index = write(tmp_path / "i", hash_embedder)
    assert [each.text for each in index.passages] == list(TEXTS.values())
    assert all(each.text == index.documents[each.document].text[each.start : each.end] for each in index.passages)
    assert np.allclose(index.vectors, hash_embedder.embed(list(TEXTS.values())))
    assert index.digest == "d1"


def test_the_score_of_a_hit_is_its_cosine_between_0_and_1(tmp_path: Path, hash_embedder):
    index = write(tmp_path / "i", hash_embedder)
    hit = search(index, hash_embedder, TEXTS["cake.md"])[0]
    assert hit.passage.document == "cake.md"
    assert hit.score == pytest.approx(1, abs=1e-5)
    assert all(0 <= each.score <= 1 for each in search(index, hash_embedder, "zzz qqq", k=3))


def test_meaning_finds_a_passage_that_shares_no_word(tmp_path: Path, embedder):
    index = write(tmp_path / "i", embedder)
    assert search(index, embedder, "send a purchase back for a refund")[0].passage.document == "returns.md"


def test_a_rare_word_finds_its_passage_where_meaning_fails(tmp_path: Path, hash_embedder):
    index = write(tmp_path / "i", hash_embedder)
    assert index.search("tx-4471", np.eye(384, dtype=np.float32)[0], 1)[0].passage.document == "weight.md"


@pytest.mark.parametrize(
    "query", ["", "  ", "?!", "the of", 'NEAR("a" b) OR * ^ -', "words:x AND \"'", "\x00", "a" * 9999]
)
def test_no_query_breaks_the_search(tmp_path: Path, hash_embedder, query: str):
    assert len(search(write(tmp_path / "i", hash_embedder), hash_embedder, query, k=3)) <= 3


def test_an_empty_index_finds_nothing(tmp_path: Path, hash_embedder):
    index = write(tmp_path / "i", hash_embedder, {})
    assert search(index, hash_embedder, "anything") == []
    assert index.vectors.shape == (0, 384)


def test_threads_may_share_an_index(tmp_path: Path, hash_embedder):
    index = write(tmp_path / "i", hash_embedder)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: search(index, hash_embedder, "the weight of the lamp")[0], range(50)))
    assert {each.passage.document for each in results} == {"weight.md"}


@pytest.mark.parametrize(
    "name", ["manifest.json", "vectors.faiss", "keywords.sqlite", "passages.json", "documents.json"]
)
@pytest.mark.parametrize("content", [None, b"junk"])
def test_a_damaged_index_says_what_to_run(tmp_path: Path, hash_embedder, name: str, content: bytes | None):
    write(tmp_path / "i", hash_embedder)
    (tmp_path / "i" / name).unlink()
    if content is not None:
        (tmp_path / "i" / name).write_bytes(content)
    with pytest.raises(IndexMissing, match=r"damaged.*run `assistant ingest shop`"):
        FaissIndex.read(tmp_path / "i", vertical="shop", embedder=hash_embedder.name)


def test_an_index_of_another_version_says_what_to_run(tmp_path: Path, hash_embedder):
    write(tmp_path / "i", hash_embedder)
    manifest = json.loads((tmp_path / "i" / "manifest.json").read_text())
    (tmp_path / "i" / "manifest.json").write_text(json.dumps(manifest | {"format": 0}))
    with pytest.raises(IndexMissing, match=r"is of format 0, this version reads 1; run `assistant ingest shop`"):
        FaissIndex.read(tmp_path / "i", vertical="shop", embedder=hash_embedder.name)


def test_an_index_of_another_embedder_is_not_read(tmp_path: Path, hash_embedder):
    write(tmp_path / "i", hash_embedder)
    with pytest.raises(IndexMissing, match="was made with the embedder hash-384, in use is other"):
        FaissIndex.read(tmp_path / "i", vertical="shop", embedder="other")


def test_what_two_rankings_name_comes_before_what_one_names():
    assert fuse([1, 2, 3], [4, 2]) == [2, 1, 4, 3]
