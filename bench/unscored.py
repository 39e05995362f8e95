"""``python -m bench.unscored PORT``: the service without its engine, so that what stands around scoring can be seen.

Every comment gets the scores of the first one; all else is done as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from service.domain import Question, Scored
from service.scoring.engine import Engine
from service.serving import serve
from service.settings import Settings


def unscored() -> Callable[[Engine, Sequence[Question]], list[Scored]]:
    """What stands for ``Engine.answer``."""
    answer = Engine.answer
    first: list[Scored] = []

    def again(self: Engine, questions: Sequence[Question]) -> list[Scored]:
        first[:] = first or answer(self, questions[:1])
        return first * len(questions)

    return again


if __name__ == "__main__":
    Engine.answer = unscored()  # type: ignore[method-assign, assignment]
    sys.exit(serve(Settings(port=int(sys.argv[1]))))
