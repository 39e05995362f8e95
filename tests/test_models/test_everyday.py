"""What the shipped bundle must get right, by its own operating points: everyday cases and the founding page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.bundle import Bundle
from models.comment import Article, Comment
from models.heads import HEAD_NAMES
from models.operating import BALANCED
from models.records import read_records
from models.scores import HeadScore
from service.policy import DEFAULT
from training.heldout import SUITES

#: Where the built-in policy acts. It does nothing about off-topic comments, which are sorted by the balanced point.
POINTS = {"off_topic": BALANCED} | {rule.head: rule.operating_point for rule in DEFAULT.rules}

FILM = Article(
    "Harry Potter and the Half-Blood Prince (film)",
    "The sixth film of the series follows Harry's sixth year at Hogwarts. Dumbledore prepares him for the fight "
    "against Voldemort, while love is in the air among the students. The film opens in July, directed by David Yates.",
    "film",
)
WAR = Article(
    "Shelling cuts power to the front-line town",
    "Artillery fire destroyed the last power station of the town on Tuesday night, the regional governor said. "
    "Rescuers pulled eleven people from the rubble of a housing block. The army said its air defence had shot down "
    "nine of fourteen missiles, and asked its allies for more ammunition.\n\n"
    "Trains took six hundred civilians to the west.",
    "news",
)

_POLITE = """
Thank you for such a careful report about the harbour bridge, which I have crossed nearly every day for thirty years.
I can see why the engineers want to close it before winter, and I am grateful that somebody finally explained the
cables to us. My neighbour, who works on the ferries, tells me that the extra boats are almost ready and that the
crews have been trained since spring. It would be kind if the council could print the new timetable in large letters,
since many of us do not own a telephone that shows it. The old tunnel is a lovely idea for cyclists, provided that the
lamps are repaired and the floor is swept now and then. I remember the last closure, when shops near the eastern ramp
lost half of their customers, so I hope that there will be some help for them this time. Perhaps the market could move
to the square for those six weeks, with music on Saturdays and a place for children to paint. We all want the work to
be done well rather than quickly, and patience costs us very little. To the people who will hang up there in the wind
with their wrenches and ropes, please take good care of yourselves, because your families are waiting for you at home.
To the reporter, please keep asking questions and keep writing down the answers as plainly as you did today. I learned
more from this one page than from a year of meetings. When the bridge opens again I shall bring a cake, and I invite
everyone who reads this to come and have a slice with a cup of coffee. With my best regards to the whole newsroom, and
to the gentleman who answered me so politely last week,
"""
THREE_HUNDRED_POLITE_WORDS = " ".join(_POLITE.split())

#: Comment, its article, head, and whether its score reaches the point.
CASES: list[tuple[str, Article | None, str, bool]] = [
    ("Scunthorpe", None, "profanity", False),
    ("The train to Scunthorpe was late again.", None, "profanity", False),
    ("Dick Cheney", None, "profanity", False),
    ("Dick Cheney was vice president for eight years.", None, "profanity", False),
    ("assess the class", None, "profanity", False),
    ("We assess the class every spring.", None, "profanity", False),
    ("ﬁne", None, "profanity", False),
    ("I'm ﬁne, thanks.", None, "profanity", False),
    (THREE_HUNDRED_POLITE_WORDS, None, "profanity", False),
    ("f.u.c.k", None, "profanity", True),
    ("What the f.u.c.k is going on here", None, "profanity", True),
    ("shіt", None, "profanity", True),
    ("This is complete shіt and you know it", None, "profanity", True),
    ("@$$hole", None, "profanity", True),
    ("He is such an @$$hole.", None, "profanity", True),
    ("you bitch", None, "profanity", True),
    (f"{THREE_HUNDRED_POLITE_WORDS} you bitch", None, "profanity", True),
    ("Dumbledore dies at the end", FILM, "spoiler", True),
    ("I loved the ending", FILM, "spoiler", False),
    ("great recipe", WAR, "off_topic", True),
]


def threshold(bundle: Bundle, head: str) -> float:
    """Where the head's point cuts; a point that promises nothing fails the test."""
    found = bundle.operating_points[head][POINTS[head]].threshold
    assert found is not None, f"{head} has no threshold that keeps {POINTS[head]}"
    return found


def answer(bundle: Bundle, comment: Comment, head: str) -> HeadScore:
    """One head's answer, explained."""
    return bundle.score([comment], heads=(head,), explain=True)[0].heads[head]


def score(bundle: Bundle, comment: Comment, head: str) -> float:
    """One head's score, which must be there."""
    found = answer(bundle, comment, head).score
    assert found is not None
    return found


def test_three_hundred_words() -> None:
    """The polite words are as many as they say, all of them on one line, none twice as a sentence."""
    assert 300 <= len(THREE_HUNDRED_POLITE_WORDS.split()) <= 310
    assert len(set(THREE_HUNDRED_POLITE_WORDS.split(". "))) == len(THREE_HUNDRED_POLITE_WORDS.split(". "))


@pytest.mark.parametrize(("text", "article", "head", "reaches"), CASES, ids=[case[0][-45:] for case in CASES])
def test_everyday_cases(shipped: Bundle, text: str, article: Article | None, head: str, reaches: bool) -> None:
    """Each comment is on its side of the point that the built-in policy, or sorting, uses."""
    found = score(shipped, Comment(text, article), head)
    assert (found >= threshold(shipped, head)) is reaches


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("What the f.u.c.k is going on here", "f.u.c.k"),
        ("This is complete shіt and you know it", "shіt"),
        ("He is such an @$$hole.", "@$$hole"),
        (f"{THREE_HUNDRED_POLITE_WORDS} you bitch", "bitch"),
    ],
)
def test_the_span_covers_just_the_word(shipped: Bundle, text: str, covered: str) -> None:
    """What is shown to a moderator is the word and nothing else, however long the comment."""
    spans = answer(shipped, Comment(text), "profanity").spans
    assert spans is not None
    assert [text[span.start : span.end] for span in spans] == [covered]


class Page:
    """The founding page: its article and its six comments, each with the comment that it answers."""

    def __init__(self, path: Path) -> None:
        page = json.loads(path.read_text(encoding="utf-8"))
        texts = {comment["id"]: comment["text"] for comment in page["comments"]}
        self.article = Article(page["article"]["title"], page["article"]["body"])
        self.comments = {
            comment["id"]: Comment(comment["text"], self.article, texts.get(comment["parent_id"]))
            for comment in page["comments"]
        }


@pytest.fixture(scope="module")
def page(shared: Path) -> Page:
    """The page that the project began with."""
    return Page(shared / "examples" / "founding_page.json")


OBSCENE, SANDWICHES = "c2", "c4"


def test_the_founding_page_has_six_comments(page: Page) -> None:
    """The page is the one that the tests mean."""
    assert list(page.comments) == ["c1", "c2", "c3", "c4", "c5", "c6"]
    assert "himself" in page.comments[OBSCENE].text
    assert "sandwiches" in page.comments[SANDWICHES].text
    assert page.comments["c3"].parent == page.comments["c2"].text


def test_the_obscenity_is_held(shipped: Bundle, page: Page) -> None:
    """The comment with the obscenity is above its hold threshold, with a span that covers just the word."""
    comment = page.comments[OBSCENE]
    found = answer(shipped, comment, "profanity")
    assert found.score is not None
    assert found.score >= threshold(shipped, "profanity")
    assert found.spans is not None
    assert [comment.text[span.start : span.end] for span in found.spans] == ["fuck"]


def test_the_other_five_are_clean(shipped: Bundle, page: Page) -> None:
    """None of the others is held."""
    cut = threshold(shipped, "profanity")
    assert [one for one, comment in page.comments.items() if score(shipped, comment, "profanity") >= cut] == [OBSCENE]


def test_nobody_spoils_anything(shipped: Bundle, page: Page) -> None:
    """All six, which the site had hidden as spoilers, are below the spoiler threshold."""
    cut = threshold(shipped, "spoiler")
    assert [one for one, comment in page.comments.items() if score(shipped, comment, "spoiler") >= cut] == []


def test_the_sandwiches_are_the_most_off_topic(shipped: Bundle, page: Page) -> None:
    """The comment about sandwiches has the highest off-topic score of the six."""
    scores = {one: score(shipped, comment, "off_topic") for one, comment in page.comments.items()}
    assert max(scores, key=scores.__getitem__) == SANDWICHES


@pytest.mark.parametrize("name", ["c1", "c2", "c3", "c5", "c6"])
def test_the_others_belong_to_their_article(shipped: Bundle, page: Page, name: str) -> None:
    """Each of the other five is more off topic under each of twenty unrelated articles than under its own."""
    comment = page.comments[name]
    articles = [record.article for record in read_records(SUITES / "unrelated_articles.jsonl").records]
    assert len(articles) == 20
    own = score(shipped, comment, "off_topic")
    closer = [
        article.title
        for article in articles
        if article and score(shipped, Comment(comment.text, article, comment.parent), "off_topic") <= own
    ]
    assert closer == []


def test_every_head_is_asked() -> None:
    """The table holds cases of every head, on both sides of the points that act."""
    assert {head for _, _, head, _ in CASES} == set(HEAD_NAMES)
    assert {(head, reaches) for _, _, head, reaches in CASES} >= {
        (r.head, side) for r in DEFAULT.rules for side in (0, 1)
    }
