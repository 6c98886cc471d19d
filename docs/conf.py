"""How the documentation is built."""

from __future__ import annotations

from importlib.metadata import version as installed

project = "keepit_dynamics"
author = "The keepit_dynamics developers"
copyright = "2026, the keepit_dynamics developers"
release = installed("keepit-dynamics")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "keepit_dynamics"
exclude_patterns = ["_build"]
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
myst_heading_anchors = 3
# Names of other packages, of private modules and of the clients' facts have no pages here.
nitpick_ignore_regex = [
    ("py:class", r"(collections|datetime|httpx|pathlib)\..*"),
    ("py:class", r"keepit_dynamics\.(_core|builder|dataverse|graph)\..*"),
]
