"""The trained network as the int8 ONNX file that ships, checked against the one it was made from."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.embedding import open_session
from assistant.errors import Invalid
from assistant.guards.grounding.training.network import Taught, as_tensors, predict

if TYPE_CHECKING:
    import torch

MAX_BYTES = 35_000_000
"""The repository carries the file, so it must stay small."""
_MIN_AGREEMENT = 0.97  # Correlation of the quantised odds with the exact ones; below it the verdicts would differ.


def export(network: torch.nn.Module, tokenizer: Path, folder: Path, probes: list[Taught]) -> float:
    """Write `model.onnx` and `tokenizer.json` to `folder`; gives the agreement of int8 with float32 on `probes`.

    Raises Invalid when they disagree or the file is too large to ship.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network.cpu()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch:
        exact, small = Path(scratch) / "exact.onnx", Path(scratch) / "model.onnx"
        _trace(network, exact, probes[0])
        quantize_dynamic(exact, small, weight_type=QuantType.QInt8, per_channel=True)
        agreement = _agreement(network, small, probes)
        if agreement < _MIN_AGREEMENT or small.stat().st_size > MAX_BYTES:
            raise Invalid(
                f"the quantised network agrees by {agreement:.4f} (at least {_MIN_AGREEMENT}) "
                f"and has {small.stat().st_size} bytes (at most {MAX_BYTES})"
            )
        small.replace(folder / "model.onnx")
    shutil.copy(tokenizer, folder / "tokenizer.json")
    return agreement


def _trace(network: torch.nn.Module, target: Path, probe: Taught) -> None:
    import torch

    tensors = as_tensors([probe])
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # The tracer warns of constants that are constant for this architecture.
        torch.onnx.export(
            network.eval(),
            tuple(tensors.values()),
            str(target),
            input_names=list(tensors),
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in tensors} | {"logits": {0: "batch"}},
            opset_version=17,
            dynamo=False,  # The newer exporter fixed the batch size of this model (torch 2.13).
        )


def _agreement(network: torch.nn.Module, file: Path, probes: list[Taught]) -> float:
    session = open_session(file, threads=1)
    exact = predict(network, probes)
    found: list[Any] = []
    for probe in probes:
        feed = {name: tensor.numpy() for name, tensor in as_tensors([probe]).items()}
        found.append(session.run(None, feed)[0][0])
    return float(np.corrcoef(exact[:, 0], np.array(found)[:, 0])[0, 1])
