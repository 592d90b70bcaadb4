"""Changes in collators, and in what they hand to a model."""

from labs.old_code.change import Change

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

ROWS = (
    Change(
        topic="collators",
        name="DataCollatorForWholeWordMask",
        since="transformers 5.20",
        setup=MASK,
        old="from transformers import DataCollatorForWholeWordMask",
        does="error",
        error="ImportError",
        tells="cannot import name 'DataCollatorForWholeWordMask'",
        new=f"""\
collator = {MASK_SAID}
batch = collator(encode("so funny", "so slow", return_offsets_mapping=True))
list(batch["labels"].shape)""",
        gives="[2, 4]",
        note="Lesson 08 writes a collator of its own, which wants less.",
    ),
    Change(
        topic="collators",
        name="whole_word_mask without offsets",
        setup=MASK,
        old=f'{MASK_SAID}(encode("so funny"))',
        does="error",
        error="IndexError",
        tells="too many indices for array",
        new=f"""\
collator = {MASK_SAID}
sorted(collator(encode("so funny", return_offsets_mapping=True)))""",
        gives="'input_ids', 'labels'",
    ),
    Change(
        topic="collators",
        name="whole_word_mask on rows of unlike length",
        setup=MASK,
        old=f"""\
collator = {MASK_SAID}
collator(encode("so funny", "a very dull film", return_offsets_mapping=True))""",
        does="error",
        error="ValueError",
        tells="Unable to create tensor",
        new=f"""\
collator = {MASK_SAID}
batch = collator(encode("so funny", "a very dull film", return_offsets_mapping=True,
                        padding="max_length", max_length=8))
list(batch["labels"].shape)""",
        gives="[2, 8]",
    ),
    Change(
        topic="collators",
        name="whole_word_mask in a Trainer",
        setup=MASK
        + f"""

from datasets import Dataset
from transformers import Trainer
from labs.old_code.sandbox import arguments, small

collator = {MASK_SAID}
ds = Dataset.from_list(encode("so funny", "so slow", return_offsets_mapping=True))""",
        old=WHOLE_WORDS.format(""),
        does="error",
        error="IndexError",
        tells="too many indices for array",
        new=WHOLE_WORDS.format("remove_unused_columns=False"),
        gives="1",
        note="Trainer hands a model only the columns it asks for, and drops the offsets.",
    ),
    Change(
        topic="collators",
        name="LineByLineTextDataset",
        setup="from labs.old_code.sandbox import write\n\nlines = write('lines.txt', 'so funny\\nso slow')",
        old="from transformers import LineByLineTextDataset",
        does="error",
        error="ImportError",
        tells="cannot import name 'LineByLineTextDataset'",
        new="""\
from datasets import load_dataset
load_dataset("text", data_files=lines, split="train")[:]""",
        gives="{'text': ['so funny', 'so slow']}",
    ),
    Change(
        topic="collators",
        name="masked_lm_labels",
        setup="import torch\nfrom labs.old_code.sandbox import small\n\nids = torch.tensor([[101, 7592, 102]])",
        old='small("MaskedLM")(ids, masked_lm_labels=ids).loss',
        does="silent",
        tells="None",
        new='small("MaskedLM")(ids, labels=ids).loss.item()',
        gives="10.",
        note="A model, when called, takes any keyword and leaves out those it does not know.",
    ),
)
