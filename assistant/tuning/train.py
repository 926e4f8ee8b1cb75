"""Trains a LoRA adapter on the weights of a GGUF; can be broken off and goes on where it was."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import Conflict, Misconfigured
from assistant.tuning.batches import Encoded, end_of_turn, in_batches
from assistant.tuning.device import device_here, give_back_memory, keep_no_memory
from assistant.tuning.recipe import LINEARS, Recipe

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from assistant.tuning.examples import Example

IGNORED = -100
SAVED_EVERY_S = 120.0
"""Whoever breaks a training off loses no more than this."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the training came to."""

    steps: int
    loss_before: float
    """Of the untuned model on the validation part: nats a token."""
    loss: float
    """Of the adapter that was kept."""
    seconds: float


class Tuner:
    """A base with an untrained adapter on it, and the state of its training."""

    def __init__(
        self,
        weights: Path,
        recipe: Recipe,
        folder: Path,
        *,
        begin: Mapping[str, NDArray[Any]] | None = None,
        threads: int = 2,
        report: Callable[[str], None] = print,
    ) -> None:
        """`folder` takes the checkpoints; one that is there is taken up again.

        `begin`: weights of an adapter of this rank, under peft's names, from which it learns on.

        Raises Misconfigured where the packages for tuning are not installed, Conflict for a checkpoint of another
        recipe or base.
        """
        torch, peft, transformers = _packages()
        # One thread a part of the batch: threads that share each single operation would wait for one another thousands
        # of times a step, and on a busy machine do little else.
        torch.set_num_threads(1)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="tuning")
        torch.manual_seed(recipe.seed)
        self._recipe, self._folder, self._report = recipe, folder, report
        self.device = device_here()
        keep_no_memory(self.device)
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
        self._end = end_of_turn(self.tokenizer)
        base = transformers.AutoModelForCausalLM.from_pretrained(
            weights.parent,
            gguf_file=weights.name,
            dtype=torch.float32,
            attn_implementation=self.device.attention,
            quantization_config=transformers.GgufConfig(dequantize=True),
        )
        lora = peft.LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules=list(LINEARS),
            layers_to_transform=list(
                range(int(recipe.lower * base.config.num_hidden_layers), base.config.num_hidden_layers)
            ),
            task_type="CAUSAL_LM",
        )
        self.model = peft.get_peft_model(base, lora).to(self.device.name)
        if self.device.half:
            for name, each in self.model.named_parameters():
                each.data = each.data if "lora_" in name else each.data.to(self.device.half)
        if begin:
            state = {name: torch.from_numpy(array) for name, array in begin.items()}
            if peft.set_peft_model_state_dict(self.model, state).unexpected_keys:
                raise Conflict("the adapter to begin with has parts that the recipe leaves out")
        self._learning = [each for each in self.model.parameters() if each.requires_grad]
        self._optimizer = torch.optim.AdamW(self._learning, lr=0.0, weight_decay=0.01)
        self._step, self._best, self._before, self._risen, self._seconds = 0, math.inf, math.inf, 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self._resume(weights)

    def encode(self, instructions: str, examples: Sequence[Example]) -> list[Encoded]:
        """The examples in tokens, as llama.cpp makes them of the same messages."""
        found = []
        for each in examples:
            messages = [{"role": "system", "content": instructions}, {"role": "user", "content": each.prompt}]
            text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            prompt = self.tokenizer(text, add_special_tokens=False).input_ids
            written = self.tokenizer(each.completion, add_special_tokens=False).input_ids if each.completion else []
            ids = (*prompt, *written, self._end)
            found.append(Encoded(ids, len(prompt)))
        return found

    def run(self, train: Sequence[Encoded], validation: Sequence[Encoded]) -> Outcome:
        """Trains until it gets no better, and leaves the adapter that is kept in `best` of the folder."""
        batches = [batch for epoch in range(self._recipe.epochs) for batch in self._batches(train, epoch)]
        every = max(1, len(batches) // (self._recipe.epochs * self._recipe.looks))
        if self._step == 0:
            with self.model.disable_adapter():
                self._before = self._best = self.loss(validation)
            self._report(f"validation loss before: {self._before:.4f}; {len(batches)} steps at most")
        losses: list[float] = []
        saved_s = time.monotonic()
        while (done := self._done(len(batches))) < 1 and self._risen < self._recipe.patience:
            began = time.monotonic()
            losses.append(self._learn(batches[self._step], self._rate(done)))
            self._step += 1
            self._seconds += time.monotonic() - began
            if self._step % 5 == 0:
                left_s = self._seconds * (1 / self._done(len(batches)) - 1)
                mean = sum(losses) / len(losses)
                self._report(f"step {self._step}/{len(batches)} loss {mean:.4f}, at most {left_s / 60:.0f} min left")
                losses = []
            if looked := self._step % every == 0 or self._done(len(batches)) >= 1:
                self._look(validation)
            if looked or time.monotonic() - saved_s >= SAVED_EVERY_S:
                self._save()
                saved_s = time.monotonic()
        return Outcome(self._step, self._before, self._best, self._seconds)

    def loss(self, examples: Sequence[Encoded]) -> float:
        """Nats a token that is to be written, over all `examples`."""
        import torch

        self.model.eval()

        def part(batch: Sequence[Encoded]) -> float:
            with torch.no_grad():  # Which is a matter of each thread.
                return float(self._loss(batch, weighted=False))

        parts = self._worked_at_once(examples, whole=self._recipe.batch_tokens)
        return sum(self._threads.map(part, parts)) / max(1, sum(len(each.ids) - each.prompt for each in examples))

    def _learn(self, batch: Sequence[Encoded], rate: float) -> float:
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        weight = sum(math.sqrt(len(each.ids) - each.prompt) for each in batch)

        def part(examples: Sequence[Encoded]) -> float:
            loss = self._loss(examples, weighted=True) / weight
            loss.backward()
            return float(loss.detach())

        total = sum(self._threads.map(part, self._worked_at_once(batch)))
        torch.nn.utils.clip_grad_norm_(self._learning, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        give_back_memory(self.device)
        return total

    def _worked_at_once(self, examples: Sequence[Encoded], *, whole: int | None = None) -> list[list[Encoded]]:
        """`examples` in parts as the device works them; where it takes all at once, in parts of `whole` tokens."""
        tokens = self.device.part_tokens or whole
        return list(in_batches(sorted(examples, key=lambda each: -len(each.ids)), tokens)) if tokens else [[*examples]]

    def _loss(self, batch: Sequence[Encoded], *, weighted: bool) -> torch.Tensor:
        """Cross-entropy of what is to be written, summed; `weighted` by the root of its length for each example.

        Else one long text would count as much as fifty short ones, and all are worth the same to a reader.
        """
        import torch
        from torch.utils.checkpoint import checkpoint

        ids, targets, weights = self._tensors(batch)
        llama = self.model.base_model.model
        half, size = self.device.half, self.device.score_tokens
        with torch.autocast(self.device.name, dtype=half or torch.bfloat16, enabled=half is not None):
            # No mask: padding stands behind what is read, where nothing looks at it.
            states = llama.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
            wanted = targets[:, 1:] != IGNORED
            states, targets, weights = states[wanted], targets[:, 1:][wanted], weights[:, 1:][wanted]
            total = torch.zeros((), device=self.device.name)
            for first in range(0, len(targets), size):
                part = slice(first, first + size)
                each = checkpoint(
                    _cross_entropy,
                    llama.lm_head,
                    states[part],
                    targets[part],
                    use_reentrant=False,
                    preserve_rng_state=False,
                )
                total = total + (each * weights[part] if weighted else each).sum()
        return total

    def _tensors(self, batch: Sequence[Encoded]) -> tuple[torch.Tensor, ...]:
        import torch

        width = max(len(each.ids) for each in batch)
        ids = torch.full((len(batch), width), self._end, dtype=torch.long)
        targets = torch.full_like(ids, IGNORED)
        weights = torch.zeros((len(batch), width))
        for row, each in enumerate(batch):
            size = len(each.ids)
            ids[row, :size] = torch.tensor(each.ids)
            targets[row, each.prompt : size] = ids[row, each.prompt : size]
            weights[row] = 1 / math.sqrt(size - each.prompt)
        return tuple(each.to(self.device.name) for each in (ids, targets, weights))

    def _batches(self, train: Sequence[Encoded], epoch: int) -> list[list[Encoded]]:
        chance = random.Random(f"{self._recipe.seed} {epoch}")  # noqa: S311 — reproducible, not secret
        # Of about the same length, so that little is padding; which ones meet is left to chance.
        near = sorted(train, key=lambda each: len(each.ids) * chance.uniform(0.8, 1.25))
        batches = list(in_batches(near, self._recipe.batch_tokens))
        chance.shuffle(batches)
        return batches

    def _done(self, steps: int) -> float:
        """How much of the training is behind, by steps or by time, whichever is more; 1 is the end."""
        minutes = self._recipe.minutes
        return max(self._step / steps, self._seconds / (60 * minutes) if minutes else 0.0)

    def _rate(self, done: float) -> float:
        warm = self._recipe.warm_up
        if done < warm:
            return self._recipe.rate * (0.1 + 0.9 * done / warm)
        return self._recipe.rate * (0.1 + 0.9 * (1 + math.cos(math.pi * (done - warm) / (1 - warm))) / 2)

    def _look(self, validation: Sequence[Encoded]) -> None:
        loss = self.loss(validation)
        better = loss < self._best
        self._report(f"step {self._step}: validation loss {loss:.4f}{', the best so far' if better else ''}")
        if better or self._recipe.keep == "last":
            self._best, self._risen = loss, 0
            self.model.save_pretrained(self._folder / "best")
        else:
            self._risen += 1

    def _save(self) -> None:
        import torch
        from peft import get_peft_model_state_dict

        state = {
            "adapter": get_peft_model_state_dict(self.model),
            "optimizer": self._optimizer.state_dict(),
            "progress": (self._step, self._best, self._before, self._risen, self._seconds),
        }
        torch.save(state, self._folder / "state.part")
        (self._folder / "state.part").replace(self._folder / "state.pt")

    def _resume(self, weights: Path) -> None:
        import torch
        from peft import set_peft_model_state_dict

        of = json.dumps({"weights": weights.name, **asdict(self._recipe)})
        told = self._folder / "recipe.json"
        if told.is_file() and told.read_text(encoding="utf-8") != of:
            raise Conflict(f"{self._folder} holds a training of another recipe or base; take another, or delete it")
        told.write_text(of, encoding="utf-8")
        if (self._folder / "state.pt").is_file():
            # Begun on a card, it goes on without one.
            state = torch.load(self._folder / "state.pt", weights_only=True, map_location="cpu")
            set_peft_model_state_dict(self.model, state["adapter"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._step, self._best, self._before, self._risen, self._seconds = state["progress"]
            self._report(f"going on after step {self._step}")


def _cross_entropy(head: Any, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    from torch.nn.functional import cross_entropy

    return cross_entropy(head(states).float(), targets, reduction="none")


def _packages() -> tuple[Any, Any, Any]:
    try:
        import peft
        import torch
        import transformers
    except ImportError as error:
        raise Misconfigured(f"tuning needs {error.name}: install the extra with pip install '.[tuning]'") from error
    return torch, peft, transformers
