"""A trained adapter as llama.cpp reads it: one GGUF file, and the card by which the catalog knows it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import Invalid, Misconfigured

MAX_BYTES = 6_000_000
"""The repository carries those that ship, so they must stay small."""
_NAMES: Mapping[str, str] = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_TENSOR = re.compile(
    r"base_model\.model\.model\.layers\.(?P<layer>\d+)\.(?P<linear>\w+\.\w+)\.lora_(?P<part>[AB])\.weight"
)
Array = NDArray[Any]


def export_gguf(adapter: Path, base: Path, target: Path, *, half: bool = True) -> int:
    """Writes the adapter that peft saved in the folder `adapter` to the file `target`; gives its rank.

    `half`: weights of 16 bits. Raises Invalid for an adapter that does not fit the weights `base`, or with parts that
    llama.cpp has no name for.
    """
    gguf = _package()
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    heads, key_heads, shapes = _base(base)
    part = target.with_suffix(".part")
    writer = gguf.GGUFWriter(part, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["lora_alpha"]))
    writer.add_string("general.name", target.stem)
    for name, (first, second) in sorted(_pairs(adapter).items()):
        _require_fit(name, first, second, config["r"], shapes)
        turned = _interleaved(second, heads if "attn_q" in name else key_heads) if _TURNED.search(name) else second
        kind = np.float16 if half else np.float32
        writer.add_tensor(f"{name}.lora_a", np.ascontiguousarray(first.astype(kind)))
        writer.add_tensor(f"{name}.lora_b", np.ascontiguousarray(turned.astype(kind)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(target)
    return int(config["r"])


def read_gguf(file: Path, base: Path) -> dict[str, Array]:
    """The weights of the adapter in `file` under peft's names, in 32 bits: what `export_gguf` wrote, read back.

    Raises Invalid for a file that cannot be read, or that is no adapter for the weights `base`.
    """
    gguf = _package()
    try:
        tensors = {each.name: np.array(each.data, dtype=np.float32) for each in gguf.GGUFReader(file).tensors}
    except (OSError, ValueError, IndexError) as error:
        raise Invalid(f"{file} cannot be read as a GGUF; get the adapter again") from error
    heads, key_heads, shapes = _base(base)
    found: dict[str, Array] = {}
    for name in sorted({name.rpartition(".")[0] for name in tensors}):
        first, second = tensors.get(f"{name}.lora_a"), tensors.get(f"{name}.lora_b")
        linear = _LINEARS.fullmatch(name)
        if first is None or second is None or linear is None or linear["map"] not in _PEFT:
            raise Invalid(f"{file}: {name} is no part of an adapter that was made here")
        _require_fit(name, first, second, first.shape[0], shapes)
        if _TURNED.search(name):
            second = _halved(second, heads if "attn_q" in name else key_heads)
        place = f"base_model.model.model.layers.{linear['layer']}.{_PEFT[linear['map']]}"
        found |= {f"{place}.lora_A.weight": first, f"{place}.lora_B.weight": second}
    return found


_TURNED = re.compile(r"\.attn_[qk]\.")
_LINEARS = re.compile(r"blk\.(?P<layer>\d+)\.(?P<map>\w+)\.weight")
_PEFT = {theirs: ours for ours, theirs in _NAMES.items()}


def _interleaved(rows: Array, heads: int) -> Array:
    """`rows` in the order in which llama.cpp turns positions: pairs side by side; transformers has halves.

    Left out, everything loads and what is written is quietly wrong.
    """
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def _halved(rows: Array, heads: int) -> Array:
    """`_interleaved` undone."""
    return rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def _pairs(adapter: Path) -> dict[str, tuple[Array, Array]]:
    """By llama.cpp's name of the map: A of shape (rank, in) and B of shape (out, rank)."""
    from safetensors import safe_open

    found: dict[str, dict[str, Array]] = {}
    with safe_open(adapter / "adapter_model.safetensors", "np") as tensors:
        for key in tensors.keys():  # noqa: SIM118 — it is no dictionary
            match = _TENSOR.fullmatch(key)
            if match is None or match["linear"] not in _NAMES:
                raise Invalid(
                    f"{adapter}: llama.cpp has no place for {key}; only linear maps of Llama layers are known"
                )
            name = f"blk.{match['layer']}.{_NAMES[match['linear']]}.weight"
            found.setdefault(name, {})[match["part"]] = tensors.get_tensor(key).astype(np.float32)
    if not found or any(each.keys() != {"A", "B"} for each in found.values()):
        raise Invalid(f"{adapter} holds no whole adapter: each map needs its A and its B")
    return {name: (each["A"], each["B"]) for name, each in found.items()}


def _base(weights: Path) -> tuple[int, int, dict[str, tuple[int, ...]]]:
    """Heads, key-value heads, and the shape (out, in) of every map of the base."""
    there = weights.stat()
    return _read_base(weights, there.st_mtime_ns, there.st_size)


@lru_cache(maxsize=4)  # The package reads every word of the vocabulary apart, which takes seconds.
def _read_base(weights: Path, _changed_ns: int, _size: int) -> tuple[int, int, dict[str, tuple[int, ...]]]:
    reader = _package().GGUFReader(weights)
    architecture = reader.fields["general.architecture"].contents()
    if architecture != "llama":
        raise Invalid(f"{weights.name} is of the architecture {architecture}; adapters can be made for llama alone")
    heads = int(reader.fields["llama.attention.head_count"].contents())
    key_heads = int(reader.fields["llama.attention.head_count_kv"].contents())
    return heads, key_heads, {each.name: tuple(int(n) for n in each.shape[::-1]) for each in reader.tensors}


def _require_fit(name: str, first: Array, second: Array, rank: int, shapes: Mapping[str, tuple[int, ...]]) -> None:
    if name not in shapes or shapes[name] != (second.shape[0], first.shape[1]):
        raise Invalid(
            f"{name}: the adapter is for a map of {second.shape[0]} by {first.shape[1]}, the base has "
            f"{' by '.join(map(str, shapes[name])) if name in shapes else 'none'}; it was made for another base"
        )
    if first.shape[0] != rank or second.shape[1] != rank:
        raise Invalid(f"{name}: the adapter says rank {rank} and holds {first.shape[0]} and {second.shape[1]}")


def _package() -> Any:
    try:
        import gguf
    except ImportError as error:
        raise Misconfigured("tuning needs gguf: install the extra with pip install '.[tuning]'") from error
    return gguf
