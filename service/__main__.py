"""``python -m service``: serve, score a file, look after the store, say who may call."""

from __future__ import annotations

import gc

# Nearly all that imports make stays until the end: looking for what does not was a tenth of a start.
gc.disable()

import argparse
import json
import os
import sys
import zlib
from typing import Any

from pydantic import ValidationError

from service.access_commands import add_access_commands
from service.api.body import decode_value
from service.api.schemas import Site
from service.app import create_app
from service.demo.command import fill_demo
from service.domain import DEFAULT_SITE
from service.errors import InvalidInput, ServiceError, StoreUnavailable
from service.score_file import score_file
from service.serving import serve
from service.settings import Settings
from service.store_commands import (
    back_up_store,
    check_store,
    erase_again,
    export_labels,
    import_articles,
    migrate_store,
    restore_store,
)

gc.freeze()
gc.enable()


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
    except StoreUnavailable as error:
        return _stop(f"{error} ({getattr(error.__cause__, 'orig', error.__cause__)})")
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
    _add_store_commands(commands)
    add_access_commands(commands, _site_argument)
    commands.add_parser("openapi", help="print the OpenAPI document").set_defaults(run=_openapi)
    return parser


def _add_store_commands(commands: Any) -> None:
    migrate = commands.add_parser("migrate", help="bring the store (VERGER_STORE) to the newest schema")
    migrate.set_defaults(run=lambda options: migrate_store(Settings().store))
    check = commands.add_parser("check", help="look whether everything stored is as it was stored")
    check.set_defaults(run=lambda options: check_store(Settings().store))
    backup = commands.add_parser("backup", help="copy an SQLite store, in use or not, into a new file")
    backup.add_argument("file", metavar="FILE")
    backup.set_defaults(run=lambda options: back_up_store(Settings().store, options.file))
    restore = commands.add_parser("restore", help="put a backup in the store's place; what was erased stays erased")
    restore.add_argument("file", metavar="FILE")
    restore.set_defaults(run=lambda options: restore_store(Settings().store, options.file))
    again = commands.add_parser("erase-again", help="erase the comments that a list (*.erased.jsonl) names")
    again.add_argument("file", metavar="FILE")
    again.set_defaults(run=lambda options: erase_again(Settings().store, options.file, Settings().labels))
    demo = commands.add_parser("demo", help="fill a fresh store with two weeks of an invented newspaper's comments")
    demo.set_defaults(run=lambda options: fill_demo(Settings()))
    articles = commands.add_parser("import-articles", help="register the articles of a file")
    articles.add_argument("file", metavar="FILE", help="JSON lines or CSV with an id in each row; - is standard input")
    articles.add_argument("--format", choices=("jsonl", "csv"), help="told by the file's name if left out, else jsonl")
    articles.add_argument("--site", default=DEFAULT_SITE, help="the site that they belong to (%(default)s)")
    articles.set_defaults(run=_import_articles)
    labels = commands.add_parser("export-labels", help="what people said of comments, as labelled comments to fit on")
    labels.add_argument("file", metavar="FILE", nargs="?", help="(VERGER_LABELS/site-SITE.jsonl); - is standard output")
    labels.add_argument("--site", default=DEFAULT_SITE, help="the site whose labels they are (%(default)s)")
    labels.set_defaults(run=_export_labels)


def _import_articles(options: argparse.Namespace) -> int:
    return import_articles(Settings().store, options.file, form=options.format, site=_site(options.site))


def _export_labels(options: argparse.Namespace) -> int:
    settings = Settings()
    return export_labels(settings.store, settings.labels, site=_site(options.site), name=options.file)


def _site(name: str) -> str:
    return decode_value(name, Site, ("site",))


def _site_argument(name: str) -> str:
    try:
        return _site(name)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(error.fault.detail) from None


def _serve(options: argparse.Namespace) -> int:
    given = {name: value for name in ("host", "port") if (value := getattr(options, name)) is not None}
    return serve(Settings(**given))


def _score(options: argparse.Namespace) -> int:
    settings = Settings()
    return score_file(
        options.file,
        form=options.format,
        explain=options.explain,
        directory=settings.bundle,
        second_tier=settings.second_tier,
    )


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
