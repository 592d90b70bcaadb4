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
# **What you'll do.** Make the encoder point at the answer to a question, in a passage of any length, or say that the
# passage does not answer it.
#
# **What you'll learn**
# - cut a long passage into overlapping windows, and draw them
# - turn an answer's characters into token positions, and back
# - choose the best legal span from start and end logits, over all windows
# - decide when *not* to answer, with the null score and its threshold
# - score exact match and F1, and read the errors
#
# **What you'll need.** Lesson 03. 125 minutes of reading and exercises. The notebook runs in about a minute and a
# half on two CPU cores and needs 1.4 GB of memory.

# %%
from helpers import course

lesson = course.start("05")
lesson

# %% [markdown]
# **Words first.** In *extractive question answering* the answer is a piece of a given text, a *span*. The text is the
# *passage*; the data set calls it `context`. The model writes nothing. It points: the answer starts here and ends
# there.
#
# ## Passages, questions, answers
#
# The rows have the schema of SQuAD 2.0. An answer is its text and the character at which it starts. Validation rows
# list several accepted answers.
#
# Some questions have **no** answer in their passage; both lists are empty. They are written to tempt: the passage
# speaks of the right things and leaves out the one that is asked for.

# %%
from helpers import data, plots, tables


def draw(dataset, rows, seed):
    """Return `rows` random rows, or all where there are fewer."""
    return dataset.shuffle(seed=seed).select(range(min(rows, len(dataset))))


passages = data.load(lesson.dataset)
train = draw(passages["train"], lesson.train_rows, lesson.seed)
validation = draw(passages["validation"], lesson.evaluation_rows, lesson.seed)

# %%
row = next(row for row in validation if row["answers"]["text"])
start, text = row["answers"]["answer_start"][0], row["answers"]["text"][0]
print(row["question"], row["answers"])
tables.passage(row["context"], truth=(start, start + len(text)))

# %%
unanswerable = validation.filter(lambda row: not row["answers"]["text"])
print(f"{len(unanswerable)} of {len(validation)} validation questions have no answer")
columns = ["title", "question", "answers"]
tables.random_rows(unanswerable.select_columns(columns), 3, lesson.seed)

# %% [markdown]
# ## One question by hand
#
# The tokenizer takes question and passage as a pair. Two of its lists lead from characters to tokens:
#
# - `sequence_ids` says where a token comes from: 0 is the question, 1 the passage, `None` a special token.
# - `offset_mapping` says which characters it covers, end exclusive, **of its own text**. Question and passage both
#   count from 0, so look at the sequence id first.
#
# The answer's tokens are those of the passage that share a character with it. The model has one output for the start
# and one for the end, so its targets are two positions: the answer's first token and its last.
#
# **Checkpoint.** The second cell goes the way back: from the two tokens' characters to the text of the answer.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(lesson.checkpoint)
question = "Who drew the map?"
context = "The map was drawn by Jan Mayer."
pair = tokenizer(question, context, return_offsets_mapping=True)
offsets, sequence = pair["offset_mapping"], pair.sequence_ids()
tables.strip({"position": range(len(offsets)), "token": pair.tokens(),
              "from": sequence, "characters": [f"{s}–{e}" for s, e in offsets]})

# %%
start, end = context.index("Jan Mayer"), context.index(".")
held = [token for token, (first, last) in enumerate(offsets)
        if sequence[token] == 1 and first < end and start < last]
assert context[offsets[held[0]][0] : offsets[held[-1]][1]] == "Jan Mayer"

# %% [markdown]
# ## A long passage becomes windows
#
# An encoder of this family reads 512 tokens at most, and gets slow long before. Many passages have more. To cut them
# off would lose every answer behind the cut. Take the validation question whose answer stands furthest from the
# beginning. Three arguments turn its passage into *windows*, stretches that overlap:
#
# - `truncation="only_second"`: cut the passage, never the question;
# - `return_overflowing_tokens`: what is cut off goes into further windows, each with the whole question in front;
# - `stride`: how many tokens of the passage a window shares with the one before it.

# %%
answerable = validation.filter(lambda row: row["answers"]["text"])
row = max(answerable, key=lambda row: row["answers"]["answer_start"][0])
size = {"max_length": lesson.max_length, "doc_stride": lesson.doc_stride}
cut = {"truncation": "only_second", "max_length": lesson.max_length,
       "return_overflowing_tokens": True, "return_offsets_mapping": True}
windows = tokenizer(row["question"], row["context"], stride=lesson.doc_stride, **cut)
print(row["question"], "→", row["answers"]["text"][0])
plots.windows(windows)

# %% [markdown]
# A row is a window: *CLS*, the special token in front, the question, a stretch of the passage. What it shares with its
# predecessor is darker. Why overlap at all? An answer that lies across a cut would be whole in no window. With an overlap
# at least as long as the answer, one window holds all of it.
#
# **Checkpoint.** Neighbours share exactly `doc_stride` tokens: the end of one, before its SEP, and the beginning of the
# next one's passage.
#
# ### Trap: a stride that is no step
#
# In most of computing a stride is how far one moves on. Somebody who wants windows of 192 tokens to move on by 144 writes
# `stride=144`, and it runs. The second cell draws what comes of it.

# %%
from itertools import pairwise

begin, shared = windows.sequence_ids(0).index(1), lesson.doc_stride
for one, two in pairwise(windows["input_ids"]):
    assert one[-1 - shared : -1] == two[begin : begin + shared]

# %%
step = lesson.max_length - lesson.doc_stride
mistaken = tokenizer(row["question"], row["context"], stride=step, **cut)
print(len(mistaken["input_ids"]), "windows in place of", len(windows["input_ids"]))
plots.windows(mistaken)

# %% [markdown]
# In tokenizers `stride` (elsewhere `doc_stride`) is the **overlap**. These windows hardly move. There are several times
# as many, each to be trained on and paid for, and since the scores do not get worse, nobody notices. Draw the windows.
#
# The same for a batch of pairs, as a function. A window that goes into the model is called a *feature* in this field, hence
# the functions' names. `check_room` refuses what cannot be cut, in words. `question_first` is true for tokenizers that pad
# on the right; we shall meet the others. `without_spaces` takes the space in front of a word, which some tokenizers count to
# the word, out of the offsets.

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
# ## Answer positions
#
# What should a window learn that does *not* hold the answer? It must point somewhere, and by agreement it points at
# CLS: "not here". So do all windows of an unanswerable question, and a window that holds only half the answer.
#
# First one window: `tokens` is its stretch of the passage, from the first token to the one after the last. Then a batch
# of rows: `overflow_to_sample_mapping` tells which row a window was cut from, and `answer_spans` turns each row's first
# answer into characters, trimmed of spaces at its ends, which no token covers. `check_answers` refuses an answer whose text
# does not stand where `answer_start` says: the model would learn whatever stands there.


# %%
def answer_positions(offsets, tokens, answer, cls_index):
    start, end = answer
    held = [t for t in range(*tokens) if offsets[t][0] < end and start < offsets[t][1]]
    if not held or start < offsets[held[0]][0] or offsets[held[-1]][1] < end:
        return cls_index, cls_index
    return held[0], held[-1]


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


# %%
example = {key: [value] for key, value in row.items()}
features = prepare_train_features(example, tokenizer, **size)
targets = zip(features["start_positions"], features["end_positions"], strict=True)
plots.windows(windows, list(targets))

# %% [markdown]
# The target is CLS until the answer comes. Keep in mind how much of the colour lies on CLS.
#
# **Checkpoint.** With the overlap, no answerable question of the sample loses its answer. Without one, those do that
# are printed.


# %%
def holds(example, overlap):
    """Tell whether one of the example's windows holds its answer whole."""
    features = prepare_train_features(
        {key: [value] for key, value in example.items()},
        tokenizer, max_length=lesson.max_length, doc_stride=overlap)
    return any(features["start_positions"])


sample = draw(passages["train"], 300, lesson.seed)
sample = [row for row in sample if row["answers"]["text"]]
print("lost without overlap:", [row["question"] for row in sample if not holds(row, 0)])
assert all(holds(row, lesson.doc_stride) for row in sample)

# %% [markdown]
# ### A tokenizer that pads on the left
#
# XLNet's tokenizer, for one, pads on the left, and such models want the passage first: so here it is the first of the
# pair. Padding *later* would shift every position, so these windows come padded. CLS need not be at 0, so the code
# looks for it. The functions above do all this already. What the windows point at, as text:

# %%
left = AutoTokenizer.from_pretrained(lesson.checkpoint, padding_side="left")
features = prepare_train_features(example, left, **size)
parts = [features[key] for key in ("input_ids", "start_positions", "end_positions")]
[left.decode(ids[start : end + 1]) for ids, start, end in zip(*parts, strict=True)]

# %% [markdown]
# ## Train for a minute
#
# The training rows become windows, and `DataCollatorWithPadding` pads them batch by batch (lesson 01). The model gets a
# new head with two outputs a token. Its loss is the mean of two cross-entropies, one over the positions of the start
# and one over those of the end. The rest is `Trainer`, as in lessons 01 and 03, in a function, since we shall need it
# twice.

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


def fit(model, windows):
    """Train a model in place; return the seconds it took."""
    trainer = Trainer(model, arguments, train_dataset=windows, data_collator=collator)
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


def start():
    """Return the model to go on from: with the adapter, or new where there is none."""
    return encoder.load(lesson.trained) if lesson.trained else new_model()


encoder.hide_load_report()
set_seed(lesson.seed)
scratch = new_model()
seconds = fit(scratch, encoded.select(range(min(lesson.minute_windows, len(encoded)))))
print(f"{seconds:.0f} s")

# %% [markdown]
# A blind guess among 192 positions costs ln 192 = 5.3. The loss starts about there and falls far below. It looks like
# success. Before you believe it, look at one batch, with its shapes:

# %%
batch = collator([encoded[i] for i in range(min(8, len(encoded)))]).to(scratch.device)
scratch.eval()
with torch.no_grad():
    output = scratch(**batch)
print("start and end logits:", output.start_logits.shape, output.end_logits.shape)
tables.strip({"it points at": output.start_logits.argmax(-1).tolist(),
              "it should point at": batch["start_positions"].tolist()})

# %% [markdown]
# One logit a token for the start and one for the end, `(batch, seq_len)` each. And in window after window the model
# points at 0, which is CLS. With most targets there, "not here" is the first thing to learn, and the loss falls
# handsomely. To learn spans from nothing takes more data and time than a minute has.
#
# ### Start from a model that knows the task
#
# So spend the minute elsewhere. `checkpoints/minilm-qa` holds an *adapter* for this encoder, a small file of learned
# changes; its model card tells of half an hour on SQuAD. From there we go on with the same questions as before. (On the full
# track there is no adapter, and the training is a long one.)

# %%
set_seed(lesson.seed)
trained = start()
print(f"{fit(trained, encoded):.0f} s")

# %% [markdown]
# ## The best legal span
#
# How does an answer come out of the logits? The question of the map again, first its logits, token by token.
#
# Why not take the highest start and the highest end? Because the two know nothing of each other. The end may come
# before the start, the span may begin in the question, or run over half the passage. So we score **pairs**, start logit
# plus end logit, and only legal ones: both ends in the passage, the end not before the start, no more than
# `max_answer_length` tokens.
#
# In the grid each cell is a span. The blank half would end before it starts; the frame is the winner. Sorted, the cells
# are the *n-best list*: what the model would say next.

# %%
inputs = tokenizer(question, context, return_tensors="pt").to(trained.device)
trained.eval()
with torch.no_grad():
    output = trained(**inputs)
start_logits, end_logits = output.start_logits[0].cpu(), output.end_logits[0].cpu()
begin, end = sequence.index(1), len(sequence) - 1
plots.logits(pair.tokens(), start_logits, end_logits, (begin, end))

# %%
scores = start_logits[begin:end, None] + end_logits[None, begin:end]
length = torch.arange(len(scores)) - torch.arange(len(scores))[:, None] + 1
scores[(length < 1) | (length > lesson.max_answer_length)] = -torch.inf
plots.span_scores(scores, pair.tokens()[begin:end])

# %%
order = scores.flatten().argsort(descending=True)[:5].tolist()
places = [divmod(place, len(scores)) for place in order]
tables.table([{"text": context[offsets[begin + i][0] : offsets[begin + j][1]],
               "score": scores[i, j].item()} for i, j in places])

# %% [markdown]
# ## From windows to an answer
#
# Validation windows carry no targets. They carry what leads back to the text: which question they belong to, where
# their passage is, and each token's characters.


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
features = validation.map(prepare_validation_features, batched=True,
                          fn_kwargs={"tokenizer": tokenizer, **size},
                          remove_columns=validation.column_names)
search = {"n_best": lesson.n_best, "max_answer_length": lesson.max_answer_length}

# %%
from helpers.spans import window_logits

logits = window_logits(features[:], trained, tokenizer)
crossed = np.mean(logits[1].argmax(axis=1) < logits[0].argmax(axis=1))
print(logits[0].shape, f"{crossed:.0%} of the highest ends stand before the start")

# %% [markdown]
# A row of logits a window, padded to the widest; and the proof that start and end know nothing of each other. For each
# window `score_windows` finds the best legal span and turns its tokens into characters. To save work it pairs only the
# `n_best` highest starts and ends, 20 × 20 in place of some 170 × 170. Here is the question with the far answer, a row
# a window. The *null score* is CLS's start logit plus its end logit, the score of "not here".

# %%
from helpers.spans import score_windows

table = score_windows(features, *logits, **search)
mine = table[table["id"] == row["id"]]
mine.assign(text=[row["context"][line.start : line.end] for line in mine.itertuples()])

# %% [markdown]
# The best span of all windows is the answer. And the score of *no* answer, for the whole passage? A window that lacks
# the answer is right to say "not here", with a high null score. One window that sees it is enough, so the **lowest**
# counts.
#
# ### Trap: the minimum that keeps the maximum
#
# Well-known notebooks find it with the comparison below. It keeps the maximum. Then a passage answers only if *every*
# window would, and long passages fall silent. How many questions does each rule leave without an answer? Below that,
# the whole step as a function: a table with a row a question.

# %%
minimum = None
for null_score in mine["null_score"]:
    if minimum is None or minimum < null_score:  # the trap
        minimum = null_score
print(f"kept {minimum:.2f}, lowest {min(mine['null_score']):.2f}")
spans, nulls = (table.groupby("id")[name] for name in ("score", "null_score"))
lowest, highest = ((null > spans.max()).sum() for null in (nulls.min(), nulls.max()))
print(f"without an answer by the lowest: {lowest}, by the highest: {highest}")
assert lowest < highest or len(table) < 2 * len(validation)  # short passages

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


best = score_predictions(validation, features, *logits, **search)
best.head()

# %% [markdown]
# ## Exact match and F1
#
# *Exact match* asks whether the text equals an accepted answer, once capitals, punctuation and articles are gone. *F1*
# counts shared words, so half an answer earns something; Exercise 4 rebuilds it. For an unanswerable question only
# silence is right. The metric wants each question's *doubt*, null score minus span score, and empties the texts whose
# doubt is above a *threshold*.
#
# **Checkpoint.** What did each minute buy? We let the models answer every question (threshold infinity), and compare
# with one that never answers.

# %%
from helpers.metrics import load_metric

metric = load_metric("squad_v2")


def squad_scores(best, threshold):
    """Return SQuAD 2.0's figures, in per cent, at a null threshold."""
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
              "the start": (predict(start()), np.inf), "trained": (best, np.inf)}
results = {name: squad_scores(*candidate) for name, candidate in candidates.items()}
lesson.expect("F1 from scratch", results["from scratch"]["HasAns_f1"], below=15)
columns = ["HasAns_exact", "HasAns_f1", "NoAns_f1", "f1"]
tables.table([{"candidate": name} | {key: figures[key] for key in columns}
              for name, figures in results.items()])

# %% [markdown]
# On answerable questions (`HasAns`) **a minute from scratch buys nothing**. The start already finds answers; compare
# what the same minute added to it. And beware of the last column: never answering gets the share of the unanswerable
# questions for free, and a model that always answers gets none of them. Print both kinds apart, and a baseline.
#
# ## When not to answer
#
# A higher threshold answers more often, which is good for answerable questions and bad for the others. Threshold 0 is
# an accident: nothing puts null scores and span scores on one scale. The metric finds the threshold with the best F1.
# It is best *for these very questions*, so its F1 flatters; Exercise 5 chooses on one half and reports on the other.
#
# Does doubt tell the two kinds of question apart at all? The number printed is how often an unanswerable question has
# more doubt than an answerable one; 50 % is chance. Then read the black curve: where it hardly rises above its left end,
# at which nothing is answered, no threshold can help. Doubt is learned from unanswerable questions, in training.

# %%
doubt = best["null_score"] - best["score"]
has = np.array([bool(row["answers"]["text"]) for row in validation])
more = doubt.to_numpy()[~has][:, None] > doubt.to_numpy()[has]
print(f"an unanswerable question has more doubt in {more.mean():.0%} of the pairs")
chosen = squad_scores(best, np.inf)["best_f1_thresh"]
names = {"answerable": "HasAns_f1", "unanswerable": "NoAns_f1", "all": "f1"}
curve = []
for threshold in np.quantile(doubt, np.linspace(0, 1, 41)):
    scores = squad_scores(best, threshold)
    curve.append({"threshold": threshold, **{k: scores[v] for k, v in names.items()}})
plots.thresholds(curve, chosen)

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
# At the far left the model never answers, at the far right always. How far "all" rises in between above both ends tells
# what the doubt is worth. Where it is flat, the model cannot tell a tempting question from one it can answer. In the
# end, what a wrong answer costs *you* decides where you stop.
#
# ## Read the errors
#
# Four kinds of error, and each has another cure: an answer **invented** where there is none, one **withheld** though it
# is there, the right place with the wrong **extent**, and an answer from **elsewhere** in the passage.

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
errors = [{"kind": kind_of_error(texts[row["id"]], row["answers"]["text"]),
           "question": row["question"], "said": texts[row["id"]],
           "accepted": " | ".join(row["answers"]["text"]), "doubt": doubt[row["id"]]}
          for row in validation]
print(Counter(error["kind"] for error in errors))
wrong = [error for error in errors if error["kind"] != "right"]
tables.table(sorted(wrong, key=lambda error: error["doubt"])[:10])

# %% [markdown]
# The errors the model was surest of come first. Ask of each one: is the model wrong, is the question open to two
# readings, or is a fair answer missing from the list?
#
# ## Ask it anything
#
# ### Trap: a pipeline that is gone
#
# Until version 4, transformers had a pipeline for this, and old tutorials still begin with it. Version 5 removed it:

# %%
from transformers import pipeline

try:
    pipeline("question-answering", model=trained, tokenizer=tokenizer)
except KeyError as error:
    print("KeyError:", str(error)[:70], "…")

# %% [markdown]
# All its parts stand above, and ten lines put them together. The answer comes with its place in the text, however long
# that is, and its score: a sum of logits, no probability. Compare it with `null_score`.
#
# **Checkpoint.** We hide the sentence about the map behind the passage of this lesson, windows away from the beginning:
# the characters are those of the text. Then try texts and questions of your own.

# %%
from helpers.qa import Answer


def answer(
    question, context, model, tokenizer, *, max_length=384, doc_stride=120, n_best=20,
    max_answer_length=30, allow_no_answer=False, null_threshold=0.0,
):
    examples = {"id": ["0"], "question": [question], "context": [context]}
    features = prepare_validation_features(examples, tokenizer, max_length, doc_stride)
    logits = window_logits(features, model, tokenizer)
    options = {"n_best": n_best, "max_answer_length": max_answer_length}
    (best,) = score_predictions(examples, features, *logits, **options).to_dict(
        "records"
    )
    if allow_no_answer and best["null_score"] - best["score"] > null_threshold:
        best |= {"text": "", "start": 0, "end": 0}
    return Answer(**best)


# %%
text = row["context"] + " " + context
found = answer("Who drew the map?", text, trained, tokenizer, **size, **search)
assert text[found.start : found.end] == found.text
found

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 · From tokens to text (easy, 5 minutes)
#
# `offsets` holds the characters of each token of a passage, end exclusive. The model says: the answer begins with the
# token `start` and ends with the token `end`. Return the text, as it stands in the passage. Where the end stands before
# the start there is no span: return the empty text.


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
# <details><summary>Hint</summary>Cut the passage once. What does a slice give whose end lies before its
# start?</details>
#
# ### Exercise 2 · Count the windows (easy, 10 minutes)
#
# How many windows does each passage make? `sizes` are the passages' lengths in tokens. A window holds CLS, the
# question, SEP, a stretch of the passage and SEP, at most `max_length` tokens in all; a stretch shares `doc_stride`
# tokens with the one before it. With a question of 9 tokens, windows of 192 and an overlap of 48, passages of 100 and
# 400 tokens give `[1, 3]`.


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
# <details><summary>Hint</summary>How much room has the first window? By how much does each further one move on? The
# last may be short.</details>
#
# ### Exercise 3 · Answer, or say nothing (medium, 15 minutes)
#
# Each window of a question is a dictionary with `text` (its best span), `score` and `null_score`. Return the text of
# the best window, or `""` where the doubt (null score of the whole question minus best score) is above the threshold.
# No two windows have the same score.


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
# <details><summary>Hint</summary>One window that sees the answer is enough. Which null score does that leave?</details>
#
# ### Exercise 4 · F1 of one answer (medium, 20 minutes)
#
# Rebuild the metric for one question. `normalize` is given: `normalize("The Bay, of Ishan!")` is `"bay of ishan"`. F1
# is twice the number of shared words, divided by the words of both; a word counts as often as both have it. Of several
# accepted answers the best counts. With no accepted answer, the empty text scores 1 and any other 0.


# %% tags=["exercise"]
def answer_f1(said: str, accepted: list[str]) -> float:
    """Return the best word F1 of a text against the accepted answers."""
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
# <details><summary>Hint</summary><code>Counter(a) & Counter(b)</code> keeps what both have, as often as both have
# it.</details>
#
# ### Exercise 5 · An honest threshold (a small project, 30 minutes)
#
# Given each question's doubt, its F1 if the text is kept and its F1 if it is emptied, return the threshold with the
# highest mean F1. A text is emptied where its doubt is *above* the threshold. Candidates are the doubts themselves and
# `float("-inf")`, which empties all; of equally good ones the lowest.


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
# <details><summary>Hint</summary>Write the mean F1 at one threshold first. Then try every candidate, the lowest first;
# <code>max</code> keeps the first of equals.</details>
#
# Now the project. Split the validation questions into two halves **by title**, so that no passage is in both. Choose on
# one half (`doubt`, your `answer_f1`, and `answer_f1("", …)`), report the mean F1 on the other, swap, and compare with
# the figure of the threshold chosen on all. The difference is what choosing and reporting on the same questions
# flatters.
#
# ## Beside the classic run
#
# Published notebooks train `distilbert-base-uncased` on the whole of SQuAD, 87,599 answerable questions.

# %%
classic = {"encoder": "distilbert/distilbert-base-uncased", "max_length": 384,
           "doc_stride": 120, "batch_size": 12, "n_best": 20, "max_answer_length": 30}
ours = {name: getattr(lesson, name) for name in classic}
tables.table([{"run": "classic", **classic}, {"run": lesson.track, **ours}])

# %% [markdown]
# `COURSE_TRACK=full` trains it on SQuAD 2.0, with these cells. Windows of 384 tokens see more of a passage at once;
# they also cost more than twice as much each.
#
# ## Your progress

# %%
from exercises import progress

progress.table(lesson.number)

# %% [markdown]
# ## Recap
#
# - A long passage becomes windows; `stride` is what they share. Draw them.
# - Targets are token positions; a window without the whole answer points at CLS.
# - Score pairs of start and end, legal ones only, over all windows of a question.
# - No answer: the *lowest* null score over the windows, against a threshold chosen on other questions than those
#   reported.
# - A falling loss may mean that the model has learned to say "not here". Print answerable and unanswerable apart, and a
#   baseline.
#
# **Words of this lesson.** The [glossary](../docs/glossary.md) has those of all lessons.
#
# - *Extractive question answering*: finding the piece of a text that answers a question.
# - *Span*: a piece of a text, given by its ends.
# - *Passage*: the text in which the answer is looked for; the data set calls it `context`.
# - *`sequence_ids`*: for each token its text, 0 the question, 1 the passage; none for special tokens.
# - *`offset_mapping`*: for each token the characters it covers, the end exclusive.
# - *Window*: a question and a stretch of its passage, together short enough for the model.
# - *CLS*: the special token in front. A window without the answer has CLS as its target.
# - *`doc_stride`*: how many tokens two neighbouring windows share, an overlap. Tokenizers call it `stride`.
# - *Feature of a window* (feature): a tokenised window, as the model gets it; an example makes one or more.
# - *Adapter*: a small file of learned changes to a model.
# - *n-best list*: the best answers in order, with their scores.
# - *Null score*: the score of no answer: CLS's start logit plus its end logit.
# - *Exact match*: whether two answers are equal but for capitals, punctuation and articles.
# - *F1 of an answer* (F1): twice the shared words, divided by the words of both answers.
# - *Doubt*: null score minus the score of the best span.
# - *Threshold*: the doubt above which a question is left without an answer.
#
# Next: [06 · Freeze part of a model](06_freeze_part_of_a_model.ipynb), and what that costs and saves.
