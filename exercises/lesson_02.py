"""Lesson 02's exercises."""

import random

from exercises.table import exercise
from helpers import IGNORE_INDEX
from helpers.ner import align_labels

NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]


def some_tokens(rng: random.Random) -> tuple[list[int], list[int | None]]:
    """Return labels of some words and the word ids of their sub-tokens between two specials."""
    labels = [rng.randrange(len(NAMES)) for _ in range(rng.randrange(1, 9))]
    words = [word for word in range(len(labels)) for _ in range(rng.choice([1, 1, 2, 3]))]
    return labels, [None, *words, None]


def rows_of_columns(rng):
    from datasets import ClassLabel, Features, List, Value

    tags = {"pos_tags": ["DT", "NN", "VBD"], "chunk_tags": ["O", "B-NP", "I-NP", "B-VP"]}
    labels = {column: List(ClassLabel(names=names)) for column, names in tags.items()}
    features = Features({"tokens": List(Value("string"))} | labels)
    cases = [({"tokens": ["the", "the"], "pos_tags": [0, 0], "chunk_tags": [1, 1]}, features)]
    for count in rng.choices(range(1, 8), k=20):
        row = {
            "tokens": rng.choices(["the", "river", "rose", "court", "fell"], k=count),
            "pos_tags": rng.choices(range(3), k=count),
            "chunk_tags": rng.choices(range(4), k=count),
        }
        cases.append((row, features))
    return cases


@exercise(rows_of_columns)
def read_columns(row, features):
    """
    it gives ids. Look the names up: `features[column].feature.names[id]`.
        pos[p], chunks[c] → p, c
    POS and chunk are swapped: (word, POS, chunk).
        pos[p], chunks[c] → chunks[c], pos[p]
    it leaves out the POS names.
        pos[p], chunks[c] → chunks[c]
    it leaves out the chunk names.
        pos[p], chunks[c] → pos[p]
    the chunk ids are looked up among the POS names. Each column has names of its own.
        chunks[c] → pos[c]
    the POS ids are looked up among the chunk names. Each column has names of its own.
        pos[p] → chunks[p]
    where a word occurs twice, the later one gets the tags of the first. Use `zip`, not `index`.
        = [right(row, features)[row["tokens"].index(word)] for word in row["tokens"]]
    it stops after the first word. Is `return` inside the loop?
        = right(row, features)[:1]
        = right(row, features)[0]
    it gives three long lists. Return a tuple for each word: `zip` goes through the columns together.
        = list(zip(*right(row, features)))
    """
    pos = features["pos_tags"].feature.names
    chunks = features["chunk_tags"].feature.names
    columns = zip(row["tokens"], row["pos_tags"], row["chunk_tags"], strict=True)
    return [(word, pos[p], chunks[c]) for word, p, c in columns]


def labeled_tokens(rng):
    edge = [([3, 3, 0], [0, 0, 1]), ([0, 0, 0], [0, 1, 2]), ([1, 2, 2, 2], [0, 1, 1, 2])]
    cases = [([IGNORE_INDEX, *labels, IGNORE_INDEX], [None, *ids, None]) for labels, ids in edge]
    for _ in range(20):
        labels, word_ids = some_tokens(rng)
        cases.append((align_labels(labels, word_ids, NAMES, "repeat"), word_ids))
    return [*cases, ([3, 3, 3], [0, 0, 0])]  # as from a tokenizer without special tokens


@exercise(labeled_tokens)
def keep_first(labels, word_ids):
    """
    it compares labels. Two words side by side may share a label: compare word ids.
        word is not None and word == word_ids[i - 1] → label == labels[i - 1]
    later sub-tokens get 0, which means O. IGNORE_INDEX leaves them out of the loss.
        IGNORE_INDEX if → 0 if
    it keeps the last sub-token of a word. Keep the first.
        i and word → word ; word_ids[i - 1] → [*word_ids[1:], None][i]
    specials and later sub-tokens are dropped. The result needs one label per token.
        = [label for label in right(labels, word_ids) if label != IGNORE_INDEX]
    specials are dropped. The result needs one label per token.
        = [label for label, word in zip(right(labels, word_ids), word_ids) if word is not None]
    later sub-tokens are dropped: the result needs one label per token.
        = [label for i, label in enumerate(labels) if word_ids[i] is None or word_ids[i] != word_ids[i - 1]]
        = [label for i, label in enumerate(labels) if word_ids[i] != (word_ids[i - 1] if i else None)]
    nothing has changed.
        = labels
    word 0 counts as none: 0 is false in Python. Ask `word is None`.
        word is not None → word
        if later → if later or not word
    no label is left. Compare with the word before, then remember this one.
        if later else label) → )
    it stops after the first token. Is `return` inside the loop?
        = labels[:1]
    the first token is left out. The result needs one label per token.
        return kept → return kept[1:]
    the first token has none before it: at `i` = 0, `word_ids[i - 1]` is the last one.
        i and word → word
    later sub-tokens get None. A label is a number: IGNORE_INDEX.
        IGNORE_INDEX if → None if
    a word of several sub-tokens has no label left. Its first one keeps it.
        word == word_ids[i - 1] → word_ids.count(word) > 1
    it ignores the first sub-token of a word and keeps the others. Do the opposite.
        word == word_ids → word != word_ids
    """
    kept = []
    for i, (label, word) in enumerate(zip(labels, word_ids, strict=True)):
        later = i and word is not None and word == word_ids[i - 1]
        kept.append(IGNORE_INDEX if later else label)
    return kept


def ids_of_entities(rng):
    odd = ["O", "B-ORG", "B-MISC", "B-PER", "I-PER", "B-LOC", "I-ORG", "I-MISC", "I-LOC"]
    # an I- before its B-; types with a B, a hyphen, both
    own = ["I-BAND", "B-BAND", "B-CLUB", "O", "I-CLUB", "B-WEB-PAGE", "I-WEB-PAGE"]
    cases = [(label, names) for names in (odd, NAMES, own) for label in range(len(names))]
    return cases + [(rng.randrange(len(NAMES)), rng.sample(NAMES, len(NAMES))) for _ in range(20)]


@exercise(ids_of_entities)
def continue_label(label, names):
    """
    it adds 1 to odd ids. That holds for one order of the names only: look for the name.
        = label + 1 if label % 2 == 1 else label
    it adds 1 to the id of every B- name. The I- name need not come next: look for it.
        names.index("I-" + name[2:]) → label + 1
    it returns the name. Return its id: `names.index(...)`.
        = names[right(label, names)]
        names.index("I-" + name[2:]) → "I-" + name[2:]
    labels other than B- become names. Return their ids.
        else label → else name
    B- labels stay as they are.
        = label
    it adds 1 to every id. Look for the I- name.
        = label + 1
    labels other than B- become 0. They stay as they are.
        else label → else 0
    labels other than B- become O. They stay as they are.
        else label → else names.index("O")
    O has no I- name. Labels other than B- stay as they are.
        = names.index("I-" + names[label][2:])
    a type with a B or a hyphen of its own, such as BAND or WEB-PAGE, is damaged. Remove only the first two characters: `[2:]`.
        return → assert "B" not in name[2:]; return
        return → assert "-" not in name[2:]; return
    """
    name = names[label]
    return names.index("I-" + name[2:]) if name[:2] == "B-" else label


def cut_tokens(rng):
    cases = [([0, 1, 2], 3), ([0, 1, 1], 4), ([], 2), ([0, 0, 0], 1)]
    for _ in range(20):
        labels, word_ids = some_tokens(rng)
        kept = rng.randrange(0, len(word_ids) - 1)
        cases.append((word_ids[1 : 1 + kept], len(labels)))
    return [([None, *word_ids, None], words) for word_ids, words in cases]


@exercise(cut_tokens)
def words_lost(word_ids, words):
    """
    it counts tokens. A word may have several: count different word ids.
        = words - len([word for word in word_ids if word is not None])
        = max(0, words - len([word for word in word_ids if word is not None]))
    the special tokens' None counts as a word.
        = words - len(set(word_ids))
    the word with the id 0 is not counted. `if word` leaves it out: ask `is not None`. A highest id is one less than the number of words.
        word is not None → word
    it counts the words that are left.
        words - len → len
    specials count as words.
        = words - len(word_ids)
    """
    return words - len({word for word in word_ids if word is not None})


def voted_tokens(rng):
    ignored = IGNORE_INDEX
    # a set holds 8 before 1
    one_word = [1, 1, 2], [5, 3], [3, 5], [1, 8], [ignored, 2, 3, 3], [5, 3, 3, 1]
    cases = [([2, 1, 1, 0], [0, 0, 0, 1], 2), *((votes, [0] * len(votes), 1) for votes in one_word)]
    cases += [([4, ignored, ignored, 1], [0, 0, 0, 1], 2), ([ignored, 6], [0, 1], 2)]
    cases += [([6], [0], 3), ([], [], 1), ([], [], 0)]
    for words in rng.choices(range(1, 7), k=30):
        word_ids = [word for word in range(words) for _ in range(rng.randrange(1, 5))]
        pools = [[*rng.sample(range(len(NAMES)), 3), ignored] for _ in range(words)]
        kept = word_ids[: rng.randrange(len(word_ids) + 1)]  # the others are cut away
        cases.append(([rng.choice(pools[word]) for word in kept], kept, words))
    return [([ignored, *votes, ignored], [None, *ids, None], words) for votes, ids, words in cases]


@exercise(voted_tokens)
def labels_of_words(labels, word_ids, words):
    """
    IGNORE_INDEX has a vote. Leave those sub-tokens out before you count.
        None and label != IGNORE_INDEX → None
    it takes the first sub-token's label. Count the votes of all.
        None and label != IGNORE_INDEX → None ; max(found, → max(found[:1],
    it takes the first label that counts. Count the votes of all.
        max(found, → max(found[:1],
    it takes the last sub-token's label. Count the votes of all.
        None and label != IGNORE_INDEX → None ; max(found, → max(found[-1:],
    it takes the last label that counts. Count the votes of all.
        max(found, → max(found[-1:],
    in a tie it takes any label: a set has no order. Go through the votes themselves.
        max(found, → max(set(found),
    in a tie it takes the lowest label id. Take the one that comes first in the word.
        max(found, → max(sorted(found),
    in a tie it takes the label that comes last. Take the first.
        max(found, → max(found[::-1],
    words without a label are left out. Return one label per word: IGNORE_INDEX for these.
        in votes] → in votes if found]
    words without a label get 0, which means O. IGNORE_INDEX says that the label is unknown.
        default=IGNORE_INDEX → default=0
    words without a label get None. A label is a number: IGNORE_INDEX.
        default=IGNORE_INDEX → default=None
    word 0 is left out. It is a word, although `if word` is false for it: ask `is not None`.
        word is not None → word
    words that were cut away are left out. Return `words` labels: IGNORE_INDEX for these.
        found in votes] → word, found in enumerate(votes) if word in word_ids]
    it gives a label for each token. Return one for each word.
        = [IGNORE_INDEX if word is None else right(labels, word_ids, words)[word] for word in word_ids]
    """
    votes = [[] for _ in range(words)]
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and label != IGNORE_INDEX:
            votes[word].append(label)
    return [max(found, key=found.count, default=IGNORE_INDEX) for found in votes]
