"""The figures that the project set out to reach, beside those that a bundle reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.evaluate import Measured
from training.reference import OnMix

#: A bundle's scores may miss the shares of positives by this much on average.
_CALIBRATION = 0.03


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of one held-out set, named as in its metrics, that has to be at least, or at most, some value."""

    head: str
    name: str
    metric: str
    value: float
    at_most: bool = False


TARGETS = (
    Target("profanity", "news, gold and proxy", "auc", 0.98),
    Target("profanity", "news, gold and proxy", "f1_balanced", 0.90),
    Target("profanity", "news, gold", "auc", 0.955),
    Target("profanity", "news, gold", "f1_balanced", 0.82),
    Target("profanity", "Wikipedia talk", "auc", 0.99),
    Target("profanity", "Wikipedia talk", "f1_balanced", 0.93),
    Target("profanity", "clean news (c3)", "false_positives_acting", 0.002, at_most=True),
    Target("profanity", "clean news (ucc)", "false_positives_acting", 0.002, at_most=True),
    Target("profanity", "suite obfuscation", "recall_acting", 0.90),
    Target("profanity", "suite innocent_words", "false_positives_acting", 0.005, at_most=True),
    Target("profanity", "suite identity_terms", "false_positives_acting", 0.005, at_most=True),
    Target("spoiler", "series (tvtropes)", "auc", 0.77),
    Target("spoiler", "clean news", "false_positives_acting", 0.003, at_most=True),
    Target("spoiler", "suite plain_spoilers", "recall_at_precision_0.9", 0.5),
    Target("off_topic", "debates, random", "auc", 0.955),
    Target("off_topic", "debates, hard", "auc", 0.935),
    Target("off_topic", "news (Fox), random", "auc", 0.865),
    Target("off_topic", "news (Globe and Mail), random", "auc", 0.94),
    Target("off_topic", "deliberation (Polis), random", "auc", 0.89),
    Target("off_topic", "questions, semeval 2015", "auc", 0.81),
    Target("off_topic", "questions, semeval 2016 cross-thread", "auc", 0.825),
    Target("off_topic", "promotion (YouTube)", "auc", 0.95),
)
_CALLED = {
    "auc": "AUC", "f1_balanced": "F1 at `balanced`", "recall_acting": "flagged at the acting point",
    "false_positives_acting": "flagged at the acting point", "recall_at_precision_0.9": "recall at precision 0.9",
}  # fmt: skip


def target_table(measured: Sequence[Measured], mixes: Sequence[OnMix]) -> str:
    """Each target, what was reached, and whether that is enough, as a Markdown table."""
    lines = ["| head | on | figure | target | reached | |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(cells)} |" for cells in (*_on_sets(measured), *_on_mixes(mixes))]
    return "\n".join(lines)


def _on_sets(measured: Sequence[Measured]) -> Iterator[tuple[str, ...]]:
    by_name = {(one.head, one.name): one for one in measured}
    for target in TARGETS:
        one = by_name.get((target.head, target.name))
        if one is not None and target.metric in one.metrics:
            found = one.metrics[target.metric]
            enough = found <= target.value if target.at_most else found >= target.value
            aim = f"{'≤' if target.at_most else '≥'} {_shown(target.value, target)}"
            yield target.head, target.name, _CALLED[target.metric], aim, _shown(found, target), _said(enough)


def _on_mixes(mixes: Sequence[OnMix]) -> Iterator[tuple[str, ...]]:
    for one in mixes:
        error = one.calibration_error
        yield (
            one.head, "its reference mix", "calibration error", f"≤ {_CALIBRATION}", f"{error:.3f}",
            _said(error <= _CALIBRATION),
        )  # fmt: skip
        for kept in one.points:
            promised = kept.name.partition(">=")[2]
            if promised:
                reached = f"{kept.precision:.3f} ({kept.low:.3f}–{kept.high:.3f})"
                yield (
                    one.head, "its reference mix", f"precision at `{kept.name}`", f"{promised} within the interval",
                    reached, _said(float(promised) <= kept.high),
                )  # fmt: skip


def _shown(value: float, target: Target) -> str:
    return f"{value:.1%}" if target.at_most else f"{value:.3f}"


def _said(enough: bool) -> str:
    return "reached" if enough else "**missed**"
