from __future__ import annotations

import pytest

from assistant.errors import ModelUnavailable
from assistant.models import Catalog, Loading
from assistant.models.memory import available_bytes, needed_bytes, require_memory

SMALL, LARGE = Catalog().get("smollm2-135m"), Catalog().get("qwen2.5-coder-1.5b")


def test_a_model_takes_its_files_and_the_window_of_every_slot():
    one, two = (needed_bytes(LARGE, context_tokens=4096, slots=slots) for slots in (1, 2))
    assert one > LARGE.files[0].size
    assert two - one >= 4096 * 28_000  # What Qwen2.5-1.5B keeps of a token: 2 × 2 bytes × 28 layers × 256.
    assert needed_bytes(SMALL, context_tokens=4096, slots=2) < one


def test_what_does_not_fit_is_refused_with_both_sizes():
    with pytest.raises(ModelUnavailable, match=r"qwen2\.5-coder-1\.5b .* needs about 1\.\d GiB .* 0\.5 GiB are free"):
        require_memory(LARGE, context_tokens=4096, slots=2, available=lambda: 2**29)
    require_memory(LARGE, context_tokens=4096, slots=2, available=lambda: 2**32)


def test_where_free_memory_cannot_be_told_nothing_is_refused(tmp_path):
    assert available_bytes(meminfo=tmp_path / "none", cgroup=tmp_path) is None
    require_memory(LARGE, context_tokens=4096, slots=2, available=lambda: None)


def test_a_container_s_limit_counts_where_it_is_the_smaller_one(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal:  9000 kB\nMemAvailable:  8000 kB\n")
    assert available_bytes(meminfo=tmp_path / "meminfo", cgroup=tmp_path) == 8000 * 1024
    (tmp_path / "memory.max").write_text("5000000\n")
    (tmp_path / "memory.current").write_text("4000000\n")
    (tmp_path / "memory.stat").write_text("anon 1000000\ninactive_file 3000000\n")
    assert available_bytes(meminfo=tmp_path / "meminfo", cgroup=tmp_path) == 4_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert available_bytes(meminfo=tmp_path / "meminfo", cgroup=tmp_path) == 8000 * 1024


def test_memory_is_looked_at_before_weights_are_opened(weights_dir):
    def loading(available: int) -> Loading:
        return Loading(weights_dir, 1, 2, 0, 2048, available=lambda: available)

    assert loading(2**40).spec(Catalog(), SMALL).context_tokens == 2048
    with pytest.raises(ModelUnavailable, match="smollm2-135m is not loaded"):
        loading(2**20).spec(Catalog(), SMALL)
