"""Prometheus metrics and structured logs. Neither ever holds a comment's text, a key or a person's name."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
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

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, status).inc()
        self._latency.labels(route).observe(seconds)

    def count_scored(self, heads: Sequence[str], comments: int) -> None:
        for head in heads:
            self._scored[head].inc(comments)

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
    """Send every logger's lines to standard error in that form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextLine() if form == "text" else JsonLine())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # What they say of their own steps, ours says already.
    for library in ("uvicorn", "alembic"):
        logging.getLogger(library).setLevel(logging.WARNING)


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
