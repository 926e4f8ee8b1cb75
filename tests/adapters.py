"""Adapters made for tests: untrained, but they change what is written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import yaml
from safetensors.numpy import save_file

from assistant.models import Catalog
from assistant.tuning.export import export_gguf

BASE = "smollm2-135m"
LAYERS, WIDTH, KEYS, INNER = 30, 576, 192, 1536
RANK = 4
_LINEARS = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (KEYS, WIDTH),
    "self_attn.v_proj": (KEYS, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (INNER, WIDTH),
    "mlp.up_proj": (INNER, WIDTH),
    "mlp.down_proj": (WIDTH, INNER),
}


def write_peft(
    folder: Path, *, seed: int, rank: int = RANK, spread: float = 0.3, says_rank: int | None = None, width: int = WIDTH
) -> Path:
    """An adapter as peft saves it, with weights drawn from `seed`."""
    draw = np.random.default_rng(seed)
    tensors = {}
    for layer in range(LAYERS):
        for name, (out, into) in _LINEARS.items():
            key = f"base_model.model.model.layers.{layer}.{name}"
            into_width = width if into == WIDTH else into
            tensors[f"{key}.lora_A.weight"] = draw.normal(0, 0.05, (rank, into_width)).astype(np.float32)
            tensors[f"{key}.lora_B.weight"] = draw.normal(0, spread, (out, rank)).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": says_rank or rank,
        "lora_alpha": rank,
        "target_modules": [name.partition(".")[2] for name in _LINEARS],
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


def install(folder: Path, weights: Path, name: str, *, seed: int) -> Path:
    """An adapter with its card in `folder`, as the catalog reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.gguf"
    export_gguf(write_peft(folder / f"{name}-peft", seed=seed), weights, file)
    return with_card(file)


def with_card(file: Path, **changes: object) -> Path:
    """Writes the card of the adapter in `file` beside it; `changes` go into the card's adapter part."""
    base = Catalog().get(BASE)
    card = base.model_dump(mode="json", exclude={"hub", "wheels"}) | {
        "name": file.stem,
        "files": [
            {
                "name": file.name,
                "size": file.stat().st_size,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
        ],
        "adapter": {
            "base": BASE,
            "base_sha256": base.files[0].sha256,
            "rank": RANK,
            "writes": ["section"],
            "instructions": "Write one section.",
            "data": [{"name": "none", "licence": "CC0", "cases": 1, "sha256": "0" * 64}],
            "made_by": "tests",
        }
        | changes,
    }
    file.with_suffix(".yaml").write_text(yaml.safe_dump(card))
    return file
