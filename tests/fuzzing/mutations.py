"""Ways to spoil a file: bytes, blocks, lengths, members of archives, values of JSON, opcodes of a pickle."""

import contextlib
import gzip
import io
import json
import zipfile

EXTREME = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**40, 2**63 - 1, 2**64 - 1)
"""Lengths and counts that a header may lie with."""

VALUES = (-1, 0, 1e308, 10**30, "x", "x" * 3000, "a\0b", None, [], {}, True, [[]], {"a": None}, [0] * 1000)
"""What stands in the place of a value of JSON."""

OPCODES = b"().0N]}tab2cRqr\x85\x86\x87\x93\x94Qsu\x88\x8aKMJGX"
"""Opcodes of pickles."""


def spoilt(content, draw):
    """Return a spoilt copy of a file's bytes, by one to three ways that `draw` (a random.Random) picks."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        content = draw.choice(_ways(content))(content, draw)
    return content


def _ways(content):
    ways = [_flip, _flip, _cut, _append, _swap, _length, _repeat]
    if content[:2] == b"PK":
        ways += [_member] * 8
    elif content[:2] == b"\x1f\x8b":
        ways += [_gzipped] * 4
    elif content[8:9] == b"{":
        ways += [_header] * 6
    elif content[:1] == b"\x80":
        ways += [_opcode] * 4
    if content and all(byte < 128 for byte in content[:200]):
        ways += [_token] * 4
    return ways


def _flip(content, draw):
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 4, 16))):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _cut(content, draw):
    return content[: draw.randrange(len(content) + 1)]


def _append(content, draw):
    return content + draw.randbytes(draw.choice((1, 10, 1000)))


def _swap(content, draw):
    if len(content) < 16:
        return content
    size = draw.randrange(1, len(content) // 4)
    one, other = sorted(draw.randrange(len(content) - size) for _ in range(2))
    return content[:one] + content[other : other + size] + content[one + size :]


def _length(content, draw):
    """Write an extreme number over some bytes, more often near the beginning."""
    width, value = draw.choice((1, 2, 4, 8)), draw.choice(EXTREME)
    where = draw.randrange(min(len(content), draw.choice((32, 512, 10**9))) or 1)
    number = (value % 256**width).to_bytes(width, draw.choice(("little", "big")))
    return content[:where] + number + content[where + width :]


def _repeat(content, draw):
    """Say one block many times, at most 100 KB."""
    size = draw.randrange(1, max(2, min(len(content), 64)))
    where = draw.randrange(max(1, len(content) - size))
    return content[:where] + content[where : where + size] * draw.choice((10, 1000)) + content[where:]


def _token(content, draw):
    """Put another word in the place of one in a text."""
    words = [b"nan", b"1e999", b"-", b'"', b";", b"\n", b"\0", b"#", b"9" * 400, b"\xff", b",,,,"]
    where = draw.randrange(len(content))
    return content[:where] + draw.choice(words) + content[where + draw.randrange(4) :]


def _member(content, draw):
    """Spoil one member of a zip file, whose checksum stays right."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            members = [(one, file.read(one)) for one in file.infolist()]
    except Exception:  # a file that is spoilt already may raise anything
        return _flip(content, draw)
    if not members:
        return content
    chosen = draw.randrange(len(members))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as file:
        for index, (one, held) in enumerate(members):
            if index != chosen or draw.random() < 0.95:  # a member may also be missing
                file.writestr(one.filename, _of_member(held, draw) if index == chosen else held)
    return made.getvalue()


def _of_member(held, draw):
    if held[:1] == b"{":
        return _json(held, draw)
    if held[:1] == b"\x80":
        return _opcode(held, draw)
    return draw.choice((_flip, _cut, _append, _length, _repeat))(held, draw)


def _json(held, draw):
    """Put another value in the place of one."""
    try:
        value = json.loads(held)
    except ValueError:
        return _flip(held, draw)
    places = list(_places(value))
    at = draw.choice(places)
    if not at:
        return json.dumps(draw.choice(VALUES)).encode()
    inner = value
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = draw.choice(VALUES)
    return json.dumps(value).encode()


def _places(value, at=()):
    yield at
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _places(inner, (*at, key))


def _header(content, draw):
    """Spoil a value in the header of a safetensors file; its length stays right or lies."""
    size = int.from_bytes(content[:8], "little")
    held = _json(content[8 : 8 + size], draw)
    told = len(held) if draw.random() < 0.9 else draw.choice(EXTREME)
    return (told % 2**64).to_bytes(8, "little") + held + content[8 + size :]


def _gzipped(content, draw):
    with contextlib.suppress(Exception):
        return gzip.compress(draw.choice((_flip, _length, _cut, _repeat))(gzip.decompress(content), draw), mtime=0)
    return _flip(content, draw)


def _opcode(content, draw):
    """Put opcodes of a pickle in the place of bytes, or between them."""
    changed = bytearray(content)
    for _ in range(draw.choice((1, 2, 5))):
        where = draw.randrange(2, max(3, len(changed)))
        if draw.random() < 0.5:
            changed[where : where + 1] = bytes([draw.choice(OPCODES)])
        else:
            changed[where:where] = bytes([draw.choice(OPCODES)]) * draw.choice((1, 3, 1000))
    return bytes(changed)
