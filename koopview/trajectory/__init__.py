"""Layer scaling: one step of a layer becomes a path of many small ones; one file per scaling."""

CLOSED_FORM, LEARNS = "closed form", "learns"
"""The two kinds of scaling. A closed form has an exact end point, and a schedule places its steps. One that learns from
the fitting samples has an approximate end point."""

KINDS = {
    "homotopy": CLOSED_FORM,
    "flow": LEARNS,
    "inserted": LEARNS,
    "linear": CLOSED_FORM,
}
"""The register of the scalings, the default first: the function of each name stands in the module of that name."""

SCALINGS = tuple(KINDS)
LEARNED = tuple(name for name, kind in KINDS.items() if kind == LEARNS)
CLOSED_FORMS = tuple(name for name, kind in KINDS.items() if kind == CLOSED_FORM)
