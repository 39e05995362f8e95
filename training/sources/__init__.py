"""Public data sets: one reader each, from the publisher's own files to labelled comments."""

from __future__ import annotations

from training.sources import (
    c3,
    civil_toxic_spans,
    convabuse,
    davidson2017,
    ethos,
    fox_news_comments,
    germeval2018,
    hatemoji_build,
    jigsaw,
    lexicon_en,
    newsgroups20,
    paradetox,
    polis,
    sbic_dev,
    semeval_cqa,
    sfu_ctc,
    stormfront,
    subjectivity,
    swad,
    told_br,
    tvtropes,
    ucc_val,
    ukp_roomfordebate,
    wiki_cat,
    wiki_film_plots,
    youtube_spam,
)
from training.sources.source import Source, SourceFilesMissing

__all__ = ["SOURCES", "Source", "SourceFilesMissing"]

#: Every public set there is a reader for. A new set is a module and one entry here.
SOURCES: tuple[Source, ...] = (
    civil_toxic_spans.SOURCE,
    c3.TOXICITY,
    ucc_val.SOURCE,
    wiki_cat.TOXICITY,
    jigsaw.MULTILABEL,
    jigsaw.BALANCED,
    paradetox.PAIRS,
    paradetox.CANNOT_REWRITE,
    davidson2017.SOURCE,
    swad.SOURCE,
    convabuse.SOURCE,
    sbic_dev.SOURCE,
    hatemoji_build.SOURCE,
    ethos.SOURCE,
    stormfront.SOURCE,
    germeval2018.SOURCE,
    told_br.SOURCE,
    lexicon_en.SOURCE,
    tvtropes.SOURCE,
    wiki_film_plots.SOURCE,
    subjectivity.SOURCE,
    ukp_roomfordebate.SOURCE,
    sfu_ctc.SOURCE,
    fox_news_comments.SOURCE,
    polis.SOURCE,
    semeval_cqa.SOURCE,
    newsgroups20.SOURCE,
    wiki_cat.PAIRS,
    youtube_spam.SOURCE,
    c3.CONSTRUCTIVE,
)
