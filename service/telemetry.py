"""Prometheus metrics and structured logs. Neither ever holds a comment's text, a key or a person's name."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from models.heads import HEAD_NAMES

EXPOSITION_TYPE = CONTENT_TYPE_LATEST
"""The media type of ``Metrics.exposition``."""

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What is counted, in a registry of its own: two apps in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "verger_requests", "Answers by route and status.", ("method", "route", "status"), registry=self._registry
        )
        self._latency = Histogram(
            "verger_request_seconds",
            "From the first byte to the end of the answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        # Finding a series by its labels costs as much as counting.
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        scored = Counter("verger_comments_scored", "Comments scored, by head.", ("head",), registry=self._registry)
        self._scored = {head: scored.labels(head) for head in HEAD_NAMES}
        self._batches = Histogram(
            "verger_batch_comments",
            "Comments scored in one turn of the loop.",
            buckets=(1, 2, 4, 8, 16, 32, 64),
            registry=self._registry,
        )
        self._refused = Counter(
            "verger_refused", "Requests and lines refused, by problem.", ("problem",), registry=self._registry
        )
        self._about_the_second_tier()
        self._about_the_store()
        self._about_webhooks()

    def _about_the_second_tier(self) -> None:
        looks = Counter(
            "verger_second_looks", "Comments the second tier scored, by head.", ("head",), registry=self._registry
        )
        self._looks = {head: looks.labels(head) for head in HEAD_NAMES}
        self._looking = Histogram(
            "verger_second_look_seconds",
            "The second tier's time for one comment, waiting aside.",
            buckets=_SECONDS,
            registry=self._registry,
        )

    def _about_the_store(self) -> None:
        self._commits = Histogram(
            "verger_store_commit_seconds",
            "Seconds from the beginning of a transaction until it was durable.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._groups = Histogram(
            "verger_store_group_changes",
            "Changes written in one transaction.",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
            registry=self._registry,
        )
        self._waiting = Gauge("verger_store_waiting", "Changes that wait to be written.", registry=self._registry)

    def _about_webhooks(self) -> None:
        self._backlog = Gauge(
            "verger_webhook_backlog",
            "Deliveries that wait; 0 in a process that does not send.",
            registry=self._registry,
        )
        deliveries = Counter(
            "verger_webhook_deliveries", "Attempts to deliver, by outcome.", ("outcome",), registry=self._registry
        )
        self._deliveries = {outcome: deliveries.labels(outcome) for outcome in ("delivered", "failed", "dead")}

    def watch_waiting(self, waiting: Callable[[], int]) -> None:
        """Ask ``waiting`` how many changes wait to be written, whenever somebody looks."""
        self._waiting.set_function(waiting)

    def observe_commit(self, changes: int, seconds: float) -> None:
        self._groups.observe(changes)
        self._commits.observe(seconds)

    def set_backlog(self, deliveries: int) -> None:
        self._backlog.set(deliveries)

    def count_delivery(self, outcome: str) -> None:
        """``delivered``, ``failed`` (to be tried again) or ``dead`` (given up)."""
        self._deliveries[outcome].inc()

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        series = self._answered.get((method, route, status))
        if series is None:
            series = self._requests.labels(method, route, status), self._latency.labels(route)
            self._answered[method, route, status] = series
        counter, histogram = series
        counter.inc()
        histogram.observe(seconds)

    def count_scored(self, heads: Sequence[str], comments: int) -> None:
        for head in heads:
            self._scored[head].inc(comments)

    def observe_second_look(self, heads: Sequence[str], seconds: float) -> None:
        for head in heads:
            self._looks[head].inc()
        self._looking.observe(seconds)

    def observe_batch(self, size: int) -> None:
        self._batches.observe(size)

    def count_refused(self, problem: str) -> None:
        self._refused.labels(problem).inc()

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)


_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


class _Line(logging.Formatter):
    """Time, level, logger, event and the record's extra fields. An exception is its class and where, never its text."""

    def _fields(self, record: logging.LogRecord) -> dict[str, object]:
        fields = {key: value for key, value in vars(record).items() if key not in _PLAIN}
        if record.exc_info and record.exc_info[0] is not None:
            fields |= _where(record.exc_info[1])
        return fields

    @staticmethod
    def _time(record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TextLine(_Line):
    """For people: ``time LEVEL event key=value …``."""

    def format(self, record: logging.LogRecord) -> str:
        tail = "".join(f" {key}={value}" for key, value in self._fields(record).items())
        return f"{self._time(record)} {record.levelname:<7} {record.getMessage()}{tail}"


class JsonLine(_Line):
    """For machines: one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        head = {"time": self._time(record), "level": record.levelname.lower(), "logger": record.name}
        return json.dumps({**head, "event": record.getMessage(), **self._fields(record)}, default=str)


def configure_logs(level: str, form: Literal["text", "json"]) -> None:
    """Send our lines to standard error in that form, and of what libraries say only what is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextLine() if form == "text" else JsonLine())
    logging.basicConfig(handlers=[handler], force=True)
    own = logging.getLogger("verger")
    own.setLevel(level.upper())
    # Libraries tell of their steps with all that they handle: a database's driver quotes comments and secrets.
    logging.getLogger().setLevel(max(own.level, logging.WARNING))


def _where(error: BaseException | None) -> dict[str, object]:
    """An exception's text may quote a comment, so only its class and the innermost frames are told."""
    while isinstance(error, BaseExceptionGroup):  # What went wrong is inside; a group only says that it was in a task.
        error = error.exceptions[0]
    frames: list[str] = []
    trace = error.__traceback__ if error else None
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    return {"error": type(error).__name__, "frames": " < ".join(reversed(frames[-8:]))}
