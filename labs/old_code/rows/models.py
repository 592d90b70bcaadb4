"""Changes in models."""

from labs.old_code.change import Change, gone, silent

MODEL = """\
import os
import torch
from transformers import AutoModel
from labs.old_code.sandbox import folder, half_precision_folder, small

ids = torch.tensor([[101, 7592, 102]])
half = half_precision_folder()"""
ROWS = (
    silent(
        "models",
        "default dtype",
        MODEL,
        "AutoModel.from_pretrained(half).dtype",
        "torch.float16",
        "AutoModel.from_pretrained(half, dtype=torch.float32).dtype",
        "torch.float32",
        "The stored precision is kept; it used to be float32. Train in float32.",
    ),
    Change(
        topic="models",
        name="torch_dtype",
        setup=MODEL,
        old="AutoModel.from_pretrained(half, torch_dtype=torch.float32).dtype",
        does="warns",
        tells="`torch_dtype` is deprecated! Use `dtype` instead!",
        new="AutoModel.from_pretrained(half, dtype=torch.float32).dtype",
        gives="torch.float32",
    ),
    silent(
        "models",
        "outputs unpacked",
        MODEL,
        "loss, logits = small()(ids, labels=torch.tensor([1]))\nloss",
        "'loss'",
        "outputs = small()(ids, labels=torch.tensor([1]))\noutputs.loss.shape",
        "torch.Size([])",
        "Unpacking gives the names. This one changed in transformers 4.",
    ),
    silent(
        "models",
        "safe_serialization=False",
        MODEL + "\n\nwhere = folder()",
        "small().save_pretrained(where, safe_serialization=False)\nos.listdir(where)",
        "'model.safetensors'",
        "small().save_pretrained(where)\nos.listdir(where)",
        "'model.safetensors'",
        "No pytorch_model.bin is written.",
    ),
    Change(
        topic="models",
        name="use_auth_token of a model",
        setup=MODEL,
        old='AutoModel.from_pretrained(half, use_auth_token="mine")',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'use_auth_token'",
        new='AutoModel.from_pretrained(half, token="mine").dtype',
        gives="torch.float16",
    ),
    Change(
        topic="models",
        name="load_in_8bit",
        setup=MODEL,
        old="AutoModel.from_pretrained(half, load_in_8bit=True)",
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'load_in_8bit'",
        new="""\
from transformers import BitsAndBytesConfig
BitsAndBytesConfig(load_in_8bit=True).load_in_8bit""",
        gives="True",
        note="Passed as quantization_config=; using it wants the package bitsandbytes.",
    ),
    Change(
        topic="models",
        name="output_attentions",
        setup=MODEL,
        old='small("Model")(ids, output_attentions=True).attentions',
        does="warns",
        tells="`sdpa` attention does not support `output_attentions=True`",
        new="""\
eager = AutoModel.from_pretrained(half, attn_implementation="eager", dtype=torch.float32)
eager(ids, output_attentions=True).attentions[0].shape""",
        gives="torch.Size([1, 2, 3, 3])",
        note="The default attention is faster and keeps no weights: the old form gives an empty tuple.",
    ),
    silent(
        "models",
        "head_mask",
        MODEL,
        """\
one = small("Model")(ids).last_hidden_state
other = small("Model")(ids, head_mask=torch.zeros(1, 2)).last_hidden_state
torch.equal(one, other)""",
        "True",
        """\
model = small("Model")
one = model(ids).last_hidden_state
model.encoder.layer[0].attention.output.dense.weight.data[:, :16] = 0
torch.equal(one, model(ids).last_hidden_state)""",
        "False",
        "The mask is ignored. To switch a head off, set its columns of the output layer to zero.",
    ),
    Change(
        topic="models",
        name="torch.load of a whole model",
        setup=MODEL + "\n\npath = os.path.join(folder(), 'model.pt')\ntorch.save(small(), path)",
        old="torch.load(path)",
        does="error",
        error="UnpicklingError",
        tells="Weights only load failed",
        new="""\
torch.save(small().state_dict(), path)
model = small()
str(model.load_state_dict(torch.load(path)))""",
        gives="All keys matched",
        note="A pickled model can run any code. Save weights, not models.",
    ),
    gone("models", "TFAutoModel", "from transformers import AutoModel", note="TensorFlow is gone."),
    gone("models", "FlaxAutoModel", "from transformers import AutoModel", note="So is Flax."),
    gone("models", "AutoModelWithLMHead", "from transformers import AutoModelForMaskedLM"),
    silent(
        "models",
        "from_tf=True",
        MODEL,
        "AutoModel.from_pretrained(half, from_tf=True).dtype",
        "torch.float16",
        "AutoModel.from_pretrained(half).dtype",
        "torch.float16",
        "It is ignored: the safetensors file is read.",
    ),
    Change(
        topic="models",
        name="transformers.modeling_bert",
        old="from transformers.modeling_bert import BertModel",
        does="error",
        error="ModuleNotFoundError",
        tells="No module named 'transformers.modeling_bert'",
        new="from transformers import BertModel\nBertModel.__name__",
        gives="BertModel",
        note="Import from the top; places inside move.",
    ),
    gone(
        "models",
        "cached_path",
        "from huggingface_hub import hf_hub_download",
        where="transformers.file_utils",
    ),
    gone(
        "models",
        "TRANSFORMERS_CACHE",
        "from huggingface_hub.constants import HF_HUB_CACHE",
        where="transformers.utils",
        note="The environment variable is HF_HOME or HF_HUB_CACHE.",
    ),
)
