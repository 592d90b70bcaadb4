"""Metrics as `evaluate.Metric` modules that ship with the course: no download, no Hub.

Source of SQuAD's scores: the official evaluation scripts, https://rajpurkar.github.io/SQuAD-explorer
"""

import re
import string
import warnings
from collections import Counter
from collections.abc import Callable, Sequence

import evaluate
import numpy as np
import pandas as pd
from datasets import Features, List, Value
from sklearn.metrics import accuracy_score, f1_score

from helpers import known
from helpers.data import ANSWERS

SCHEMES = ("IOB1", "IOB2", "IOE1", "IOE2", "IOBES", "BILOU")  # of seqeval's strict mode
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


class _Metric(evaluate.Metric):
    prediction = reference = Value("int32")

    def _info(self):
        features = Features({"predictions": self.prediction, "references": self.reference})
        return evaluate.MetricInfo(description=self.__doc__, citation="", features=features)


class Accuracy(_Metric):
    """Share of predictions that equal their reference."""

    def _compute(self, predictions, references):
        return {"accuracy": float(accuracy_score(references, predictions))}


class F1(_Metric):
    """Harmonic mean of precision and recall; settings as of scikit-learn's `f1_score`, class 1 by default."""

    def _compute(self, predictions, references, **settings):
        score = f1_score(references, predictions, **settings)
        return {"f1": score if np.ndim(score) else float(score)}


class Seqeval(_Metric):
    """Entity-level precision, recall and F1 over sentences of IOB2 names.

    Source: the seqeval package; the output has the shape of the Hub's metric of that name.
    """

    prediction = reference = List(Value("string"))

    def _compute(self, predictions, references, zero_division=0, mode=None, scheme=None):
        import seqeval.scheme
        from seqeval.metrics import accuracy_score as token_accuracy
        from seqeval.metrics import classification_report

        if mode:
            known("mode", mode, ("strict",))
        if scheme:
            known("scheme", scheme, SCHEMES)
            if not mode:
                raise ValueError(
                    f"seqeval reads the scheme {scheme!r} with mode='strict' only. Pass both."
                )
        for predicted, reference in zip(predictions, references, strict=True):
            if len(predicted) != len(reference):
                raise ValueError(
                    f"A sentence has {len(predicted)} predictions but {len(reference)} references: "
                    f"{predicted}, {reference}. Pass one name a word in both."
                )
        report = {}
        if any(name != "O" for names in (*predictions, *references) for name in names):
            with warnings.catch_warnings():
                # parts of speech are no entities, and are scored all the same
                warnings.filterwarnings("ignore", message=".* seems not to be NE tag")
                how = {"scheme": scheme and getattr(seqeval.scheme, scheme), "mode": mode}
                how |= {"zero_division": zero_division, "output_dict": True}
                report = classification_report(references, predictions, **how)
        names = {"precision": "precision", "recall": "recall", "f1": "f1-score"}
        scores = {
            kind: {name: float(row[key]) for name, key in names.items()}
            | {"number": int(row["support"])}
            for kind, row in report.items()
            if kind not in ("micro avg", "macro avg", "weighted avg")
        }
        overall = report.get("micro avg", dict.fromkeys(names.values(), 0.0))
        scores |= {f"overall_{name}": float(overall[key]) for name, key in names.items()}
        accuracy = token_accuracy(references, predictions) if any(map(len, references)) else 0.0
        return scores | {"overall_accuracy": float(accuracy)}


def normalize(text: str) -> str:
    """Lower-case a text, drop ASCII punctuation and articles, and leave single spaces.

    >>> normalize("The  Bay, of Ishan!")
    'bay of ishan'
    """
    text = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact(prediction: str, answer: str) -> float:
    """Return 1.0 where the two are equal once normalized, else 0.0."""
    return float(normalize(prediction) == normalize(answer))


def word_f1(prediction: str, answer: str) -> float:
    """Return the F1 of the words the two share once normalized; 0.0 where they share none.

    >>> word_f1("a fishing town", "the town")  # 1 word of 2 is right, 1 of 1 found
    0.6666666666666666
    """
    predicted, wanted = normalize(prediction).split(), normalize(answer).split()
    shared = (Counter(predicted) & Counter(wanted)).total()
    return 2 * shared / (len(predicted) + len(wanted)) if shared else 0.0


def best_score(score: Callable, prediction: str, answers: Sequence[str]) -> float:
    """Return the best score of a prediction against any of the accepted answers."""
    return max(score(prediction, answer) for answer in answers)


class Squad(_Metric):
    """Exact match and F1, in per cent, of one text a question, each of which has an answer."""

    prediction = {"id": Value("string"), "prediction_text": Value("string")}
    reference = {"id": Value("string"), "answers": ANSWERS}

    def _compute(self, predictions, references):
        texts = [row["prediction_text"] for row in _in_order(predictions, references)]
        if lost := [row["id"] for row in references if not row["answers"]["text"]]:
            raise ValueError(
                f"{len(lost)} questions have no answer, {lost[0]!r} the first. Use the metric squad_v2."
            )
        answers = [row["answers"]["text"] for row in references]
        scores = _best_scores({"exact_match": exact, "f1": word_f1}, texts, answers)
        return (100 * scores.mean()).to_dict()


class SquadV2(_Metric):
    """Exact match and F1, in per cent, where a question may have no answer (its right text is empty).

    A prediction carries "no_answer_probability": any number that grows with the doubt. Above
    `no_answer_threshold` the prediction counts as empty. "best_exact" and "best_f1" are what the best
    threshold would give, and "..._thresh" that threshold. As in the official script, predictions of equal
    probability are taken one by one, in the order of the references, and a text of articles or punctuation alone
    is none for the scores, but one for the best threshold.
    """

    prediction = Squad.prediction | {"no_answer_probability": Value("float64")}
    reference = Squad.reference

    def _compute(self, predictions, references, no_answer_threshold=1.0):
        rows = _in_order(predictions, references)
        texts = [row["prediction_text"] for row in rows]
        doubt = np.array([row["no_answer_probability"] for row in rows])
        answers = [[a for a in r["answers"]["text"] if normalize(a)] or [""] for r in references]
        answerable = np.array([bool(row["answers"]["text"]) for row in references])
        raw = _best_scores({"exact": exact, "f1": _f1_or_empty}, texts, answers)
        final = raw.apply(lambda kept: kept.mask(doubt > no_answer_threshold, 1.0 - answerable))
        groups = {"": final, "HasAns_": final[answerable], "NoAns_": final[~answerable]}
        result = {}
        for prefix, part in groups.items():
            if len(part):
                result |= (100 * part.mean()).add_prefix(prefix).to_dict()
                result[f"{prefix}total"] = len(part)
        said = np.array([bool(text) for text in texts])
        for name, scores in raw.items():
            best, threshold = _best_threshold(scores, doubt, answerable, said)
            result |= {f"best_{name}": best, f"best_{name}_thresh": threshold}
        return result


def _in_order(predictions, references) -> list[dict]:
    """Return the predictions in the order of the references' ids."""
    by_id = {row["id"]: row for row in predictions}
    if lost := [row["id"] for row in references if row["id"] not in by_id]:
        raise ValueError(
            f"{len(lost)} questions have no prediction, {lost[0]!r} the first. "
            "Pass one prediction a question, with the question's id."
        )
    return [by_id[row["id"]] for row in references]


def _best_scores(scores: dict[str, Callable], texts, answers) -> pd.DataFrame:
    rows = list(zip(texts, answers, strict=True))
    return pd.DataFrame({name: [best_score(f, *row) for row in rows] for name, f in scores.items()})


def _f1_or_empty(prediction: str, answer: str) -> float:
    both = normalize(prediction) and normalize(answer)
    return word_f1(prediction, answer) if both else exact(prediction, answer)


def _best_threshold(scores, doubt, answerable, said) -> tuple[float, float]:
    """Return the best mean score (per cent) that any threshold on the doubt gives, and that threshold.

    A text is dropped where its doubt is above the threshold. The one that drops every text is 0.0, as in the official
    script, whose doubts are probabilities, or just below a doubt that is lower. All arguments are (questions,): the
    score if the text is kept, the doubt, whether the question has an answer, whether the text is not empty.
    """
    order = np.argsort(doubt, kind="stable")
    gains = np.where(answerable, scores, -said.astype(float))[order]
    totals = np.concatenate([[0.0], gains.cumsum()]) + (~answerable).sum()
    best = int(totals.argmax())
    threshold = doubt[order[best - 1]] if best else min(0.0, np.nextafter(doubt.min(), -np.inf))
    return 100 * float(totals[best]) / len(scores), float(threshold)


METRICS = {"accuracy": Accuracy, "f1": F1, "seqeval": Seqeval, "squad": Squad, "squad_v2": SquadV2}


def load_metric(name: str) -> evaluate.Metric:
    """Return a metric as `evaluate.load` does, with `add`, `add_batch`, `compute`. ValueError: unknown name.

    >>> load_metric("accuracy").compute(predictions=[1, 0], references=[1, 1])
    {'accuracy': 0.5}
    """
    known("metric", name, METRICS)
    return METRICS[name]()
