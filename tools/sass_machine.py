"""Runs the machine code of a kernel, one warp of it, on a launch that the emulator saved (SOFTGPU_SAVE): which
instructions the warp is issued, in their order, and how often each access to shared memory goes there.

What a program does on the hardware is known from PTX, and from the results: the memory has to end in the same bits as
under the emulator, which runs the PTX of the same kernel. An instruction that is not known here is an error.

Lanes that part are run one group after the other, each until it waits for others: at BSYNC for those that were there at
BSSY, at WARPSYNC for those that it names.
"""

import bisect
import json
from dataclasses import dataclass, field
from pathlib import Path

from sass_code import Instruction, Kernel
from sass_operations import ALL, BITS, Unknown, compile_operation, lanes_of, merged

RESERVED = 1024  # bytes of shared memory that the system has before those of the kernel, from sm_90 on
PARAMETERS = 0x210  # where they begin in the constant bank


class Wrong(Exception):
    """The machine code does not do what it should."""


@dataclass
class Launch:
    kernel: str
    static_shared: int
    dynamic_shared: int
    parameters: bytes
    begins: list[int]  # of allocations
    before: list[bytes]
    after: list[bytes]
    blocks: int

    def shared_memory(self) -> int:
        return (self.static_shared + 15) // 16 * 16 + self.dynamic_shared


def read_launch(path: Path) -> Launch:
    with open(path, "rb") as file:
        head = json.loads(file.readline())
        sizes = [size for _, size in head["allocations"]]
        before = [file.read(size) for size in sizes]
        after = [file.read(size) for size in sizes]
    if [len(contents) for contents in after] != sizes:
        raise Wrong(f"{path} is cut off")
    return Launch(head["kernel"], head["static_shared"], head["dynamic_shared"], bytes.fromhex(head["parameters"]),
                  [begin for begin, _ in head["allocations"]], before, after, head["grid"][0])


@dataclass
class Warp:
    """Registers are lists of 32 numbers without sign; predicates, and sets of lanes, are bits of a number."""

    constants: bytes
    shared: bytearray
    begins: list[int]
    memory: list[bytearray]
    registers: list[list[int]] = field(default_factory=lambda: [[0] * 32 for _ in range(256)])
    uniform: list[list[int]] = field(default_factory=lambda: [[0] * 32 for _ in range(64)])
    predicates: list[int] = field(default_factory=lambda: [0] * 7 + [ALL])
    uniform_predicates: list[int] = field(default_factory=lambda: [0] * 7 + [ALL])
    written: set[tuple[int, int]] = field(default_factory=set)  # allocation, offset of bytes
    accesses: int = 0  # to shared memory that the last instruction needed,
    least: int = 0  # and would need without conflicts of banks

    def write(self, register: int, values: list[int], lanes: int) -> None:
        if register != 255:
            self.registers[register] = values if lanes == ALL else merged(self.registers[register], values, lanes)

    def write_predicate(self, predicate: int, values: int, lanes: int) -> None:
        if predicate != 7:
            self.predicates[predicate] = self.predicates[predicate] & ~lanes | values & lanes

    def place(self, address: int, size: int) -> tuple[int, int]:
        """In global memory: allocation and offset."""
        index = bisect.bisect_right(self.begins, address) - 1
        offset = address - self.begins[index] if index >= 0 else 0
        if index < 0 or offset + size > len(self.memory[index]) or address % size:
            raise Wrong(f"access to {size} bytes at {address:#x}, where there is nothing")
        return index, offset

    def place_shared(self, address: int, size: int) -> int:
        if address < RESERVED or address + size > len(self.shared) or address % size:
            raise Wrong(f"access to {size} bytes at {address:#x} of shared memory, where there is nothing")
        return address


def start(launch: Launch) -> Warp:
    """The warp of the first block."""
    constants = bytearray(PARAMETERS) + launch.parameters + bytes(256)
    constants[0:4] = (32).to_bytes(4, "little")  # blockDim.x
    shared = bytearray(b"\xcd" * (RESERVED + launch.shared_memory()))
    return Warp(bytes(constants), shared, launch.begins, [bytearray(contents) for contents in launch.before])


@dataclass
class Trace:
    """What the warp was issued: indices of instructions, the accesses to shared memory that each needed, and how many it would
    need without conflicts of banks. At each vote of all
    lanes, where those of a loop meet: registers (lists that nobody changes)."""

    issued: list[int] = field(default_factory=list)
    accesses: list[int] = field(default_factory=list)
    least: list[int] = field(default_factory=list)
    meetings: list[tuple[int, list[list[int]]]] = field(default_factory=list)  # place in the trace


@dataclass
class Window:
    """A part of a trace that begins and ends where the loop over batches does."""

    issued: list[int]
    accesses: list[int]
    least: list[int]
    steps: float  # of a training, on average


def counts_steps(values: list[list[int]], steps: int) -> bool:
    """Of a register at all meetings: does it never fall, and end at `steps` in all lanes, from fewer?"""
    rises = all(x <= y for before, after in zip(values, values[1:]) for x, y in zip(before, after))
    return rises and max(values[0]) < steps and values[-1] == [steps] * 32


def window_of(trace: Trace, steps: int) -> Window:
    """From the first meeting to the last one at which no training has ended. `steps`: that each has done in the end."""
    for instruction in sorted({trace.issued[place] for place, _ in trace.meetings}):
        met = [meeting for meeting in trace.meetings if trace.issued[meeting[0]] == instruction]
        last = met[-1][1]
        for register in (r for r in range(255) if last[r] == [steps] * 32):
            counts = [registers[register] for _, registers in met]
            going_on = [n for n, count in enumerate(counts) if max(count) < steps]
            if counts_steps(counts, steps) and len(going_on) > 1:
                begin, end = met[going_on[0]][0], met[going_on[-1]][0]
                done = sum(counts[going_on[-1]]) - sum(counts[going_on[0]])
                return Window(trace.issued[begin:end], trace.accesses[begin:end], trace.least[begin:end], done / 32)
    raise Wrong("no register counts steps where lanes meet")


class Control:
    """Groups of lanes: one runs, some wait to run, others wait for each other."""

    def __init__(self, kernel: Kernel):
        self.labels = kernel.labels
        self.at, self.lanes = 0, ALL
        self.ready: list[tuple[int, int]] = []
        self.waiting: dict[tuple[str, int], int] = {}  # by what and where to go on: lanes
        self.barriers: dict[str, list[tuple[int, int]]] = {}  # of each lane: lanes that meet, and where
        self.exited = 0
        self.behind: list[int] = []  # where to go on after the collective instruction

    def target(self, operand: str) -> int:
        return self.labels[operand.strip("`()")]

    def next_group(self) -> None:
        if self.ready:
            self.at, self.lanes = self.ready.pop()
        else:
            self.lanes = 0

    def wait(self, key: tuple[str, int], expected: int) -> None:
        """The running lanes wait at a place until all that are expected do."""
        waiting = self.waiting.get(key, 0) | self.lanes
        if waiting | self.exited & expected == expected:
            self.waiting.pop(key, None)
            self.lanes, self.at = waiting, key[1]
        else:
            self.waiting[key] = waiting
            self.next_group()

    def look_again(self) -> None:
        """After lanes have left: are others complete?"""
        for (what, where), waiting in list(self.waiting.items()):
            expected = self.barriers[what][waiting.bit_length() - 1][0] if what in self.barriers else ALL
            if waiting | self.exited & expected == expected:
                del self.waiting[what, where]
                self.ready.append((where, waiting))

    def branch(self, taken: int, target: int) -> None:
        stay = self.lanes & ~taken
        if taken and stay:
            self.ready.append((target, taken))
            self.lanes, self.at = stay, self.at + 1
        else:
            self.at = target if taken else self.at + 1

    def run(self, instruction: Instruction, active: int, warp: Warp) -> None:
        """An instruction that decides what runs next, for the active ones of the running lanes."""
        name, operands = instruction.name, instruction.operands
        if name == "BRA" and "DIV" in instruction.modifiers:
            named = warp.uniform[int(operands[0][2:])][0]
            self.branch(active if self.lanes != named & ~self.exited else 0, self.target(operands[-1]))
        elif name == "BRA":
            taken = active
            if len(operands) == 2:
                taken &= lanes_of(warp, operands[0])
            self.branch(taken, self.target(operands[-1]))
        elif name == "EXIT":
            self.exited |= active
            self.lanes &= ~active
            self.at += 1
            if not self.lanes:
                self.next_group()
            self.look_again()
            if not self.lanes:
                self.next_group()
        elif name == "BSSY":
            where = self.target(operands[1])
            of_lanes = self.barriers.setdefault(operands[0], [(0, 0)] * 32)
            for lane in range(32):
                if self.lanes >> lane & 1:
                    of_lanes[lane] = (self.lanes, where)
            self.at += 1
        elif name == "BSYNC":
            expected, where = self.barriers[operands[0]][self.lanes.bit_length() - 1]
            self.wait((operands[0], where), expected)
        elif name == "BREAK":
            self.leave_barrier(operands[0], active)
            self.at += 1
            self.look_again()
        elif name == "WARPSYNC":
            if "COLLECTIVE" in instruction.modifiers:
                self.behind.append(self.target(operands[1]))
            expected = ALL
            if "ALL" not in instruction.modifiers:
                expected = warp.registers[int(operands[0][1:])][self.lanes.bit_length() - 1]
            self.wait((f"lanes {expected:08x}", self.at + 1), expected)
        elif name == "ENDCOLLECTIVE":
            self.at = self.behind.pop()
        else:
            raise Unknown(instruction)

    def leave_barrier(self, barrier: str, lanes: int) -> None:
        of_lanes = self.barriers[barrier]
        for lane in range(32):
            met, where = of_lanes[lane]
            of_lanes[lane] = (met & ~lanes if not lanes >> lane & 1 else met, where)


DECIDES = {"BRA", "EXIT", "BSSY", "BSYNC", "BREAK", "WARPSYNC", "ENDCOLLECTIVE"}


def execute(kernel: Kernel, warp: Warp) -> Trace:
    """From the first instruction until all lanes have exited."""
    control, trace = Control(kernel), Trace()
    code = [None if i.name in DECIDES else compile_operation(i) for i in kernel.instructions]
    guards = [i.guard for i in kernel.instructions]
    meets = [i.name == "VOTE" for i in kernel.instructions]
    while control.lanes:
        at = control.at
        active = control.lanes
        if guards[at]:
            active &= lanes_of(warp, guards[at])
        trace.issued.append(at)
        warp.accesses = warp.least = 0
        if code[at]:
            if meets[at] and control.lanes == ALL:
                trace.meetings.append((len(trace.issued) - 1, list(warp.registers)))
            if active:
                code[at](warp, active)
            control.at += 1
        else:
            control.run(kernel.instructions[at], active, warp)
        trace.accesses.append(warp.accesses)
        trace.least.append(warp.least)
    if control.exited != ALL:
        raise Wrong("lanes wait for others that never come")
    return trace


def differences(warp: Warp, launch: Launch) -> int:
    """Bytes that the emulator left with another value: all, where the warp is the only one of the launch, or those written."""
    if launch.blocks > 1:
        return sum(warp.memory[index][offset] != launch.after[index][offset] for index, offset in warp.written)
    return sum(x != y for ours, theirs in zip(warp.memory, launch.after) if ours != theirs for x, y in zip(ours, theirs))
