"""A lab's runs to take home: one HTML page that opens without the course, and a table for a spreadsheet."""

from __future__ import annotations

import platform
from base64 import b64encode
from html import escape
from importlib.metadata import version
from pathlib import Path

from helpers import plots
from helpers.runs import PACKAGES

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }}
table {{ border-collapse: collapse; margin: 1em 0 }}
td, th {{ border: 1px solid #bbb; padding: .2em .6em; text-align: right }}
img {{ max-width: 100% }}
</style>
<h1>{title}</h1>
<img alt='F1 of each strategy against its parameters' src='data:image/png;base64,{0}'>
<img alt='F1 of each strategy against its seconds' src='data:image/png;base64,{1}'>
<h2>Strategies</h2>
{2}
<h2>Settings and versions</h2>
<ul>{settings}</ul>
<h2>Runs</h2>
{3}
</html>
"""


def write(lab, folder: str | Path = "report") -> Path:
    """Write table, plots, settings and versions of all runs as `report.html` and `runs.csv`; return the page.
    Raises ValueError: there are no runs yet.
    """
    runs = lab.runs()
    if runs.empty:
        remedy = "Run a strategy first: lab.run_strategy('head-only')."
        raise ValueError(f"There are no runs yet. {remedy}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    runs.to_csv(folder / "runs.csv", index=False)
    groups = runs.groupby(["strategy", "epochs", "learning_rate"], sort=False)
    means = groups.agg(
        trainable=("trainable", "first"),
        seeds=("seed", "nunique"),
        seconds=("seconds", "mean"),
        peak_mb=("peak_mb", "max"),
        worst=("f1", "min"),
        mean=("f1", "mean"),
        best=("f1", "max"),
    ).reset_index()
    shared = lab.shared() | {name: version(name) for name in PACKAGES}
    shared["the head's rate where biases train"] = lab.defaults["head_learning_rate"]
    shared |= {"Python": platform.python_version(), "machine": platform.platform()}
    settings = "".join(f"<li>{escape(f'{k}: {v}')}</li>" for k, v in shared.items())
    images = [b64encode(plots.png(picture)).decode() for picture in lab.pictures()]
    look = {"index": False, "border": 0, "float_format": "{:.4g}".format}
    tables = (means.to_html(**look), runs.to_html(**look))
    page, title = folder / "report.html", f"Freezing strategies: {lab.experiment.name}"
    text = PAGE.format(*images, *tables, title=escape(title), settings=settings)
    page.write_text(text, encoding="utf-8")
    return page
