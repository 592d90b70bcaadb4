"""An encoder of each family, tiny and random, with a tokenizer trained on a few bundled sentences; made offline."""

import json
from functools import cache

import torch
import transformers
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoConfig, PreTrainedTokenizerFast

from helpers import data

BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA = ("<pad>", "<unk>", "<s>", "</s>", "<mask>")
MPNET = ("<pad>", "[UNK]", "<s>", "</s>", "<mask>")
ALBERT = ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")
ROLES = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 600,
    "initializer_range": 0.2,  # far from 0: a wrong mask or position shows in the logits
}
DISTILBERT = {"dim": 32, "n_layers": 3, "n_heads": 2, "hidden_dim": 64, "initializer_range": 0.2}
DEBERTA = {
    "relative_attention": True,
    "position_buckets": 8,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_biased_input": False,
    "type_vocab_size": 0,
}
MODERNBERT = {  # short local attention; some dropout, to be told apart from none
    "local_attention": 8,
    "global_attn_every_n_layers": 2,
    "attention_dropout": 0.1,
    "mlp_dropout": 0.1,
    "classifier_dropout": 0.1,
}


@cache
def texts() -> list[str]:
    """Return some bundled reviews and news, and characters of several bytes."""
    news = [" ".join(words) for words in data.load("conll2003", "train")["tokens"][:150]]
    return [
        *data.load("rotten_tomatoes", "train")["text"][:150],
        *news,
        "a naïve café, 日本 😀",
    ] * 2


def wordpiece(specials):
    """Return a vocabulary of word pieces, to ids."""
    trained = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    trained.normalizer = normalizers.BertNormalizer()
    trained.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=500, special_tokens=list(specials))
    trained.train_from_iterator(texts(), trainer)
    return {"vocab": trained.get_vocab()}


def unigram(specials):
    """Return pieces with their scores, as SentencePiece's."""
    trained = Tokenizer(models.Unigram())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    options = {"vocab_size": 500, "special_tokens": list(specials), "unk_token": specials[1]}
    trained.train_from_iterator(texts(), trainers.UnigramTrainer(**options))
    return {"vocab": [tuple(row) for row in json.loads(trained.to_str())["model"]["vocab"]]}


def byte_level(specials):
    """Return a byte-level tokenizer that takes a text's first word as it stands."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    options = {"special_tokens": list(specials), "initial_alphabet": alphabet}
    trained.train_from_iterator(texts(), trainers.BpeTrainer(vocab_size=600, **options))
    return trained


def roberta(specials):
    model = json.loads(byte_level(specials).to_str())["model"]
    return {"vocab": model["vocab"], "merges": [tuple(merge) for merge in model["merges"]]}


def modernbert(specials):
    """Return what ModernBERT's tokenizer.json holds: it leaves the space in the offsets."""
    trained, (cls, sep) = byte_level(specials), specials[2:4]
    trained.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}",
        pair=f"{cls} $A {sep} $B {sep}",
        special_tokens=[(cls, 2), (sep, 3)],
    )
    return {"tokenizer_object": trained, "model_input_names": ["input_ids", "attention_mask"]}


# The name in README's table: type of model, its settings, class of tokenizer, what that is made of, special tokens.
FAMILIES = {
    "BERT": ("bert", SMALL, "BertTokenizer", wordpiece, BERT),
    "DistilBERT": ("distilbert", DISTILBERT, "DistilBertTokenizer", wordpiece, BERT),
    "RoBERTa": ("roberta", SMALL, "RobertaTokenizer", roberta, ROBERTA),
    "XLM-R": ("xlm-roberta", SMALL, "XLMRobertaTokenizer", unigram, ROBERTA),
    "CamemBERT": ("camembert", SMALL, "CamembertTokenizer", unigram, ROBERTA),
    "MPNet": ("mpnet", SMALL, "MPNetTokenizer", wordpiece, MPNET),
    "DeBERTa": ("deberta-v2", SMALL | DEBERTA, "DebertaV2Tokenizer", unigram, BERT),
    "ELECTRA": ("electra", SMALL | {"embedding_size": 16}, "BertTokenizer", wordpiece, BERT),
    "ALBERT": ("albert", SMALL | {"embedding_size": 16}, "AlbertTokenizer", unigram, ALBERT),
    "ModernBERT": ("modernbert", SMALL | MODERNBERT, "PreTrainedTokenizerFast", modernbert, BERT),
}


@cache
def tokenizer(name: str, **options) -> PreTrainedTokenizerFast:
    """Return a family's tokenizer; `options` are the class's own."""
    _, _, kind, vocabulary, specials = FAMILIES[name]
    roles = dict(zip(ROLES, specials, strict=True))
    return getattr(transformers, kind)(
        **vocabulary(specials), **roles, model_max_length=512, **options
    )


def model(name: str, task: str = "SequenceClassification", **options):
    """Return a family's model, the same random weights each time, in eval mode."""
    kind, settings, *_ = FAMILIES[name]
    words = tokenizer(name)
    roles = {"pad": "pad", "cls": "cls", "sep": "sep", "bos": "cls", "eos": "sep"}
    ids = {f"{role}_token_id": getattr(words, f"{token}_token_id") for role, token in roles.items()}
    config = AutoConfig.for_model(kind, **settings | ids | {"vocab_size": len(words)} | options)
    torch.manual_seed(0)
    return getattr(transformers, f"AutoModelFor{task}").from_config(config).eval()


def save(name: str, folder, task: str = "MaskedLM") -> str:
    """Write a family's model and tokenizer as a checkpoint's folder."""
    model(name, task).save_pretrained(folder)
    tokenizer(name).save_pretrained(folder)
    return str(folder)
