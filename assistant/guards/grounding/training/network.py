"""The cross-encoder: a sentence embedder's encoder with claim and evidence side by side, and what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assistant.guards.grounding.network import MAX_TOKENS
from assistant.guards.grounding.training.lessons import Lesson

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

OUTPUTS = ("supported", "neutral", "contradicted", "answers")
"""What the four numbers of the network are for, in order: odds of a claim's three labels, and of an answer."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson as the network reads it."""

    ids: NDArray[np.uint16]
    second_at: int
    """Where the second text begins."""
    task: int
    """SUPPORT_TASK or ANSWER_TASK."""
    target: int
    """0 supported, 1 neutral, 2 contradicted, 3 not supported in either way, 4 unjudged."""
    odds: tuple[float, ...] | None = None
    """What the teacher says of it: its logits, in the order of OUTPUTS."""
    matter: str = ""
    """As in the lesson."""


UNJUDGED = 4
SUPPORT_TASK, ANSWER_TASK = 0, 1
_TARGETS = {"supported": 0, "neutral": 1, "contradicted": 2, "unsupported": 3, "unjudged": UNJUDGED}


def teach(lessons: Sequence[Lesson], tokenizer: Tokenizer) -> list[Taught]:
    """The lessons as token ids: [CLS] first [SEP] second [SEP], the second cut where the whole is too long."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    usable = readable(lessons)
    encoded = tokenizer.encode_batch([(lesson.first, lesson.second) for lesson in usable])
    return [
        Taught(
            np.array(each.ids, np.uint16),
            each.sequence_ids.index(1),
            ANSWER_TASK if lesson.task == "answer" else SUPPORT_TASK,
            _TARGETS[lesson.label],
            matter=lesson.matter,
        )
        for each, lesson in zip(encoded, usable, strict=True)
    ]


def readable(lessons: Sequence[Lesson]) -> list[Lesson]:
    """Those of which the first text leaves room for the second."""
    return [lesson for lesson in lessons if len(lesson.first.split()) < MAX_TOKENS // 4 and len(lesson.first) < 500]


def build(folder: Path, *, dropout: float = 0.0) -> torch.nn.Module:
    """The untrained network on the encoder in `folder`.

    The one that ships goes without dropout: one pass over the data is far from overfitting (run 2026-11).
    """
    import torch
    from transformers import AutoModel

    class CrossEncoder(torch.nn.Module):
        """Token ids in, the four numbers of OUTPUTS out."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = AutoModel.from_pretrained(
                folder,
                add_pooling_layer=False,
                dtype=torch.float32,
                # The fused one takes ten times as long to learn on a processor.
                attn_implementation="sdpa" if device() == "cuda" else "eager",
            )
            config = self.encoder.config
            self.typed = config.model_type == "bert"
            self.head = torch.nn.Linear(2 * config.hidden_size, len(OUTPUTS))

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            """Logits, one row a pair."""
            types = {"token_type_ids": token_type_ids} if self.typed else {}
            states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **types).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1)
            return self.head(torch.cat([states[:, 0], mean], dim=-1))

    torch.manual_seed(7)  # The head begins at random, and the same each time.
    network = CrossEncoder()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = dropout
    return network


def beside(network: torch.nn.Module, folder: Path, *, dropout: float = 0.0) -> torch.nn.Module:
    """A second network that begins as `network` is, and shares its embeddings: these learn nothing more."""
    second = build(folder, dropout=dropout)
    second.load_state_dict(network.state_dict())
    for parameter in embeddings_of(second).parameters():
        parameter.requires_grad_(False)
    return second


def bring_back(network: torch.nn.Module, towards: torch.nn.Module, share: float) -> None:
    """Leave `network` with `share` of the way that it went from `towards`: less is learnt, and less forgotten."""
    import torch

    with torch.no_grad():
        for now, before in zip(network.parameters(), towards.parameters(), strict=True):
            now.copy_(torch.lerp(before.to(now.device), now, share))


def embeddings_of(network: Any) -> torch.nn.Module:
    """The embeddings, which both tasks share: ids and types of one pair in, states of shape (1, tokens, n) out.

    They are half of a network, and with them twice the weights would not fit into the repository.
    """
    import torch

    class Embeddings(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embeddings = network.encoder.embeddings

        def forward(self, input_ids: Any, token_type_ids: Any) -> Any:
            return self.embeddings(input_ids=input_ids, token_type_ids=token_type_ids)

    return Embeddings()


def layers_of(network: Any) -> torch.nn.Module:
    """The layers of `network` and its head: states of one pair in, the numbers of OUTPUTS out."""
    import torch

    class Layers(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers, self.head = network.encoder.encoder.layer, network.head

        def forward(self, states: Any) -> Any:
            for layer in self.layers:
                passed = layer(states)
                states = passed[0] if isinstance(passed, tuple) else passed
            return self.head(torch.cat([states[:, 0], states.mean(1)], dim=-1))

    return Layers()


def device() -> str:
    """Where networks are trained: the GPU when there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def half(where: str) -> bool:
    """Whether products of 16 bits are faster at `where`, a kind of device, than those of 32."""
    import torch

    return where == "cuda" or torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()


def predict(network: torch.nn.Module, taught: Sequence[Taught], *, batch_tokens: int = 4000) -> NDArray[np.float32]:
    """The four logits of each lesson, in order: shape (n, 4)."""
    import torch

    where = next(network.parameters()).device
    network.eval()
    found = np.zeros((len(taught), len(OUTPUTS)), np.float32)
    order = sorted(range(len(taught)), key=lambda i: len(taught[i].ids))
    first = 0
    with torch.inference_mode(), torch.autocast(where.type, torch.bfloat16, enabled=half(where.type)):
        while first < len(order):
            rows = order[first : first + max(1, batch_tokens // len(taught[order[first]].ids))]
            found[rows] = network(**as_tensors([taught[i] for i in rows], where)).float().cpu().numpy()
            first += len(rows)
    return found


def as_tensors(batch: Sequence[Taught], where: torch.device | str = "cpu") -> dict[str, torch.Tensor]:
    """A padded batch, on the device `where`."""
    import torch

    width = max(len(each.ids) for each in batch)
    ids, mask, types = (np.zeros((len(batch), width), np.int64) for _ in range(3))
    for row, each in enumerate(batch):
        ids[row, : len(each.ids)] = each.ids
        mask[row, : len(each.ids)] = 1
        types[row, each.second_at : len(each.ids)] = 1
    named = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return {name: torch.from_numpy(each).to(where, non_blocking=True) for name, each in named.items()}
