"""A small world of labelled comments, written here: every set that a fit looks at by name, in miniature."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.comment import Article
from models.record import Record
from models.records import write_records

#: Subject → words that belong to it. Comments about one subject share no subject word with another.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "harbour bridge": ("cables", "ferries", "toll", "girders", "harbourmaster", "tide", "pylon", "lanes"),
    "school lunches": ("canteen", "lentils", "pupils", "caterer", "vegetables", "trays", "allergies", "menu"),
    "night trains": ("sleeper", "carriages", "timetable", "locomotive", "berths", "conductor", "platform", "rails"),
    "water prices": ("reservoir", "pipes", "meters", "drought", "utility", "leaks", "tariff", "sewage"),
    "football stadium": ("stands", "goalkeeper", "tickets", "pitch", "turnstiles", "striker", "floodlights", "derby"),
    "bee keeping": ("hives", "honey", "pollen", "queen bees", "mites", "swarm", "nectar", "smoker"),
    "rent control": ("landlords", "tenants", "leases", "evictions", "deposit", "vacancies", "flats", "housing"),
    "solar farms": ("panels", "inverters", "acres", "subsidies", "grid", "batteries", "megawatts", "sunlight"),
    "opera house": ("soprano", "acoustics", "orchestra", "rehearsal", "curtain", "libretto", "foyer", "conductors"),
    "road salt": ("gritting", "frost", "potholes", "ploughs", "asphalt", "skidding", "brine", "axles"),
}
_REMARKS = (
    "The {0} and the {1} were never paid for by anyone I know.",
    "I asked about the {0} twice, they only talked about {1}.",
    "Without {0} there will be no {1} next year.",
    "My neighbour works with {0} and says the {1} are fine.",
    "Nobody mentions the {0}, only the {1} every time.",
    "We had better {0} when I was young, and cheaper {1} too.",
    "Who decided on {0} before looking at the {1}?",
)
_SWEARING = ("shit", "fucking", "bullshit", "asshole", "bitch", "fuck", "dickhead", "bastards")
_ENDINGS = (
    "{a} turns out to be the killer of {b}.",
    "In the last scene {a} dies and {b} buries him.",
    "{a} betrays {b} and is shot by the guards at the end.",
    "It is revealed that {a} was {b}'s father all along.",
    "{b} finds {a} dead in the boathouse in the finale.",
)
_OPENINGS = (
    "{a} and {b} run a small bakery together in the pilot.",
    "The costumes that {a} and {b} wear are lovely.",
    "{a} is played by the same actor as {b}.",
    "The jokes between {a} and {b} are the best part of the show.",
    "{a} likes to cook while {b} reads the paper.",
)
_VERDICTS = ("a fine, quiet film", "two dull hours", "the funniest script in years", "an honest little thriller")
_SALES = (
    "Earn {n} dollars a week from home, see my page",
    "Subscribe to my channel number {n} please",
    "Cheap watches, {n} in stock, click www.example.com/{n}",
    "Check out my new video with {n} views",
)
_NAMES = ("Mira", "Tobin", "Agda", "Rufus", "Ottoline", "Basil", "Cosima", "Lorcan", "Wilma", "Yusuf", "Petra", "Ivo")


def written_sets(seed: int = 7) -> dict[str, list[Record]]:
    """All sets, each at most 120 comments. The same seed gives the same comments."""
    draw = random.Random(seed)
    wording = {"civil_toxic_spans": 120, "jigsaw_multilabel_3k": 60, "wiki_context_toxicity": 30}
    sets = {name: list(_worded(name, count, draw)) for name, count in wording.items()}
    sets |= {name: list(_clean(name, 50, draw)) for name in ("c3_toxicity", "ucc_val")}
    pairs = ("ukp_roomfordebate", "fox_news_comments", "sfu_ctc", "polis_opendata")
    sets |= {name: list(_under_articles(name, 60, draw)) for name in pairs}
    return sets | {
        "semeval_cqa": list(_judged(60, draw)),
        "youtube_spam": list(_spam(40, draw)),
        "tvtropes_spoilers": list(_spoilers(120, draw)),
        "wiki_film_plots_weak": list(_plots(40, draw)),
        "subj_plot_vs_review": list(_reviews(40, draw)),
    }


def write_sets(folder: Path, sets: Mapping[str, list[Record]]) -> Path:
    """One labelled-comment file a set; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in sets.items():
        write_records(folder / f"{name}.jsonl.gz", records)
    return folder


def record(name: str, number: int, text: str, labels: dict[str, int | None], **more: Any) -> Record:
    """A comment of a set, trusted unless told otherwise."""
    given = {"label_source": "gold", "provenance": {"source": f"dataset:{name}"}, **more}
    return Record(f"{name}:{number}", text, labels, **given)


def remark(subject: str, draw: random.Random) -> str:
    """Something clean about a subject."""
    return draw.choice(_REMARKS).format(*draw.sample(SUBJECTS[subject], 2))


def article(subject: str) -> Article:
    """News about a subject, with all of its words."""
    words = SUBJECTS[subject]
    body = f"The council met about {', '.join(words[:4])}.\n\nIt will decide on {', '.join(words[4:])} in May."
    return Article(f"What happens to the {subject}", body, "news")


def _subject(draw: random.Random) -> str:
    return draw.choice(sorted(SUBJECTS))


def _worded(name: str, count: int, draw: random.Random) -> Iterator[Record]:
    for number in range(count):
        text, profane = remark(_subject(draw), draw), number % 3 == 0
        if profane:
            text = f"{draw.choice(_SWEARING)}, {text} {draw.choice(_SWEARING)} number {number}"
        split = "dev" if number % 5 == 4 else "train"
        yield record(name, number, f"{text} ({name[0]}{number})", {"profanity": int(profane)}, split=split)


def _clean(name: str, count: int, draw: random.Random) -> Iterator[Record]:
    for number in range(count):
        text, split = f"{remark(_subject(draw), draw)} {name[:2]} {number}", "dev" if number % 5 == 4 else "train"
        yield record(name, number, text, {"profanity": 0}, split=split, label_source="proxy")


def _under_articles(name: str, count: int, draw: random.Random) -> Iterator[Record]:
    subjects = sorted(SUBJECTS)
    for number in range(count):
        subject = subjects[number % len(subjects)]
        parent = remark(subject, draw) if name == "fox_news_comments" and number % 2 else None
        where: dict[str, Any] = {"article": article(subject), "article_id": f"{name}:{subject}", "parent": parent}
        yield record(name, number, f"{remark(subject, draw)} {number}", {"off_topic": 0}, **where)


def _judged(count: int, draw: random.Random) -> Iterator[Record]:
    subjects = sorted(SUBJECTS)
    for number in range(count):
        asked = subjects[number % len(subjects)]
        wrong = number % 3 == 0
        text = remark(subjects[(number + 3) % len(subjects)] if wrong else asked, draw)
        year, split = ("2015", "dev") if number % len(subjects) == 9 else ("2016-cross-thread", "train")
        where: dict[str, Any] = {"article": article(asked), "article_id": f"question {asked}", "meta": {"set": year}}
        yield record("semeval_cqa", number, f"{text} #{number}", {"off_topic": int(wrong)}, split=split, **where)


def _spam(count: int, draw: random.Random) -> Iterator[Record]:
    for number in range(count):
        spam, subject = number % 2, sorted(SUBJECTS)[number % 4]
        text = draw.choice(_SALES).format(n=number + 100) if spam else f"{remark(subject, draw)} {number}"
        where = {"article": Article(f"Video: {subject}", None, "video"), "article_id": f"video {subject}"}
        yield record("youtube_spam", number, text, {"off_topic": spam}, **where)


def _spoilers(count: int, draw: random.Random) -> Iterator[Record]:
    for number in range(count):
        told = number % 2
        text = _about_people(_ENDINGS if told else _OPENINGS, draw)
        split, work = "test" if number % 12 >= 10 else "train", f"series {number % 12 // 2}"
        yield record("tvtropes_spoilers", number, f"{text} ({number})", {"spoiler": told}, split=split, work=work)


def _plots(count: int, draw: random.Random) -> Iterator[Record]:
    for number in range(count):
        late = number % 2
        text = f"{_about_people(_ENDINGS if late else _OPENINGS, draw)} ({number})"
        more = {"weak_labels": {"spoiler": float(late)}, "work": f"film {number // 2}", "split": "train"}
        yield record("wiki_film_plots_weak", number, text, {}, label_source=None, **more)


def _reviews(count: int, draw: random.Random) -> Iterator[Record]:
    for number in range(count):
        plot = number % 2
        text = _about_people(_ENDINGS, draw) if plot else f"{draw.choice(_VERDICTS)} by {draw.choice(_NAMES)}"
        more = {"weak_labels": {"plot": float(plot)}, "split": "train"}
        yield record("subj_plot_vs_review", number, f"{text} [{number}]", {}, label_source=None, **more)


def _about_people(patterns: tuple[str, ...], draw: random.Random) -> str:
    a, b = draw.sample(_NAMES, 2)
    return draw.choice(patterns).format(a=a, b=b)
