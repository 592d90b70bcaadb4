"""Changes in setfit and sentence-transformers."""

from labs.old_code.change import Change

SETFIT = """\
from setfit import Trainer, TrainingArguments
from labs.old_code.sandbox import HubNotReached, folder, rows, setfit_model

short = dict(output_dir=folder(), max_steps=2, batch_size=2, save_strategy="no")"""
RUN = """\
trainer = Trainer(setfit_model(), args, train_dataset=rows(), eval_dataset=rows())
trainer.train()
logs = trainer.st_trainer.state.log_history
sum(key.startswith("eval") and key.endswith("loss") for log in logs for key in log)"""

ROWS = (
    Change(
        topic="setfit",
        name="SetFitTrainer",
        setup=SETFIT,
        old="""\
from setfit import SetFitTrainer
SetFitTrainer(setfit_model(), rows(), num_iterations=1).args.num_iterations""",
        does="warns",
        tells="`SetFitTrainer` has been deprecated",
        new="Trainer(setfit_model(), TrainingArguments(num_iterations=1)).args.num_iterations",
        gives="1",
        note="Settings moved into TrainingArguments; num_iterations is None unless given.",
    ),
    Change(
        topic="setfit",
        name="setfit's evaluation_strategy",
        setup=SETFIT,
        old='TrainingArguments(evaluation_strategy="epoch").eval_strategy.value',
        does="warns",
        tells="The `evaluation_strategy` argument is deprecated",
        new='TrainingArguments(eval_strategy="epoch").eval_strategy.value',
        gives="'epoch'",
    ),
    Change(
        topic="setfit",
        name="args.eval_strategy = args.evaluation_strategy",
        setup=SETFIT,
        old=f"""\
args = TrainingArguments(eval_strategy="steps", eval_steps=1, **short)
args.eval_strategy = args.evaluation_strategy
{RUN}""",
        does="silent",
        tells="0",
        new=f'args = TrainingArguments(eval_strategy="steps", eval_steps=1, **short)\n{RUN}',
        gives="2",
        note="Once a cure. The right-hand side is None today: no evaluation takes place.",
    ),
    Change(
        topic="setfit",
        name="metric='accuracy'",
        setup=SETFIT
        + """
from unittest.mock import patch

def fitted(**settings):
    model = setfit_model()
    model.fit(rows()["text"][:], rows()["label"][:], num_epochs=1)
    return Trainer(model, eval_dataset=rows(), **settings)""",
        old="""\
with patch("evaluate.load", side_effect=HubNotReached("evaluate.load was asked for it")):
    fitted().evaluate()""",
        does="error",
        error="HubNotReached",
        tells="evaluate.load was asked for it",
        new="""\
def share(predicted, truth):
    return {"accuracy": sum(p == t for p, t in zip(predicted.tolist(), truth)) / len(truth)}

list(fitted(metric=share).evaluate())""",
        gives="['accuracy']",
        note="The default metric is fetched from the Hub at every evaluation; a function is not.",
    ),
    Change(
        topic="setfit",
        name="add_templated_examples",
        old="from setfit import add_templated_examples",
        does="error",
        error="ImportError",
        tells="cannot import name 'add_templated_examples'",
        new="""\
from setfit import get_templated_dataset
get_templated_dataset(candidate_labels=["bad", "good"], sample_size=1)["text"][:]""",
        gives="This sentence is bad",
    ),
    Change(
        topic="setfit",
        name="sentence_transformers.losses",
        setup="import sys\n\nsys.modules.pop('sentence_transformers.losses', None)  # warned of at its first import",
        old="from sentence_transformers.losses import CosineSimilarityLoss",
        does="warns",
        tells="Importing from 'sentence_transformers.losses' is deprecated",
        new="from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss",
    ),
    Change(
        topic="setfit",
        name="get_sentence_embedding_dimension",
        setup="from labs.old_code.sandbox import setfit_model\n\nbody = setfit_model().model_body",
        old="body.get_sentence_embedding_dimension()",
        does="warns",
        tells="has been renamed to `get_embedding_dimension`",
        new="body.get_embedding_dimension()",
        gives="32",
    ),
)
