"""Readers of the sets about profanity and toxicity, on rows written here in their publishers' forms."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from models.record import MarkedSpan, Record
from tests.test_training.test_sources_reading import table
from training.sources import (
    c3,
    civil_toxic_spans,
    convabuse,
    davidson2017,
    ethos,
    germeval2018,
    hatemoji_build,
    jigsaw,
    lexicon_en,
    paradetox,
    sbic_dev,
    stormfront,
    swad,
    told_br,
    ucc_val,
    wiki_cat,
)


def summary(records: list[Record]) -> list[tuple[str, str, dict[str, int | None]]]:
    """Id without the set's name, text and labels of each record."""
    return [(record.id.split(":", 1)[1], record.text, dict(record.labels)) for record in records]


def test_civil_toxic_spans(tmp_path: Path) -> None:
    """Half of the raters make a yes, nobody a no; a stretch is a span where half marked it."""
    table(tmp_path / "comments.csv", {"comment_id": 7, "comment_text": "You utter turnip, damn you. "})
    table(
        tmp_path / "annotations.csv",
        {"annotation": 1, "comment_id": 7, "worker": 1, "country": "X", "all toxic": False, "not toxic": False},
        {"annotation": 2, "comment_id": 7, "worker": 2, "country": "X", "all toxic": True, "not toxic": False},
        {"annotation": 3, "comment_id": 7, "worker": 3, "country": "X", "all toxic": False, "not toxic": True},
    )
    table(
        tmp_path / "spans.csv",
        {"annotation": 1, "type": "Insult", "start": 4, "end": 16},
        {"annotation": 2, "type": "Insult", "start": 10, "end": 16},
        {"annotation": 2, "type": "Profane/Obscene", "start": 18, "end": 22},
    )
    (record,) = civil_toxic_spans.read(tmp_path)
    assert record.text == "You utter turnip, damn you. "
    assert record.labels == {"toxicity": 1, "insult": 1, "identity_attack": 0, "threat": 0}
    assert record.spans == (MarkedSpan(10, 16, "insult"),)
    assert record.meta["profane_votes"] == 1


def test_convabuse(tmp_path: Path) -> None:
    """Ratings below zero are abuse; the bot's line is the parent; the file gives the split."""
    asked = {"agent": "How are you?", "conv_id": 1}
    harsh = {"Annotator1_is_abuse.-2": 1, "Annotator1_sexist": 1, "Annotator3_is_abuse.1": "1.0"}
    mild = {"Annotator1_is_abuse.1": 1, "Annotator2_is_abuse.1": 1, "Annotator2_sexist": 0}
    table(tmp_path / "ConvAbuseEMNLPtrain.csv", {"example_id": 1.0, **asked, "user": "Shut up, toaster", **harsh})
    table(tmp_path / "ConvAbuseEMNLPvalid.csv", {"example_id": 2.0, **asked, "user": "Fine", **mild})
    records = list(convabuse.read(tmp_path))
    assert summary(records) == [
        ("1.0", "Shut up, toaster", {"toxicity": 1, "identity_attack": 1}),
        ("2.0", "Fine", {"toxicity": 0, "identity_attack": 0}),
    ]
    assert [(record.parent, record.split) for record in records] == [("How are you?", "train"), ("How are you?", "dev")]


def test_davidson2017(tmp_path: Path) -> None:
    """The class decides; entities are read as characters."""
    votes = {"count": 3, "hate_speech": 0, "offensive_language": 1, "neither": 2}
    table(
        tmp_path / "labeled_data.csv",
        {"": 0, **votes, "class": 2, "tweet": "salt &amp; pepper"},
        {"": 4, **votes, "class": 1, "tweet": "you muppet"},
        {"": 9, **votes, "class": 0, "tweet": "away with them"},
    )
    assert summary(list(davidson2017.read(tmp_path))) == [
        ("0", "salt & pepper", {"toxicity": 0, "identity_attack": 0}),
        ("4", "you muppet", {"toxicity": 1, "identity_attack": 0}),
        ("9", "away with them", {"toxicity": 1, "identity_attack": 1}),
    ]


def test_ethos(tmp_path: Path) -> None:
    """At least half is hate; less says nothing about toxicity."""
    table(
        tmp_path / "Ethos_Dataset_Binary.csv",
        {"comment": "We hate them; all", "isHate": "0.5"},
        {"comment": "Nice song", "isHate": "0.333333"},
        delimiter=";",
    )
    assert summary(list(ethos.read(tmp_path))) == [
        ("0", "We hate them; all", {"toxicity": 1, "identity_attack": 1}),
        ("1", "Nice song", {"identity_attack": 0}),
    ]


def test_germeval2018(tmp_path: Path) -> None:
    """Line-end marks become line ends; an insult says nothing about profanity."""
    lines = ["Guten Tag |LBR| allerseits\tOTHER\tOTHER", "Ihr Hornochsen!\tOFFENSE\tINSULT"]
    (tmp_path / "germeval2018.training.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    first, second = germeval2018.read(tmp_path)
    assert (first.text, first.lang, first.labels["profanity"]) == ("Guten Tag \n allerseits", "de", 0)
    assert second.labels == {"toxicity": 1, "insult": 1, "identity_attack": 0}


def test_hatemoji_build(tmp_path: Path) -> None:
    """Hateful sentences are toxic, the others are only no attack."""
    table(tmp_path / "train.csv", {"entry_id": 3, "text": "Off with the 🦊", "type": "threat", "label_gold": 1})
    table(tmp_path / "validation.csv", {"entry_id": 5, "text": "I like 🦊", "type": "none", "label_gold": 0})
    records = list(hatemoji_build.read(tmp_path))
    assert summary(records) == [
        ("3", "Off with the 🦊", {"toxicity": 1, "identity_attack": 1}),
        ("5", "I like 🦊", {"identity_attack": 0}),
    ]
    assert [record.split for record in records] == ["train", "dev"]


def test_jigsaw(tmp_path: Path) -> None:
    """Obscene is profanity, and any of the six is toxic; the balanced set has no heading line."""
    none = dict.fromkeys(jigsaw.SIX, 0)
    table(
        tmp_path / "toxic_comments.csv",
        {"comment_text": "Damn\nthis", **none, "obscene": 1},
        {"comment_text": "Ok", **none},
    )
    first, second = jigsaw.read_multilabel(tmp_path)
    assert (first.labels["profanity"], first.labels["toxicity"], first.labels["insult"]) == (1, 1, 0)
    assert set(second.labels.values()) == {0}
    (tmp_path / "test.csv").write_text('"Hello, all",0\nYou fool,1\n')
    assert summary(list(jigsaw.read_balanced(tmp_path))) == [
        ("0", "Hello, all", {"toxicity": 0}),
        ("1", "You fool", {"toxicity": 1}),
    ]


def test_paradetox(tmp_path: Path) -> None:
    """The toxic side is toxic, rewrites are not, repeats and empty cells are left out."""
    rewrites = {"neutral1": "he was mistaken", "neutral2": "He was mistaken", "neutral3": ""}
    table(tmp_path / "paradetox.tsv", {"toxic": "he is a fool", **rewrites}, delimiter="\t")
    assert summary(list(paradetox.read_pairs(tmp_path))) == [
        ("0t", "he is a fool", {"toxicity": 1}),
        ("0n1", "he was mistaken", {"toxicity": 0}),
    ]


def test_paradetox_cannot_rewrite(tmp_path: Path) -> None:
    """Toxic where the reason is the content; sentences of nothing are left out."""
    rows: list[dict[str, object]] = [
        {"": number, "INPUT:toxic_comment": text, "OUTPUT:reasons": json.dumps(reasons)}
        for number, text, reasons in [
            (0, '"away with you"', {"toxic_content": True}),
            (1, '"what a day"', {"not_toxic": True, "toxic_content": False}),
            (2, '" "', {"unclear": True}),
        ]
    ]
    table(tmp_path / "paradetox_cannot_rewrite.tsv", *rows, delimiter="\t")
    records = list(paradetox.read_cannot_rewrite(tmp_path))
    assert summary(records) == [("0", "away with you", {"toxicity": 1}), ("1", "what a day", {})]
    assert records[1].label_source is None


@pytest.mark.parametrize(
    ("offensive", "who", "target", "labels"),
    [
        ("0.5", "1.0", '["bakers"]', {"toxicity": 1, "identity_attack": 1}),
        ("0.0", "0.0", "[]", {"toxicity": 0, "identity_attack": 0}),
        ("0.33", "", "[]", {}),
    ],
)
def test_sbic(tmp_path: Path, offensive: str, who: str, target: str, labels: dict[str, int]) -> None:
    """Half is offensive, under a fifth is not; an attack needs a named group."""
    row = {"post": "Bakers!", "targetMinority": target, "whoTarget": who, "sexYN": "", "dataSource": "r/bread"}
    table(tmp_path / "SBIC.v2.agg.dev.csv", {"": 5, **row, "offensiveYN": offensive})
    assert summary(list(sbic_dev.read(tmp_path))) == [("0", "Bakers!", labels)]


def test_stormfront(tmp_path: Path) -> None:
    """The archive and the publisher's folders give the same records."""
    metadata = "file_id,user_id,subforum_id,num_contexts,label\n11_1,1,1,0,noHate\n11_2,1,1,0,hate\n"
    files = {
        "annotations_metadata.csv": metadata,
        "sampled_train/11_1.txt": "Read this .",
        "sampled_train/11_2.txt": "Them !",
    }
    with tarfile.open(tmp_path / stormfront.ARCHIVE, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    packed = list(stormfront.read(tmp_path))
    (tmp_path / stormfront.ARCHIVE).unlink()
    (tmp_path / "sampled_train").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert list(stormfront.read(tmp_path)) == packed
    assert summary(packed) == [
        ("11_1", "Read this .", {"identity_attack": 0}),
        ("11_2", "Them !", {"toxicity": 1, "identity_attack": 1}),
    ]


def test_swad(tmp_path: Path) -> None:
    """The marked word becomes the span, the tags leave the text."""
    lines = ['1\t@USER what a <b>bloody</b> mess &amp; all"\tNo', "2\tnothing marked\tYes"]
    (tmp_path / "SWAD v2.tsv").write_text("\n".join(lines) + "\n")
    first, second = swad.read(tmp_path)
    assert first.text == "@USER what a bloody mess & all"
    assert [first.text[span.start : span.end] for span in first.spans] == ["bloody"]
    assert first.labels == {"profanity": 1}
    assert (second.labels, second.spans) == ({"toxicity": 1}, ())


def test_told_br(tmp_path: Path) -> None:
    """Two of three ticks are a yes, one is no answer."""
    none = dict.fromkeys(told_br.CLASSES, "0.0")
    table(tmp_path / "ToLD-BR.csv", {"text": "Droga!", **none, "obscene": "2.0", "insult": "1.0"})
    (record,) = told_br.read(tmp_path)
    assert record.lang == "pt"
    assert record.labels == {"profanity": 1, "toxicity": 1, "identity_attack": 0}


def test_ucc_val(tmp_path: Path) -> None:
    """Antagonistic is insult."""
    row = dict.fromkeys(ucc_val.ATTRIBUTES, 0) | {"antagonize": 1, "generalisation_unfair": "0.0"}
    table(tmp_path / "val.csv", {"_unit_id": 12, "comment": "Did you even read it?", **row})
    assert summary(list(ucc_val.read(tmp_path))) == [("12", "Did you even read it?", {"insult": 1})]


def test_wiki_context_toxicity(tmp_path: Path) -> None:
    """Three files, one verdict; no parent where none was shown."""
    row = {"id": "1.2", "text": " Fine by me ", "label": 0, "api": "0.1"}
    table(tmp_path / "gc.csv", {**row, "parent": "Shall we merge?"})
    table(tmp_path / "gn.csv", {**row, "label": 1, "parent": ""})
    small = {"text": "No.", "parent_text": "Yes?", "label_oc": 0, "label_ic": 1}
    table(tmp_path / "cat_small.csv", small)
    records = list(wiki_cat.read_toxicity(tmp_path))
    assert summary(records) == [
        ("gc1.2", "Fine by me", {"toxicity": 0}),
        ("gn1.2", "Fine by me", {"toxicity": 1}),
        ("small0", "No.", {"toxicity": 0}),
    ]
    assert [record.parent for record in records] == ["Shall we merge?", None, "Yes?"]


def test_c3(tmp_path: Path) -> None:
    """Levels and ticks become labels; what lies between is no answer; off-topic votes are weak only."""
    row = {"article_id": 55, "comment_text": "You clown", "constructive": "0.2", "njudgements_toxicity_expt": 4}
    votes = {"toxicity_characteristics": "personal_attack:2\nno_toxic:1", "crowd_toxicity_level": "2.5"}
    calm = {"toxicity_characteristics": "no_toxic:4", "crowd_toxicity_level": "1.0"}
    table(
        tmp_path / c3.FILE,
        {**row, **votes, "non_constructive_characteristics": "non_relevant:2"},
        {**row, **calm, "non_constructive_characteristics": "non_relevant:1"},
    )
    toxicity = list(c3.read_toxicity(tmp_path))
    assert [dict(record.labels) for record in toxicity] == [{"toxicity": 1, "insult": 1}, {"toxicity": 0, "insult": 0}]
    constructive = list(c3.read_constructive(tmp_path))
    assert [dict(record.weak_labels) for record in constructive] == [{"spoiler": 0, "off_topic": 1}, {"spoiler": 0}]
    assert constructive[0].article_id == "globeandmail:55"
    assert not constructive[0].labels


def test_lexicon_en(tmp_path: Path) -> None:
    """Terms of the lists are merged; only what Surge rates is gold."""
    surge: dict[str, object] = {
        "text": "Zounds",
        "category_1": "old",
        "category_2": "",
        "category_3": "",
        "severity_rating": "1.4",
    }
    table(tmp_path / lexicon_en.SURGE, surge)
    for name, content in (
        (lexicon_en.DSOJEVIC, [{"id": "z", "match": "zounds|gad zooks", "tags": ["religious"], "severity": 1}]),
        (lexicon_en.LDNOOBW, ["gad_zooks"]),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content))
    records = list(lexicon_en.read(tmp_path))
    assert summary(records) == [("gad_zooks", "gad zooks", {}), ("zounds", "zounds", {"profanity": 1})]
    assert records[0].meta["lists"] == ["dsojevic", "ldnoobw"]
    assert records[1].meta["categories"] == ["old", "religious"]
