"""Answers to lesson 01, Exercise 4 · The surest mistakes."""

import numpy as np
import torch


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
    doubt = np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)
    wrong = [row for row in range(len(logits)) if logits[row].argmax() != references[row]]
    return sorted(wrong, key=lambda row: doubt[row])


def places_of_mistakes(logits, references, count):
    confidence, predicted = torch.from_numpy(logits).softmax(-1).max(-1)
    wrong = (predicted != torch.from_numpy(references)).nonzero().flatten()
    return confidence[wrong].argsort(descending=True)[:count].tolist()


def mistakes_of_columns(logits, references, count):
    confidence, predicted = torch.from_numpy(logits).softmax(dim=0).max(-1)
    wrong = (predicted != torch.from_numpy(references)).nonzero().flatten()
    return wrong[confidence[wrong].argsort(descending=True)][:count].tolist()


def confident_successes(logits, references, count):
    confidence = torch.tensor(logits).softmax(-1).amax(-1)
    right = [row for row in range(len(logits)) if logits[row].argmax() == references[row]]
    return sorted(right, key=lambda row: confidence[row], reverse=True)[:count]


def first_mistakes(logits, references, count):
    return np.flatnonzero(logits.argmax(-1) != references)[:count]


def sure_of(logits):
    """Return each row's highest probability and its class: what many answers here start from."""
    return (values.numpy() for values in torch.tensor(logits).softmax(-1).max(-1))


def mistakes_among_the_surest(logits, references, count):
    confidence, predicted = sure_of(logits)
    surest = (-confidence).argsort()[:count]
    return surest[predicted[surest] != references[surest]]


def mistakes_of_columns_by_logit(logits, references, count):
    confidence = torch.tensor(logits).softmax(0).numpy().max(-1)
    wrong = np.flatnonzero(logits.argmax(-1) != references)
    return wrong[np.argsort(-confidence[wrong])][:count].tolist()


def mistakes_by_class_1(logits, references, count):
    of_one = torch.tensor(logits).softmax(-1)[:, 1]
    wrong = [row for row in range(len(logits)) if logits[row].argmax() != references[row]]
    return sorted(wrong, key=lambda row: of_one[row], reverse=True)[:count]


def probabilities_of_mistakes(logits, references, count):
    confidence, predicted = sure_of(logits)
    return sorted(confidence[predicted != references].tolist(), reverse=True)[:count]


def mistakes_by_topk(logits, references, count):
    confidence, predicted = torch.tensor(logits).softmax(-1).max(-1)
    wrong = (predicted != torch.tensor(references)).nonzero().flatten()
    return wrong[confidence[wrong].topk(count).indices].tolist()


def mistakes_with_the_right_ones_at_0(logits, references, count):
    confidence, predicted = sure_of(logits)
    return np.argsort(-np.where(predicted == references, 0, confidence))[:count]


def mistakes_if_there_are_enough(logits, references, count):
    confidence, predicted = sure_of(logits)
    wrong = np.flatnonzero(predicted != references)
    return wrong[np.argsort(-confidence[wrong])][:count] if len(wrong) >= count else []


def mistakes_by_margin(logits, references, count):
    margin = abs(logits[:, 0] - logits[:, 1])
    wrong = [row for row in range(len(logits)) if logits[row].argmax() != references[row]]
    return sorted(wrong, key=lambda row: -margin[row])[:count]


def mistakes_by_margin_to_the_second(logits, references, count):
    second, first = np.sort(logits, axis=1)[:, -2:].T
    wrong = np.flatnonzero(logits.argmax(1) != references)
    return wrong[(second - first)[wrong].argsort()][:count]


def mistakes_with_numpy(logits, references, count):
    exponents = np.exp(logits.astype(np.float32))
    probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    rows = np.argsort(-probabilities.max(axis=1))
    return rows[(probabilities.argmax(axis=1) != references)[rows]][:count]


WRONG = {
    "by logit": (mistakes_by_logit, "sorts by the raw logit"),
    "right rows too": (confident_rows, "predicted right are among them"),
    "doubtful first": (doubtful_mistakes, "least sure rows come first"),
    "all of them": (all_mistakes, "returns every mistake"),
    "places": (places_of_mistakes, "places among the mistakes"),
    "columns": (mistakes_of_columns, "softmax runs over the rows"),
    "successes": (confident_successes, "the surest right answers"),
    "first ones": (first_mistakes, "in the order of the rows"),
    "among the surest": (mistakes_among_the_surest, "then the wrong ones of these"),
    "columns, by logit": (mistakes_of_columns_by_logit, "softmax runs over the rows"),
    "class 1": (mistakes_by_class_1, "the probability of class 1"),
    "probabilities": (probabilities_of_mistakes, "those are probabilities"),
    "topk": (mistakes_by_topk, "fewer than `count` rows are wrong"),
    "right ones at 0": (mistakes_with_the_right_ones_at_0, "fewer than `count` rows are wrong"),
    "enough": (mistakes_if_there_are_enough, "fewer than `count` rows are wrong"),
    "margin": (mistakes_by_margin, "right for two classes only"),
    "second": (mistakes_by_margin_to_the_second, "right for two classes only"),
}

SECOND = mistakes_with_numpy
