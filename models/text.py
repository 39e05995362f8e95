"""Text as features see it: folded to plain lower case, with the way back to the author's own offsets.

Folding works character by character (compatibility decomposition, lower case, no marks, no invisible
characters), so its cost is linear whatever was written: normalising a whole string at once is quadratic in runs of
combining marks. Folding twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata

#: A single ligature may unfold to 18 characters; no honest word needs more than this many of one.
MAX_UNFOLDED = 4
#: Characters remembered by the folding table; a hostile text can't make it grow without end.
MAX_REMEMBERED = 20_000

#: Letters of other scripts that are written for a Latin one. Only words that mix scripts are read this way.
LOOK_ALIKES = str.maketrans(
    {
        other: latin
        for latin, others in {
            "a": "аαɑա", "b": "вьβҍ", "c": "сϲ", "d": "ԁժɗ", "e": "еёεєҽɘə", "f": "ƒғք", "g": "ɡց", "h": "һհнη",
            "i": "іїιɩӏɪ", "j": "јϳյ", "k": "кκқ", "l": "լ", "m": "мʍ", "n": "пող", "o": "оοσօө", "p": "рρ",
            "q": "ԛզ", "r": "гɾ", "s": "ѕտ", "t": "тτ", "u": "υսцμ", "v": "ѵν", "w": "ԝωաшщ", "x": "хχ×",
            "y": "уγү", "z": "ʐ",
        }.items()
        for other in others
    }
)  # fmt: skip

#: Characters without a decomposition that says what they stand for.
_SYMBOLS = {
    **dict.fromkeys("‘’‚‛′ʼ＇´", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘", "-"),
    **dict.fromkeys("․·•∙⋅", "."),
    **dict.fromkeys("\u2028\u2029", "\n"),
    **dict.fromkeys("\u3164\u115f\u1160\uffa0🏻🏼🏽🏾🏿", ""),
    **{chr(0x1F1E6 + i): chr(ord("a") + i) for i in range(26)},
    **{chr(0x1F170 + i): chr(ord("a") + i) for i in range(26)},
    **{chr(0x1F150 + i): chr(ord("a") + i) for i in range(26)},
    **{chr(0x1F130 + i): chr(ord("a") + i) for i in range(26)},
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **dict(zip("ϲϱϐϑϕϰ", "cpbofk", strict=True)),
    **dict(zip("øłđħŧıæœ", ("o", "l", "d", "h", "t", "i", "ae", "oe"), strict=True)),
}


def fold_character(character: str) -> str:
    """One character → what features see of it: nothing, one character, or a few."""
    if character.isascii():
        return character.lower()
    known = _SYMBOLS.get(character)
    if known is not None:
        return known
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category == "Cc":
        return character if character in "\n\t" else " "
    unfolded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = (_SYMBOLS.get(part, part) for part in unfolded if unicodedata.category(part) not in ("Cf", "Mn", "Me"))
    return "".join(kept)[:MAX_UNFOLDED]


class _Folding(dict[int, str]):
    """``str.translate`` table that works out each character once."""

    def __missing__(self, code: int) -> str:
        folded = fold_character(chr(code))
        if len(self) < MAX_REMEMBERED:
            self[code] = folded
        return folded


_FOLDING = _Folding()
_NOT_ASCII = re.compile(r"([^\x00-\x7f]+)")
#: What ordinary English text has beside ASCII, and how it folds: replaced at once, it leaves ASCII behind.
_COMMON = tuple((sign, fold_character(sign)) for sign in "…’‘“”–—")
#: Stretches of other characters than ASCII are few where they are this many times fewer than the text's characters.
_FEW = 16


def fold(text: str) -> str:
    """Text → folded text. ASCII only changes case; everything else is unfolded character by character."""
    if text.isascii():
        return text.lower()
    plain = text
    for sign, folded in _COMMON:
        plain = plain.replace(sign, folded)
    if plain.isascii():
        return plain.lower()
    parts = _NOT_ASCII.split(text)
    if _FEW * len(parts) > len(text):
        return text.translate(_FOLDING)
    # A few curly quotes in an English text: looking every letter up would take ten times as long.
    parts[::2] = map(str.lower, parts[::2])
    parts[1::2] = [part.translate(_FOLDING) for part in parts[1::2]]
    return "".join(parts)


def fold_origins(text: str) -> list[int]:
    """For each character of ``fold(text)`` the index of the character of ``text`` that it came from."""
    if text.isascii():
        return list(range(len(text)))
    origins: list[int] = []
    at = 0
    for i, part in enumerate(_NOT_ASCII.split(text)):
        if i % 2:
            origins += [at + k for k, character in enumerate(part) for _ in _FOLDING[ord(character)]]
        else:
            origins += range(at, at + len(part))
        at += len(part)
    return origins


#: A picture that says something by itself: a word of one character.
EMOJI = "\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff"
#: Any script's letters with apostrophes inside, or an emoji.
WORD = rf"[^\W\d_]+(?:'[^\W\d_]+)*|[{EMOJI}]"
_SENTENCE_END = re.compile(r"[.!?…]+[\"')\]]*\s+|\n+")


def paragraphs(text: str, *, longest: int = 600) -> list[tuple[int, int]]:
    """Offsets of the stretches a reader would point at: paragraphs, long ones cut at a sentence's end."""
    stretches: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n]+", text):
        start, stop = match.span()
        while stop - start > longest:
            ends = [m.end() for m in _SENTENCE_END.finditer(text, start + longest // 3, start + longest)]
            cut = ends[-1] if ends else start + longest
            stretches.append((start, cut))
            start = cut
        stretches.append((start, stop))
    return [(a, b) for a, b in stretches if text[a:b].strip()]


_SUFFIXES = ("'s", "ies", "ing", "ed", "es", "s", "ly", "er")


def in_one_line(text: str) -> str:
    """A text without its lines and paragraphs."""
    return " ".join(text.split())


def stem(word: str) -> str:
    """A word without its commonest English ending, so that "missiles" meets "missile"; crude on purpose."""
    for suffix in _SUFFIXES if word.endswith(_SUFFIXES) else ():
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)].rstrip("e") or word
    return (word.rstrip("e") if len(word) > 3 else word) or word
