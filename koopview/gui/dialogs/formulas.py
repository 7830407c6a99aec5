r"""Formulas of the pages, written in TeX between dollar signs, as the text that Qt can show: λ for ``\lambda``."""

import re

_SIGNS = {
    **dict(zip(("lambda", "rho", "sigma", "kappa", "varepsilon", "Lambda"), "λρσκεΛ", strict=True)),
    **dict(zip(("cdot", "infty", "sum", "lvert", "rvert", "lVert", "rVert", "dots"), "·∞∑||‖‖…", strict=True)),
    **{
        name: f" {sign} "
        for name, sign in zip(("le", "ge", "ne", "approx", "times", "to", "in"), "≤≥≠≈×→∈", strict=True)
    },
    **dict.fromkeys((",", ";", "quad", "qquad"), " "),
    **{name: name for name in ("min", "max", "{", "}")},
}
"""What stands for a command of TeX. Another one stays as it is, so that the test of all pages finds it."""

_FACES = re.compile(r"\\(?:mathrm|mathsf|mathbf|text) ?(?:\{([^{}]*)\}|(\w))")
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL)
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def with_plain_formulas(markdown: str) -> str:
    """Return a page with its formulas as text with raised and lowered letters; code stays as it is."""
    parts = _CODE.split(markdown)
    return "".join(part if index % 2 else _FORMULA.sub(_shown, part) for index, part in enumerate(parts))


def _shown(found: re.Match) -> str:
    text = plain_formula(found[1] or found[2])
    return f"\n\n{text}\n\n" if found[1] else text


def plain_formula(tex: str) -> str:
    """Return a formula of TeX as text of Markdown; fractions in a line, indices as ``<sub>``, powers as ``<sup>``."""
    inside = r"\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
    text = re.sub(rf"\\frac{inside}{inside}", r"(\1) / (\2)", _FACES.sub(r"\1\2", " ".join(tex.split())))
    text = re.sub(r"\\([A-Za-z]+|.)(?: (?=[A-Za-z\\]))?", lambda found: _SIGNS.get(found[1], found[0]), text)
    for mark, name in (("_", "sub"), ("^", "sup")):
        text = re.sub(rf"\{mark}(?:\{{([^{{}}]*)\}}|(.))", rf"<{name}>\1\2</{name}>", text)
    return re.sub(" +", " ", text).replace("|", "\\|").replace("*", "\\*")
