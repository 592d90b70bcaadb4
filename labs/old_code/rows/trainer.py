"""Changes in Trainer and Accelerator."""

from labs.old_code.change import Change

SETUP = """\
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
ROWS = (
    Change(
        topic="trainer",
        name="Trainer(tokenizer=)",
        setup=SETUP,
        old="Trainer(small(), arguments(), tokenizer=tokenizer())",
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'tokenizer'",
        new="""\
trainer = Trainer(small(), arguments(), processing_class=tokenizer())
type(trainer.processing_class).__name__""",
        gives="Tokenizer'",
    ),
    Change(
        topic="trainer",
        name="trainer.tokenizer",
        setup=SETUP + "\n\ntrainer = Trainer(small(), arguments(), processing_class=tokenizer())",
        old="trainer.tokenizer",
        does="error",
        error="AttributeError",
        tells="has no attribute 'tokenizer'",
        new="len(trainer.processing_class)",
        gives="30522",
    ),
    Change(
        topic="trainer",
        name="compute_loss overridden",
        setup=SETUP,
        old=LOSS.format(""),
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'num_items_in_batch'",
        new=LOSS.format(", num_items_in_batch=None"),
        gives="1",
    ),
    Change(
        topic="trainer",
        name="training_step overridden",
        setup=SETUP,
        old=STEP.format("", ""),
        does="error",
        error="TypeError",
        tells="takes 3 positional arguments but 4 were given",
        new=STEP.format(", num_items_in_batch=None", ", num_items_in_batch"),
        gives="1",
    ),
    Change(
        topic="trainer",
        name="log overridden",
        setup=SETUP,
        old=LOG.format("", ""),
        does="error",
        error="TypeError",
        tells="takes 2 positional arguments but 3 were given",
        new=LOG.format(", start_time=None", ", start_time"),
        gives="1",
    ),
    Change(
        topic="trainer",
        name="AdamW of transformers",
        setup="from labs.old_code.sandbox import small",
        old="from transformers import AdamW",
        does="error",
        error="ImportError",
        tells="cannot import name 'AdamW'",
        new="from torch.optim import AdamW\ntype(AdamW(small().parameters(), lr=2e-5)).__name__",
        gives="'AdamW'",
        note="torch's decays weights by 0.01 unless told otherwise; that of transformers had 0.",
    ),
    Change(
        topic="trainer",
        name="EvaluationStrategy",
        old="from transformers.trainer_utils import EvaluationStrategy",
        does="error",
        error="ImportError",
        tells="cannot import name 'EvaluationStrategy'",
        new="from transformers import IntervalStrategy\nIntervalStrategy.EPOCH.value",
        gives="'epoch'",
    ),
    Change(
        topic="trainer",
        name="is_world_master",
        setup=SETUP,
        old="Trainer(small(), arguments()).is_world_master()",
        does="error",
        error="AttributeError",
        tells="has no attribute 'is_world_master'",
        new="Trainer(small(), arguments()).is_world_process_zero()",
        gives="True",
    ),
    Change(
        topic="trainer",
        name="Accelerator(fp16=)",
        setup="from accelerate import Accelerator",
        old="Accelerator(fp16=True)",
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'fp16'",
        new='Accelerator(mixed_precision="no").mixed_precision',
        gives="'no'",
        note='"no" runs anywhere; fp16=True is mixed_precision="fp16", on a GPU.',
    ),
    Change(
        topic="trainer",
        name="Accelerator.use_fp16",
        setup="from accelerate import Accelerator",
        old="Accelerator().use_fp16",
        does="error",
        error="AttributeError",
        tells="has no attribute 'use_fp16'",
        new="Accelerator().mixed_precision",
        gives="'no'",
    ),
    Change(
        topic="trainer",
        name="Accelerator(logging_dir=)",
        setup="from accelerate import Accelerator\nfrom labs.old_code.sandbox import folder",
        old="Accelerator(logging_dir=folder())",
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'logging_dir'",
        new="Accelerator(project_dir=folder()).project_dir is not None",
        gives="True",
    ),
    Change(
        topic="trainer",
        name="Accelerator(dispatch_batches=)",
        setup="from accelerate import Accelerator",
        old="Accelerator(dispatch_batches=False)",
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'dispatch_batches'",
        new="""\
from accelerate import DataLoaderConfiguration
loading = DataLoaderConfiguration(dispatch_batches=False)
Accelerator(dataloader_config=loading).dispatch_batches""",
        gives="False",
        note="even_batches and use_seedable_sampler moved there too.",
    ),
)
