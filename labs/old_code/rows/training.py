"""Changes in the arguments of training."""

from labs.old_code.change import Change

SETUP = "from transformers import TrainingArguments\nfrom labs.old_code.sandbox import folder"
MAKE = "TrainingArguments(folder(), {})"
ONE_BACKEND = "Leave it out: there is one backend. fp16=True and bf16=True stay."


def _argument(old: str, new: str, shows: str, gives: str, note: str = "") -> Change:
    """Return the row of an argument that is refused today.

    Args:
        old: name=value, as it was written.
        new: name=value today, "" where nothing takes its place.
        shows: what is looked at in the new arguments, after a dot.
        gives: what is seen there.
    """
    name = old.partition("=")[0]
    made = MAKE.format(new) if new else "TrainingArguments(folder())"
    return Change(
        topic="arguments",
        name=name,
        setup=SETUP,
        old=MAKE.format(old),
        does="error",
        error="TypeError",
        tells=f"unexpected keyword argument '{name}'",
        new=f"{made}.{shows}",
        gives=gives,
        note=note,
    )


ARGUMENTS = (
    _argument(
        'evaluation_strategy="epoch"', 'eval_strategy="epoch"', "eval_strategy.value", "'epoch'"
    ),
    _argument(
        "evaluate_during_training=True, eval_steps=50",
        'eval_strategy="steps", eval_steps=50',
        "eval_strategy.value",
        "'steps'",
    ),
    _argument("no_cuda=True", "use_cpu=True", "device.type", "'cpu'"),
    _argument(
        "warmup_ratio=0.1",
        "warmup_steps=0.1",
        "get_warmup_steps(1000)",
        "100",
        "Below 1 it is a share of the steps, from 1 on a number of them.",
    ),
    _argument(
        "group_by_length=True",
        'train_sampling_strategy="group_by_length"',
        "train_sampling_strategy",
        "'group_by_length'",
    ),
    _argument(
        "per_gpu_train_batch_size=4",
        "per_device_train_batch_size=4",
        "per_device_train_batch_size",
        "4",
    ),
    _argument(
        "per_gpu_eval_batch_size=4",
        "per_device_eval_batch_size=4",
        "per_device_eval_batch_size",
        "4",
    ),
    _argument('fp16_backend="amp"', "", "bf16", "False", ONE_BACKEND),
    _argument('half_precision_backend="amp"', "", "bf16", "False", ONE_BACKEND),
    _argument('push_to_hub_model_id="mine"', 'hub_model_id="mine"', "hub_model_id", "'mine'"),
    _argument('push_to_hub_token="mine"', 'hub_token="mine"', "hub_token", "'mine'"),
    _argument("adafactor=True", 'optim="adafactor"', "optim.value", "'adafactor'"),
    _argument(
        "include_inputs_for_metrics=True",
        'include_for_metrics=["inputs"]',
        "include_for_metrics",
        "['inputs']",
    ),
    _argument(
        "dispatch_batches=True",
        'accelerator_config={"dispatch_batches": True}',
        "accelerator_config.dispatch_batches",
        "True",
    ),
)

DEFAULTS = (
    Change(
        topic="arguments",
        name="overwrite_output_dir",
        setup="""\
from transformers import AutoConfig, Trainer, TrainingArguments
from labs.old_code.sandbox import folder, small

where = folder()
small(num_labels=2).save_pretrained(where)""",
        old="TrainingArguments(where, overwrite_output_dir=True)",
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'overwrite_output_dir'",
        new="""\
Trainer(small(num_labels=3), TrainingArguments(where, use_cpu=True)).save_model()
AutoConfig.from_pretrained(where).num_labels""",
        gives="3",
        note="A Trainer writes over what is there. train(resume_from_checkpoint=True) goes on from it.",
    ),
    Change(
        topic="arguments",
        name="logging_dir",
        setup="""\
from unittest.mock import MagicMock, patch
from transformers import TrainingArguments
from transformers.integrations import TensorBoardCallback
from labs.old_code.sandbox import folder

installed = patch("transformers.integrations.integration_utils.is_tensorboard_available")
writer = patch.dict("sys.modules", tensorboardX=MagicMock())""",
        old='TrainingArguments(folder(), logging_dir="logs")',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'logging_dir'",
        new="""\
with patch.dict("os.environ", TENSORBOARD_LOGGING_DIR="logs"), installed, writer:
    callback = TensorBoardCallback()
callback.logging_dir""",
        gives="'logs'",
        note="An environment variable took its place. (The row acts as if TensorBoard were installed.)",
    ),
    Change(
        topic="arguments",
        name="gradient_checkpointing",
        since="transformers 5.16",
        setup=SETUP,
        old="TrainingArguments(folder(), gradient_checkpointing=True).activation_checkpointing",
        does="warns",
        tells="`gradient_checkpointing` is deprecated",
        new="TrainingArguments(folder(), activation_checkpointing=True).activation_checkpointing",
        gives="True",
    ),
    Change(
        topic="arguments",
        name="save_safetensors",
        setup="""\
import os
from transformers import Trainer, TrainingArguments
from labs.old_code.sandbox import arguments, folder, small

where = folder()""",
        old="TrainingArguments(where, save_safetensors=False)",
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'save_safetensors'",
        new="Trainer(small(), arguments()).save_model(where)\nsorted(os.listdir(where))",
        gives="'model.safetensors'",
        note="Weights are always saved so; there is no pickle to choose.",
    ),
    Change(
        topic="arguments",
        name="report_to",
        setup=SETUP,
        old="TrainingArguments(folder()).report_to",
        does="silent",
        tells="[]",
        new='TrainingArguments(folder(), report_to="tensorboard").report_to',
        gives="['tensorboard']",
        note="The default was every tracker installed; today it is none. Name yours.",
    ),
    Change(
        topic="arguments",
        name="optim",
        setup=SETUP,
        old="TrainingArguments(folder()).optim.value",
        does="silent",
        tells="'adamw_torch_fused'",
        new='TrainingArguments(folder(), optim="adamw_torch").optim.value',
        gives="'adamw_torch'",
        note="The default is fused AdamW; the older one has to be named.",
    ),
)

ROWS = ARGUMENTS + DEFAULTS
