"""Are the bundled corpora what data/README.md says?"""

import json
from collections import Counter

from seqeval.metrics.sequence_labeling import get_entities

from helpers import data, encoder
from labs.own_data.duplicates import near_pairs, words
from labs.own_data.tagging import lost

# The least rows of each split; of passages, the least questions.
SIZES = {
    "reviews": {"train": 480, "validation": 120, "test": 240, "unlabeled": 600},
    "news": {"train": 320, "validation": 100, "test": 100},
    "passages": {"train": 320, "validation": 100},
    "general": {"general": 120},
}
LEAST_PASSAGES, LEAST_LONG_PASSAGES, LONG_PASSAGE = 40, 12, 384  # tokens
UNANSWERABLE = (0.2, 0.3)
LONG_REVIEW, VERY_LONG_REVIEW = 80, 200  # words
NEAR_DUPLICATE = 0.3  # share of the shorter text's shingles
FILMS = {"film", "films", "movie", "movies", "cinema"}

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


def rows(folder, split):
    """Return the rows of one file as they are stored, label names not yet ids."""
    lines = (folder / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def read(root=data.DATA):
    """Return corpus -> split -> rows; the general prose is a single file in `data/` itself."""
    folders = {corpus: root if corpus == "general" else root / corpus for corpus in SIZES}
    return {
        corpus: {split: rows(folders[corpus], split) for split in sizes}
        for corpus, sizes in SIZES.items()
    }


def near_duplicates(splits):
    """Name pairs of texts, of one split or two, that share more than NEAR_DUPLICATE of their shingles."""
    for pair in near_pairs(splits, NEAR_DUPLICATE):
        (split, number), (other, place) = pair.second, pair.first
        shared = f"share {pair.shared} of {pair.shingles} shingles"
        text = splits[split][number - 1][:60]
        yield f"{split}:{number} and {other}:{place} {shared}: {text!r}"


def repeated_ids(ids):
    """Name every id that occurs more than once."""
    for name, count in Counter(ids).items():
        if count > 1:
            yield f"id {name!r} occurs {count} times"


def giveaways(labeled, least=0.04, share=0.95):
    """Return words that stand in at least `least` of the rows and in one label's rows almost alone.

    A word in fewer than ten rows is left alone: among thousands of words, chance does that.
    """
    counts = {"neg": Counter(), "pos": Counter()}
    for row in labeled:
        counts[row["label"]].update(set(words(row["text"])))
    total, enough = counts["neg"] + counts["pos"], max(10, least * len(labeled))
    return [
        word
        for word, count in total.items()
        if count >= enough and max(c[word] for c in counts.values()) >= share * count
    ]


def check_reviews(splits):
    """Name what is wrong with the reviews: balance, lengths, give-away words, doubles."""
    for split in ("train", "validation", "test"):
        part = splits[split]
        positive = sum(row["label"] == "pos" for row in part) / len(part)
        if abs(positive - 0.5) > 0.02:
            yield f"{split}: {positive:.1%} are pos, not 50 % within 2 %"
        sizes = [len(row["text"].split()) for row in part]
        long = sum(size > LONG_REVIEW for size in sizes) / len(part)
        if long < 0.2:
            yield f"{split}: {long:.1%} are longer than {LONG_REVIEW} words, fewer than a fifth"
        if max(sizes) <= VERY_LONG_REVIEW:
            yield f"{split}: none is longer than {VERY_LONG_REVIEW} words"
        if found := giveaways(part):
            yield f"{split}: one word gives the label away: {', '.join(found)}"
    yield from near_duplicates({s: [row["text"] for row in part] for s, part in splits.items()})


def check_news(splits):
    """Name what is wrong with the news: IOB2, chunk heads, ids, names seen in training, doubles."""
    names = {split: set() for split in splits}
    for split, number, row in _numbered(splits):
        if odd := lost(row["chunk_tags"]) or lost(row["ner_tags"]):
            yield f"{split}, line {number}: {odd}"
            continue
        for kind, first, last in get_entities(row["chunk_tags"]):
            if kind in HEADS and not set(HEADS[kind].split()) & set(
                row["pos_tags"][first : last + 1]
            ):
                chunk = row["tokens"][first : last + 1]
                yield f"{split}, line {number}: {kind} without a head: {chunk}"
        entities = get_entities(row["ner_tags"])
        names[split] |= {" ".join(row["tokens"][first : last + 1]) for _, first, last in entities}
    for split in ("validation", "test"):
        unseen = len(names[split] - names["train"]) / len(names[split])
        if unseen < 0.5:
            yield f"{split}: {unseen:.0%} of the names are unseen in train, fewer than half"
    yield from repeated_ids(row["id"] for _, _, row in _numbered(splits))
    texts = {s: [" ".join(row["tokens"]) for row in part] for s, part in splits.items()}
    yield from near_duplicates(texts)


def check_passages(splits):
    """Name what is wrong with the passages: offsets, ids, shares, lengths, doubles."""
    from transformers import AutoTokenizer

    questions = {split: [q for row in part for q in row["qas"]] for split, part in splits.items()}
    for split, number, row in _numbered(splits):
        for question in row["qas"]:
            answers = question["answers"]
            for text, start in zip(answers["text"], answers["answer_start"], strict=True):
                if (found := row["context"][start : start + len(text)]) != text:
                    place = f"{split}, line {number}, {question['id']}: at {start}"
                    yield f"{place} stands {found!r}, not {text!r}"
    for split, asked in questions.items():
        share = sum(not question["answers"]["text"] for question in asked) / len(asked)
        if not UNANSWERABLE[0] <= share <= UNANSWERABLE[1]:
            yield f"{split}: {share:.0%} of the questions are unanswerable, not about a quarter"
    yield from repeated_ids(question["id"] for asked in questions.values() for question in asked)
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder(), model_max_length=100_000)
    contexts = {split: [row["context"] for row in part] for split, part in splits.items()}
    sizes = [len(ids) for part in contexts.values() for ids in tokenizer(part)["input_ids"]]
    if len(sizes) < LEAST_PASSAGES:
        yield f"{len(sizes)} passages, fewer than {LEAST_PASSAGES}"
    if (long := sum(size > LONG_PASSAGE for size in sizes)) < LEAST_LONG_PASSAGES:
        yield f"{long} have more than {LONG_PASSAGE} tokens, fewer than {LEAST_LONG_PASSAGES}"
    yield from near_duplicates(contexts)
    yield from near_duplicates({s: [q["question"] for q in part] for s, part in questions.items()})


def check_general(splits):
    """Name what is wrong with the general prose: talk of films, doubles."""
    texts = [row["text"] for row in splits["general"]]
    for number, text in enumerate(texts, start=1):
        if found := FILMS & set(words(text)):
            yield f"line {number}: speaks of {', '.join(sorted(found))}"
    yield from near_duplicates({"general": texts})


def _numbered(splits):
    for split, part in splits.items():
        for number, row in enumerate(part, start=1):
            yield split, number, row


CHECKS = {
    "reviews": check_reviews,
    "news": check_news,
    "passages": check_passages,
    "general": check_general,
}


def check(root=data.DATA):
    """Return a sentence for everything wrong with the corpora below `root`; none is what we want.

    Raises:
        ValueError: a line breaks the schema (`helpers.data.read_jsonl` names file and line).
    """
    for source in data.SOURCES.values():
        if source.bundle:
            data.read_bundle(source, root)
    problems = []
    for corpus, splits in read(root).items():
        for split, part in splits.items():
            found, least = sum(len(row.get("qas", "1")) for row in part), SIZES[corpus][split]
            if found < least:
                problems.append(f"{corpus}, {split}: {found} rows, fewer than {least}")
        problems += [f"{corpus}, {problem}" for problem in CHECKS[corpus](splits)]
    return problems
