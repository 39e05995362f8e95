"""``python -m bench.tutorial TEXTS PORT``: what a tutorial builds. A pipeline a head, pydantic, a ``def`` endpoint.

TEXTS is a file of generated texts, a JSON list. What the pipelines learn means nothing; what they cost does not depend
on it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from bench.echo import run
from models.heads import HEAD_NAMES


class Context(BaseModel):
    """What the comment stands under; read, as the service reads it."""

    article: dict[str, str] = {}


class Comment(BaseModel):
    """The service's own request body."""

    text: str
    context: Context | None = None


def fitted(texts: list[str], number: int) -> Pipeline:
    """Words and pairs of words; half of the texts are of the class."""
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=20))
    return pipeline.fit(texts, [(position >> number) & 1 for position in range(len(texts))])


def create(texts: list[str]) -> FastAPI:
    """The app, its pipelines fitted."""
    app = FastAPI()
    pipelines = {name: fitted(texts, number) for number, name in enumerate(HEAD_NAMES)}

    @app.get("/healthz")
    def healthy() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/score")
    def score(comment: Comment) -> dict[str, float]:
        return {name: float(one.predict_proba([comment.text])[0, 1]) for name, one in pipelines.items()}

    return app


if __name__ == "__main__":
    run(create(json.loads(Path(sys.argv[1]).read_text())), int(sys.argv[2]))
