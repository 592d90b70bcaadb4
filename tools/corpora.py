"""Proof that the bundled corpora are what data/README.md says: `python -m tools.corpora`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from helpers import data, encoder
from helpers.metrics import spans
from labs.own_data.duplicates import near_pairs, words

SIZES = {
    "reviews": {"train": 480, "validation": 120, "test": 240, "unlabelled": 600},
    "news": {"train": 320, "validation": 100, "test": 100},
    "passages": {"train": 320, "validation": 100},  # questions
    "general": {"general": 120},
}
LEAST_PASSAGES, LEAST_LONG_PASSAGES, LONG_PASSAGE = 40, 12, 384  # tokens
UNANSWERABLE = (0.2, 0.3)
LONG_REVIEW, VERY_LONG_REVIEW = 80, 200  # words
NEAR_DUPLICATE = 0.3  # share of the shorter text's shingles

# The parts of speech of which every chunk of a type holds at least one.
HEADS = {
    "NP": "NN NNS NNP NNPS PRP CD DT JJ JJR JJS EX WP WDT FW $ SYM POS",
    "VP": "VB VBD VBG VBN VBP VBZ MD TO",
    "PP": "IN TO VBG VBN RB JJ CC",
    "SBAR": "IN RB WRB DT WDT",
    "PRT": "RP RB IN",
    "ADVP": "RB RBR RBS WRB IN RP JJ JJR",
    "ADJP": "JJ JJR JJS VBN VBG RB CD $",
}


def rows(folder: Path, split: str) -> list[dict]:
    """Return the rows of one bundled file as they are stored, label names not yet ids."""
    lines = (folder / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def near_duplicates(splits: dict[str, list[str]]) -> Iterator[str]:
    """Name pairs of texts, of one split or two, that share more than NEAR_DUPLICATE of their shingles."""
    for pair in near_pairs(splits, NEAR_DUPLICATE):
        (split, number), (other, place) = pair.second, pair.first
        yield (
            f"{split}:{number} and {other}:{place} share {pair.shared} of {pair.shingles} shingles: "
            f"{splits[split][number - 1][:60]!r}"
        )


def repeated_ids(corpus: str, ids: Iterable[str]) -> Iterator[str]:
    """Name every id that occurs more than once."""
    for name, count in Counter(ids).items():
        if count > 1:
            yield f"{corpus}: id {name!r} occurs {count} times"


def giveaways(labelled: list[dict], least: float = 0.04, share: float = 0.95) -> list[str]:
    """Return words that stand in at least `least` of the rows and in one label's rows almost alone.

    A word in fewer than ten rows is left alone: among thousands of words, chance does that.
    """
    counts = {"neg": Counter(), "pos": Counter()}
    for row in labelled:
        counts[row["label"]].update(set(words(row["text"])))
    total = counts["neg"] + counts["pos"]
    return [
        word
        for word, count in total.items()
        if count >= max(10, least * len(labelled))
        and max(c[word] for c in counts.values()) >= share * count
    ]


def check_reviews(folder: Path) -> Iterator[str]:
    """Name what is wrong with the reviews: balance, lengths, give-away words, doubles."""
    splits = {split: rows(folder, split) for split in SIZES["reviews"]}
    for split in ("train", "validation", "test"):
        part = splits[split]
        positive = sum(row["label"] == "pos" for row in part) / len(part)
        if abs(positive - 0.5) > 0.02:
            yield f"reviews/{split}: {positive:.1%} are pos, not 50 % within 2 %"
        sizes = [len(row["text"].split()) for row in part]
        long = sum(size > LONG_REVIEW for size in sizes) / len(part)
        if long < 0.2:
            yield f"reviews/{split}: {long:.1%} are longer than {LONG_REVIEW} words, fewer than a fifth"
        if not any(size > VERY_LONG_REVIEW for size in sizes):
            yield f"reviews/{split}: none is longer than {VERY_LONG_REVIEW} words"
        if found := giveaways(part):
            yield f"reviews/{split}: one word gives the label away: {', '.join(found)}"
    yield from near_duplicates({s: [row["text"] for row in part] for s, part in splits.items()})


def check_news(folder: Path) -> Iterator[str]:
    """Name what is wrong with the news: IOB2, chunk heads, ids, names seen in training, doubles."""
    splits = {split: rows(folder, split) for split in SIZES["news"]}
    names: dict[str, set] = {}
    for split, part in splits.items():
        names[split] = set()
        for number, row in enumerate(part, start=1):
            where = f"news/{split}, line {number}"
            try:
                chunks, entities = spans(row["chunk_tags"]), spans(row["ner_tags"])
            except ValueError as error:
                yield f"{where}: {error}"
                continue
            for kind, start, end in chunks:
                if kind in HEADS and not set(HEADS[kind].split()) & set(row["pos_tags"][start:end]):
                    yield f"{where}: {kind} without a head: {row['tokens'][start:end]}"
            names[split] |= {" ".join(row["tokens"][start:end]) for _, start, end in entities}
    for split in ("validation", "test"):
        unseen = len(names[split] - names["train"]) / len(names[split])
        if unseen < 0.5:
            yield f"news/{split}: {unseen:.0%} of the names are unseen in train, fewer than half"
    yield from repeated_ids("news", (row["id"] for part in splits.values() for row in part))
    yield from near_duplicates(
        {s: [" ".join(r["tokens"]) for r in part] for s, part in splits.items()}
    )


def check_passages(folder: Path) -> Iterator[str]:
    """Name what is wrong with the passages: offsets, ids, shares, lengths, doubles."""
    from transformers import AutoTokenizer

    splits = {split: rows(folder, split) for split in SIZES["passages"]}
    passages = [passage for part in splits.values() for passage in part]
    for split, part in splits.items():
        for number, passage in enumerate(part, start=1):
            for question in passage["qas"]:
                yield from _misplaced(
                    question, passage["context"], f"passages/{split}, line {number}"
                )
        answers = [question["answers"]["text"] for passage in part for question in passage["qas"]]
        share = sum(not texts for texts in answers) / len(answers)
        if not UNANSWERABLE[0] <= share <= UNANSWERABLE[1]:
            yield f"passages/{split}: {share:.0%} of the questions are unanswerable, not about a quarter"
    questions = (question for passage in passages for question in passage["qas"])
    yield from repeated_ids("passages", (question["id"] for question in questions))
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder(), model_max_length=100_000)
    sizes = [len(tokenizer(passage["context"])["input_ids"]) for passage in passages]
    if len(passages) < LEAST_PASSAGES:
        yield f"passages: {len(passages)}, fewer than {LEAST_PASSAGES}"
    if (long := sum(size > LONG_PASSAGE for size in sizes)) < LEAST_LONG_PASSAGES:
        yield f"passages: {long} have more than {LONG_PASSAGE} tokens, fewer than {LEAST_LONG_PASSAGES}"
    for key in ("context", "question"):
        texts = {s: [row[key] for row in _flat(part, key)] for s, part in splits.items()}
        yield from (f"passages, {key}: {found}" for found in near_duplicates(texts))


def _flat(part: list[dict], key: str) -> list[dict]:
    return part if key == "context" else [question for row in part for question in row["qas"]]


def _misplaced(question: dict, context: str, where: str) -> Iterator[str]:
    answers = question["answers"]
    for text, start in zip(answers["text"], answers["answer_start"], strict=True):
        if context[start : start + len(text)] != text:
            found = context[start : start + len(text)]
            yield f"{where}, {question['id']}: at {start} stands {found!r}, not {text!r}"


def check_general(folder: Path) -> Iterator[str]:
    """Name what is wrong with the general prose: talk of films, doubles."""
    texts = [row["text"] for row in rows(folder, "general")]
    for number, text in enumerate(texts, start=1):
        if found := {"film", "films", "movie", "movies", "cinema"} & set(words(text)):
            yield f"general, line {number}: speaks of {', '.join(sorted(found))}"
    yield from near_duplicates({"general": texts})


CHECKS = {
    "reviews": check_reviews,
    "news": check_news,
    "passages": check_passages,
    "general": check_general,
}


def folder_of(corpus: str, root: Path = data.DATA) -> Path:
    """Return the folder of a corpus; the general prose is a single file in `data/` itself."""
    return root if corpus == "general" else root / corpus


def size(corpus: str, split: str, root: Path = data.DATA) -> int:
    """Return the number of rows of a bundled file; of questions, for passages."""
    stored = rows(folder_of(corpus, root), split)
    return sum(len(row["qas"]) for row in stored) if corpus == "passages" else len(stored)


def check(root: Path = data.DATA) -> list[str]:
    """Return a sentence for everything wrong with the corpora below `root`; none is what we want.

    Raises:
        ValueError: a line breaks the schema (`helpers.data.read_jsonl` names file and line).
    """
    problems = []
    for source in data.SOURCES.values():
        if source.bundle:
            data.read_bundle(source, root)
    for corpus, sizes in SIZES.items():
        for split, least in sizes.items():
            if (found := size(corpus, split, root)) < least:
                problems.append(f"{corpus}/{split}: {found} rows, fewer than {least}")
        problems += CHECKS[corpus](folder_of(corpus, root))
    return problems


def counts(root: Path = data.DATA) -> dict[str, dict[str, int]]:
    """Return corpus to split to number of rows."""
    return {
        corpus: {split: size(corpus, split, root) for split in sizes}
        for corpus, sizes in SIZES.items()
    }


def main() -> int:
    """Print the counts and what is wrong; return 1 when a corpus is not what it should be."""
    for corpus, sizes in counts().items():
        print(f"{corpus}: {', '.join(f'{split} {count:,}' for split, count in sizes.items())}")
    problems = check()
    print("\n".join(problems) or "Every check passed.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
