"""What instructions of sm_90 compute, as far as the advance kernels have them: compile_operation() makes of one a
function of a warp and of the lanes for which it is done.

Carries are a sum that is not cut to 32 bits: -x stands for (x ^ 0xffffffff) + 1, so that x - x carries.
"""

import re
import struct
from typing import Callable

from sass_code import Instruction

ALL = 0xFFFFFFFF
BITS = [1 << lane for lane in range(32)]
LANES = range(32)

Vector = list[int]
Source = Callable[["Warp"], Vector]


class Unknown(Exception):
    def __init__(self, instruction: Instruction):
        super().__init__(f"{instruction.address:#06x}: {instruction.opcode} {', '.join(instruction.operands)} is not known to "
                         "tools/sass_operations.py")


def merged(old: Vector, new: Vector, lanes: int) -> Vector:
    return [n if lanes & bit else o for o, n, bit in zip(old, new, BITS)]


def lanes_of(warp, predicate: str) -> int:
    """In which lanes it holds: "P1", "!UP0", "PT"."""
    number = predicate.lstrip("!")
    values = warp.uniform_predicates if number.startswith("U") else warp.predicates
    held = values[7 if number.endswith("T") else int(number.lstrip("UP"))]
    return ALL & ~held if predicate.startswith("!") else held


def is_predicate(operand: str) -> bool:
    return bool(re.fullmatch(r"!?U?P[0-6T]", operand))


def set_of(flags) -> int:
    """Lanes in which a flag is set."""
    lanes = 0
    for bit, flag in zip(BITS, flags):
        if flag:
            lanes |= bit
    return lanes


def signed(value: int) -> int:
    return (value & ALL) - ((value & 0x80000000) << 1)


def signed64(value: int) -> int:
    return value - ((value & 1 << 63) << 1)


# ---- operands


def register(operand: str) -> int:
    """Number of a destination; 255: none."""
    if operand in ("RZ", "URZ"):
        return 255
    match = re.fullmatch(r"U?R(\d+)", operand)
    if not match:
        raise ValueError(operand)
    return int(match.group(1))


def is_register(operand: str) -> bool:
    return bool(re.fullmatch(r"U?R(\d+|Z)", operand))


def constant_offset(operand: str) -> tuple[int, str]:
    """c[0x0][R4+0x210]: the number, and the register or an empty text."""
    match = re.fullmatch(r"c\[0x0\]\[(?:(U?R\w+)\+?)?(-?0x[0-9a-f]+)?\]", operand)
    if not match:
        raise ValueError(operand)
    return int(match.group(2) or "0", 16), match.group(1) or ""


def word(warp, offset: int) -> int:
    return int.from_bytes(warp.constants[offset:offset + 4], "little")


def source(operand: str) -> Source:
    """32 bits of each lane."""
    if operand.startswith("-") and not operand.startswith("-0x"):
        inner = source(operand[1:])
        return lambda w: [(v ^ ALL) + 1 for v in inner(w)]
    if operand.startswith("~"):
        inner = source(operand[1:])
        return lambda w: [v ^ ALL for v in inner(w)]
    if operand in ("RZ", "URZ"):
        zeros = [0] * 32
        return lambda w: zeros
    if match := re.fullmatch(r"R(\d+)", operand):
        number = int(match.group(1))
        return lambda w: w.registers[number]
    if match := re.fullmatch(r"UR(\d+)", operand):
        number = int(match.group(1))
        return lambda w: w.uniform[number]
    if re.fullmatch(r"-?0x[0-9a-f]+|-?\d+", operand):
        values = [int(operand, 0) & ALL] * 32
        return lambda w: values
    offset, base = constant_offset(operand)
    if base and base not in ("RZ", "URZ"):
        raise ValueError(operand)
    return lambda w: [word(w, offset)] * 32


def source64(operand: str) -> Source:
    """64 bits of each lane, from a pair of registers."""
    if operand.startswith("-") and not operand.startswith("-0x"):
        inner = source64(operand[1:])
        return lambda w: [-v & (1 << 64) - 1 for v in inner(w)]
    if operand in ("RZ", "URZ") or not is_register(operand):
        return source(operand)
    number, of_warp = register(operand), operand.startswith("U")

    def pair(w):
        file = w.uniform if of_warp else w.registers
        return [low | high << 32 for low, high in zip(file[number], file[number + 1])]

    return pair


def writer(operand: str) -> Callable:
    """Of 32 bits: function of warp, values, lanes."""
    number = register(operand)
    if operand.startswith("UR"):
        def write(w, values, lanes):
            w.uniform[number] = [v & ALL for v in values]
    else:
        def write(w, values, lanes):
            w.write(number, [v & ALL for v in values], lanes)
    return (lambda w, values, lanes: None) if number == 255 else write


def writer64(operand: str) -> Callable:
    number, of_warp = register(operand), operand.startswith("U")

    def write(w, values, lanes):
        low, high = [v & ALL for v in values], [v >> 32 & ALL for v in values]
        if of_warp:
            w.uniform[number], w.uniform[number + 1] = low, high
        elif number != 255:
            w.write(number, low, lanes)
            w.write(number + 1, high, lanes)

    return write


def predicate_writer(operand: str) -> Callable:
    number = 7 if operand.endswith("T") else int(operand.lstrip("UP"))
    if operand.startswith("U"):
        raise ValueError(operand)
    return lambda w, values, lanes: w.write_predicate(number, values, lanes)


def leading_predicates(operands: list[str]) -> tuple[list[str], list[str]]:
    """Predicates behind the first operand, which are results, and the rest of them."""
    count = 0
    while count < len(operands) and is_predicate(operands[count]):
        count += 1
    return operands[:count], operands[count:]


# ---- arithmetic


def add3(i: Instruction):
    write = writer(i.operands[0])
    carries, rest = leading_predicates(list(i.operands[1:]))
    a, b, c = (source(operand) for operand in rest[:3])
    ins = rest[3:]
    outs = [predicate_writer(operand) for operand in carries]

    def run(w, lanes):
        sums = [x + y + z for x, y, z in zip(a(w), b(w), c(w))]
        for predicate in ins:
            held = lanes_of(w, predicate)
            if held:
                sums = [s + 1 if held & bit else s for s, bit in zip(sums, BITS)]
        write(w, sums, lanes)
        for count, out in enumerate(outs, 1):
            out(w, set_of(s >> 32 >= count for s in sums), lanes)

    return run


def multiply_add(i: Instruction):
    """IMAD in all its forms."""
    carries, rest = leading_predicates(list(i.operands[1:]))
    kind, is_signed = i.modifiers, "U32" not in i.modifiers
    wide, high = "WIDE" in kind, "HI" in kind
    a, b = source(rest[0]), source(rest[1])
    c = source64(rest[2]) if wide or high else source(rest[2])
    ins = rest[3:]
    outs = [predicate_writer(operand) for operand in carries]
    write = writer64(i.operands[0]) if wide else writer(i.operands[0])
    value = signed if is_signed and (wide or high) else lambda v: v
    if outs and (is_signed or high or not wide):
        raise Unknown(i)

    def run(w, lanes):
        sums = [value(x) * value(y) + z for x, y, z in zip(a(w), b(w), c(w))]
        for predicate in ins:
            held = lanes_of(w, predicate)
            sums = [s + 1 if held & bit else s for s, bit in zip(sums, BITS)]
        write(w, [s >> 32 for s in sums] if high else sums, lanes)
        for out in outs:
            out(w, set_of(s >> 64 for s in sums), lanes)

    return run


def move(i: Instruction):
    write, a = writer(i.operands[0]), source(i.operands[1])
    return lambda w, lanes: write(w, a(w), lanes)


def add2(i: Instruction):
    write, a, b = writer(i.operands[0]), source(i.operands[1]), source(i.operands[2])
    return lambda w, lanes: write(w, [x + y for x, y in zip(a(w), b(w))], lanes)


def extreme(i: Instruction):
    """VIMNMX, and VIADDMNMX of a sum: the least one where the predicate holds, the greatest one elsewhere."""
    write = writer(i.operands[0])
    values = [source(operand) for operand in i.operands[1:-1]]
    key = (lambda v: v & ALL) if "U32" in i.modifiers else signed
    which = i.operands[-1]

    def run(w, lanes):
        *firsts, last = [value(w) for value in values]
        first = [x + y for x, y in zip(*firsts)] if len(firsts) == 2 else firsts[0]
        least = lanes_of(w, which)
        write(w, [(min if least & bit else max)(x, y, key=key) for x, y, bit in zip(first, last, BITS)], lanes)

    return run


def lookup3(table: int, a: int, b: int, c: int) -> int:
    """Each bit of the result is that of the table that three bits name."""
    result = 0
    for index in range(8):
        if table >> index & 1:
            result |= (a if index & 4 else ~a) & (b if index & 2 else ~b) & (c if index & 1 else ~c)
    return result & ALL


SHORT = {0xC0: lambda x, y, z: x & y, 0xFC: lambda x, y, z: x | y, 0x3C: lambda x, y, z: x ^ y,
         0x96: lambda x, y, z: x ^ y ^ z, 0xFE: lambda x, y, z: x | y | z, 0x80: lambda x, y, z: x & y & z}


def logic3(i: Instruction):
    outs, rest = leading_predicates(list(i.operands))
    if not outs:
        outs, rest = leading_predicates(list(i.operands[1:]))
        rest = [i.operands[0], *rest]
    if rest[5] not in ("!PT", "!UPT"):
        raise Unknown(i)
    write, table = writer(rest[0]), int(rest[4], 16)
    a, b, c = (source(operand) for operand in rest[1:4])
    one = SHORT.get(table, lambda x, y, z: lookup3(table, x, y, z))
    out = predicate_writer(outs[0]) if outs else None

    def run(w, lanes):
        values = [one(x, y, z) for x, y, z in zip(a(w), b(w), c(w))]
        write(w, values, lanes)
        if out:
            out(w, set_of(values), lanes)

    return run


def logic_of_predicates(i: Instruction):
    first, second = predicate_writer(i.operands[0]), predicate_writer(i.operands[1])
    inputs, tables = i.operands[2:5], [int(operand, 16) for operand in i.operands[5:7]]
    if i.operands[1] != "PT":
        raise Unknown(i)

    def run(w, lanes):
        values = [lanes_of(w, predicate) for predicate in inputs]
        first(w, lookup3(tables[0], *values), lanes)

    return run


def shifted_add(i: Instruction):
    """LEA: a << shift + b, or -(a << shift) + b; .HI: the upper word of c:a << shift, + b; .SX32: c is the sign of a."""
    write = writer(i.operands[0])
    outs, rest = leading_predicates(list(i.operands[1:]))
    ins = [operand for operand in rest if is_predicate(operand)]
    rest = [operand for operand in rest if not is_predicate(operand)]
    high, from_sign = "HI" in i.modifiers, "SX32" in i.modifiers
    shift = int(rest[-1], 16)
    minus = rest[0].startswith("-")
    a, b = source(rest[0].lstrip("-")), source(rest[1])
    c = source(rest[2]) if high and not from_sign else None
    outs = [predicate_writer(operand) for operand in outs]
    if minus and high:
        raise Unknown(i)

    def run(w, lanes):
        low = a(w)
        if from_sign:
            shifted = [signed(x) << shift >> 32 & ALL for x in low]
        elif high:
            shifted = [(x | y << 32) << shift >> 32 & ALL for x, y in zip(low, c(w))]
        else:
            shifted = [x << shift & ALL for x in low]
        if minus:
            shifted = [(x ^ ALL) + 1 for x in shifted]
        sums = [x + y for x, y in zip(shifted, b(w))]
        for predicate in ins:
            held = lanes_of(w, predicate)
            sums = [s + 1 if held & bit else s for s, bit in zip(sums, BITS)]
        write(w, sums, lanes)
        for out in outs:
            out(w, set_of(s >> 32 for s in sums), lanes)

    return run


def shift(i: Instruction):
    """SHF: of the pair of the third and the first source, by the second one; too far is as far as there are bits."""
    write = writer(i.operands[0])
    low, by, high = (source(operand) for operand in i.operands[1:4])
    kind = i.modifiers
    pairs = {
        ("L", "U32"): lambda x, n, y: x << n if n < 32 else 0,
        ("L", "U64", "HI"): lambda x, n, y: (x | y << 32) << min(n, 64) >> 32,
        ("R", "U32", "HI"): lambda x, n, y: y >> min(n, 32),
        ("R", "S32", "HI"): lambda x, n, y: signed(y) >> min(n, 32),
        ("R", "U64"): lambda x, n, y: (x | y << 32) >> min(n, 64),
        ("R", "S64"): lambda x, n, y: signed64(x | y << 32) >> min(n, 64),
    }
    ignored = {("L", "U32"): 3, ("R", "U32", "HI"): 1, ("R", "S32", "HI"): 1}.get(kind)
    if kind not in pairs or ignored and i.operands[ignored] not in ("RZ", "URZ"):
        raise Unknown(i)
    one = pairs[kind]
    return lambda w, lanes: write(w, [one(x, n, y) for x, n, y in zip(low(w), by(w), high(w))], lanes)


COMPARED = {"GE": int.__ge__, "GT": int.__gt__, "LT": int.__lt__, "LE": int.__le__, "EQ": int.__eq__, "NE": int.__ne__}


def compare(i: Instruction):
    """ISETP; .EX: of the upper words, where the lower ones have been compared."""
    first, second = predicate_writer(i.operands[0]), predicate_writer(i.operands[1])
    a, b = source(i.operands[2]), source(i.operands[3])
    relation, unsigned, extended = i.modifiers[0], "U32" in i.modifiers, "EX" in i.modifiers
    combine = next(m for m in i.modifiers if m in ("AND", "OR"))
    holds = COMPARED[relation]
    value = (lambda v: v & ALL) if unsigned else signed

    def run(w, lanes):
        left, right = [value(v) for v in a(w)], [value(v) for v in b(w)]
        found = set_of(holds(x, y) for x, y in zip(left, right))
        if extended:
            equal, lower = set_of(x == y for x, y in zip(left, right)), lanes_of(w, i.operands[5])
            found = found | lower if relation == "NE" else found & ~equal | equal & lower
        other = lanes_of(w, i.operands[4])
        merge = int.__and__ if combine == "AND" else int.__or__
        both = merge(found, other), merge(ALL & ~found, other)
        first(w, both[0], lanes)
        second(w, both[1], lanes)

    return run


def select(i: Instruction):
    write, a, b = writer(i.operands[0]), source(i.operands[1]), source(i.operands[2])
    which = i.operands[3]
    return lambda w, lanes: write(w, merged(b(w), a(w), lanes_of(w, which)), lanes)


def permute_bytes(i: Instruction):
    write, a, by, b = writer(i.operands[0]), *(source(operand) for operand in i.operands[1:4])

    def one(x, selector, y):
        bytes_of = (x | y << 32).to_bytes(8, "little")
        chosen = [selector >> 4 * k & 15 for k in range(4)]
        return int.from_bytes([bytes_of[c & 7] if c < 8 else 255 * (bytes_of[c & 7] >> 7) for c in chosen], "little")

    return lambda w, lanes: write(w, [one(x, s, y) for x, s, y in zip(a(w), by(w), b(w))], lanes)


def of_one(one: Callable[[int], int]):
    """Of the lanes for which it is done alone: others may hold what is no float."""

    def make(i: Instruction):
        write, a = writer(i.operands[0]), source(i.operands[-1])
        return lambda w, lanes: write(w, [one(x) if lanes & bit else 0 for x, bit in zip(a(w), BITS)], lanes)

    return make


def to_float(value: int) -> float:
    return struct.unpack("<f", value.to_bytes(4, "little"))[0]


def from_float(value: float) -> int:
    return int.from_bytes(struct.pack("<f", value), "little")


def float_above(value: int) -> int:
    """I2F.U32.RP: the least float that is not below."""
    bits = from_float(float(value))
    return bits if to_float(bits) >= value else bits + 1


def reciprocal(bits: int) -> int:
    value = to_float(bits)
    return from_float(1 / value) if value else 0x7F800000


def truncated(bits: int) -> int:
    value = to_float(bits)
    return min(max(int(value), 0), ALL) if value == value and value < 2.0**32 else ALL


def leading_zeros(value: int) -> int:
    return 32 - value.bit_length() if value else ALL


def reversed_bits(value: int) -> int:
    return int(f"{value:032b}"[::-1], 2)


def predicates_to_register(i: Instruction):
    write, a, mask = writer(i.operands[0]), source(i.operands[2]), int(i.operands[3], 16)

    def run(w, lanes):
        packed = [sum((w.predicates[p] >> lane & 1) << p for p in range(7)) for lane in LANES]
        write(w, [x & ~mask | p & mask for x, p in zip(a(w), packed)], lanes)

    return run


def register_to_predicates(i: Instruction):
    a, mask = source(i.operands[1]), int(i.operands[2], 16)

    def run(w, lanes):
        values = a(w)
        for p in range(7):
            if mask >> p & 1:
                w.write_predicate(p, set_of(v >> p & 1 for v in values), lanes)

    return run


def special(i: Instruction):
    """S2R: of the first block, which has one warp."""
    write, name = writer(i.operands[0]), i.operands[1]
    if name not in ("SR_TID.X", "SR_CTAID.X", "SR_CgaCtaId", "SR_LANEID"):
        raise Unknown(i)
    values = list(LANES) if name in ("SR_TID.X", "SR_LANEID") else [0] * 32
    return lambda w, lanes: write(w, values, lanes)


def clear_pair(i: Instruction):
    if i.operands[1] != "SRZ":
        raise Unknown(i)
    write = writer64(i.operands[0])
    return lambda w, lanes: write(w, [0] * 32, lanes)


def load_constant(i: Instruction):
    offset, base = constant_offset(i.operands[1])
    index = source(base) if base else source("RZ")
    wide = "64" in i.modifiers
    write = writer64(i.operands[0]) if wide else writer(i.operands[0])

    def run(w, lanes):
        at = [signed(v) + offset if lanes & bit else offset for v, bit in zip(index(w), BITS)]
        write(w, [word(w, o) | (word(w, o + 4) << 32 if wide else 0) for o in at], lanes)

    return run


# ---- between lanes


def vote(i: Instruction):
    outs, rest = leading_predicates(list(i.operands))
    if i.modifiers[0] not in ("ANY", "ALL"):
        raise Unknown(i)
    number = None
    if is_register(i.operands[0]):
        number = writer(i.operands[0])
        outs, rest = list(i.operands[1:]), []
    inputs = outs[1]
    out = predicate_writer(outs[0])

    def run(w, lanes):
        held = lanes_of(w, inputs) & lanes
        if number:
            number(w, [held] * 32, lanes)
        out(w, ALL if (held if i.modifiers[0] == "ANY" else held == lanes) else 0, lanes)

    return run


def shuffle(i: Instruction):
    out, write = predicate_writer(i.operands[0]), writer(i.operands[1])
    a, b, c = (source(operand) for operand in i.operands[2:5])
    kind = i.modifiers[0]

    def run(w, lanes):
        values, by, clamp = a(w), b(w), c(w)
        result, inside = list(values), 0
        for lane in LANES:
            if not lanes >> lane & 1:
                continue
            segment, most = clamp[lane] >> 8 & 31, clamp[lane] & 31
            n = by[lane] & 31
            least, most = lane & segment, (lane & segment) | (most & ~segment)
            from_lane = {"UP": lane - n, "DOWN": lane + n, "BFLY": lane ^ n, "IDX": least | (n & ~segment)}[kind]
            fine = from_lane >= most if kind == "UP" else from_lane <= most
            if fine:
                if not lanes >> from_lane & 1:
                    raise ValueError(f"{i.address:#06x}: lane {lane} asks lane {from_lane}, which is not there")
                result[lane] = values[from_lane]
                inside |= 1 << lane
        write(w, result, lanes)
        out(w, inside, lanes)

    return run


# ---- memory


def address(operand: str) -> Source:
    """[R4+UR5+0x10], [UR4], desc[UR8][R2.64+0x8]"""
    inner = re.fullmatch(r"(?:desc\[UR\d+\])?\[(.*)\]", operand).group(1)
    parts = re.findall(r"(?:^|\+)(-?[\w.]+)", inner)
    parts = [source64(part[:-3]) if part.endswith(".64") else source(part) if "R" in part else int(part, 16) for part in parts]
    offset = sum(part for part in parts if isinstance(part, int))
    parts = [part for part in parts if not isinstance(part, int)]

    def find(w):
        found = [offset] * 32
        for part in parts:
            found = [x + y for x, y in zip(found, part(w))]
        return found

    return find


def size_of(i: Instruction) -> int:
    for modifier, size in (("64", 8), ("128", 16)):
        if modifier in i.modifiers:
            return size
    if {"U8", "S8", "U16", "S16"} & set(i.modifiers):
        raise Unknown(i)
    return 4


def count_accesses(w, addresses: Vector, lanes: int, size: int) -> None:
    """How often an instruction goes to shared memory: 32 banks of 4 bytes, each of which gives one word at a time; half a warp
    at a time for 8 bytes a lane, a quarter for 16."""
    at_a_time = 128 // size
    w.accesses = w.least = 0
    for first in range(0, 32, at_a_time):
        together = [addresses[lane] for lane in range(first, first + at_a_time) if lanes >> lane & 1]
        words = {(address + k) // 4 for address in together for k in range(0, size, 4)}
        if words:
            of_bank = [0] * 32
            for each in words:
                of_bank[each % 32] += 1
            w.accesses += max(of_bank)
            w.least += 1


def load_shared(i: Instruction):
    number, find, size = register(i.operands[0]), address(i.operands[1]), size_of(i)

    def run(w, lanes):
        at = [a & ALL for a in find(w)]
        count_accesses(w, at, lanes, size)
        for k in range(0, size, 4):
            old = list(w.registers[number + k // 4])
            for lane in LANES:
                if lanes >> lane & 1:
                    o = w.place_shared(at[lane], size) + k
                    old[lane] = int.from_bytes(w.shared[o:o + 4], "little")
            w.write(number + k // 4, old, ALL)

    return run


def words_of(operand: str, size: int) -> list[Source]:
    number = register(operand)
    return [source("RZ" if number == 255 else f"R{number + k}") for k in range(size // 4)]


def store_shared(i: Instruction):
    find, size = address(i.operands[0]), size_of(i)
    words = words_of(i.operands[1], size)

    def run(w, lanes):
        at = [a & ALL for a in find(w)]
        count_accesses(w, at, lanes, size)
        values = [of_word(w) for of_word in words]
        for lane in LANES:
            if lanes >> lane & 1:
                o = w.place_shared(at[lane], size)
                w.shared[o:o + size] = b"".join(v[lane].to_bytes(4, "little") for v in values)

    return run


def add_shared(i: Instruction):
    """ATOMS.ADD: lanes of one address one after the other."""
    number, find, add = writer(i.operands[0]), address(i.operands[1]), source(i.operands[2])
    if i.modifiers != ("ADD",):
        raise Unknown(i)

    def run(w, lanes):
        at, values, old, banks = [a & ALL for a in find(w)], add(w), [0] * 32, [0] * 32
        for lane in LANES:
            if lanes >> lane & 1:
                o = w.place_shared(at[lane], 4)
                old[lane] = int.from_bytes(w.shared[o:o + 4], "little")
                w.shared[o:o + 4] = (old[lane] + values[lane] & ALL).to_bytes(4, "little")
                banks[o // 4 % 32] += 1
        w.accesses, w.least = max(banks), 1
        number(w, old, lanes)

    return run


def load_global(i: Instruction):
    number, find, size = register(i.operands[0]), address(i.operands[1]), size_of(i)

    def run(w, lanes):
        at = find(w)
        places = [w.place(at[lane], size) if lanes >> lane & 1 else None for lane in LANES]
        for k in range(0, size, 4):
            values = [int.from_bytes(w.memory[p[0]][p[1] + k:p[1] + k + 4], "little") if p else 0 for p in places]
            w.write(number + k // 4, values, lanes)

    return run


def store_global(i: Instruction):
    find, size = address(i.operands[0]), size_of(i)
    words = words_of(i.operands[1], size)

    def run(w, lanes):
        at, values = find(w), [of_word(w) for of_word in words]
        for lane in LANES:
            if lanes >> lane & 1:
                index, offset = w.place(at[lane], size)
                w.memory[index][offset:offset + size] = b"".join(v[lane].to_bytes(4, "little") for v in values)
                w.written.update((index, o) for o in range(offset, offset + size))

    return run


def copy_to_shared(i: Instruction):
    """LDGSTS, at once."""
    to, find, size = address(i.operands[0]), address(i.operands[1]), size_of(i)

    def run(w, lanes):
        at, into = find(w), [a & ALL for a in to(w)]
        count_accesses(w, into, lanes, size)
        for lane in LANES:
            if lanes >> lane & 1:
                index, offset = w.place(at[lane], size)
                o = w.place_shared(into[lane], size)
                w.shared[o:o + size] = w.memory[index][offset:offset + size]

    return run


def nothing(i: Instruction):
    return lambda w, lanes: None


OPERATIONS = {
    "IADD3": add3, "UIADD3": add3, "IMAD": multiply_add, "UIMAD": multiply_add, "MOV": move, "UMOV": move, "VIADD": add2,
    "VIMNMX": extreme, "VIADDMNMX": extreme, "LOP3": logic3, "ULOP3": logic3, "PLOP3": logic_of_predicates, "LEA": shifted_add,
    "ULEA": shifted_add, "SHF": shift, "USHF": shift, "ISETP": compare, "SEL": select, "PRMT": permute_bytes,
    "POPC": of_one(int.bit_count), "BREV": of_one(reversed_bits), "FLO": of_one(leading_zeros), "I2F": of_one(float_above),
    "MUFU": of_one(reciprocal), "F2I": of_one(truncated), "P2R": predicates_to_register, "R2P": register_to_predicates,
    "S2R": special, "S2UR": special, "CS2R": clear_pair, "LDC": load_constant, "ULDC": load_constant, "VOTE": vote,
    "SHFL": shuffle, "LDS": load_shared, "STS": store_shared, "ATOMS": add_shared, "LDG": load_global, "STG": store_global,
    "LDGSTS": copy_to_shared, "DEPBAR": nothing, "LDGDEPBAR": nothing, "NOP": nothing,
}
# Of those that do more than their name says, the only form that is known.
FORMS = {"I2F": "I2F.U32.RP", "MUFU": "MUFU.RCP", "F2I": "F2I.FTZ.U32.TRUNC.NTZ", "FLO": "FLO.U32.SH"}


def compile_operation(i: Instruction) -> Callable:
    if i.name not in OPERATIONS or FORMS.get(i.name, i.opcode) != i.opcode:
        raise Unknown(i)
    try:
        return OPERATIONS[i.name](i)
    except (ValueError, IndexError, AttributeError) as error:
        raise Unknown(i) from error
