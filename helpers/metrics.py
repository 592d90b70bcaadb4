"""Metrics as `evaluate.Metric` modules that ship with the course: no download, no Hub."""

from __future__ import annotations

import warnings

import datasets
import evaluate
from sklearn.metrics import accuracy_score, f1_score

from helpers.squad import Squad, SquadV2


class Accuracy(evaluate.Metric):
    """Share of predictions that equal their reference."""

    def _info(self):
        return _info(self.__doc__, datasets.Value("int32"))

    def _compute(self, predictions, references):
        return {"accuracy": float(accuracy_score(references, predictions))}


class F1(evaluate.Metric):
    """Harmonic mean of precision and recall; `average` as in scikit-learn, class 1 by default."""

    def _info(self):
        return _info(self.__doc__, datasets.Value("int32"))

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
        return _info(self.__doc__, datasets.Sequence(datasets.Value("string")))

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


def _info(description: str, kind) -> evaluate.MetricInfo:
    return evaluate.MetricInfo(
        description=description,
        citation="",
        features=datasets.Features({"predictions": kind, "references": kind}),
    )


def _refuse_flat(predictions, references) -> None:
    for predicted, reference in zip(predictions, references, strict=True):
        if len(predicted) != len(reference):
            raise ValueError(
                f"A sentence has {len(predicted)} predictions but {len(reference)} references: "
                f"{predicted}, {reference}. Pass one name a word in both."
            )
