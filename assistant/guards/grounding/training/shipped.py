"""The shipped networks as they can learn on: their int8 weights as numbers again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.guards.grounding.network import EMBEDDINGS

if TYPE_CHECKING:
    import torch

_QUANTISED, _SCALE, _ZERO = "_quantized", "_scale", "_zero_point"
"""How onnxruntime names the three parts of what it has quantised."""
_BETWEEN = ("Cast", "Mul")  # What scales a product of whole numbers before its bias is added.


def take_up(network: torch.nn.Module, folder: Path, layers: str) -> None:
    """Give `network` the weights of `folder`'s embeddings and of the file `layers`, as they were quantised.

    Raises ModelUnavailable when a file cannot be read, or is of another network.
    """
    import torch

    try:
        stored = _renamed(_weights(folder / EMBEDDINGS), "embeddings.", "encoder.embeddings.")
        stored |= _renamed(_weights(folder / layers), "layers.", "encoder.encoder.layer.")
        network.load_state_dict({name: torch.from_numpy(np.array(each)) for name, each in stored.items()})
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelUnavailable(
            f"{folder / layers} cannot be taken up ({error}); it should be what `assistant guards train` exported"
        ) from error


def _weights(file: Path) -> dict[str, NDArray[np.float32]]:
    """The parameters of a part by the names that they had in training.

    The exporter drops the name of what is multiplied with, but keeps that of the bias which is added to the product.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(file).graph
    except DecodeError as error:
        raise ValueError(f"{file.name} is no ONNX file") from error
    stored = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    exact = {
        name.removesuffix(_QUANTISED): _exact(stored, name.removesuffix(_QUANTISED))
        for name in stored
        if name.endswith(_QUANTISED)
    }
    users: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    found = {}
    for node in graph.node:
        factor = node.input[1].removesuffix(_QUANTISED) if len(node.input) > 1 else ""
        if node.op_type == "MatMulInteger" and factor in exact:
            bias = _added_to(node.output[0], users, stored)
            found[bias.removesuffix("bias") + "weight"] = exact.pop(factor).T
    plain = {
        name: each
        for name, each in stored.items()
        if each.ndim and "." in name and not name.endswith((_QUANTISED, _SCALE, _ZERO)) and each.dtype == np.float32
    }
    return plain | exact | found


def _exact(stored: dict[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """int8 with a scale and a zero, of the whole or of each column, as numbers."""
    zero = stored[name + _ZERO].astype(np.float32)
    return np.asarray((stored[name + _QUANTISED].astype(np.float32) - zero) * stored[name + _SCALE], np.float32)


def _added_to(value: str, users: dict[str, list[Any]], stored: dict[str, NDArray[Any]]) -> str:
    """Name of the bias that is added to `value`, once it is scaled."""
    for node in users.get(value, []):
        if node.op_type == "Add":
            return str(next(name for name in node.input if name in stored))
        if node.op_type in _BETWEEN:
            return _added_to(node.output[0], users, stored)
    raise ValueError(f"nothing is added to {value}")


def _renamed(weights: dict[str, NDArray[np.float32]], start: str, instead: str) -> dict[str, NDArray[np.float32]]:
    return {instead + name.removeprefix(start) if name.startswith(start) else name: w for name, w in weights.items()}
