"""The journal on disk, read from its documentation (docs/formats/journal.md) alone: what the product
wrote is checked by code that shares nothing with it. Checksums are `quell replay`'s to check."""

import struct

MAGICS = (b"QUELLJ01", b"QUELLJ02")
SAMPLES, TICK, CHANGE, CONFIGURATION, SERIES, BATCH = 1, 2, 3, 4, 5, 6
FRAME = struct.Struct("<IIBq")


def records(path):
    """(sequence, kind, received_ms, payload) of a segment; what is cut short ends it."""
    data = path.read_bytes()
    assert not data or data[:8] in MAGICS, f"{path} begins with {data[:8]}"
    sequence, at = int(path.stem), 8
    while at + FRAME.size <= len(data):
        length, _, kind, received = FRAME.unpack_from(data, at)
        at += FRAME.size
        if at + length > len(data):
            break
        yield sequence, kind, received, data[at:at + length]
        sequence, at = sequence + 1, at + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """(number, value) of a protobuf message: an integer, eight bytes, or bytes."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 1:
            value, at = data[at:at + 8], at + 8
        else:
            assert tag & 7 == 2, f"wire type {tag & 7}"
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        yield tag >> 3, value


def text_of(pairs):
    """name{a="b"} as Quell prints labels; of labels without characters to escape."""
    rest = ",".join(f'{name}="{value}"' for name, value in sorted(pairs) if name != "__name__")
    return dict(pairs).get("__name__", "") + (f"{{{rest}}}" if rest else "")


def number_of(value):
    return struct.unpack("<d", value)[0]


def bits_of(value):
    """The eight bytes themselves: NaNs differ in them alone."""
    return bytes(value)


def samples_of_request(payload, name_of=text_of, value_of=number_of):
    """(labels, time_ms, value) of a Remote Write 2.0 Request."""
    symbols, texts = [], {}
    for number, value in fields(payload):
        if number == 4:
            symbols.append(value.decode())
        elif number == 5:
            refs = None
            for inner, content in fields(value):
                if inner == 1:
                    refs = content
                elif inner == 2:
                    sample = dict(fields(content))
                    if refs not in texts:
                        texts[refs] = name_of(pairs_of(refs, symbols))
                    time = sample.get(2, 0)
                    yield (texts[refs], time - (1 << 64) if time >> 63 else time,
                           value_of(sample.get(1, b"\0" * 8)))


def pairs_of(refs, symbols):
    words, at = [], 0
    while at < len(refs):
        ref, at = varint(refs, at)
        words.append(symbols[ref])
    return list(zip(words[::2], words[1::2]))


def definitions(payload, name_of=text_of):
    """(number, labels) of a series record."""
    at = 0
    while at < len(payload):
        number, at = varint(payload, at)
        pairs, at = varint(payload, at + 1)  # past the type
        words = []
        for _ in range(2 * pairs):
            length, at = varint(payload, at)
            words.append(payload[at:at + length].decode())
            at += length
        yield number, name_of(list(zip(words[::2], words[1::2])))


def zigzag(data, at):
    value, at = varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def samples_of_batch(payload, texts, value_of=number_of):
    """(labels, time_ms, value) of a batch, by the definitions of its segment."""
    count, at = varint(payload, 0)
    number = time = 0
    for _ in range(count):
        step, at = zigzag(payload, at)
        later, at = zigzag(payload, at)
        number, time = number + step, time + later
        assert number in texts, f"series {number} is not defined in its segment"
        yield texts[number], time, value_of(payload[at:at + 8])
        at += 8
    return at, number, time


def histograms_of_batch(payload, texts):
    """(labels, time_ms, flags, count, sum, [(upper bound, count)]) of what follows the samples."""
    ahead = samples_of_batch(payload, texts, bits_of)
    while True:
        try:
            next(ahead)
        except StopIteration as end:
            at, number, time = end.value
            break
    count, at = varint(payload, at)
    for _ in range(count):
        step, at = zigzag(payload, at)
        later, at = zigzag(payload, at)
        number, time = number + step, time + later
        flags, observed, total = struct.unpack_from("<Bdd", payload, at)
        buckets, at = varint(payload, at + 17)
        bounds = struct.unpack_from(f"<{2 * buckets}d", payload, at)
        at += 16 * buckets
        yield texts[number], time, flags, observed, total, list(zip(bounds[::2], bounds[1::2]))
    assert at == len(payload), "a batch has another length than it says"


def records_of(folder, name_of):
    """(kind, payload, labels by number) of everything but series records, in order."""
    for path in sorted(folder.glob("*.qj")):
        texts = {}  # definitions hold within a segment
        for _, kind, _, payload in records(path):
            if kind == SERIES:
                texts.update(definitions(payload, name_of))
            else:
                assert kind in (SAMPLES, BATCH, TICK, CHANGE, CONFIGURATION), \
                    f"a record of unknown kind {kind}"
                yield kind, payload, texts


def samples(folder, name_of=text_of, value_of=number_of):
    """(labels, time_ms, value) of everything in the journal, in order. `name_of` makes the labels
    of their pairs, `value_of` the value of its eight bytes."""
    for kind, payload, texts in records_of(folder, name_of):
        if kind == SAMPLES:
            yield from samples_of_request(payload, name_of, value_of)
        elif kind == BATCH:
            yield from samples_of_batch(payload, texts, value_of)


def histograms(folder, name_of=text_of):
    """All native histograms of the journal, in order."""
    for kind, payload, texts in records_of(folder, name_of):
        if kind == BATCH:
            yield from histograms_of_batch(payload, texts)
