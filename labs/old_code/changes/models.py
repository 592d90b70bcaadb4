"""Changes in tokenizers, models and pipelines."""

from labs.old_code.change import cells, gone, row, rows_of

TOKENIZER = "from labs.old_code.sandbox import tokenizer as load\n\ntokenizer = load()"
FILES = """\
import os
from transformers import AutoTokenizer, BertTokenizer
from helpers import encoder
from labs.old_code.sandbox import folder, tokenizer, vocabulary_file

encoder, vocabulary = encoder.folder(), vocabulary_file()"""
# Name | what was written | what is written today | a part of its value | note
LOST = """\
encode_plus | tokenizer.encode_plus("so funny") | list(tokenizer("so funny")) | 'input_ids'
batch_encode_plus | tokenizer.batch_encode_plus(["so funny", "so slow"]) | list(tokenizer(["so funny", "so slow"])) | 'input_ids'
as_target_tokenizer | with tokenizer.as_target_tokenizer():⏎    labels = tokenizer("so slow") | tokenizer(text_target="so slow")["input_ids"] | [101, 2061, 4030, 102]
prepare_seq2seq_batch | tokenizer.prepare_seq2seq_batch(["so funny"], ["so slow"]) | list(tokenizer(["so funny"], text_target=["so slow"])) | 'labels'
max_len | tokenizer.max_len | tokenizer.model_max_length | 512
additional_special_tokens | tokenizer.additional_special_tokens | tokenizer.extra_special_tokens | []
build_inputs_with_special_tokens | tokenizer.build_inputs_with_special_tokens([2061, 6057]) | tokenizer("so funny")["input_ids"] | [101, 2061, 6057, 102] | The call adds the special tokens.
"""


def lost(name: str, old: str, new: str, gives: str, note: str = "") -> dict:
    """Return the row of a tokenizer's attribute that is gone."""
    error = f"AttributeError: has no attribute {name}"
    return row(name, old=old, error=error, new=new, gives=gives, note=note)


TOKENIZERS = rows_of(
    "tokenizers",
    row(
        "BertTokenizer(vocab_file=)",
        setup=FILES,
        old="len(BertTokenizer(vocab_file=vocabulary))",
        silent="5",
        new="len(BertTokenizer.from_pretrained(encoder))",
        gives="30522",
        note="Five special tokens are left; every word becomes [UNK]. The first positional argument still works.",
    ),
    *cells(LOST, lost),
    row(
        "pad_to_max_length",
        old='len(tokenizer("fun", pad_to_max_length=True, max_length=8)["input_ids"])',
        silent="3",
        new='len(tokenizer("fun", padding="max_length", max_length=8)["input_ids"])',
        gives="8",
        note="Nothing is padded.",
    ),
    row(
        "use_fast=False",
        setup=FILES,
        old="AutoTokenizer.from_pretrained(encoder, use_fast=False).is_fast",
        silent="True",
        new="AutoTokenizer.from_pretrained(encoder).is_fast",
        gives="True",
        note="There is one kind of BERT tokenizer, the fast one.",
    ),
    row(
        "save_pretrained without vocab.txt",
        setup=FILES + "\n\nwhere = folder()\nsaved = tokenizer().save_pretrained(where)",
        old='os.path.exists(os.path.join(where, "vocab.txt"))',
        silent="False",
        new='os.path.exists(os.path.join(where, "tokenizer.json"))',
        gives="True",
        note="Everything is in tokenizer.json.",
    ),
    row(
        "use_auth_token of a tokenizer",
        setup=FILES,
        old='len(AutoTokenizer.from_pretrained(encoder, use_auth_token="mine"))',
        silent="30522",
        new='len(AutoTokenizer.from_pretrained(encoder, token="mine"))',
        gives="30522",
        note="It is taken without a word, where a model refuses it. Write token=.",
    ),
    row(
        'return_tensors="tf"',
        old='tokenizer("fun", return_tensors="tf")',
        error="ValueError: tf is not a valid TensorType",
        new='list(tokenizer("fun", return_tensors="pt")["input_ids"].shape)',
        gives="[1, 3]",
    ),
    setup=TOKENIZER,
)

MODEL = """\
import os
import torch
from transformers import AutoModel
from labs.old_code.sandbox import folder, half_precision_folder, small

ids = torch.tensor([[101, 7592, 102]])
half = half_precision_folder()"""
MODELS = rows_of(
    "models",
    row(
        "default dtype",
        old="AutoModel.from_pretrained(half).dtype",
        silent="torch.float16",
        new="AutoModel.from_pretrained(half, dtype=torch.float32).dtype",
        gives="torch.float32",
        note="The stored precision is kept; it used to be float32. Train in float32.",
    ),
    row(
        "torch_dtype",
        old="AutoModel.from_pretrained(half, torch_dtype=torch.float32).dtype",
        warns="`torch_dtype` is deprecated! Use `dtype` instead!",
        new="AutoModel.from_pretrained(half, dtype=torch.float32).dtype",
        gives="torch.float32",
    ),
    row(
        "outputs unpacked",
        old="loss, logits = small()(ids, labels=torch.tensor([1]))\nloss",
        silent="'loss'",
        new="outputs = small()(ids, labels=torch.tensor([1]))\noutputs.loss.shape",
        gives="torch.Size([])",
        note="Unpacking gives the names. This one changed in transformers 4.",
    ),
    row(
        "safe_serialization=False",
        setup=MODEL + "\n\nwhere = folder()",
        old="small().save_pretrained(where, safe_serialization=False)\nos.listdir(where)",
        silent="'model.safetensors'",
        new="small().save_pretrained(where)\nos.listdir(where)",
        gives="'model.safetensors'",
        note="No pytorch_model.bin is written.",
    ),
    row(
        "use_auth_token of a model",
        old='AutoModel.from_pretrained(half, use_auth_token="mine")',
        error="TypeError: unexpected keyword argument 'use_auth_token'",
        new='AutoModel.from_pretrained(half, token="mine").dtype',
        gives="torch.float16",
    ),
    row(
        "load_in_8bit",
        old="AutoModel.from_pretrained(half, load_in_8bit=True)",
        error="TypeError: unexpected keyword argument 'load_in_8bit'",
        new="""\
from transformers import BitsAndBytesConfig
BitsAndBytesConfig(load_in_8bit=True).load_in_8bit""",
        gives="True",
        note="Passed as quantization_config=; using it wants the package bitsandbytes.",
    ),
    row(
        "output_attentions",
        old='small("Model")(ids, output_attentions=True).attentions',
        warns="`sdpa` attention does not support `output_attentions=True`",
        new="""\
eager = AutoModel.from_pretrained(half, attn_implementation="eager", dtype=torch.float32)
eager(ids, output_attentions=True).attentions[0].shape""",
        gives="torch.Size([1, 2, 3, 3])",
        note="The default attention is faster and keeps no weights: the old form gives an empty tuple.",
    ),
    row(
        "head_mask",
        old="""\
one = small("Model")(ids).last_hidden_state
other = small("Model")(ids, head_mask=torch.zeros(1, 2)).last_hidden_state
torch.equal(one, other)""",
        silent="True",
        new="""\
model = small("Model")
one = model(ids).last_hidden_state
model.encoder.layer[0].attention.output.dense.weight.data[:, :16] = 0
torch.equal(one, model(ids).last_hidden_state)""",
        gives="False",
        note="The mask is ignored. To switch a head off, set its columns of the output layer to zero.",
    ),
    row(
        "torch.load of a whole model",
        setup=MODEL + "\n\npath = os.path.join(folder(), 'model.pt')\ntorch.save(small(), path)",
        old="torch.load(path)",
        error="UnpicklingError: Weights only load failed",
        new="""\
torch.save(small().state_dict(), path)
model = small()
str(model.load_state_dict(torch.load(path)))""",
        gives="All keys matched",
        note="A pickled model can run any code. Save weights, not models.",
    ),
    gone("TFAutoModel", "from transformers import AutoModel", note="TensorFlow is gone."),
    gone("FlaxAutoModel", "from transformers import AutoModel", note="So is Flax."),
    gone("AutoModelWithLMHead", "from transformers import AutoModelForMaskedLM"),
    row(
        "from_tf=True",
        old="AutoModel.from_pretrained(half, from_tf=True).dtype",
        silent="torch.float16",
        new="AutoModel.from_pretrained(half).dtype",
        gives="torch.float16",
        note="It is ignored: the safetensors file is read.",
    ),
    row(
        "transformers.modeling_bert",
        setup="",
        old="from transformers.modeling_bert import BertModel",
        error="ModuleNotFoundError: No module named 'transformers.modeling_bert'",
        new="from transformers import BertModel\nBertModel.__name__",
        gives="BertModel",
        note="Import from the top; places inside move.",
    ),
    gone(
        "cached_path",
        "from huggingface_hub import hf_hub_download",
        where="transformers.file_utils",
    ),
    gone(
        "TRANSFORMERS_CACHE",
        "from huggingface_hub.constants import HF_HUB_CACHE",
        where="transformers.utils",
        note="The environment variable is HF_HOME or HF_HUB_CACHE.",
    ),
    setup=MODEL,
)

PIPE = """\
from transformers import pipeline
from labs.old_code.sandbox import rows, small, tokenizer

classifier = dict(model=small(num_labels=3), tokenizer=tokenizer(), device="cpu")
tagger = classifier | dict(model=small("TokenClassification", num_labels=3))"""
STRATEGIES = """\
ways = ("none", "simple", "first", "average", "max")
[len(pipeline("ner", aggregation_strategy=way, **tagger)("so funny")) for way in ways]"""
PIPELINES = rows_of(
    "pipelines",
    row(
        "question-answering",
        setup="import transformers\nfrom transformers import pipeline\nfrom helpers import encoder",
        old='pipeline("question-answering", model=encoder.folder())',
        error="KeyError: task question-answering",
        new="""\
from labs.old_code.sandbox import small, tokenizer
inputs = tokenizer()("Who?", "The cat.", return_tensors="pt")
small("QuestionAnswering")(**inputs).start_logits.shape""",
        gives="torch.Size([1, 8])",
        note="The model stays; the span is yours to decode, as in lesson 05.",
    ),
    *(
        row(
            task,
            setup="from transformers import pipeline\nfrom labs.old_code.sandbox import half_precision_folder",
            old=f'pipeline("{task}", model=half_precision_folder())',
            error=f"KeyError: task {task}",
            new="from transformers import AutoModelForSeq2SeqLM",
            note="Call tokenizer, generate and decode yourself.",
        )
        for task in ("summarization", "translation", "text2text-generation")
    ),
    row(
        "grouped_entities",
        old='pipeline("ner", grouped_entities=True, **tagger)',
        error="TypeError: unexpected keyword argument 'grouped_entities'",
        new=STRATEGIES,
        gives="[2, 1, 1, 1, 1]",
        note='"none" gives one entry a token; all five run.',
    ),
    row(
        "ignore_subwords",
        old='pipeline("ner", ignore_subwords=True, **tagger)',
        error="TypeError: unexpected keyword argument 'ignore_subwords'",
        new='len(pipeline("ner", aggregation_strategy="first", **tagger)("fun"))',
        gives="1",
    ),
    row(
        "return_all_scores",
        old='len(pipeline("text-classification", return_all_scores=True, **classifier)("fun"))',
        silent="1",
        new='len(pipeline("text-classification", top_k=None, **classifier)(["fun"])[0])',
        gives="3",
        note="One score comes back, the best; code that sums over classes goes on with it.",
    ),
    row(
        "a model in train mode",
        setup=PIPE + '\n\nclassifier["model"].train()',
        old='pipeline("text-classification", **classifier).model.training',
        silent="True",
        new='classifier["model"].eval()\npipeline("text-classification", **classifier).model.training',
        gives="False",
        note="Dropout stays on: every call gives another score.",
    ),
    row(
        "a column to a pipeline",
        old='pipeline("text-classification", **classifier)(rows()["text"])',
        error="ValueError: text input must be of type `str`",
        new='len(pipeline("text-classification", **classifier)(list(rows()["text"])))',
        gives="6",
    ),
    gone(
        "QuestionAnsweringPipeline",
        """\
from transformers import FillMaskPipeline
from labs.old_code.sandbox import small, tokenizer
fill = FillMaskPipeline(small("MaskedLM"), tokenizer=tokenizer(), device="cpu")
len(fill("so [MASK]"))""",
        "5",
        note="The other pipelines of encoders stay: fill-mask, text- and token-classification.",
    ),
    setup=PIPE,
)
ROWS = TOKENIZERS + MODELS + PIPELINES
