# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Align labels for NER
#
# Somebody labeled every word of your sentences: part of a name, or not. Then the tokenizer cuts *Zwingmann* into three
# pieces, and you have more tokens than labels. If you pair them up carelessly, there's no error, but the model learns
# nonsense.
#
# **What you'll do.** Give every token the right label, so that a model can learn to find names.
#
# **What you'll learn**
# - decode three kinds of labels
# - find the word that each token came from
# - align word labels with tokens, in three ways
# - process a data set with `map`
# - prove which positions the loss ignores
#
# **What you'll need.** Lesson 00. It's easier if you know lesson 01 too. 90 minutes of reading and exercises; *Going
# deeper* can wait. The notebook runs in half a minute on two CPU cores and needs 1 GB of memory.

# %%
from helpers import course

lesson = course.start("02")
lesson

# %% [markdown]
# *Named-entity recognition* (NER) finds the names in a text, called *entities*, and their types: person (PER),
# organization (ORG), location (LOC), or another name (MISC), such as *German* or a prize. In the scheme **IOB2**,
# `B-PER` begins a person's name, `I-PER` is inside it, and `O` is outside any name. People label *words*; here each
# word has its column:

# %%
from helpers import tables

tables.strip({"word": ["Zwingmann", "ate", "sheepmeat"], "label": ["B-PER", "O", "O"]})

# %% [markdown]
# A *token* is what the model sees: a word, a piece of one (a *sub-token*), or a special token. With
# `is_split_into_words=True`, the tokenizer takes a list of words as *one* sentence.

# %%
from helpers.encoder import load_tokenizer

tokenizer = load_tokenizer(lesson.checkpoint)
tokens = tokenizer(["Zwingmann", "ate", "sheepmeat"], is_split_into_words=True).tokens()
tables.strip({"token": tokens, "label": ["?"] * len(tokens)})

# %% [markdown]
# Some tokenizers, such as that of the encoder ModernBERT, mark the *space* before a word. They need
# `add_prefix_space=True`, which `load_tokenizer` adds. Without this argument, they read the words as if nothing
# separated them. There's no error, only a worse score.
#
# ## Look at the data
#
# The sentences have the columns of CoNLL-2003, the classic data set for NER: words (in the column `tokens`), and three
# *tags* (labels) per word.

# %%
from helpers import data

news = data.load(lesson.dataset)
features = news["train"].features
label_names = features["ner_tags"].feature.names
print(news.num_rows, label_names, sep="\n")

# %% [markdown]
# The column `ner_tags` contains lists of ids; `.feature` describes one id, and `.names` has the name of each. The other
# tags are *parts of speech* (POS: NNP is a proper noun, VBD a verb in the past tense, …) and *chunks*, groups of words
# (NP is a noun phrase, …). You won't need them all. Here's one sentence. `decode` turns the ids of a tag column into
# one string of names, which `split` cuts apart:

# %%
row = news["train"][0]
decoded = tables.decode(row, features)
tags = {name: decoded[name].split() for name in ("pos_tags", "chunk_tags", "ner_tags")}
tables.strip({"word": row["tokens"], **tags})

# %% [markdown]
# Not all rows are sentences: there are headlines, results, and lines with only a place and a date.

# %%
entities = news["train"].select_columns(["tokens", "ner_tags"])
tables.random_rows(entities, count=5, seed=lesson.seed)

# %% [markdown]
# A label depends on the meaning: in sports news, the name of a place is often a team, an ORG.
#
# ## One sentence by hand
#
# Take a famous sentence, the first training sentence of the real CoNLL-2003. Label 3 is B-ORG, 7 is B-MISC.

# %%
words = ["EU", "rejects", "German", "call", "to", "boycott", "British", "lamb", "."]
word_labels = [3, 0, 7, 0, 0, 0, 7, 0, 0]
encoding = tokenizer(words, is_split_into_words=True)

# %% [markdown]
# For each token, `word_ids` tells you which word it came from. The special tokens `[CLS]` and `[SEP]` get `None`, shown
# as –.

# %%
tables.strip({"token": encoding.tokens(), "word id": encoding.word_ids()})

# %% [markdown]
# Giving each token the label of its word is called *alignment*. But what about special tokens? They need *some* label,
# because a tensor has a value at every position. By default, PyTorch's loss ignores the label −100, so that's what they
# get. The course calls it `IGNORE_INDEX`; tables show `IGNORE`.

# %%
from helpers.ner import IGNORE_INDEX

labels = []
for word in encoding.word_ids():
    labels.append(IGNORE_INDEX if word is None else word_labels[word])
tables.strip({"token": encoding.tokens(), "label id": labels})

# %% [markdown]
# **Check.** There's one label per token, and each word's first token has the label of the word.

# %%
assert len(labels) == len(encoding["input_ids"])
firsts = [encoding.word_ids().index(word) for word in range(len(words))]
assert [labels[place] for place in firsts] == word_labels

# %% [markdown]
# ### Trap: labels that were not aligned
#
# What if you skip all this and pass the word labels as they are? There are too few labels, so you'd expect an error
# from the collator, which builds the batch.

# %%
from transformers import DataCollatorForTokenClassification

collator = DataCollatorForTokenClassification(tokenizer)
sentence = ["Zwingmann", "ate", "sheepmeat"]
unaligned = {"labels": [1, 0, 0], **tokenizer(sentence, is_split_into_words=True)}
batch = collator([unaligned])
{name: tuple(tensor.shape) for name, tensor in batch.items()}

# %% [markdown]
# But the collator just pads the labels to the number of tokens. The three word labels end up on `[CLS]`, `z` and
# `##wing`:

# %%
tables.strip({"token": tokenizer.convert_ids_to_tokens(batch["input_ids"][0]),
              "label id": batch["labels"][0].tolist()})

# %% [markdown]
# Training would also run without an error. So always look at one aligned example before you train.
#
# ## Three strategies
#
# If a word has several sub-tokens, which of them should carry its label? There are three *strategies* in use:
#
# - **first**: the first sub-token only; the others get `IGNORE_INDEX`. Each word counts once.
# - **repeat**: every sub-token. That's more to learn from, but `B-PER B-PER B-PER` looks like three people.
# - **inside**: the first sub-token gets the label, and the others continue it: `B-PER I-PER I-PER`.
#
# ### Trap: I-X by adding 1 to B-X
#
# How do you get from `B-X` to `I-X`, for any type X? Many notebooks use a trick: in CoNLL-2003, every B- label has an
# odd id, and its I- label comes next.


# %%
def next_if_odd(label):
    """The trap: turn B-X into I-X by adding 1 to odd ids."""
    return label + 1 if label % 2 == 1 else label


{name: label_names[next_if_odd(i)] for i, name in enumerate(label_names)}

# %% [markdown]
# That works for this list. Now try a data set that lists its labels in another order:

# %% tags=["nbval-check-output"]
other_names = "O B-ORG B-MISC B-PER I-PER B-LOC I-ORG I-MISC I-LOC".split()
other_names[next_if_odd(other_names.index("B-ORG"))]

# %% [markdown]
# With *B-MISC*, a new entity begins in the middle of an organization's name, without any error. So look up the names,
# and never calculate with ids. `inside_ids` returns a list: for each label id, the id that continues it. The `partner`
# is I-X for B-X, B-X for I-X (there's no I- without its B-), and O for O; if one is missing, you get an error.
# (`check_names`, and later `check_labels` and `check_words`, only test the input.)


# %%
from helpers.ner import check_names


def inside_ids(label_names):
    check_names(label_names)
    ids = {name: index for index, name in enumerate(label_names)}
    inside = []
    for name in label_names:
        partner = {"B-": "I-", "I-": "B-"}.get(name[:2], name[:2]) + name[2:]
        if partner not in ids:
            raise ValueError(
                f"{name!r} has no partner {partner!r} among {list(label_names)}. "
                "Add it, or use the strategy 'first' or 'repeat'."
            )
        inside.append(ids[partner] if name.startswith("B-") else ids[name])
    return inside


# %% [markdown]
# **Check.** The function works for this order too, and raises an error if a partner is missing.

# %%
assert other_names[inside_ids(other_names)[other_names.index("B-ORG")]] == "I-ORG"
try:
    inside_ids(["O", "B-PER"])
except ValueError as error:
    print(error)

# %% [markdown]
# ### One function for all three
#
# Now the loop from *One sentence by hand* becomes a function. When the word id changes, a new word begins. With
# *repeat*, later sub-tokens take the same branch. The last branch is for the others: *inside* continues the label,
# *first* ignores it.

# %%
from helpers.ner import check_labels


def align_labels(word_labels, word_ids, label_names, strategy="first"):
    check_labels(word_labels, word_ids, label_names, strategy)
    inside = inside_ids(label_names) if strategy == "inside" else None
    labels, previous = [], None
    for word in word_ids:
        if word is None:
            labels.append(IGNORE_INDEX)
        elif word != previous or strategy == "repeat":
            labels.append(word_labels[word])
        else:
            labels.append(inside[word_labels[word]] if inside else IGNORE_INDEX)
        previous = word
    return labels


# %% [markdown]
# Compare the strategies on one sentence. The loss ignores the gray positions.

# %%
sentence, tags = ["Zwingmann", "likes", "Bluewater", "Holdings"], [1, 0, 3, 4]
pieces = tokenizer(sentence, is_split_into_words=True)
strips = {"token": pieces.tokens(), "word id": pieces.word_ids()}
for strategy in ("first", "repeat", "inside"):
    aligned = align_labels(tags, pieces.word_ids(), label_names, strategy)
    strips[strategy] = [i if i == IGNORE_INDEX else label_names[i] for i in aligned]
tables.strip(strips)

# %% [markdown]
# Which strategy is best? Lesson 03 compares them. For a fair comparison, it scores only the first sub-token of each
# word.
#
# ## The whole dataset at once
#
# With `batched=True`, `map` passes many rows to your function at once; `word_ids(row)` gives the word ids of row number
# `row`. Rows are truncated only if you give a `max_length`.

# %%
from helpers.ner import check_words


def tokenize_and_align(examples, tokenizer, label_names, label_column="ner_tags",
                       strategy="first", max_length=None):
    check_words(examples, tokenizer, label_column, max_length)
    encoding = tokenizer(examples["tokens"], is_split_into_words=True,
                         truncation=max_length is not None, max_length=max_length)
    encoding["labels"] = [
        align_labels(labels, encoding.word_ids(row), label_names, strategy)
        for row, labels in enumerate(examples[label_column])]
    return encoding


# %% [markdown]
# `fn_kwargs` passes arguments to the function. `remove_columns` drops the old columns.

# %%
settings = {"tokenizer": tokenizer, "label_names": label_names,
            "max_length": lesson.max_length}
encoded = news.map(tokenize_and_align, batched=True, fn_kwargs=settings,
                   remove_columns=news["train"].column_names)
encoded["train"]

# %% [markdown]
# **Check.** Every row has one label per token. With *first*, the default, each word has exactly one label that counts,
# unless the row was truncated.

# %%
for before, after in zip(news["train"], encoded["train"], strict=True):
    assert len(after["labels"]) == len(after["input_ids"])
    kept = sum(label != IGNORE_INDEX for label in after["labels"])
    assert kept == len(before["tokens"]) or len(after["labels"]) == lesson.max_length

# %% [markdown]
# ### Going deeper: What truncation cuts
#
# `max_length` counts all tokens, even special ones. A longer sentence loses its last words and their labels. Cut the
# longest to 16 tokens:

# %%
longest = max(news["train"], key=lambda row: len(row["tokens"]))
short = tokenizer(longest["tokens"], is_split_into_words=True,
                  truncation=True, max_length=16)
kept = {word for word in short.word_ids() if word is not None}
all_words = longest["tokens"]
print(f"{len(kept)} of {len(all_words)} words are left:", *all_words[:len(kept)])

# %% [markdown]
# The cut can also fall inside a word.
#
# ## A batch: the collator pads labels too
#
# If a row is padded, its labels must be padded too. `DataCollatorForTokenClassification` pads tokens with `[PAD]` and
# labels with `IGNORE_INDEX`. (`DataCollatorWithPadding` from lesson 01 fails: it doesn't pad labels.) Batch a short row
# with a longer one, and look at the short one:

# %%
by_length = sorted(encoded["train"], key=lambda row: len(row["labels"]))
pair = [by_length[len(by_length) // 4], by_length[len(by_length) // 2]]
padded = collator(pair)
tables.strip({"token": tokenizer.convert_ids_to_tokens(padded["input_ids"][0]),
              "attention_mask": padded["attention_mask"][0].tolist(),
              "label id": padded["labels"][0].tolist()})

# %% [markdown]
# ## Proof: `IGNORE_INDEX` contributes nothing to the loss
#
# Does the loss really ignore these positions? Make random logits for one sentence, one row per token and one column per
# label, and compute the loss. It's the *cross-entropy*: minus the logarithm of the right label's probability, averaged
# over the positions that count.

# %%
import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(lesson.seed)
target = padded["labels"][0]
logits = torch.randn(len(target), len(label_names), requires_grad=True)
loss = cross_entropy(logits, target, ignore_index=IGNORE_INDEX)
loss.backward()

# %% [markdown]
# Three things should hold. The kept positions alone give the same loss as all positions. If you change the logits at
# ignored positions (`disturbed`), the loss doesn't change. And the *gradient*, which tells how the loss changes when a
# logit changes, is zero there, and only there. (`torch.where` takes `logits` at the kept positions and large random
# numbers elsewhere.)

# %%
keep = target != IGNORE_INDEX
only_kept = cross_entropy(logits[keep], target[keep])
disturbed = torch.where(keep.unsqueeze(-1), logits, 1000 * torch.randn_like(logits))
disturbed_loss = cross_entropy(disturbed, target, ignore_index=IGNORE_INDEX)
assert torch.isclose(loss, only_kept)
assert torch.isclose(loss, disturbed_loss)
assert logits.grad[~keep].abs().max() == 0
assert logits.grad[keep].abs().min() > 0
print(f"loss {loss.item():.4f}, over kept positions alone {only_kept.item():.4f}")

# %% [markdown]
# ## Going deeper: What `map` caches, and when to distrust it
#
# If a data set is on disk, `map` stores its result under a *fingerprint*: a key computed from the data, the function
# and its arguments. When you run the cell again, it finds the result there. How can this go wrong? Put a small data set
# on disk:

# %%
import tempfile
from pathlib import Path

from datasets import load_from_disk

workshop = Path(tempfile.mkdtemp())
news["validation"].select(range(3)).save_to_disk(workshop / "rows")
on_disk = load_from_disk(workshop / "rows")

# %% [markdown]
# ### Trap: an old result from the cache
#
# The function below reads a number from a file. The fingerprint covers the function's code and the name of the file,
# but not what is in it. What happens if that changes?


# %%
def scale_length(row, settings_file):
    """Multiply a row's length by the number in a file."""
    return {"scaled": len(row["tokens"]) * int(settings_file.read_text())}


on_disk.cleanup_cache_files()  # start with nothing stored
settings_file = workshop / "factor.txt"
settings_file.write_text("1")
once = on_disk.map(scale_length, fn_kwargs={"settings_file": settings_file})
settings_file.write_text("10")
again = on_disk.map(scale_length, fn_kwargs={"settings_file": settings_file})
print(list(once["scaled"]), list(again["scaled"]))
assert list(again["scaled"]) == list(once["scaled"])

# %% [markdown]
# The second result should be ten times the first, but it's the same. The cache can't see a file, an environment
# variable or the clock that a function reads. Read such values first and pass them, not the file, as arguments. Or use
# `load_from_cache_file=False`, which also overwrites the stored result:

# %%
fresh = on_disk.map(scale_length, fn_kwargs={"settings_file": settings_file},
                    load_from_cache_file=False)
assert [10 * value for value in once["scaled"]] == list(fresh["scaled"])

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · Read the other columns (easy, 5 minutes)
#
# Return one tuple per word: the word, the name of its POS tag, and the name of its chunk tag.
# `features["pos_tags"].feature.names` are the names of the POS tags.


# %% tags=["exercise"]
def read_columns(row: dict, features) -> list[tuple[str, str, str]]:
    """Return (word, POS name, chunk name) for each word of a row."""
    ### BEGIN SOLUTION
    pos = features["pos_tags"].feature.names
    chunks = features["chunk_tags"].feature.names
    columns = zip(row["tokens"], row["pos_tags"], row["chunk_tags"], strict=True)
    return [(word, pos[p], chunks[c]) for word, p, c in columns]
    ### END SOLUTION


# %%
import exercises

exercises.check(read_columns)

# %% [markdown]
# <details><summary>Hint</summary><code>zip</code> goes through the three columns together.</details>
#
# ### Exercise 2 · Keep the first (medium, 10 minutes)
#
# The labels come from the strategy *repeat*. Turn them into *first*: keep the label of each word's first sub-token, and
# replace the others by `IGNORE_INDEX`.


# %% tags=["exercise"]
def keep_first(labels: list[int], word_ids: list[int | None]) -> list[int]:
    """Return the labels with later sub-tokens of a word ignored."""
    ### BEGIN SOLUTION
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        later = word is not None and word == previous
        kept.append(IGNORE_INDEX if later else label)
        previous = word
    return kept
    ### END SOLUTION


# %%
exercises.check(keep_first)

# %% [markdown]
# <details><summary>Hint</summary>A token isn't the first of its word if the token before has the same word id. Don't
# compare labels: neighboring words may have the same label.</details>
#
# ### Exercise 3 · Continue a label (medium, 10 minutes)
#
# For the id of a B-X, return the id of I-X; return any other id unchanged. The check shuffles the names.


# %% tags=["exercise"]
def continue_label(label: int, names: list[str]) -> int:
    """Return the id of I-X for the id of B-X, any other id unchanged."""
    ### BEGIN SOLUTION
    name = names[label]
    return names.index("I-" + name[2:]) if name.startswith("B-") else label
    ### END SOLUTION


# %%
exercises.check(continue_label)

# %% [markdown]
# <details><summary>Hint</summary><code>names.index(...)</code> finds the id of a name.</details>
#
# ### Exercise 4 · Count what truncation lost (medium, 10 minutes)
#
# A sentence of `words` words was truncated; `word_ids` belongs to the tokens that are left. Return how many words are
# lost completely. Then use your function in a new cell: what is the smallest `max_length` with which no training
# sentence loses a whole word?


# %% tags=["exercise"]
def words_lost(word_ids: list[int | None], words: int) -> int:
    """Return how many words have no sub-token left."""
    ### BEGIN SOLUTION
    return words - len({word for word in word_ids if word is not None})
    ### END SOLUTION


# %%
exercises.check(words_lost)

# %% [markdown]
# <details><summary>Hint</summary>A set contains each word id only once.</details>
#
# ### Exercise 5 · Back to words (a small project, 30 minutes)
#
# A model labels tokens, but its user wants words. You get one label id per token. Return one per word; `words` is their
# number. The sub-tokens vote, except those with `IGNORE_INDEX`; in a tie, the label that comes first in the word wins.
# A word without votes, such as one that was cut off completely, gets `IGNORE_INDEX`.


# %% tags=["exercise"]
def labels_of_words(labels: list[int], word_ids: list, words: int) -> list[int]:
    """Return each word's label, by the majority of its sub-tokens."""
    ### BEGIN SOLUTION
    votes = [[] for _ in range(words)]
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and label != IGNORE_INDEX:
            votes[word].append(label)
    return [max(found, key=found.count, default=IGNORE_INDEX) for found in votes]
    ### END SOLUTION


# %%
exercises.check(labels_of_words)

# %% [markdown]
# <details><summary>Hint</summary>Collect each word's votes in a list. <code>max(votes, key=votes.count)</code> returns
# the first label in a tie.</details>
#
# Now the project: does your function undo `align_labels`? For each strategy, align the training sentences without
# truncation, go back to words with your function, and count the labels that have changed. With two strategies, no label
# changes. Which words change with the third, and why? Change your function so that no label changes, and run the check
# again: it fails. Why can't one function undo all three strategies and pass the check?
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - `word_ids` leads from tokens back to words.
# - Special tokens and padding get `IGNORE_INDEX`; with *first*, so do later sub-tokens.
# - Find labels by name, never by calculating with ids.
# - Look at one aligned example before you train.
# - The cache of `map` can't see files, environment variables or the clock.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *Named-entity recognition* (NER): finding the names in a text.
# - *Entity*: a name in a text, with its type.
# - *Sub-token*: a token that is a piece of a word.
# - *IOB2*: a scheme of labels: B-X begins an entity of type X, I-X continues it, O is outside any.
# - *Tag*: the label of a word.
# - *Part of speech* (parts of speech, POS): the kind of a word, such as noun or verb.
# - *Chunk*: a group of words that belong together, such as a noun phrase.
# - *`word_ids`* (word id): for each token, the number of its word.
# - *Alignment* (align, aligned): giving each token the label of its word.
# - *`IGNORE_INDEX`* (IGNORE_INDEX): the label of positions that the loss ignores.
# - *Alignment strategy* (strategy): which sub-tokens of a word carry its label: first, repeat or inside.
# - *Fingerprint*: the key under which `map` stores its result.
# - *Cross-entropy*: the usual loss of a classifier: minus the logarithm of the right label's probability.
# - *Gradient*: how much the loss changes when a weight or logit grows a little.
#
# Next: [03 · Fine-tune NER with Trainer](03_finetune_ner_with_trainer.ipynb), where you train on these labels.
