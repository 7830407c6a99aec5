"""Put every wrong value at every path of a JSON value, as a broken or malicious study file may have it."""

import json
from itertools import islice, product

WRONG = [1e308, -1, "x", None, [], {}, True, "a\0b", [[1]], 10**30, 0.5, "x" * 5000, [None], float("nan")]


def places(value, at=()):
    """Yield the path to every value inside a JSON value."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from places(child, (*at, key))


def with_value(text, at, new):
    """Return a copy of a JSON value with another value at one path."""
    copy = json.loads(json.dumps(text))
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = new
    return copy


def wrong_ones(text, every=1):
    """Yield each path, and a copy with each wrong value at it; of all these pairs only one in `every`."""
    for at, new in islice(product(places(text), WRONG), None, None, every):
        yield at, with_value(text, at, new)
