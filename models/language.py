"""Which language a comment is in, and how sure: by script, and by the small words that every sentence needs.

Only for the answer's information and the card's slices: a comment is never refused or scored differently for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.kernel import Kernel

UNDETERMINED = "und"

_SMALL_WORDS = {
    "en": """
        the of and to in is that it was for you with on are this be have not but they what all were when your can said
        there an which how their if will do each about out many then them these so some would him has more could no than
        been who its now did my over down only way our i'm don't it's he she his her we us i me am""",
    "de": """
        der die das und ist nicht ein eine einen dem den des ich du er sie es wir ihr mit auf für von zu im auch sich
        aber wie noch nur wenn oder wird sind war hat haben werden doch schon mal kein keine dass was so bei nach aus
        über dann hier man mich dir uns einfach immer""",
    "pt": """
        não que de do da em um uma os as para com por mais mas foi ele ela seu sua são como você eu tem ser está isso
        esse essa muito também só já nao vc pra tá meu minha quando porque ainda gente todo mundo até sem nos dos das ao
        à""",
    "es": """
        el la los las que de en un una y no es por con para su lo se del al como más pero sus le ya este sí porque esta
        entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros
        ese eso ante ellos esto yo tú usted pues está""",
    "fr": """
        le la les de des et est un une dans que qui pour pas sur au avec il elle ce ne se plus par sont nous vous ils
        mais ou où son sa ses leur on c'est j'ai n'est d'un qu'il tout être fait comme cette aux très même bien si
        je tu moi""",
    "it": """
        il lo la gli le di che non è un una per con del della dei delle sono ma si come anche più nel alla questo questa
        ho hai ha abbiamo perché cosa se mi ti ci dal al quando molto solo sempre tutto tutti chi io""",
    "nl": """
        de het een en van ik te dat die in is niet op aan met zijn voor er maar om hem dan zou of wat mijn men dit zo
        door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze want nog zal me zij nu
        geen omdat iets worden toch""",
    "sv": """
        och det att i en jag hon som han på den med var sig för så till är men ett om hade de av icke mig du henne då
        sin nu har inte hans honom skulle hennes där min man ej vid kunde något från ut när efter upp vi dem vara vad
        över""",
    "da": """
        og i jeg det at en den til er som på de med han af for ikke der var mig sig men et har om vi min havde ham hun
        nu over da fra du ud sin dem os op man hans hvor eller hvad skal selv her alle vil blev kunne""",
    "pl": """
        nie to się w na i z co jest do że tak jak o a ale po jego mnie ma już tylko go jej czy być dla mi za od ja tym
        są jestem może by ten był tego sobie przez kiedy wszystko bardzo tu teraz więc""",
    "tr": """
        bir ve bu da de ne için o ben mi çok sen daha var gibi ama değil ki olarak olan kadar sonra en şey bana biz her
        onu nasıl evet hayır neden şimdi bunu beni yok iyi diye ile""",
    "ro": """
        și nu este că în de la o un pe cu mai să ce am din pentru dar sunt care se ca au fi te îmi el ea asta acest
        această foarte așa când fost""",
    "cs": """
        je se na to že v a s jsem z ale jak o si tak by co do pro za ne jsi po být až jen když už jsou od mi má byl
        podle nebo který která jako není""",
    "fi": """
        ja on ei se että en hän mutta oli ole mitä olen niin kun minä sinä nyt jos mikä tämä kuin siitä vain voi minun
        kaikki sen sitten myös ovat""",
    "id": """
        yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena ada mereka sudah kami kita bisa
        oleh atau kamu aku orang telah adalah""",
}  # fmt: skip
LANGUAGES: tuple[str, ...] = tuple(_SMALL_WORDS)
#: As the kernel counts them: what stands behind the last one is none.
_NAMES = (*LANGUAGES, UNDETERMINED)

_SCRIPTS = (
    ("CYRILLIC", "ru"), ("GREEK", "el"), ("HEBREW", "he"), ("ARABIC", "ar"), ("DEVANAGARI", "hi"), ("THAI", "th"),
    ("HIRAGANA", "ja"), ("KATAKANA", "ja"), ("HANGUL", "ko"), ("CJK", "zh"), ("BENGALI", "bn"), ("TAMIL", "ta"),
)  # fmt: skip
_UKRAINIAN = frozenset("іїєґІЇЄҐ")
#: Non-Latin letters that are looked at; a script shows in a few.
_LOOKED_AT = 60
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def small_words(words: Sequence[str], folded: dict[str, frozenset[str]]) -> NDArray[np.uint8]:
    """For each word, which of ``LANGUAGES`` it is a small word of. Shape (n, languages)."""
    flags = np.zeros((len(words), len(LANGUAGES)), np.uint8)
    place = {word: i for i, word in enumerate(words)}
    for column, language in enumerate(LANGUAGES):
        rows = [place[word] for word in folded[language] if word in place]
        flags[rows, column] = 1
    return flags


def small_word_sets(fold: Callable[[str], str]) -> dict[str, frozenset[str]]:
    """Each language's small words, folded as texts are."""
    return {language: frozenset(map(fold, words.split())) for language, words in _SMALL_WORDS.items()}


def by_script(text: str) -> tuple[str, float] | None:
    """The language that a text's script tells, with the share of its letters in it; nothing for Latin script."""
    letters = [c for c in _NOT_ASCII.findall(text[:2000]) if c.isalpha()][:_LOOKED_AT]
    found: dict[str, int] = {}
    for letter in letters:
        name = unicodedata.name(letter, "")
        for script, language in _SCRIPTS:
            if name.startswith(script):
                found[language] = found.get(language, 0) + 1
                break
    if not found:
        return None
    if "ja" in found:
        found["ja"] += found.pop("zh", 0)
    language, count = max(found.items(), key=lambda item: item[1])
    share = count / (len(letters) + sum(c.isascii() and c.isalpha() for c in text[:_LOOKED_AT]))
    if share < 0.3:
        return None
    return ("uk" if language == "ru" and _UKRAINIAN & set(letters) else language), share


def by_small_words(counts: NDArray[np.int64], kernel: Kernel | None = None) -> tuple[list[str], list[float]]:
    """Counts of each language's small words in the first columns, a row a text → each text's likeliest language, and
    how sure, 0–1."""
    if kernel is not None:
        places, sure = kernel.likeliest(counts, len(LANGUAGES))
        return [_NAMES[place] for place in places.tolist()], sure.tolist()
    told = [_likeliest(row) for row in counts[:, : len(LANGUAGES)].tolist()]
    return [language for language, _ in told], [confidence for _, confidence in told]


def _likeliest(counts: list[int]) -> tuple[str, float]:
    most = max(counts)
    at = counts.index(most)
    second = max(counts[:at] + counts[at + 1 :])
    if most == second:
        return UNDETERMINED, 0.0
    return LANGUAGES[at], (most - second + 0.5) / (most + 0.5)
