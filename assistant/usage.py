"""What one answer uses: tokens, money, energy and carbon; energy measured where the machine can, else estimated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from assistant.messages import Basis, TokenUsage, Usage
from assistant.watching.working import Work

POWERCAP = Path("/sys/class/powercap")
STAT = Path("/proc/stat")
WATTS_PER_CORE = 10.0
"""For one busy core of a server and its share of the rest, at the plug: a guess, half that in a laptop."""
GRID_G_PER_KWH = 473.0
"""World average of 2024 (Ember, Global Electricity Review 2025); countries differ by more than a factor of ten."""
_TICKS_PER_S = 100.0  # USER_HZ, which /proc/stat counts in on every Linux (man 5 proc).
_J_PER_WH = 3600.0


Seconds = Callable[[], float]
"""Seconds that all threads of this process together have worked."""


class EnergyCounter(Protocol):
    """Tells how much energy this process has used since the counter was made."""

    basis: Basis

    def joules(self) -> float:
        """Joules so far; never less than the time before."""


class CpuTime:
    """An estimate: seconds of the processor, all threads together, times what a busy core takes."""

    basis: Basis = "estimated"

    def __init__(self, watts_per_core: float = WATTS_PER_CORE, *, own_s: Seconds = time.process_time) -> None:
        self._watts, self._own_s = watts_per_core, own_s

    def joules(self) -> float:
        """The estimate so far."""
        return self._own_s() * self._watts


class Rapl:
    """Measured: what the processors and their memory took (RAPL of Intel and AMD), by this process's share of the work.

    The energy of each interval is split by processor time, so that several workers on one machine count it once, and
    what other programs do is theirs.
    """

    basis: Basis = "measured"

    def __init__(self, powercap: Path = POWERCAP, stat: Path = STAT, *, own_s: Seconds = time.process_time) -> None:
        """Raises OSError where the machine does not tell, or tells root alone."""
        self._stat, self._clock = stat, own_s
        self._zones = [_Zone(folder) for folder in sorted(powercap.glob("intel-rapl:*")) if _counts(folder)]
        if not self._zones:
            raise FileNotFoundError(f"{powercap} has no energy counters of processors")
        self._used = 0.0
        self._own_s, self._busy_s = self._clock(), self._busy()

    def joules(self) -> float:
        """What was used so far."""
        own_s, busy_s = self._clock(), self._busy()
        if busy_s > self._busy_s:  # Else the interval is shorter than a tick, and is left to the next call.
            # The two clocks tick differently, so in a short interval the share can seem to be more than all.
            share = min(1.0, (own_s - self._own_s) / (busy_s - self._busy_s))
            self._used += share * sum(zone.taken_j() for zone in self._zones)
            self._own_s, self._busy_s = own_s, busy_s
        return self._used

    def _busy(self) -> float:
        return machine_busy_s(self._stat)


def machine_busy_s(stat: Path = STAT) -> float:
    """Seconds that all cores of the machine together have worked, for whomever; raises OSError where it is not told."""
    ticks = stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, irq, softirq, steal = (float(each) for each in ticks)
    return (user + nice + system + irq + softirq + steal) / _TICKS_PER_S


class _Zone:
    """One counter of microjoules, which begins again at 0 when it has reached its range."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "energy_uj"
        self._range = int((folder / "max_energy_range_uj").read_text(encoding="ascii"))
        self._last = self._read()

    def taken_j(self) -> float:
        """Joules since the last time."""
        before, self._last = self._last, self._read()
        return ((self._last - before) % (self._range + 1)) / 1e6

    def _read(self) -> int:
        return int(self._file.read_text(encoding="ascii"))


def _counts(folder: Path) -> bool:
    """Whether it is a whole processor or its memory; the other zones are parts of these, or hold them."""
    name = (folder / "name").read_text(encoding="ascii").strip()
    return name.startswith("package") or name == "dram"


def energy_counter(*, watts_per_core: float = WATTS_PER_CORE, powercap: Path = POWERCAP) -> EnergyCounter:
    """What the machine measures, or an estimate where it measures nothing or we may not read it."""
    try:
        return Rapl(powercap)
    except (OSError, ValueError):
        return CpuTime(watts_per_core)


@dataclass(slots=True)
class Spending:
    """What one answer has used so far: `usage` grows while the answer is written."""

    usage: Usage = field(default_factory=Usage)
    work: Work = field(default_factory=Work)
    own_s: float = 0.0
    """Processor seconds of this process that are this answer's, shared out as the energy is."""
    models: tuple[str, ...] = ()
    """Every model that wrote for it, whether its words left or not, in the order in which they began."""

    @property
    def share_of_checks(self) -> float:
        """The part of the processor's time for this answer that was spent in checks, 0 to 1."""
        return min(1.0, self.work.checks_s / self.own_s) if self.own_s > 0 else 0.0

    def add(self, tokens: TokenUsage, *, cost_usd: float = 0.0) -> None:
        """Adds one call of a model."""
        self.usage = replace(
            self.usage,
            prompt_tokens=self.usage.prompt_tokens + tokens.prompt_tokens,
            completion_tokens=self.usage.completion_tokens + tokens.completion_tokens,
            cost_usd=self.usage.cost_usd + cost_usd,
        )


class Meter:
    """Shares the energy of this process evenly among the answers that are at work; the parts sum up to the whole.

    Who works how much cannot be told: one model writes for all of them, and the same threads check them all.
    Belongs to one event loop.
    """

    def __init__(
        self,
        counter: EnergyCounter | None = None,
        *,
        usd_per_kwh: float = 0.0,
        grid_g_per_kwh: float = GRID_G_PER_KWH,
        own_s: Seconds = time.process_time,
    ) -> None:
        self._counter = counter or CpuTime()
        self._usd_per_wh, self._g_per_wh = usd_per_kwh / 1000, grid_g_per_kwh / 1000
        self._running: list[Spending] = []
        self._clock = own_s
        self._last_j, self._last_s = self._counter.joules(), own_s()

    @contextmanager
    def running(self, spending: Spending) -> Iterator[None]:
        """While the answer is written, however that ends."""
        self._share()
        spending.usage = replace(spending.usage, basis=self._counter.basis)
        self._running.append(spending)
        try:
            yield
        finally:
            self._share()
            self._running = [each for each in self._running if each is not spending]

    def read(self, spending: Spending) -> Usage:
        """What the answer has used up to this moment."""
        self._share()
        return spending.usage

    def _share(self) -> None:
        now_j, now_s = self._counter.joules(), self._clock()
        used_j, self._last_j = now_j - self._last_j, now_j
        worked_s, self._last_s = now_s - self._last_s, now_s
        for each in self._running:
            energy_wh = used_j / _J_PER_WH / len(self._running)
            each.own_s += worked_s / len(self._running)
            each.usage = replace(
                each.usage,
                cost_usd=each.usage.cost_usd + energy_wh * self._usd_per_wh,
                energy_wh=each.usage.energy_wh + energy_wh,
                checks_wh=(each.usage.energy_wh + energy_wh) * each.share_of_checks,
                co2_g=each.usage.co2_g + energy_wh * self._g_per_wh,
            )
