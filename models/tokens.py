"""Comments → word ids: the one reading of the text that every head shares.

Folded text is cut at white space, and each chunk is looked up whole in a table that remembers what it reads as
(``don't,`` → one word; ``f.u.c.k`` → a decoded term; ``end.Then`` → two words and the end of a sentence). Nearly all
chunks were seen before, so reading costs a look-up a word; a chunk never seen is parsed once, at a cost bounded by its
length. The kernel finds plain words of the vocabulary by itself, and tells ordinary unknown ones; it asks the table for
the others. Words that the vocabulary lacks get ids after its last one until the memory is full and starts anew.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from models.chunks import CLOSING, ENDS, ONLY_END, OPENING, SENTENCE_ENDS, Chunks, Parsed, Token, packed
from models.decoding import Decoder
from models.glance import Glance
from models.kernel import Kernel
from models.language import small_word_sets, small_words
from models.lexicon import Lexicon
from models.phrases import Phrases, Seen
from models.scores import Severity
from models.text import WORD, fold, fold_origins
from models.vocabulary import END, FIRST_LETTER, LAST_LETTER, NAME, NUMBER, RESERVED, URL, Vocabulary, decoded_word

#: Chunks and unknown words remembered; past that those not seen lately are forgotten, which changes speed only.
MOST_CHUNKS, MOST_UNKNOWN = 60_000, 40_000
#: Chunks remembered with offsets: a few kilobytes each, if somebody means harm.
MOST_PARSED = 5_000
#: Characters of a chunk that are read; what is longer is no word of any language.
LONGEST_CHUNK = 1_000

_CHUNK = re.compile(r"\n|[^\s]+")
_WORD = re.compile(rf"{WORD}|\d+|[.!?…]")
_MENTION = re.compile(r"@\w{2,}[^\w]*")
#: Three or more letters, or signs for them, written apart.
APART = re.compile(r"(?<![^\W_])(?<!\w')[a-z@$!*0](?:[ \t.\-_*~|/,]{1,3}[a-z@$!*0-9]){2,}(?![^\W_])")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A batch of texts as word ids, one text after another."""

    ids: NDArray[np.int32]
    #: Where each text starts in ``ids``; one more at the end. Shape (n + 1,).
    starts: NDArray[np.int64]

    def part(self, first: int, stop: int) -> Tokens:
        """Some of the texts, first included and stop not."""
        if stop - first == len(self.starts) - 1:
            return self
        begin, end = self.starts[first], self.starts[stop]
        return Tokens(self.ids[begin:end], self.starts[first : stop + 1] - begin)


class Reader:
    """Reads texts as ids of one vocabulary, decoding obfuscated spellings on the way. Not for several threads."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon, kernel: Kernel | None = None) -> None:
        #: What reads and sums where it was compiled; everything that reads or sums asks here.
        self.kernel = kernel
        self.vocabulary = vocabulary
        self.lexicon = lexicon
        #: Which of ``LANGUAGES`` each word of the vocabulary is a small word of. Shape (words, languages).
        self.languages = small_words(vocabulary.words, small_word_sets(fold))
        self._decoder = Decoder(lexicon, vocabulary)
        self._phrases = Phrases(vocabulary, lexicon, self.languages)
        self.glance = Glance(vocabulary, self._phrases)
        self._parsed = Parsed(self.parse)
        self._chunks = Chunks(self._parsed, self._number)
        #: What the kernel finds plain words by, and tells ordinary unknown ones by.
        self._tables: tuple[bytes, bytes] | None = None
        self._unknown: dict[str, int] = {}
        #: Unknown words since the memory was last emptied; word k has id ``len(vocabulary) + k``.
        self.unknown: list[str] = []
        #: How often the memory was emptied: ids of unknown words from an earlier time mean nothing now.
        self.generation = 0

    def read(self, texts: Sequence[str]) -> Tokens:
        """Texts → ids, at least one each (the end); what one text gives does not depend on the others.

        May forget unknown words first, so that tokens read before this call lose their meaning.
        """
        if len(self.unknown) + sum(map(len, texts)) // 2 > MOST_UNKNOWN:
            self.forget()
        if 2 * len(self._chunks) > MOST_CHUNKS:
            self._chunks.age()
        if len(self._parsed) > MOST_PARSED:
            self._parsed.clear()
        tokens = self._at_first_look([fold(text) for text in texts])
        again = self._ask_for_a_second_look(texts, tokens)
        if not again:
            return tokens
        packed_ids = [tokens.ids[start:stop].tobytes() for start, stop in pairwise(tokens.starts.tolist())]
        for i in again:
            packed_ids[i] = packed(self.locate(texts[i])) or ONLY_END
        return _joined(packed_ids)

    def _at_first_look(self, folded: list[str]) -> Tokens:
        """What the texts' chunks read as, each by itself."""
        if self.kernel is not None:
            if not self._tables:
                words = self.vocabulary.words
                plain = [word if word.isalpha() or self._is_plain(word) else "" for word in words]
                self._tables = self.kernel.index(plain), self.kernel.sieve(*self._decoder.looked_for())
            unknown = self._unknown, self.unknown, len(self.vocabulary), MOST_UNKNOWN
            return Tokens(*self.kernel.read(folded, self._chunks, self._tables, unknown))
        read = self._chunks.__getitem__
        return _joined([b"".join(map(read, _chunked(text))) or ONLY_END for text in folded])

    def locate(self, text: str) -> list[Token]:
        """The same words as :meth:`read` gives, each with where it stands in ``fold(text)``."""
        folded = fold(text)
        tokens: list[Token] = []
        for match in _CHUNK.finditer(folded):
            chunk, at = match.group(), match.start()
            known = self.vocabulary.ids.get(chunk)
            if known is not None and chunk.isalpha():
                tokens.append(Token(known, at, match.end()))
            else:
                tokens += [Token(number, start + at, end + at) for number, start, end in self._parsed[chunk]]
        return self._with_phrases(text, folded, self._with_runs(folded, self._rejoined(tokens)))

    def word(self, number: int) -> str:
        """The word behind an id; empty for words past ``MOST_UNKNOWN``, which share one id that weighs nothing."""
        known = len(self.vocabulary)
        if number == known + MOST_UNKNOWN:
            return ""
        return self.vocabulary.words[number] if number < known else self.unknown[number - known]

    def forget(self) -> None:
        """Empty the memory of chunks and unknown words."""
        self._chunks.clear()
        self._parsed.clear()
        self._unknown.clear()
        self.unknown.clear()
        self.generation += 1

    def parse(self, chunk: str) -> list[Token]:
        """One stretch without white space → its words, with offsets inside it."""
        if chunk == "\n":
            return [Token(END, 0, 1)]
        chunk = chunk[:LONGEST_CHUNK]
        if chunk.isalpha():
            return [Token(self._number(chunk), 0, len(chunk))]
        if "://" in chunk or chunk.startswith("www."):
            return [Token(URL, 0, len(chunk))]
        start = len(chunk) - len(chunk.lstrip(OPENING))
        stop = max(start, len(chunk.rstrip(CLOSING)))
        core = chunk[start:stop]
        sentence_ends = len(core) > 1 and not ENDS.isdisjoint(chunk[stop:])  # "B." is an abbreviation
        ends = [Token(END, stop, len(chunk))] if sentence_ends else []
        plain = core.isalpha()
        hit = None if plain and "*" not in chunk else self._decoder.chunk(chunk)
        if hit is not None:
            ends = [Token(END, hit.end, len(chunk))] if ends and hit.end < len(chunk) else []
            return [Token(self._term(hit.term), hit.start, hit.end), *ends]
        if plain:
            return [Token(self._number(core), start, stop), *ends]
        if _MENTION.fullmatch(chunk):
            return [Token(NAME, 0, len(chunk))]
        return [*self._words(core, start), *ends]

    def _is_plain(self, word: str) -> bool:
        """Whether a word of the vocabulary with an apostrophe reads as itself, as a word of letters always does."""
        return _WORD.fullmatch(word) is not None and self._decoder.chunk(word) is None

    def _words(self, core: str, offset: int) -> list[Token]:
        tokens: list[Token] = []
        for match in _WORD.finditer(core):
            word, (start, end) = match.group(), match.span()
            if word.isdecimal() or word.isdigit():
                number = NUMBER
            elif word[0] in SENTENCE_ENDS:
                if tokens and tokens[-1].end - tokens[-1].start == 1:
                    continue  # an abbreviation (U.S.A.) ends no sentence
                number = END
            else:
                number = self._number(word)
            tokens.append(Token(number, start + offset, end + offset))
        return tokens

    def _number(self, word: str) -> int:
        known = self.vocabulary.ids.get(word)
        if known is not None:
            return known
        term = self._decoder.word(word)
        return self._intern(word) if term is None else self._term(term)

    def _intern(self, word: str) -> int:
        if word not in self._unknown:
            if len(self.unknown) >= MOST_UNKNOWN:
                return len(self.vocabulary) + MOST_UNKNOWN
            self._unknown[word] = len(self.vocabulary) + len(self.unknown)
            self.unknown.append(word)
        return self._unknown[word]

    def _term(self, term: int) -> int:
        return self.vocabulary.ids[decoded_word(self.lexicon, term)]

    def _ask_for_a_second_look(self, texts: Sequence[str], tokens: Tokens) -> set[int]:
        """Texts where three letters stand alone in a row (``f u c k``), two pieces make a term (``shi t``), or a word
        stands that company may change (``Dick Cheney``)."""
        surely, perhaps = self.glance.asking(tokens.ids, self.kernel)
        starts = tokens.starts.tolist() if surely or perhaps else []
        again = {bisect_right(starts, place) - 1 for place in surely}
        alone: dict[int, set[int]] = {}
        for place in perhaps:
            i = bisect_right(starts, place) - 1
            word, after = [*tokens.ids[place : place + 2].tolist(), END][:2]
            if self._split_term(word, after) is not None:
                again.add(i)
            elif word in self._phrases.alone:
                alone.setdefault(i, set()).add(word)
        for i in alone.keys() - again:
            if self._phrases.may_turn(alone[i], texts[i], tokens.ids[starts[i] : starts[i + 1]]):
                again.add(i)
        return again

    def _rejoined(self, tokens: list[Token]) -> list[Token]:
        known = len(self.vocabulary)
        kept = tokens[:1]
        for token in tokens[1:]:
            pieces = token.id >= known or kept[-1].id >= known
            term = self._split_term(kept[-1].id, token.id) if pieces else None
            if term is None:
                kept.append(token)
            else:
                kept[-1] = Token(self._term(term), kept[-1].start, token.end)
        return kept

    def _split_term(self, left: int, right: int) -> int | None:
        """The severe term that two pieces make, neither of them a word."""
        if max(left, right) < len(self.vocabulary) or not (self._no_word(left) and self._no_word(right)):
            return None
        term = self.lexicon.forms.get(self.word(left) + self.word(right))
        if term is None or self.lexicon.terms[term].ambiguous or self.lexicon.terms[term].severity is Severity.MILD:
            return None
        return term

    def _no_word(self, number: int) -> bool:
        return number >= len(self.vocabulary) or FIRST_LETTER <= number <= LAST_LETTER

    def _with_runs(self, folded: str, tokens: list[Token]) -> list[Token]:
        """Put a decoded term in the place of single letters written apart."""
        kept: list[Token] = []
        at = 0
        for match in APART.finditer(folded):
            start, end = match.span()
            while at < len(tokens) and tokens[at].end <= start:
                kept.append(tokens[at])
                at += 1
            stop = at
            while stop < len(tokens) and tokens[stop].start < end:
                stop += 1
            apart = stop - at > 2 and all(self._in_run(token.id) for token in tokens[at:stop])
            term = self._decoder.letters(match.group()) if apart else None
            if term is not None:
                kept.append(Token(self._term(term), start, end))
                at = stop
        return [*kept, *tokens[at:]]

    def _in_run(self, number: int) -> bool:
        return number == NUMBER or FIRST_LETTER <= number <= LAST_LETTER

    def _with_phrases(self, text: str, folded: str, tokens: list[Token]) -> list[Token]:
        if not self._phrases.asked([token.id for token in tokens]):
            return tokens
        origins = [*fold_origins(text), len(text)]
        seen = [Seen(folded[t.start : t.end], text[origins[t.start] : origins[t.end]], t.id) for t in tokens]
        kept: list[Token] = []
        at = 0
        for found in self._phrases.replacements(seen):
            whole = Token(found.id, tokens[found.start].start, tokens[found.stop - 1].end)
            kept += [*tokens[at : found.start], whole]
            at = found.stop
        return [*kept, *tokens[at:]]


def _chunked(folded: str) -> list[str]:
    """Stretches without white space; a line's end reads as the end of a sentence, the vocabulary's first word."""
    return (folded.replace("\n", f" {RESERVED[END]} ") if "\n" in folded else folded).split()


def _joined(texts_ids: list[bytes]) -> Tokens:
    starts = np.array([0, *accumulate(len(ids) // 4 for ids in texts_ids)])
    return Tokens(np.frombuffer(b"".join(texts_ids), np.int32), starts)
