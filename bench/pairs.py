"""Interleaved pairs: a thing and what it is measured against take turns, and the medians stand side by side.

On a shared machine the speed of a minute says nothing; two things measured in turns within seconds still compare.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.load import Sample

Measure = Callable[[], Sample]

# A calm load that fell further behind its rate says nothing about that rate.
LEAST_OF_RATE = 0.9


@dataclass(frozen=True)
class Effort:
    """How long to measure: seconds of each sample under load, pairs to take, callbacks to drain, entries to seal, and
    entries to verify.
    """

    seconds: int = 3
    pairs: int = 3
    rows: int = 2_000
    leaves: int = 10_000
    # Groups with a history of ten years.
    chamas: int = 1_000
    pages: int = 200_000


@dataclass(frozen=True)
class Result:
    """One row of the table. `ours` and `other` in `unit`; `least` is the smallest ratio that meets the target.

    With `fewer_is_better` the target is met when `ours` is at most `least` times `other`; never when the load that it
    asks for `fell_short`. Without `least` the row
    informs and has no target. `void` says why a row counts for nothing.
    """

    title: str
    unit: str
    against: str
    ours: float = 0.0
    other: float = 0.0
    least: float | None = None
    fewer_is_better: bool = False
    fell_short: bool = False
    detail: str = ""
    void: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.other if self.other else 0.0

    @property
    def verdict(self) -> str:
        """`met`, `missed`, `void`, or `-` for a row without a target."""
        if self.void:
            return "void"
        if self.least is None:
            return "-"
        if self.fell_short:
            return "missed"
        met = self.ratio <= self.least if self.fewer_is_better else self.ratio >= self.least
        return "met" if met else "missed"


def medians(effort: Effort, ours: Measure, other: Measure) -> tuple[Sample, Sample]:
    """The medians of both, measured by turns."""
    pairs = [(ours(), other()) for _ in range(effort.pairs)]
    return middle([pair[0] for pair in pairs]), middle([pair[1] for pair in pairs])


def middle(samples: list[Sample]) -> Sample:
    """The median of each figure."""
    p50s = [sample.p50_ms for sample in samples if sample.p50_ms is not None]
    p99s = [sample.p99_ms for sample in samples if sample.p99_ms is not None]
    return Sample(
        median(sample.rate for sample in samples), median(p50s) if p50s else None, median(p99s) if p99s else None
    )


def latencies(sample: Sample) -> str:
    """`p50 3.1 ms, p99 9.8 ms`."""
    return f"p50 {sample.p50_ms:.1f} ms, p99 {sample.p99_ms:.1f} ms"


def compared(
    effort: Effort, *, title: str, unit: str, against: str, ours: Measure, other: Measure, least: float | None = None
) -> Result:
    """A row of rates, ours beside the other's, measured by turns."""
    here, there = medians(effort, ours, other)
    told = [f"{name} {latencies(one)}" for name, one in (("ours", here), ("other", there)) if one.p99_ms is not None]
    return Result(title, unit, against, here.rate, there.rate, least, detail="; ".join(told))


def calm(effort: Effort, *, title: str, per_second: int, most_ms: float, measure: Callable[[int], Sample]) -> Result:
    """A row of the p99 at a rate, against the most that it may be; missed when that rate was not reached.

    `measure(asked)` waits as if answers took no time, so each sample asks for more when the one before, the first of
    them not counted, fell short.
    """
    samples, asked = [], per_second
    for _ in range(1 + effort.pairs):
        samples.append(measure(asked))
        asked = round(asked * per_second / samples[-1].rate)
    sample = middle(samples[1:])
    return Result(
        title,
        "ms",
        "the target",
        sample.p99_ms or 0.0,
        most_ms,
        1.0,
        fewer_is_better=True,
        fell_short=sample.rate < LEAST_OF_RATE * per_second,
        detail=f"{sample.rate:,.0f}/s answered, {latencies(sample)}",
    )
