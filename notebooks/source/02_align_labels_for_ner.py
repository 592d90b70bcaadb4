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
# **What you'll do.** Give every sub-token of a tokenised sentence the right label, so that a model can learn to find
# names.
#
# **What you'll learn**
# - decode POS, chunk and entity tags
# - read `word_ids`
# - align word labels with tokens, in three ways
# - process a whole data set with `map`, and know when not to trust its cache
# - prove which positions the loss ignores
#
# **What you'll need.** Lesson 00; lesson 01 helps. 90 minutes of reading and exercises. The notebook runs in half a minute
# on two CPU cores, trains nothing and needs 1 GB of memory.

# %%
from helpers import course

lesson = course.start("02")
lesson

# %% [markdown]
# **Words first.** *Named-entity recognition* (NER) finds names in text, called *entities*, and says what they name: a
# person (PER), an organisation (ORG), a place (LOC), or something else (MISC). A *word* is what the data set
# (confusingly) calls a token. A *token*, from here on, is what the model sees: a word, a piece of one (a *sub-token*), or
# a special token.
#
# In **IOB2**, the scheme of these labels, `B-PER` begins a person, `I-PER` continues it, `O` is outside any entity.
#
# Here is the whole problem on one picture. The data set labels words. The model sees sub-tokens.

# %%
from helpers import tables

tables.strip({"word": ["Zwingmann", "ate", "sheepmeat"], "label": ["B-PER", "O", "O"]})

# %%
from helpers.encoder import load_tokenizer

tokenizer = load_tokenizer(lesson.checkpoint)
tokens = tokenizer(["Zwingmann", "ate", "sheepmeat"], is_split_into_words=True).tokens()
tables.strip({"token": tokens, "label": ["?"] * len(tokens)})

# %% [markdown]
# Three labels, nine tokens. This lesson fills in the question marks.
#
# ## Look at the data
#
# The sentences have the schema of CoNLL-2003, the classic set of newswire: words, and three *tags*, or labels, for each of
# them.

# %%
from helpers import data

news = data.load(lesson.dataset)
features = news["train"].features
label_names = features["ner_tags"].feature.names
print(news.num_rows, label_names, sep="\n")

# %% [markdown]
# In the file a tag is an id; the feature knows its name. The other two tag sets are *parts of speech* (is the word a
# noun, a verb, …) and *chunks* (which words form a noun phrase, a verb group, …). NNP is a proper noun, VBD a verb in
# the past tense; NP is a noun phrase, VP a verb phrase, PP a prepositional phrase. One sentence in columns:

# %%
row = news["train"][0]
decoded = tables.decode(row, features)
tags = {name: decoded[name].split() for name in ("pos_tags", "chunk_tags", "ner_tags")}
tables.strip({"word": row["tokens"], **tags})

# %% [markdown]
# Now some random rows. Newswire is more than sentences: headlines in capitals, datelines, result tables.

# %%
entities = news["train"].select_columns(["tokens", "ner_tags"])
tables.random_rows(entities, count=5, seed=lesson.seed)

# %% [markdown]
# ## One sentence by hand
#
# The first sentence of CoNLL-2003's training set has nine words. With `is_split_into_words=True` the tokenizer takes
# a list of words as *one* sentence. (Without it, the list would be nine texts.) A tokenizer that marks the *space* before a
# word, as RoBERTa's and ModernBERT's do, needs `add_prefix_space=True` for this, or it reads the words as if they stood
# together without spaces, which no error tells and the score pays for; `load_tokenizer` has seen to that.

# %% tags=["nbval-check-output"]
words = ["EU", "rejects", "German", "call", "to", "boycott", "British", "lamb", "."]
word_labels = [3, 0, 7, 0, 0, 0, 7, 0, 0]
encoding = tokenizer(words, is_split_into_words=True)
encoding["input_ids"]

# %% [markdown]
# `word_ids` tells for each token which word it came from. The special tokens `[CLS]` and `[SEP]` came from none: their
# word id is `None`.

# %%
tables.strip({"token": encoding.tokens(), "word id": encoding.word_ids()})

# %% [markdown]
# So the label of a token is the label of its word: this is *alignment*. And a special token? It must have *some* label,
# since every position
# of the tensor has one. PyTorch's loss leaves a position out if its label is −100, so that is what specials get. We
# write `IGNORE_INDEX`, because a bare −100 in the code says nothing.

# %%
from helpers.ner import IGNORE_INDEX

labels = []
for word in encoding.word_ids():
    labels.append(IGNORE_INDEX if word is None else word_labels[word])
tables.strip({"token": encoding.tokens(), "label id": labels})

# %% [markdown]
# **Checkpoint.** One label a token; and without the ignored ones, the labels of the words come back.

# %%
assert len(labels) == len(encoding["input_ids"])
firsts = [encoding.word_ids().index(word) for word in range(len(words))]
assert [labels[place] for place in firsts] == word_labels

# %% [markdown]
# ### Trap: labels that were not aligned
#
# What if we skip all this and hand over the word labels as they are? Tokens and labels differ in number, so the
# collator, which builds the batch, should complain.

# %%
from transformers import DataCollatorForTokenClassification

collator = DataCollatorForTokenClassification(tokenizer)
sentence = ["Zwingmann", "ate", "sheepmeat"]
unaligned = {"labels": [1, 0, 0], **tokenizer(sentence, is_split_into_words=True)}
batch = collator([unaligned])
{name: tuple(tensor.shape) for name, tensor in batch.items()}

# %% [markdown]
# It *does* build one. The collator pads the labels to the width of the tokens, so three word labels sit on `[CLS]`,
# `z` and `##wing`:

# %%
tables.strip({"token": tokenizer.convert_ids_to_tokens(batch["input_ids"][0]),
              "label id": batch["labels"][0].tolist()})

# %% [markdown]
# Nothing fails, and the model learns nonsense. That is the reason to look at one aligned example before any training.
#
# ## Three strategies
#
# When a word has several sub-tokens, which of them carries its label? Three answers, called *strategies*, are in use:
#
# - **first**: the first sub-token only; the others get `IGNORE_INDEX`. One word, one vote.
# - **repeat**: every sub-token gets the word's label. More signal, but `B-PER B-PER B-PER` reads like three persons.
# - **inside**: the first gets the word's label, the others continue it: `B-PER I-PER I-PER`.
#
# ### Trap: I-X by the parity of B-X
#
# The third needs a way from `B-X` to `I-X`. Many notebooks use a trick: in CoNLL-2003's list every B- label has an odd
# id, and its I- label is the next one.


# %%
def continue_by_parity(label):
    """The trap: turn B-X into I-X by adding 1 to odd ids."""
    return label + 1 if label % 2 == 1 else label


{name: label_names[continue_by_parity(i)] for i, name in enumerate(label_names)}

# %% [markdown]
# Right, for this list. Now a data set whose labels come in another order, which is nobody's fault:

# %% tags=["nbval-check-output"]
other_names = "O B-ORG B-MISC B-PER I-PER B-LOC I-ORG I-MISC I-LOC".split()
other_names[continue_by_parity(other_names.index("B-ORG"))]

# %% [markdown]
# An organisation whose first word has several sub-tokens is now labelled B-ORG, then *B-MISC*: the beginning of something
# else. No error, no warning; the model is trained on it. The cure: look at names, never at ids.


# %%
def inside_ids(label_names):
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
# **Checkpoint.** It holds for any order of the names, and a set with a missing partner is refused.

# %%
assert other_names[inside_ids(other_names)[other_names.index("B-ORG")]] == "I-ORG"
try:
    inside_ids(["O", "B-PER"])
except ValueError as error:
    print(error)

# %% [markdown]
# ### One function for all three
#
# Now the loop from above grows into a function. It walks over the word ids and remembers the previous one: where the
# word id changes, a word begins. `check_labels` refuses what cannot be right: a label id outside the names, fewer
# labels than words, a strategy that does not exist.

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
# All three on one sentence. The grey positions are those that the loss will not see.

# %%
sentence, tags = ["Zwingmann", "likes", "Bluewater", "Holdings"], [1, 0, 3, 4]
encoding = tokenizer(sentence, is_split_into_words=True)
strips = {"token": encoding.tokens(), "word id": encoding.word_ids()}
for strategy in ("first", "repeat", "inside"):
    aligned = align_labels(tags, encoding.word_ids(), label_names, strategy)
    strips[strategy] = [i if i == IGNORE_INDEX else label_names[i] for i in aligned]
tables.strip(strips)

# %% [markdown]
# **Checkpoint.** A cased vocabulary splits *lamb* in two, so the classic sentence has twelve tokens there. Its word ids
# are given below, and the labels that come out are those that published courses print.

# %% tags=["nbval-check-output"]
cased_word_ids = [None, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, None]
align_labels(word_labels, cased_word_ids, label_names, "repeat")

# %% [markdown]
# Which is best? That is a question for an experiment, and lesson 03 runs it. What matters first: *score* every strategy
# in the same way, on first sub-tokens.
#
# ## The whole dataset at once
#
# The function for `map` takes a batch of rows. The tokenizer handles all of them in one call; `word_ids(row)` then
# belongs to one row. `check_words` refuses a tokenizer without `word_ids`, one that misses the spaces, and rows whose
# words and labels differ in number.

# %%
from helpers.ner import check_words


def tokenize_and_align(examples, tokenizer, label_names, label_column="ner_tags",
                       strategy="first", max_length=None):
    check_words(examples, tokenizer, label_column)
    encoding = tokenizer(examples["tokens"], is_split_into_words=True,
                         truncation=max_length is not None, max_length=max_length)
    encoding["labels"] = [
        align_labels(labels, encoding.word_ids(row), label_names, strategy)
        for row, labels in enumerate(examples[label_column])]
    return encoding


# %% [markdown]
# Everything it needs is an argument; `fn_kwargs` passes them on. The old columns go, since a model has no use for
# words.

# %%
settings = {"tokenizer": tokenizer, "label_names": label_names,
            "max_length": lesson.max_length}
encoded = news.map(tokenize_and_align, batched=True, fn_kwargs=settings,
                   remove_columns=news["train"].column_names)
encoded["train"]

# %% [markdown]
# **Checkpoint.** In every row, as many labels as tokens, and as many kept labels as words (unless it was cut).

# %%
for before, after in zip(news["train"], encoded["train"], strict=True):
    assert len(after["labels"]) == len(after["input_ids"])
    kept = sum(label != IGNORE_INDEX for label in after["labels"])
    assert kept == len(before["tokens"]) or len(after["labels"]) == lesson.max_length

# %% [markdown]
# ### What `map` caches, and when to distrust it
#
# For a data set that lies on disk, `map` stores its result under a *fingerprint* of the data, the function and its
# arguments. Run the cell again and the stored result comes back at once. Change the function, and the fingerprint
# changes with it. Usually.

# %%
import tempfile
from pathlib import Path

from datasets import load_from_disk

workshop = Path(tempfile.mkdtemp())
news["validation"].select(range(3)).save_to_disk(workshop / "rows")
on_disk = load_from_disk(workshop / "rows")

# %% [markdown]
# ### Trap: a stale result from the cache
#
# The function below reads a number from a file. The fingerprint covers the function's code; it does not cover the file.


# %%
def scale_length(row, settings_file):
    """Multiply a row's length by the number in a file."""
    return {"scaled": len(row["tokens"]) * int(settings_file.read_text())}


on_disk.cleanup_cache_files()  # start with nothing stored
settings_file = workshop / "factor.txt"
settings_file.write_text("1")
once = on_disk.map(scale_length, fn_kwargs={"settings_file": settings_file})
settings_file.write_text("10")
stale = on_disk.map(scale_length, fn_kwargs={"settings_file": settings_file})
print(list(once["scaled"]), list(stale["scaled"]))

# %% [markdown]
# The second result should be ten times the first, and it is the first. Whatever a function reads from outside its
# arguments (a file, an environment variable, the clock) is invisible to the cache. Pass it as an argument, or say
# `load_from_cache_file=False`, which also overwrites the stored result:

# %%
fresh = on_disk.map(scale_length, fn_kwargs={"settings_file": settings_file},
                    load_from_cache_file=False)
assert [10 * value for value in once["scaled"]] == list(fresh["scaled"])
assert list(stale["scaled"]) == list(once["scaled"])

# %% [markdown]
# ### What truncation cuts
#
# `max_length` counts tokens, specials included. A sentence that is cut loses its last words, and their labels with
# them. Here is one cut hard:

# %%
longest = max(news["train"], key=lambda row: len(row["tokens"]))
short = tokenizer(longest["tokens"], is_split_into_words=True,
                  truncation=True, max_length=16)
kept = {word for word in short.word_ids() if word is not None}
print(f"{len(kept)} of {len(longest['tokens'])} words left of:", *longest["tokens"])

# %% [markdown]
# A word may even be cut in two, with its first sub-token kept. Exercise 4 counts what is lost.
#
# ## A batch: the collator pads labels too
#
# Rows of different length need padding, and so do their labels. `DataCollatorForTokenClassification` pads tokens with
# `[PAD]` and labels with `IGNORE_INDEX`. (`DataCollatorWithPadding`, of lesson 01, leaves ragged labels alone and fails.)

# %%
by_length = sorted(encoded["train"], key=lambda row: len(row["labels"]))
pair = [by_length[len(by_length) // 4], by_length[len(by_length) // 2]]
batch = collator(pair)
tables.strip({"token": tokenizer.convert_ids_to_tokens(batch["input_ids"][0]),
              "attention_mask": batch["attention_mask"][0].tolist(),
              "label id": batch["labels"][0].tolist()})

# %% [markdown]
# ## Proof: `IGNORE_INDEX` contributes nothing to the loss
#
# Do not believe it, compute it. Random logits for one sentence, shape `(seq_len, labels)`, and the loss as a model
# computes it, the *cross-entropy*: minus the logarithm of the right label's probability, as a mean over the positions.

# %%
import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(lesson.seed)
target = torch.tensor(pair[0]["labels"])
logits = torch.randn(len(target), len(label_names), requires_grad=True)
loss = cross_entropy(logits, target, ignore_index=IGNORE_INDEX)
loss.backward()

# %% [markdown]
# First proof: the loss over the kept positions alone is the same number. Second: change the logits at the ignored
# positions as wildly as you like, and the loss stays. Third: there is no *gradient* there, nothing that says in which
# direction the loss rises.

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
# ## Exercises
#
# ### Exercise 1 · Read the other columns (easy, 5 minutes)
#
# Return one tuple a word: the word, the name of its POS tag, the name of its chunk tag. `features["pos_tags"]` is a
# list feature; its `.feature.names` are the names.


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
# <details><summary>Hint</summary><code>zip</code> walks over the three columns together.</details>
#
# ### Exercise 2 · Keep the first (medium, 10 minutes)
#
# You are given labels in which *every* sub-token carries one (strategy *repeat*). Return them with `IGNORE_INDEX` on
# all but the first sub-token of each word, as strategy *first* would have made them.


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
# <details><summary>Hint</summary>A sub-token is a later one if its word id equals the one before. Two different words
# may well have the same label.</details>
#
# ### Exercise 3 · Continue a label (medium, 10 minutes)
#
# Return the id of the label that continues `label`: for a B-X the id of I-X, for any other label the id itself. The
# check shuffles the names.


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
# `word_ids` comes from a tokenizer that cut the sentence. Return how many of its `words` words are gone completely.
# Then find out at which `max_length` the training sentences of this lesson begin to lose words.


# %% tags=["exercise"]
def words_lost(word_ids: list[int | None], words: int) -> int:
    """Return how many words have no sub-token left."""
    ### BEGIN SOLUTION
    return words - len({word for word in word_ids if word is not None})
    ### END SOLUTION


# %%
exercises.check(words_lost)

# %% [markdown]
# <details><summary>Hint</summary>A set holds each word id once.</details>
#
# ### Exercise 5 · Back to words (a small project, 30 minutes)
#
# A model labels tokens; its user wants words. Given one label id a token, return one a word: the label that most of its
# sub-tokens carry, leaving out those with `IGNORE_INDEX`. Of labels with equally many votes, take the one that comes
# first in the word. A word of which nothing counts, or nothing is left, gets `IGNORE_INDEX`. There are `words` words.


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
# <details><summary>Hint</summary>Make a list of votes for each word first. <code>max(votes, key=votes.count)</code>
# returns the first of equals.</details>
#
# Now the project: is it the way back from `align_labels`? Align the training sentences by each strategy, uncut, go back,
# and count the words whose label is another one than before. Two strategies lose nothing. Which words does the third
# one lose, and why? Change your function until it loses none there either; the check will then tell what you gave up.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Tokenise with `is_split_into_words=True`; `word_ids` leads from tokens back to words.
# - Specials and padding get `IGNORE_INDEX`; so do later sub-tokens, under the strategy *first*.
# - Find labels by name, never by the parity of an id.
# - Look at one aligned example before you train. Misaligned labels raise no error.
# - `map` caches by fingerprint; what a function reads behind its arguments' back is not in it.
#
# **The classic facts.** In CoNLL-2003's fifth training sentence *Zwingmann* becomes `z ##wing ##mann` and *sheepmeat*
# `sheep ##me ##at` under the uncased BERT vocabulary: 31 words, 39 tokens.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Named-entity recognition* (NER): finding the names in a text, with their types.
# - *Entity*: a name in a text, with its type and its first and last word.
# - *Sub-token*: a token that is a piece of a word.
# - *IOB2*: the labels B-X, where an entity of type X begins, I-X, where it goes on, and O, outside any.
# - *Tag*: the label of a word.
# - *Part of speech* (parts of speech, POS): the kind of a word: noun, verb and so on.
# - *Chunk*: a group of words that belong together, such as a noun phrase.
# - *`word_ids`* (word id): for each token the number of its word; none for special tokens.
# - *Alignment* (align, aligned): giving each token the label that it gets from its word.
# - *`IGNORE_INDEX`* (IGNORE_INDEX): the label that the loss leaves out.
# - *Alignment strategy* (strategy): which sub-tokens carry the label of their word: first, repeat or inside.
# - *Fingerprint*: the key under which `map` stores its result.
# - *Cross-entropy*: the usual loss of a classifier: minus the logarithm of the right label's probability.
# - *Gradient*: for each weight, in which direction the loss rises, and how fast.
#
# Next: [03 · Fine-tune NER with Trainer](03_finetune_ner_with_trainer.ipynb).
