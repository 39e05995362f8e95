"""Reading obfuscated spellings: an unknown word or an odd-looking stretch → the profane term that it stands for.

A word of the dictionary is never decoded ("Dictionary first": nearly all false alarms of a matcher are ordinary words
that it read too much into). All look-ups are bounded by a word's length, so hostile text costs what long text costs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container
from dataclasses import dataclass

from models.lexicon import Lexicon
from models.masks import ENDS_OF_F, FIRST_SIGNS, KNOWN_MASKS, fits
from models.ordinary import may_stand_beside, uninflected
from models.scores import Severity
from models.spelling import LEET, SEPARATORS, blurred_letters, readings, slips, sounded, squeezed
from models.text import LOOK_ALIKES

#: Longer letter runs are no word; only the stems inside them are looked for.
LONGEST_WORD = 40
#: Readings of one leetspeak stretch (1 is i or l, …) that are tried at most.
MOST_READINGS = 24
#: Of these, how many are searched for a term inside, the likeliest first.
MOST_SEARCHED = 4
#: The longest word looked for inside words written as one, and letters of a term that are looked for first.
LONGEST_PIECE, _BEGINNING = 14, 3

_MASKS = "*#-_.~^%$@!?+=•×&"
#: Endings that may stand behind a term inside a longer word, and beginnings before it.
_AFFIXES = frozenset(
    ("", "un", "mother", "s", "y", "er", "ers", "ed", "ing", "in", "ingly", "ty", "ter", "head", "face", "hole")
)
_LONG_REPEAT = re.compile(r"(.)\1{2,}")
_MASKED = re.compile(rf"([a-z]+)([{re.escape(_MASKS)}]+)([a-z]*)")
_APART = re.compile(rf"[{re.escape(SEPARATORS)}]+")
#: An English -er as it is spoken (wankaz).
_SPOKEN_ER = re.compile(r"(?<=.{4})a(?=[sz]$)|(?<=.{5})a$")


@dataclass(frozen=True, slots=True)
class Hit:
    """Where in the stretch that was looked at a term stands, and which."""

    start: int
    end: int
    term: int


class Decoder:
    """Reads what the dictionary doesn't know. ``dictionary`` holds the words that are never decoded."""

    def __init__(self, lexicon: Lexicon, dictionary: Container[str]) -> None:
        self._lexicon = lexicon
        self._dictionary = dictionary
        self._forms = lexicon.forms
        severe = {
            form: term
            for form, term in self._forms.items()
            if lexicon.terms[term].severity is not Severity.MILD and not lexicon.terms[term].ambiguous
        }
        self._severe = severe
        exact = {form for form, term in severe.items() if lexicon.terms[term].exact}
        self._sounds = {
            sounded(form): term for form, term in reversed(severe.items()) if len(form) > 3 and form not in exact
        }
        self._slips = {s: t for form, t in severe.items() if len(form) > 3 and form not in exact for s in slips(form)}
        self._stems = tuple((t.text, i) for i, t in enumerate(lexicon.terms) if t.stem and len(t.text) > 3)
        self._has_stem = re.compile("|".join(re.escape(text) for text, _ in self._stems) or r"(?!)")
        blurred_stems = {re.escape(blurred_letters(text)) for text, _ in self._stems}
        self._has_blurred_stem = re.compile("|".join(sorted(blurred_stems)) or r"(?!)")
        self._stem_term = dict(self._stems)
        self._inner = {
            form: index
            for form, index in self._forms.items()
            if len(form) >= (5 if lexicon.terms[index].ambiguous else 4 if lexicon.terms[index].exact else 3)
            and lexicon.terms[index].severity is not Severity.MILD
        }
        #: How every term begins that is looked for inside longer words: most words hold no such beginning.
        self._beginnings = {form[:_BEGINNING] for form in (*self._stem_term, *self._inner)}
        self._blurred = {blurred_letters(form) for form in self._forms}
        self._by_shape: dict[tuple[str, int], list[str]] = {}
        for form, index in self._forms.items():
            if lexicon.terms[index].severity is not Severity.MILD:
                self._by_shape.setdefault((form[0], len(form)), []).append(form)

    def word(self, word: str) -> int | None:
        """An unknown word of letters only → its term, or nothing."""
        if word in self._lexicon.innocent:
            return None
        latin = word if word.isascii() else word.translate(LOOK_ALIKES)
        if not latin.isascii():
            return None
        if latin != word and not any(c.isascii() for c in word):
            return None
        term = self._as_form(latin)
        if term is None:
            term = self._stretched(latin)
        if term is not None or self._is_inflected(latin):
            return term
        for read in (self._respelt, self._containing, self._reversed):
            term = read(latin)
            if term is not None:
                return term
        return None

    def _is_inflected(self, word: str) -> bool:
        """Whether it is a known word with an ending, and by no way of taking that off a term or as good as one."""
        bases = set(uninflected(word))
        known = [base for base in bases - self._forms.keys() if base in self._dictionary]
        innocent = bool(bases & self._lexicon.innocent) or any(self._respelt(base) is None for base in known)
        return innocent and self._severe.keys().isdisjoint(bases)

    def looked_for(self) -> tuple[list[str], list[str]]:
        """What :meth:`word` finds in words of letters only that hold none three times in a row: words that are one of
        the first list, or sound like one of it; and words that hold one of the second."""
        # "er" is heard as "a", and an "e" before it with it.
        spoken = [re.sub("er(s?)$", rf"{e}a\1", sound) for sound in self._sounds for e in ("", "e")]
        reversed_ = [form[::-1] for form in self._severe]
        return [*self._forms, *self._slips, *self._sounds, *spoken, *reversed_], [*self._stem_term, *self._inner]

    def chunk(self, chunk: str) -> Hit | None:
        """A stretch without white space that mixes letters and signs → where a term hides in it, or nothing."""
        start = len(chunk) - len(chunk.lstrip("\"'([{<.,;:?-_*~"))
        stop = len(chunk.rstrip("\"')]}>.,;:?!-_~"))
        core = chunk[start:stop]
        if not 2 <= len(core) <= 2 * LONGEST_WORD or core.removesuffix("'s") in self._lexicon.innocent:
            return None
        latin = core.translate(LOOK_ALIKES) if not core.isascii() else core
        for read in (
            (self._masked, self._leet, self._joined) if "*" in latin else (self._leet, self._joined, self._masked)
        ):
            term = read(latin)
            if term is not None:
                return Hit(start, stop, term)
        return None

    def letters(self, run: str) -> int | None:
        """Single letters written apart (``f u c k``), separators still in → their term, or nothing.

        A letter of the sentence around may stand at either end (``a  w h o r e``).
        """
        joined = "".join(c for c in run if c not in SEPARATORS)
        if (joined in self._dictionary and joined not in self._forms) or ("/" in run and len(joined) < 4):
            return None  # a/s/s is more often a formula
        for first, last in ((0, 0), (1, 0), (0, 1)):
            letters = joined[first : len(joined) - last]
            for reading in itertools.islice(readings(letters), MOST_READINGS) if self._may_read(letters) else ():
                term = self._forms.get(reading)
                if term is None and len(reading) > 3:
                    term = self._stretched(reading)
                if term is None and len(reading) > 6 and self._has_stem.search(reading):
                    term = self._containing(reading)
                if term is not None:
                    return term
        return None

    def _may_read(self, letters: str) -> bool:
        """Whether any reading can be a term, a stretched one, or hold a stem: they all blur to the same."""
        blurred = next(readings(letters)).replace("l", "i")
        short = squeezed(blurred)
        holds = len(letters) > 6 and self._has_blurred_stem.search(short)
        return len(letters) > 2 and bool(short in self._blurred or holds or _LONG_REPEAT.search(blurred))

    def _as_form(self, word: str) -> int | None:
        return self._forms.get(word)

    def _stretched(self, word: str) -> int | None:
        if not _LONG_REPEAT.search(word):
            return None
        candidates = (_LONG_REPEAT.sub(r"\1", word), _LONG_REPEAT.sub(r"\1\1", word), squeezed(word))
        if any(c in self._dictionary and c not in self._forms for c in candidates):
            return None
        for candidate in candidates:
            term = self._forms.get(candidate)
            if term is None and len(candidate) < LONGEST_WORD:
                term = self._containing(candidate)
            if term is not None:
                return term
        return None

    def _respelt(self, word: str) -> int | None:
        if not 4 <= len(word) <= LONGEST_WORD:
            return None
        term = self._slips.get(word)
        if term is None:
            term = self._sounds.get(sounded(word))
        if term is None and "a" in word[-2:] and (spoken := _SPOKEN_ER.sub("er", word)) != word:
            term = self._sounds.get(sounded(spoken))
        return term

    def _containing(self, word: str) -> int | None:
        if self._beginnings.isdisjoint([word[at : at + _BEGINNING] for at in range(len(word) - _BEGINNING + 1)]):
            return None
        found = self._has_stem.search(word)
        if found and self._plausible(word[: found.start()], found.group(), word[found.end() :]):
            return self._stem_term[found.group()]
        return self._segmented(word) if 5 <= len(word) <= LONGEST_WORD else None

    def _plausible(self, before: str, stem: str, after: str) -> bool:
        """Long stems speak for themselves; around a short one the rest must be words or affixes."""
        if len(stem) > 4 or stem == "fuck":
            return True
        return all(
            rest in _AFFIXES or (may_stand_beside(rest) and rest in self._dictionary) for rest in (before, after)
        )

    def _segmented(self, word: str) -> int | None:
        """Words written as one: all pieces known, at least one of them severe."""
        plain = [True] + [False] * len(word)
        found: list[int | None] = [None] * (len(word) + 1)
        reached = [0]
        for end in range(2, len(word) + 1):
            for start in reached:
                if not end - LONGEST_PIECE <= start < end - 1:
                    continue
                piece = word[start:end]
                term = self._inner.get(piece)
                if term is not None:
                    found[end] = term
                elif may_stand_beside(piece) and piece in self._dictionary:
                    plain[end] = plain[end] or plain[start]
                    found[end] = found[start] if found[end] is None else found[end]
            if plain[end] or found[end] is not None:
                reached.append(end)
        return found[len(word)]

    def _reversed(self, word: str) -> int | None:
        return self._severe.get(word[::-1]) if 4 <= len(word) <= LONGEST_WORD else None

    def _leet(self, chunk: str) -> int | None:
        if LEET.keys().isdisjoint(chunk) or not any(c.isalpha() for c in chunk):
            return None
        stripped = chunk.rstrip("0123456789")
        if stripped.isalpha() and len(stripped) > 2 and stripped in self._dictionary:
            return None  # digits glued to a word's end hide nothing
        first = next(readings(chunk))
        if not first.isalpha():
            return None  # and neither is any other reading
        signs = sum(not c.isalpha() for c in chunk)
        unnumbered = all(c.isalpha() or c in "$@!" for c in chunk)  # "CVN-77" is a ship
        disguised = unnumbered or (signs > 2 and chunk[0].isalpha())
        # All readings blur to the same: where that is no term's, none of them is a term, and few are searched for one.
        alike = (first, first.replace("v", "u")) if unnumbered else (first,)
        tried = MOST_SEARCHED if self._blurred.isdisjoint(map(blurred_letters, alike)) else MOST_READINGS
        for number, reading in enumerate(itertools.islice(readings(chunk), tried)):
            respelt = (reading.replace("v", "u"),) if unnumbered else ()
            for candidate in dict.fromkeys((reading, squeezed(reading), *respelt)):
                term = self._forms.get(candidate)
                searched = number < MOST_SEARCHED and len(candidate) > 4 and candidate not in self._dictionary
                if term is None and searched:
                    term = self._containing(candidate)
                mild = term is not None and self._lexicon.terms[term].severity is Severity.MILD
                if term is not None and (not mild or (disguised and len(candidate) > 2)):
                    return term
        return None

    def _joined(self, chunk: str) -> int | None:
        pieces = [piece for piece in _APART.split(chunk) if piece]
        if len(pieces) < 2:
            return None
        if any(len(piece) > 2 and piece in self._dictionary for piece in pieces):
            return None
        if len(pieces) == 2 and all(piece in self._dictionary for piece in pieces):
            return None
        return self.letters(chunk)

    def _masked(self, whole: str) -> int | None:
        """``f**k``, ``sh*t``: the mask may stand for as many letters as it has signs; half must be literal."""
        match = _MASKED.fullmatch(whole)
        if match is None:
            return self._multi_masked(whole)
        head, mask, rest = match.groups()
        if len(mask) == 1 and mask in "&+-_.^=~":
            return None
        if not rest and set(mask) != {"*"}:
            return None
        if head == "f" and len(mask) > 2 and set(mask) <= set("*-_.") and rest in ENDS_OF_F:
            return self._forms.get(ENDS_OF_F[rest])
        literal, length = len(head) + len(rest), len(whole)
        if 2 * literal < length and not (set(mask) == {"*"} and whole in KNOWN_MASKS):
            return None
        if whole in KNOWN_MASKS:
            return self._forms.get(KNOWN_MASKS[whole])
        if length < 4 and "*" not in mask:
            return None
        return self._same_shape(whole)

    def _multi_masked(self, whole: str) -> int | None:
        whole = FIRST_SIGNS.get(whole[0], whole[0]) + whole[1:]
        letters = sum(c.isalpha() for c in whole)
        if not whole[0].isalpha() or 2 * letters < len(whole) or "*" not in whole or len(whole) < 4:
            return None
        return self._same_shape(whole) if all(c.isalpha() or c in "*#@!$" for c in whole) else None

    def _same_shape(self, masked: str) -> int | None:
        matches = (form for form in self._by_shape.get((masked[0], len(masked)), ()) if fits(form, masked))
        ranked = sorted(matches, key=lambda form: (not self._has_stem.match(form), form not in self._severe, form))
        return self._forms[ranked[0]] if ranked else None
