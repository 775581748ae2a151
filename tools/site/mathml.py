"""Formulas as MathML, which browsers set by themselves, without a script.

They take brackets and integrals that grow from a font that has them, and not every system has one: the site brings STIX
Two Math (SIL Open Font License) from the package ziamath.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from docutils import nodes
from fontTools.ttLib import TTFont
from latex2mathml import exceptions
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

UNREADABLE = tuple(kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception))
"""The converter's errors, which have no class in common."""

logger = logging.getLogger(__name__)

SPACING = (
    # a function stands apart from what it is of, unless that is in brackets
    (
        r"<m[io]>(ln|exp|sinh|cosh|tanh|coth|sin|cos|min|max)</m[io]>(?=<mo[ >]|<mrow><mo[ >])",
        r'<mo lspace="0.17em" rspace="0">\1</mo>',
    ),
    (r"<m[io]>(ln|exp|sinh|cosh|tanh|coth|sin|cos|min|max)</m[io]>", r'<mo lspace="0.17em" rspace="0.17em">\1</mo>'),
    (r"<mo>&#x0002F;</mo>", r'<mo lspace="0" rspace="0">&#x0002F;</mo>'),
    # a minus after a sign of relation, a comma or a space is that of a number
    (
        r"(<mo>&#x0003D;</mo>|<mo>&#x0002C;</mo>|<mspace [^>]*/>|<mtext>[^<]*</mtext>)<mo>&#x02212;</mo>",
        r'\1<mo form="prefix">&#x02212;</mo>',
    ),
)
"""What TeX's rules of spacing ask for beyond what the converter writes: pattern, replacement."""


def mathml(node: nodes.math | nodes.math_block, display: str) -> str:
    """A formula as MathML; one that cannot be read, or has a command that is not known, is a warning that says where.

    Args:
        node: its text in TeX, and its place.
        display: "inline" or "block".
    """
    latex = node.astext()
    try:
        text = str(convert(latex, display=display))
    except UNREADABLE as error:
        logger.warning("the formula %s cannot be read: %s %s", latex, type(error).__name__, error, location=node)
        return latex
    if "\\" in text:
        logger.warning("the formula %s has a command that has no MathML", latex, location=node)
    for pattern, replacement in SPACING:
        text = re.sub(pattern, replacement, text)
    return text


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """A formula in a line."""
    self.body.append(mathml(node, "inline"))
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on lines of its own, which a narrow screen scrolls sideways."""
    self.body.append(f'<div class="formula" tabindex="0">{mathml(node, "block")}</div>\n')
    raise nodes.SkipNode


def write_font(app: Sphinx, failure: Exception | None) -> None:
    """The font, packed, beside the style sheet that names it."""
    if failure is None:
        with resources.as_file(resources.files("ziamath.fonts") / "STIXTwoMath-Regular.ttf") as file:
            font = TTFont(file)
            font.flavor = "woff"
            font.save(Path(app.outdir, "_static", "STIXTwoMath-Regular.woff"))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Sphinx's entry point."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("build-finished", write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
