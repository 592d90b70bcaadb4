"""Adapters: what was learned comes back from the files; the scripts that train checkpoints/, and what they wrote."""

import copy
import random
import re
from collections import Counter
from functools import partial

import pytest
import tagging
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModel, default_data_collator, pipeline

from helpers import data, encoder, masking
from helpers.qa import answer
from tools import adapters, train_mlm, train_qa

ROWS = [{"input_ids": list(range(at, at + 6)), "attention_mask": [1] * 6} for at in (0, 6)]
SPANS = [row | {"start_positions": 1 + i, "end_positions": 3 + i} for i, row in enumerate(ROWS)]
WORDS = [row | {"labels": row["input_ids"]} for row in ROWS]
KINDS = {
    "qa": ("QuestionAnswering", "qa_outputs", lambda model, batch: model(**batch).loss, SPANS),
    "mlm": ("MaskedLM", "transform.dense", masking.masked_lm_loss, WORDS),
}


def bare(name):
    """Return the name that a parameter has without peft, or the layer of an update and its factor."""
    return re.sub(r"base_model\.model\.|\.modules_to_save|\.default", "", name)


def logits(model):
    with torch.no_grad():
        output = model.eval()(**default_data_collator(ROWS))
    return torch.cat([value.flatten() for name, value in output.items() if "logits" in name])


@pytest.fixture(params=KINDS, scope="module")
def trained(request, tmp_path_factory):
    """Return an untouched model, the same one trained a little, its head, its folder, what its card tells, and how often it was written."""
    task, head, loss_of, rows = KINDS[request.param]
    plain, folder = tagging.small(task, dropout=0.0), tmp_path_factory.mktemp("runs") / "new"
    adapted, save, written = adapters.adapt(copy.deepcopy(plain), 3, head), adapters.save, []
    assert torch.equal(logits(adapted), logits(plain))  # an update starts as nothing
    recipe = adapters.Recipe(3, epochs=10, learning_rate=1e-2, head_rate=1e-2, warmup=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapters, "save", lambda *given: written.append(save(*given)))
        epoch = partial(list, rows * 24)  # three batches
        about = adapters.train(adapted, epoch, default_data_collator, loss_of, recipe, folder)
    return plain, adapted, head, folder, about, len(written)


def test_only_updates_norms_and_head_are_trained_and_stored_once_in_half_precision(trained):
    plain, model, head, folder, *_ = trained
    learns = {bare(name) for name, value in model.named_parameters() if value.requires_grad}
    updates = {name for name in learns if ".lora_" in name}
    assert len(updates) == 2 * 6 * model.config.num_hidden_layers  # 6 linear layers a layer
    assert all(".encoder." in name for name in updates)
    whole = re.compile(rf"LayerNorm|{head}|predictions\.bias$")
    assert learns - updates == {n for n, _ in plain.named_parameters() if whole.search(n)}
    held = load_file(folder / "adapter_model.safetensors")
    assert {value.dtype for value in held.values()} == {torch.float16}
    assert sorted(map(bare, held)) == sorted(learns)
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["adapter_config.json", "adapter_model.safetensors"]


def test_the_loop_learns_and_writes_on_the_way(trained):
    *_, about, written = trained
    (told,) = re.findall(r"\| loss of each epoch \| (.+) \|", about)
    losses = [float(loss) for loss in told.split(", ")]
    assert len(losses) == written == 10
    assert losses[-1] < losses[0] - 0.5


def test_the_files_bring_back_what_was_learned_as_peft_reads_them_and_move_nothing_else(trained):
    plain, adapted, _, folder, *_ = trained
    restored = PeftModel.from_pretrained(copy.deepcopy(plain), folder).merge_and_unload()
    moved = (logits(adapted) - logits(plain)).abs().max()
    assert moved > 0.1
    assert (logits(restored) - logits(adapted)).abs().max() < 0.01 * moved  # half precision
    held = {bare(name) for name in load_file(folder / "adapter_model.safetensors")}
    for name, value in restored.named_parameters():
        moves = name in held or name.replace(".weight", ".lora_A.weight") in held
        assert torch.equal(value, plain.get_parameter(name)) != moves, name


# The scripts, on windows and articles that are made up

WINDOWS = [{"row": row, "end_positions": int(row < 700)} for row in range(1000)]
TEXT = (
    " \n = One = \n \n A well @-@ known 1 @,@ 000 , it is n't <unk> . \n = = Part = = \n more \n"
    " = Two = \n The end . \n"
)
ARTICLE = list(range(1000, 1300))
OF_QA, OF_MLM = (
    (module.FOLDER / "README.md").read_text(encoding="utf-8") for module in (train_qa, train_mlm)
)


def test_an_epoch_holds_every_window_with_an_answer_once_and_half_of_the_others():
    random.seed(0)
    first, second = (Counter(row["row"] for row in train_qa.draw(WINDOWS)) for _ in range(2))
    for seen in (first, second):
        assert set(seen.values()) == {1}
        assert sum(row < 700 for row in seen) == 700
        assert sum(row >= 700 for row in seen) == 150
    assert first != second  # another epoch draws others


def test_articles_are_told_apart_and_spacing_is_undone(tmp_path):
    file = tmp_path / "wikitext.txt"
    file.write_text(TEXT, encoding="utf-8")
    one, two = train_mlm.wikitext(file)
    assert "A well-known 1,000 , it isn't [UNK] ." in one
    assert "= = Part = =" in one
    assert two == "= Two =\nThe end ."


def test_without_a_mirror_the_way_out_is_named():
    with pytest.raises(ValueError, match="COURSE_MIRROR is 'None'.*wikitext-2"):
        train_mlm.articles()


def test_blocks_hold_every_token_once_and_shifted_ones_begin_elsewhere_and_lose_short_ends(
    tokenizer,
):
    random.seed(0)
    whole, first, second = (
        [row["input_ids"] for row in train_mlm.blocks([ARTICLE], tokenizer, shift=shift)]
        for shift in (False, True, True)
    )
    assert [token for row in whole for token in row[1:-1]] == ARTICLE
    assert max(map(len, whole)) == train_mlm.BLOCK
    ends = (tokenizer.cls_token_id, tokenizer.sep_token_id)
    assert {(row[0], row[-1]) for row in whole} == {ends}
    assert first != second
    for rows in (first, second):
        kept = [token for row in rows for token in row[1:-1]]
        assert len(set(kept)) == len(kept) > 300 - 2 * train_mlm.SHORTEST


# What was trained


@pytest.fixture(scope="module")
def masked():
    return encoder.load("minilm-mlm")


def test_the_cards_say_how_to_load_it_and_how_good_it_is():
    tags = {"minilm-qa": "question-answering", "minilm-mlm": "fill-mask"}
    for name, card in {"minilm-qa": OF_QA, "minilm-mlm": OF_MLM}.items():
        head = f"base_model: {encoder.ENCODER}\nlibrary_name: peft\npipeline_tag: {tags[name]}\n"
        assert card.startswith(f"---\n{head}license: cc-by-sa-4.0\n---\n")
        assert f'encoder = "{encoder.ENCODER}"\n' in card
        assert f'.from_pretrained(base, "checkpoints/{name}").merge_and_unload()' in card
        assert f'`helpers.encoder.load("{name}")`' in card
        assert f"transformers.{encoder.ADAPTERS[name]}.from_pretrained(encoder)" in card
        assert f"<!-- run: made by tools/{name.replace('minilm-', 'train_')}.py -->" in card
    assert "**exact match**" in OF_QA
    (accuracy,) = re.findall(r"held-out articles of WikiText-2 .*\*\*([\d.]+)\*\*", OF_MLM)
    assert float(accuracy) >= 0.41


def test_the_card_s_figure_on_general_prose_can_be_measured_again(masked, tokenizer):
    texts = list(data.texts("general")["text"])
    ids = tokenizer(texts, add_special_tokens=False)["input_ids"]
    (accuracy,) = re.findall(r"general.jsonl` .*\*\*([\d.]+)\*\*", OF_MLM)
    found = train_mlm.score(masked, tokenizer, ids).accuracy
    assert found == pytest.approx(float(accuracy), abs=0.005)


def test_vocabulary_and_word_embeddings_are_the_encoder_s(masked):
    original = AutoModel.from_pretrained(encoder.folder(), dtype=torch.float32)
    ours = masked.bert.embeddings.word_embeddings.weight
    assert torch.equal(ours, original.embeddings.word_embeddings.weight)
    assert masked.cls.predictions.decoder.weight is ours


def test_it_guesses_what_fits(masked, tokenizer):
    fill = pipeline("fill-mask", model=masked, tokenizer=tokenizer)
    asked = {
        "The [MASK] was directed by a young woman.": {"film", "movie"},
        "She opened the [MASK] and walked into the house.": {"door", "room", "house"},
    }
    for sentence, likely in asked.items():
        assert likely & {guess["token_str"] for guess in fill(sentence)}, sentence


def test_the_trained_model_answers(tokenizer):
    model = encoder.load("minilm-qa")
    context = "The map was drawn by Jan Mayer in 1614 and printed in Amsterdam."
    asked = {
        "Who drew the map?": "Jan Mayer",
        "When was the map drawn?": "1614",
        "Where was the map printed?": "Amsterdam",
    }
    for question, expected in asked.items():
        found = answer(question, context, model, tokenizer)
        assert expected in found.text, question
        assert context[found.start : found.end] == found.text
