"""Metrics as `evaluate.Metric` modules that ship with the course: no download, no Hub.

Source of SQuAD's scores: the rules of the official evaluation scripts, https://rajpurkar.github.io/SQuAD-explorer
"""

from __future__ import annotations

import re
import string
import warnings
from collections import Counter
from collections.abc import Callable, Sequence

import evaluate
import numpy as np
from datasets import Features, List, Value
from sklearn.metrics import accuracy_score, f1_score

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ANSWERS = {"text": List(Value("string")), "answer_start": List(Value("int32"))}
_REFERENCE = {"id": Value("string"), "answers": _ANSWERS}


def _info(metric, prediction, reference=None) -> evaluate.MetricInfo:
    features = Features({"predictions": prediction, "references": reference or prediction})
    return evaluate.MetricInfo(description=metric.__doc__, citation="", features=features)


class Accuracy(evaluate.Metric):
    """Share of predictions that equal their reference."""

    def _info(self):
        return _info(self, Value("int32"))

    def _compute(self, predictions, references):
        return {"accuracy": float(accuracy_score(references, predictions))}


class F1(evaluate.Metric):
    """Harmonic mean of precision and recall; `average` as in scikit-learn, class 1 by default."""

    def _info(self):
        return _info(self, Value("int32"))

    def _compute(self, predictions, references, average="binary", labels=None, pos_label=1):
        score = f1_score(
            references, predictions, average=average, labels=labels, pos_label=pos_label
        )
        return {"f1": float(score) if average else score}


class Seqeval(evaluate.Metric):
    """Entity-level precision, recall and F1 over sentences of IOB2 names.

    Source: the seqeval package; the output has the shape of the Hub's metric of that name.
    """

    def _info(self):
        return _info(self, List(Value("string")))

    def _compute(self, predictions, references, zero_division=0):
        from seqeval.metrics import accuracy_score as token_accuracy
        from seqeval.metrics import classification_report

        _refuse_flat(predictions, references)
        report = {}
        if any(name != "O" for names in (*predictions, *references) for name in names):
            with (
                warnings.catch_warnings()
            ):  # parts of speech are no entities, and are scored all the same
                warnings.filterwarnings("ignore", message=".* seems not to be NE tag")
                report = classification_report(
                    references, predictions, output_dict=True, zero_division=zero_division
                )
        averages = ("micro avg", "macro avg", "weighted avg")
        scores = {
            kind: {
                "precision": float(row["precision"]),
                "recall": float(row["recall"]),
                "f1": float(row["f1-score"]),
                "number": int(row["support"]),
            }
            for kind, row in report.items()
            if kind not in averages
        }
        overall = report.get("micro avg", {"precision": 0.0, "recall": 0.0, "f1-score": 0.0})
        return scores | {
            "overall_precision": float(overall["precision"]),
            "overall_recall": float(overall["recall"]),
            "overall_f1": float(overall["f1-score"]),
            "overall_accuracy": float(token_accuracy(references, predictions)),
        }


def _refuse_flat(predictions, references) -> None:
    for predicted, reference in zip(predictions, references, strict=True):
        if len(predicted) != len(reference):
            raise ValueError(
                f"A sentence has {len(predicted)} predictions but {len(reference)} references: "
                f"{predicted}, {reference}. Pass one name a word in both."
            )


def spans(tags: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (type, start, end) of each IOB2 span, end exclusive.

    Raises:
        ValueError: an I- tag that continues nothing.

    >>> spans(["B-NP", "I-NP", "O", "B-VP"])
    [('NP', 0, 2), ('VP', 3, 4)]
    """
    found: list[tuple[str, int, int]] = []
    for place, tag in enumerate(tags):
        if tag.startswith("B-"):
            found.append((tag[2:], place, place + 1))
        elif tag.startswith("I-"):
            if not found or found[-1][0] != tag[2:] or found[-1][2] != place:
                raise ValueError(f"{tag} at word {place} continues nothing. Begin it with B-.")
            found[-1] = (found[-1][0], found[-1][1], place + 1)
    return found


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
        columns = {"id": Value("string"), "prediction_text": Value("string")}
        return _info(self, columns, _REFERENCE)

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
        return _info(self, columns | {"no_answer_probability": Value("float64")}, _REFERENCE)

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


def _joined(predictions, references) -> list[tuple[dict, dict]]:
    by_id = {row["id"]: row for row in predictions}
    if lost := [row["id"] for row in references if row["id"] not in by_id]:
        raise ValueError(
            f"{len(lost)} questions have no prediction, {lost[0]!r} the first. "
            "Pass one prediction a question, with the question's id."
        )
    return [(by_id[row["id"]], row) for row in references]


METRICS = {
    "accuracy": Accuracy,
    "f1": F1,
    "seqeval": Seqeval,
    "squad": Squad,
    "squad_v2": SquadV2,
}


def load_metric(name: str) -> evaluate.Metric:
    """Return a metric with `add`, `add_batch` and `compute`, as `evaluate.load` would.

    Raises:
        ValueError: unknown name.

    >>> load_metric("accuracy").compute(predictions=[1, 0], references=[1, 1])
    {'accuracy': 0.5}
    """
    if name not in METRICS:
        raise ValueError(f"There is no metric {name!r}. Use one of {', '.join(sorted(METRICS))}.")
    return METRICS[name]()
