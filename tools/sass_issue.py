"""An issue model of one scheduler of a multiprocessor (sm_90): some warps, each of which is issued the instructions of a
trace in order, at most one of all in a cycle.

From the encoding: stall cycles, waits for scoreboards, the wish to yield. Assumed, with where it is from:

- Latencies of what releases a scoreboard, in LATENCY: published microbenchmarks of Hopper (shared memory, L2) and of Volta
  to Ampere (the others), which agree within a few cycles from one generation to the next.
- Cycles for which an instruction keeps its pipe, in PIPES: 32 / the lanes a cycle that a scheduler has of it, from the table
  of throughputs in the CUDA C++ Programming Guide for 9.0. IMAD.WIDE and .HI, which the guide does not have, are taken to need
  the multiplier twice.
- Shared memory: 128 bytes a cycle for a multiprocessor, of which each of four schedulers that are equally busy has a
  quarter; five instructions may wait for it before a scheduler has to.
- Which warp: the one that was issued the last instruction as long as it can go on ("greedy", then the one that has waited for
  longest), or in turns ("turns").

Left out: the instruction cache and fetching behind a branch, conflicts of the banks of registers, L1, and what other
schedulers do to the memory.
"""

from collections import deque
from dataclasses import dataclass

from sass_code import NONE, SCOREBOARDS, Instruction

# Cycles from issue until the result may be read.
LATENCY = {"LDS": 29, "STS": 29, "ATOMS": 60, "SHFL": 24, "VOTE": 12, "LDG": 263, "STG": 263, "LDGSTS": 263, "LDC": 30,
           "ULDC": 30, "S2R": 24, "S2UR": 24, "POPC": 18, "FLO": 18, "BREV": 18, "MUFU": 22, "I2F": 18, "F2I": 18, "R2UR": 12,
           "DEPBAR": 0}
OTHER_LATENCY = 24
READ_LATENCY = 11  # until the sources of an instruction for memory have been read

MEMORY = ("LDS", "STS", "ATOMS", "SHFL", "LDG", "STG", "LDGSTS")
WAITING_FOR_MEMORY = 5  # instructions of a scheduler
SHARE_OF_MEMORY = 4  # schedulers that have it in turns

ALU = {"IADD3", "LOP3", "ISETP", "SEL", "SHF", "LEA", "VIADD", "VIMNMX", "VIADDMNMX", "PRMT", "PLOP3", "MOV", "P2R", "R2P",
       "VOTE"}
SLOW = {"POPC", "FLO", "BREV", "MUFU", "I2F", "F2I"}  # 4 lanes a cycle


def pipe_of(instruction: Instruction) -> tuple[str, int]:
    """The pipe, and for how many cycles it is kept."""
    name = instruction.name
    if name == "IMAD":
        return "FMA", 4 if {"WIDE", "HI"} & set(instruction.modifiers) else 2
    if name in ALU:
        return "ALU", 2
    if name in SLOW:
        return "XU", 8
    if name in MEMORY:
        return "memory", 0  # by what it does there
    if name.startswith("U") or name in ("S2UR", "R2UR"):
        return "uniform", 2
    return "other", 1


@dataclass(frozen=True)
class Step:
    """An instruction as the scheduler sees it."""

    pipe: str
    cycles: int  # of the pipe
    stall: int
    yields: bool
    waits: tuple[int, ...]
    write: int
    read: int
    latency: int


def step_of(instruction: Instruction) -> Step:
    control, (pipe, cycles) = instruction.control, pipe_of(instruction)
    waits = tuple(b for b in range(SCOREBOARDS) if control.wait >> b & 1)
    return Step(pipe, cycles, max(control.stall, 1), control.yields, waits, control.write, control.read,
                LATENCY.get(instruction.name, OTHER_LATENCY))


class Memory:
    """The way to shared memory and to the lanes of others: when an instruction gets through, and when the next one may come."""

    def __init__(self):
        self.free, self.queue = 0, deque()

    def earliest(self, now: int) -> int:
        """Cycle from which there is room for one more."""
        while self.queue and self.queue[0] <= now:
            self.queue.popleft()
        return now if len(self.queue) < WAITING_FOR_MEMORY else self.queue[len(self.queue) - WAITING_FOR_MEMORY]

    def delay(self, now: int, accesses: int) -> int:
        """Cycles that one which is issued now waits for others, and for its own accesses but the first."""
        begin = max(now, self.free)
        self.free = begin + SHARE_OF_MEMORY * accesses
        self.queue.append(begin)
        return begin - now + accesses - 1


@dataclass
class Progress:
    """Of one warp."""

    at: int  # in its trace
    left: int
    ready: int  # cycle from which its stall is over
    boards: list[int]  # cycles at which they are released
    issued: int = -1  # cycle of its last instruction


def earliest(warp: Progress, step: Step, free: dict[str, int], memory: Memory) -> int:
    """Cycle in which the warp could be issued its next instruction."""
    cycle = warp.ready
    for board in step.waits:
        if warp.boards[board] > cycle:
            cycle = warp.boards[board]
    if step.pipe == "memory":
        return memory.earliest(cycle)
    return max(cycle, free.get(step.pipe, 0))


def choose(candidates: list[int], last: int, yields: bool, warps: list[Progress], policy: str) -> int:
    if policy == "turns":
        return min(candidates, key=lambda w: (w - last - 1) % len(warps))
    if last in candidates and not yields:
        return last
    others = [w for w in candidates if w != last]
    return min(others or candidates, key=lambda w: warps[w].issued)


def cycles_of(steps: list[Step], issued: list[int], accesses: list[int], warps: int, policy: str = "greedy",
              clock: list[int] | None = None) -> int:
    """Until each warp has been issued the whole trace. They begin at different places of it, and go on at its beginning. `clock`
    is given the cycle of each instruction that is issued."""
    length = len(issued)
    progress = [Progress(w * length // warps, length, 0, [0] * SCOREBOARDS) for w in range(warps)]
    free, memory, last, yields, now = {}, Memory(), 0, False, 0
    running = list(range(warps))
    while running:
        times = [earliest(progress[w], steps[issued[progress[w].at]], free, memory) for w in running]
        now = max(now, min(times))
        chosen = choose([w for w, time in zip(running, times) if time <= now], last, yields, progress, policy)
        warp = progress[chosen]
        step = steps[issued[warp.at]]
        waited = memory.delay(now, max(accesses[warp.at], 1)) if step.pipe == "memory" else 0
        free[step.pipe] = now + step.cycles
        if step.write != NONE:
            warp.boards[step.write] = max(warp.boards[step.write], now + waited + step.latency)
        if step.read != NONE:
            warp.boards[step.read] = max(warp.boards[step.read], now + waited + READ_LATENCY)
        warp.ready, warp.issued = now + step.stall, now
        warp.at = (warp.at + 1) % length
        warp.left -= 1
        last, yields = chosen, step.yields
        if clock is not None:
            clock.append(now)
        now += 1
        if not warp.left:
            running.remove(chosen)
    return now
