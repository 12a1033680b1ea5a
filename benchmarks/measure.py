"""CPU time per workbook, all peers in turn in every round, so that a busy machine slows them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
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


def comparison(title: str, series: Sequence[Series]) -> str:
    """Return the series as a table of Markdown; ratios are against the first, round by round."""
    lines = [f"| **{title}** | least ms | median ms | ratio, median (least–most) |", "|---|---:|---:|---:|"]
    for each in series:
        ratios = each.over(series[0])
        ratio = "1" if each is series[0] else f"{median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        lines.append(f"| {each.name} | {min(each.times):.2f} | {median(each.times):.2f} | {ratio} |")
    return "\n".join(lines)
