"""The trained networks as the int8 ONNX files that ship, checked against what they were made from."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import open_session
from assistant.errors import Invalid
from assistant.guards.grounding.network import ANSWERS, EMBEDDINGS, SUPPORT
from assistant.guards.grounding.training.network import OUTPUTS, Taught, as_tensors, embeddings_of, layers_of, predict

if TYPE_CHECKING:
    import torch

MAX_BYTES = 35_000_000
"""The repository carries the files, so together they must stay small."""
_MIN_AGREEMENT = 0.97  # Correlation of the quantised odds with the exact ones; below it the verdicts would differ.


def export(
    support: torch.nn.Module, answers: torch.nn.Module, tokenizer: Path, folder: Path, probes: Sequence[Taught]
) -> float:
    """Write both networks, whose embeddings are the same, and their tokenizer to `folder`.

    Gives the agreement of int8 with float32 on `probes`, that of the worse. Raises Invalid when they disagree or the
    files are too large to ship.
    """
    support.cpu(), answers.cpu()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch:
        made, embeddings, probe = Path(scratch), embeddings_of(support), _feed(probes[0])
        _write(embeddings, made / EMBEDDINGS, ["input_ids", "token_type_ids"], "states", probe)
        networks = ((support, SUPPORT, "supported"), (answers, ANSWERS, "answers"))
        for network, name, _ in networks:
            _write(layers_of(network), made / name, ["states"], "logits", (embeddings(*probe).detach(),))
        agreement = min(
            _agreement(network, made / EMBEDDINGS, made / name, OUTPUTS.index(judged), probes)
            for network, name, judged in networks
        )
        size = sum((made / name).stat().st_size for name in (EMBEDDINGS, SUPPORT, ANSWERS))
        if agreement < _MIN_AGREEMENT or size > MAX_BYTES:
            raise Invalid(
                f"the quantised network agrees by {agreement:.4f} (at least {_MIN_AGREEMENT}) "
                f"and has {size} bytes (at most {MAX_BYTES})"
            )
        for name in (EMBEDDINGS, SUPPORT, ANSWERS):
            (made / name).replace(folder / name)
    shutil.copy(tokenizer, folder / "tokenizer.json")
    return agreement


def _write(
    part: torch.nn.Module, target: Path, inputs: list[str], output: str, probe: tuple[torch.Tensor, ...]
) -> None:
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exact = target.with_suffix(".exact")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # The tracer warns of constants that are constant for this architecture.
        torch.onnx.export(
            part.eval(),
            probe,
            str(exact),
            input_names=inputs,
            output_names=[output],
            dynamic_axes={name: {1: "tokens"} for name in ("input_ids", "token_type_ids", "states")},
            opset_version=17,
            dynamo=False,  # The newer exporter fixes sizes of this model (torch 2.13).
        )
    quantize_dynamic(exact, target, weight_type=QuantType.QInt8, per_channel=True)


def _feed(probe: Taught) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and which text each is of: a pair alone needs no mask."""
    tensors = as_tensors([probe])
    return tensors["input_ids"], tensors["token_type_ids"]


def _agreement(
    network: torch.nn.Module, embeddings: Path, layers: Path, output: int, probes: Sequence[Taught]
) -> float:
    """How the number at `output` of the quantised parts goes with that of the whole network."""
    first, second = open_session(embeddings, threads=1), open_session(layers, threads=1)
    exact = predict(network, probes)[:, output]
    found: list[NDArray[np.float32]] = []
    for probe in probes:
        ids, types = (tensor.numpy() for tensor in _feed(probe))
        states = first.run(None, {"input_ids": ids, "token_type_ids": types})[0]
        found.append(second.run(None, {"states": states})[0][0, output])
    return float(np.corrcoef(exact, np.array(found))[0, 1])
