"""An exported adapter against the one that was trained: llama.cpp and transformers, on the same base in 32 bits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gguf
import httpx
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from assistant.llamacpp import ServerSpec, open_server
from assistant.models import Catalog
from assistant.tuning.export import export_gguf
from tests.adapters import write_peft

pytestmark = pytest.mark.soak
CARD = Catalog().get("smollm2-135m")
PROMPTS = (
    "The patient has had a cough for",
    "Doctor: Any allergies?\nPatient: Penicillin.\n\nAllergies:",
    "Once upon a time there was",
    "1, 2, 3, 4,",
    "The capital of France is",
)
TOP = 20


@pytest.fixture(scope="module")
def weights(weights_dir: Path) -> Path:
    return weights_dir / CARD.name / CARD.files[0].name


@pytest.fixture(scope="module")
def exact(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base with every tensor in 32 bits."""
    target = tmp_path_factory.mktemp("base") / "base-f32.gguf"
    reader = gguf.GGUFReader(weights)
    writer = gguf.GGUFWriter(target, "llama")
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        kind, sub = field.types[0], field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        if key == "general.file_type":
            writer.add_uint32(key, 0)
        else:
            writer.add_key_value(key, field.contents(), kind, sub_type=sub)
    for each in reader.tensors:
        writer.add_tensor(each.name, gguf.quants.dequantize(each.data, each.tensor_type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_peft(tmp_path_factory.mktemp("trained"), seed=11, spread=0.15)


@pytest.fixture(scope="module")
def reference(weights: Path, trained: Path) -> list[tuple[list[int], np.ndarray]]:
    """Each prompt in tokens, and the log-probabilities of all first tokens after it."""
    import peft  # Here and not above: what is never run would cost every worker of the other tests seconds.
    import torch
    import transformers

    base = transformers.AutoModelForCausalLM.from_pretrained(
        weights.parent,
        gguf_file=weights.name,
        dtype=torch.float32,
        quantization_config=transformers.GgufConfig(dequantize=True),
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
    model = peft.PeftModel.from_pretrained(base, trained).eval()
    found = []
    with torch.no_grad():
        for prompt in PROMPTS:
            ids = tokenizer(prompt, add_special_tokens=False).input_ids
            logits = model(torch.tensor([ids])).logits[0, -1]
            found.append((ids, torch.log_softmax(logits, -1).numpy()))
    return found


def test_a_first_token_is_as_likely_as_where_it_was_trained(exact, weights, trained, reference, tmp_path):
    file = tmp_path / "right.gguf"
    export_gguf(trained, weights, file, half=False)
    assert off_by(exact, file, reference) < 0.01


def test_without_the_order_of_llama_cpp_it_is_another_model(exact, weights, trained, reference, tmp_path):
    file = tmp_path / "wrong.gguf"
    export_gguf(unordered(trained, tmp_path / "unordered"), weights, file, half=False)
    assert off_by(exact, file, reference) > 0.1


def off_by(base: Path, adapter: Path, reference: Sequence[tuple[list[int], np.ndarray]]) -> float:
    """By how much the likeliest first tokens differ at most."""
    spec = ServerSpec("base", base, None, threads=2, slots=1, context_tokens=256, adapters=(adapter,))
    server = open_server(spec, key="soak")
    differences = []
    for ids, expected in reference:
        body = {"prompt": ids, "n_predict": 1, "n_probs": TOP, "temperature": 0, "lora": [{"id": 0, "scale": 1.0}]}
        reply = httpx.post(
            f"{server.listening_address}/completion", json=body, headers={"Authorization": "Bearer soak"}, timeout=60
        )
        (first,) = reply.raise_for_status().json()["completion_probabilities"]
        differences += [abs(each["logprob"] - expected[each["id"]]) for each in first["top_logprobs"]]
    assert len(differences) == TOP * len(reference)
    return max(differences)


def unordered(adapter: Path, target: Path) -> Path:
    """The adapter with q and k turned back beforehand, so that exporting leaves them as transformers has them."""
    target.mkdir()
    (target / "adapter_config.json").write_bytes((adapter / "adapter_config.json").read_bytes())
    tensors = load_file(adapter / "adapter_model.safetensors")
    for name, heads in (("q_proj", 9), ("k_proj", 3)):
        for key in [key for key in tensors if name in key and "lora_B" in key]:
            rows = tensors[key]
            tensors[key] = np.ascontiguousarray(
                rows.reshape(heads, rows.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)
            )
    save_file(tensors, target / "adapter_model.safetensors")
    return target
