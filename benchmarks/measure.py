"""CPU time per workbook, all peers in turn in every round, so that a busy machine slows them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Peers = Mapping[str, Callable[[], object]]
TARGET = 0.08  # seconds of CPU time a peer gets in a round, at least


@dataclass(frozen=True)
class Series:
    """One peer's CPU milliseconds per workbook, by round."""

    name: str
    times: tuple[float, ...]

    def over(self, other: Series) -> tuple[float, ...]:
        """How many times as long as the other it took, by round, in order of size."""
        return tuple(sorted(mine / its for mine, its in zip(self.times, other.times, strict=True)))


def measure(peers: Peers, rounds: int) -> list[Series]:
    """Every peer's series. Each runs once before anything is measured."""
    often = {name: max(1, round(TARGET / _once(run))) for name, run in peers.items()}
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, run in peers.items():
            start = time.process_time()
            for _ in range(often[name]):
                run()
            times[name].append((time.process_time() - start) / often[name] * 1000)
    return [Series(name, tuple(found)) for name, found in times.items()]


def _once(run: Callable[[], object]) -> float:
    run()
    start = time.process_time()
    run()
    return max(time.process_time() - start, 1e-6)


def table(title: str, series: list[Series]) -> str:
    """The series as a table; ratios are against the first, round by round."""
    width = max(len(each.name) for each in series)
    lines = [title, f"{'':{width}}  {'min':>8} {'median':>8} {'max':>8} ms   {'ratio':>6}  (least–most)"]
    for each in series:
        ratios = each.over(series[0])
        ratio = f"{median(ratios):6.2f}  ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        times = f"{min(each.times):8.3f} {median(each.times):8.3f} {max(each.times):8.3f}"
        lines.append(f"{each.name:{width}}  {times} ms   {ratio}")
    return "\n".join(lines)
