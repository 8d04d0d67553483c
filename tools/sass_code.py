"""Machine code of a kernel as nvdisasm -hex -c prints it: instructions with the control bits of their encoding.

An instruction of sm_70 and later has 128 bits. The upper ones tell the scheduler what the compiler knows of the hardware:

    bits 105-108  stall   cycles until the next instruction of the warp may be issued
    bit  109      yield   0: another warp is preferred for the next cycle
    bits 110-112  write   number of the scoreboard that is released when the result is there; 7: none
    bits 113-115  read    the same for when the sources have been read
    bits 116-121  wait    scoreboards, a bit each, that have to be released before this instruction is issued
    bits 122-125  reuse   sources that stay in the cache of the operands
"""

import re
from dataclasses import dataclass
from functools import cached_property

SCOREBOARDS = 6
NONE = 7  # of the scoreboards


@dataclass(frozen=True)
class Control:
    stall: int
    yields: bool
    write: int
    read: int
    wait: int
    reuse: int


@dataclass(frozen=True)
class Instruction:
    address: int
    guard: str  # a predicate, perhaps with "!" before it; "": none
    opcode: str
    operands: tuple[str, ...]
    control: Control

    @cached_property
    def name(self) -> str:
        return self.opcode.split(".")[0]

    @cached_property
    def modifiers(self) -> tuple[str, ...]:
        return tuple(self.opcode.split(".")[1:])


@dataclass
class Kernel:
    size: int  # the batch or the lanes that it is an instance for
    instructions: list[Instruction]
    labels: dict[str, int]  # index of an instruction


def control_of(upper: int) -> Control:
    """Of the upper 64 bits of an instruction."""
    bits = upper >> 41
    return Control(stall=bits & 15, yields=not bits >> 4 & 1, write=bits >> 5 & 7, read=bits >> 8 & 7, wait=bits >> 11 & 63,
                   reuse=bits >> 17 & 15)


def split_operands(text: str) -> tuple[str, ...]:
    """At commas, without what tells the cache of the operands what to keep: that is in the control bits."""
    return tuple(part.strip().replace(".reuse", "") for part in text.split(",")) if text.strip() else ()


LABEL = re.compile(r"(\.L\w+):")
TEXT = re.compile(r"\s+/\*([0-9a-f]{4,})\*/\s+(?:@(!?U?P\w+)\s+)?([A-Z][\w.]*)\s*([^;]*);\s*/\* 0x([0-9a-f]{16}) \*/")
UPPER = re.compile(r"\s+/\* 0x([0-9a-f]{16}) \*/\s*$")


def read_code(text: str) -> tuple[list[Instruction], dict[str, int]]:
    """Of one section: instructions, and where labels stand."""
    instructions, labels, begun = [], {}, None
    for line in text.splitlines():
        if label := LABEL.match(line):
            labels[label.group(1)] = len(instructions)
        elif match := TEXT.match(line):
            begun = match
        elif begun and (upper := UPPER.match(line)):
            address, guard, opcode, operands, _ = begun.groups()
            instructions.append(Instruction(int(address, 16), guard or "", opcode, split_operands(operands),
                                            control_of(int(upper.group(1), 16))))
            begun = None
    return instructions, labels


def read_kernels(text: str) -> dict[int, Kernel]:
    """All instances of a kernel in what nvdisasm says, by the number that is their argument."""
    found = {}
    for section in re.split(r"\.section\s+\.text\.", text)[1:]:
        size = int(re.search(r"ILi(\d+)E", section).group(1))
        found[size] = Kernel(size, *read_code(section))
    return found


def block_starts(kernel: Kernel) -> list[int]:
    """Indices at which basic blocks begin: where something jumps to, and behind what may jump."""
    starts = {0, *kernel.labels.values()}
    for index, instruction in enumerate(kernel.instructions):
        if instruction.name in ("BRA", "BSYNC", "EXIT", "WARPSYNC", "ENDCOLLECTIVE"):
            starts.add(index + 1)
    return sorted(start for start in starts if start < len(kernel.instructions))
