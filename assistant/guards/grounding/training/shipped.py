"""The network that ships, as one that can be trained on: its int8 numbers turned back into floats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

_QUANTIZED = "_quantized"


def take_up(network: torch.nn.Module, file: Path) -> None:
    """Gives `network` the weights in the quantised ONNX `file`; each is off by at most half a step of its scale.

    So anyone who has the project can train on, without the checkpoints it was made from.
    """
    import onnx
    import torch
    from onnx.numpy_helper import to_array

    graph = onnx.load(str(file)).graph
    arrays = {each.name: to_array(each) for each in graph.initializer}
    found = {name: array for name, array in arrays.items() if name.endswith((".weight", ".bias"))}
    for node in graph.node:
        for given in node.input:
            if node.op_type in ("MatMulInteger", "Gather") and given.endswith(_QUANTIZED) and given in arrays:
                weight = _floats(arrays, given.removesuffix(_QUANTIZED))
                gathered = node.op_type == "Gather"
                found[_parameter(node.name)] = weight if gathered else weight.T
    network.load_state_dict({name: torch.tensor(array) for name, array in found.items()})


def _floats(arrays: dict[str, Any], name: str) -> Any:
    steps = arrays[name + _QUANTIZED].astype(np.float32) - arrays[f"{name}_zero_point"].astype(np.float32)
    return np.ascontiguousarray(steps * arrays[f"{name}_scale"])


def _parameter(node: str) -> str:
    """The parameter behind a node: "/head/Gemm_MatMul_quant" stands for "head.weight"."""
    return ".".join(node.strip("/").split("/")[:-1]) + ".weight"
