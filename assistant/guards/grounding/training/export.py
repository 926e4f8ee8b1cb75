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
PARTS = (EMBEDDINGS, SUPPORT, ANSWERS)
_JUDGED = {SUPPORT: "supported", ANSWERS: "answers"}
"""Which output of each part counts."""
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
        made, probe = Path(scratch), _feed(probes[0])
        _write(embeddings_of(support), made / EMBEDDINGS, ["input_ids", "token_type_ids"], "states", probe)
        agreement = min(
            _write_layers(network, made / EMBEDDINGS, made / name, probes)
            for network, name in ((support, SUPPORT), (answers, ANSWERS))
        )
        _put(made, folder, agreement)
    shutil.copy(tokenizer, folder / "tokenizer.json")
    return agreement


def export_claims(support: torch.nn.Module, folder: Path, probes: Sequence[Taught]) -> float:
    """Write the layers for claims alone to `folder`, whose embeddings and layers for questions stay as they are.

    Gives and raises what `export` does.
    """
    support.cpu()
    with TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch)
        agreement = _write_layers(support, folder / EMBEDDINGS, made / SUPPORT, probes)
        _put(made, folder, agreement)
    return agreement


def _put(made: Path, folder: Path, agreement: float) -> None:
    """Move the parts that are in `made` to `folder`, if all that would be there may ship."""
    size = sum(((made if (made / name).exists() else folder) / name).stat().st_size for name in PARTS)
    if agreement < _MIN_AGREEMENT or size > MAX_BYTES:
        raise Invalid(
            f"the quantised network agrees by {agreement:.4f} (at least {_MIN_AGREEMENT}) "
            f"and has {size} bytes (at most {MAX_BYTES})"
        )
    for part in made.glob("*.onnx"):
        part.replace(folder / part.name)


def _write_layers(network: torch.nn.Module, embeddings: Path, target: Path, probes: Sequence[Taught]) -> float:
    """Gives how the quantised layers, behind the quantised embeddings, agree with the whole network."""
    states = embeddings_of(network)(*_feed(probes[0])).detach()
    _write(layers_of(network), target, ["states"], "logits", (states,))
    return _agreement(network, embeddings, target, OUTPUTS.index(_JUDGED[target.name]), probes)


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
