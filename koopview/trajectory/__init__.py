"""Layer scaling: one step of a layer becomes a path of many small ones, one file a scaling."""

CLOSED_FORM, LEARNS = "closed form", "learns"
"""A scaling by a formula: its end point is exact, and a schedule says where its steps stand. Or one that learns from
the fitting samples, and whose end point is not exact."""

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
