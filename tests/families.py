"""An encoder of each family, tiny and random, with a tokenizer trained on a few bundled sentences; made offline."""

from functools import cache

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
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
MODERNBERT = {"local_attention": 8, "global_attn_every_n_layers": 2}  # shorter than the rows
MODERNBERT |= dict.fromkeys(("attention_dropout", "mlp_dropout", "classifier_dropout"), 0.1)


@cache
def texts() -> list[str]:
    """Return some bundled reviews and news, and characters of several bytes."""
    reviews = data.load("rotten_tomatoes", "train")["text"][:150]
    news = map(" ".join, data.load("conll2003", "train")["tokens"][:150])
    return [*reviews, *news, "a naïve café, 日本 😀"] * 2


def modernbert(**roles) -> PreTrainedTokenizerFast:
    """Return a byte-level tokenizer that takes a text's first word as it stands, and leaves the space in the offsets."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    names = ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=made, model_input_names=names, **roles)


# The name in README's table: type of model, its settings, class of tokenizer, special tokens.
FAMILIES = {
    "BERT": ("bert", SMALL, "BertTokenizer", BERT),
    "DistilBERT": ("distilbert", DISTILBERT, "DistilBertTokenizer", BERT),
    "RoBERTa": ("roberta", SMALL, "RobertaTokenizer", ROBERTA),
    "XLM-R": ("xlm-roberta", SMALL, "XLMRobertaTokenizer", ROBERTA),
    "CamemBERT": ("camembert", SMALL, "CamembertTokenizer", ROBERTA),
    "MPNet": ("mpnet", SMALL, "MPNetTokenizer", MPNET),
    "DeBERTa": ("deberta-v2", SMALL | DEBERTA, "DebertaV2Tokenizer", BERT),
    "ELECTRA": ("electra", SMALL | {"embedding_size": 16}, "BertTokenizer", BERT),
    "ALBERT": ("albert", SMALL | {"embedding_size": 16}, "AlbertTokenizer", ALBERT),
    "ModernBERT": ("modernbert", SMALL | MODERNBERT, None, BERT),
}


@cache
def tokenizer(name: str) -> PreTrainedTokenizerFast:
    """Return a family's tokenizer."""
    _, _, kind, specials = FAMILIES[name]
    roles = dict(zip(ROLES, specials, strict=True)) | {"model_max_length": 512}
    made = getattr(transformers, kind)(**roles) if kind else modernbert(**roles)
    return made.train_new_from_iterator(texts(), vocab_size=500)


def model(name: str, task: str = "SequenceClassification", **options):
    """Return a family's model, the same random weights each time, in eval mode."""
    kind, settings, *_ = FAMILIES[name]
    words = tokenizer(name)
    roles = {"pad": "pad", "cls": "cls", "sep": "sep", "bos": "cls", "eos": "sep"}
    ids = {f"{role}_token_id": getattr(words, f"{token}_token_id") for role, token in roles.items()}
    config = AutoConfig.for_model(kind, **settings | ids | {"vocab_size": len(words)} | options)
    torch.manual_seed(0)
    return getattr(transformers, f"AutoModelFor{task}").from_config(config).eval()


def save(name: str, folder) -> str:
    """Write a family's masked-LM model and tokenizer as a checkpoint's folder."""
    model(name, "MaskedLM").save_pretrained(folder)
    tokenizer(name).save_pretrained(folder)
    return str(folder)
