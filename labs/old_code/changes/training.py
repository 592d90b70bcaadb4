"""Changes in arguments of training, Trainer and Accelerator, collators, setfit and sentence-transformers."""

from labs.old_code.change import cells, gone, row, rows_of

ARGUMENT = "from transformers import TrainingArguments\nfrom labs.old_code.sandbox import folder"
MAKE = "TrainingArguments(folder(), {})"
# As it was written | as it is today, if anything takes its place | where to look, and what is there | note
REFUSED = """\
evaluation_strategy="epoch" | eval_strategy="epoch" | eval_strategy.value | 'epoch'
evaluate_during_training=True, eval_steps=50 | eval_strategy="steps", eval_steps=50 | eval_strategy.value | 'steps'
no_cuda=True | use_cpu=True | device.type | 'cpu'
warmup_ratio=0.1 | warmup_steps=0.1 | get_warmup_steps(1000) | 100 | Below 1 it is a share of the steps, from 1 on a number of them.
group_by_length=True | train_sampling_strategy="group_by_length" | train_sampling_strategy | 'group_by_length'
per_gpu_train_batch_size=4 | per_device_train_batch_size=4 | per_device_train_batch_size | 4
per_gpu_eval_batch_size=4 | per_device_eval_batch_size=4 | per_device_eval_batch_size | 4
fp16_backend="amp" |  | bf16 | False | Leave it out: there is one backend. fp16=True and bf16=True stay.
half_precision_backend="amp" |  | bf16 | False | Leave it out: there is one backend. fp16=True and bf16=True stay.
push_to_hub_model_id="mine" | hub_model_id="mine" | hub_model_id | 'mine'
push_to_hub_token="mine" | hub_token="mine" | hub_token | 'mine'
adafactor=True | optim="adafactor" | optim.value | 'adafactor'
include_inputs_for_metrics=True | include_for_metrics=["inputs"] | include_for_metrics | ['inputs']
dispatch_batches=True | accelerator_config={"dispatch_batches": True} | accelerator_config.dispatch_batches | True
"""


def refused(old: str, new: str, shows: str, gives: str, note: str = "") -> dict:
    """Return the row of an argument that is refused today.

    Args:
        old: name=value, as it was written.
        new: name=value today, "" where nothing takes its place.
        shows: what is looked at in the new arguments, after a dot.
        gives: what is seen there.
    """
    name = old.partition("=")[0]
    made = MAKE.format(new) if new else "TrainingArguments(folder())"
    error = f"TypeError: unexpected keyword argument '{name}'"
    new = f"{made}.{shows}"
    return row(name, old=MAKE.format(old), error=error, new=new, gives=gives, note=note)


ARGUMENTS = rows_of(
    "arguments",
    *cells(REFUSED, refused),
    row(
        "overwrite_output_dir",
        setup="""\
from transformers import AutoConfig, Trainer, TrainingArguments
from labs.old_code.sandbox import folder, small

where = folder()
small(num_labels=2).save_pretrained(where)""",
        old="TrainingArguments(where, overwrite_output_dir=True)",
        error="TypeError: unexpected keyword argument 'overwrite_output_dir'",
        new="""\
Trainer(small(num_labels=3), TrainingArguments(where, use_cpu=True)).save_model()
AutoConfig.from_pretrained(where).num_labels""",
        gives="3",
        note="A Trainer writes over what is there. train(resume_from_checkpoint=True) goes on from it.",
    ),
    row(
        "logging_dir",
        setup="""\
from unittest.mock import MagicMock, patch
from transformers import TrainingArguments
from transformers.integrations import TensorBoardCallback
from labs.old_code.sandbox import folder

installed = patch("transformers.integrations.integration_utils.is_tensorboard_available")
writer = patch.dict("sys.modules", tensorboardX=MagicMock())""",
        old='TrainingArguments(folder(), logging_dir="logs")',
        error="TypeError: unexpected keyword argument 'logging_dir'",
        new="""\
with patch.dict("os.environ", TENSORBOARD_LOGGING_DIR="logs"), installed, writer:
    callback = TensorBoardCallback()
callback.logging_dir""",
        gives="'logs'",
        note="An environment variable took its place. (The row acts as if TensorBoard were installed.)",
    ),
    row(
        "gradient_checkpointing",
        old="TrainingArguments(folder(), gradient_checkpointing=True).activation_checkpointing",
        warns="`gradient_checkpointing` is deprecated",
        new="TrainingArguments(folder(), activation_checkpointing=True).activation_checkpointing",
        gives="True",
        since="transformers 5.16",
    ),
    row(
        "save_safetensors",
        setup="""\
import os
from transformers import Trainer, TrainingArguments
from labs.old_code.sandbox import arguments, folder, small

where = folder()""",
        old="TrainingArguments(where, save_safetensors=False)",
        error="TypeError: unexpected keyword argument 'save_safetensors'",
        new="Trainer(small(), arguments()).save_model(where)\nsorted(os.listdir(where))",
        gives="'model.safetensors'",
        note="Weights are always saved so; there is no pickle to choose.",
    ),
    row(
        "report_to",
        old="TrainingArguments(folder()).report_to",
        silent="[]",
        new='TrainingArguments(folder(), report_to="tensorboard").report_to',
        gives="['tensorboard']",
        note="The default was every tracker installed; today it is none. Name yours.",
    ),
    row(
        "optim",
        old="TrainingArguments(folder()).optim.value",
        silent="'adamw_torch_fused'",
        new='TrainingArguments(folder(), optim="adamw_torch").optim.value',
        gives="'adamw_torch'",
        note="The default is fused AdamW; the older one has to be named.",
    ),
    setup=ARGUMENT,
)

TRAIN = """\
from transformers import Trainer
from labs.old_code.sandbox import arguments, encoded, small, tokenizer"""
LOSS = """\
class MyTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False{}):
        outputs = model(**inputs)
        return (outputs.loss, outputs) if return_outputs else outputs.loss

MyTrainer(small(), arguments(), train_dataset=encoded()).train().global_step"""
LOG = """\
class MyTrainer(Trainer):
    def log(self, logs{}):
        super().log(logs{})

MyTrainer(small(), arguments(logging_steps=1), train_dataset=encoded()).train().global_step"""
STEP = """\
class MyTrainer(Trainer):
    def training_step(self, model, inputs{}):
        return super().training_step(model, inputs{})

MyTrainer(small(), arguments(), train_dataset=encoded()).train().global_step"""
TRAINER = rows_of(
    "trainer",
    row(
        "Trainer(tokenizer=)",
        old="Trainer(small(), arguments(), tokenizer=tokenizer())",
        error="TypeError: unexpected keyword argument 'tokenizer'",
        new="""\
trainer = Trainer(small(), arguments(), processing_class=tokenizer())
type(trainer.processing_class).__name__""",
        gives="Tokenizer'",
    ),
    row(
        "trainer.tokenizer",
        setup=TRAIN + "\n\ntrainer = Trainer(small(), arguments(), processing_class=tokenizer())",
        old="trainer.tokenizer",
        error="AttributeError: has no attribute 'tokenizer'",
        new="len(trainer.processing_class)",
        gives="30522",
    ),
    row(
        "compute_loss overridden",
        old=LOSS.format(""),
        error="TypeError: unexpected keyword argument 'num_items_in_batch'",
        new=LOSS.format(", num_items_in_batch=None"),
        gives="1",
    ),
    row(
        "training_step overridden",
        old=STEP.format("", ""),
        error="TypeError: takes 3 positional arguments but 4 were given",
        new=STEP.format(", num_items_in_batch=None", ", num_items_in_batch"),
        gives="1",
    ),
    row(
        "log overridden",
        old=LOG.format("", ""),
        error="TypeError: takes 2 positional arguments but 3 were given",
        new=LOG.format(", start_time=None", ", start_time"),
        gives="1",
    ),
    row(
        "AdamW of transformers",
        setup="from labs.old_code.sandbox import small",
        old="from transformers import AdamW",
        error="ImportError: cannot import name 'AdamW'",
        new="from torch.optim import AdamW\ntype(AdamW(small().parameters(), lr=2e-5)).__name__",
        gives="'AdamW'",
        note="torch's decays weights by 0.01 unless told otherwise; that of transformers had 0.",
    ),
    gone(
        "EvaluationStrategy",
        "from transformers import IntervalStrategy\nIntervalStrategy.EPOCH.value",
        "'epoch'",
        where="transformers.trainer_utils",
    ),
    row(
        "is_world_master",
        old="Trainer(small(), arguments()).is_world_master()",
        error="AttributeError: has no attribute 'is_world_master'",
        new="Trainer(small(), arguments()).is_world_process_zero()",
        gives="True",
    ),
    row(
        "Accelerator(fp16=)",
        setup="from accelerate import Accelerator",
        old="Accelerator(fp16=True)",
        error="TypeError: unexpected keyword argument 'fp16'",
        new='Accelerator(mixed_precision="no").mixed_precision',
        gives="'no'",
        note='"no" runs anywhere; fp16=True is mixed_precision="fp16", on a GPU.',
    ),
    row(
        "Accelerator.use_fp16",
        setup="from accelerate import Accelerator",
        old="Accelerator().use_fp16",
        error="AttributeError: has no attribute 'use_fp16'",
        new="Accelerator().mixed_precision",
        gives="'no'",
    ),
    row(
        "Accelerator(logging_dir=)",
        setup="from accelerate import Accelerator\nfrom labs.old_code.sandbox import folder",
        old="Accelerator(logging_dir=folder())",
        error="TypeError: unexpected keyword argument 'logging_dir'",
        new="Accelerator(project_dir=folder()).project_dir is not None",
        gives="True",
    ),
    row(
        "Accelerator(dispatch_batches=)",
        setup="from accelerate import Accelerator",
        old="Accelerator(dispatch_batches=False)",
        error="TypeError: unexpected keyword argument 'dispatch_batches'",
        new="""\
from accelerate import DataLoaderConfiguration
loading = DataLoaderConfiguration(dispatch_batches=False)
Accelerator(dataloader_config=loading).dispatch_batches""",
        gives="False",
        note="even_batches and use_seedable_sampler moved there too.",
    ),
    setup=TRAIN,
)

MASK = """\
from transformers import DataCollatorForLanguageModeling
from labs.old_code.sandbox import tokenizer as load

tokenizer = load()
def encode(*texts, **settings):
    return [dict(tokenizer(text, **settings)) for text in texts]"""
MASK_SAID = "DataCollatorForLanguageModeling(tokenizer, whole_word_mask=True)"
WHOLE_WORDS = """\
trainer = Trainer(small("MaskedLM"), arguments({}), data_collator=collator, train_dataset=ds)
trainer.train().global_step"""
COLLATORS = rows_of(
    "collators",
    row(
        "DataCollatorForWholeWordMask",
        old="from transformers import DataCollatorForWholeWordMask",
        error="ImportError: cannot import name 'DataCollatorForWholeWordMask'",
        new=f"""\
collator = {MASK_SAID}
batch = collator(encode("so funny", "so slow", return_offsets_mapping=True))
list(batch["labels"].shape)""",
        gives="[2, 4]",
        note="Lesson 08 writes a collator of its own, which wants less.",
        since="transformers 5.20",
    ),
    row(
        "whole_word_mask without offsets",
        old=f'{MASK_SAID}(encode("so funny"))',
        error="IndexError: too many indices for array",
        new=f"""\
collator = {MASK_SAID}
sorted(collator(encode("so funny", return_offsets_mapping=True)))""",
        gives="'input_ids', 'labels'",
    ),
    row(
        "whole_word_mask on rows of unlike length",
        old=f"""\
collator = {MASK_SAID}
collator(encode("so funny", "a very dull film", return_offsets_mapping=True))""",
        error="ValueError: Unable to create tensor",
        new=f"""\
collator = {MASK_SAID}
batch = collator(encode("so funny", "a very dull film", return_offsets_mapping=True,
                        padding="max_length", max_length=8))
list(batch["labels"].shape)""",
        gives="[2, 8]",
    ),
    row(
        "whole_word_mask in a Trainer",
        setup=MASK
        + f"""

from datasets import Dataset
from transformers import Trainer
from labs.old_code.sandbox import arguments, small

collator = {MASK_SAID}
ds = Dataset.from_list(encode("so funny", "so slow", return_offsets_mapping=True))""",
        old=WHOLE_WORDS.format(""),
        error="IndexError: too many indices for array",
        new=WHOLE_WORDS.format("remove_unused_columns=False"),
        gives="1",
        note="Trainer hands a model only the columns it asks for, and drops the offsets.",
    ),
    row(
        "LineByLineTextDataset",
        setup="from labs.old_code.sandbox import write\n\nlines = write('lines.txt', 'so funny\\nso slow')",
        old="from transformers import LineByLineTextDataset",
        error="ImportError: cannot import name 'LineByLineTextDataset'",
        new="""\
from datasets import load_dataset
load_dataset("text", data_files=lines, split="train")[:]""",
        gives="{'text': ['so funny', 'so slow']}",
    ),
    row(
        "masked_lm_labels",
        setup="import torch\nfrom labs.old_code.sandbox import small\n\nids = torch.tensor([[101, 7592, 102]])",
        old='small("MaskedLM")(ids, masked_lm_labels=ids).loss',
        silent="None",
        new='small("MaskedLM")(ids, labels=ids).loss.item()',
        gives="10.",
        note="A model, when called, takes any keyword and leaves out those it does not know.",
    ),
    setup=MASK,
)

SMALL = """\
from setfit import Trainer, TrainingArguments
from labs.old_code.sandbox import HubNotReached, folder, rows, setfit_model

short = dict(output_dir=folder(), max_steps=2, batch_size=2, save_strategy="no")"""
RUN = """\
trainer = Trainer(setfit_model(), args, train_dataset=rows(), eval_dataset=rows())
trainer.train()
logs = trainer.st_trainer.state.log_history
sum(key.startswith("eval") and key.endswith("loss") for log in logs for key in log)"""
SETFIT = rows_of(
    "setfit",
    row(
        "SetFitTrainer",
        old="""\
from setfit import SetFitTrainer
SetFitTrainer(setfit_model(), rows(), num_iterations=1).args.num_iterations""",
        warns="`SetFitTrainer` has been deprecated",
        new="Trainer(setfit_model(), TrainingArguments(num_iterations=1)).args.num_iterations",
        gives="1",
        note="Settings moved into TrainingArguments; num_iterations is None unless given.",
    ),
    row(
        "setfit's evaluation_strategy",
        old='TrainingArguments(evaluation_strategy="epoch").eval_strategy.value',
        warns="The `evaluation_strategy` argument is deprecated",
        new='TrainingArguments(eval_strategy="epoch").eval_strategy.value',
        gives="'epoch'",
    ),
    row(
        "args.eval_strategy = args.evaluation_strategy",
        old=f"""\
args = TrainingArguments(eval_strategy="steps", eval_steps=1, **short)
args.eval_strategy = args.evaluation_strategy
{RUN}""",
        silent="0",
        new=f'args = TrainingArguments(eval_strategy="steps", eval_steps=1, **short)\n{RUN}',
        gives="2",
        note="Once a cure. The right-hand side is None today: no evaluation takes place.",
    ),
    row(
        "metric='accuracy'",
        setup=SMALL
        + """
from unittest.mock import patch

def fitted(**settings):
    model = setfit_model()
    model.fit(rows()["text"][:], rows()["label"][:], num_epochs=1)
    return Trainer(model, eval_dataset=rows(), **settings)""",
        old="""\
with patch("evaluate.load", side_effect=HubNotReached("evaluate.load was asked for it")):
    fitted().evaluate()""",
        error="HubNotReached: evaluate.load was asked for it",
        new="""\
def share(predicted, truth):
    return {"accuracy": sum(p == t for p, t in zip(predicted.tolist(), truth)) / len(truth)}

list(fitted(metric=share).evaluate())""",
        gives="['accuracy']",
        note="The default metric is fetched from the Hub at every evaluation; a function is not.",
    ),
    gone(
        "add_templated_examples",
        """\
from setfit import get_templated_dataset
get_templated_dataset(candidate_labels=["bad", "good"], sample_size=1)["text"][:]""",
        "This sentence is bad",
        where="setfit",
    ),
    row(
        "sentence_transformers.losses",
        setup="import sys\n\nsys.modules.pop('sentence_transformers.losses', None)  # warned of at its first import",
        old="from sentence_transformers.losses import CosineSimilarityLoss",
        warns="Importing from 'sentence_transformers.losses' is deprecated",
        new="from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss",
    ),
    row(
        "get_sentence_embedding_dimension",
        setup="from labs.old_code.sandbox import setfit_model\n\nbody = setfit_model().model_body",
        old="body.get_sentence_embedding_dimension()",
        warns="has been renamed to `get_embedding_dimension`",
        new="body.get_embedding_dimension()",
        gives="32",
    ),
    setup=SMALL,
)
ROWS = ARGUMENTS + TRAINER + COLLATORS + SETFIT
