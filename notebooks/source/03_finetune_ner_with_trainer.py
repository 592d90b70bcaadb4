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
# You have to remove people's names from a pile of letters. A model that labels nine tokens in ten correctly sounds good
# enough. But most tokens aren't names, so it may still miss half of the names.
#
# **What you'll do.** Fine-tune the encoder to find names in news, score it by whole entities, and hide names with it.
#
# **What you'll learn**
# - train a token classifier with `Trainer`, evaluated each epoch
# - score whole entities, and avoid a mistake that makes the score look too good
# - analyze errors by label, by token, and in the text
# - make a fair comparison of three ways to label, with several seeds
# - use and share the model
#
# **What you'll need.** Lessons 01 and 02. 115 minutes of reading and exercises; *Going deeper* can wait. The notebook
# takes about a minute and a half on two CPU cores, and 1.3 GB of memory.

# %%
from helpers import course

lesson = course.start("03")
lesson

# %% [markdown]
# *Named-entity recognition* (NER) finds names. The same notebook can also train on parts of speech (POS) or chunks:
# change `TASK` and run all cells again. POS tags aren't entities, so with `"pos"` look only at the accuracy.

# %%
TASK = "ner"  # or "pos", or "chunk"
MAIN = "accuracy" if TASK == "pos" else "f1"
label_column = f"{TASK}_tags"

# %% [markdown]
# ## Data and labels
#
# Each row is a list of words and a list of tag ids, which the table below translates.

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
# The model works with label ids, but you want to read label names: `B-PER` begins the name of a person, `I-PER`
# continues it (lesson 02). `new_model` below passes both dictionaries to the model, so that it answers `B-PER` instead
# of `LABEL_1`.

# %%
label_names = train.features[label_column].feature.names
id2label = dict(enumerate(label_names))
label2id = {name: index for index, name in id2label.items()}
print(label2id)

# %% [markdown]
# You built `tokenize_and_align` in lesson 02; now you import it. With the strategy *first*, only the first sub-token of
# a word gets the label. `DataCollatorForTokenClassification` pads tokens and labels.

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
    """Tokenize and align a data set of sentences."""
    return dataset.map(tokenize_and_align, batched=True,
                       fn_kwargs=settings | {"strategy": strategy},
                       remove_columns=dataset.column_names)


encoded_train, encoded_validation = encode(train), encode(validation)
encoded_train

# %% [markdown]
# ### Trap: a head with too few outputs
#
# What if the head has fewer outputs than there are labels? On a GPU you get *device-side assert triggered*, which hides
# the cause. On a CPU the message is clearer. The second cell below makes a head with as many outputs as the highest
# label id, 8 for entities. But the ids 0 to 8 are nine labels, so one output is missing:

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
# So give the head one output per label name, and check that before training. (`hide_load_report` hides the list of new
# and unused weights. Lesson 01 explains the new ones; the `pooler` isn't used for NER.)

# %%
from helpers.encoder import hide_load_report

hide_load_report()
model = new_model(len(label_names))
assert highest < model.config.num_labels == len(label_names)

# %% [markdown]
# ## Scoring entities
#
# Why not count the tokens that got the right label? Most words are `O`, so that number looks good even if names are
# missing. And half a name is useless. So NER is scored by **entities**: type, first word and last word must all be
# right. The usual library for this is *seqeval*. (By default, it's lenient: an `I-PER` without a `B-PER` also begins a
# name. `mode="strict", scheme="IOB2"` doesn't count it. Report the mode with each score.)
#
# Here is a made-up prediction: nine words, three entities, and the model misses the second MISC (a name of any other
# kind).

# %% tags=["nbval-check-output"]
from helpers.metrics import load_metric

seqeval = load_metric("seqeval")
truth = ["B-ORG", "O", "B-MISC", "O", "O", "O", "B-MISC", "O", "O"]
guess = ["B-ORG", "O", "B-MISC", "O", "O", "O", "O", "O", "O"]
toy = seqeval.compute(predictions=[guess], references=[truth])
overall = {name: round(toy[name], 2) for name in toy if name.startswith("overall")}
overall | {"MISC": toy["MISC"]}

# %% [markdown]
# Both predicted entities are right: precision 1. Two of three were found: recall 0.67 (MISC: one of two, 0.5). *Token
# accuracy*, the share of tokens with the right label, is 0.89. It hides that a third of the names is missing.
#
# ### Trap: the flat list
#
# seqeval expects a list of sentences, each a list of label names. What if you pass every token as its own sentence? It
# runs without a warning. In this example, the model finds only the first word of a person's two-word name. It finds the
# place, a single word, too:

# %% tags=["nbval-check-output"]
truth, guess = ["B-PER", "I-PER", "O", "B-LOC"], ["B-PER", "O", "O", "B-LOC"]
right = seqeval.compute(predictions=[guess], references=[truth])
flat = seqeval.compute(
    predictions=[[name] for name in guess], references=[[name] for name in truth]
)
print(f"by sentence {right['overall_f1']:.2f}, flat {flat['overall_f1']:.2f}")

# %% [markdown]
# The same prediction now scores better. With one token per sentence, each token that isn't `O` counts as an entity. So
# there are three entities, and the model found two. If a published entity F1 looks too good, check for this.
#
# ## From logits to entities
#
# The logits have shape `(batch, seq_len, labels)`; the label with the highest logit is the prediction. `to_entities`
# turns label ids into label names, in which seqeval then finds the entities. It drops the positions marked
# `IGNORE_INDEX`: special tokens, padding, and every sub-token after the first of a word.

# %%
from helpers.ner import check_shapes


def to_entities(predictions, references, label_names):
    check_shapes(predictions, references, label_names)
    kept_predictions, kept_references = [], []
    for predicted, reference in zip(predictions, references, strict=True):
        pairs = zip(predicted, reference, strict=True)
        kept = [(p, r) for p, r in pairs if r != IGNORE_INDEX]
        kept_predictions.append([label_names[p] for p, _ in kept])
        kept_references.append([label_names[r] for _, r in kept])
    return kept_predictions, kept_references


# %% [markdown]
# `Trainer` calls `compute_metrics` whenever it evaluates: in the training below, after each epoch.


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
# How far do you get by memorizing? This baseline gives each word its most frequent tag in the training set. Unknown
# words get the most common tag (for entities, `O`).

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
# Most tokens are right, yet the F1 of entities is low, here close to 0: memorizing can't find new names. (In
# CoNLL-2003, more names repeat: about 0.65.)
#
# ## Train
#
# The arguments are those of lesson 01 (`warmup_steps=0.1` means 10% of all steps), with the values from the table at
# the top.

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
        bf16=lesson.precision == "bf16", use_cpu=lesson.device.startswith("CPU"),
        report_to="none", dataloader_pin_memory=False, **more)


# %% [markdown]
# The head starts with random weights, so call `set_seed` before you create the model. Each run of the training cell
# starts anew.

# %%
shared = {"data_collator": collator, "compute_metrics": compute_metrics,
          "processing_class": tokenizer, "eval_dataset": encoded_validation}
settled = arguments(lesson.epochs, lesson.seed,
                    eval_strategy="epoch", logging_strategy="epoch")
set_seed(lesson.seed)
model = new_model(len(label_names))
trainer = Trainer(model, settled, train_dataset=encoded_train, **shared)
with measured() as run:
    trainer.train()
trainer.remove_callback(NotebookProgressCallback)  # no table for what follows

# %%
figures = ["eval_precision", "eval_recall", "eval_f1"]
plots.curves(trainer.state.log_history, figures, "validation, after each epoch")

# %% [markdown]
# **Check.** `evaluate` returns the scores of the last epoch once more. F1 (accuracy for POS) must be at least 0.05
# above the baseline's, and below 1.

# %%
scores = trainer.evaluate()
print(f"{MAIN} {scores[f'eval_{MAIN}']:.3f} after {run.seconds:.0f} s of training")
memorized = baseline[f"overall_{MAIN}"]
lesson.expect(MAIN, scores[f"eval_{MAIN}"], above=memorized + 0.05, below=1.0)

# %% [markdown]
# These scores are on validation rows, as in published notebooks. If you want to publish a score, compute it on
# `news["test"]`, and only once, at the very end. Words beyond `max_length` were cut off, so they aren't scored: with
# long texts, recall looks better than it is.
#
# Which types does the model find well? `predict` returns all logits, and seqeval reports each type (`number` counts the
# true entities). The error analysis below needs the order of `validation`. `group_by_length` changes it, too; `random`
# shuffles only training rows.

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
# ORG and MISC are often the hardest. The name of an organization may contain a place or a person, and MISC mixes
# nationalities, events and titles of works.
#
# ## Error analysis
#
# ### Which labels are confused?
#
# A *confusion* is one label predicted in place of another. Rows are true labels, columns predicted ones. The diagonal
# is right; everything else is an error. One square on the diagonal is left empty: that of the most common tag (for
# entities, `O`). Its count is so high that you couldn't see the others.

# %%
import numpy as np

counts = np.zeros((len(label_names), len(label_names)), dtype=int)
for truth, said in zip(sum(references, []), sum(predicted, []), strict=True):
    counts[label2id[truth], label2id[said]] += 1
counts[label2id[commonest], label2id[commonest]] = 0
plots.confusion(counts, label_names)

# %% [markdown]
# Look for the darkest squares off the diagonal. If one B- label replaces another, the model found the start of a name
# but got its type wrong. Row `O` counts words that belong to no name, but that the model took for part of one. Column
# `O` counts words of names that the model missed.
#
# ### Going deeper: Which tokens cost most?
#
# The loss of a token is high if the model gave its true label a low probability. Compute the loss of each token
# (`reduction="none"`), and sort. At the top of the list are the model's worst errors, and sometimes labels that are
# themselves wrong. `divmod` turns an index in the flattened losses into sentence and position;
# `word_ids` leads to the word.

# %%
logits = torch.tensor(prediction.predictions)
targets = torch.tensor(prediction.label_ids)
losses = torch.nn.functional.cross_entropy(
    logits.transpose(1, 2),  # it expects the labels' scores in dimension 1
    targets, ignore_index=IGNORE_INDEX, reduction="none"
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
# These four sentences have the most errors. Colored words were predicted as entities; a red line marks an error, with
# the true label beside it.

# %%
rows = list(zip(validation["tokens"], predicted, references, strict=True))
rows.sort(key=lambda row: -sum(map(str.__ne__, row[1], row[2])))
tables.Html("".join(tables.entities_in_text(*row) for row in rows[:4]))

# %% [markdown]
# ### Trap: still in train mode
#
# In *train mode*, dropout sets random values to zero. If you predict in this mode, every call gives a different answer,
# without an error.

# %%
batch = collator([encoded_validation[0]]).to(trainer.model.device)
trainer.model.train()
one, two = (trainer.model(**batch).logits.detach() for _ in range(2))
print(f"in train mode two calls differ by up to {(one - two).abs().max():.2f}")

# %% [markdown]
# **Check.** `eval()` switches the model to *eval mode*: dropout is off, and the same input gives the same output.
# `from_pretrained` returns a model in eval mode, and `trainer.evaluate` and `predict` switch it to eval mode. But if
# training didn't end with an evaluation, call `eval()` before you pass the model to `pipeline`.

# %%
trainer.model.eval()
one, two = (trainer.model(**batch).logits.detach() for _ in range(2))
assert torch.equal(one, two)

# %% [markdown]
# ## Going deeper: Which strategy? An experiment
#
# Should you label only the first sub-token (*first*), repeat the label (*repeat*), or continue it with I- (*inside*)?
# For a fair comparison, start each run from a new model, score all **in the same way** (on first sub-tokens), and use
# more than one seed to see how much is luck.
#
# `release` frees the optimizer's state of the model that you trained above, and of each short run. That state takes
# twice the memory of the weights, which stay. `runs.record` writes each run to lesson 01's ledger.


# %%
from helpers.runs import release
from transformers import PrinterCallback


def run_strategy(strategy, seed):
    """Train a new model on a sample labeled by `strategy`; return its main score."""
    set_seed(seed)
    sample = encode(draw(train, lesson.compare_rows, seed), strategy)
    short = arguments(lesson.compare_epochs, seed, disable_tqdm=True)
    model = new_model(len(label_names))
    contender = Trainer(model, short, train_dataset=sample, **shared)
    contender.remove_callback(PrinterCallback)  # prints nothing
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
# Each dot is one seed; the bar is their mean. The seed also decides which sentences are sampled. A sample has far fewer
# sentences than the training set above, so all scores are lower. Two seeds are too few to decide, even if one strategy
# seems better: another order of batches can change that. Lesson 06 shows how many you need.
#
# ## Use it
#
# Save the model, load it as a pipeline, and try it on a sentence, or put your own in `text`. `aggregation_strategy`
# controls the *aggregation*, that is, how sub-tokens are merged into entities:
#
# - `none`: every sub-token that isn't labeled `O`, unmerged
# - `simple`: neighbors of one type are merged, unless a B- label begins a new entity
# - `first`: the label of the first sub-token counts for the whole word
# - `average`: the scores are averaged over the sub-tokens of a word, and the best label counts
# - `max`: the label of the sub-token with the highest score counts

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
# The merged answers can differ where a word has several sub-tokens, because each sub-token gets its own label. You
# trained on first sub-tokens only, so the answers on later ones can be anything. `first` ignores sub-tokens that begin
# with `##`, so it's the best choice of the five. But the pipeline doesn't know your words. At a hyphen or an
# apostrophe, it begins a new word: *Smith-Jones* is one word in our data but three here, and training ignored the last
# two. Where this matters, split texts into words as in training, tokenize them with `is_split_into_words=True`, and
# take the label of each word's first sub-token, as `task.predict` does in lesson 09.
#
# ### Hide the names
#
# Now you can replace names before you pass a text on. In exercise 4 you'll write the function that does it. Each entity
# has `start` and `end`, in characters, end exclusive:

# %%
tag = pipeline("token-classification", model=folder, aggregation_strategy="first")
entities = tag(text)
wanted = ("entity_group", "start", "end", "word")
tables.table([{name: entity[name] for name in wanted} for entity in entities])

# %% [markdown]
# Look at the recall of PER in the table by type: every name that the model misses stays in the letter.
# *De-identification*, removing everything that tells who a text is about, needs a recall close to 1 and a person who
# checks.
#
# ## Describe and share it
#
# The model card says what the model was trained on, and how it scored in your run.

# %%
from pathlib import Path

card = f"""---
base_model: {lesson.encoder}
pipeline_tag: token-classification
---
# {TASK.upper()} model for English news

- Data: {len(train)} sentences ({lesson.source}), labels on first sub-tokens.
- Training: {lesson.epochs} epochs, learning rate {lesson.learning_rate},
  seed {lesson.seed}, {run.seconds:.0f} s.
- {len(validation)} validation sentences: F1 {scores["eval_f1"]:.3f}, precision
  {scores["eval_precision"]:.3f}, recall {scores["eval_recall"]:.3f}.
"""
Path(folder, "README.md").write_text(card, encoding="utf-8")
print(card)

# %% [markdown]
# To share the model on the Hub, make an account there, log in once in a terminal (`hf auth login`), and set
# `REPOSITORY`. The cell then uploads weights, tokenizer *and* card, without `training_args.bin`, which holds paths of
# your machine.

# %%
from huggingface_hub import HfApi

REPOSITORY = None  # "your-name/news-ner", once you are logged in: hf auth login
files = sorted({file.name for file in Path(folder).iterdir()} - {"training_args.bin"})
if REPOSITORY:
    HfApi().create_repo(REPOSITORY, exist_ok=True)
    HfApi().upload_folder(repo_id=REPOSITORY, folder_path=folder, allow_patterns=files)
else:
    print("would upload", *files)

# %% [markdown]
# `Trainer` can upload, too: with `push_to_hub=True` in `TrainingArguments`, it pushes every model that it saves, and
# writes its own model card over `README.md`.
#
# ### Going deeper: Other data sets
#
# `leondz/wnut_17` has new and rare names from the web. Instead of `data.load`, use
# `datasets.load_dataset("leondz/wnut_17", revision="refs/convert/parquet")`. The revision is the Hub's own copy in
# Parquet: the original is a loading script, which no longer runs.
#
# ## Exercises
#
# ### Exercise 1 · Count the entities (easy, 5 minutes)
#
# A sentence is given as a list of IOB2 labels. Count its entities of each type. Leave out types that don't occur:
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
# Turn a sentence of IOB2 labels into a list of `(type, start, end)`, in order. `end` is the position after the last
# word: `["B-PER", "I-PER", "O", "B-LOC"]` gives `[("PER", 0, 2), ("LOC", 3, 4)]`.


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
# For one sentence, count the entities that are right, those predicted, and those in the reference, as in `{"right": 1,
# "predicted": 2, "reference": 2}`. Both lists are correct IOB2. Right means that type, start and end all match.


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
# <details><summary>Hint</summary>Your <code>find_entities</code> returns tuples, and you can intersect sets of
# tuples.</details>
#
# ### Exercise 4 · Hide the names (medium, 15 minutes)
#
# A pipeline found some entities. In the text, replace each entity with its type (`entity_group`) in square brackets:
# *"[PER] left [LOC] …"*. Use `start` and `end`, positions in the *original* text; `word` is joined from tokens and may
# be spelled differently.


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
# <details><summary>Hint</summary>A replacement moves everything after it. Which entity can you replace without moving
# another one?</details>
#
# When it's correct, try `hide_names(text, entities)` on the pipeline's sentence.
#
# ### Exercise 5 · Count the confusions (a small project, 30 minutes)
#
# Over several sentences, count how often one label was predicted in place of another. Return a dictionary from
# `(reference, predicted)` to the count, for errors only.


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
# Then compare `label_confusions(predicted, references)`, from your model, with `label_confusions(by_heart,
# references)`, from the baseline. Which errors did training remove, and which are new? Take the model's five most
# common confusions, and print the sentences in which they occur: in how many is the true label wrong, or debatable?
#
# ## Going deeper: Compare with published notebooks
#
# Many published notebooks fine-tune `distilbert-base-uncased` on the 14,041 training sentences of CoNLL-2003, the usual
# data set for NER: 3 epochs, batch size 16, learning rate 2e-5, weight decay 0.01. That is about forty times the
# sentences of the tiny track, and three times the parameters. Here are their scores and yours:

# %%
published = {"precision": 0.929, "recall": 0.939, "f1": 0.934, "accuracy": 0.984}
ours = {name: scores[f"eval_{name}"] for name in published}
here = f"{lesson.track}, {TASK}"
tables.table([{"run": "published", **published}, {"run": here, **ours}])

# %% [markdown]
# Can you compare the two? Look at how the notebooks count. The 3,250 validation sentences of CoNLL-2003 have 5,942
# entities, but these notebooks report 8,939. They repeat each label on all sub-tokens of a word and score every
# sub-token. A name whose first word is split then has several B- labels, so it counts as several entities. Before you
# compare two scores, compare the number of entities.
#
# To train with that model and data, scored in your way, set `COURSE_TRACK=full` (lesson 00).
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Check that every label id has an output.
# - Score entities, with one list of label names per sentence. Token accuracy looks too good.
# - Compare with a baseline that only memorizes words.
# - Confusions, tokens with a high loss, and marked text show *where* a model makes errors.
# - To compare strategies, start each from a new model, use one metric and several seeds.
#
# **Words of this lesson.** Can you say what each one means? The [glossary](../docs/glossary.md) does.
#
# - *seqeval*: the library whose precision, recall and F1 count whole entities, not tokens.
# - *Token accuracy*: the share of tokens with the right label.
# - *Confusion*: one label predicted in place of another.
# - *Train mode*: the state of a model in which dropout is on.
# - *Eval mode*: the state in which dropout is off, so that the same input gives the same output.
# - *Aggregation*: merging sub-tokens into entities.
# - *De-identification*: removing everything that tells who a text is about.
#
# Next: [04 · Write the loop with Accelerate](04_write_the_loop_with_accelerate.ipynb), the loop that `Trainer` runs for
# you.
