"""Changes in metrics."""

from labs.old_code.change import Change

METRIC = '''\
from labs.old_code.sandbox import write

accuracy_file = write("accuracy.py", """
import datasets
import evaluate


class Accuracy(evaluate.Metric):
    def _info(self):
        number = datasets.Value("int32")
        features = datasets.Features({"predictions": number, "references": number})
        return evaluate.MetricInfo(description="", citation="", features=features)

    def _compute(self, predictions, references):
        hits = sum(p == r for p, r in zip(predictions, references))
        return {"accuracy": hits / len(references)}
""")'''

ROWS = (
    Change(
        topic="metrics",
        name="load_metric",
        setup=METRIC,
        old='from datasets import load_metric\nload_metric("accuracy")',
        does="error",
        error="ImportError",
        tells="cannot import name 'load_metric'",
        new="""\
import evaluate
accuracy = evaluate.load(accuracy_file)
accuracy.compute(predictions=[1, 0], references=[1, 1])""",
        gives="{'accuracy': 0.5}",
        note='evaluate.load("accuracy") is the plain form; it asks the Hub, a file does not.',
    ),
    Change(
        topic="metrics",
        name="datasets.Metric",
        old="from datasets import Metric",
        does="error",
        error="ImportError",
        tells="cannot import name 'Metric'",
        new="from evaluate import Metric",
    ),
    Change(
        topic="metrics",
        name="list_metrics",
        old="from datasets import list_metrics",
        does="error",
        error="ImportError",
        tells="cannot import name 'list_metrics'",
        new="from evaluate import list_evaluation_modules",
    ),
)
