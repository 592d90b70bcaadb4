"""A SetFit model with a tiny random body, for tests."""

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from setfit import SetFitModel
from sklearn.linear_model import LogisticRegression
from tagging import SMALL
from transformers import BertConfig, BertModel

TEXTS = ["a warm film", "a dull film", "so funny", "so slow", "great fun", "no fun", "loved it"]
LABELS = [1, 0, 1, 0, 1, 0, 1]


def save_body(folder, tokenizer, layers: int = 2) -> str:
    """Write a sentence encoder of small random layers; return its folder, which is also one of a plain BERT."""
    torch.manual_seed(0)
    bert = str(folder / "bert")
    sizes = SMALL | {"vocab_size": len(tokenizer), "num_hidden_layers": layers}
    BertModel(BertConfig(**sizes)).save_pretrained(bert)
    tokenizer.save_pretrained(bert)
    words = Transformer(bert)
    modules = [words, Pooling(words.get_embedding_dimension())]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "body"))
    return str(folder / "body")


def model(body: str) -> SetFitModel:
    """Return a SetFit model whose head is fitted on the texts, without training the body."""
    parts = {"model_body": SentenceTransformer(body, device="cpu"), "labels": ["neg", "pos"]}
    made = SetFitModel(model_head=LogisticRegression(), **parts)
    made.model_head.fit(made.encode(TEXTS), LABELS)
    return made


def rows(count: int = len(TEXTS)) -> Dataset:
    return Dataset.from_dict({"text": TEXTS[:count], "label": LABELS[:count]})
