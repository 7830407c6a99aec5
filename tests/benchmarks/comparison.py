"""The table of one case: what each library took, and how KoopView stands beside the best of the others."""

import numpy as np
from cases import CASES

LEADING = 10
"""Eigenvalues whose error is told."""

OURS = "KoopView"
LEAST = {"seconds": "least time", "peak": "least peak memory", "working": "least working memory"}
"""What KoopView is held against the best of the others in."""

HEADING = (
    f"{'':18} {'CPU s':>8} {'ratio':>6} {'of rate':>7} {'first s':>8} {'/ later':>7}"
    f" {'peak MiB':>8} {'ratio':>5} {'working':>8} {'ratio':>5}  error"
)


def print_case(name, found, spectrum, rate):
    """Print the measurements, by library, of a case; `spectrum` has all singular values, or is None."""
    case, reference = CASES[name]
    sizes = zip("BNdhr", (case.samples, case.steps, case.states, case.delays, case.rank), strict=True)
    ratio = "" if spectrum is None else f"; s_r / s_1 = {spectrum[case.rank - 1] / spectrum[0]:.1e}"
    print(f"\n{name}: " + ", ".join(f"{letter} = {number}" for letter, number in sizes) + ratio)
    print(HEADING)
    errors = {each: _error(told, found[reference]) for each, told in found.items() if each != reference}
    for each, told in found.items():
        if "reason" in told:
            print(f"{each:18} {told['reason']}")
        else:
            against = "reference" if each == reference else errors[each]
            print(f"{each:18} {_line(told, found[OURS], case, rate)}  {against}", flush=True)
    if "reason" not in found[OURS]:
        print(_verdict(found, errors[OURS]), flush=True)


def _line(told, ours, case, rate):
    """Return the figures of one library; ratios are to those of KoopView."""
    share = case.gram_work / told["seconds"] / rate
    again = f"{told['first'] / told['seconds']:7.1f}" if told["repeated"] else f"{'once':>7}"
    figures = f"{told['seconds']:8.4f} {_ratio(told, ours, 'seconds'):6.1f} {share:7.1%} {told['first']:8.4f} {again}"
    for kind, width in (("peak", 8), ("working", 8)):
        figures += f" {told[kind]:{width}.0f} {_ratio(told, ours, kind):5.1f}"
    return figures


def _ratio(told, ours, key):
    """Return how many times as much as KoopView a library took."""
    return told[key] / ours.get(key, np.nan)


def _error(told, reference):
    """Return the largest distance, in words, of a leading eigenvalue of the reference to the nearest found one."""
    if "reason" in reference or "reason" in told:
        return "no reference"
    values = reference["eigenvalues"]
    leading = values[np.argsort(-np.abs(values))[:LEADING]]
    return f"{np.abs(told['eigenvalues'][:, None] - leading).min(axis=0).max():.0e}"


def _verdict(found, error):
    """Return in words how KoopView stands beside PyDMD, and beside whichever other library took least."""
    ours = found[OURS]
    others = {name: told for name, told in found.items() if not name.startswith(OURS) and "reason" not in told}
    facts = [f"first call {ours['first'] / ours['seconds']:.1f} times later ones, error {error}"]
    if "PyDMD" in others:
        facts.append(f"PyDMD takes {_ratio(others['PyDMD'], ours, 'seconds'):.1f} times as long")
    for key, what in LEAST.items() if others else ():
        least = min(others, key=lambda name: others[name][key])
        facts.append(f"{what} of all others: {_ratio(others[least], ours, key):.1f} times ({least})")
    return f"{OURS}: " + "; ".join(facts)
