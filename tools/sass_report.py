"""What sass-report.sh makes of the disassembled kernels: instructions by part of a step, by pipe, and bounds.

Each instruction belongs to the innermost function of the source that has a line in PARTS (the disassembler tells where it
was inlined). How often a part runs in a step depends on the number of neurons and on how many of them are in transition;
Case has the formulas. They are estimates: neurons are taken to lie anywhere with equal probability.
"""

import argparse
import math
import re
import sys
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import sass_cycles

JUMPS = 5  # of the paper's target
WARP = 32
PIPES = ["ALU", "FMA", "memory", "other"]

# What runs in every launch, or rarely: not counted.
UNCOUNTED = {
    "ranked": ["ts_ranked_examine", "ts_ranked_exchange", "ts_ranked_load", "ts_ranked_store"],
    "dealt": ["step", "examine", "ts_dealt_sort", "ts_dealt_exchange", "ts_dealt_load", "ts_dealt_store", "ts_dealt_in"],
    "blocked": ["examine", "ts_blocked_sort", "ts_blocked_load", "ts_blocked_store", "ts_blocked_sum_up", "show_sums"],
    "plain": ["examine", "load", "store"],
}
# Innermost first.
PARTS = {
    "ranked": ["sort", "learn", "look", "step", "settle", "targets", "ranks", "draw", "steps", "advance"],
    "dealt": ["targets", "ranks", "count", "draw", "take", "steps", "move", "apply", "order", "rows", "batch"],
    "blocked": ["sort", "draw", "output", "move", "grow", "look_at_weight", "look", "lazy_of", "on", "sums", "step",
                "advance"],
    "plain": ["forward", "backward", "relu_forward", "relu_backward", "targets", "draw", "step"],
}
FUNCTIONS = {
    "ranked": {"ts_add_targets": "targets"} | {f"ts_ranked_{part}": part for part in PARTS["ranked"]},
    "dealt": {"ts_add_targets": "targets", "ts_dealt_ranks": "ranks", "ts_dealt_count": "count", "ts_dealt_draw": "draw",
              "ts_dealt_take": "take", "do_steps": "steps", "ts_dealt_move": "move", "ts_dealt_apply": "apply",
              "ts_dealt_disordered": "order", "ts_dealt_pass": "rows", "settle": "batch", "deal": "batch", "move": "batch",
              "apply": "batch", "batch": "batch", "advance": "batch"},
    "blocked": {"sort": "sort", "draw": "draw", "ts_blocked_output": "output", "ts_blocked_move": "move", "move": "move",
                "grow": "grow", "look_at_weight": "look_at_weight", "look": "look", "lazy_of": "lazy_of",
                "ts_blocked_look": "on", "ts_blocked_learn_on": "on", "ts_blocked_full": "sums",
                "ts_blocked_sum": "sums", "ts_blocked_learn": "sums", "step": "step", "advance": "advance"},
    "plain": {"ts_plain_target": "targets", "draw_ahead": "draw", "draw_further": "draw", "ts_forward": "forward",
              "ts_backward": "backward", "ts_relu_forward": "relu_forward", "ts_relu_backward": "relu_backward",
              "look": "step", "step": "step", "advance": "step"},
}

# Multiprocessors and highest clock from the makers' data sheets; four schedulers each issue an instruction a cycle.
GPUS = {"A100 SXM": (108, 1.41e9), "RTX 4090": (128, 2.52e9), "H100 SXM": (132, 1.98e9), "H200 SXM": (132, 1.98e9)}


def pipe(opcode: str) -> str:
    name = opcode.split(".")[0]
    if name.startswith(("IMAD", "FFMA", "FMUL", "FADD")):
        return "FMA"
    if name in ("IADD3", "LOP3", "ISETP", "SEL", "SHF", "LEA", "VIADD", "VIMNMX", "VIADDMNMX", "IMNMX", "PRMT", "PLOP3",
                "MOV", "IABS", "BREV", "FLO", "POPC", "P2R", "R2P", "FSEL", "FSETP"):
        return "ALU"
    if name in ("LDS", "STS", "LDG", "STG", "LD", "ST", "LDC", "SHFL", "ATOMS", "LDL", "STL", "REDUX"):
        return "memory"
    return "other"  # branches, votes, the uniform datapath


@cache
def functions_of(path: str) -> list[tuple[int, str]]:
    """Lines at which the functions of a source begin."""
    begin = re.compile(r"(?:TS_FUNCTION|__device__|__global__|template|static|    __device__).*?\b(\w+)\(")
    lines = Path(path).read_text().splitlines() if Path(path).is_file() else []
    found = ((number, begin.match(line)) for number, line in enumerate(lines, 1))
    return [(number, match.group(1)) for number, match in found if match]


def function_at(path: str, line: int) -> str:
    return max(((n, name) for n, name in functions_of(path) if n <= line), default=(0, ""))[1]


def parts_of(kind: str, stack: set[str]) -> str | None:
    if stack & set(UNCOUNTED[kind]):
        return None
    for part in PARTS[kind]:
        if any(FUNCTIONS[kind].get(function) == part for function in stack):
            return part
    return None


def kernels(kind: str, text: str) -> dict[int, dict[str, Counter]]:
    """By batch or lanes: instructions of each part, by pipe."""
    where = re.compile(r'//## File "([^"]+)", line (\d+)(?: inlined at "([^"]+)", line (\d+))?')
    instruction = re.compile(r"\s+/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9_.]+)")
    found = {}
    for section in re.split(r"\.section\s+\.text\.", text)[1:]:
        size = int(re.search(r"ILi(\d+)E", section).group(1))
        parts = defaultdict(Counter)
        stack, in_comments = set(), False
        for line in section.splitlines():
            if place := where.search(line):
                stack = stack if in_comments else set()
                in_comments = True
                stack.add(function_at(place.group(1), int(place.group(2))))
                if place.group(3):
                    stack.add(function_at(place.group(3), int(place.group(4))))
            elif match := instruction.match(line):
                in_comments = False
                if part := parts_of(kind, stack):
                    parts[part][pipe(match.group(1))] += 1
        found[size] = dict(parts)
    return found


def poisson(mean: float, count: int) -> float:
    """Probability of up to so many."""
    term = total = math.exp(-mean)
    for k in range(1, count + 1):
        term *= mean / k
        total += term
    return min(total, 1.0)


def most_of(trials: float, mean: float, unit: int, given_one: bool = False) -> float:
    """Expected largest number of units of `unit` that hold what there is, among so many trials."""
    total = 0.0
    for units in range(1, 64):
        below = poisson(mean, (units - 1) * unit)
        if given_one:
            below = (below - poisson(mean, 0)) / (1 - poisson(mean, 0))
        total += 1 - max(below, 0.0) ** trials
    return total


class Case:
    """How often things happen with m neurons and transitions of width eta."""

    def __init__(self, neurons: int, eta: float):
        self.neurons = neurons
        self.eta = eta
        self.mean = neurons * eta  # neurons in transition at a sample
        self.free = (1 - eta) ** neurons  # probability of none
        # probability that a neuron is in transition at both of two samples
        self.meeting = 2 * (eta - (1 - math.exp(-self.mean)) / neurons)


def ranked_shares(case: Case, batch: int) -> tuple[dict[str, float], float]:
    """How often each part runs in a batch, and the steps of a batch. A part that was unrolled counts as a whole."""
    available = batch - 0.5  # every other batch begins with an odd step
    done = case.free**available
    steps = case.free * (1 - done) / (1 - case.free) + (1 - done)
    others = most_of(WARP * (1 - done), case.mean, 1, given_one=True) - 1  # beside the first neuron in transition
    shares = {
        "targets": (1 + math.ceil(math.log2(JUMPS + 1))) / 7,  # levels of the search, of 6, and the label
        "ranks": (2 + math.floor(math.log2(case.neurons))) / 10,  # of 8, beginning and end
        "look": (1 + 2 * others) / 3,  # three places
        "learn": (1 + others) / 2,
        "settle": case.neurons / 8,  # its loop has four neurons at a time, then two and one: about eight in all
    }
    return shares, steps


def dealt_shares(case: Case, lanes: int) -> tuple[dict[str, float], float]:
    """How often each part runs in a batch, and the steps of a batch."""
    batch, slots, trainings = 8, 4, WARP // lanes
    alive, steps = 1.0, 0.0
    for i in range(batch):  # a step is dropped that an earlier one concerns, or that there is no room for
        alive *= max(0, 1 - i * case.meeting) * (poisson(case.mean, lanes) if i else 1)
        steps += alive * poisson(case.mean * (i + 1), slots * lanes)
    steps -= 0.25 * (1 - alive)  # the next batch often begins with an odd step
    rounds = min(slots, most_of(trainings, batch * case.mean, lanes))
    rows = case.neurons // lanes // 4 * 4 + 4
    levels = math.log2(lanes) + 1
    shares = {
        "targets": (1 + math.ceil(math.log2(JUMPS + 1))) / 7,  # levels of the search, of 6, and the label
        "ranks": (levels + math.floor(math.log2(rows))) / (levels + 7),
        "count": (1 + most_of(4 * trainings, case.mean, 1)) / 2,
        "take": rounds,
        "move": rounds / 2,  # stands twice, for the two derivatives
        "apply": rounds,
        "order": rounds,
        "rows": rows / 4,
    }
    return shares, steps


def blocked_shares(case: Case, lanes: int) -> tuple[dict[str, float], float]:
    stretches = most_of(WARP / lanes, case.mean, lanes)
    two_blocks = 1 - (1 - min(1, case.mean / (4 * lanes))) ** (WARP / lanes)
    shares = {
        "draw": 1 / lanes,  # twice in the code, once for 2 lanes steps
        "sort": min(1, stretches),
        "look": (1 + stretches + max(0, stretches - 1)) / 3,
        "look_at_weight": (stretches + max(0, stretches - 1)) / 2,
        "output": stretches,
        "move": stretches,
        "grow": stretches * (1 + two_blocks) / 2,
    }
    return shares, 1.0


def step_of(kind: str, size: int, parts: dict[str, Counter], neurons: int, eta: float) -> Counter:
    """Instructions of a warp for a step of all its trainings, by pipe."""
    shares_of = {"ranked": ranked_shares, "dealt": dealt_shares, "blocked": blocked_shares}[kind]
    shares, steps = shares_of(Case(neurons, eta), size)
    step = Counter()
    for part, counts in parts.items():
        for name, count in counts.items():
            step[name] += count * shares.get(part, 1.0) / steps
    return step


def chosen(neurons: int, eta: float) -> tuple[str, int]:
    """As src/backend/cuda/shape.c chooses on a GPU with 227 KiB of shared memory for a block."""
    memory = 227 * 1024
    if 4 * (WARP * 20 * (neurons + 1) + 2048) <= memory:
        return "ranked", 8 if neurons * eta < 0.2 else 4
    for lanes in [4, 8, 16, 32]:
        rows, mean = neurons // lanes // 4 * 4 + 4, neurons * eta
        block = WARP * ((rows // 4 + 2) * 16 + 9 * 16 + (rows + 1) * 12 + 8 * 16 // lanes) + 2048
        if eta < 0.02 and mean + 2 * math.sqrt(mean) <= lanes and (4 if lanes < WARP else 1) * block <= memory:
            return "dealt", lanes
    return "blocked", 4 if neurons <= 256 else 8 if neurons <= 1024 else 32


def print_parts(found: dict) -> None:
    print("| kernel | part | " + " | ".join(PIPES) + " | all |")
    print("|---|---|" + "---|" * (len(PIPES) + 1))
    for kind, sizes in found.items():
        for size, parts in sorted(sizes.items()):
            name = f"{kind}, {'batches of' if kind == 'ranked' else 'lanes:'} {size}"
            for part in PARTS[kind]:
                counts = parts.get(part, Counter())
                print(f"| {name} | {part} | " + " | ".join(str(counts[p]) for p in PIPES) + f" | {counts.total()} |")


def print_steps(found: dict, neurons: list[int], eta: float) -> None:
    print(f"\n| m (eta {eta:g}) | kernel | trainings of a warp | " + " | ".join(PIPES) +
          " | step of a warp | neuron step of a lane | training steps/s at most: " + " | ".join(GPUS) + " |")
    print("|---|---|---|" + "---|" * (len(PIPES) + 2 + len(GPUS)))
    for m in neurons:
        kind, size = chosen(m, eta)
        trainings = WARP if kind == "ranked" else WARP // size
        step = step_of(kind, size, found[kind][size], m, eta)
        slots = max(step.total(), 2 * step["ALU"], 2 * step["FMA"])  # these two pipes take an instruction in two cycles
        bounds = [multiprocessors * 4 * clock * trainings / slots for multiprocessors, clock in GPUS.values()]
        print(f"| {m} | {kind}, {size} | {trainings} | " + " | ".join(f"{step[p]:.0f}" for p in PIPES) +
              f" | {step.total():.0f} | {step.total() * WARP / trainings / m:.2f} | " +
              " | ".join(f"{bound:.2g}" for bound in bounds) + " |")


def baseline_lines(found: dict) -> list[str]:
    return [f"{kind} {size} {part} {parts[part].total()}" for kind, sizes in found.items()
            for size, parts in sorted(sizes.items()) for part in PARTS[kind] if part in parts]


def check(found: dict, baseline: Path) -> int:
    """Has a kernel, or a part of one with more than 100 instructions, grown by more than 5 per cent?"""
    known = {}
    for line in baseline.read_text().splitlines():
        if line and not line.startswith("#"):
            *key, count = line.split()
            known[tuple(key)] = int(count)
    grown = []
    now = {tuple(line.split()[:-1]): int(line.split()[-1]) for line in baseline_lines(found)}
    for kernel in sorted({key[:2] for key in now}):
        for key in [kernel, *(key for key in now if key[:2] == kernel)]:
            before = sum(count for name, count in known.items() if name[: len(key)] == key)
            after = sum(count for name, count in now.items() if name[: len(key)] == key)
            if after > 1.05 * max(before, 100):
                grown.append(f"{' '.join(key)}: {before} instructions before, {after} now")
    print("\n".join(grown) if grown else f"sass-report: {len(now)} parts, none has grown by more than 5 per cent")
    return 1 if grown else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="sass-report.sh")
    parser.add_argument("--sass", type=Path, required=True)
    parser.add_argument("--architecture", required=True)
    parser.add_argument("--baseline", type=Path, required=True)
    parser.add_argument("--neurons", default="8,20,32,64,128,256,1024,4096")
    parser.add_argument("--eta", type=float, default=4e-3)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--cycles", action="store_true")
    parser.add_argument("--blocks", type=int, metavar="NEURONS")
    parser.add_argument("--build", type=Path, default=Path("build/emulated"))
    parser.add_argument("--policy", choices=["greedy", "turns"], default="greedy")
    parser.add_argument("--cycles-baseline", type=Path, required=True)
    parser.add_argument("--rates", type=Path, required=True)
    chosen_options = parser.parse_args()
    neurons = [int(m) for m in chosen_options.neurons.split(",")]
    found = {kind: kernels(kind, (chosen_options.sass / f"{kind}.sass").read_text()) for kind in PARTS}
    if [len(sizes) for sizes in found.values()] != [2, 4, 4, 4]:
        print("sass-report: the kernels were not found in what the disassembler said", file=sys.stderr)
        return 1
    if chosen_options.cycles or chosen_options.blocks is not None:
        return sass_cycles.run(chosen_options)
    if chosen_options.check:
        return check(found, chosen_options.baseline) | sass_cycles.run(chosen_options)
    if chosen_options.update:
        head = f"# Instructions of each part of the advance kernels, sm_{chosen_options.architecture}: kernel, batch or lanes, part, count."
        chosen_options.baseline.write_text("\n".join([head, *baseline_lines(found)]) + "\n")
        return sass_cycles.run(chosen_options)
    if chosen_options.counts:
        for m in neurons:
            kind, size = chosen(m, chosen_options.eta)
            trainings = WARP if kind == "ranked" else WARP // size
            step = step_of(kind, size, found[kind][size], m, chosen_options.eta)
            print(f"{m} {step.total() * WARP / trainings / m:.3f}")
        return 0
    print(f"Machine instructions for sm_{chosen_options.architecture}.\n")
    print_parts(found)
    print_steps(found, neurons, chosen_options.eta)
    return 0


if __name__ == "__main__":
    sys.exit(main())
