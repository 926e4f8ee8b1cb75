from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding import HashEmbedder, KeptEmbedder, SentenceEmbedder
from assistant.errors import ModelUnavailable

TEXTS = ["How long do I have to return a lamp?", "The return window is thirty days.", "Bake the cake for an hour."]


class CountingEmbedder(SentenceEmbedder):
    computed = 0

    def _run(self, tokens):
        self.computed += len(tokens)
        return super()._run(tokens)


def test_hash_vectors_are_unit_length_and_the_same_every_time():
    vectors = HashEmbedder(64).embed([*TEXTS, ""])
    assert vectors.shape == (4, 64)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(vectors, HashEmbedder(64).embed([*TEXTS, ""]))


def test_hash_vectors_of_texts_that_share_words_are_near(hash_embedder):
    question, near, far = hash_embedder.embed(["returning a lamp", "how to return lamps", "bake the cake"])
    assert question @ near > 0.25 > 0.1 > question @ far


def test_no_texts_give_no_rows(embedder, hash_embedder):
    assert embedder.embed([]).shape == (0, 384)
    assert hash_embedder.embed([]).shape == (0, 384)


def test_sentence_vectors_are_unit_length_and_put_meaning_before_words(embedder):
    question, answer, cake = embedder.embed(TEXTS)
    assert np.allclose(np.linalg.norm([question, answer, cake], axis=1), 1, atol=1e-5)
    assert question @ answer > 0.4 > 0.25 > question @ cake


def test_a_text_has_the_same_vector_alone_and_in_a_batch(weights_dir: Path):
    texts = [f"{'word ' * n}end" for n in range(40)]
    folder = weights_dir / "all-minilm-l6-v2"
    together = SentenceEmbedder(folder).embed(texts)
    alone = np.vstack([SentenceEmbedder(folder, remember=0).embed([text]) for text in texts[::13]])
    assert np.allclose(together[::13], alone, atol=1e-5)


def test_a_text_seen_lately_is_not_computed_again_and_an_old_one_is_forgotten(weights_dir: Path):
    embedder = CountingEmbedder(weights_dir / "all-minilm-l6-v2", remember=2)
    first = embedder.embed(["one", "two", "one"])
    assert np.array_equal(embedder.embed(["two", "one"]), first[[1, 0]])
    assert embedder.computed == 2
    embedder.embed(["three"])
    embedder.embed(["one", "two"])
    assert embedder.computed == 4


def test_the_text_itself_is_not_kept(weights_dir: Path):
    embedder = SentenceEmbedder(weights_dir / "all-minilm-l6-v2")
    embedder.embed(["Maria Rossi has a cold"])
    assert all(isinstance(key, bytes) and b"Maria" not in key for key in embedder._memory._vectors)


def test_odd_texts_are_embedded_all_the_same(embedder):
    vectors = embedder.embed(["", "\ud800 lone surrogate", "x" * 1_000_000, "\x00", "word " * 5000])
    assert np.isfinite(vectors).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_threads_may_share_an_embedder(weights_dir: Path):
    embedder = SentenceEmbedder(weights_dir / "all-minilm-l6-v2", remember=4)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: embedder.embed([TEXTS[n % 3], f"number {n % 5}"]), range(40)))
    assert all(np.allclose(each[0], results[n % 3][0], atol=1e-5) for n, each in enumerate(results))


def test_the_name_says_which_weights_made_the_vectors(embedder):
    model, _, digest = embedder.name.partition("@")
    assert model == "all-minilm-l6-v2"
    assert len(digest) == 12


@pytest.mark.parametrize("damage", ["missing model", "missing tokenizer", "cut model", "cut tokenizer", "other JSON"])
def test_missing_or_damaged_weights_say_what_to_run(weights_dir: Path, tmp_path: Path, damage: str):
    folder = tmp_path / "all-minilm-l6-v2"
    folder.mkdir()
    (folder / "model.onnx").symlink_to(weights_dir / "all-minilm-l6-v2" / "model.onnx")
    (folder / "tokenizer.json").symlink_to(weights_dir / "all-minilm-l6-v2" / "tokenizer.json")
    kind, what = damage.split()
    file = folder / ("model.onnx" if what == "model" else "tokenizer.json")
    file.unlink()
    if kind != "missing":
        file.write_text('{"version": 1}' if kind == "other" else '{"version": ')
    with pytest.raises(ModelUnavailable, match=f"{file.name} is .*assistant models pull all-minilm-l6-v2"):
        SentenceEmbedder(folder)


class SpentEmbedder(HashEmbedder):
    """Embeds nothing any more."""

    def embed(self, texts):
        raise AssertionError(texts)


def test_what_was_kept_is_read_and_not_computed_again(tmp_path: Path):
    computed = KeptEmbedder(HashEmbedder(64), tmp_path / "vectors").embed(TEXTS)

    assert np.array_equal(KeptEmbedder(SpentEmbedder(64), tmp_path / "vectors").embed(TEXTS), computed)


@pytest.mark.parametrize("content", [b"", b"no vectors", b"\x93NUMPY"])
def test_a_damaged_file_of_kept_vectors_is_written_anew(tmp_path: Path, content):
    embedder = KeptEmbedder(HashEmbedder(64), tmp_path)
    computed = embedder.embed(TEXTS)
    next(tmp_path.iterdir()).write_bytes(content)

    assert np.array_equal(embedder.embed(TEXTS), computed)
    assert np.array_equal(KeptEmbedder(SpentEmbedder(64), tmp_path).embed(TEXTS), computed)


def test_vectors_that_cannot_be_kept_are_there_all_the_same(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")

    assert KeptEmbedder(HashEmbedder(64), tmp_path / "file").embed(TEXTS).shape == (3, 64)
