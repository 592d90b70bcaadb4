"""SQuAD's scores: exact match and word F1 after normalisation, and SQuAD 2.0's with no answers.

Source: the rules of the official evaluation scripts, https://rajpurkar.github.io/SQuAD-explorer
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

import datasets
import evaluate
import numpy as np
from datasets import List, Value

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ANSWERS = {"text": List(Value("string")), "answer_start": List(Value("int32"))}


def normalize(text: str) -> str:
    """Lower-case a text, drop ASCII punctuation and articles, and leave single spaces.

    >>> normalize("The  Bay, of Ishan!")
    'bay of ishan'
    """
    text = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact(prediction: str, answer: str) -> float:
    """Return 1.0 where the two are equal once normalised, else 0.0."""
    return float(normalize(prediction) == normalize(answer))


def word_f1(prediction: str, answer: str) -> float:
    """Return the F1 of the words the two share once normalised; 0.0 where they share none.

    >>> word_f1("a fishing town", "the town")  # 1 word of 2 is right, 1 of 1 found
    0.6666666666666666
    """
    predicted, wanted = normalize(prediction).split(), normalize(answer).split()
    shared = (Counter(predicted) & Counter(wanted)).total()
    return 2 * shared / (len(predicted) + len(wanted)) if shared else 0.0


def best_score(score: Callable, prediction: str, answers: Sequence[str]) -> float:
    """Return the best score of a prediction against any of the accepted answers."""
    return max(score(prediction, answer) for answer in answers)


class Squad(evaluate.Metric):
    """Exact match and F1, in per cent, of one text a question, each of which has an answer."""

    def _info(self):
        return _info(self.__doc__, {"id": Value("string"), "prediction_text": Value("string")})

    def _compute(self, predictions, references):
        rows = _joined(predictions, references)
        if lost := [row["id"] for row in references if not row["answers"]["text"]]:
            raise ValueError(
                f"{len(lost)} questions have no answer, {lost[0]!r} the first. Use the metric squad_v2."
            )
        return {
            name: _percent(
                [best_score(score, p["prediction_text"], r["answers"]["text"]) for p, r in rows]
            )
            for name, score in {"exact_match": exact, "f1": word_f1}.items()
        }


class SquadV2(evaluate.Metric):
    """Exact match and F1, in per cent, where a question may have no answer (its right text is empty).

    A prediction carries "no_answer_probability": any number that grows with the doubt. Above
    `no_answer_threshold` the prediction counts as empty. "best_exact" and "best_f1" are what the best
    threshold would give, and "..._thresh" that threshold. As in the official script, predictions of equal
    probability are taken one by one, in the order of the references.
    """

    def _info(self):
        columns = {"id": Value("string"), "prediction_text": Value("string")}
        return _info(self.__doc__, columns | {"no_answer_probability": Value("float64")})

    def _compute(self, predictions, references, no_answer_threshold=1.0):
        rows = _joined(predictions, references)
        texts = [prediction["prediction_text"] for prediction, _ in rows]
        doubt = np.array([prediction["no_answer_probability"] for prediction, _ in rows])
        answers = [[a for a in r["answers"]["text"] if normalize(a)] or [""] for _, r in rows]
        answerable = np.array([bool(reference["answers"]["text"]) for _, reference in rows])
        raw = {
            name: np.array([best_score(f, *pair) for pair in zip(texts, answers, strict=True)])
            for name, f in {"exact": exact, "f1": _f1_or_empty}.items()
        }
        final = {k: np.where(doubt > no_answer_threshold, ~answerable, v) for k, v in raw.items()}
        result = _summary("", final, np.full(len(rows), True))
        for prefix, chosen in {"HasAns_": answerable, "NoAns_": ~answerable}.items():
            if chosen.any():
                result |= _summary(prefix, final, chosen)
        said = np.array([bool(text) for text in texts])
        for name, scores in raw.items():
            best, threshold = best_threshold(scores, doubt, answerable, said)
            result |= {f"best_{name}": best, f"best_{name}_thresh": threshold}
        return result


def best_threshold(scores, doubt, answerable, said) -> tuple[float, float]:
    """Return the best mean score (per cent) any threshold on the doubt gives, and that threshold.

    Args:
        scores: each question's score if its text is kept, (questions,).
        doubt: the text is dropped where this is above the threshold.
        answerable, said: whether the question has an answer, and whether the text is not empty.

    Returns:
        (per cent, threshold); the threshold is 0.0 where to drop every text is best.
    """
    order = np.argsort(doubt, kind="stable")
    gains = np.where(answerable, scores, -said.astype(float))[order]
    totals = np.concatenate([[0.0], gains.cumsum()]) + (~answerable).sum()
    best = int(totals.argmax())
    return 100 * float(totals[best]) / len(scores), float(doubt[order[best - 1]]) if best else 0.0


def _f1_or_empty(prediction: str, answer: str) -> float:
    if normalize(prediction) and normalize(answer):
        return word_f1(prediction, answer)
    return exact(prediction, answer)


def _percent(scores) -> float:
    return 100 * float(np.mean(scores))


def _summary(prefix: str, scores: dict, chosen: np.ndarray) -> dict:
    result = {f"{prefix}{name}": _percent(values[chosen]) for name, values in scores.items()}
    return result | {f"{prefix}total": int(chosen.sum())}


def _info(description: str, prediction: dict) -> evaluate.MetricInfo:
    reference = {"id": Value("string"), "answers": _ANSWERS}
    return evaluate.MetricInfo(
        description=description,
        citation="",
        features=datasets.Features({"predictions": prediction, "references": reference}),
    )


def _joined(predictions, references) -> list[tuple[dict, dict]]:
    by_id = {row["id"]: row for row in predictions}
    if lost := [row["id"] for row in references if row["id"] not in by_id]:
        raise ValueError(
            f"{len(lost)} questions have no prediction, {lost[0]!r} the first. "
            "Pass one prediction a question, with the question's id."
        )
    return [(by_id[row["id"]], row) for row in references]
