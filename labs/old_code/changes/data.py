"""Changes in datasets, metrics and huggingface_hub."""

from labs.old_code.change import gone, row, rows_of

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
DATASETS = rows_of(
    "datasets",
    row(
        "load_dataset of a script",
        setup=SCRIPT,
        old="load_dataset(script)",
        error="RuntimeError: Dataset scripts are no longer supported",
        new='load_dataset("parquet", data_files=parquet, split="train").num_rows',
        gives="6",
        note="On the Hub most such sets have a Parquet copy: revision='refs/convert/parquet'.",
    ),
    row(
        "trust_remote_code",
        setup=SCRIPT,
        old="load_dataset(script, trust_remote_code=True)",
        error="RuntimeError: Dataset scripts are no longer supported",
        new='load_dataset("parquet", data_files=parquet, split="train").column_names',
        gives="['text', 'label']",
        note="It brings no script back.",
    ),
    row(
        "bare name of a data set",
        setup="from huggingface_hub import parse_hf_uri",
        old='parse_hf_uri("hf://datasets/squad")',
        error="HfUriError: must be 'namespace/name'",
        new='parse_hf_uri("hf://datasets/rajpurkar/squad@refs/convert/parquet")',
        gives="id='rajpurkar/squad', revision='refs/convert/parquet'",
        note='What is run is how an address is read; load_dataset("squad") asks the Hub first.',
    ),
    row(
        "ds[column] is a list",
        setup=COLUMN,
        old='isinstance(ds["text"], list)',
        silent="False",
        new='isinstance(ds["text"][:], list)',
        gives="True",
        note="A Column reads its values when asked; a slice of it, or list(...), is a list.",
    ),
    row(
        "ds[column] to a tokenizer",
        setup=COLUMN
        + "\n\nfrom labs.old_code.sandbox import tokenizer as load\ntokenizer = load()",
        old='tokenizer(ds["text"])',
        error="ValueError: text input must be of type `str`",
        new='len(tokenizer(list(ds["text"]))["input_ids"])',
        gives="6",
    ),
    row(
        "columns added",
        setup=COLUMN,
        old='ds["text"] + ds["text"]',
        error="TypeError: unsupported operand type(s) for +: 'Column' and 'Column'",
        new='len(list(ds["text"]) + list(ds["text"]))',
        gives="12",
    ),
    row(
        "a column as JSON",
        setup="import json\n\n" + COLUMN,
        old='json.dumps(ds["label"])',
        error="TypeError: Object of type Column is not JSON serializable",
        new='json.dumps(list(ds["label"]))',
        gives="[1, 0, 1, 0, 1, 0]",
    ),
    row(
        "a column sorted in place",
        setup=COLUMN,
        old='ds["label"].sort()',
        error="AttributeError: 'Column' object has no attribute 'sort'",
        new='sorted(ds["label"])',
        gives="[0, 0, 0, 1, 1, 1]",
    ),
    row(
        "Sequence",
        setup='from datasets import ClassLabel, List, Sequence\n\nlabel = ClassLabel(names=["O", "B-PER"])',
        old="type(Sequence(label)).__name__",
        silent="'List'",
        new="Sequence(label).feature.names, List(label).feature.names",
        gives="(['O', 'B-PER'], ['O', 'B-PER'])",
        note="`.feature` still works; code that compares the name of the class does not.",
    ),
    row(
        "Sequence of a dictionary",
        setup='from datasets import Sequence, Value\n\nanswers = Sequence({"text": Value("string")})',
        old='answers.feature["text"]',
        error="AttributeError: 'dict' object has no attribute 'feature'",
        new='answers["text"].feature',
        gives="Value('string')",
        note="The `answers` of SQuAD are such a feature.",
    ),
    gone("list_datasets", "from huggingface_hub import list_datasets", where="datasets"),
    row(
        "set_caching_enabled",
        old="from datasets import set_caching_enabled\nset_caching_enabled(False)",
        error="ImportError: cannot import name 'set_caching_enabled'",
        new="""\
from datasets import disable_caching, enable_caching, is_caching_enabled
disable_caching()
state = is_caching_enabled()
enable_caching()
state""",
        gives="False",
    ),
    row(
        "use_auth_token in load_dataset",
        setup=LINES,
        old='load_dataset("json", data_files=lines, use_auth_token=True)',
        error="TypeError: unexpected keyword argument 'use_auth_token'",
        new='load_dataset("json", data_files=lines, token=True, split="train").num_rows',
        gives="1",
    ),
    row(
        "ignore_verifications",
        setup=LINES,
        old='load_dataset("json", data_files=lines, ignore_verifications=True)',
        error="TypeError: unexpected keyword argument 'ignore_verifications'",
        new="""\
load_dataset("json", data_files=lines, split="train",
             verification_mode="no_checks").num_rows""",
        gives="1",
    ),
    row(
        "rename_column_",
        setup=COLUMN,
        old='ds.rename_column_("label", "labels")',
        error="AttributeError: has no attribute 'rename_column_'",
        new='ds.rename_column("label", "labels").column_names',
        gives="['text', 'labels']",
        note="The same holds for remove_columns_ and cast_: today each returns a new data set.",
    ),
)

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
METRICS = rows_of(
    "metrics",
    row(
        "load_metric",
        setup=METRIC,
        old='from datasets import load_metric\nload_metric("accuracy")',
        error="ImportError: cannot import name 'load_metric'",
        new="""\
import evaluate
accuracy = evaluate.load(accuracy_file)
accuracy.compute(predictions=[1, 0], references=[1, 1])""",
        gives="{'accuracy': 0.5}",
        note='evaluate.load("accuracy") is the plain form; it asks the Hub, a file does not.',
    ),
    row(
        "datasets.Metric",
        old="from datasets import Metric",
        error="ImportError: cannot import name 'Metric'",
        new="from evaluate import Metric",
    ),
    gone("list_metrics", "from evaluate import list_evaluation_modules", where="datasets"),
)

LISTEN = """\
from transformers import Trainer
from labs.old_code.sandbox import arguments, listening_hub, small"""
HUB = rows_of(
    "hub",
    row(
        "push_to_hub=True",
        setup=LISTEN,
        old="with listening_hub():\n    Trainer(small(), arguments(push_to_hub=True))",
        error="HubNotReached: POST /api/repos/create",
        new="""\
with listening_hub() as asked:
    trainer = Trainer(small(), arguments())
asked, callable(trainer.push_to_hub)""",
        gives="([], True)",
        note="The repository is made when the Trainer is built. Push after training instead.",
    ),
    row(
        "notebook_login",
        setup="from huggingface_hub import notebook_login\nfrom labs.old_code.sandbox import listening_hub",
        old="with listening_hub():\n    notebook_login(skip_if_logged_in=False)",
        error="HubNotReached: POST /oauth/device",
        new="""\
from unittest.mock import patch
from huggingface_hub import get_token
with patch.dict("os.environ", HF_TOKEN="mine"):
    token = get_token()
token""",
        gives="'mine'",
        note="It shows a code and asks until you have typed it in a browser. Where nobody sits, set HF_TOKEN.",
    ),
    gone(
        "Repository",
        "from huggingface_hub import HfApi\ncallable(HfApi().upload_folder)",
        "True",
        where="huggingface_hub",
    ),
    row(
        "Repository.push_to_hub(blocking=False)",
        setup="from labs.old_code.sandbox import folder, half_precision_folder, listening_hub",
        old="from huggingface_hub import Repository\nRepository(folder(), clone_from='mine/model')",
        error="ImportError: cannot import name 'Repository'",
        new="""\
from huggingface_hub import HfApi
with listening_hub() as asked:
    future = HfApi(token="mine").upload_folder(repo_id="mine/model", run_as_future=True,
                                               folder_path=half_precision_folder())
    failed = future.exception(timeout=60)
type(future).__name__, type(failed).__name__""",
        gives="('Future', 'HubNotReached')",
        note="A Future: training goes on, result() waits and raises what went wrong.",
    ),
    gone(
        "HfFolder",
        "from huggingface_hub import get_token, login\ncallable(get_token)",
        "True",
        where="huggingface_hub",
    ),
    gone("cached_download", "from huggingface_hub import hf_hub_download", where="huggingface_hub"),
    gone("ModelFilter", "from huggingface_hub import list_models", where="huggingface_hub"),
    gone("DatasetFilter", "from huggingface_hub import list_datasets", where="huggingface_hub"),
    row(
        "create_repo(name=, organization=)",
        setup="from huggingface_hub import create_repo\nfrom labs.old_code.sandbox import listening_hub",
        old='create_repo(name="model", organization="mine")',
        error="TypeError: unexpected keyword argument 'name'",
        new="""\
with listening_hub() as asked:
    try:
        create_repo("mine/model")
    except OSError:
        pass
asked""",
        gives="['POST /api/repos/create']",
    ),
    row(
        "use_auth_token of the Hub",
        setup="from huggingface_hub import hf_hub_download",
        old='hf_hub_download("mine/model", "config.json", use_auth_token=True)',
        error="TypeError: unexpected keyword argument 'use_auth_token'",
        new="import inspect\n'token' in inspect.signature(hf_hub_download).parameters",
        gives="True",
    ),
    row(
        "HfApi().set_access_token",
        setup="from huggingface_hub import HfApi",
        old='HfApi().set_access_token("mine")',
        error="AttributeError: has no attribute 'set_access_token'",
        new='HfApi(token="mine").token',
        gives="'mine'",
    ),
    row(
        "except requests.HTTPError",
        setup="from huggingface_hub.errors import HfHubHTTPError",
        old="import requests\nissubclass(HfHubHTTPError, requests.HTTPError)",
        silent="False",
        new="issubclass(HfHubHTTPError, OSError)",
        gives="True",
        note="An old except clause catches nothing. Catch HfHubHTTPError.",
    ),
)
ROWS = DATASETS + METRICS + HUB
