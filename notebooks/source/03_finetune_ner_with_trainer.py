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
# # 03 · Fine-tune NER with Trainer
#
# **What you'll do.** Train the encoder to find names in newswire, score it the way the field does, and use it to hide
# names in a text.
#
# **What you'll learn**
# - train a token classifier with `Trainer`, evaluated each epoch
# - score whole entities with seqeval, and avoid the flat-list trap
# - analyse errors: confusions, costliest tokens, predictions drawn in the text
# - compare two ways of labelling fairly, over seeds
# - use and share the model
#
# **What you'll need.** Lesson 02. 110 minutes of reading and exercises. The notebook runs in about a minute and a half on
# two CPU cores, most of it training, and needs 1.3 GB of memory.

# %%
from helpers import course

lesson = course.start("03")
lesson

# %% [markdown]
# One word in one place decides what is learned: entities, parts of speech or chunks. Change it, run all, and the cells
# follow; the prose speaks of entities.

# %%
TASK = "ner"  # or "pos", or "chunk"
MAIN = "accuracy" if TASK == "pos" else "f1"  # parts of speech are no entities
label_column = f"{TASK}_tags"

# %% [markdown]
# ## Data and labels
#
# Each row is a list of words with a list of tag ids. `draw` takes a sample after a shuffle, as in lesson 01.

# %%
from helpers import data, plots, tables


def draw(dataset, rows, seed):
    """Return `rows` random rows, or all where there are fewer."""
    return dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))


news = data.load(lesson.dataset)
train = draw(news["train"], lesson.train_rows, lesson.seed)
validation = draw(news["validation"], lesson.evaluation_rows, lesson.seed)
tables.random_rows(validation.select_columns(["tokens", label_column]), 3, lesson.seed)

# %% [markdown]
# A model works with ids, people with names. Both directions go into its configuration, so that the saved model speaks
# of `B-PER`, not of `LABEL_1`.

# %%
label_names = train.features[label_column].feature.names
id2label = dict(enumerate(label_names))
label2id = {name: index for index, name in id2label.items()}
print(label2id)

# %% [markdown]
# Alignment is lesson 02's function, now from `helpers`. The strategy is *first*: one label a word.

# %%
from helpers.ner import IGNORE_INDEX, tokenize_and_align
from helpers.encoder import load_tokenizer
from transformers import DataCollatorForTokenClassification

tokenizer = load_tokenizer(lesson.checkpoint)
collator = DataCollatorForTokenClassification(tokenizer)
settings = {"tokenizer": tokenizer, "label_names": label_names,
            "label_column": label_column, "max_length": lesson.max_length}


# %%
def encode(dataset, strategy="first"):
    """Tokenise and align a data set of sentences."""
    return dataset.map(tokenize_and_align, batched=True,
                       fn_kwargs=settings | {"strategy": strategy},
                       remove_columns=dataset.column_names)


# %%
encoded_train, encoded_validation = encode(train), encode(validation)
encoded_train

# %% [markdown]
# ### Trap: a head with too few outputs
#
# A head with too few outputs is a classic of forum questions. On a GPU the message is *device-side assert triggered*,
# which says nothing. On a CPU it is clearer. Here is a head one label short:

# %%
import torch
from transformers import AutoModelForTokenClassification


def new_model(num_labels):
    """Return the pretrained encoder with a new head for `num_labels` labels."""
    return AutoModelForTokenClassification.from_pretrained(
        lesson.checkpoint, dtype=torch.float32, num_labels=num_labels,
        id2label={label: id2label[label] for label in range(num_labels)},
        label2id={id2label[label]: label for label in range(num_labels)})


# %%
highest = max(max(labels) for labels in encoded_train["labels"])
row = next(row for row in encoded_train if highest in row["labels"])
try:
    new_model(num_labels=highest)(**collator([row]))
except IndexError as error:
    print("IndexError:", error)

# %% [markdown]
# The cure is one line, before training: every label id that occurs has an output. (The load report above is the one of
# lesson 01: the head is new. We shall load the same encoder several times, so from here on we leave the report out.)

# %%
from helpers.encoder import hide_load_report

hide_load_report()
model = new_model(len(label_names))
assert highest < model.config.num_labels == len(label_names)

# %% [markdown]
# ## Scoring entities
#
# Counting right tokens flatters: most words are `O`, and half a name is of no use. The field scores **entities**: an
# entity counts only if its type and its first and last word are right. The library for it is *seqeval*.
#
# A made-up prediction shows what it reports. The truth is a sentence of nine words with three entities; the model
# misses the second MISC.

# %% tags=["nbval-check-output"]
from helpers.metrics import load_metric

seqeval = load_metric("seqeval")
truth = ["B-ORG", "O", "B-MISC", "O", "O", "O", "B-MISC", "O", "O"]
guess = ["B-ORG", "O", "B-MISC", "O", "O", "O", "O", "O", "O"]
toy = seqeval.compute(predictions=[guess], references=[truth])
overall = {name: round(toy[name], 2) for name in toy if name.startswith("overall")}
overall | {"MISC": toy["MISC"]}

# %% [markdown]
# Both predicted entities are right: precision 1. Two of three were found: recall 0.67. One of two MISC: recall 0.5.
# *Token accuracy*, the share of tokens with the right label, is 0.89. It hides that a third of the names is missing.
#
# ### Trap: the flat list
#
# seqeval wants a list of sentences, each a list of names. What if every token is passed as a sentence of its own? It
# runs. Take a person of two words, of whom the model found only the first:

# %% tags=["nbval-check-output"]
truth, guess = ["B-PER", "I-PER", "O", "B-LOC"], ["B-PER", "O", "O", "B-LOC"]
right = seqeval.compute(predictions=[guess], references=[truth])
flat = seqeval.compute(
    predictions=[[name] for name in guess], references=[[name] for name in truth]
)
print(f"by sentence {right['overall_f1']:.2f}, flat {flat['overall_f1']:.2f}")

# %% [markdown]
# The same prediction, and a better score: with one-token sentences no entity is longer than a token, so half a person
# counts as one found. If a published entity F1 looks too good, look for this.
#
# ## From logits to entities
#
# The model gives logits of shape `(batch, seq_len, labels)`. The prediction is the highest. Positions whose reference
# is `IGNORE_INDEX` (specials, padding, later sub-tokens) are left out of both lists.

# %%
from helpers.ner import check_shapes


def to_entities(predictions, references, label_names):
    check_shapes(predictions, references)
    kept_predictions, kept_references = [], []
    for predicted, reference in zip(predictions, references, strict=True):
        pairs = zip(predicted, reference, strict=True)
        kept = [(p, r) for p, r in pairs if r != IGNORE_INDEX]
        kept_predictions.append([label_names[p] for p, _ in kept])
        kept_references.append([label_names[r] for _, r in kept])
    return kept_predictions, kept_references


# %% [markdown]
# That is all `compute_metrics` needs. We report the overall figures each epoch and keep the report by type for later.
# POS tags are no entities, so for them seqeval's figures mean little, and accuracy is the one to read.


# %%
def compute_metrics(evaluation):
    """Return entity precision, recall, F1 and token accuracy of an EvalPrediction."""
    predictions, references = to_entities(
        evaluation.predictions.argmax(axis=-1), evaluation.label_ids, label_names)
    scores = seqeval.compute(predictions=predictions, references=references)
    wanted = ("precision", "recall", "f1", "accuracy")
    return {name: scores[f"overall_{name}"] for name in wanted}


# %% [markdown]
# ## A baseline
#
# What does somebody score who knows no grammar, and has only learned by heart which tag each word of the training set
# has most often? An unknown word gets the commonest tag of all (for entities, `O`).

# %%
from collections import Counter, defaultdict

seen = defaultdict(Counter)
for example in train:
    for word, label in zip(example["tokens"], example[label_column], strict=True):
        seen[word][label_names[label]] += 1
commonest = sum(seen.values(), Counter()).most_common(1)[0][0]
best = {word: counts.most_common(1)[0][0] for word, counts in seen.items()}

# %%
by_heart = [[best.get(word, commonest) for word in row] for row in validation["tokens"]]
references = [[label_names[i] for i in labels] for labels in validation[label_column]]
baseline = seqeval.compute(predictions=by_heart, references=references)
{name: round(baseline[name], 3) for name in ("overall_f1", "overall_accuracy")}

# %% [markdown]
# Compare the two figures: the gap is what token accuracy hides. Names that were never seen cannot be known by heart, and
# tomorrow's news brings new names.
#
# ## Train
#
# The arguments are those of lesson 01; their values are in the table at the top.

# %%
from helpers.runs import measured, run_folder
from transformers import Trainer, TrainingArguments, set_seed
from transformers.utils.notebook import NotebookProgressCallback


def arguments(epochs, seed, **more):
    """Return the arguments of a run."""
    return TrainingArguments(
        output_dir=run_folder(lesson), seed=seed, num_train_epochs=epochs,
        learning_rate=lesson.learning_rate, weight_decay=0.01, warmup_steps=0.1,
        per_device_train_batch_size=lesson.batch_size, per_device_eval_batch_size=32,
        train_sampling_strategy="group_by_length", save_strategy="no",
        report_to="none", dataloader_pin_memory=False, **more)


# %% [markdown]
# `set_seed` comes before the model, since the head's first weights are random. We build the model anew in the same
# cell, so that running the cell twice trains twice from the start, not on from the first result.

# %%
shared = {"data_collator": collator, "compute_metrics": compute_metrics,
          "processing_class": tokenizer, "eval_dataset": encoded_validation}
settled = arguments(lesson.epochs, lesson.seed,
                    eval_strategy="epoch", logging_strategy="epoch")

# %%
set_seed(lesson.seed)
model = new_model(len(label_names))
trainer = Trainer(model, settled, train_dataset=encoded_train, **shared)
with measured() as run:
    trainer.train()
trainer.remove_callback(NotebookProgressCallback)

# %%
figures = ["eval_precision", "eval_recall", "eval_f1"]
plots.curves(trainer.state.log_history, figures, "validation, an epoch at a time")

# %% [markdown]
# **Checkpoint.** Clearly better than learning by heart, and clearly not perfect.

# %%
scores = trainer.evaluate()
print(f"{MAIN} {scores[f'eval_{MAIN}']:.3f} after {run.seconds:.0f} s of training")
by_heart = baseline[f"overall_{MAIN}"]
lesson.expect(MAIN, scores[f"eval_{MAIN}"], above=by_heart + 0.05, below=1.0)

# %% [markdown]
# All figures here are on validation, as the published ones are. For a figure to quote, score once on `news["test"]`.
#
# Where is it good? `predict` gives the logits of all sentences, in the order of the data set once grouping by length is
# off (lesson 01); seqeval reports by type. (For parts of speech the "types" are not entities; read the next section
# instead.)

# %%
from copy import copy

trainer.args = copy(settled)
trainer.args.train_sampling_strategy = "random"
prediction = trainer.predict(encoded_validation)
predicted, references = to_entities(
    prediction.predictions.argmax(-1), prediction.label_ids, label_names)
report = seqeval.compute(predictions=predicted, references=references)
by_type = {kind: row for kind, row in report.items() if isinstance(row, dict)}
tables.table([{"type": kind} | row for kind, row in by_type.items()])

# %% [markdown]
# The types do not come out alike. MISC is a bag of different things: nationalities, events, titles of works.
#
# ## Error analysis
#
# ### Which labels are confused?
#
# A *confusion* is one label taken for another. Here is a row for each true label, a column for each predicted one. The
# diagonal is right; everything beside it is an error.
# We leave out the cell of the commonest tag, so that the others can be seen.

# %%
import numpy as np

counts = np.zeros((len(label_names), len(label_names)), dtype=int)
for truth, said in zip(sum(references, []), sum(predicted, []), strict=True):
    counts[label2id[truth], label2id[said]] += 1
counts[label2id[commonest], label2id[commonest]] = 0
plots.confusion(counts, label_names)

# %% [markdown]
# Which cell beside the diagonal is the largest? Errors between two B- labels have the place right and the type wrong.
# Errors in the row or column `O` are names missed or invented.
#
# ### Which tokens cost most?
#
# The loss of a single position says how much the model was surprised by the truth. Compute it without averaging, and
# sort. The costliest tokens are hard cases, or errors in the annotation; reading them is a cheap way to find both.

# %%
logits = torch.tensor(prediction.predictions)
targets = torch.tensor(prediction.label_ids)
losses = torch.nn.functional.cross_entropy(
    logits.transpose(1, 2), targets, ignore_index=IGNORE_INDEX, reduction="none"
)
costliest = losses.flatten().argsort(descending=True)[:8].tolist()

# %%
rows = []
for place in costliest:
    sentence, position = divmod(place, losses.shape[1])
    words = validation[sentence]["tokens"]
    word = tokenizer(words, is_split_into_words=True).word_ids()[position]
    said = label_names[logits[sentence, position].argmax()]
    truth = label_names[targets[sentence, position]]
    rows.append({"loss": losses[sentence, position].item(), "word": words[word],
                 "said": said, "truth": truth, "sentence": " ".join(words)})
tables.table(rows)

# %% [markdown]
# ### Predictions in the text
#
# Numbers show how often, pictures show how. The sentences with most errors: a coloured word is predicted as an entity; a
# red line marks an error, with the truth beside it.

# %%
rows = list(zip(validation["tokens"], predicted, references, strict=True))
rows.sort(key=lambda row: -sum(map(str.__ne__, row[1], row[2])))
tables.Html("".join(tables.entities_in_text(*row) for row in rows[:4]))

# %% [markdown]
# ### Trap: still in train mode
#
# During training, dropout switches off random units: the model is in *train mode*. A model used while it is still in this
# mode gives another answer at each call. No error, just noise.

# %%
batch = collator([encoded_validation[0]]).to(trainer.model.device)
trainer.model.train()
one, two = (trainer.model(**batch).logits.detach() for _ in range(2))
print(f"in train mode two calls differ by up to {(one - two).abs().max():.2f}")

# %% [markdown]
# **Checkpoint.** `eval()` switches to *eval mode*: dropout is off, and the same input gives the same output.
# `from_pretrained` returns a model in eval mode; after `trainer.train()` look after it yourself. A `pipeline` does not do
# it for you.

# %%
trainer.model.eval()
one, two = (trainer.model(**batch).logits.detach() for _ in range(2))
assert torch.equal(one, two)

# %% [markdown]
# ## Which strategy? An experiment
#
# Lesson 02 left a question open: label the first sub-token, repeat the label, or continue it with I-? A fair answer
# needs three things: each run starts from a new model, all are scored **in the same way** (on first sub-tokens), and
# each is run with several seeds, so that luck shows.
#
# Small runs will do: fewer sentences, fewer epochs. `release` gives back what a finished Trainer no longer needs:
# gradients and the optimiser's state take three times the memory of the weights.


# %%
from helpers.runs import release
from transformers import PrinterCallback


def run_strategy(strategy, seed):
    """Train a new model on a sample labelled by `strategy`; return its main score."""
    set_seed(seed)
    sample = encode(draw(train, lesson.compare_rows, seed), strategy)
    short = arguments(lesson.compare_epochs, seed, disable_tqdm=True)
    model = new_model(len(label_names))
    contender = Trainer(model, short, train_dataset=sample, **shared)
    contender.remove_callback(PrinterCallback)
    contender.train()
    score = contender.evaluate()[f"eval_{MAIN}"]
    release(contender)
    return score


# %%
from helpers import runs
from tqdm.auto import tqdm

release(trainer)
seeds = [lesson.seed + offset for offset in range(lesson.compare_seeds)]
results = defaultdict(list)
for strategy in tqdm(("first", "repeat", "inside")):
    for seed in seeds:
        with measured() as short_run:
            results[strategy].append(run_strategy(strategy, seed))
        runs.record("03", f"{TASK} {strategy}", seed=seed, seconds=short_run.seconds,
                    peak_mb=short_run.peak_mb, **{MAIN: results[strategy][-1]})

# %%
plots.bars_with_seeds(results, f"{TASK} {MAIN}")

# %% [markdown]
# A dot is a seed (it draws the sample too), a bar their mean. Dots that overlap show no difference; that is no proof that
# there is none. Two dots that do not overlap prove little either: another order of batches can turn them round. For a
# verdict raise `compare_seeds` in `helpers/lessons.toml`.
#
# ## Use it
#
# Save the model, load it as a pipeline, and try a sentence of our own. `aggregation_strategy` rules the *aggregation*,
# how sub-tokens become entities: `none` gives every sub-token not labelled `O`; `simple` joins neighbours of one type;
# `first`, `average` and `max` let a word's first, mean or highest score decide for the whole word.

# %%
from transformers import pipeline

folder = run_folder(lesson, f"{TASK}-tagger")
trainer.save_model(folder)
text = "Marta Lindqvist left Oslo for the Harbour Bank of Rotterdam on Friday."
for strategy in ("none", "simple", "first", "average", "max"):
    tag = pipeline("token-classification", model=folder, aggregation_strategy=strategy)
    key = "entity" if strategy == "none" else "entity_group"
    print(f"{strategy:8}", [(entity[key], entity["word"]) for entity in tag(text)])

# %% [markdown]
# The strategies differ when the sub-tokens of one word get different types. Only first sub-tokens were trained, so
# nothing holds this model to a sensible answer on later ones. `first` does not look at them.
#
# ### Hide the names
#
# A use for it: replace names before a text is passed on. Each entity comes with `start` and `end`, characters of the
# text, end exclusive. Exercise 4 does the replacing. Here is what there is to replace:

# %%
tag = pipeline("token-classification", model=folder, aggregation_strategy="first")
entities = tag(text)
wanted = ("entity_group", "start", "end", "word")
tables.table([{name: entity[name] for name in wanted} for entity in entities])

# %% [markdown]
# Be careful with promises: at this F1, names will be missed. *De-identification*, making records anonymous, needs a model
# with a recall close to 1 and a person who checks.
#
# ## Describe and share it
#
# The card holds the figures of this run.

# %%
from pathlib import Path

card = f"""---
base_model: {lesson.encoder}
pipeline_tag: token-classification
---
# {TASK.upper()} tagger for English newswire

- Data: {len(train)} sentences ({lesson.source}), labels on first sub-tokens.
- Training: {lesson.epochs} epochs, learning rate {lesson.learning_rate},
  seed {lesson.seed}, {run.seconds:.0f} s.
- {len(validation)} validation sentences: F1 {scores["eval_f1"]:.3f}, precision
  {scores["eval_precision"]:.3f}, recall {scores["eval_recall"]:.3f}.
"""
Path(folder, "README.md").write_text(card, encoding="utf-8")
print(card)

# %% [markdown]
# Sharing is one command in a terminal, once you are logged in (`hf auth login`). It uploads weights, tokenizer *and*
# card. It is not run here: this course touches your account only when you ask it to.
#
# ```
# hf upload your-name/news-ner FOLDER --exclude training_args.bin
# ```
#
# **Other sets to try.** `leondz/wnut_17` has new and rare names from the web; load it with
# `datasets.load_dataset("leondz/wnut_17", revision="refs/convert/parquet")` in place of `data.load`. The film and
# restaurant questions `tner/mit_movie_trivia` and `tner/mit_restaurant` are JSON files with a column `tags`, and keep
# their names in a `label.json`: set `label_column` and `label_names` by hand. The cells look labels up by name, so any
# order will do.
#
# ## Exercises
#
# ### Exercise 1 · Count the entities (easy, 5 minutes)
#
# Return how many entities of each type a sentence of IOB2 names has. Types that do not occur are left out:
# `["B-PER", "I-PER", "O", "B-PER"]` gives `{"PER": 2}`.


# %% tags=["exercise"]
def count_entities(names: list[str]) -> dict[str, int]:
    """Return type → number of entities of a sentence."""
    ### BEGIN SOLUTION
    return dict(Counter(name[2:] for name in names if name.startswith("B-")))
    ### END SOLUTION


# %%
import exercises

exercises.check(count_entities)

# %% [markdown]
# <details><summary>Hint</summary>Every entity has exactly one B-, however long it is.</details>
#
# ### Exercise 2 · Find the entities (medium, 15 minutes)
#
# Turn a sentence of IOB2 names into a list of `(type, start, end)`, in order; `end` is the place after the last word.
# `["B-PER", "I-PER", "O", "B-LOC"]` gives `[("PER", 0, 2), ("LOC", 3, 4)]`.


# %% tags=["exercise"]
def find_entities(names: list[str]) -> list[tuple[str, int, int]]:
    """Return (type, start, end) of each entity; words, end exclusive."""
    ### BEGIN SOLUTION
    entities = []
    for place, name in enumerate(names):
        if name.startswith("B-"):
            entities.append((name[2:], place, place + 1))
        elif name.startswith("I-"):
            kind, start, _ = entities.pop()
            entities.append((kind, start, place + 1))
    return entities
    ### END SOLUTION


# %%
exercises.check(find_entities)

# %% [markdown]
# <details><summary>Hint</summary>At B- open a new entity; at I- move the end of the last one.</details>
#
# ### Exercise 3 · What precision and recall count (medium, 15 minutes)
#
# For one sentence, return how many entities are `right`, how many were `predicted`, and how many the `reference` has.
# Right means the same type, start and end.


# %% tags=["exercise"]
def entity_counts(predicted: list[str], reference: list[str]) -> dict[str, int]:
    """Return the counts that entity precision and recall are made of."""
    ### BEGIN SOLUTION
    found, true = set(find_entities(predicted)), set(find_entities(reference))
    return {"right": len(found & true), "predicted": len(found), "reference": len(true)}
    ### END SOLUTION


# %%
exercises.check(entity_counts)

# %% [markdown]
# <details><summary>Hint</summary>Your <code>find_entities</code> gives tuples, and sets of tuples have
# intersections.</details>
#
# ### Exercise 4 · Hide the names (medium, 15 minutes)
#
# Replace each entity of a pipeline's answer by its type in square brackets: *"[PER] left [LOC] …"*. Use `start` and
# `end`, which are places in the *original* text; `word` is put together from tokens and may be spelled otherwise.


# %% tags=["exercise"]
def hide_names(text: str, entities: list[dict]) -> str:
    """Return the text with every entity replaced by its type in square brackets."""
    ### BEGIN SOLUTION
    for entity in sorted(entities, key=lambda entity: entity["start"], reverse=True):
        hidden = f"[{entity['entity_group']}]"
        text = text[: entity["start"]] + hidden + text[entity["end"] :]
    return text
    ### END SOLUTION


# %%
exercises.check(hide_names)

# %% [markdown]
# <details><summary>Hint</summary>A replacement moves everything behind it. Which entity can you replace without moving
# another one?</details>
#
# When it is correct, try `hide_names(text, entities)` on the sentence of the pipeline.
#
# ### Exercise 5 · Count the confusions (a small project, 30 minutes)
#
# Over several sentences, count how often a true label was predicted as another one: a dictionary from
# `(reference, predicted)` to a count, errors only.


# %% tags=["exercise"]
def label_confusions(predictions: list[list[str]], references: list[list[str]]) -> dict:
    """Return (reference, predicted) → count for every wrong label."""
    ### BEGIN SOLUTION
    counts = Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        pairs = zip(reference, predicted, strict=True)
        counts.update((truth, said) for truth, said in pairs if truth != said)
    return dict(counts)
    ### END SOLUTION


# %%
exercises.check(label_confusions)

# %% [markdown]
# <details><summary>Hint</summary><code>collections.Counter</code> counts tuples too.</details>
#
# Now the project. Compare what this lesson's model confuses (`predicted`) with what the baseline does (`by_heart`), each
# against `references`: which errors did training remove, and which are new? Then find the sentences behind the model's
# five commonest confusions. Of how many would you say that the annotation is wrong, or could be read either way?
#
# ## Beside the classic run
#
# Published notebooks train `distilbert-base-uncased` on the whole of CoNLL-2003: 14,041 sentences, 3 epochs, batch 16,
# learning rate 2e-5, weight decay 0.01. Their figures, and those of this run:

# %%
classic = {"precision": 0.929, "recall": 0.939, "f1": 0.934, "accuracy": 0.984}
ours = {name: scores[f"eval_{name}"] for name in classic}
here = f"{lesson.track}, {TASK}"
tables.table([{"run": "classic", **classic}, {"run": here, **ours}])

# %% [markdown]
# By type, the classic F1 is 0.958 for LOC, 0.826 for MISC, 0.907 for ORG and 0.976 for PER. Run this lesson with
# `COURSE_TRACK=full` to train it yourself. The tiny track has a fortieth of the sentences and a third of the
# parameters.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Check that every label id has an output before you train.
# - Score entities, a list of names for each sentence. Token accuracy flatters.
# - Compare with a baseline that has learned words by heart.
# - Confusions, costliest tokens and pictures show *where* a model errs.
# - Compare strategies on one metric, from new models, over seeds.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *seqeval*: the library that scores whole entities: precision, recall and F1 count entities, not tokens.
# - *Token accuracy*: the share of tokens with the right label.
# - *Confusion*: one label taken for another.
# - *Train mode*: the state of a model in which dropout is on.
# - *Eval mode*: the state of a model in which dropout is off, so that the same input gives the same output.
# - *Aggregation*: making entities of sub-tokens.
# - *De-identification*: taking names out of a text, so that nobody can be found by it.
#
# Next: [04 · Write the loop with Accelerate](04_write_the_loop_with_accelerate.ipynb), the loop that `Trainer` runs for
# you.
