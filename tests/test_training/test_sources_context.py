"""Readers of the sets about topic and spoilers, on rows written here in their publishers' forms."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import pytest

from models.comment import Article
from tests.test_training.test_sources_reading import table
from training.sources import (
    fox_news_comments,
    newsgroups20,
    polis,
    semeval_cqa,
    sfu_ctc,
    subjectivity,
    tvtropes,
    ukp_roomfordebate,
    wiki_cat,
    wiki_film_plots,
    youtube_spam,
)
from training.sources.r_data import NotRData, read_table


@pytest.mark.parametrize("as_list", [True, False])
def test_fox_news_comments(tmp_path: Path, as_list: bool) -> None:
    """Title, description and the comment before; objects by line or in one list."""
    items = [
        {"title": "Roads to close | Fox News", "meta": "Works start.", "text": "At last!", "prev": "", "label": 0},
        {"title": "Roads to close | Fox News", "meta": "", "text": "Why  now?", "prev": "At last!", "label": 1},
    ]
    text = json.dumps(items) if as_list else "\n".join(json.dumps(item) for item in items)
    (tmp_path / "fox-news-comments.json").write_text(text)
    first, second = fox_news_comments.read(tmp_path)
    assert first.article == Article("Roads to close", "Works start.", "news")
    assert (first.parent, second.parent, second.text) == (None, "At last!", "Why now?")
    assert second.labels == {"off_topic": 0}
    assert second.meta == {"hate": 1}


def test_newsgroups20(tmp_path: Path) -> None:
    """The subject is the title, quotes are the parent, signatures and addresses go."""
    post = (
        "From: ann@example.org (Ann)\nSubject: Re: Re: Brake pads?\nLines: 9\n\nbob@example.org (Bob) writes:\n"
        "> > Do they squeal?\n> Ask Ann.\n\nMine do not. Write to ann@example.org\n\n\n\nReally.\n-- \nAnn, Bristol\n"
    )
    folder = tmp_path / "20news-bydate-train" / "rec.autos"
    folder.mkdir(parents=True)
    (folder / "101").write_bytes(post.encode("latin-1"))
    (folder / "102").write_bytes(b"Subject: Empty\n\n> quoted only\n")
    (record,) = newsgroups20.read(tmp_path)
    assert record.id == "newsgroups20_threads:rec.autos-101"
    assert record.text == "Mine do not. Write to <email>\n\nReally."
    assert record.parent == "Do they squeal?\nAsk Ann."
    assert record.article == Article("Brake pads?", None, "forum")
    assert record.article_id == "rec.autos|brake pads"


@pytest.mark.parametrize(
    "names", [("town/comments.csv", "town/summary.csv"), ("town__comments.csv", "town__summary.csv")]
)
def test_polis(tmp_path: Path, names: tuple[str, str]) -> None:
    """Approved statements are on topic; a rejection is no label; repeats are left out."""
    (tmp_path / "town").mkdir()
    rows: list[dict[str, object]] = [
        {"comment-id": number, "moderated": moderated, "comment-body": text}
        for number, moderated, text in [
            (1, 1, "More  trees"),
            (2, -1, "asdf"),
            (3, 1, "more trees"),
            (4, 0, "Fewer cars"),
        ]
    ]
    table(tmp_path / names[0], *rows)
    (tmp_path / names[1]).write_text('topic,Our town\nviews,3\nconversation-description,"What should change?\n\n"\n')
    records = list(polis.read(tmp_path))
    assert [(record.text, dict(record.labels)) for record in records] == [
        ("More trees", {"off_topic": 0}),
        ("asdf", {}),
        ("Fewer cars", {}),
    ]
    assert records[0].article == Article("Our town", "What should change?", "deliberation")
    assert records[0].article_id == "polis:town"


def test_semeval_2015(tmp_path: Path) -> None:
    """Good and Potential are on topic, Bad is off topic, Dialogue is no answer."""
    comments = "".join(
        f'<Comment CID="Q1_C{n}" CUSERID="U" CGOLD="{gold}"><CSubject>RE</CSubject><CBody>Answer {n}</CBody></Comment>'
        for n, gold in enumerate(["Good", "Potential", "Bad", "Dialogue"])
    )
    question = f"<QSubject>Vets</QSubject><QBody>Any good?</QBody>{comments}"
    (tmp_path / "CQA-QL-train.xml").write_text(
        f'<root><Question QID="Q1" QCATEGORY="Pets">{question}</Question></root>'
    )
    records = list(semeval_cqa.read(tmp_path))
    assert [record.labels.get("off_topic") for record in records] == [0, 0, 1, None]
    assert records[0].id == "semeval_cqa:2015-Q1_C0"
    assert records[0].article == Article("Vets", "Any good?", "forum")


def test_semeval_2016(tmp_path: Path) -> None:
    """A comment counts under its own question and, where people were sure, under the one asked."""
    comments = "".join(
        f'<RelComment RELC_ID="Q1_R2_C{n}" RELC_RELEVANCE2ORGQ="{org}" RELC_RELEVANCE2RELQ="{rel}">'
        f"<RelCText>Answer {n}</RelCText></RelComment>"
        for n, org, rel in [(1, "Bad", "Good"), (2, "Good", "N/A"), (3, "PotentiallyUseful", "Bad")]
    )
    thread = (
        '<Thread THREAD_SEQUENCE="Q1_R2"><RelQuestion RELQ_ID="Q1_R2" RELQ_CATEGORY="Visas"'
        ' RELQ_RELEVANCE2ORGQ="Irrelevant"><RelQSubject>Visas</RelQSubject><RelQBody>How long?</RelQBody></RelQuestion>'
        f"{comments}</Thread>"
    )
    (tmp_path / "train-part2.xml").write_text(
        f'<root><OrgQuestion ORGQ_ID="Q1"><OrgQSubject>Banks</OrgQSubject><OrgQBody>Which one?</OrgQBody>{thread}'
        "</OrgQuestion></root>"
    )
    found = {
        record.id.split(":")[1]: (
            record.article and record.article.title,
            dict(record.labels),
            dict(record.weak_labels),
        )
        for record in semeval_cqa.read(tmp_path)
    }
    assert found == {
        "2016-Q1_R2_C1": ("Visas", {"off_topic": 0}, {}),
        "2016x-Q1_R2_C1": ("Banks", {"off_topic": 1}, {}),
        "2016x-Q1_R2_C2": ("Banks", {"off_topic": 0}, {}),
        "2016-Q1_R2_C3": ("Visas", {}, {"off_topic": 1}),
    }


def test_sfu_ctc(tmp_path: Path) -> None:
    """The headline is the article, and a reply finds its parent by the counter."""
    row: dict[str, object] = {"article_id": 9, "title": "On watches", "is_constructive": "yes\nno"}
    table(
        tmp_path / "SFU_constructiveness_toxicity_corpus.csv",
        {**row, "comment_counter": "source1_9_0", "comment_text": "I like mine."},
        {**row, "comment_counter": "source1_9_0_1", "comment_text": "So do I."},
    )
    first, second = sfu_ctc.read(tmp_path)
    assert (first.parent, second.parent) == (None, "I like mine.")
    assert second.article == Article("On watches", None, "news")
    assert second.meta == {"constructive": "yes"}


def test_subjectivity(tmp_path: Path) -> None:
    """Plot or opinion, weak; the tokeniser's blanks go."""
    (tmp_path / "subj.objective").write_bytes("a caf\xe9 owner , ruined , leaves . \n".encode("latin-1"))
    (tmp_path / "subj.subjective").write_bytes(b"dull ( and long ) . \n")
    records = list(subjectivity.read(tmp_path))
    assert [(record.text, dict(record.weak_labels)) for record in records] == [
        ("a café owner, ruined, leaves.", {"plot": 1}),
        ("dull (and long).", {"plot": 0}),
    ]
    assert all(not record.labels and record.label_source is None for record in records)


def test_tvtropes(tmp_path: Path) -> None:
    """White space that would leak the label is squeezed; names of pages become words."""
    row: dict[str, object] = {"verb": True, "page": "LifeOnTheFarm", "trope": "TheAvengers.html"}
    table(
        tmp_path / "train.csv",
        {"sentence": "- Then  Bob  dies , sadly .", "spoiler": True, **row},
        {"sentence": "They keep sheep.", "spoiler": False, **row},
    )
    first, second = tvtropes.read(tmp_path)
    assert (first.text, first.labels) == ("Then Bob dies, sadly.", {"spoiler": 1})
    assert (second.work, second.kind, second.meta) == ("Life On The Farm", "tv", {"trope": "The Avengers"})


def test_ukp_roomfordebate(tmp_path: Path) -> None:
    """Title and question stand for the article; the year is the section."""
    table(
        tmp_path / ukp_roomfordebate.FILE,
        {
            "text": "Yes, for everyone.",
            "id": 12,
            "timestamp": "Thu Jun 26",
            "title": "Free Buses",
            "description": "Should they be?",
            "url": "http://www.nytimes.com/roomfordebate/2014/06/24/free-buses",
            "annotatedSarcastic": "false",
            "annotatedStance": "Buses should be free",
        },
        delimiter="\t",
    )
    (record,) = ukp_roomfordebate.read(tmp_path)
    assert record.id == "ukp_roomfordebate:12"
    assert record.article_id == "nyt-rfd:/roomfordebate/2014/06/24/free-buses"
    assert record.article == Article("Free Buses", "Should they be?", "news")
    assert record.meta["section"] == "2014"


def test_wiki_talk_cat(tmp_path: Path) -> None:
    """Replies with their parents; short parents, short replies and repeats are left out."""
    parent = "Shall we move the page?"
    rows: list[dict[str, object]] = [
        {"id": n, "text": text, "parent": above, "label": 0, "api": 0}
        for n, (text, above) in enumerate(
            [
                ("I would rather wait", parent),
                ("I would  rather wait", parent),
                ("Ok", parent),
                ("I do not know", "Why?"),
            ]
        )
    ]
    table(tmp_path / "gc.csv", *rows)
    table(tmp_path / "cat_small.csv", {"text": "Ask me@example.org first", "parent_text": parent})
    first, second = wiki_cat.read_pairs(tmp_path)
    assert (first.id, first.parent, first.labels) == ("wiki_talk_cat:large-0", parent, {"off_topic": 0})
    assert (second.text, second.article_id) == ("Ask <email> first", first.article_id)


def test_youtube_spam(tmp_path: Path) -> None:
    """Spam is off topic; tags, marks and repeats go; a known video has its title."""
    rows: list[dict[str, object]] = [
        {"COMMENT_ID": n, "CONTENT": text, "CLASS": spam}
        for n, (text, spam) in enumerate(
            [("Great beat<br />\ufeff", 0), ("See my  shop &gt;&gt;", 1), ("great beat", 0)]
        )
    ]
    table(tmp_path / "04-CevxZvSJLk8.csv", *rows)
    records = list(youtube_spam.read(tmp_path))
    assert [(record.text, dict(record.labels)) for record in records] == [
        ("Great beat", {"off_topic": 0}),
        ("See my shop >>", {"off_topic": 1}),
    ]
    assert records[0].article == Article("Katy Perry - Roar (Official)", None, "video")


def r_string(text: str) -> bytes:
    """A string as R saves it: flags for UTF-8, length, bytes."""
    return struct.pack(">ii", 9 | 1 << 15, len(text.encode())) + text.encode()


def r_strings(*texts: str) -> bytes:
    """A character vector."""
    return struct.pack(">ii", 16, len(texts)) + b"".join(map(r_string, texts))


def r_symbol(name: str) -> bytes:
    """A name that stands for the first time."""
    return struct.pack(">i", 1) + r_string(name)


def r_file(plot: str) -> bytes:
    """What R's ``save`` writes for a data frame ``movies`` of one row, version 3."""
    names = ("year", "title", "genre", "plot")
    columns = struct.pack(">iid", 14, 1, 1931.0) + r_strings("The Lamp") + r_strings("drama") + r_strings(plot)
    attributes = struct.pack(">i", 2 | 1 << 10) + r_symbol("names") + r_strings(*names) + struct.pack(">i", 254)
    frame = struct.pack(">ii", 19 | 1 << 8 | 1 << 9, len(names)) + columns + attributes
    header = b"RDX3\nX\n" + struct.pack(">iiii", 3, 0x40300, 0x30500, 5) + b"UTF-8"
    return header + struct.pack(">i", 2 | 1 << 10) + r_symbol("movies") + frame + struct.pack(">i", 254)


def test_wiki_film_plots(tmp_path: Path) -> None:
    """The first two sentences are the opening, the last three the ending; what lies between is left out."""
    plot = "Mrs. Hill finds a lamp. It glows. Days pass. Men come. They take it.[3] She wins it back. It breaks."
    (tmp_path / "movies.rda").write_bytes(gzip.compress(r_file(plot)))
    records = list(wiki_film_plots.read(tmp_path))
    assert [(record.text, record.weak_labels["spoiler"]) for record in records] == [
        ("Mrs. Hill finds a lamp.", 0),
        ("It glows.", 0),
        ("They take it.", 1),
        ("She wins it back.", 1),
        ("It breaks.", 1),
    ]
    assert records[-1].weak_labels["position"] == 1.0
    assert (records[0].work, records[0].meta) == ("The Lamp", {"genre": "drama", "year": 1931})
    (tmp_path / "movies.rda").write_bytes(r_file("Too short. Ends."))
    assert list(wiki_film_plots.read(tmp_path)) == []


@pytest.mark.parametrize(
    "content", [b"", b"RDA2\n", r_file("Cut. Off.")[:80], r_file("x").replace(b"movies", b"novels")]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    """Foreign, cut or differently named R data is refused by name."""
    (tmp_path / "movies.rda").write_bytes(content)
    with pytest.raises(NotRData):
        read_table(tmp_path / "movies.rda", "movies")
