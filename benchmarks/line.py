"""Our line beside raw llama.cpp and stock NeMo self-checks: same prompts and model, each in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.commands.records_report import table
from benchmarks.ours import WHOLE

Figures = dict[str, Any]


def main() -> None:
    """Runs the parts one after the other and prints two tables."""
    with tempfile.TemporaryDirectory() as folder:
        prompts = Path(folder) / "prompts.json"
        ours = measured("ours", prompts)
        raw = measured("raw", prompts)
        stock = measured("stock", prompts)
    print(speed(raw, ours))
    print()
    print(added(ours, stock))


def measured(part: str, prompts: Path) -> Figures:
    """What one part measured, from a process of its own."""
    print(f"measuring {part} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{part}", str(prompts)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"benchmarks.{part} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def speed(raw: Figures, ours: Figures) -> str:
    """Time and memory of the whole answer, ours as a multiple of raw llama.cpp."""
    rows = [(f"SAME {len(ours['total_s'])} PROMPTS, SAME MODEL", "RAW LLAMA.CPP", "OURS", "RATIO")]
    for key, name in (
        ("first_s", "first token / first checked sentence, s (p50)"),
        ("total_s", "whole answer, s (p50)"),
        ("total_s", "whole answer, s (p95)"),
    ):
        share = 0.95 if "p95" in name else 0.5
        a, b = quantile(raw[key], share), quantile(ours[key], share)
        rows.append((name, f"{a:.2f}", f"{b:.2f}", f"{b / a:.2f} ×"))
    a, b = sum(raw["total_s"]), sum(ours["total_s"])
    rows.append(("all answers, s (sum)", f"{a:.1f}", f"{b:.1f}", f"{b / a:.2f} ×"))
    a, b = raw["memory_mb"], ours["memory_mb"]
    rows.append(("peak memory of the process, MB", f"{a:.0f}", f"{b:.0f}", f"{b / a:.2f} ×"))
    return table(rows)


def added(ours: Figures, stock: Figures) -> str:
    """CPU time that checking adds: our guards and rails beside an LLM that is asked."""
    rows = [("CPU MS ADDED BY CHECKING", "P50", "P95", "STOCK ÷ OURS (P50)")]
    whole = quantile(ours["cpu_ms"][WHOLE], 0.5)
    for name, values in ours["cpu_ms"].items():
        rows.append((f"ours: {name}", f"{quantile(values, 0.5):.1f}", f"{quantile(values, 0.95):.1f}", ""))
    for name, values in stock["cpu_ms"].items():
        p50 = quantile(values, 0.5)
        rows.append((f"stock NeMo: {name}", f"{p50:.0f}", f"{quantile(values, 0.95):.0f}", f"{p50 / whole:.0f} ×"))
    return table(rows)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
