"""``python -m service score`` and ``openapi``: as a person runs them."""

from __future__ import annotations

import csv
import fcntl
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
OBSCENE = "What the fuck happened to the bridge"
HELD = "Fuck off you fucking cunt, go suck a dick you motherfucker"


def run(*arguments: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "error", "-m", "service", *arguments]
    environment = os.environ | environment
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=given, capture_output=True, timeout=120, check=False
    )


def objects(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_score_lines(tmp_path: Path, client: httpx.Client) -> None:
    """Each line comes out with all it had, and with what the service would have answered; 0 when all went well."""
    context = {"article": {"id": "a", "title": "The old bridge", "body": "It was closed."}, "work": "w"}
    rows: list[dict[str, Any]] = [
        {"id": "1", "text": OBSCENE, "context": context, "labels": {"profanity": 1}},
        {"text": "Élan", "n": 2**70},
    ]
    file = tmp_path / "comments.jsonl"
    file.write_text("\ufeff" + "\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    done = run("score", str(file))
    assert (done.returncode, done.stderr) == (0, b"")
    words = {"article": {"title": "The old bridge", "body": "It was closed."}}
    asked = [{"text": OBSCENE, "context": words}, {"text": "Élan"}]
    answers = [client.post("/v1/score", json=comment).json() for comment in asked]
    assert objects(done.stdout) == [{**row, **answer} for row, answer in zip(rows, answers, strict=True)]


def test_bad_lines_are_told_and_left_out(tmp_path: Path) -> None:
    """With line number and reason; the others are scored; 1 at the end."""
    lines = [
        b'{"text": "Good"}',
        b'{"text": ',
        b'["text"]',
        b'{"text": ""}',
        b'{"id": 7}',
        b'{"text": "a\\u0000"}',
        b'{"text": "caf\xe9"}',
        b'{"text": "Hello", "context": 5}',
        b'{"text": "Hello", "context": {"article": "x"}}',
        b'{"text": "Hello", "context": {"parent": 5}}',
        b'{"text": "Good too"}',
    ]
    done = run("score", "-", given=b"\n".join(lines))
    assert done.returncode == 1
    assert [row["text"] for row in objects(done.stdout)] == ["Good", "Good too"]
    told = done.stderr.decode().splitlines()
    assert [line.partition(":")[0] for line in told[:-1]] == [f"line {number}" for number in range(2, 11)]
    assert "#/text: blank" in told[2]
    assert "#/context/parent" in told[-2]
    assert told[-1].startswith("9 row(s)")


@pytest.mark.parametrize("name", ["comments.csv", "comments.csv.gz"])
def test_score_csv(tmp_path: Path, name: str) -> None:
    """The same columns and rows, quoted line breaks too, with scores and action after them; bad rows are left out."""
    table = (
        "id,text,article_title,article_body,lang,parent,kind\r\n"
        f'1,"{HELD}\nthey said",The old bridge,It was closed.,,,news\r\n'
        "2,,,,,,\r\n"
        "3,Hello,,,en,,\r\n"
        "4,too,few\r\n"
        "5,Hello,,,english please,,\r\n"
    ).encode()
    file = tmp_path / name
    file.write_bytes(gzip.compress(table) if name.endswith(".gz") else table)
    done = run("score", str(file))
    assert done.returncode == 1
    first, last = csv.DictReader(io.StringIO(done.stdout.decode(), newline=""))
    assert (first["id"], first["text"], first["action"]) == ("1", f"{HELD}\nthey said", "hold")
    assert 0 <= float(first["off_topic_score"]) <= 1
    assert (last["id"], last["off_topic_score"], last["action"]) == ("3", "", "allow")
    assert [line.partition(":")[0] for line in done.stderr.decode().splitlines()] == [
        "line 4",
        "line 6",
        "line 7",
        "3 row(s) could not be scored and were left out",
    ]


def test_csv_columns_stay(tmp_path: Path) -> None:
    """Columns without a name, or two with the same, come out as they were; what an earlier run added is replaced."""
    table = b"note,text,note,,action\na,Hello,b,c,hold\n\nd,Bye,e,,\n"
    scored = [run("score", "-", "--format", "csv", given=table)]
    scored.append(run("score", "-", "--format", "csv", given=scored[0].stdout))
    assert scored[0].stdout == scored[1].stdout
    heading, *rows = csv.reader(io.StringIO(scored[0].stdout.decode(), newline=""))
    scores = ["profanity_score", "off_topic_score", "spoiler_score"]
    assert heading == ["note", "text", "note", "", *scores, "action", "bundle"]
    assert [[*row[:4], row[-2]] for row in rows] == [["a", "Hello", "b", "c", "allow"], ["d", "Bye", "e", "", "allow"]]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (b"", "no column is called text"),
        (b"id;text\n1;Hello\n", "no column is called text; there are: ['id;text']"),
        (b'text\nHello\n"' + b"a" * 16_000_001 + b'"\n', "line 3: not CSV"),
    ],
)
def test_not_such_a_table(table: bytes, reason: str) -> None:
    """A file that is not CSV with a text column ends the run with 2 and what was found."""
    done = run("score", "-", "--format", "csv", given=table)
    assert done.returncode == 2
    assert reason in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_a_reader_that_has_had_enough(tmp_path: Path) -> None:
    """``| head -1`` gets its line, and nobody is told of a broken pipe."""
    file = tmp_path / "many.jsonl"
    file.write_text('{"text": "Hello"}\n' * 20_000)
    command = [sys.executable, "-m", "service", "score", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as scoring:
        assert scoring.stdout is not None
        assert scoring.stderr is not None
        assert json.loads(scoring.stdout.readline())["text"] == "Hello"
        scoring.stdout.close()
        assert scoring.stderr.read() == b""
    assert scoring.returncode == 1


def test_csv_bytes_that_are_not_read_stay() -> None:
    """Another encoding in a column that is not read comes out as it went in; in the text it is a bad row."""
    done = run("score", "-", "--format", "csv", given=b"text,note\nHello,caf\xe9\ncaf\xe9,x\n")
    assert done.returncode == 1
    assert b"Hello,caf\xe9," in done.stdout
    assert b"line 3: #: not UTF-8" in done.stderr


def test_many_rows_stream(tmp_path: Path) -> None:
    """More rows than are held at once come out complete and in order."""
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join(json.dumps({"text": f"Comment {number}", "id": number}) for number in range(500)))
    assert [row["id"] for row in objects(run("score", str(file)).stdout)] == list(range(500))


def test_explain_adds_spans() -> None:
    """As in the service, only where asked for."""
    given = json.dumps({"text": OBSCENE}).encode()
    (plain,), (explained,) = (objects(run("score", "-", *more, given=given).stdout) for more in ((), ("--explain",)))
    assert "spans" not in plain["scores"]["profanity"]
    (span,) = explained["scores"]["profanity"]["spans"]
    assert OBSCENE[span["start"] : span["end"]] == "fuck"


def test_what_cannot_start_says_why(tmp_path: Path) -> None:
    """No such file, a bad bundle, a bad setting: 2, one line, no traceback."""
    damaged = tmp_path / "damaged.jsonl.gz"
    damaged.write_bytes(gzip.compress(b'{"text": "Hello"}')[:-9])
    for done, reason in (
        (run("score", str(tmp_path / "none.jsonl")), "none.jsonl"),
        (run("score", str(tmp_path)), "directory"),
        (run("score", str(damaged)), "ended before"),
        (run("score", "-", VERGER_BUNDLE=str(tmp_path)), "manifest"),
        (run("score", "-", VERGER_PORT="high"), "VERGER_PORT"),
        (run("serve", VERGER_API_KEY="short"), "VERGER_API_KEY: should be at least 16 characters"),
        (run("serve", "--host", "192.0.2.1", VERGER_API_KEY="a-key-for-these-tests-only"), "192.0.2.1"),
    ):
        assert done.returncode == 2
        assert reason in done.stderr.decode()
        assert b"Traceback" not in done.stderr
        assert b"short" not in done.stderr.replace(b"too_short", b"")


def test_openapi_prints_the_document() -> None:
    """Whatever the settings are."""
    done = run("openapi", VERGER_HOST="0.0.0.0")
    assert done.stdout.decode() == (ROOT / "docs" / "openapi.json").read_text()


def test_a_terminal_sees_a_progress_bar(tmp_path: Path) -> None:
    """Standard error shows how far it is, where that is a terminal; the scored rows are not disturbed."""
    file = tmp_path / "comments.jsonl"
    file.write_text('{"text": "Hello"}\n' * 200)
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "service", "score", str(file)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, timeout=120, check=True)
    os.close(theirs)
    assert b"100%" in os.read(ours, 65_536)
    os.close(ours)
    assert len(objects(done.stdout)) == 200
