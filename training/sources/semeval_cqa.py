"""SemEval 2015 and 2016, task 3: comments in the Qatar Living forum, judged against a question by people.

2015: Good and Potential are on topic, Bad is off topic, Dialogue and the rest are no answer. 2016, under their own
question: Good and PotentiallyUseful on topic; Bad also means chat, so it is weak only. 2016 against another question
that a search engine found similar: off topic where the thread is Irrelevant and the comment Bad, on topic where Good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from models.comment import Article
from models.record import Record
from training.sources.reading import labelled, squeezed
from training.sources.source import Source, matching

ANSWERS_2015: Mapping[str, int] = {"Good": 0, "Potential": 0, "Bad": 1}
ANSWERS_2016: Mapping[str, int] = {"Good": 0, "PotentiallyUseful": 0}


def read(folder: Path) -> Iterator[Record]:
    """All XML files of the folder, in the order of their names; a comment that stands in two is read once."""
    seen: set[str] = set()
    for path in matching(folder, "*.xml"):
        for record in _file(ElementTree.parse(path).getroot()):
            if record.text and record.id not in seen:
                seen.add(record.id)
                yield record


def _file(root: ElementTree.Element) -> Iterator[Record]:
    for question in root.iter("Question"):
        yield from _of_2015(question)
    for question in root.iter("OrgQuestion"):
        for thread in question.iter("Thread"):
            yield from _of_2016(question, thread)


def _of_2015(question: ElementTree.Element) -> Iterator[Record]:
    article = Article(_text(question, "QSubject"), _text(question, "QBody"))
    for comment in question.iter("Comment"):
        gold = comment.attrib["CGOLD"]
        labels = {"off_topic": ANSWERS_2015.get(gold)}
        meta = {"gold": gold, "category": question.attrib["QCATEGORY"], "set": "2015"}
        text = _text(comment, "CBody") or ""
        yield _record(f"2015-{comment.attrib['CID']}", text, labels, question.attrib["QID"], article, meta=meta)


def _of_2016(question: ElementTree.Element, thread: ElementTree.Element) -> Iterator[Record]:
    asked = Article(_text(question, "OrgQSubject"), _text(question, "OrgQBody"))
    own = next(thread.iter("RelQuestion"))
    own_article = Article(_text(own, "RelQSubject"), _text(own, "RelQBody"))
    relevance = own.attrib["RELQ_RELEVANCE2ORGQ"]
    for comment in thread.iter("RelComment"):
        key, text = comment.attrib["RELC_ID"], _text(comment, "RelCText") or ""
        gold = comment.attrib["RELC_RELEVANCE2RELQ"]
        if gold != "N/A":
            meta = {"gold": gold, "category": own.attrib["RELQ_CATEGORY"], "set": "2016-own-thread"}
            labels = {"off_topic": ANSWERS_2016.get(gold)}
            weak = {"off_topic": 1} if gold == "Bad" else {}
            yield _record(f"2016-{key}", text, labels, own.attrib["RELQ_ID"], own_article, meta=meta, weak_labels=weak)
        judged = comment.attrib["RELC_RELEVANCE2ORGQ"]
        if judged == "Good" or (judged == "Bad" and relevance == "Irrelevant"):
            across = {"gold": judged, "thread_relevance": relevance, "set": "2016-cross-thread"}
            answer = {"off_topic": int(judged == "Bad")}
            yield _record(f"2016x-{key}", text, answer, question.attrib["ORGQ_ID"], asked, meta=across)


def _record(
    key: str, text: str, labels: Mapping[str, int | None], question: str, article: Article, **rest: Any
) -> Record:
    where = f"qatarliving:{question}"
    return labelled("semeval_cqa", key, text, labels, article_id=where, article=article, kind="forum", **rest)


def _text(parent: ElementTree.Element, tag: str) -> str | None:
    return squeezed(parent.findtext(tag) or "") or None


SOURCE = Source(
    name="semeval_cqa",
    url="https://alt.qcri.org/semeval2016/task3/index.php?id=data-and-tools, https://alt.qcri.org/semeval2015/task3",
    licence="Free for general research use",
    permissive=False,
    citation="P. Nakov et al. SemEval-2015 Task 3: Answer Selection in Community Question Answering; P. Nakov et al. "
    "SemEval-2016 Task 3: Community Question Answering.",
    files=("*.xml",),
    notes="Off-topic judged by people, also against close but wrong questions.",
    read=read,
)
