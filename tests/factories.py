"""Small real things to test with: a lexicon, a vocabulary, and a whole bundle whose weights are drawn, not fitted.

Drawn weights are never zero, so every column of every head moves the score: what a fitted bundle might hide behind a
weight of nothing shows here. What such a bundle finds profane or off topic means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from models.artifact import FORMAT
from models.bundle import Bundle
from models.classifier import CHARACTER_BITS, PAIR_BITS, TextModel
from models.encoder import DIMENSIONS as ENCODED
from models.encoder import encoder_checksums
from models.heads import HEADS, Head
from models.heads import head as head_named
from models.lexicon import HEADER, Lexicon, merge, parse_terms
from models.manifest import Calibration, HeadManifest, Manifest, SecondHead, SecondTierManifest
from models.operating import BALANCED
from models.parts import Parts, assemble, dump_parts, head_columns, text_model_names
from models.scores import OperatingPoint
from models.second_tier import second_columns
from models.selftest import TEXTS, dump_selftest
from models.semantics import quantised
from models.tokens import Reader, Tokens
from models.vocabulary import NUMBER, build_vocabulary

TERMS = """
fuck|strong|sexual|stem
shit|strong|excrement|stem
bitch|strong|insult|stem
asshole|strong|anatomy|stem
whore|strong|sexual|
bullshit|strong|excrement|
son of a bitch|strong|insult|
cock|strong|anatomy|ambiguous,exact
dick|strong|anatomy|ambiguous,exact,name
git|mild|insult|ambiguous,exact,english
give head|strong|sexual|
sod off|mild|insult|
retard|slur|disability|
spaz|slur|disability|exact
damn|mild|blasphemy|
crap|mild|excrement|exact
ass|mild|anatomy|ambiguous,exact
"""
INNOCENT = ("bitchley", "sh-it", "shitake", "cocktail", "dickens", "moby dick", "ass of balaam", "head ass")

_WORDS = """
the an and or but not of to in on at by for with from as is are was were be been it its this that these those you he
she we they my your his her our their what who when where why how all some any no yes if then so than too very more
most one two can could will would should do does did have has had just only about after before over under again
there here now bridge council river ferry money water house street city people man woman child friend day year time
week night morning read write say said tell think know see look want need give take come go went make made good bad
new old great little long short high low big small first last next same other such own film book series game ending
story character actor killer dies dead brother sister mother father wins loses war peace army soldier weapon border
minister law vote tax recipe soup bread salt pepper cook oven garden flower tree dog cat bird fish car train road
station ticket doctor school class assess assessment teacher lesson history music song dance football match goal
team player coach click link offer der das ist nicht und auch wir haben head free prize visit channel subscribe
don't can't it's i'm isn't closed repairs council's cables replaced monday
"""
#: What the small vocabulary knows beside the forms of its lexicon.
WORDS = tuple(_WORDS.split())

#: Heads that look again.
SECOND_HEADS = ("off_topic", "spoiler")
#: As many as the shipped embedding has: sums over few numbers would hide an order of summation.
DIMENSIONS = 256


def small_lexicon() -> Lexicon:
    """Terms of every severity and flag, and phrases."""
    listed = "\n".join(["\t".join(HEADER), TERMS.strip().replace("|", "\t")])
    return merge([parse_terms(listed)], INNOCENT)


def small_reader() -> Reader:
    """Reads with the small lexicon and vocabulary; has read nothing yet."""
    lexicon = small_lexicon()
    return Reader(build_vocabulary(lexicon, WORDS), lexicon)


def words_of(reader: Reader, tokens: Tokens) -> list[list[str]]:
    """Each text's words. Ids of unknown words depend on what was read before; the words behind them do not."""
    ids = [tokens.ids[start:stop] for start, stop in zip(tokens.starts[:-1], tokens.starts[1:], strict=True)]
    return [[reader.word(int(number)) for number in one] for one in ids]


@dataclass(frozen=True)
class Drawn:
    """Parts with drawn weights, and what they were put together from."""

    parts: Parts
    idf: NDArray[np.float32]
    models: tuple[TextModel, ...]

    def tables(self) -> dict[str, NDArray[Any]]:
        """Everything that a bundle's tables hold."""
        draw = np.random.default_rng(2)
        layers = {f"layer/{head.name}/weights": draw.normal(size=len(head_columns(head))) for head in HEADS}
        second = {f"second/{name}/weights": draw.normal(size=len(second_columns(name))) / 4 for name in SECOND_HEADS}
        meaning = {"second/spoiler/meaning": draw.normal(size=ENCODED)}
        return dump_parts(self.parts, self.idf, self.models) | layers | second | meaning


def drawn_parts(seed: int = 1) -> Drawn:
    """Parts with the small vocabulary; text models, rarities and embedding are drawn."""
    draw = np.random.default_rng(seed)
    lexicon = small_lexicon()
    vocabulary = build_vocabulary(lexicon, WORDS)
    embedding = quantised(draw.normal(size=(len(vocabulary), DIMENSIONS)).astype(np.float32))
    idf = draw.uniform(0.5, 9, len(vocabulary)).astype(np.float32)
    models = tuple(_drawn_model(name, len(vocabulary), draw) for name in text_model_names())
    return Drawn(assemble(vocabulary, lexicon, idf, models, embedding), idf, models)


def drawn_tables() -> dict[str, NDArray[Any]]:
    """The tables of a bundle with drawn weights."""
    return drawn_parts().tables()


def drawn_bundle(tables: dict[str, NDArray[Any]] | None = None) -> Bundle:
    """A bundle with drawn weights, or with the given tables; it has read nothing yet."""
    tables = drawn_tables() if tables is None else tables
    return Bundle(drawn_manifest(), tables, dump_selftest(Bundle(drawn_manifest(), tables).score))


def drawn_second_tier(band: tuple[float, float] = (0.2, 0.8)) -> SecondTierManifest:
    """A second tier that fits the drawn tables, for the encoder that is installed, with its self-test."""
    heads = tuple(SecondHead(band, 0.5, _second_head(name)) for name in SECOND_HEADS)
    tier = SecondTierManifest(encoder_checksums(), heads, ())
    bundle = Bundle(drawn_manifest(tier), drawn_tables())
    bundle.turn_on()
    return replace(tier, selftest=tuple(bundle.second_scores(text) for text in TEXTS))


def _second_head(name: str) -> HeadManifest:
    described = _head_manifest(head_named(name))
    points = (OperatingPoint(name, BALANCED, 0.375, 0.03), OperatingPoint(name, "precision>=0.7", 0.625, 0.03))
    return replace(described, operating_points=points, parameters={"intercept": 0.125, "meaning_intercept": 0.5})


def drawn_manifest(second_tier: SecondTierManifest | None = None) -> Manifest:
    """A manifest that fits the drawn tables; files are filled in when it is written."""
    return Manifest(
        format=FORMAT,
        version="2026.11.1",
        created="2026-11-22T10:00:00Z",
        base=None,
        recipe="default",
        licences="permissive",
        data=(),
        heads=tuple(map(_head_manifest, HEADS)),
        second_tier=second_tier,
        libraries={"numpy": np.__version__, "joblib": joblib.__version__},
        cpu={"threads": 1},
        parameters={},
        files={},
    )


def _head_manifest(head: Head) -> HeadManifest:
    # Steep near 0 and never flat, so that two margins that differ give two scores.
    knots = np.linspace(-60, 60, 241)
    scores = (1 + np.tanh(knots / 8)) / 2
    return HeadManifest(
        name=head.name,
        mix={},
        base_rate=0.03,
        calibration=Calibration(tuple(knots.tolist()), tuple(scores.tolist())),
        operating_points=(OperatingPoint(head.name, BALANCED, 0.5, 0.03),),
        curve=(),
        metrics={},
        parameters={"intercept": 0.25},
    )


def _drawn_model(name: str, words: int, draw: np.random.Generator) -> TextModel:
    sizes = (words, 1 << PAIR_BITS, 1 << CHARACTER_BITS)
    own, pairs, characters = (draw.normal(scale=0.5, size=size).astype(np.float32) for size in sizes)
    return TextModel(name, own, pairs, characters, float(draw.normal()))


def one_hot_parts(idf: dict[str, float], others: float = 1.0) -> Parts:
    """Parts in which every word is a direction of its own and signs are none, so that cosines count shared words.

    :param idf: rarity of some words; the others have ``others``.
    """
    lexicon = small_lexicon()
    vocabulary = build_vocabulary(lexicon, WORDS)
    directions = np.eye(len(vocabulary), dtype=np.float32)
    directions[: NUMBER + 1] = 0
    embedding = quantised(directions)
    rarity = np.array([idf.get(word, others) for word in vocabulary.words], np.float32)
    draw = np.random.default_rng(3)
    models = [_drawn_model(name, len(vocabulary), draw) for name in text_model_names()]
    return assemble(vocabulary, lexicon, rarity, models, embedding)
