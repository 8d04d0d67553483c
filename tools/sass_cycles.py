"""What sass-report.sh --cycles prints: instructions a cycle and cycles of a training step for each advance kernel.

A launch of each is run by the emulator and saved; the machine code is run on it (sass_machine.py), has to leave the same bits,
and tells which instructions a warp is issued in its steps. The issue model (sass_issue.py) tells how long these take, with as
many warps on a scheduler as the shared memory and the registers of an H100 leave room for.
"""

import os
import re
import struct
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sass_code import Kernel, block_starts, read_kernels
from sass_issue import cycles_of, step_of
from sass_machine import Launch, Window, Wrong, differences, execute, read_launch, start, window_of
from sass_operations import Unknown

SHARED_MEMORY = 228 * 1024  # of a multiprocessor, of which each block takes 1 KiB more than it asks for
REGISTERS = 65536
BLOCKS = 32
SCHEDULERS = 4
MOST_WARPS = 4  # of a scheduler: 128 registers a thread
GROWTH = 1.05  # allowed by the check


@dataclass(frozen=True)
class Case:
    neurons: int
    eta: float  # 0: rectified linear units
    lanes: int  # that share a training
    steps: int = 128
    dimension: int = 1

    def name(self) -> str:
        kind = "rectified" if self.eta == 0 else f"eta {self.eta:g}"
        return f"{self.neurons}, {kind}" + (f", {self.dimension} coordinates" if self.dimension > 1 else "")


CASES = [Case(m, 4e-3, 1) for m in (8, 20, 32, 64, 80)] + [Case(m, 4e-2, 1, 64) for m in (20, 64)]
CASES += [Case(m, 4e-3, lanes, 64) for m, lanes in ((113, 4), (128, 4), (256, 4), (512, 8), (1024, 16), (2048, 32), (4096, 32))]
CASES += [Case(m, 4e-2, lanes, 32) for m, lanes in ((128, 4), (256, 4), (512, 8), (1024, 16), (2048, 32))]
CASES += [Case(m, 0, lanes, 32) for m, lanes in ((20, 4), (64, 8), (256, 16), (1024, 32))] + [Case(20, 4e-3, 4, 32, 2)]


@dataclass
class Result:
    """Of a case."""

    case: Case
    kind: str
    size: int  # batch of ranked kernels, lanes of the others
    trainings: int  # of a warp
    blocks: int  # that a multiprocessor holds
    instructions: float  # of a warp for a step of all its trainings
    accesses: float  # to shared memory, of these
    conflicts: float  # accesses that conflicts of banks add
    cycles: dict[int, float]  # of a scheduler for such a step, by the number of its warps

    def key(self) -> tuple[str, ...]:
        case = self.case
        return self.kind, str(self.size), str(case.neurons), f"{case.eta:g}", str(case.dimension)

    def rate(self, warps: int) -> float:
        """Instructions a cycle of a scheduler."""
        return self.instructions / self.cycles[warps]

    def schedulers(self) -> list[int]:
        """Warps of each."""
        return [(self.blocks + SCHEDULERS - 1 - s) // SCHEDULERS for s in range(SCHEDULERS)]

    def multiprocessor_rate(self) -> float:
        """Instructions a cycle of a scheduler, on average, with the warps that fit."""
        return sum(self.rate(warps) for warps in self.schedulers() if warps) / SCHEDULERS

    def training_cycles(self) -> float:
        """Cycles of a multiprocessor for a step of one training."""
        steps = sum(self.trainings / self.cycles[warps] for warps in self.schedulers() if warps)
        return 1 / steps


def sections_of(elf: bytes) -> dict[str, tuple[int, bytes]]:
    """By name: what a section says about itself ("info" of its header), and its contents."""
    (at,) = struct.unpack_from("<Q", elf, 0x28)
    size, count, names = struct.unpack_from("<HHH", elf, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, at + size * n) for n in range(count)]
    strings = elf[headers[names][4]:]
    return {strings[h[0]:strings.index(b"\0", h[0])].decode(): (h[7], elf[h[4]:h[4] + h[5]]) for h in headers}


def registers_of(cubin: bytes, kernel: str) -> int:
    """Of a thread. In .nv.info an entry 04 2f, 8 bytes long, has the symbol of a function and its registers."""
    sections = sections_of(cubin)
    symbol = next(info & 0xFFFFFF for name, (info, _) in sections.items() if name.startswith(".text.") and kernel in name)
    entry = struct.pack("<BBHI", 4, 0x2F, 8, symbol)
    contents = sections[".nv.info"][1]
    if entry not in contents:
        raise Wrong(f"the machine code does not tell the registers of {kernel}")
    return struct.unpack_from("<I", contents, contents.index(entry) + len(entry))[0]


def blocks_that_fit(launch: Launch, registers: int) -> int:
    """Of one warp, on a multiprocessor of an H100."""
    of_warp = (registers + 7) // 8 * 8 * 32
    return min(SHARED_MEMORY // (launch.shared_memory() + 1024), REGISTERS // of_warp, BLOCKS)


def save_launch(case: Case, build: Path, path: Path) -> None:
    """The launch of the case, as the emulator runs it."""
    environment = os.environ | {"LD_LIBRARY_PATH": str(build / "emulator"), "SOFTGPU_CC": "90", "SOFTGPU_SAVE": f"advance:{path}"}
    command = [build / "timescape_steps", case.neurons, f"{case.eta:g}", case.lanes, case.steps, case.dimension]
    path.unlink(missing_ok=True)
    subprocess.run([str(word) for word in command], env=environment, check=True)
    if not path.exists():
        raise Wrong(f"{case.name()}: the emulator saved no launch; is {build} of this state?")


def run_machine_code(case: Case, kernel: Kernel, launch: Launch) -> Window:
    """The trace of the steps; the results have to be those of the emulator."""
    warp = start(launch)
    trace = execute(kernel, warp)
    wrong = differences(warp, launch)
    if wrong:
        raise Wrong(f"{case.name()}: the machine code leaves {wrong} bytes of memory that differ from those that the emulator "
                    "leaves; was the build with the emulator made of these kernels?")
    return window_of(trace, case.steps)


def study(case: Case, work: Path, build: Path, policy: str) -> tuple[Result, Kernel, Window]:
    path = work / f"launch-{case.neurons}-{case.eta:g}-{case.lanes}-{case.dimension}.bin"
    save_launch(case, build, path)
    launch = read_launch(path)
    kind, size = re.search(r"advance_(\w+)_kernel<(\d+)>", launch.kernel).groups()
    kernel = read_kernels((work / f"{kind}.sass").read_text())[int(size)]
    window = run_machine_code(case, kernel, launch)
    path.unlink()
    steps = [step_of(instruction) for instruction in kernel.instructions]
    registers = registers_of((work / f"{kind}.cubin").read_bytes(), f"advance_{kind}_kernelILi{size}E")
    cycles = {warps: cycles_of(steps, window.issued, window.accesses, warps, policy) / (warps * window.steps)
              for warps in range(1, MOST_WARPS + 1)}
    result = Result(case, kind, int(size), 32 if kind == "ranked" else 32 // int(size),
                    min(blocks_that_fit(launch, registers), SCHEDULERS * MOST_WARPS), len(window.issued) / window.steps,
                    sum(window.accesses) / window.steps, (sum(window.accesses) - sum(window.least)) / window.steps, cycles)
    return result, kernel, window


def result_of(task: tuple) -> Result:
    return study(*task)[0]


def results(work: Path, build: Path, policy: str) -> list[Result]:
    with ProcessPoolExecutor() as pool:
        tasks = [pool.submit(result_of, (case, work, build, policy)) for case in CASES]
        try:
            return [task.result() for task in tasks]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def print_results(found: list[Result]) -> None:
    print("| m | kernel | trainings of a warp | warps that fit | instructions of a warp for a step | accesses to shared memory (of "
          "these by conflicts) | a cycle with 1, 2, 3, 4 warps on a scheduler | with those that fit | cycles of a multiprocessor for "
          "a step of a training |")
    print("|---|---|---|---|---|---|---|---|---|")
    for r in found:
        rates = ", ".join(f"{r.rate(warps):.2f}" for warps in r.cycles)
        print(f"| {r.case.name()} | {r.kind}, {r.size} | {r.trainings} | {r.blocks} | {r.instructions:.0f} | {r.accesses:.0f} "
              f"({r.conflicts:.0f}) | {rates} | {r.multiprocessor_rate():.2f} | {r.training_cycles():.3g} |")


# ---- the baseline

HEAD = """# Steps of the advance kernels in the issue model, sm_90: kernel, batch or lanes, neurons, eta (0: rectified), coordinates;
# cycles of a multiprocessor of an H100 for a step of a training; instructions a cycle with one to four warps on a scheduler.
"""


def baseline_text(found: list[Result]) -> str:
    lines = (f"{' '.join(r.key())} {r.training_cycles():.4g} " + " ".join(f"{r.rate(w):.3f}" for w in r.cycles) for r in found)
    return HEAD + "".join(f"{line}\n" for line in lines)


def rates_text(found: list[Result]) -> str:
    """The rates for bench/issue_rates.c."""
    return "".join(f"{{TS_FORM_{r.kind.upper()}, {r.size}, {r.case.neurons}, {{" +
                   ", ".join(f"{r.rate(warps):.3f}" for warps in r.cycles) + "}},\n" for r in found)


def read_baseline(text: str) -> dict[tuple[str, ...], float]:
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {tuple(row[:5]): float(row[5]) for row in rows}


def grown(found: list[Result], before: dict[tuple[str, ...], float]) -> list[str]:
    """Sentences on kernels that take longer than they did, or that nobody has looked at."""
    sentences = []
    for r in found:
        name, cycles = " ".join(r.key()), r.training_cycles()
        if r.key() not in before:
            sentences.append(f"{name}: is not in the baseline (--update)")
        elif not cycles <= GROWTH * before[r.key()]:
            sentences.append(f"{name}: {before[r.key()]:.4g} cycles before, {cycles:.4g} now")
    return sentences


def check_cycles(found: list[Result], baseline: Path) -> int:
    sentences = grown(found, read_baseline(baseline.read_text()))
    print("\n".join(sentences) if sentences else f"sass-report: {len(found)} kernels and sizes, none takes 5 per cent longer")
    return 1 if sentences else 0


# ---- where the cycles of one case go


def print_blocks(case: Case, work: Path, build: Path, policy: str) -> None:
    """Basic blocks by what they cost a warp that is alone."""
    result, kernel, window = study(case, work, build, policy)
    print(f"{case.name()}: {result.kind}, {result.size}; {result.instructions:.0f} instructions of a warp for a step\n")
    starts = [*block_starts(kernel), len(kernel.instructions)]
    block_of = [n for n, (begin, end) in enumerate(zip(starts, starts[1:])) for _ in range(begin, end)]
    times = [0.0] * len(starts)
    issued = [0] * len(starts)
    steps, clock = [step_of(i) for i in kernel.instructions], []
    cycles_of(steps, window.issued, window.accesses, 1, policy, clock)
    for index, (at, now, then) in enumerate(zip(window.issued, clock, [*clock[1:], clock[-1]])):
        times[block_of[at]] += then - now
        issued[block_of[at]] += 1
    print("| block | instructions | runs in a step | instructions of a step | cycles of a step, alone |")
    print("|---|---|---|---|---|")
    for n in sorted(range(len(starts) - 1), key=lambda n: -times[n])[:40]:
        length = starts[n + 1] - starts[n]
        of_step = issued[n] / window.steps
        print(f"| {kernel.instructions[starts[n]].address:#06x} | {length} | {of_step / length:.3f} | {of_step:.1f} | "
              f"{times[n] / window.steps:.1f} |")


def run(options) -> int:
    asked_for = [case for case in CASES if case.neurons == options.blocks]
    if options.blocks is not None and not asked_for:
        allowed = ", ".join(str(m) for m in sorted({case.neurons for case in CASES}))
        print(f"sass-report: --blocks: found {options.blocks}, allowed are {allowed}", file=sys.stderr)
        return 2
    if not (options.build / "timescape_steps").exists() or not (options.build / "emulator" / "libcudart.so.13").exists():
        print(f"sass-report: {options.build} is no build with the emulator (-D TIMESCAPE_EMULATOR=ON)", file=sys.stderr)
        return 1
    try:
        for case in asked_for:
            print_blocks(case, options.sass, options.build, options.policy)
        if asked_for:
            return 0
        found = results(options.sass, options.build, options.policy)
    except (Wrong, Unknown, subprocess.CalledProcessError) as error:
        print(f"sass-report: {error}", file=sys.stderr)
        return 1
    if options.check:
        return check_cycles(found, options.cycles_baseline)
    if options.update:
        options.cycles_baseline.write_text(baseline_text(found))
        options.rates.write_text(rates_text(found))
        return 0
    print_results(found)
    return 0
