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
# # 05 · Answer questions with doc stride
#
# You're looking for the notice period in a long contract. The encoder reads only 512 tokens, so it never sees the later
# pages. And if no page mentions a notice period, it still points at something.
#
# **What you'll do.** Make the encoder point at the answer to a question in a passage of any length, or say that there
# is none.
#
# **What you'll learn**
# - cut a long passage into overlapping windows, and draw them
# - turn an answer's characters into token positions, and back
# - choose the best legal span from start and end logits, over all windows
# - decide when *not* to answer, with the null score and its threshold
# - score exact match and F1, and read the errors
#
# **What you'll need.** Lesson 03. 125 minutes of reading and exercises; *Going deeper* can wait. The notebook takes
# a little less than two minutes on two CPU cores, and 1.4 GB of memory.

# %%
from helpers import course

lesson = course.start("05")
lesson

# %% [markdown]
# In *extractive question answering*, the answer is a *span*, a piece of a given text. That text is the *passage*; the
# data set calls it `context`. The model writes nothing. It points: the answer starts here and ends there.
#
# ## Passages, questions, answers
#
# The rows follow SQuAD 2.0. An answer is a text and the character where it starts. Validation rows can list several
# accepted answers; the second cell underlines the first one.

# %%
from helpers import data, plots, tables


def draw(dataset, rows, seed):
    """Return `rows` random rows, or all where there are fewer."""
    return dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))


passages = data.load(lesson.dataset)
train = draw(passages["train"], lesson.train_rows, lesson.seed)
validation = draw(passages["validation"], lesson.evaluation_rows, lesson.seed)

# %%
shown = next(row for row in validation if row["answers"]["text"])
start, text = shown["answers"]["answer_start"][0], shown["answers"]["text"][0]
print(shown["question"], shown["answers"])
tables.passage(shown["context"], truth=(start, start + len(text)))

# %% [markdown]
# Some questions have **no** answer in their passage, so their lists are empty. They're meant to tempt: the passage
# talks about the right things, but leaves out what is asked for.

# %%
unanswerable = validation.filter(lambda row: not row["answers"]["text"])
print(f"{len(unanswerable)} of {len(validation)} validation questions have no answer")
columns = ["title", "question", "answers"]
tables.random_rows(unanswerable.select_columns(columns), 3, lesson.seed)

# %% [markdown]
# ## One question by hand
#
# Answers are given in characters, but the model points at tokens. Tokenize question and passage as a pair, and two
# lists lead from one to the other:
#
# - `sequence_ids` tells where a token comes from: 0 is the question, 1 the passage, `None` a special token.
# - `offset_mapping` tells which characters it covers, end exclusive, **in its own text**. Both texts count from 0, so
#   check the sequence id first.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
question = "Who drew the map?"
context = "The map was drawn by Jan Mayer."
pair = tokenizer(question, context, return_offsets_mapping=True)
offsets, sequence = pair["offset_mapping"], pair.sequence_ids()
tables.strip({"position": range(len(offsets)), "token": pair.tokens(),
              "from": sequence, "characters": [f"{s}–{e}" for s, e in offsets]})

# %% [markdown]
# The answer's tokens are the passage tokens that share a character with it. The model's targets are the positions of
# the first and the last one.
#
# **Checkpoint.** The characters of these tokens lead back to the answer. (`strip` is for tokenizers that count the space
# before a word as part of it.)

# %%
answer_start, answer_end = context.index("Jan Mayer"), context.index(".")
held = [token for token, (first, last) in enumerate(offsets)
        if sequence[token] == 1 and first < answer_end and answer_start < last]
assert context[offsets[held[0]][0] : offsets[held[-1]][1]].strip() == "Jan Mayer"

# %% [markdown]
# ## A long passage becomes windows
#
# If you cut off a passage that's too long, you lose every answer behind the cut. Take the question whose answer is
# furthest from the beginning:

# %%
answerable = validation.filter(lambda row: row["answers"]["text"])
far = max(answerable, key=lambda row: row["answers"]["answer_start"][0])
print(far["question"], "→", far["answers"]["text"][0])

# %% [markdown]
# Three arguments of the tokenizer cut its passage into overlapping *windows*, each short enough for the model:
#
# - `truncation="only_second"`: cut the passage, never the question;
# - `return_overflowing_tokens`: put the rest into further windows, each with the question in front;
# - `stride`: how many tokens of the passage a window shares with the one before.

# %%
size = {"max_length": lesson.max_length, "doc_stride": lesson.doc_stride}
cut = {"truncation": "only_second", "max_length": lesson.max_length,
       "return_overflowing_tokens": True, "return_offsets_mapping": True}
windows = tokenizer(far["question"], far["context"], stride=lesson.doc_stride, **cut)
plots.windows(windows)

# %% [markdown]
# Each row is a window: *CLS*, the special token in front, then the question and a part of the passage. The overlap is
# darker. Without it, no window would hold an answer that lies across a cut. If the overlap is at least as long as the
# answer, one window holds all of it.
#
# **Checkpoint.** Two neighboring windows share exactly `doc_stride` tokens.

# %%
from itertools import pairwise

begin, shared = windows.sequence_ids(0).index(1), lesson.doc_stride
for one, two in pairwise(windows["input_ids"]):
    assert one[-1 - shared : -1] == two[begin : begin + shared]


# %% [markdown]
# ### Trap: a stride that is no step
#
# Usually a stride is how far you move on. You want windows of 192 tokens to move on by 144, so you write `stride=144`.
# It runs. What do you get?

# %%
step = lesson.max_length - lesson.doc_stride
mistaken = tokenizer(far["question"], far["context"], stride=step, **cut)
print(len(mistaken["input_ids"]), "windows instead of", len(windows["input_ids"]))
plots.windows(mistaken)

# %% [markdown]
# In tokenizers, `stride` (elsewhere `doc_stride`) is the **overlap**. These windows hardly move. There are several
# times as many, each costs time, and nothing fails. So draw your windows.
#
# ## Answer positions
#
# What should a window learn if it does *not* hold the answer? It has to point somewhere, and by convention it points at
# CLS: "not here". So do windows with only part of the answer, and all windows of an unanswerable question.
#
# In this function, `tokens` says where the window's part of the passage begins and ends, end exclusive.


# %%
def answer_positions(offsets, tokens, answer, cls_index):
    start, end = answer
    held = [t for t in range(*tokens) if offsets[t][0] < end and start < offsets[t][1]]
    if not held or start < offsets[held[0]][0] or offsets[held[-1]][1] < end:
        return cls_index, cls_index
    return held[0], held[-1]


# %% [markdown]
# `prepare_train_features` does this for a batch of rows; its code is in *Going deeper*. (In this field, a window that
# goes into the model is called a *feature*.) Where should the long passage's windows point?

# %%
from helpers.qa import prepare_train_features

far_batch = {key: [value] for key, value in far.items()}
targets = prepare_train_features(far_batch, tokenizer, **size)
spans = zip(targets["start_positions"], targets["end_positions"], strict=True)
plots.windows(windows, list(spans))

# %% [markdown]
# Every window without the whole answer points at CLS. Notice how many do.
#
# ## Train for a minute
#
# Can a model learn this in a minute? The training rows become windows, which `DataCollatorWithPadding` pads per batch.
# The second cell puts `Trainer` into a function, since you'll train twice. The new head has two outputs per token. Its
# loss is the mean of two cross-entropies over the positions, one for the start and one for the end.

# %%
import numpy as np
from transformers import DataCollatorWithPadding

collator = DataCollatorWithPadding(tokenizer)
encoded = train.map(prepare_train_features, batched=True,
                    fn_kwargs={"tokenizer": tokenizer, **size},
                    remove_columns=train.column_names)
at_cls = np.mean([start == 0 for start in encoded["start_positions"]])
print(f"{len(train)} questions, {len(encoded)} windows, {at_cls:.0%} point at CLS")

# %%
from helpers.runs import measured, release, run_folder
from transformers import Trainer, TrainingArguments, set_seed

arguments = TrainingArguments(
    output_dir=run_folder(lesson), seed=lesson.seed, num_train_epochs=lesson.epochs,
    learning_rate=lesson.learning_rate, weight_decay=0.01, warmup_steps=0.1,
    per_device_train_batch_size=lesson.batch_size, logging_steps=lesson.logging_steps,
    train_sampling_strategy="group_by_length", save_strategy="no",
    report_to="none", dataloader_pin_memory=False)


def fit(model, dataset):
    """Train a model in place; return the seconds it took."""
    trainer = Trainer(model, arguments, train_dataset=dataset, data_collator=collator)
    with measured() as run:
        trainer.train()
    release(trainer)
    return run.seconds


# %%
import torch
from helpers import encoder
from transformers import AutoModelForQuestionAnswering


def new_model():
    """Return the pretrained encoder with a new head."""
    return AutoModelForQuestionAnswering.from_pretrained(
        lesson.checkpoint, dtype=torch.float32)


encoder.hide_load_report()
set_seed(lesson.seed)
scratch = new_model()
seconds = fit(scratch, encoded.select(range(min(lesson.minute_windows, len(encoded)))))
print(f"{seconds:.0f} s")

# %% [markdown]
# Guessing blindly among 192 positions costs ln 192 = 5.3. The loss starts near that and falls far below. Before you
# celebrate, look at one batch:

# %%
batch = collator([encoded[i] for i in range(min(8, len(encoded)))]).to(scratch.device)
scratch.eval()
with torch.no_grad():
    output = scratch(**batch)
print("start and end logits:", output.start_logits.shape, output.end_logits.shape)
tables.strip({"it points at": output.start_logits.argmax(-1).tolist(),
              "it should point at": batch["start_positions"].tolist()})

# %% [markdown]
# Logits have the shape `(batch, seq_len)`. In window after window, the model points at 0, which is CLS. Most targets
# are there, so "not here" is what it learns first, and the loss falls nicely. To learn spans from scratch, a model
# needs more time and more data.
#
# ### Start from a model that knows the task
#
# So use the minute differently. `checkpoints/minilm-qa` holds an *adapter*, a small file of learned changes to this
# encoder, trained for half an hour on SQuAD. `encoder.load` merges it into the encoder, with the library peft. Then
# train on the same questions. (The full track has no adapter; it trains a new head for longer.)


# %%
def starting_model():
    """Return the encoder with the adapter, or with a new head where there is none."""
    return encoder.load(lesson.trained) if lesson.trained else new_model()


# %%
set_seed(lesson.seed)
trained = starting_model()
print(f"{fit(trained, encoded):.0f} s")

# %% [markdown]
# ## The best legal span
#
# How do logits become an answer? Take the question about the map again:

# %%
inputs = tokenizer(question, context, return_tensors="pt").to(trained.device)
trained.eval()
with torch.no_grad():
    output = trained(**inputs)
start_logits, end_logits = output.start_logits[0].cpu(), output.end_logits[0].cpu()
begin, end = sequence.index(1), len(sequence) - 1
plots.logits(pair.tokens(), start_logits, end_logits, (begin, end))

# %% [markdown]
# Why not take the highest start and the highest end? Chosen separately, they may not fit: the end may come before the
# start, or the span may begin in the question. So score **pairs**, start logit plus end logit, and only legal ones:
# both ends in the passage, the end not before the start, at most `max_answer_length` tokens.

# %%
grid = start_logits[begin:end, None] + end_logits[None, begin:end]
length = torch.arange(len(grid)) - torch.arange(len(grid))[:, None] + 1
grid[(length < 1) | (length > lesson.max_answer_length)] = -torch.inf
plots.span_scores(grid, pair.tokens()[begin:end])

# %% [markdown]
# Each cell is a span; in the blank half, the end would come before the start. The frame marks the best. Sorted, the
# cells make the *n-best list*, which shows what the model would say next:

# %%
order = grid.flatten().argsort(descending=True)[:5].tolist()
places = [divmod(place, len(grid)) for place in order]
tables.table([{"text": context[offsets[begin + i][0] : offsets[begin + j][1]],
               "score": grid[i, j].item()} for i, j in places])

# %% [markdown]
# ## From windows to an answer
#
# `prepare_validation_features` keeps what leads back to the text: each window's question and part of the passage, and
# each token's characters. `window_logits` runs the model over all windows, in eval mode.

# %%
from helpers.qa import prepare_validation_features
from helpers.spans import window_logits

features = validation.map(prepare_validation_features, batched=True,
                          fn_kwargs={"tokenizer": tokenizer, **size},
                          remove_columns=validation.column_names)
search = {"n_best": lesson.n_best, "max_answer_length": lesson.max_answer_length}
logits = window_logits(features[:], trained, tokenizer)
crossed = np.mean(logits[1].argmax(axis=1) < logits[0].argmax(axis=1))
print(logits[0].shape, f"{crossed:.0%} of the highest ends stand before the start")

# %% [markdown]
# So the highest start and end don't always make a span. `score_windows` finds each window's best legal span. To save
# work, it pairs only the `n_best` highest starts and ends: 20 × 20 pairs instead of about 170 × 170.
#
# The *null score* is the score of "not here": CLS's start logit plus its end logit. Here is the question with the far
# answer, one row per window:

# %%
from helpers.spans import score_windows

table = score_windows(features, *logits, **search)
mine = table[table["id"] == far["id"]]
mine.assign(text=[far["context"][line.start : line.end] for line in mine.itertuples()])

# %% [markdown]
# The answer is the best span of all windows. And the null score of the whole passage? A window that lacks the answer is
# right to say "not here". Only if *every* window says so is there no answer, so the **lowest** null score counts. Here
# is the whole step as a function, for all questions:

# %%
from helpers.spans import check_ids


def score_predictions(
    examples, features, start_logits, end_logits, *, n_best=20, max_answer_length=30
):
    check_ids(examples, features)
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    windows = score_windows(features, start_logits, end_logits, **options)
    windows = windows.sort_values(
        ["score", "start", "end"], ascending=[False, True, True]
    )
    best = windows.drop_duplicates("id").set_index("id")
    best["null_score"] = windows.groupby("id")["null_score"].min()
    best = best.loc[list(examples["id"])]
    best.loc[np.isinf(best["score"]), ["start", "end"]] = 0
    places = zip(examples["context"], best["start"], best["end"], strict=True)
    best.insert(0, "text", [context[start:end] for context, start, end in places])
    return best


# %%
best = score_predictions(validation, features, *logits, **search)
best.head()

# %% [markdown]
# ## Exact match and F1
#
# *Exact match* asks whether the text equals an accepted answer, once capitals, punctuation and articles are gone. *F1*
# counts shared words, so half an answer earns something. For an unanswerable question, only the empty text is right.
#
# The metric needs each question's *doubt*, the null score minus the score of the best span. If the doubt is above a
# *threshold*, it empties the text. (The argument is called `no_answer_probability`, but any number works.)
#
# **Checkpoint.** What did each minute buy? Let every model answer every question (threshold infinity), and compare with
# one that never answers.

# %%
from helpers.metrics import load_metric

metric = load_metric("squad_v2")


def squad_scores(best, threshold):
    """Return SQuAD 2.0's figures, in percent, at a null threshold."""
    predictions = [
        {"id": line.Index, "prediction_text": line.text,
         "no_answer_probability": line.null_score - line.score}
        for line in best.itertuples()]
    references = list(validation.select_columns(["id", "answers"]))
    return metric.compute(predictions=predictions, references=references,
                          no_answer_threshold=threshold)


# %%
def predict(model):
    """Return a model's best spans for the validation questions."""
    found = window_logits(features[:], model.to(trained.device), tokenizer)
    return score_predictions(validation, features, *found, **search)


candidates = {"never answers": (best, -np.inf),
              "from scratch": (predict(scratch), np.inf),
              "before training": (predict(starting_model()), np.inf),
              "trained": (best, np.inf)}
results = {name: squad_scores(*candidate) for name, candidate in candidates.items()}
lesson.expect("F1 from scratch", results["from scratch"]["HasAns_f1"], below=15)
columns = ["HasAns_exact", "HasAns_f1", "NoAns_f1", "f1"]
tables.table([{"candidate": name} | {key: figures[key] for key in columns}
              for name, figures in results.items()])

# %% [markdown]
# On answerable questions (`HasAns`), **a minute from scratch buys nothing**. The adapter finds answers even before
# training; compare what the same minute added.
#
# Don't trust the last column alone. If you never answer, all unanswerable questions (`NoAns`) are right for free. If
# you always answer, nearly all are wrong (only a text like "the" counts as empty). So report both kinds, and a
# baseline.
#
# ## When not to answer
#
# With a higher threshold, the model answers more often. That helps answerable questions and hurts the others. Where do
# you set it? Zero is only a guess. CLS and spans compete in the same softmaxes within a window, but the two scores may
# come from different windows, and training decides how strongly a model prefers CLS. The metric finds the threshold
# with the best F1. It's the best *for these very questions*, so its F1 is too good; Exercise 5 does it honestly.
#
# Does doubt tell the two kinds apart at all? The first cell prints how often an unanswerable question has more doubt
# than an answerable one; 50% is chance. The second tries many thresholds. At the far left the model almost never
# answers, at the far right always.

# %%
doubt = best["null_score"] - best["score"]
has = np.array([bool(row["answers"]["text"]) for row in validation])
more = doubt.to_numpy()[~has][:, None] > doubt.to_numpy()[has]
print(f"an unanswerable question has more doubt in {more.mean():.0%} of the pairs")

# %%
chosen = squad_scores(best, np.inf)["best_f1_thresh"]
names = {"answerable": "HasAns_f1", "unanswerable": "NoAns_f1", "all": "f1"}
curve = []
for threshold in np.quantile(doubt, np.linspace(0, 1, 41)):
    scores = squad_scores(best, threshold)
    curve.append({"threshold": threshold, **{k: scores[v] for k, v in names.items()}})
plots.thresholds(curve, chosen)

# %% [markdown]
# If the black curve hardly rises above its ends, no threshold can help: the model can't tell a tempting question from
# an answerable one. On the tiny track, most windows that point at CLS belong to questions whose answer is in another
# window. They teach "not here", but not "tempting and unanswered". The adapter saw no unanswerable questions at all,
# and your minute adds only a few.
#
# If a threshold does help, choose it by what a wrong answer costs *you*.
#
# ## Going deeper: Read the errors
#
# `postprocess_predictions` applies the threshold and returns one text per question:


# %%
def postprocess_predictions(
    examples, features, start_logits, end_logits, *, n_best=20, max_answer_length=30,
    allow_no_answer=False, null_threshold=0.0,
):
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    best = score_predictions(examples, features, start_logits, end_logits, **options)
    if allow_no_answer:
        best.loc[best["null_score"] - best["score"] > null_threshold, "text"] = ""
    return best["text"].to_dict()


# %% [markdown]
# There are four kinds of error: an answer **invented** where there is none, one **withheld** where there is one, the
# wrong **extent** (some words are right), or a text from **elsewhere** (no word is right). Read those with the least
# doubt first. Is the model wrong, is the question ambiguous, or is a fair answer missing from the list?

# %%
from helpers.metrics import best_score, exact, word_f1


def kind_of_error(said, accepted):
    """Return what is wrong with a text; "right" if nothing is."""
    if best_score(exact, said, accepted or [""]):
        return "right"
    if not (said and accepted):
        return "invented" if said else "withheld"
    return "extent" if best_score(word_f1, said, accepted) else "elsewhere"


# %%
from collections import Counter

texts = postprocess_predictions(validation, features, *logits, **search,
                                allow_no_answer=True, null_threshold=chosen)
judged = [{"kind": kind_of_error(texts[row["id"]], row["answers"]["text"]),
           "question": row["question"], "said": texts[row["id"]],
           "accepted": " | ".join(row["answers"]["text"]), "doubt": doubt[row["id"]]}
          for row in validation]
print(Counter(line["kind"] for line in judged))

# %%
wrong = [line for line in judged if line["kind"] != "right"]
tables.table(sorted(wrong, key=lambda line: line["doubt"])[:10])

# %% [markdown]
# ## Ask it anything
#
# `answer` puts all parts together. Compare its `score`, a sum of logits and not a probability, with its `null_score`.
#
# **Checkpoint.** Add the sentence about the map to the end of the long passage. The characters that come back are those
# of the answer. Then try your own texts and questions.

# %%
from helpers.qa import answer

haystack = far["context"] + " " + context
found = answer("Who drew the map?", haystack, trained, tokenizer, **size, **search)
assert haystack[found.start : found.end] == found.text
found

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · From tokens to text (easy, 5 minutes)
#
# `offsets` holds the characters of each token of a passage, end exclusive. The answer begins with token `start` and
# ends with token `end`. Return its text as it stands in the passage, or the empty text if the end comes before the
# start.


# %% tags=["exercise"]
def answer_text(context: str, offsets: list[tuple], start: int, end: int) -> str:
    """Return the text from the first character of `start` to the last one of `end`."""
    ### BEGIN SOLUTION
    return context[offsets[start][0] : offsets[end][1]]
    ### END SOLUTION


# %%
import exercises

exercises.check(answer_text)

# %% [markdown]
# <details><summary>Hint</summary>Cut the passage once. What is a slice that ends before it starts?</details>
#
# ### Exercise 2 · Count the windows (easy, 10 minutes)
#
# How many windows does each passage need? `sizes` are the passages' lengths in tokens. A window holds CLS, the
# question, SEP, a part of the passage and SEP, at most `max_length` tokens in all. Neighbors share `doc_stride` tokens.
# With a question of 9 tokens, windows of 192 and an overlap of 48, passages of 100 and 400 tokens give `[1, 3]`.


# %% tags=["exercise"]
def count_windows(sizes: list, question: int, max_length: int, doc_stride: int) -> list:
    """Return how many windows each passage is cut into."""
    ### BEGIN SOLUTION
    room = max_length - question - 3
    left = [max(0, passage - room) for passage in sizes]
    return [1 + -(-rest // (room - doc_stride)) for rest in left]
    ### END SOLUTION


# %%
exercises.check(count_windows)

# %% [markdown]
# <details><summary>Hint</summary>How many passage tokens fit into the first window? How many new ones does each further
# window add? The last may be short.</details>
#
# ### Exercise 3 · Answer, or say nothing (medium, 15 minutes)
#
# Each window of a question is a dictionary with `text` (its best span), `score` and `null_score`. Return the text with
# the best score, or `""` if the doubt is above the threshold: the null score of the whole question minus the best
# score. No two scores are equal.


# %% tags=["exercise"]
def answer_or_nothing(windows: list[dict], threshold: float) -> str:
    """Return a question's answer over all its windows, empty where in doubt."""
    ### BEGIN SOLUTION
    best = max(windows, key=lambda window: window["score"])
    null_score = min(window["null_score"] for window in windows)
    return "" if null_score - best["score"] > threshold else best["text"]
    ### END SOLUTION


# %%
exercises.check(answer_or_nothing)

# %% [markdown]
# <details><summary>Hint</summary>A question has no answer only if every window says so. Which null score does that
# leave?</details>
#
# ### Exercise 4 · F1 of one answer (medium, 20 minutes)
#
# Rebuild the metric for one question. `normalize` is given: `normalize("The Bay, of Ishan!")` is `"bay of ishan"`. F1
# is twice the number of shared words, divided by the words of both texts; a word counts as often as both have it. The
# best accepted answer counts. If none is accepted, a text that is empty after `normalize` scores 1, any other 0.


# %% tags=["exercise"]
def answer_f1(said: str, accepted: list[str]) -> float:
    """Return the best word F1 of a text against the accepted answers."""
    from collections import Counter

    from helpers.metrics import normalize

    ### BEGIN SOLUTION
    words = Counter(normalize(said).split())
    if not accepted:
        return float(not words)
    scores = []
    for text in accepted:
        wanted = Counter(normalize(text).split())
        shared, total = (words & wanted).total(), (words + wanted).total()
        scores.append(2 * shared / total if total else 1.0)
    return max(scores)
    ### END SOLUTION


# %%
exercises.check(answer_f1)

# %% [markdown]
# <details><summary>Hint</summary><code>Counter(a) & Counter(b)</code> keeps the words that both have, as often as both
# have them.</details>
#
# ### Exercise 5 · An honest threshold (a small project, 30 minutes)
#
# For each question you get its doubt, its F1 if you keep the text, and its F1 if you empty it. Return the threshold
# with the highest mean F1. Texts whose doubt is *above* it are emptied. Try the doubts themselves and `float("-inf")`,
# which empties all; of equally good ones, return the lowest.


# %% tags=["exercise"]
def best_threshold(doubts: list, kept: list, emptied: list) -> float:
    """Return the null threshold with the highest mean F1."""
    ### BEGIN SOLUTION
    def mean_f1(threshold):
        rows = zip(doubts, kept, emptied, strict=True)
        return sum(none if doubt > threshold else some for doubt, some, none in rows)

    return max(sorted({float("-inf"), *doubts}), key=mean_f1)
    ### END SOLUTION


# %%
exercises.check(best_threshold)

# %% [markdown]
# <details><summary>Hint</summary>First write the mean F1 at one threshold. Then try every candidate, the lowest first;
# <code>max</code> keeps the first of equals.</details>
#
# Now the project. Split the validation questions into two halves **by title**, so that no passage is in both. Choose on
# one half (with `doubt`, your `answer_f1`, and `answer_f1("", …)`), report the mean F1 on the other, and swap. How much
# higher is the F1 if you choose and report on all questions?
#
# ## Going deeper: Behind the functions
#
# Here are the functions that you imported. `tokenize_pairs` cuts a batch of pairs into windows. `check_room` raises an
# error if a question leaves no room for the passage. `question_first` is true if the tokenizer pads on the right.
# `without_spaces` corrects the offsets of tokenizers that count the space in front of a word as part of it.

# %%
from helpers.qa import check_room, question_first, without_spaces


def tokenize_pairs(questions, contexts, tokenizer, max_length=384, doc_stride=120):
    check_room(questions, tokenizer, max_length, doc_stride)
    first = question_first(tokenizer)
    windows = tokenizer(
        list(questions if first else contexts),
        list(contexts if first else questions),
        truncation="only_second" if first else "only_first",
        max_length=max_length,
        stride=doc_stride,
        padding=False if first else "max_length",
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    return without_spaces(windows, contexts, 1 if first else 0)


# %% [markdown]
# For training, `overflow_to_sample_mapping` tells which row each window was cut from. `answer_spans` turns each row's
# first answer into characters, without spaces at its ends, which no token covers. `check_answers` raises an error if an
# answer isn't where `answer_start` says; otherwise the model would learn whatever is there.

# %%
from helpers.qa import answer_spans, check_answers, context_tokens


def prepare_train_features(examples, tokenizer, max_length=384, doc_stride=120):
    check_answers(examples)
    features = tokenize_pairs(
        examples["question"], examples["context"], tokenizer, max_length, doc_stride
    )
    owners = features.pop("overflow_to_sample_mapping")
    offsets = features.pop("offset_mapping")
    tokens = [context_tokens(features, row, tokenizer) for row in range(len(owners))]
    context = [
        spans[slice(*where)] for spans, where in zip(offsets, tokens, strict=True)
    ]
    answers = answer_spans(examples["answers"], owners, context)
    features["start_positions"], features["end_positions"] = [], []
    for row, owner in enumerate(owners):
        cls = features["input_ids"][row].index(tokenizer.cls_token_id)
        start, end = answer_positions(offsets[row], tokens[row], answers[owner], cls)
        features["start_positions"].append(start)
        features["end_positions"].append(end)
    return features


# %% [markdown]
# Windows for validation have no targets, but keep their offsets. `answer` goes all the way for one question.


# %%
def prepare_validation_features(examples, tokenizer, max_length=384, doc_stride=120):
    features = tokenize_pairs(
        examples["question"], examples["context"], tokenizer, max_length, doc_stride
    )
    owners = features.pop("overflow_to_sample_mapping")
    features["example_id"] = [examples["id"][owner] for owner in owners]
    features["context_tokens"] = [
        context_tokens(features, row, tokenizer) for row in range(len(owners))
    ]
    features["cls_index"] = [
        ids.index(tokenizer.cls_token_id) for ids in features["input_ids"]
    ]
    return features


# %%
from helpers.qa import Answer


def answer(
    question, context, model, tokenizer, *, max_length=384, doc_stride=120,
    allow_no_answer=False, null_threshold=0.0, **search,
):
    examples = {"id": ["0"], "question": [question], "context": [context]}
    features = prepare_validation_features(examples, tokenizer, max_length, doc_stride)
    logits = window_logits(features, model, tokenizer)
    table = score_predictions(examples, features, *logits, **search)
    (best,) = table.to_dict("records")
    if allow_no_answer and best["null_score"] - best["score"] > null_threshold:
        best |= {"text": "", "start": 0, "end": 0}
    return Answer(**best)


# %% [markdown]
# ### Trap: the minimum that keeps the maximum
#
# Well-known notebooks look for the lowest null score with the comparison below, which keeps the highest. Then the best
# span must beat the null score of *every* window, even of those that rightly say "not here", and long passages fall
# silent. How many questions get no answer by each rule?

# %%
minimum = None
for null_score in mine["null_score"]:
    if minimum is None or minimum < null_score:  # the trap
        minimum = null_score
print(f"kept {minimum:.2f}, lowest {min(mine['null_score']):.2f}")
top, nulls = (table.groupby("id")[name] for name in ("score", "null_score"))
lowest, highest = ((null > top.max()).sum() for null in (nulls.min(), nulls.max()))
print(f"without an answer by the lowest: {lowest}, by the highest: {highest}")
if len(table) >= 2 * len(validation):  # passages of several windows
    lesson.expect("questions without an answer by the highest", highest, above=lowest)

# %% [markdown]
# ### A tokenizer that pads on the left
#
# XLNet reads the passage before the question, and its tokenizer pads on the left. The example scripts of transformers
# take left padding as the sign for that order, and so do these functions. Padding *later* would shift every position,
# so the windows come padded, and CLS needn't be at position 0. As text, the windows should point at:

# %%
left = AutoTokenizer.from_pretrained(lesson.checkpoint, padding_side="left")
padded = prepare_train_features(far_batch, left, **size)
parts = [padded[key] for key in ("input_ids", "start_positions", "end_positions")]
[left.decode(ids[start : end + 1]) for ids, start, end in zip(*parts, strict=True)]

# %% [markdown]
# ### What the overlap saves
#
# With the overlap, every answerable question of this sample keeps its answer. The cell prints those that would lose it
# without one.


# %%
def holds(example, overlap):
    """Tell whether one of the example's windows holds its answer whole."""
    held = prepare_train_features(
        {key: [value] for key, value in example.items()},
        tokenizer, max_length=lesson.max_length, doc_stride=overlap)
    return any(held["start_positions"])


# %%
sample = draw(passages["train"], 300, lesson.seed)
sample = [row for row in sample if row["answers"]["text"]]
print("lost without overlap:", [row["question"] for row in sample if not holds(row, 0)])
assert all(holds(row, lesson.doc_stride) for row in sample)

# %% [markdown]
# ### Trap: a pipeline that is gone
#
# In version 4, transformers had a pipeline for this, and old tutorials still begin with it. Version 5 removed it:

# %%
from transformers import pipeline

try:
    pipeline("question-answering", model=trained, tokenizer=tokenizer)
except KeyError as error:
    print("KeyError:", str(error)[:70], "…")

# %% [markdown]
# ## Going deeper: Beside the classic run
#
# Published notebooks train `distilbert-base-uncased` on all of SQuAD, 87,599 answerable questions.

# %%
classic = {"encoder": "distilbert/distilbert-base-uncased", "max_length": 384,
           "doc_stride": 120, "batch_size": 12, "n_best": 20, "max_answer_length": 30}
ours = {name: getattr(lesson, name) for name in classic}
tables.table([{"run": "classic", **classic}, {"run": lesson.track, **ours}])

# %% [markdown]
# `COURSE_TRACK=full` trains it on SQuAD 2.0. Windows of 384 tokens show more of the passage at once, but each costs
# more than twice as much.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - Cut a long passage into windows; `stride` is the overlap. Draw them.
# - Targets are token positions. A window without the whole answer points at CLS.
# - Score pairs of start and end, only legal ones, over all windows of a question.
# - For "no answer", take the *lowest* null score. Choose the threshold on other questions than those you report.
# - A falling loss may only mean that the model has learned "not here". Report answerable and unanswerable questions
#   separately, next to a baseline.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Extractive question answering*: finding the piece of a text that answers a question.
# - *Span*: a piece of a text, given by its start and its end.
# - *Passage*: the text that may hold the answer; the data set calls it `context`.
# - *`sequence_ids`*: for each token its text: 0 the question, 1 the passage, none for special tokens.
# - *`offset_mapping`*: for each token the characters it covers, end exclusive.
# - *Window*: a question and a part of its passage, together short enough for the model.
# - *CLS*: the special token in front. It's the target of a window without the answer.
# - *`doc_stride`*: how many tokens two neighboring windows share, an overlap. Tokenizers call it `stride`.
# - *Feature of a window* (feature): a tokenized window, as the model gets it; an example makes one or more.
# - *Adapter*: a small file of learned changes to a model.
# - *n-best list*: the best answers in order, with their scores.
# - *Null score*: the score of no answer: CLS's start logit plus its end logit.
# - *Exact match*: whether two answers are equal, except for capitals, punctuation and articles.
# - *F1 of an answer* (F1): twice the shared words, divided by the words of both answers.
# - *Doubt*: null score minus the score of the best span.
# - *Threshold*: the doubt above which the model gives no answer.
#
# Next: [06 · Freeze part of a model](06_freeze_part_of_a_model.ipynb), and see what that costs and saves.
