"""Sphinx's settings. No page asks another machine for anything: scripts, fonts and pictures lie beside it."""

from tools import build

project = "Fine-tuning encoders"
extensions = [
    "book.lessons",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_merge_streams = True
suppress_warnings = ["misc.highlighting_failure"]  # a traceback of a lesson that failed
nb_ipywidgets_js = {}  # these would come from another machine; lessons store no widgets

default_role = "literal"  # docstrings write `code` as Markdown does
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries = False

html_theme = "sphinx_book_theme"
html_title = project
html_favicon = "static/icon.svg"
html_static_path = ["static"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_use_index = False
html_domain_indices = False
html_sourcelink_suffix = ""
copybutton_selector = ".cell_input pre, .highlight-default pre, .highlight-python pre"
html_theme_options = {
    "repository_url": build.repository(),
    "repository_branch": "main",
    "use_repository_button": True,
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
        "notebook_interface": "jupyterlab",
    },
    "navbar_persistent": [],
    "footer_content_items": [],
}
html_context = {"default_mode": "auto"}
