"""Remote write 1.0 and 2.0 on the wire, written from the field numbers of the specifications and of
snappy's format description alone: an encoder that shares nothing with Quell's own.

Values are floats, or 8 little-endian bytes where the bits of a NaN matter. Times are milliseconds.
Standard library only.
"""

import random
import struct

from harness import double_field, field, int_field, varint

V1_TYPE = "application/x-protobuf"
V2_TYPE = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
STALE = struct.pack("<Q", 0x7FF0000000000002)
NORMAL_NAN = struct.pack("<Q", 0x7FF8000000000001)

METADATA_TYPES = {"unspecified": 0, "counter": 1, "gauge": 2, "histogram": 3, "gaugehistogram": 4,
                  "summary": 5, "info": 6, "stateset": 7}


def double(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 1) + value
    return double_field(number, value)


def fixed32_field(number, four_bytes):
    return varint(number << 3 | 5) + four_bytes


def zigzag(value):
    return (value << 1) ^ (value >> 63)


def shuffled(labels):
    """The pairs of a dict in random order, as a Go map gives them; a list keeps its order."""
    if not isinstance(labels, dict):
        return list(labels)
    pairs = list(labels.items())
    random.shuffle(pairs)
    return pairs


def utf8(text):
    return text if isinstance(text, bytes) else text.encode()


# Parts that both protocols share.

def sample(value, time_ms, start_ms=None):
    out = double(1, value) + int_field(2, time_ms)
    return out if start_ms is None else out + int_field(3, start_ms)


def span(offset, length):
    return int_field(1, zigzag(offset)) + int_field(2, length)


def packed_deltas(number, deltas):
    return field(number, b"".join(varint(zigzag(d)) for d in deltas)) if deltas else b""


def packed_doubles(number, values):
    return field(number, b"".join(struct.pack("<d", v) for v in values)) if values else b""


def histogram(time_ms, count=0, total=0.0, schema=0, threshold=0.0, zero=None, negative=None,
              positive=None, custom=(), floats=False, reset_hint=0, start_ms=None):
    """`negative`, `positive`: ([(offset, length)], deltas), or counts where `floats`."""
    out = double(2, count) if floats else int_field(1, count)
    out += double(3, total) + int_field(4, zigzag(schema)) + double(5, threshold)
    if zero is not None:
        out += double(7, zero) if floats else int_field(6, zero)
    for first, side in ((8, negative), (11, positive)):
        if side is not None:
            spans, buckets = side
            out += b"".join(field(first, span(*s)) for s in spans)
            out += packed_doubles(first + 2, buckets) if floats else packed_deltas(first + 1, buckets)
    out += int_field(14, reset_hint) + int_field(15, time_ms) + packed_doubles(16, custom)
    return out if start_ms is None else out + int_field(17, start_ms)


# 1.0

def labels_v1(labels):
    return b"".join(field(1, field(1, utf8(k)) + field(2, utf8(v))) for k, v in shuffled(labels))


def exemplar_v1(labels, value, time_ms):
    return labels_v1(labels) + double(2, value) + int_field(3, time_ms)


def series_v1(labels, samples=(), exemplars=(), histograms=(), extra=b""):
    """`samples`: [(time_ms, value)]; exemplars and histograms are encoded already."""
    return (labels_v1(labels) + b"".join(field(2, sample(v, t)) for t, v in samples)
            + b"".join(field(3, e) for e in exemplars)
            + b"".join(field(4, h) for h in histograms) + extra)


def metadata_v1(kind, family, help_text="", unit=""):
    return (int_field(1, METADATA_TYPES[kind]) + field(2, utf8(family)) + field(4, utf8(help_text))
            + field(5, utf8(unit)))


def request_v1(series=(), metadata=(), extra=b""):
    return (b"".join(field(1, s) for s in series) + b"".join(field(3, m) for m in metadata) + extra)


# 2.0

class RequestV2:
    """A request in the making: symbols are interned in order of first use."""

    def __init__(self, first_symbol=""):
        self.symbols = [utf8(first_symbol)]
        self.index = {self.symbols[0]: 0}
        self.series_bytes = []

    def ref(self, text):
        text = utf8(text)
        if text not in self.index:
            self.index[text] = len(self.symbols)
            self.symbols.append(text)
        return self.index[text]

    def refs(self, labels, packed=True):
        numbers = [self.ref(text) for pair in shuffled(labels) for text in pair]
        if packed:
            return field(1, b"".join(map(varint, numbers))) if numbers else b""
        return b"".join(int_field(1, n) for n in numbers)

    def exemplar(self, labels, value, time_ms, packed=True):
        return self.refs(labels, packed) + double(2, value) + int_field(3, time_ms)

    def metadata(self, kind, help_text="", unit=""):
        return (int_field(1, METADATA_TYPES[kind]) + int_field(3, self.ref(help_text))
                + int_field(4, self.ref(unit)))

    def series(self, labels, samples=(), histograms=(), exemplars=(), metadata=b"",
               created_ms=None, packed=True, extra=b""):
        """`samples`: [(time_ms, value)] or [(time_ms, value, start_ms)]; the rest is encoded."""
        out = self.refs(labels, packed)
        out += b"".join(field(2, sample(s[1], s[0], *s[2:])) for s in samples)
        out += b"".join(field(3, h) for h in histograms) + b"".join(field(4, e) for e in exemplars)
        out += field(5, metadata) if metadata else b""
        out += b"" if created_ms is None else int_field(6, created_ms)
        self.series_bytes.append(out + extra)
        return self

    def encode(self):
        return (b"".join(field(4, s) for s in self.symbols)
                + b"".join(field(5, s) for s in self.series_bytes))


# Snappy's block format.

def _literal(data):
    out = bytearray()
    for at in range(0, len(data), 65536):
        piece = data[at:at + 65536]
        if len(piece) <= 60:
            out += bytes([(len(piece) - 1) << 2])
        else:
            out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1)
        out += piece
    return bytes(out)


def snappy_literals(data):
    return varint(len(data)) + _literal(data)


def snappy_copies(data):
    """The same bytes with every kind of copy: what senders' encoders produce."""
    out, at, literal_from, seen = bytearray(varint(len(data))), 0, 0, {}
    while at + 4 <= len(data):
        key = data[at:at + 4]
        before = seen.get(key)
        seen[key] = at
        if before is None or at - before > 65535 + 8:
            at += 1
            continue
        length = 4
        while length < 64 and at + length < len(data) and data[before + length] == data[at + length]:
            length += 1
        out += _literal(data[literal_from:at])
        offset = at - before
        if length <= 11 and offset < 2048:
            out += bytes([1 | (length - 4) << 2 | offset >> 8 << 5, offset & 255])
        elif offset <= 65535:
            out += bytes([2 | (length - 1) << 2]) + struct.pack("<H", offset)
        else:
            out += bytes([3 | (length - 1) << 2]) + struct.pack("<I", offset)
        at += length
        literal_from = at
    return bytes(out) + _literal(data[literal_from:])


def snappy_repeat(head, unit, times, tail=b""):
    """head + unit * times + tail, in about a twentieth of its size: what a bomb is made of."""
    total = len(unit) * times
    repeated = total - len(unit)  # the first one is a literal; copies reach back by one unit
    copies = bytes([2 | 63 << 2]) + struct.pack("<H", len(unit))
    rest = repeated % 64
    last = bytes([2 | (rest - 1) << 2]) + struct.pack("<H", len(unit)) if rest else b""
    return (varint(len(head) + total + len(tail)) + _literal(head + unit)
            + copies * (repeated // 64) + last + (_literal(tail) if tail else b""))
