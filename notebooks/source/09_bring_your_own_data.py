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
# # 09 · Bring your own data
#
# **What you'll do.** Take a file of your own, find what is wrong with it, mend it, and train any task of the course on
# it by changing one cell.
#
# **What you'll learn**
# - read a file line by line before a program does
# - find what spoils training: broken lines, spellings, duplicates, leaks, rare classes
# - mend a file step by step, until nothing is left to stop at
# - split rows by class, so that nothing leaks
# - train on your own rows, and say whether it was worth it
#
# **What you'll need.** Lesson 01, and the lesson of the task you want (the table below names it). 85 minutes of reading
# and exercises. The notebook runs in under a minute on two CPU cores and needs 1.3 GB of memory.

# %%
from helpers import course, plots, tables
from transformers import AutoTokenizer

lesson = course.start("09")
tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)

# %% [markdown]
# **Words first.** A file in *JSON Lines* has one JSON object, that is one row, on each line. A file in the *CoNLL format*
# has one word on each line, its tag behind a tab, and an empty line after each sentence. Beside these two we read CSV, Excel,
# JSON arrays, Parquet, folders of `save_to_disk`, CoNLL-U, SQuAD's own JSON, and what Doccano, Label Studio, Prodigy and
# spaCy export. What a row must hold depends on the task:
#
# | `TASK` | a row holds | trains as in | example file in `data/examples/` |
# |---|---|---|---|
# | `classify` | `text`, `label` (or a list of several) | lesson 01; with `FREEZE`, 06 | `library.csv`: messages to a library |
# | `few` | the same; only some rows are used | lesson 07 | `library.csv` |
# | `tag` | `tokens`, `tags`: a list of words and one of tags; or `text` with spans | lesson 03 | `workshop.conll`: notes of a bicycle workshop |
# | `answer` | `question`, `context`, `answers` | lesson 05 | `rules.jsonl`: house rules |
# | `read` | `text` | lesson 08 | `library.csv`, or any other with texts |
#
# Your file may call its columns otherwise. CSV and Excel hold texts only, so they serve `classify`, `few` and `read`. `answers` is
# `{"text": ["18 pounds"], "answer_start": [21]}`, with two empty lists where there is no answer.
#
# The way is the same for all of them: look, inspect, mend, split, train, compare.
#
# ## Look at five rows
#
# A fourth file, `broken.jsonl`, holds messages to a bicycle workshop. It has gone through many hands. Before any program
# reads it, we do. These are its first lines as they stand on the disk, as bytes:

# %%
from labs import own_data

lines = own_data.find("data/examples/broken.jsonl").read_bytes().splitlines()
for line in lines[:5]:
    print(line)

# %% [markdown]
# Read them as a proofreader would. One of the five has a mistake, and no program would complain about it. Did you see it?
# The third label begins with a capital and ends in a space.
#
# ## One check grows
#
# Start with that one row. Stripped of outer spaces and put into small letters, both spellings are the same.
# (`casefold` goes further than `lower`: *Straße* and *STRASSE* become equal.)

# %% tags=["nbval-check-output"]
import json

spelling = json.loads(lines[2])["label"]
spelling, spelling.strip().casefold()

# %% [markdown]
# Are there more? Loop over all lines. Some may be no JSON, so we catch what `json.loads` raises, and go on: a check that
# stops at the first problem hides all others.

# %%
labels = []
for number, line in enumerate(lines, start=1):
    try:
        labels.append(json.loads(line).get("label"))
    except ValueError as error:
        print(f"line {number}, {type(error).__name__}: {line[:60]}")

# %% [markdown]
# Two lines cannot be read. Look at the first: `\xe9` is an *é* as many old programs write it. A *character encoding* is a
# table from bytes to characters; JSON wants UTF-8, and there the é is another pair of bytes. The second line lacks
# its last brace. Here are the labels of all other lines:

# %%
from collections import Counter

Counter(labels)

# %% [markdown]
# The set of labels that a file may use is its *label inventory*. Here one name is in it twice, in two spellings, and one row
# has no label at all. Now the loop grows into a function. It groups the spellings of a label and keeps the groups of more than
# one, the commonest spelling first.


# %%
def label_variants(labels):
    groups = {}
    for spelling, _ in Counter(labels).most_common():
        groups.setdefault(spelling.strip().casefold(), []).append(spelling)
    return {label: found for label, found in groups.items() if len(found) > 1}


label_variants([label for label in labels if label is not None])

# %% [markdown]
# **Checkpoint.** Other labels are left alone, and the commonest spelling comes first whatever the order of the rows.

# %%
assert label_variants(["A ", "a", "a", "b"]) == {"a": ["a", "A "]}
assert label_variants(["refund", "repair"]) == {}

# %% [markdown]
# ## All checks at once
#
# `own_data.examine` runs this check and many more, and collects what they find. `own_data.read` notes lines that it
# cannot read and goes on, so that one look shows everything.

# %%
def inspect(table):
    """Examine rows of texts with labels."""
    size = lesson.max_length
    return own_data.examine(table, "classify", tokenizer=tokenizer, max_length=size)


table = own_data.read("data/examples/broken.jsonl")
report = inspect(table)
report

# %% [markdown]
# A finding says what it is, how many rows it concerns, where the first one is, and what to do. **Stop** means that training
# would fail, or that its score would be wrong. **Look** means that a person has to decide. The line number is what you
# search for in your editor.
#
# Why do the others matter?
#
# - **The same text with another label**: the model is punished whatever it says.
# - **A leak**: the same text, or nearly the same, stands in two splits, so that the score counts what was learned by
#   heart. One such pair here differs in a capital and a space.
# - **A rare class**: from one row nobody can learn a class, and a test that lacks it says nothing about it.
# - **A long text**: the model reads the first `max_length` tokens and no more.
#
# `own_data.prepare` makes datasets of the rows. It refuses such a file, and names what it met first. That is why we look
# at a whole report, and do not run into one error after the other:

# %%
try:
    own_data.prepare(table, "classify", seed=lesson.seed)
except ValueError as error:
    print(error)

# %% [markdown]
# ### Trap: rows that stand twice, split at random
#
# How much can a *leak*, rows that training and test share, flatter a score? Take the messages to the library and give
# them labels **by lot**, so that there is nothing to learn. Then let each row stand twice, as happens when two exports are put
# together, and split at random, as published notebooks do.

# %%
import random

lot = random.Random(lesson.seed)
library = own_data.read("data/examples/library.csv")
texts = [row["message"] for row in library.rows] * 2
by_lot = [lot.choice("ABCDE") for _ in library.rows] * 2

# %% [markdown]
# The classifier is the simplest there is: it answers with the label of the training row whose words are most alike.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline


def nearest_row(parts):
    """Return the accuracy on test rows of answering like the nearest training row."""
    chosen = {name: ([texts[i] for i in rows], [by_lot[i] for i in rows])
              for name, rows in parts.items()}
    model = make_pipeline(TfidfVectorizer(), KNeighborsClassifier(1, metric="cosine"))
    return model.fit(*chosen["train"]).score(*chosen["test"])


# %%
order = lot.sample(range(len(texts)), len(texts))
half = len(order) // 2
at_random = {"train": order[:half], "test": order[half:]}
shares = {"train": 0.5, "test": 0.5}
whole = own_data.split_groups(texts, by_lot, shares, seed=lesson.seed)
leaking, honest = nearest_row(at_random), nearest_row(whole)
print(f"split at random: {leaking:.2f}, equal texts kept together: {honest:.2f}")
assert leaking > honest + 0.2

# %% [markdown]
# Guessing among five labels is right in one case of five. `split_groups` keeps equal texts together, and its score says so.
# Split at random, about half of the test rows have their twin in training, and the score praises a model that knows nothing. With a
# real label the same happens on top of what was learned, and you cannot tell the two apart.
#
# ## Mend it, step by step
#
# First what cannot be read. We replace the one wrong byte and close the brace, write the file under another name (never over
# the original), and read it again.

# %%
from pathlib import Path
from helpers.runs import run_folder

mended = [line.replace(b"\xe9", "é".encode()) for line in lines]
mended[21] += b"}"
path = Path(run_folder(lesson, "mended"), "mended.jsonl")
path.write_bytes(b"\n".join(mended))
table = own_data.read(path)
inspect(table).kinds()

# %% [markdown]
# Next the row without a label, and the one without a text. The first we can read and label ourselves; from an empty text
# nobody learns anything. And all labels get one spelling.

# %%
unlabelled = [row["text"] for row in table.rows if row.get("label") is None]
print(unlabelled)
table = table.change(lambda row: {"label": "refund"} | row)
table = table.keep(lambda row: row["text"].strip())
table = table.change(lambda row: row | {"label": row["label"].strip().casefold()})
inspect(table).kinds()

# %% [markdown]
# One text stands there with two labels. Which is right? No program can tell; read it:

# %%
from labs.own_data.duplicates import same_text

paid = [row for row in table.rows if row["text"].startswith("I paid for a repair")]
tables.table(paid)

# %% [markdown]
# This person wants money back, so `refund` stays. Of the text that leaked we take out the training row: the test should stay
# as it is, so that its scores can be compared with earlier ones. The class with one row goes as well, and of the pasted letters
# only the question is kept.

# %%
test = {same_text(row["text"]) for row in table.rows if row["split"] == "test"}
table = table.keep(lambda row: row not in paid or row["label"] == "refund")
table = table.keep(
    lambda row: row["split"] == "test" or same_text(row["text"]) not in test)
table = table.keep(lambda row: row["label"] != "praise")
table = table.change(lambda row: row | {"text": row["text"].split(" I paste")[0]})
inspect(table)

# %% [markdown]
# **Checkpoint.** Nothing is left to stop at, nothing to look at, and the rows can become datasets.

# %%
assert inspect(table).findings == ()
own_data.prepare(table, "classify", seed=lesson.seed).num_rows

# %% [markdown]
# ## Spans: characters become words
#
# Tools for annotation know no words. They write the text as it is, and for each entity where it begins, where it ends and
# what it is: a span, in characters. Here is a line as Doccano writes it. `read` cuts the text at its spaces, and turns
# the spans into tags:

# %%
note = {"text": "The bell of the Kestrel rattles, says Ann Lee.",
        "label": [[4, 8, "PART"], [16, 23, "BIKE"], [38, 45, "PERSON"]]}
path = Path(run_folder(lesson, "spans"), "notes.jsonl")
path.write_text(json.dumps(note), encoding="utf-8")
row = own_data.read(path).rows[0]
tables.strip({"word": row["tokens"], "tag": row["tags"]})

# %% [markdown]
# Look at the last word. The span ends before the full stop, but the word does not. The report calls this a *span that cuts
# a word*, and names the line, as it does for spans that overlap, or stand outside the text. It moves none of them. A
# finer cut helps: that of the tokenizer, which parts words from punctuation.
#
# **Checkpoint.** `offsets` say where each word stands in the text. With them, words and tags give the spans back.

# %%
row = own_data.read(path, words=tokenizer).rows[0]
back = own_data.spans_of(row["tags"], row["offsets"])
assert [list(span) for span in back] == row["spans"]
own_data.marked(row["text"], back)

# %% [markdown]
# Tags of other schemes (IOB1, BIOES, BILOU, plain types) are turned into IOB2, and the report shows one sentence before and
# after.
#
# ## The cell to change
#
# From here on everything depends on this cell. Put in the name of *your* file; in Colab or Binder, upload it first.
# `COLUMNS` gives the course's name of a column (the table at the top has them), then yours; what has the same name, or
# what the task does not need, may be left out. Where your file has a column that names the split, add `"split": "…"`.
# Three files work too: `FILE = {"train": "…", "validation": "…", "test": "…"}`.

# %%
FILE = "data/examples/library.csv"
TASK = "classify"
COLUMNS = {"text": "message", "label": "topic"}
FREEZE = "none"  # or "head-only", "first-3", "bias-only", as in lesson 06
ENCODING = None  # or its name, where the guess in the report is wrong: "cp1252", …

# %%
WORDS = "whitespace"  # or tokenizer, as above
LABELS = None  # or the names in order, where the file has numbers: ["O", "B-PER", …]
ROWS = lesson.train_rows  # to train on; None takes all
table = own_data.read(FILE, ENCODING, WORDS)
options = {"tokenizer": tokenizer, "max_length": lesson.max_length, "labels": LABELS}
own_data.examine(table, TASK, COLUMNS, **options)

# %% [markdown]
# Is there anything to stop at? Then mend it as above, and do not go on before. The bundled encoder has read English: for
# texts in another language take the full track, and name an encoder that knows it in `COURSE_CHECKPOINT`.
#
# ## Split
#
# `prepare` turns the rows into `train`, `validation` and `test`. Splits that your file names are kept; one that it lacks is
# cut from its training rows. Where it names none, 70 % of the rows are for training and 15 % for each of the others. The
# split is *stratified*: each class has about its share in each part. Equal texts stay together, and so do
# *near-duplicates*: more than half of the runs of five words of the shorter text stand in the other one too. In question
# answering all questions on a passage stay together.

# %%
splits = own_data.prepare(table, TASK, COLUMNS, seed=lesson.seed, labels=LABELS)
shown = min(4, len(splits["train"]))
tables.random_rows(splits["train"], count=shown, seed=lesson.seed)

# %% [markdown]
# **Checkpoint.** No text stands in two parts.

# %%
held = {name: own_data.texts_of(part) for name, part in splits.items()}
assert held["train"].isdisjoint(held["validation"] | held["test"])
assert held["validation"].isdisjoint(held["test"])
splits.num_rows

# %% [markdown]
# ## What can be had without training?
#
# Before you train, find out what you must beat. For texts with labels these are the commonest label, and a logistic
# regression on counted words, which takes a second. For tags it is a dictionary: each word gets the tag that it had most
# often. For questions and for reading it is the model that training starts from.

# %%
task = own_data.start(TASK, splits, lesson, FREEZE, ROWS)
baselines = task.baselines()
tables.table(own_data.comparison(baselines, {})[:-1])

# %% [markdown]
# ## Train
#
# `task.train()` does what the lesson of the task does, with its functions: it encodes the rows, builds the model, freezes
# what `FREEZE` says, and trains. So that this takes a minute, at most `ROWS` rows are trained on, and of the others at most
# `evaluation_rows` scored, drawn by the seed. `ROWS = None` takes all, and scores all. How long will that take? A few steps
# on a model that is thrown away tell, before you wait. The epochs stand under `"09"` in `helpers/lessons.toml`.

# %%
for name, part in task.splits.items():
    print(f"{name}: {len(part)} of {len(splits[name])} rows")
print("as in lesson", task.taught, dict(task.settings))
print(f"training will take about {task.minutes():.1f} minutes")
history = task.train()
print(f"{task.run.seconds:.0f} s")

# %%
plots.curves(history, ["loss"], "training loss")

# %% [markdown]
# ## Was it worth it?
#
# The last row is the trained model. Beside its gain stands what a single test row weighs in the accuracy, one divided by
# their number. (In F1 a row of a rare class weighs more; perplexity is no share at all.) A gain of one or two rows is luck
# as likely as not.

# %%
scores = task.score()
rows = own_data.comparison(baselines, scores)
tables.table(rows)

# %%
gain, weight = own_data.gain(task, rows), 1 / len(task.splits["test"])
print(f"gain in {task.main} over the best baseline: {gain:+.3f}")
print(f"one test row is {weight:.3f} of the accuracy")

# %% [markdown]
# A negative gain is a result too. Then use the baseline: it is faster, and you can explain it. On another seed the rows are
# split in another way, and the figures move. With few rows try several seeds before you believe a difference.
#
# ## Read the mistakes
#
# They are those of the validation rows, as in lesson 01: whatever you change because of them would spoil the test. On your
# own data reading pays twice. You know the field, and many a mistake turns out to be a wrong label.

# %%
tables.table(task.mistakes())

# %% [markdown]
# ## Save and describe
#
# **Checkpoint.** The model that is loaded again has the same score as the one that was trained.

# %%
folder = run_folder(lesson, f"own-{TASK}")
task.save(folder)
task.load(folder)
assert task.score() == scores

# %% [markdown]
# The card has the figures of this run. Its last line is yours to write: nobody else knows where your rows come from.
#
# Below it, `predict` puts the model's answers into rows as they were read. `export` writes them in the format of your file,
# so that they can go back into the tool they came from.

# %%
card = own_data.card(task, table.file, rows)
Path(folder, "README.md").write_text(card, encoding="utf-8")
print(card)

# %%
if TASK != "read":  # which answers nothing
    first = table.keep(lambda row: row in table.rows[:5])
    predictions = task.predict(first, COLUMNS)
    own_data.export(predictions, Path(folder, f"predictions{Path(FILE).suffix}"))
    print(predictions.rows[0])

# %% [markdown]
# ## Change the cell
#
# Now go back to the cell and change it. Each line below runs in about a minute, or less:
#
# | `FILE` | `TASK` | `COLUMNS` | `FREEZE` |
# |---|---|---|---|
# | `library.csv` | `"classify"` | `{"text": "message", "label": "topic"}` | `"first-3"` |
# | `library.csv` | `"few"` | `{"text": "message", "label": "topic"}` | `"none"` |
# | `workshop.conll` | `"tag"` | `{}` | `"none"` |
# | `rules.jsonl` | `"answer"` | `{}` | `"none"` |
# | `library.csv` | `"read"` | `{"text": "message"}` | `"first-0"` |
#
# Run all cells from there on. Then take your own file. If it holds what is nobody else's business (names, addresses,
# illnesses), hide it first, as lesson 03 does, and keep the trained model as private as the rows: it may have learned some by heart.
#
# ## Exercises
#
# ### Exercise 1 · Labels that nobody knows (easy, 5 minutes)
#
# `known` is the label inventory. Return the numbers of the rows, counted from zero, whose label is not in it.


# %% tags=["exercise"]
def unknown_labels(labels: list[str], known: list[str]) -> list[int]:
    """Return the row numbers of labels that are not in the inventory."""
    ### BEGIN SOLUTION
    return [row for row, label in enumerate(labels) if label not in known]
    ### END SOLUTION


# %%
import exercises

exercises.check(unknown_labels)

# %% [markdown]
# <details><summary>Hint</summary><code>enumerate(labels)</code> gives each row's number and label.</details>
#
# ### Exercise 2 · One spelling for each label (medium, 10 minutes)
#
# We put all labels into small letters. But *VAT* or *McNeil* should stay as they are. Return the labels, each in the
# commonest of its spellings; two spellings belong together where `strip` and `casefold` make them equal. Of equally common
# ones take the one that comes first in the file.


# %% tags=["exercise"]
def one_spelling(labels: list[str]) -> list[str]:
    """Return each label in the commonest spelling of its group."""
    ### BEGIN SOLUTION
    groups = {}
    for label in labels:
        groups.setdefault(label.strip().casefold(), []).append(label)
    best = {key: max(group, key=group.count) for key, group in groups.items()}
    return [best[label.strip().casefold()] for label in labels]
    ### END SOLUTION


# %%
exercises.check(one_spelling)

# %% [markdown]
# <details><summary>Hint</summary>Collect the spellings of each group first. <code>max(group, key=group.count)</code>
# returns the first of equals.</details>
#
# ### Exercise 3 · Count the leaked rows (medium, 10 minutes)
#
# Return how many test texts stand in `train` too. Two texts count as equal where they differ in capitals and in the
# number or kind of spaces only. A text that stands twice in the test counts twice, since both rows are scored.


# %% tags=["exercise"]
def leaked_rows(train: list[str], test: list[str]) -> int:
    """Return the number of test rows whose text stands in train."""
    ### BEGIN SOLUTION
    def plain(text):
        return " ".join(text.lower().split())

    held = {plain(text) for text in train}
    return sum(plain(text) in held for text in test)
    ### END SOLUTION


# %%
exercises.check(leaked_rows)

# %% [markdown]
# <details><summary>Hint</summary><code>" ".join(text.split())</code> leaves single spaces. Make a set of the training
# texts first.</details>
#
# ### Exercise 4 · Split by group (a small project, 30 minutes)
#
# Several messages of one customer are alike in style and in subject. If some are in training and others in the test, the score
# does not tell how the model does with *new* customers. `groups` names the customer of each row. Go through the customers in the
# order of their first rows, and give each one to the test with *all* of its rows, until the test has at least
# `test_rows` rows, or all there are; for 0 it stays empty. Return the numbers of the test rows in order.


# %% tags=["exercise"]
def split_by_group(groups: list[str], test_rows: int) -> list[int]:
    """Return the rows of the test: whole groups, until there are enough."""
    ### BEGIN SOLUTION
    chosen, count = set(), 0
    for group in groups:
        if group not in chosen and count < test_rows:
            chosen.add(group)
            count += groups.count(group)
    return [row for row, group in enumerate(groups) if group in chosen]
    ### END SOLUTION


# %%
exercises.check(split_by_group)

# %% [markdown]
# <details><summary>Hint</summary>Choose the groups first, in one walk. Then collect the rows of the chosen groups in a
# second one. A group may give a few rows more than were asked for.</details>
#
# Now the project. Bring a file of your own in which rows belong together: by author, by day, by patient, by product. Write the
# split into a column with your function, and train with it (`"split": "…"` in `COLUMNS`). Train again without that column. By
# how much did the split that ignores groups flatter the score?
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Read five lines yourself, then let a program look for the rest, all of it at once.
# - Stop at what makes a score wrong: two labels for a text, two spellings for a label, a text in two splits.
# - Mend a copy, one thing at a time, and look again after each.
# - Split so that what belongs together stays together.
# - Know what can be had without training, and what one test row weighs.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *JSON Lines* (JSONL): a file with one JSON object on each line.
# - *CoNLL format*: a file with a word and its tag on each line, and an empty line after each sentence.
# - *Character encoding*: a table from bytes to characters, such as UTF-8.
# - *Label inventory*: the set of labels that a file may use.
# - *Leak* (leakage): a text that training and test share, so that the score counts what was learned by heart.
# - *Stratified*: of a split whose parts each hold about the same share of every class.
# - *Near-duplicate*: a text that shares a large part of its runs of words with another.
#
# Next: [10 · Update old code](10_update_old_code.ipynb).
