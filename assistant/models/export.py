"""The embedder's weights as ONNX: made here once, checked against sentence-transformers, known by its digest."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.embedding import SentenceEmbedder
from assistant.errors import ModelUnavailable
from assistant.llamacpp import sha256_of
from assistant.models.catalog import WeightFile

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SOURCE, ONNX, TOKENIZER, MADE = "model.safetensors", "model.onnx", "tokenizer.json", "made.json"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MIN_COSINE = 0.9999
PROBES = (
    "How long do I have to send an unopened item back?",
    "Denies fever. Taking 5 mg of amlodipine daily, no known allergies.",
    "Most of the 40 reviews praise the tent; a few say that its poles bent in the first storm, and one asks for money.",
)


def export_onnx(folder: Path, *, report: Callable[[str], None] = print) -> None:
    """Make `model.onnx` from `model.safetensors`, unless the one there was made from these very weights.

    Raises ModelUnavailable if it gives other vectors than sentence-transformers does.
    """
    if _is_current(folder):
        return
    report(f"{folder.name}: making {ONNX}")
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".export-") as scratch:
        _export(reference, Path(scratch) / ONNX)
        shutil.copy(folder / TOKENIZER, Path(scratch) / TOKENIZER)
        cosine = _least_cosine(reference, SentenceEmbedder(Path(scratch)))
        if cosine < MIN_COSINE:
            raise ModelUnavailable(
                f"{ONNX} differs from sentence-transformers: expected a cosine of {MIN_COSINE}, found {cosine:.6f}"
            )
        _record(folder, Path(scratch))
    report(f"{folder.name}: {ONNX} gives the vectors of sentence-transformers (cosine {cosine:.6f})")


def made_files(folder: Path) -> tuple[WeightFile, ...]:
    """What was made in `folder`, as its made.json states; raises ModelUnavailable if that cannot be read."""
    try:
        return (WeightFile.model_validate(json.loads((folder / MADE).read_text(encoding="utf-8"))["file"]),)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnavailable(
            f"{folder / MADE} is missing or unreadable; run `assistant models pull {folder.name}`"
        ) from error


def _is_current(folder: Path) -> bool:
    try:
        (file,) = made_files(folder)
        made_from = json.loads((folder / MADE).read_text(encoding="utf-8"))["from_sha256"]
        return bool(made_from == sha256_of(folder / SOURCE) and file.sha256 == sha256_of(folder / file.name))
    except (ModelUnavailable, OSError, KeyError):
        return False


def _export(reference: SentenceTransformer, target: Path) -> None:
    import torch

    class Bare(torch.nn.Module):
        """Three tensors in, one out; transformers' own forward takes too many optional ones to trace."""

        def __init__(self, bert: Any) -> None:
            super().__init__()
            self.bert = bert.eval()

        def forward(self, ids: Any, mask: Any, types: Any) -> Any:
            """The last hidden states, one row a token."""
            return self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    tokens = reference.tokenizer([PROBES[0]], return_tensors="pt")
    axes = {name: {0: "batch", 1: "tokens"} for name in (*INPUTS, "states")}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # The tracer warns of constants that are constant for this architecture.
        torch.onnx.export(
            Bare(reference[0].auto_model),
            tuple(tokens[name] for name in INPUTS),
            str(target),
            input_names=list(INPUTS),
            output_names=["states"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,  # The newer exporter fixed the batch size of this model (torch 2.13).
        )


def _least_cosine(reference: SentenceTransformer, made: SentenceEmbedder) -> float:
    expected = reference.encode(list(PROBES), normalize_embeddings=True)
    return float(np.min(np.sum(expected * made.embed(PROBES), axis=1)))


def _record(folder: Path, scratch: Path) -> None:
    import torch

    file = WeightFile(name=ONNX, size=(scratch / ONNX).stat().st_size, sha256=sha256_of(scratch / ONNX))
    made = {"file": file.model_dump(), "from_sha256": sha256_of(folder / SOURCE), "torch": torch.__version__}
    (scratch / MADE).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    for name in (ONNX, MADE):
        (scratch / name).replace(folder / name)
