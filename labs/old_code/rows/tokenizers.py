"""Changes in tokenizers."""

from labs.old_code.change import Change, silent

TOKENIZER = "from labs.old_code.sandbox import tokenizer as load\n\ntokenizer = load()"
FILES = """\
import os
from transformers import AutoTokenizer, BertTokenizer
from helpers import encoder
from labs.old_code.sandbox import folder, tokenizer, vocabulary_file

encoder, vocabulary = encoder.folder(), vocabulary_file()"""
BATCH = 'list(tokenizer(["so funny", "so slow"]))'


def _attribute(name: str, old: str, new: str, gives: str, note: str = "") -> Change:
    """Return the row of a tokenizer's attribute that is gone."""
    return Change(
        topic="tokenizers",
        name=name,
        setup=TOKENIZER,
        old=old,
        does="error",
        error="AttributeError",
        tells=f"has no attribute {name}",
        new=new,
        gives=gives,
        note=note,
    )


ROWS = (
    silent(
        "tokenizers",
        "BertTokenizer(vocab_file=)",
        FILES,
        "len(BertTokenizer(vocab_file=vocabulary))",
        "5",
        "len(BertTokenizer.from_pretrained(encoder))",
        "30522",
        "Five special tokens are left; every word becomes [UNK]. The first positional argument still works.",
    ),
    _attribute(
        "encode_plus",
        'tokenizer.encode_plus("so funny")',
        'list(tokenizer("so funny"))',
        "'input_ids'",
    ),
    _attribute(
        "batch_encode_plus",
        'tokenizer.batch_encode_plus(["so funny", "so slow"])',
        BATCH,
        "'input_ids'",
    ),
    _attribute(
        "as_target_tokenizer",
        'with tokenizer.as_target_tokenizer():\n    labels = tokenizer("so slow")',
        'tokenizer(text_target="so slow")["input_ids"]',
        "[101, 2061, 4030, 102]",
    ),
    _attribute(
        "prepare_seq2seq_batch",
        'tokenizer.prepare_seq2seq_batch(["so funny"], ["so slow"])',
        'list(tokenizer(["so funny"], text_target=["so slow"]))',
        "'labels'",
    ),
    _attribute("max_len", "tokenizer.max_len", "tokenizer.model_max_length", "512"),
    _attribute(
        "additional_special_tokens",
        "tokenizer.additional_special_tokens",
        "tokenizer.extra_special_tokens",
        "[]",
    ),
    _attribute(
        "build_inputs_with_special_tokens",
        "tokenizer.build_inputs_with_special_tokens([2061, 6057])",
        'tokenizer("so funny")["input_ids"]',
        "[101, 2061, 6057, 102]",
        "The call adds the special tokens.",
    ),
    silent(
        "tokenizers",
        "pad_to_max_length",
        TOKENIZER,
        'len(tokenizer("fun", pad_to_max_length=True, max_length=8)["input_ids"])',
        "3",
        'len(tokenizer("fun", padding="max_length", max_length=8)["input_ids"])',
        "8",
        "Nothing is padded.",
    ),
    silent(
        "tokenizers",
        "use_fast=False",
        FILES,
        "AutoTokenizer.from_pretrained(encoder, use_fast=False).is_fast",
        "True",
        "AutoTokenizer.from_pretrained(encoder).is_fast",
        "True",
        "There is one kind of BERT tokenizer, the fast one.",
    ),
    silent(
        "tokenizers",
        "save_pretrained without vocab.txt",
        FILES + "\n\nwhere = folder()\nsaved = tokenizer().save_pretrained(where)",
        'os.path.exists(os.path.join(where, "vocab.txt"))',
        "False",
        'os.path.exists(os.path.join(where, "tokenizer.json"))',
        "True",
        "Everything is in tokenizer.json.",
    ),
    silent(
        "tokenizers",
        "use_auth_token of a tokenizer",
        FILES,
        'len(AutoTokenizer.from_pretrained(encoder, use_auth_token="mine"))',
        "30522",
        'len(AutoTokenizer.from_pretrained(encoder, token="mine"))',
        "30522",
        "It is taken without a word, where a model refuses it. Write token=.",
    ),
    Change(
        topic="tokenizers",
        name='return_tensors="tf"',
        setup=TOKENIZER,
        old='tokenizer("fun", return_tensors="tf")',
        does="error",
        error="ValueError",
        tells="tf is not a valid TensorType",
        new='list(tokenizer("fun", return_tensors="pt")["input_ids"].shape)',
        gives="[1, 3]",
    ),
)
