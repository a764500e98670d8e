"""Reads a journal folder as docs/formats/journal.md has it, without Quell's code.

read_samples(folder) is a list of (labels, time_ms, value) with labels as a sorted tuple of pairs and
the value as 8 bytes, in the journal's order; damage is an AssertionError that names the place.
"""

import pathlib
import struct

SAMPLES, SERIES, BATCH = 1, 5, 6
MAGICS = (b"QUELLJ01", b"QUELLJ02")
FRAME = struct.Struct("<IIBq")  # length, CRC-32C, kind, wall time of receipt


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = _crc_table()


def crc32c(data):
    value, table = 0xFFFFFFFF, CRC_TABLE
    for byte in data:
        value = table[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def take(self, count):
        assert self.at + count <= len(self.data), "a record is shorter than it says"
        self.at += count
        return self.data[self.at - count:self.at]

    def text(self):
        return self.take(self.varint()).decode("utf-8")

    def more(self):
        return self.at < len(self.data)

    def field(self):
        """(number, content) of a protobuf field: an integer or bytes."""
        tag = self.varint()
        kind = tag & 7
        if kind == 0:
            return tag >> 3, self.varint()
        assert kind in (1, 2, 5), f"wire type {kind}"
        return tag >> 3, self.take({1: 8, 5: 4}[kind] if kind != 2 else self.varint())


def int64(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def frames(path, check_crc=True):
    """(kind, payload) of each record; a torn tail ends the file."""
    data = path.read_bytes()
    if len(data) < 8:
        return
    assert data[:8] in MAGICS, f"{path}: not a journal segment: {data[:8]!r}"
    at = 8
    while at + FRAME.size <= len(data):
        length, crc, kind, _ = FRAME.unpack_from(data, at)
        end = at + FRAME.size + length
        if end > len(data):
            return
        if check_crc:
            assert crc32c(data[at + 8:end]) == crc, f"{path}: bad checksum at {at}"
        yield kind, data[at + FRAME.size:end]
        at = end


def request_samples(payload):
    """A Remote Write 2.0 request: symbols 4, series 5 {references 1, samples 2 {value 1, time 2}}."""
    symbols, series = [], []
    cursor = Cursor(payload)
    while cursor.more():
        number, content = cursor.field()
        (symbols if number == 4 else series).append(content)
    for one in series:
        refs, samples = [], []
        cursor = Cursor(one)
        while cursor.more():
            number, content = cursor.field()
            if number == 1:
                packed = Cursor(content)
                while packed.more():
                    refs.append(packed.varint())
            elif number == 2:
                fields = Cursor(content)
                parts = dict(fields.field() for _ in iter(fields.more, False))
                samples.append((int64(parts.get(2, 0)), parts.get(1, bytes(8))))
        texts = [symbols[ref].decode("utf-8") for ref in refs]
        labels = tuple(sorted(zip(texts[::2], texts[1::2])))
        yield from ((labels, time, value) for time, value in samples)


def read_definitions(payload, series):
    """number, type, labels as (name, value) texts; a number said again means what is said last."""
    cursor = Cursor(payload)
    while cursor.more():
        number = cursor.varint()
        cursor.take(1)
        series[number] = tuple(sorted((cursor.text(), cursor.text())
                                      for _ in range(cursor.varint())))


def batch_samples(payload, series):
    """count, then (number, time) as differences and the value; histograms behind them are left."""
    cursor, number, time = Cursor(payload), 0, 0
    for _ in range(cursor.varint()):
        number += cursor.signed()
        time += cursor.signed()
        yield series[number], time, cursor.take(8)


def read_samples(folder, check_crc=True):
    out = []
    for path in sorted(pathlib.Path(folder).glob("*.qj")):
        series = {}  # numbers count within a segment
        for kind, payload in frames(path, check_crc):
            if kind == SAMPLES:
                out.extend(request_samples(payload))
            elif kind == SERIES:
                read_definitions(payload, series)
            elif kind == BATCH:
                out.extend(batch_samples(payload, series))
    return out
