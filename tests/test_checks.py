"""Exercise checks: solutions pass, stubs wait, and the usual wrong answers are told by name."""

import ast
import functools
import itertools
from collections import Counter
from html import escape

import numpy as np
import pytest
import torch

from helpers import checks
from helpers.checks.verdict import Verdict, compare
from helpers.ner import IGNORE_INDEX
from tools import build

CHECKS = sorted(name for name in checks.__all__ if name.startswith("check_"))
IMPORTS = {"torch": torch, "Counter": Counter, "IGNORE_INDEX": IGNORE_INDEX}  # what lessons import
DRAWS = 100  # the inputs are fresh at every call: a verdict must not depend on them


def code_cells(path):
    return [cell for cell in build.read_source(path).cells if cell.cell_type == "code"]


@functools.cache
def uses():
    """Return (check, the learner's function, lesson's source) of each check call in the lessons."""
    return [
        (call.func.attr, ast.unparse(call.args[0]), path)
        for path in build.sources()
        for cell in code_cells(path)
        if "checks.check_" in cell.source
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("checks.check_")
    ]


@functools.cache
def exercises(path, version):
    """Return the names a lesson's exercise cells define, after `version` has turned the lesson."""
    namespace = dict(IMPORTS)
    for cell in version(build.read_source(path)).cells:
        if "exercise" in cell.metadata.get("tags", []):
            exec(cell.source, namespace)
    return namespace


def exercise(name, version):
    """Return the function that a lesson gives to the check `name`."""
    function, path = next(use[1:] for use in uses() if use[0] == name)
    return exercises(path, version)[function]


every_check = pytest.mark.parametrize("name", CHECKS)


def judge(name, function):
    return getattr(checks, name)(function)


# Wrong answers, written as learners write them -----------------------------------------------


# decode_label


def names_from_one(label, names):
    numbered = dict(enumerate(names, start=1))
    return numbered.get(label, names[-1])


def names_by_heart(label, names):
    if label == 1:
        return "pos"
    return "neg"


def names_in_a_list_of_my_own(label, names):
    answers = ("neg", "pos")
    return answers[label]


def id_of_the_name(label, names):
    found = 0
    while names[found] != names[label]:
        found += 1
    return found


# label_counts


def counts_of_what_occurs(labels, names):
    counts = {}
    for label in labels:
        counts[names[label]] = counts.get(names[label], 0) + 1
    return counts


def counts_by_id(labels, names):
    counts = dict.fromkeys(range(len(names)), 0)
    for label in labels:
        counts[label] += 1
    return counts


def counts_by_id_of_what_occurs(labels, names):
    return {label: labels.count(label) for label in set(labels)}


def shares_of_labels(labels, names):
    counts = [0] * len(names)
    for label in labels:
        counts[label] += 1
    return {names[i]: counts[i] / len(labels) for i in range(len(names))}


def shares_of_labels_or_nothing(labels, names):
    total = max(len(labels), 1)
    return {name: sum(label == i for label in labels) / total for i, name in enumerate(names)}


# majority_baseline


def baseline_that_peeks(train_labels, labels):
    return max(labels.count(label) for label in labels) / len(labels)


def baseline_on_training_rows(train_labels, labels):
    return max(Counter(train_labels).values()) / len(train_labels)


def baseline_label(train_labels, labels):
    return sorted(set(train_labels), key=train_labels.count)[-1]


def baseline_hits(train_labels, labels):
    commonest = max(set(train_labels), key=train_labels.count)
    hits = 0
    for label in labels:
        if label == commonest:
            hits += 1
    return hits


# padding_share


def padding_to_the_longest_row(lengths, batch_size):
    width = max(lengths)
    padding = sum(width - length for length in lengths)
    return padding / (width * len(lengths))


def padding_with_a_full_last_batch(lengths, batch_size):
    padding = positions = 0
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        padding += max(batch) * batch_size - sum(batch)
        positions += max(batch) * batch_size
    return padding / positions


def padding_averaged_over_batches(lengths, batch_size):
    shares = []
    while lengths:
        batch, lengths = lengths[:batch_size], lengths[batch_size:]
        positions = max(batch) * len(batch)
        shares.append((positions - sum(batch)) / positions)
    return sum(shares) / len(shares)


def share_of_real_tokens(lengths, batch_size):
    positions = 0
    for start in range(0, len(lengths), batch_size):
        batch = lengths[start : start + batch_size]
        positions += max(batch) * len(batch)
    return sum(lengths) / positions


# training_steps


def steps_of_full_batches(rows, batch_size, epochs):
    steps_per_epoch = int(rows / batch_size)
    return steps_per_epoch * epochs


def steps_rounded_at_the_end(rows, batch_size, epochs):
    seen = rows * epochs
    return seen // batch_size + (1 if seen % batch_size else 0)


def steps_of_one_epoch(rows, batch_size, epochs):
    return len(range(0, rows, batch_size))


def steps_in_fractions(rows, batch_size, epochs):
    return epochs * (rows / batch_size)


# confusion_counts


def confusions_with_errors_swapped(predictions, references):
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for predicted, reference in zip(predictions, references, strict=True):
        if predicted == reference:
            counts["tp" if predicted else "tn"] += 1
        else:
            counts["fn" if predicted else "fp"] += 1
    return counts


def confusions_of_class_0(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": int(((predictions == 0) & (references == 0)).sum()),
        "fp": int(((predictions == 0) & (references == 1)).sum()),
        "fn": int(((predictions == 1) & (references == 0)).sum()),
        "tn": int(((predictions == 1) & (references == 1)).sum()),
    }


def confusions_as_shares(predictions, references):
    predictions, references = np.array(predictions), np.array(references)
    return {
        "tp": np.mean(predictions * references),
        "fp": np.mean(predictions * (1 - references)),
        "fn": np.mean((1 - predictions) * references),
        "tn": np.mean((1 - predictions) * (1 - references)),
    }


# confident_mistakes


def mistakes_by_logit(logits, references, count):
    wrong = np.flatnonzero(logits.argmax(-1) != references)
    return wrong[np.argsort(-logits[wrong].max(-1))][:count].tolist()


def confident_rows(logits, references, count):
    confidence = torch.from_numpy(logits).softmax(-1).amax(-1)
    return confidence.argsort(descending=True)[:count].tolist()


def doubtful_mistakes(logits, references, count):
    confidence, predicted = torch.from_numpy(logits).softmax(-1).max(-1)
    wrong = [row for row, guess in enumerate(predicted.tolist()) if guess != references[row]]
    wrong.sort(key=lambda row: confidence[row].item())
    return wrong[:count]


def all_mistakes(logits, references, count):
    margin = abs(logits[:, 0] - logits[:, 1])
    wrong = [row for row in range(len(logits)) if logits[row].argmax() != references[row]]
    return sorted(wrong, key=lambda row: -margin[row])


# read_columns


def columns_as_ids(row, features):
    return [
        (row["tokens"][i], row["pos_tags"][i], row["chunk_tags"][i])
        for i in range(len(row["tokens"]))
    ]


def columns_swapped(row, features):
    result = []
    for i, word in enumerate(row["tokens"]):
        pos = features["pos_tags"].feature.int2str(row["pos_tags"][i])
        chunk = features["chunk_tags"].feature.int2str(row["chunk_tags"][i])
        result.append((word, chunk, pos))
    return result


def columns_without_pos(row, features):
    result = []
    for word, chunk in zip(row["tokens"], row["chunk_tags"], strict=True):
        result.append((word, features["chunk_tags"].feature.int2str(chunk)))
    return result


# keep_first


def first_of_each_run_of_labels(labels, word_ids):
    kept, previous = [], None
    for label in labels:
        kept.append(IGNORE_INDEX if label == previous else label)
        previous = label
    return kept


def later_ones_as_o(labels, word_ids):
    kept, seen = [], set()
    for label, word in zip(labels, word_ids, strict=True):
        kept.append(0 if word in seen else label)
        if word is not None:
            seen.add(word)
    return kept


def last_of_each_word(labels, word_ids):
    kept = list(labels)
    for i in range(len(word_ids) - 1):
        if word_ids[i] is not None and word_ids[i] == word_ids[i + 1]:
            kept[i] = IGNORE_INDEX
    return kept


def firsts_only(labels, word_ids):
    kept, previous = [], None
    for label, word in zip(labels, word_ids, strict=True):
        if word is not None and word != previous:
            kept.append(label)
        previous = word
    return kept


def labels_as_they_were(labels, word_ids):
    return [
        IGNORE_INDEX if word is None else label
        for label, word in zip(labels, word_ids, strict=True)
    ]


# continue_label


def continued_by_parity(label, names):
    if label % 2:
        label += 1
    return label


def continued_by_the_next_id(label, names):
    if names[label].startswith("B-"):
        return label + 1
    return label


def continued_by_name(label, names):
    return names[label].replace("B-", "I-")


def never_continued(label, names):
    return names.index(names[label])


# words_lost


def words_less_tokens(word_ids, words):
    tokens = 0
    for word in word_ids:
        if word is not None:
            tokens += 1
    return words - tokens


def words_less_ids_and_none(word_ids, words):
    return words - len(Counter(word_ids))


def words_kept(word_ids, words):
    return sum(word in word_ids for word in range(words))


def words_less_length(word_ids, words):
    for _ in word_ids:
        words -= 1
    return words


# find_entities


def entities_closed_by_the_next_word(names):
    entities, start = [], None
    for i, name in enumerate(names):
        if start is not None and not name.startswith("I-"):
            entities.append((names[start][2:], start, i))
            start = None
        if name.startswith("B-"):
            start = i
    return entities


def entities_by_runs_of_a_type(names):
    entities = []
    for i, name in enumerate(names):
        if name == "O":
            continue
        if entities and entities[-1][0] == name[2:] and entities[-1][2] == i:
            entities[-1] = (name[2:], entities[-1][1], i + 1)
        else:
            entities.append((name[2:], i, i + 1))
    return entities


def entities_to_the_last_word(names):
    entities = []
    for i, name in enumerate(names):
        if name.startswith("B-"):
            entities.append([name[2:], i, i])
        elif name.startswith("I-"):
            entities[-1][2] = i
    return [tuple(entity) for entity in entities]


def entities_word_by_word(names):
    entities = []
    for i, name in enumerate(names):
        if name.startswith(("B-", "I-")):
            _, kind = name.split("-")
            entities.append((kind, i, i + 1))
    return entities


# entity_counts


def spans(names):
    """Return (type, start, end) of each entity, right: what the wrong counts below start from."""
    starts = [i for i, name in enumerate(names) if name.startswith("B-")]
    ends = [
        next((i for i in range(start + 1, len(names)) if names[i][0] != "I"), len(names))
        for start in starts
    ]
    return [(names[start][2:], start, end) for start, end in zip(starts, ends, strict=True)]


def counts_of_tokens(predicted, reference):
    right = 0
    for guess, truth in zip(predicted, reference, strict=True):
        if guess == truth and guess != "O":
            right += 1
    return {
        "right": right,
        "predicted": len(predicted) - predicted.count("O"),
        "reference": len(reference) - reference.count("O"),
    }


def counts_without_types(predicted, reference):
    found, true = spans(predicted), spans(reference)
    places = [(start, end) for _, start, end in true]
    right = sum((start, end) in places for _, start, end in found)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_by_first_word(predicted, reference):
    right = 0
    for guess, truth in zip(predicted, reference, strict=True):
        if guess.startswith("B-") and guess == truth:
            right += 1
    found, true = spans(predicted), spans(reference)
    return {"right": right, "predicted": len(found), "reference": len(true)}


def counts_of_the_other(predicted, reference):
    found, true = spans(reference), spans(predicted)
    right = len([entity for entity in found if entity in true])
    return {"right": right, "predicted": len(found), "reference": len(true)}


# hide_names


def hidden_from_the_left(text, entities):
    for entity in entities:
        start, end = entity["start"], entity["end"]
        text = text[:start] + "[" + entity["entity_group"] + "]" + text[end:]
    return text


def hidden_wherever_they_stand(text, entities):
    words = [(text[entity["start"] : entity["end"]], entity) for entity in entities]
    for word, entity in words:
        text = text.replace(word, "[" + entity["entity_group"] + "]")
    return text


def hidden_by_the_pipeline_s_word(text, entities):
    for entity in entities:
        text = text.replace(entity["word"], f"[{entity['entity_group']}]")
    return text


def hidden_in_the_changed_text(text, entities):
    for entity in entities:
        word = text[entity["start"] : entity["end"]]
        text = text.replace(word, "[" + entity["entity_group"] + "]")
    return text


def hidden_with_the_character_after(text, entities):
    for entity in entities[::-1]:
        rest = text[entity["end"] + 1 :]
        text = text[: entity["start"]] + f"[{entity['entity_group']}]" + rest
    return text


# label_confusions


def confusions_predicted_first(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for pair in zip(predicted, reference, strict=True):
            if pair[0] != pair[1]:
                counts[pair] = counts.get(pair, 0) + 1
    return counts


def confusions_with_right_answers(predictions, references):
    counts = Counter()
    for predicted, reference in zip(predictions, references, strict=True):
        counts.update(zip(reference, predicted, strict=True))
    return counts


def confusions_counted_once(predictions, references):
    counts = {}
    for predicted, reference in zip(predictions, references, strict=True):
        for guess, truth in zip(predicted, reference, strict=True):
            if guess != truth:
                counts[truth, guess] = 1
    return counts


WRONG = {
    "check_decode_label": {
        "from one": (names_from_one, "counts from one"),
        "by heart": (names_by_heart, "always answers with neg and pos"),
        "own list": (names_in_a_list_of_my_own, "always answers with neg and pos"),
        "the id": (id_of_the_name, "returns the id"),
    },
    "check_label_counts": {
        "zeros missing": (counts_of_what_occurs, "occur are left out. Go through `names`"),
        "ids as keys": (counts_by_id, "its keys are ids. Use the names"),
        "ids, zeros missing": (counts_by_id_of_what_occurs, "its keys are ids, and labels"),
        "shares": (shares_of_labels, "it gives shares"),
        "shares, none of no labels": (shares_of_labels_or_nothing, "it gives shares"),
    },
    "check_majority_baseline": {
        "peeks": (baseline_that_peeks, "commonest label of the labels it is scored on"),
        "scored in training": (baseline_on_training_rows, "scores the baseline on the training"),
        "the label": (baseline_label, "returns the label"),
        "hits": (baseline_hits, "counts hits"),
    },
    "check_padding_share": {
        "longest of all": (padding_to_the_longest_row, "the longest row of all"),
        "full last batch": (padding_with_a_full_last_batch, "the last batch counts as full"),
        "mean of batches": (padding_averaged_over_batches, "averages the batches' shares"),
        "real tokens": (share_of_real_tokens, "the share of real tokens"),
    },
    "check_training_steps": {
        "full batches": (steps_of_full_batches, "smaller batch of an epoch is left out"),
        "rounded once": (steps_rounded_at_the_end, "rounds once at the end"),
        "one epoch": (steps_of_one_epoch, "counts one epoch"),
        "fractions": (steps_in_fractions, "steps are whole"),
    },
    "check_confusion_counts": {
        "errors swapped": (confusions_with_errors_swapped, "fp and fn are swapped"),
        "class 0": (confusions_of_class_0, "class 0 counts as positive"),
        "shares": (confusions_as_shares, "it gives shares"),
    },
    "check_confident_mistakes": {
        "by logit": (mistakes_by_logit, "sorts by the raw logit"),
        "right rows too": (confident_rows, "predicted right are among them"),
        "doubtful first": (doubtful_mistakes, "least sure rows come first"),
        "all of them": (all_mistakes, "returns every mistake"),
    },
    "check_read_columns": {
        "ids": (columns_as_ids, "it gives ids"),
        "swapped": (columns_swapped, "POS and chunk are swapped"),
        "no POS": (columns_without_pos, "leaves out the POS names"),
    },
    "check_keep_first": {
        "by label": (first_of_each_run_of_labels, "it compares labels"),
        "zero": (later_ones_as_o, "later sub-tokens get 0"),
        "last kept": (last_of_each_word, "keeps the last sub-token"),
        "dropped": (firsts_only, "later sub-tokens are dropped"),
        "specials only": (labels_as_they_were, "nothing has changed"),
    },
    "check_continue_label": {
        "parity": (continued_by_parity, "adds 1 to odd ids"),
        "next id": (continued_by_the_next_id, "adds 1 to the id of every B- name"),
        "the name": (continued_by_name, "returns the name"),
        "never": (never_continued, "B- labels stay"),
    },
    "check_words_lost": {
        "tokens": (words_less_tokens, "it counts tokens"),
        "None": (words_less_ids_and_none, "None counts as a word"),
        "words kept": (words_kept, "counts the words that are left"),
        "length": (words_less_length, "specials count as words"),
    },
    "check_find_entities": {
        "end lost": (entities_closed_by_the_next_word, "reaches the end of the sentence is lost"),
        "touching": (entities_by_runs_of_a_type, "side by side become one"),
        "last word": (entities_to_the_last_word, "the end is the last word"),
        "word by word": (entities_word_by_word, "an entity of its own"),
    },
    "check_entity_counts": {
        "tokens": (counts_of_tokens, "it counts tokens"),
        "no types": (counts_without_types, "the type is not compared"),
        "first word": (counts_by_first_word, "the extent is not compared"),
        "swapped": (counts_of_the_other, "predicted and reference are swapped"),
    },
    "check_hide_names": {
        "from the left": (hidden_from_the_left, "offsets shift"),
        "wherever they stand": (hidden_wherever_they_stand, "inside other words too"),
        "the pipeline's word": (hidden_by_the_pipeline_s_word, "inside other words too"),
        "changed text": (hidden_in_the_changed_text, "a text that has already changed"),
        "character after": (hidden_with_the_character_after, "already the place after the last"),
    },
    "check_label_confusions": {
        "predicted first": (confusions_predicted_first, "the key is (predicted, reference)"),
        "right answers": (confusions_with_right_answers, "right answers are among them"),
        "once": (confusions_counted_once, "each pair counts once"),
    },
}


# Right answers in another style than the solution's ------------------------------------------


def decode_with_numpy(label, names):
    return np.array(names)[label]


def count_with_numpy(labels, names):
    counts = np.bincount(np.array(labels, dtype=int), minlength=len(names))
    return Counter(dict(zip(names, counts, strict=True)))


def baseline_with_torch(train_labels, labels):
    commonest = torch.tensor(train_labels).bincount().argmax()
    return (torch.tensor(labels) == commonest).double().mean()


def padding_by_sorted_batches(lengths, batch_size):
    rows = np.zeros((len(lengths), max(lengths)), dtype=bool)
    for row, length in enumerate(lengths):
        rows[row, :length] = True
    batches = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    padding = [(~batch[:, batch.any(axis=0)]).sum() for batch in batches]
    return np.sum(padding) / (np.sum(padding) + rows.sum())


def steps_with_numpy(rows, batch_size, epochs):
    return np.ceil(np.float64(rows) / batch_size).astype(np.int64) * epochs


def confusions_with_torch(predictions, references):
    cells = torch.tensor(references) * 2 + torch.tensor(predictions)
    return dict(zip(("tn", "fp", "fn", "tp"), cells.bincount(minlength=4), strict=True))


def mistakes_with_numpy(logits, references, count):
    exponents = np.exp(logits)
    probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    rows = np.argsort(-probabilities.max(axis=1))
    return rows[(probabilities.argmax(axis=1) != references)[rows]][:count]


def columns_as_lists(row, features):
    return [
        [
            row["tokens"][i],
            features["pos_tags"].feature.int2str(row["pos_tags"][i]),
            features["chunk_tags"].feature.int2str(row["chunk_tags"][i]),
        ]
        for i in range(len(row["tokens"]))
    ]


def firsts_with_numpy(labels, word_ids):
    words = np.array([-1 if word is None else word for word in word_ids])
    later = np.append(False, (words[1:] == words[:-1]) & (words[1:] >= 0))
    return np.where(later, IGNORE_INDEX, labels)


def continued_by_table(label, names):
    inside = {name: index for index, name in enumerate(names) if name.startswith("I-")}
    return np.int64(inside.get(names[label].replace("B-", "I-"), label))


def words_never_seen(word_ids, words):
    return np.int64(sum(word not in word_ids for word in range(words)))


def entities_as_lists(names):
    return tuple([kind, np.int64(start), np.int64(end)] for kind, start, end in spans(names))


def counts_with_numpy(predicted, reference):
    found, true = spans(predicted), spans(reference)
    right = np.sum([entity in true for entity in found], dtype=int)
    return {"reference": len(true), "predicted": len(found), "right": right}


def hidden_in_pieces(text, entities):
    pieces, done = [], 0
    for entity in entities:
        pieces += [text[done : entity["start"]], "[", entity["entity_group"], "]"]
        done = entity["end"]
    return "".join([*pieces, text[done:]])


def confusions_as_a_counter(predictions, references):
    truths, guesses = map(itertools.chain.from_iterable, (references, predictions))
    counts = Counter(zip(truths, guesses, strict=True))
    return Counter({pair: np.int64(n) for pair, n in counts.items() if pair[0] != pair[1]})


SECOND = {
    "check_decode_label": decode_with_numpy,
    "check_label_counts": count_with_numpy,
    "check_majority_baseline": baseline_with_torch,
    "check_padding_share": padding_by_sorted_batches,
    "check_training_steps": steps_with_numpy,
    "check_confusion_counts": confusions_with_torch,
    "check_confident_mistakes": mistakes_with_numpy,
    "check_read_columns": columns_as_lists,
    "check_keep_first": firsts_with_numpy,
    "check_continue_label": continued_by_table,
    "check_words_lost": words_never_seen,
    "check_find_entities": entities_as_lists,
    "check_entity_counts": counts_with_numpy,
    "check_hide_names": hidden_in_pieces,
    "check_label_confusions": confusions_as_a_counter,
}


# Right answers that change what they were given ----------------------------------------------


def baseline_that_sorts(train_labels, labels):
    train_labels.sort()
    runs = [(len(list(run)), label) for label, run in itertools.groupby(train_labels)]
    return labels.count(max(runs)[1]) / len(labels)


def padding_that_takes_rows_away(lengths, batch_size):
    total, positions = sum(lengths), 0
    while lengths:
        positions += max(lengths[:batch_size]) * len(lengths[:batch_size])
        del lengths[:batch_size]
    return 1 - total / positions


def mistakes_that_shift_the_logits(logits, references, count):
    logits -= logits.max(axis=1, keepdims=True)
    references -= logits.argmax(axis=1)
    wrong = [row for row in range(len(logits)) if references[row]]
    return sorted(wrong, key=lambda row: np.exp(logits[row]).sum())[:count]


def firsts_in_place(labels, word_ids):
    for i in range(len(word_ids) - 1, 0, -1):
        if word_ids[i] is not None and word_ids[i] == word_ids[i - 1]:
            labels[i] = IGNORE_INDEX
    return labels


def hidden_from_the_sorted_end(text, entities):
    entities.sort(key=lambda entity: entity["start"])
    while entities:
        entity = entities.pop()
        text = text[: entity["start"]] + f"[{entity['entity_group']}]" + text[entity["end"] :]
    return text


# Tests ---------------------------------------------------------------------------------------


def test_each_check_belongs_to_one_exercise():
    assert sorted(check for check, _, _ in uses()) == CHECKS
    assert [function for _, function, _ in uses()] == [
        check.removeprefix("check_") for check, _, _ in uses()
    ]


@every_check
def test_the_solution_is_correct_on_every_draw(name):
    solution = exercise(name, build.solved_version)
    verdicts = [judge(name, solution) for _ in range(DRAWS)]
    assert [verdict for verdict in verdicts if verdict.status != "correct"] == []


@every_check
def test_the_stub_is_undone(name):
    verdict = judge(name, exercise(name, build.learner_version))
    assert (verdict.status, verdict.first_difference) == ("undone", ())
    assert "not done yet" in verdict.message


@every_check
def test_a_second_style_is_correct(name):
    verdict = judge(name, SECOND[name])
    assert verdict.status == "correct", verdict


@every_check
def test_three_wrong_answers_have_three_messages(name):
    assert len({fragment for _, fragment in WRONG[name].values()}) >= 3


@pytest.mark.parametrize(
    ("name", "function", "fragment"),
    [
        pytest.param(name, *case, id=f"{name.removeprefix('check_')}: {label}")
        for name, cases in WRONG.items()
        for label, case in cases.items()
    ],
)
def test_a_usual_mistake_is_named(name, function, fragment):
    verdict = judge(name, function)
    assert verdict.status == "wrong"
    assert fragment in verdict.message, verdict
    others = {other for _, other in WRONG[name].values()} - {fragment}
    assert [other for other in others if other in verdict.message] == []
    difference = dict(verdict.first_difference)
    assert list(difference) == ["input", "yours", "expected"]
    assert difference["yours"] != difference["expected"]


@every_check
def test_a_forgotten_return_is_named(name):
    solution = exercise(name, build.solved_version)

    def without_return(*arguments):
        solution(*arguments)

    verdict = judge(name, without_return)
    assert verdict.status == "wrong"
    assert "`return`" in verdict.message, verdict
    assert dict(verdict.first_difference)["yours"] == "None"


@every_check
def test_an_exception_is_named(name):
    def failing(*arguments):
        raise KeyError("no such <key>")

    verdict = judge(name, failing)
    assert verdict.status == "wrong"
    assert dict(verdict.first_difference)["yours"] == "KeyError: 'no such <key>'"
    assert "`return`" not in verdict.message


@every_check
def test_one_input_that_fails_is_the_one_shown(name):
    solution, calls = exercise(name, build.solved_version), itertools.count(1)

    def failing_at_the_third(*arguments):
        if next(calls) == 3:
            raise ZeroDivisionError("division by zero")
        return solution(*arguments)

    verdict = judge(name, failing_at_the_third)
    assert verdict.status == "wrong"
    assert verdict.message.startswith("an input makes it fail; 1 of ")
    assert dict(verdict.first_difference)["yours"] == "ZeroDivisionError: division by zero"


# Changed arguments


def ruin(arguments):
    """Empty every list and dictionary among the arguments, set every array to zero."""
    for argument in arguments:
        if type(argument) in (list, dict):
            argument.clear()
        elif isinstance(argument, np.ndarray):
            argument.fill(0)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        pytest.param("check_majority_baseline", baseline_that_sorts, id="sorts"),
        pytest.param("check_padding_share", padding_that_takes_rows_away, id="takes rows away"),
        pytest.param("check_confident_mistakes", mistakes_that_shift_the_logits, id="shifts"),
        pytest.param("check_keep_first", firsts_in_place, id="writes into the labels"),
        pytest.param("check_hide_names", hidden_from_the_sorted_end, id="empties the entities"),
    ],
)
def test_a_right_answer_may_change_its_arguments(name, function):
    verdict = judge(name, function)
    assert verdict.status == "correct", verdict


@every_check
def test_arguments_ruined_after_the_answer_do_no_harm(name):
    solution = exercise(name, build.solved_version)

    def careless(*arguments):
        answer = solution(*arguments)
        ruin(arguments)
        return answer

    verdict = judge(name, careless)
    assert verdict.status == "correct", verdict


@pytest.mark.parametrize("name", [name for name in CHECKS if name != "check_training_steps"])
def test_arguments_ruined_before_the_answer_fool_no_check(name):
    solution, seen = exercise(name, build.solved_version), []

    def cheating(*arguments):
        seen.append(", ".join(map(repr, arguments)))
        ruin(arguments)
        return solution(*arguments)

    verdict = judge(name, cheating)
    assert verdict.status == "wrong"
    shown = dict(verdict.first_difference)["input"].removesuffix(" …")
    assert any(given.startswith(shown) for given in seen)


# What a verdict looks like


@pytest.mark.parametrize(
    ("function", "status"),
    [
        pytest.param(lambda label, names: names[label], "correct", id="correct"),
        pytest.param(exercise("check_decode_label", build.learner_version), "undone", id="undone"),
        pytest.param(names_from_one, "wrong", id="wrong"),
    ],
)
def test_a_verdict_shows_its_message(function, status):
    verdict = checks.check_decode_label(function)
    assert verdict.status == status
    shown, html = repr(verdict), verdict._repr_html_()
    assert f"decode_label: {verdict.message}" in shown
    assert escape(verdict.message) in html
    for name, value in verdict.first_difference:
        assert f"{name}: {value}" in shown
        assert f"<code>{escape(value)}</code>" in html


def test_a_verdict_escapes_everything_it_did_not_write():
    rows = (("<i>input</i>", "[1] & '<b>'"),)
    html = Verdict("<u>name</u>", "wrong", '1 < 2 & "so on"', rows)._repr_html_()
    assert "&lt;u&gt;name&lt;/u&gt;" in html
    assert "1 &lt; 2 &amp; &quot;so on&quot;" in html
    assert "&lt;i&gt;input&lt;/i&gt;" in html
    assert "[1] &amp; &#x27;&lt;b&gt;&#x27;" in html


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: "<script>alert(1)</script>", id="value"),
        pytest.param(lambda: int("<script>alert(1)</script>"), id="exception"),
    ],
)
def test_a_learner_s_answer_is_escaped(answer):
    html = checks.check_decode_label(lambda label, names: answer())._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


# What counts as the same


@pytest.mark.parametrize(
    ("answer", "expected", "status"),
    [
        pytest.param((1, 2), [1, 2], "correct", id="a tuple for a list"),
        pytest.param(np.array([1, 2]), [1, 2], "correct", id="an array for a list"),
        pytest.param(torch.tensor(2), 2, "correct", id="a tensor for a number"),
        pytest.param({"a": np.int64(1)}, {"a": 1}, "correct", id="NumPy inside a dict"),
        pytest.param(0.1 + 0.2, 0.3, "correct", id="rounding"),
        pytest.param([1, 2], [1, 2, 3], "wrong", id="too short"),
        pytest.param([2, 1], [1, 2], "wrong", id="other order"),
        pytest.param({"a": 1, "b": 0}, {"a": 1}, "wrong", id="a key too many"),
        pytest.param(True, 1, "wrong", id="a Boolean for a number"),
        pytest.param("1", 1, "wrong", id="text for a number"),
        pytest.param(0.3001, 0.3, "wrong", id="more than rounding"),
        pytest.param(float("nan"), 0.3, "wrong", id="not a number"),
    ],
)
def test_what_counts_as_the_same(answer, expected, status):
    assert compare("f", lambda _: answer, lambda _: expected, [(0,)]).status == status
