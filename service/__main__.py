"""``python -m service``: serve, score a file, print the OpenAPI document."""

from __future__ import annotations

import argparse
import json
import os
import sys
import zlib

from pydantic import ValidationError

from service.app import create_app
from service.errors import ServiceError
from service.score_file import score_file
from service.serving import serve
from service.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 done, 1 some lines could not be scored, 2 it could not start."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ValidationError as error:
        wrong = [(str(one["loc"][0]), one["msg"].removeprefix("Value error, ")) for one in error.errors()]
        return _stop("; ".join(f"VERGER_{setting.upper()}: {reason}" for setting, reason in wrong))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has had enough; without this Python complains while it flushes on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ServiceError, OSError, EOFError, zlib.error) as error:
        return _stop(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="answer HTTP until stopped")
    serve.add_argument("--host", help="address to listen on (VERGER_HOST, 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (VERGER_PORT, 8000)")
    serve.set_defaults(run=_serve)
    score = commands.add_parser("score", help="score a file of comments; the scored file goes to standard output")
    score.add_argument("file", metavar="FILE", help="JSON lines or CSV with a text in each row; - is standard input")
    score.add_argument("--format", choices=("jsonl", "csv"), help="told by the file's name if left out, else jsonl")
    score.add_argument("--explain", action="store_true", help="with the spans that moved the scores (jsonl only)")
    score.set_defaults(run=_score)
    commands.add_parser("openapi", help="print the OpenAPI document").set_defaults(run=_openapi)
    return parser


def _serve(options: argparse.Namespace) -> int:
    given = {name: value for name in ("host", "port") if (value := getattr(options, name)) is not None}
    return serve(Settings(**given))


def _score(options: argparse.Namespace) -> int:
    return score_file(options.file, form=options.format, explain=options.explain, directory=Settings().bundle)


def _openapi(options: argparse.Namespace) -> int:
    # The document is the same whatever the settings are; these only have to be ones that an app accepts.
    document = create_app(Settings(host="127.0.0.1")).openapi()
    print(json.dumps(document, indent=2, ensure_ascii=False))
    return 0


def _stop(reason: str) -> int:
    print(f"verger: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
