"""The traps of the lessons: the wrong half is wrong in the way told, the right half is right."""

import json
import os
import random
import re
from itertools import pairwise
from unittest.mock import patch

import families
import joblib
import pytest
import small_setfit
import tagging
import torch
from datasets import Dataset, load_from_disk
from peft import LoraConfig, PeftModel, get_peft_model
from setfit import SetFitModel
from setfit import TrainingArguments as SetFitArguments
from setfit.sampler import ContrastiveDataset
from test_qa import three_windows
from transformers import (
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    pipeline,
)

import helpers
from helpers import IGNORE_INDEX, data, freezing, qa, spans
from helpers.fewshot import count_pairs, load_head
from helpers.loop import Prediction, parameter_groups
from helpers.masking import WholeWordMaskCollator, score
from helpers.metrics import load_metric
from helpers.ner import inside_ids
from labs.own_data.splits import split_groups
from scripts.command import check_processes
from tools import build

TRAPS = []


def trap(lesson, heading):
    """Mark the test that proves both halves of a lesson's trap; `heading` stands after "### Trap: "."""
    TRAPS.append((lesson, heading))
    return lambda test: test


@pytest.mark.parametrize("path", [pytest.param(p, id=p.stem[:2]) for p in build.sources()])
def test_each_trap_has_its_heading_its_code_and_its_test(path):
    listed, found = [heading for lesson, heading in TRAPS if lesson == path.stem[:2]], []
    for cell, following in pairwise(build.read_source(path).cells):
        for heading in re.findall(r"^### Trap: (.+)$", cell.source, re.MULTILINE):
            assert (cell.cell_type, following.cell_type) == ("markdown", "code"), heading
            found.append(heading)
    assert sorted(found) == sorted(listed)


IDS, LABELS = torch.arange(5, 45).reshape(8, 5), torch.tensor([0, 1] * 4)


def classifier(seed=0):
    return tagging.small("SequenceClassification", seed=seed, num_labels=2)


def tagger(labels):
    return tagging.small("TokenClassification", num_labels=labels)


def same_twice(model):
    """Tell whether two passes of a model give the same."""
    with torch.no_grad():
        return torch.equal(model(IDS)[0], model(IDS)[0])


def tiny_trainer(tokenizer, sampling="random", **options):
    lengths = [3, 9, 5, 12, 4, 7, 11, 6]
    rows = Dataset.from_dict({"input_ids": [[5] * n for n in lengths], "label": LABELS.tolist()})
    arguments = tagging.arguments("unused", train_sampling_strategy=sampling)
    options |= {"data_collator": DataCollatorWithPadding(tokenizer), "eval_dataset": rows}
    return Trainer(classifier(), arguments, **options)


def entity_scores(predictions, references):
    return load_metric("seqeval").compute(predictions=predictions, references=references)


@trap("02", "I-X by adding 1 to B-X")
def test_parity_of_ids_against_names():
    names = ["O", "B-ORG", "B-MISC", "B-PER", "I-PER", "B-LOC", "I-ORG", "I-MISC", "I-LOC"]
    organization = names.index("B-ORG")
    by_parity = organization + 1 if organization % 2 == 1 else organization
    assert names[by_parity] == "B-MISC"
    found = {name: names[inside] for name, inside in zip(names, inside_ids(names), strict=True)}
    assert found == {name: name.replace("B-", "I-") for name in names}
    classic = data.NER_NAMES
    assert [i + 1 if i % 2 == 1 else i for i in range(len(classic))] == inside_ids(classic)


@trap("03", "the flat list")
def test_flat_list_against_sentences():
    truth, guess = ["B-PER", "I-PER", "O", "B-LOC"], ["B-PER", "O", "O", "B-LOC"]
    flat = entity_scores([[name] for name in guess], [[name] for name in truth])
    assert flat["overall_f1"] == pytest.approx(0.8)
    assert entity_scores([guess], [truth])["overall_f1"] == pytest.approx(0.5)


@trap("01", "padding to the maximum")
def test_padding_to_the_maximum_changes_nothing_but_the_work(tokenizer):
    model = tagging.small("SequenceClassification", len(tokenizer), num_labels=2).eval()
    texts = ["A warm film.", "Too long by an hour, and then some."]
    fixed = tokenizer(texts, padding="max_length", max_length=512, return_tensors="pt")
    dynamic = tokenizer(texts, padding="longest", return_tensors="pt")
    with torch.no_grad():
        assert torch.allclose(model(**fixed).logits, model(**dynamic).logits, atol=1e-5)
    assert fixed["input_ids"].numel() >= 10 * dynamic["input_ids"].numel()


@trap("01", "the argument in the singular")
@trap("01", "a metric loaded at every evaluation")
def test_the_argument_is_in_the_plural_and_what_it_loads_is_loaded_at_every_evaluation(tokenizer):
    loads = []

    def careless(evaluation):
        loads.append(load_metric("accuracy"))
        return {"answer": 42.0}

    with pytest.raises(TypeError, match="compute_metric"):
        tiny_trainer(tokenizer, compute_metric=careless)
    trainer = tiny_trainer(tokenizer, compute_metrics=careless)
    assert [trainer.evaluate()["eval_answer"] for _ in range(2)] == [42.0, 42.0]
    assert len(loads) == 2


@trap("01", "predictions in another order")
def test_grouping_by_length_reorders_predictions(tokenizer):
    trainer = tiny_trainer(tokenizer, "group_by_length")
    assert trainer.predict(trainer.eval_dataset).label_ids.tolist() != LABELS.tolist()
    trainer.args.train_sampling_strategy = "random"
    assert trainer.predict(trainer.eval_dataset).label_ids.tolist() == LABELS.tolist()


@trap("03", "a head with too few outputs")
def test_one_label_too_few():
    ids, labels = torch.tensor([[5, 6, 7]]), torch.tensor([[IGNORE_INDEX, 8, 0]])
    with pytest.raises(IndexError, match="out of bounds"):
        tagger(8)(input_ids=ids, labels=labels)
    assert torch.isfinite(tagger(9)(input_ids=ids, labels=labels).loss)


@trap("03", "still in train mode")
def test_train_mode_against_eval_mode():
    assert not same_twice(tagger(3).train())
    assert same_twice(tagger(3).eval())


@trap("02", "labels that were not aligned")
def test_unaligned_labels_slide_without_an_error(tokenizer):
    ids = tokenizer(["Zwingmann", "ate"], is_split_into_words=True)["input_ids"]
    batch = DataCollatorForTokenClassification(tokenizer)([{"input_ids": ids, "labels": [1, 0]}])
    assert batch["labels"].shape == batch["input_ids"].shape
    assert batch["labels"][0, 0] == 1  # the label of the first word now sits on [CLS]


@trap("02", "an old result from the cache")
def test_map_serves_a_stale_result_when_a_function_reads_a_file(tmp_path):
    Dataset.from_dict({"n": [1, 2]}).save_to_disk(tmp_path / "rows")
    rows, factor = load_from_disk(tmp_path / "rows"), tmp_path / "factor.txt"

    def scale(row, file):
        return {"scaled": row["n"] * int(file.read_text())}

    factor.write_text("1")
    rows.map(scale, fn_kwargs={"file": factor})
    factor.write_text("10")
    stale = rows.map(scale, fn_kwargs={"file": factor})
    fresh = rows.map(scale, fn_kwargs={"file": factor}, load_from_cache_file=False)
    assert (list(stale["scaled"]), list(fresh["scaled"])) == ([1, 2], [10, 20])


@trap("05", "the minimum that keeps the maximum")
def test_the_minimum_that_keeps_the_maximum(tokenizer):
    rows, features, logits = three_windows(tokenizer)  # only the second sees the answer
    minima = spans.score_windows(features, *logits)["null_score"].tolist()
    best = spans.score_predictions(rows, features, *logits).to_dict("index")
    expected = {"text": "d e", "score": 6.0, "null_score": 1.0, "start": 6, "end": 9}
    assert (minima, best) == ([8.0, 1.0, 8.0], {"a": expected})
    assert max(minima) - best["a"]["score"] > 0  # by the highest the answer would be empty
    texts = qa.postprocess_predictions(rows, features, *logits, allow_no_answer=True)
    assert texts == {"a": "d e"}


@trap("05", "a stride that is no step")
def test_stride_is_the_overlap(tokenizer):
    words = " ".join("abcdefghijklmnopqrst")

    def windows(doc_stride):
        encoding = qa.tokenize_pairs(["q"], [words], tokenizer, 12, doc_stride)
        return [encoding.tokens(row)[3:-1] for row in range(len(encoding["input_ids"]))]

    step, room = 6, 8
    wrong, right = windows(step), windows(room - step)
    assert [window[0] for window in wrong] == list("acegikm")
    assert [window[0] for window in right] == list("agm")
    assert set(wrong[0]) & set(wrong[1]) == set("cdefgh")
    assert set(right[0]) & set(right[1]) == set("gh")


@trap("05", "a pipeline that is gone")
def test_the_question_answering_pipeline_is_gone(tokenizer):
    model = tagging.small("QuestionAnswering", len(tokenizer))
    with pytest.raises(KeyError, match="question-answering"):
        pipeline("question-answering", model=model, tokenizer=tokenizer)
    context = "The boat is red."
    found = qa.answer("Which color?", context, model, tokenizer)
    assert found.text == context[found.start : found.end] != ""


LAUNCH = ("-m", "accelerate.commands.launch")


@pytest.fixture(scope="module")
def two():
    """What two processes find, started by a configuration: `trapped.py`; last, they gather rows of different width."""
    config = helpers.ROOT / "scripts" / "configs" / "several_gpus.yaml"
    options = ("--config_file", config, "--main_process_port", 0)
    child = tagging.start(*LAUNCH, *options, "tests/trapped.py")
    out, err = child.communicate(timeout=120)
    assert out, err
    return json.loads(out) | {"ended": child.returncode, "err": err}


@trap("04", "the row that counts twice")
def test_gather_counts_the_rows_that_fill_the_last_batch(two):
    assert two["gather"] == 12
    assert two["gather_for_metrics"] == 11


@trap("04", "rows of different width")
def test_rows_of_different_width_abort_unless_padded(two):
    assert two["ended"] != 0
    assert "data size doesn't match" in two["err"]
    assert two["width"] == [2, 4]


@trap("04", "two processes that are one")
def test_accelerate_launch_on_a_cpu_starts_one_process(two):
    child = tagging.start(*LAUNCH, "--cpu", "--num_processes", 2, "tests/trapped.py")
    out, _ = tagging.finish(child)
    alone = json.loads(out)
    assert (alone["processes"], two["processes"]) == (1, 2)
    refused = pytest.raises(ValueError, match="started this one alone")
    with patch.dict(os.environ, alone["set"]), refused:
        check_processes(1, None, 4)
    with patch.dict(os.environ, two["set"]):
        check_processes(2, None, 4)


def test_trainer_adds_up_the_means_of_micro_batches(tmp_path):
    """Source: huggingface/transformers issue 47688. Fixed there, this test fails: tell lesson 04."""

    def first_step(batch_size, accumulation):
        sizes = {"per_device_train_batch_size": batch_size, "max_steps": 1, "logging_steps": 1}
        sizes["gradient_accumulation_steps"] = accumulation
        model, arguments = tagging.tiny_model(), tagging.arguments(tmp_path, **sizes)
        trainer = Trainer(model, arguments, tagging.collate, tagging.sentences(8))
        trainer.train()
        return trainer.state.log_history[0]

    large, small = first_step(8, 1), first_step(2, 4)
    assert small["loss"] == pytest.approx(4 * large["loss"], rel=0.02)
    assert small["grad_norm"] == pytest.approx(4 * large["grad_norm"], rel=0.1)


@trap("04", "which list came first?")
def test_two_lists_in_the_other_order_swap_precision_and_recall():
    truth = [["B-PER", "I-PER", "O", "B-LOC"], ["B-ORG", "O", "O", "O"]]
    guess = [["B-PER", "I-PER", "O", "O"], ["O", "O", "O", "O"]]

    wrong = entity_scores(truth, guess)  # a function has returned the labels first
    right = entity_scores(**Prediction(predictions=guess, references=truth)._asdict())
    assert (right["overall_precision"], right["overall_recall"]) == pytest.approx((1, 1 / 3))
    assert (wrong["overall_precision"], wrong["overall_recall"]) == pytest.approx((1 / 3, 1))
    for hidden in ("overall_f1", "overall_accuracy"):
        assert wrong[hidden] == pytest.approx(right[hidden])


def masked_rows(tokenizer, texts, seed=0):
    rows = [{"input_ids": ids} for ids in tokenizer(texts)["input_ids"]]
    return WholeWordMaskCollator(tokenizer, 0.3, seed=seed)(rows)


@trap("08", "the collator that forgot the attention mask")
def test_a_batch_without_its_attention_mask(tokenizer):
    model = tagging.small("MaskedLM", len(tokenizer)).eval()
    batch = masked_rows(tokenizer, ["A film.", "A film. " * 9])
    short = batch["attention_mask"][0].bool()
    alone = {name: value[:1, short] for name, value in batch.items()}

    def logits(batch):
        with torch.no_grad():
            return model(**batch).logits[0, : short.sum()]

    forgetful = {name: batch[name] for name in ("input_ids", "labels")}
    assert (logits(forgetful) - logits(alone)).abs().max() > 1e-3
    assert (logits(batch) - logits(alone)).abs().max() < 1e-5


@trap("08", "ten epochs, ten copies")
def test_a_copy_for_every_epoch(tmp_path):
    def left(limit):
        folder = tmp_path / str(limit)
        arguments = tagging.arguments(folder, "epoch", num_train_epochs=4, save_total_limit=limit)
        Trainer(tagging.tiny_model(), arguments, tagging.collate, tagging.sentences(4)).train()
        return len(list(folder.glob("checkpoint-*")))

    assert left(None) == 4
    assert left(1) == 1


@trap("08", "a fresh mask each time")
def test_perplexity_under_a_fresh_mask(tokenizer):
    model = tagging.small("MaskedLM", len(tokenizer)).eval()
    texts = ["A long and tedious film.", "An odd, short one."]

    def perplexities(seeds):
        return {score(model, [masked_rows(tokenizer, texts, seed)]).perplexity for seed in seeds}

    assert len(perplexities(range(5))) > 1
    assert len(perplexities([0] * 5)) == 1


@trap("06", "the first 165 parameters")
def test_the_first_165_parameters_are_another_part_of_another_model():
    def cut(model, count):
        for place, parameter in enumerate(model.parameters()):
            parameter.requires_grad = place >= count
        return model

    def flags(model):
        return [parameter.requires_grad for parameter in model.parameters()]

    base, six = (families.model("BERT", num_hidden_layers=count) for count in (12, 6))
    distil = families.model("DistilBERT", n_layers=6)
    assert freezing.frozen_boundary(cut(base, 165)) == 10
    assert flags(freezing.freeze(base, "first-10")) == flags(cut(base, 165))
    for smaller in (six, distil):
        assert not any(flags(cut(smaller, 165)))
        trained = freezing.freeze(smaller, "first-5")
        assert freezing.frozen_boundary(trained) == 5
        assert all(flags(trained.classifier))


@trap("06", "frozen, and still in train mode")
def test_frozen_layers_in_train_mode_differ_at_each_pass():
    model = freezing.freeze(classifier(), "head-only").train()
    assert not same_twice(model.base_model)
    freezing.keep_frozen_in_eval(model).train()
    assert same_twice(model.base_model)
    assert model.dropout.training


@trap("06", "the experiment that went on")
def test_an_experiment_that_goes_on_differs_from_one_that_starts_afresh():
    def train(model, strategy):
        freezing.freeze(model, strategy).eval()
        optimizer = torch.optim.AdamW(parameter_groups(model, 0.0), lr=1e-2)
        for _ in range(20):
            loss = model(IDS, labels=LABELS).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        return loss.item()

    used = classifier()
    train(used, "none")
    went_on, afresh, again = (train(m, "head-only") for m in (used, classifier(), classifier()))
    assert went_on < 0.5 * afresh
    assert afresh == again


@trap("06", "a seed for each strategy")
def test_a_seed_for_each_strategy_makes_a_gap_where_there_is_none():
    def losses():
        models = [classifier(seed).eval() for seed in range(4)]
        return [model(IDS, labels=LABELS).loss.item() for model in models]

    one, same_strategy = losses(), losses()
    assert min(one) < max(same_strategy)  # each at a seed of its own: one "wins"
    assert one == same_strategy  # seed by seed: no difference


@trap("06", "frozen too late")
def test_frozen_weights_move_where_a_gradient_was_left():
    model = classifier()

    def moved(optimizer):
        before = model.bert.pooler.dense.weight.detach().clone()
        optimizer.step()
        return not torch.equal(before, model.bert.pooler.dense.weight)

    model(IDS, labels=LABELS).loss.backward()
    everything = torch.optim.AdamW(model.parameters(), lr=1e-2)
    freezing.freeze(model, "head-only")
    assert moved(everything)
    assert not moved(torch.optim.AdamW(parameter_groups(model, 0.0), lr=1e-2))


@trap("06", "an adapter added twice")
def test_an_adapter_on_a_merged_model_counts_twice(tmp_path):
    config = LoraConfig(r=8, lora_alpha=800, init_lora_weights=False)  # B is not zero
    get_peft_model(classifier().eval(), config).save_pretrained(tmp_path)
    loaded = PeftModel.from_pretrained(classifier().eval(), tmp_path)
    wanted = loaded(IDS).logits
    merged = loaded.merge_and_unload().eval()
    torch.testing.assert_close(merged(IDS).logits, wanted)
    twice = PeftModel.from_pretrained(merged, tmp_path).eval()
    assert not torch.allclose(twice(IDS).logits, wanted, atol=1e-4)


@trap("07", "a stranger's pickle")
def test_loading_a_pickled_head_runs_its_code(tmp_path, tokenizer):
    folder, marker = tmp_path / "saved", tmp_path / "it-ran.txt"
    small_setfit.model(small_setfit.save_body(tmp_path, tokenizer)).save_pretrained(folder)

    class Stranger:
        def __reduce__(self):
            return type(marker).touch, (marker,)

    joblib.dump(Stranger(), folder / "model_head.pkl")
    with pytest.raises(ValueError, match="could run any code"):
        load_head(folder)
    assert not marker.exists()
    assert SetFitModel.from_pretrained(str(folder)).model_head is None
    assert marker.exists()


@trap("07", "`num_iterations` misread")
def test_num_iterations_misread():
    rows = [f"row {n}" for n in range(16)], [0, 1] * 8, False
    made = list(ContrastiveDataset(*rows, 5))
    assert len(made) == 2 * (5 * 16) == 160 == count_pairs(rows[1], 5)
    assert len(list(ContrastiveDataset(*rows, 5, "unique"))) == len(made)  # the strategy is ignored
    different = {frozenset((pair["sentence_1"], pair["sentence_2"])) for pair in made}
    assert len(different) < len(made)


@trap("07", "a workaround that switches evaluation off")
def test_the_old_workaround_switches_evaluation_off():
    arguments = SetFitArguments("unused", eval_strategy="epoch", report_to="none")
    arguments.eval_strategy = arguments.evaluation_strategy
    assert arguments.eval_strategy is None


@trap("09", "a random split of rows that appear twice")
def test_doubled_rows_split_at_random_praise_a_model_that_knows_nothing():
    rng = random.Random(0)
    texts = [f"row {number}" for number in range(200)] * 2
    labels = [rng.choice("ABCDE") for _ in range(200)] * 2  # by lot: there is nothing to learn

    def by_heart(parts):
        known = {texts[i]: labels[i] for i in parts["train"]}
        right = [known.get(texts[i], "A") == labels[i] for i in parts["test"]]
        return sum(right) / len(right)

    order = rng.sample(range(400), 400)
    shares = {"train": 0.5, "test": 0.5}
    whole = split_groups(texts, labels, shares, seed=0)
    assert by_heart({"train": order[:200], "test": order[200:]}) > 0.5
    assert by_heart(whole) < 0.3  # one in five
