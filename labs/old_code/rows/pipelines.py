"""Changes in pipelines."""

from labs.old_code.change import Change, gone, silent

PIPE = """\
from transformers import pipeline
from labs.old_code.sandbox import rows, small, tokenizer

classifier = dict(model=small(num_labels=3), tokenizer=tokenizer(), device="cpu")
tagger = classifier | dict(model=small("TokenClassification", num_labels=3))"""
STRATEGIES = """\
ways = ("none", "simple", "first", "average", "max")
[len(pipeline("ner", aggregation_strategy=way, **tagger)("so funny")) for way in ways]"""
ROWS = (
    Change(
        topic="pipelines",
        name="question-answering",
        setup="import transformers\nfrom transformers import pipeline\nfrom helpers import encoder",
        old='pipeline("question-answering", model=encoder.folder())',
        does="error",
        error="KeyError",
        tells="task question-answering",
        new="""\
from labs.old_code.sandbox import small, tokenizer
inputs = tokenizer()("Who?", "The cat.", return_tensors="pt")
small("QuestionAnswering")(**inputs).start_logits.shape""",
        gives="torch.Size([1, 8])",
        note="The model stays; the span is yours to decode, as in lesson 05.",
    ),
    *(
        Change(
            topic="pipelines",
            name=task,
            setup="from transformers import pipeline\nfrom labs.old_code.sandbox import half_precision_folder",
            old=f'pipeline("{task}", model=half_precision_folder())',
            does="error",
            error="KeyError",
            tells=f"task {task}",
            new="from transformers import AutoModelForSeq2SeqLM",
            note="Call tokenizer, generate and decode yourself.",
        )
        for task in ("summarization", "translation", "text2text-generation")
    ),
    Change(
        topic="pipelines",
        name="grouped_entities",
        setup=PIPE,
        old='pipeline("ner", grouped_entities=True, **tagger)',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'grouped_entities'",
        new=STRATEGIES,
        gives="[2, 1, 1, 1, 1]",
        note='"none" gives one entry a token; all five run.',
    ),
    Change(
        topic="pipelines",
        name="ignore_subwords",
        setup=PIPE,
        old='pipeline("ner", ignore_subwords=True, **tagger)',
        does="error",
        error="TypeError",
        tells="unexpected keyword argument 'ignore_subwords'",
        new='len(pipeline("ner", aggregation_strategy="first", **tagger)("fun"))',
        gives="1",
    ),
    silent(
        "pipelines",
        "return_all_scores",
        PIPE,
        'len(pipeline("text-classification", return_all_scores=True, **classifier)("fun"))',
        "1",
        'len(pipeline("text-classification", top_k=None, **classifier)(["fun"])[0])',
        "3",
        "One score comes back, the best; code that sums over classes goes on with it.",
    ),
    silent(
        "pipelines",
        "a model in train mode",
        PIPE + '\n\nclassifier["model"].train()',
        'pipeline("text-classification", **classifier).model.training',
        "True",
        'classifier["model"].eval()\npipeline("text-classification", **classifier).model.training',
        "False",
        "Dropout stays on: every call gives another score.",
    ),
    Change(
        topic="pipelines",
        name="a column to a pipeline",
        setup=PIPE,
        old='pipeline("text-classification", **classifier)(rows()["text"])',
        does="error",
        error="ValueError",
        tells="text input must be of type `str`",
        new='len(pipeline("text-classification", **classifier)(list(rows()["text"])))',
        gives="6",
    ),
    gone(
        "pipelines",
        "QuestionAnsweringPipeline",
        """\
from transformers import FillMaskPipeline
from labs.old_code.sandbox import small, tokenizer
fill = FillMaskPipeline(small("MaskedLM"), tokenizer=tokenizer(), device="cpu")
len(fill("so [MASK]"))""",
        "5",
        note="The other pipelines of encoders stay: fill-mask, text- and token-classification.",
    ),
)
