"""Changes in datasets."""

from labs.old_code.change import Change

COLUMN = "from labs.old_code.sandbox import rows\n\nds = rows()"
SCRIPT = """\
from datasets import load_dataset
from labs.old_code.sandbox import rows, write

script = write("mine.py", "import datasets")
parquet = write("train.parquet", "")
rows().to_parquet(parquet)"""
LINES = """\
from datasets import load_dataset
from labs.old_code.sandbox import write

lines = write("train.jsonl", '{"text": "so funny", "label": 1}')"""
ROWS = (
    Change(
        topic="datasets",
        name="load_dataset of a script",
        setup=SCRIPT,
        old="load_dataset(script)",
        does="error",
        error="RuntimeError",
        tells="Dataset scripts are no longer supported",
        new='load_dataset("parquet", data_files=parquet, split="train").num_rows',
        gives="6",
        note="On the Hub most such sets have a Parquet copy: revision='refs/convert/parquet'.",
    ),
    Change(
        topic="datasets",
        name="trust_remote_code",
        setup=SCRIPT,
        old="load_dataset(script, trust_remote_code=True)",
        does="error",
        error="RuntimeError",
        tells="Dataset scripts are no longer supported",
        new='load_dataset("parquet", data_files=parquet, split="train").column_names',
        gives="['text', 'label']",
        note="It brings no script back.",
    ),
    Change(
        topic="datasets",
        name="bare name of a data set",
        setup="from huggingface_hub import parse_hf_uri",
        old='parse_hf_uri("hf://datasets/squad")',
        does="error",
        error="HfUriError",
        tells="must be 'namespace/name'",
        new='parse_hf_uri("hf://datasets/rajpurkar/squad@refs/convert/parquet")',
        gives="id='rajpurkar/squad', revision='refs/convert/parquet'",
        note='What is run is how an address is read; load_dataset("squad") asks the Hub first.',
    ),
    Change(
        topic="datasets",
        name="ds[column] is a list",
        setup=COLUMN,
        old='isinstance(ds["text"], list)',
        does="silent",
        tells="False",
        new='isinstance(ds["text"][:], list)',
        gives="True",
        note="A Column reads its values when asked; a slice of it, or list(...), is a list.",
    ),
    Change(
        topic="datasets",
        name="ds[column] to a tokenizer",
        setup=COLUMN
        + "\n\nfrom labs.old_code.sandbox import tokenizer as load\ntokenizer = load()",
        old='tokenizer(ds["text"])',
        does="error",
        error="ValueError",
        tells="text input must be of type `str`",
        new='len(tokenizer(list(ds["text"]))["input_ids"])',
        gives="6",
    ),
    Change(
        topic="datasets",
        name="columns added",
        setup=COLUMN,
        old='ds["text"] + ds["text"]',
        does="error",
        error="TypeError",
        tells="unsupported operand type(s) for +: 'Column' and 'Column'",
        new='len(list(ds["text"]) + list(ds["text"]))',
        gives="12",
    ),
    Change(
        topic="datasets",
        name="a column as JSON",
        setup="import json\n\n" + COLUMN,
        old='json.dumps(ds["label"])',
        does="error",
        error="TypeError",
        tells="Object of type Column is not JSON serializable",
        new='json.dumps(list(ds["label"]))',
        gives="[1, 0, 1, 0, 1, 0]",
    ),
    Change(
        topic="datasets",
        name="a column sorted in place",
        setup=COLUMN,
        old='ds["label"].sort()',
        does="error",
        error="AttributeError",
        tells="'Column' object has no attribute 'sort'",
        new='sorted(ds["label"])',
        gives="[0, 0, 0, 1, 1, 1]",
    ),
    Change(
        topic="datasets",
        name="Sequence",
        setup='from datasets import ClassLabel, List, Sequence\n\nlabel = ClassLabel(names=["O", "B-PER"])',
        old="type(Sequence(label)).__name__",
        does="silent",
        tells="'List'",
        new="Sequence(label).feature.names, List(label).feature.names",
        gives="(['O', 'B-PER'], ['O', 'B-PER'])",
        note="`.feature` still works; code that compares the name of the class does not.",
    ),
    Change(
        topic="datasets",
        name="Sequence of a dictionary",
        setup='from datasets import Sequence, Value\n\nanswers = Sequence({"text": Value("string")})',
        old='answers.feature["text"]',
        does="error",
        error="AttributeError",
        tells="'dict' object has no attribute 'feature'",
        new='answers["text"].feature',
        gives="Value('string')",
        note="The `answers` of SQuAD are such a feature.",
    ),
    Change(
        topic="datasets",
        name="list_datasets",
        old="from datasets import list_datasets",
        does="error",
        error="ImportError",
        tells="cannot import name 'list_datasets'",
        new="from huggingface_hub import list_datasets",
    ),
    Change(
        topic="datasets",
        name="set_caching_enabled",
        old="from datasets import set_caching_enabled\nset_caching_enabled(False)",
        does="error",
        error="ImportError",
        tells="cannot import name 'set_caching_enabled'",
        new="""\
from datasets import disable_caching, enable_caching, is_caching_enabled
disable_caching()
state = is_caching_enabled()
enable_caching()
state""",
        gives="False",
    ),
    Change(
        topic="datasets",
        name="use_auth_token in load_dataset",
        setup=LINES,
        old='load_dataset("json", data_files=lines, use_auth_token=True)',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'use_auth_token'",
        new='load_dataset("json", data_files=lines, token=True, split="train").num_rows',
        gives="1",
    ),
    Change(
        topic="datasets",
        name="ignore_verifications",
        setup=LINES,
        old='load_dataset("json", data_files=lines, ignore_verifications=True)',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'ignore_verifications'",
        new="""\
load_dataset("json", data_files=lines, split="train",
             verification_mode="no_checks").num_rows""",
        gives="1",
    ),
    Change(
        topic="datasets",
        name="rename_column_",
        setup=COLUMN,
        old='ds.rename_column_("label", "labels")',
        does="error",
        error="AttributeError",
        tells="has no attribute 'rename_column_'",
        new='ds.rename_column("label", "labels").column_names',
        gives="['text', 'labels']",
        note="The same holds for remove_columns_ and cast_: today each returns a new data set.",
    ),
)
