"""Sphinx's configuration of the site; `make docs` runs tools/site/build.py, which says where the pages are."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from femna.io.package_versions import femna_version  # noqa: E402  after the path

project = "femna"
author = "the femna authors"
version = release = femna_version()

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "docstrings"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # pages begin with # and go on with ##; an issue's ### under ## is no fault

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_use_legacy_class_based = False
napoleon_numpy_docstring = False
add_module_names = False

html_theme = "furo"
html_title = f"femna {version}"
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = True
pygments_style = "friendly"
pygments_dark_style = "github-dark"
html_theme_options = {"navigation_with_keys": True}
