r"""Formulas of the pages, written in TeX between dollar signs, as the text that Qt can show: λ for ``\lambda``."""

import re

_SIGNS = {
    "lambda": "λ", "rho": "ρ", "sigma": "σ", "kappa": "κ", "varepsilon": "ε", "tau": "τ", "Lambda": "Λ",
    "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈", "times": "×", "cdot": "·", "to": "→", "in": "∈", "pm": "±",
    "mapsto": "↦", "infty": "∞", "sum": "∑", "min": "min", "max": "max", "dots": "…", "prime": "′", "top": "ᵀ",
    "quad": "   ", "qquad": "      ", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "bar": "", "odot": "⊙",
    "left": "", "right": "", "big": "", "Big": "", "langle": "⟨", "rangle": "⟩", "mathbb": "", "operatorname": "",
    "mathrm": "", "mathsf": "", "mathbf": "", "text": "", "{": "{", "}": "}", ",": " ", ";": " ", "!": "", "|": "‖",
}  # fmt: skip
"""What stands for a command; those without a sign of their own are left out."""

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
    text = re.sub(r"\\frac\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}", r"(\1) / (\2)", tex)
    text = re.sub(r"\\([A-Za-z]+|.) ?", lambda found: _SIGNS.get(found[1], found[0]), " ".join(text.split()))
    for mark, name in (("_", "sub"), ("^", "sup")):
        text = re.sub(rf"\{mark}(?:\{{([^{{}}]*)\}}|(.))", rf"<{name}>\1\2</{name}>", text)
    text = text.replace("<sup>′</sup>", "′")
    return re.sub(r"(?<!\\)[{}]", "", text).replace("|", "\\|").replace("*", "\\*")
