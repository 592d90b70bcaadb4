"""A right answer to each exercise in another style than the lesson's solution, named like it; lesson by lesson."""

import ast
import itertools
import math
import re
from collections import Counter
from statistics import mode

import numpy as np
import pandas as pd
import safetensors.numpy
import torch
from scipy.special import softmax
from seqeval.metrics.sequence_labeling import get_entities
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from helpers import IGNORE_INDEX
from helpers.loop import dealt
from helpers.metrics import exact, normalize, word_f1


def decode_label(label, names):
    return np.array(names)[label]


def label_counts(labels, names):
    return {name: np.sum(np.equal(labels, place)) for place, name in enumerate(names)}


def majority_baseline(train_labels, labels):
    commonest = torch.tensor(train_labels).bincount().argmax()
    return (torch.tensor(labels) == commonest).double().mean()


def confident_mistakes(logits, references, count):
    probabilities = softmax(logits.astype(np.float32), axis=1)
    rows = np.argsort(-probabilities.max(axis=1))
    return rows[(probabilities.argmax(axis=1) != references)[rows]][:count]


def confusion_counts(predictions, references):
    cells = torch.tensor(references) * 2 + torch.tensor(predictions)
    return dict(zip(("tn", "fp", "fn", "tp"), cells.bincount(minlength=4), strict=True))


def padding_share(lengths, batch_size):
    batches = torch.tensor(lengths).split(batch_size)
    padded = [pad_sequence([torch.ones(length) for length in batch]) for batch in batches]
    return 1 - torch.cat([batch.flatten() for batch in padded]).double().mean()


def training_steps(rows, batch_size, epochs):
    return np.ceil(np.float64(rows) / batch_size).astype(np.int64) * epochs


def continue_label(label, names):
    inside = {name: index for index, name in enumerate(names) if name.startswith("I-")}
    return np.int64(inside.get(names[label].replace("B-", "I-", 1), label))


def keep_first(labels, word_ids):
    for place in range(len(labels) - 1, 0, -1):  # in place: it returns what it was given
        if word_ids[place] is not None and word_ids[place] == word_ids[place - 1]:
            labels[place] = IGNORE_INDEX
    return labels


def labels_of_words(labels, word_ids, words):
    votes = list(zip(word_ids, labels, strict=True))
    found = [[v for w, v in votes if w == word and v != IGNORE_INDEX] for word in range(words)]
    return tuple(mode(own) if own else IGNORE_INDEX for own in found)


def read_columns(row, features):
    names = [features[tags].feature.int2str(row[tags]) for tags in ("pos_tags", "chunk_tags")]
    return np.array([row["tokens"], *names]).T


def words_lost(word_ids, words):
    return np.int64(sum(word not in word_ids for word in range(words)))


def count_entities(names):
    firsts = [name[2:] for name in names if name.startswith("B-")]
    kinds, counts = np.unique(firsts, return_counts=True)
    return dict(zip(kinds.tolist(), counts, strict=True))


def entity_counts(predicted, reference):
    found, true = get_entities(predicted), get_entities(reference)
    right = np.sum([entity in true for entity in found], dtype=int)
    return {"reference": len(true), "predicted": len(found), "right": right}


def find_entities(names):
    return tuple(
        [kind, np.int64(first), np.int64(last + 1)] for kind, first, last in get_entities(names)
    )


def hide_names(text, entities):
    pieces, done = [], 0
    for entity in entities:
        pieces += [text[done : entity["start"]], "[", entity["entity_group"], "]"]
        done = entity["end"]
    return "".join([*pieces, text[done:]])


def label_confusions(predictions, references):
    truths, guesses = map(itertools.chain.from_iterable, (references, predictions))
    counts = Counter(zip(truths, guesses, strict=True))
    return Counter({pair: np.int64(n) for pair, n in counts.items() if pair[0] != pair[1]})


def batch_loss(means, counts):
    counts = torch.tensor(counts, dtype=torch.double)
    return torch.tensor(means, dtype=torch.double).nan_to_num() @ counts / counts.sum()


def gather_rows(held, count, pad):
    rows = []
    for batches in zip(*held, strict=True):
        tensors = [torch.tensor(row) for batch in batches for row in batch]
        rows += pad_sequence(tensors, True, pad).tolist()
    return tuple(map(tuple, rows[:count]))


def optimizer_steps(run):
    step = run["batch_size"] * run["processes"] * run["accumulation"]
    return np.int64(len(range(0, run["rows"], step)) * run["epochs"])


def repeated_rows(rows, batch_size, processes):
    held = dealt(DataLoader(range(rows), batch_size=batch_size), processes, False)
    return np.int64(sum(map(len, itertools.chain(*held))) - rows)


def stop_early(scores, patience):
    bests = [int(np.argmax(scores[: epoch + 1])) for epoch in range(len(scores))]
    ends = [epoch for epoch, best in enumerate(bests) if epoch - best >= patience]
    last = min(ends, default=len(scores) - 1)
    return [bests[last] + 1, np.int64(last + 1)]


def answer_f1(said, accepted):
    if not accepted:
        return int(normalize(said) == "")
    return np.max([max(word_f1(said, text), exact(said, text)) for text in accepted])


def answer_or_nothing(windows, threshold):
    order = np.argsort([window["score"] for window in windows])  # of equals, the last
    best = windows[order[-1]]
    doubt = np.min([window["null_score"] for window in windows]) - best["score"]
    return best["text"] if doubt <= threshold else ""


def answer_text(context, offsets, start, end):
    return context[: offsets[end][1]][offsets[start][0] :]


def best_threshold(doubts, kept, emptied):
    doubts, thresholds = np.array(doubts), [-math.inf, *sorted(doubts)]
    scores = [np.where(doubts > limit, emptied, kept) / len(doubts) for limit in thresholds]
    return np.float64(thresholds[np.argmax([sum(each) for each in scores])])


def count_windows(passages, question, max_length, doc_stride):
    room = max_length - question - 3
    return np.array([1 + len(range(room, size, room - doc_stride)) for size in passages])


def frozen_layers(parameters):
    training = [name for name, flag in parameters if flag]
    if any(".embeddings." in name for name in training):
        return None
    numbers = [int(number) for number in re.findall(r"layer\.(\d+)", str(training))]
    return min(numbers, default=len(set(re.findall(r"layer\.\d+", str(parameters)))))


def luck(first, second):
    gaps = np.subtract(first, second)
    signs = np.array(list(itertools.product([1, -1], repeat=len(gaps))))
    return np.mean(abs(signs @ gaps) >= abs(gaps.sum()))


def names_to_train(names, pattern):
    fits = re.compile(pattern).search
    return tuple(filter(lambda name: not name.startswith("bert.") or fits(name), names))


def sweep_passes(layers, boundaries, epochs, seeds):
    starts = np.array([boundary or 0 for boundary in boundaries])
    above = 3 * np.sum(layers - starts) * epochs * seeds
    return [above + starts.sum() * epochs * seeds, above + starts.max()]


def lora_parameters(shapes, rank):
    return np.sum(shapes) * rank


def training_megabytes(parts):
    table = np.array(parts, dtype=float).reshape(-1, 2)
    return (4 * table[:, 0] * (1 + 3 * table[:, 1])).sum() / 1e6


def affordable_iterations(rows, batch_size, epochs, steps):
    number = 0
    while math.ceil(2 * rows * (number + 1) / batch_size) * epochs <= steps:
        number += 1
    return np.int64(number)


def draw_few(labels, order, per_class):
    drawn = pd.Series(labels)[order]
    if drawn.value_counts().min() < per_class:
        raise ValueError("too few")
    return tuple(drawn.groupby(drawn).head(per_class).index)


def is_safetensors(content):
    try:
        return safetensors.numpy.load(content) is not None
    except safetensors.SafetensorError:
        return False


def nearest_centroid(train, labels, new):
    classes, places = np.unique(labels, return_inverse=True)
    centroids = torch.zeros(len(classes), train.shape[1])
    centroids.index_add_(
        0, torch.tensor(places), torch.nn.functional.normalize(torch.tensor(train))
    )
    scores = torch.tensor(new) @ torch.nn.functional.normalize(centroids).T
    return classes[scores.argmax(1)]


def pair_counts(labels):
    same = np.equal.outer(labels, labels)[np.triu_indices(len(labels), k=1)]
    return {"different": (~same).sum(), "alike": same.sum()}


def templated_rows(words, templates):
    most = len(max(words.values(), key=len))
    rows = []
    for name, found in words.items():
        chosen = itertools.islice(itertools.cycle(found), most)
        rows += [[text.format(word), name] for word, text in itertools.product(chosen, templates)]
    return rows


def count_fates(before, after, labels, mask_id):
    before, after, labels = map(np.array, (before, after, labels))
    found = [labels == IGNORE_INDEX, after == mask_id, after == before]
    fates = np.select(found, ["untouched", "hidden", "kept"], "random")
    return {name: np.sum(fates == name) for name in ("untouched", "hidden", "kept", "random")}


def cut_blocks(texts, size, cls_id, sep_id):
    ids = torch.tensor([token for text in texts for token in text], dtype=torch.long)
    blocks = ids.split(size - 2) if len(ids) else []
    return [[cls_id, *block.tolist(), sep_id] for block in blocks]


def number_words(tokens, special):
    starts = [token not in special and not token.startswith("##") for token in tokens]
    return np.where([token in special for token in tokens], -1, np.cumsum(starts) - 1)


def perplexity(losses, counts):
    return np.exp(np.dot(losses, counts) / np.sum(counts))


def leaked_rows(train, test):
    train, test = ([" ".join(text.casefold().split()) for text in part] for part in (train, test))
    return np.isin(test, train).sum()


def one_spelling(labels):
    keys = [label.strip().casefold() for label in labels]
    return pd.Series(labels, dtype=object).groupby(keys).transform(mode).tolist()


def split_by_group(groups, test_rows):
    sizes = pd.Series(groups).groupby(groups, sort=False).size()
    taken = sizes[sizes.cumsum() - sizes < test_rows].index
    return tuple(np.flatnonzero(pd.Series(groups).isin(taken)))


def unknown_labels(labels, known):
    return np.flatnonzero(~np.isin(np.array(labels, dtype=str), np.array(known, dtype=str)))


def find_old_names(source, old_names):
    tree = ast.dump(ast.parse(source))
    used = re.findall(r"(?:alias\(name|keyword\(arg|attr)='(\w+)'", tree)
    return [name for name in sorted(old_names) if name in used]


def namespaced(name, homes):
    return {name: name, **homes}[name]


def rename_keywords(source, renames):
    lines = itertools.accumulate(map(len, source.splitlines(keepends=True)), initial=0)
    nodes, begins = ast.walk(ast.parse(source)), list(lines)
    words = [node for node in nodes if isinstance(node, ast.keyword) and node.arg in renames]
    places = {begins[word.lineno - 1] + word.col_offset: word.arg for word in words}
    for place, name in sorted(places.items(), reverse=True):
        source = source[:place] + renames[name] + source[place + len(name) :]
    return source


def translate_arguments(old):
    names = {"evaluation_strategy": "eval_strategy", "no_cuda": "use_cpu"}
    gone = ("overwrite_output_dir", "group_by_length", "warmup_ratio", "warmup_steps")
    new = {names.get(name, name): value for name, value in old.items() if name not in gone}
    if old.get("group_by_length"):
        new |= {"train_sampling_strategy": "group_by_length"}
    steps = [old[name] for name in ("warmup_steps", "warmup_ratio") if name in old]
    return new | ({"warmup_steps": steps[0] or steps[-1]} if steps else {})
