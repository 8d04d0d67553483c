"""Usage: from_the_page.py TIMESCAPE GOLDEN [NEURON_STEPS]. Trainings written from docs/numerics.md alone, in Python's
unbounded integers and float64, give the bits of result files and of the file GOLDEN (tests/golden/trainings.txt):
positions, weights, biases, losses, position losses, missed jumps, outcomes and what is counted of them. Of GOLDEN the first
training of each cell that has up to NEURON_STEPS (default: 30000, some seconds); 0: all trainings of all cells, which takes
minutes."""

import copy
import itertools
import math
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import xarray

NODES = [
    (0.069431844202973712, 0.173927422568726929),
    (0.330009478207571868, 0.326072577431273071),
    (0.669990521792428132, 0.326072577431273071),
    (0.930568155797026288, 0.173927422568726929),
]
WORD, LONG = 2**32, 2**64


# ---- "Notation", "Random numbers"


def R(v, n):
    return (v + 2 ** (n - 1)) >> n if n >= 1 else v * 2**-n


def round_away(x):
    return int(math.copysign(math.floor(abs(x) + 0.5), x))


def rint(x):
    return int(numpy.rint(x))


def limited(v, low, high):
    return min(max(v, low), high)


def factor(c):
    if c == 0:
        return 0, 31
    fraction, exponent = math.frexp(c)
    multiplier = round_away(fraction * 2.0**31)
    return (2**30, 30 - exponent) if multiplier == 2**31 else (multiplier, 31 - exponent)


def philox(counter, key):
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        product0, product1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = product1 // WORD ^ c1 ^ k0, product1 % WORD, product0 // WORD ^ c3 ^ k1, product0 % WORD
        k0, k1 = (k0 + 0x9E3779B9) % WORD, (k1 + 0xBB67AE85) % WORD
    return c0, c1, c2, c3


assert philox((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0))[0] == 0xD16CFE09


PARAMETERS = "epsilon", "neurons", "h", "noise", "eta"


def salt_of(parameters):
    z = 0
    for name in PARAMETERS:
        bits = struct.unpack("<Q", struct.pack("<d", parameters.get(name, 0)))[0]
        z = (z + 0x9E3779B97F4A7C15 + bits) % LONG
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % LONG
        z = (z ^ z >> 27) * 0x94D049BB133111EB % LONG
        z ^= z >> 31
    return z % WORD


# ---- "Constants of a cell"


class Cell:
    def __init__(self, a, parameters):
        epsilon, m = parameters["epsilon"], int(parameters["neurons"])
        self.m, self.d, self.relu = m, int(a["target_dimension"]), a["activation"] == "relu"
        self.n = n = self.d * m
        self.seed = int(a["seed"])
        self.salt = salt_of(parameters) if a["randomness"] == "independent" else 0
        self.init, self.box = a["init"], a["derivative"] == "box"
        self.target(float(a["target_base"]), numpy.atleast_1d(a["target_jump_at"]), numpy.atleast_1d(a["target_jump_by"]))
        eta = 1.0 if self.relu else parameters["eta"]
        self.H = 0 if self.relu else round_away(eta * 2**29)
        self.W = 2 * self.H
        if not self.relu:
            self.k_w = next(k for k in range(40) if self.W << k > 2**30)
            self.inverse = 2**61 // (self.W << self.k_w)
        w = float(a["start_weight"])
        self.start_weight = factor(w * 2.0**17)
        self.k_r = next(k for k in range(9) if w * n <= 64 * 2**k)
        h = parameters["h"] * 2.0**self.k_r
        steepest = 1.0 if self.relu or self.box else 3.0
        self.noise = factor(parameters["noise"] * 2.0**-7)
        self.gradient = factor(h * 2.0**25)
        self.velocity = factor(2 * h * epsilon * steepest / eta * 2.0**-10)
        part = 2 if self.relu else 1
        self.E_max = min(math.floor(2.0**13 / part / (2 * h * 2.0**-24 * (n + 1.0))), 2**31 - 1)
        self.B_max = (2**62 - 2**57) // part // (n + 1)
        self.largest_sum = 2**62 // part
        self.success_limit = self.success(a, eta)

    def success(self, a, eta):
        """Q_success, from the jumps of the configuration."""
        at = [float(v) for v in numpy.atleast_1d(a["target_jump_at"])] + [1.0]
        square = mean = squares = value = slope = 0.0
        for k, by in enumerate(float(j) for j in numpy.atleast_1d(a["target_jump_by"])):
            length, squares = at[k + 1] - at[k], squares + by * by
            if self.relu:
                slope += by
                rise = length * slope
                mean += length * (value + rise / 2)
                square += length * (value * value + value * rise + rise * rise / 3)
                value += rise
            else:
                value += by
                mean += length * value
                square += length * (value * value)
        floor_loss = 0.0 if self.relu else eta / 28 * squares * self.d
        variance = (square - mean * mean) * self.d
        return math.floor((floor_loss + float(a["unexplained_variance"]) * variance) * 2.0**44)

    def target(self, base, at, by):
        level, slope = [base], [0.0]
        for k in range(len(at)):
            if not self.relu:
                level.append(level[-1] + float(by[k]))
            else:
                level.append(base if k == 0 else level[-1] + slope[-1] * (float(at[k]) - float(at[k - 1])))
            slope.append(slope[-1] + float(by[k]) if self.relu else 0.0)
        self.V = [round_away(float(v) * 2**30) for v in at]
        self.T = [round_away(x * 2.0**24) for x in level]
        self.S = [round_away(x * 2.0**24) for x in slope]

    def jumps(self, X):
        return sum(v <= X for v in self.V)

    def base(self, c):
        return self.T[0] if c > 0 else 0

    def T_c(self, c, X):
        k = self.jumps(X)
        rise = R(self.S[k] * (X - self.V[k - 1]), 30) if self.relu and k > 0 else 0
        return self.T[k] + rise - self.base(c)

    def block(self, replicate, stream, b):
        return philox(
            (b % WORD, replicate, self.salt, stream * 2**24 + b // WORD), (self.seed % WORD, self.seed // WORD)
        )


# ---- "Start", "Step", "Divergence"


class Training:
    def __init__(self, cell, replicate):
        self.cell, self.replicate = cell, replicate
        self.bias = self.drift = self.step_count = 0
        self.diverged = False
        self.U, self.A = [], []
        for c in range(cell.d):
            self.U += sorted(self.position(c, j) for j in range(cell.m))
        multiplier, shift = cell.start_weight
        for j in range(cell.n):
            word = cell.block(replicate, 4, j // 4)[j % 4]
            self.A.append(R(word // 2 * multiplier, shift) if multiplier else 0)

    def position(self, c, j):
        m = self.cell.m
        if self.cell.init == "equispaced":
            return (2 * j + 1) * 2**50 // m * 2**11
        number = c * m + j
        w = self.cell.block(self.replicate, 1, number // 4)[number % 4]
        if self.cell.init == "stratified":
            return (2 * (j * 2**32 + w) + 1) * 2**18 // m * 2**11
        return w * 2**30 + 2**29

    def sample(self):
        cell, p = self.cell, self.step_count
        word, i = cell.block(self.replicate, 2, p // 2), 2 * (p % 2)
        g = word[i + 1] - (WORD if word[i + 1] >= 2**31 else 0)
        X, b = [word[i] // 4], math.ceil((cell.d - 1) / 4)
        for k in range(1, cell.d):
            X.append(cell.block(self.replicate, 3, p * b + (k - 1) // 4)[(k - 1) % 4] // 4)
        return X, R(g * cell.noise[0], cell.noise[1])

    def activation(self, t):
        """S_j and D_j of the page, unit 2^-30, and whether the neuron moves."""
        cell = self.cell
        if cell.relu:
            return (t, 2**30, True) if t > 0 else (0, 0, False)
        if t < 0 or t >= cell.W:
            return (2**30 if t >= 0 else 0), 0, False
        q = (t << cell.k_w) * cell.inverse // 2**30
        d = q if q < 2**30 else 2**31 - q
        d2 = d * d // 2**30
        cube = d2 * d // 2**31
        return cube if q < 2**30 else 2**30 - cube, 2**30 if cell.box else d2, True

    def step(self):
        cell = self.cell
        X, noise = self.sample()
        shape = [self.activation(X[j // cell.m] + cell.H - self.U[j] // WORD) for j in range(cell.n)]
        F = self.bias + sum(R(a * S, 30) for a, (S, _, _) in zip(self.A, shape))
        label = noise + sum(cell.T_c(c, X[c]) for c in range(cell.d))
        E = R(label * 2**24 - F, 24 + cell.k_r)
        G, Y = R(E * cell.gradient[0], cell.gradient[1]), R(E * cell.velocity[0], 31)
        if abs(E) > cell.E_max or not self.weights_in_range(G):
            self.diverged = True
            return
        for j, (S, D, moves) in enumerate(shape):
            if moves:
                move = R(R(self.A[j] * D, 30) * Y, cell.velocity[1] - 31)
                self.U[j] = limited(self.U[j] - move, -(2**61), 3 * 2**61)
            self.A[j] += R(G * S, 30)
        self.bias += G
        self.drift += abs(G)
        self.step_count += 1

    def weights_in_range(self, G):
        if self.drift + abs(G) <= self.cell.B_max:
            return True
        self.drift = 0
        all_of_them = self.A + [self.bias]
        positive, negative = (sum(x for x in all_of_them if x * sign > 0) for sign in (1, -1))
        return positive <= self.cell.largest_sum and negative >= -self.cell.largest_sum

    # ---- "Loss"

    def value(self, neurons, c, low, L, x):
        cell, F = self.cell, self.bias if c == 0 else 0
        for P, a in neurons:
            b = low - (P - cell.H)
            if cell.relu:
                F += rint(float(a) * ((low - P) + L * x) * 2.0**-30) if P <= low else 0
            elif P + cell.H <= low:
                F += a
            elif b >= 0:
                z = (b + L * x) / cell.W
                y = 1 - z
                F += rint(float(a) * (4 * ((z * z) * z) if b < cell.H else 1 - 4 * ((y * y) * y)))
        return F

    def integrals(self, c):
        cell = self.cell
        neurons = [(self.U[j] // WORD, self.A[j]) for j in range(c * cell.m, (c + 1) * cell.m)]
        ends = [P + part * cell.H for P, _ in neurons for part in (-1, 0, 1)]
        points = sorted({limited(p, 0, 2**30) for p in [0, 2**30] + cell.V + ends})
        Q = M = 0
        for low, high in zip(points, points[1:]):
            L, k = float(high - low), cell.jumps(low)
            for x, g in NODES:
                T = (cell.T[k] - cell.base(c)) * 2**24
                if cell.relu and k > 0:
                    T += rint(float(cell.S[k]) * ((low - cell.V[k - 1]) + L * x) * 2.0**-6)
                F = limited(self.value(neurons, c, low, L, x), -(2**60), 2**60)
                r = limited(float(T - F) * 2.0**-48, -512.0, 512.0)
                Q += rint(((L * g) * (r * r)) * 2.0**14)
                M += rint(((L * g) * r) * 2.0**14)
        return Q, M

    def ended(self):
        """Outcome and loss."""
        if self.diverged:
            return 2, math.nan
        Q = self.loss()
        return int(self.cell.success_limit >= Q), Q

    def loss(self):
        v = s = 0.0
        for c in range(self.cell.d):
            Q, M = self.integrals(c)
            if self.cell.d == 1:
                return Q
            u = M * 2.0**-44
            v = v + (Q * 2.0**-44 - u * u)
            s = s + u
        return rint(limited(v + s * s, 0.0, 2.0**18) * 2.0**44)


    # ---- "Position loss"

    def positions(self):
        """Position loss and missed jumps."""
        Q = missed = 0
        for c in range(self.cell.d):
            P = [self.U[j] // WORD for j in range(c * self.cell.m, (c + 1) * self.cell.m)]
            Q += self.position_loss(P)
            missed += sum(all(abs(p - v) > self.cell.H for p in P) for v in self.cell.V)
        return Q, missed

    def position_loss(self, P):
        cell, Q = self.cell, 0
        ends = sorted({limited(p, 0, 2**30) for p in [0, 2**30] + P})
        for begin, end in zip(ends, ends[1:]):
            inside = [v for v in cell.V if begin < v < end]
            points = sorted({begin, end, *inside})
            integral = sum(cell.T[cell.jumps(low)] * (high - low) for low, high in zip(points, points[1:]))
            average = float(integral) / float(end - begin)
            for low, high in zip(points, points[1:]):
                rest = (cell.T[cell.jumps(low)] - average) * 2.0**-24
                Q += rint((high - low) * (rest * rest) * 2.0**14)
        return Q


# ---- the comparison with result files

JUMPS = "jumps: [{at: 0.2, by: 4}, {at: 0.35, by: -4}, {at: 0.5, by: 2}]"
STEPS = "jumps: [{at: 0.3, by: 1}, {at: 0.5, by: 1}, {at: 0.7, by: 1}]"
SLOPES = "jumps: [{at: 0.3, by: 1}, {at: 0.5, by: -2}, {at: 0.7, by: 3}]"
# jumps that are at 0, or at the same place, once they are rounded
MANY = "jumps: [%s]" % ", ".join("{at: 0.%d, by: %d}" % (10 * k + 5, (-1) ** k) for k in range(1, 9))
AT_0 = "jumps: [{at: 2.0e-10, by: 2.5}, {at: 0.6, by: -1}]"
TOGETHER = "jumps: [{at: 1.0e-10, by: 1}, {at: 0.5, by: 1}, {at: 0.50000000011, by: -3}, {at: 0.5000000003, by: 1}]"
SEEN = [0, 45, 60]  # steps of the observations; trainings end at 90
AXES = "h: {values: [1.0e-3, 1.0e-2]}, noise: {values: [0, 0.5]}, eta: {values: [4.0e-3, 0.1]}"
CASES = {  # target; network; sgd; randomness and further axes
    "steps": (f"base: 1, {JUMPS}", "eta: 4.0e-3", "h: 1.0e-2, noise: 1", "common"),
    "wide steps, box": (f"base: -1, {JUMPS}", "eta: 0.1", "h: 1.0e-2, noise: 0.3, derivative: box", "independent"),
    "equispaced steps": (f"base: 1, {JUMPS}", "eta: 0.05, init: equispaced", "h: 1.0e-3, noise: 1", "common"),
    "stratified steps": (f"base: 1, {JUMPS}", "eta: 0.05, init: stratified", "h: 1.0e-3, noise: 1", "independent"),
    "stratified, three coordinates": (f"base: 0, dimension: 3, {STEPS}", "eta: 0.03, init: stratified", "h: 1.0e-2", "common"),
    "all jumps covered": ("base: 0, jumps: [{at: 0.4, by: 1}]", "eta: 0.5", "h: 1.0e-2", "common"),
    "many jumps": (f"base: 0, dimension: 9, {MANY}", "eta: 0.03", "h: 1.0e-4", "common"),
    "steps that diverge": (f"base: 1, {JUMPS}", "eta: 0.02", "h: 1.2, noise: 1", "common"),
    "two coordinates": (f"base: 0.5, dimension: 2, {STEPS}", "eta: 0.03, start_weight: 3", "h: 1.0e-3", "common"),
    "ten coordinates": (f"base: 0, dimension: 10, {STEPS}", "eta: 0.01, start_weight: 3", "h: 1.0e-4", "independent"),
    "relu": (f"base: 0, {SLOPES}", "activation: relu, start_weight: 3", "h: 1.0e-2", "common"),
    "relu, six coordinates": (f"base: 1, dimension: 6, {SLOPES}", "activation: relu", "h: 0.1, noise: 0.3", "common"),
    "relu that diverges": (f"base: 1, {SLOPES}", "activation: relu, start_weight: 3", "h: 2", "common"),
    "a jump at 0": (f"base: -0.3, {AT_0}", "eta: 0.05", "h: 1.0e-2", "common"),
    "a jump at 0, two coordinates": (f"base: -0.3, dimension: 2, {AT_0}", "eta: 0.05", "h: 1.0e-2", "common"),
    "five axes": (f"base: 1, {JUMPS}", "init: uniform", "derivative: exact", f"independent, {AXES}"),
    "relu, equal slopes": (f"base: 1, {TOGETHER}", "activation: relu", "h: 1.0e-2", "common"),
    "relu, equal slopes, three coordinates": (f"base: 1, dimension: 3, {TOGETHER}", "activation: relu", "h: 0.1", "common"),
}


def run(timescape, folder, stop, target, network, sgd, randomness):
    (folder / "case.yaml").write_text(
        f"seed: 20240917\ntarget: {{{target}}}\nnetwork: {{{network}}}\nsgd: {{{sgd}, horizon: {{steps: 90}}}}\n"
        "sweep: {epsilon: {values: [0.02, 1]}, neurons: {values: [3, 8]}, replicates: 2, "
        f"randomness: {randomness}}}\noutput: {{keep_trainings: true}}\n"
        f"observe: {{steps: {{values: {SEEN}}}}}\nsuccess: {{unexplained_variance: 0.7, stop: {stop}}}\n"
    )
    subprocess.run(
        [timescape, "run", folder / "case.yaml", "-o", folder / "case.nc", "--backend", "cpu", "--quiet"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return xarray.load_dataset(folder / "case.nc")


def same(training, kept):
    n = training.cell.n
    outcome, Q = training.ended()
    return (
        [math.ldexp(u, -62) for u in training.U] == kept.final_position.values[:n].tolist()
        and [math.ldexp(a, -48) for a in training.A] == kept.final_weight.values[:n].tolist()
        and math.ldexp(training.bias, -48) == float(kept.final_bias)
        and (float(kept.final_loss) == math.ldexp(Q, -44) or (outcome == 2 and math.isnan(kept.final_loss)))
        and int(kept.status) == outcome
        and (training.cell.relu or same_positions(training, kept))
    )


def same_positions(training, kept):
    if training.diverged:
        return math.isnan(kept.final_position_loss) and kept.final_covered_jumps == -1
    Q, missed = training.positions()
    covered = training.cell.d * len(training.cell.V) - missed
    return float(kept.final_position_loss) == math.ldexp(Q, -44) and int(kept.final_covered_jumps) == covered


# ---- "Statistics"


def bin_of(Q):
    if Q < 2**22:
        return 0
    o = Q.bit_length() - 1
    return min(1 + 16 * (o - 22) + Q // 2 ** (o - 4) % 16, 641)


def same_counts(cell, trainings, counts):
    """Do the statistics of a cell count these trainings?"""
    ended = [training.ended() for training in trainings]
    losses = [Q for outcome, Q in ended if outcome != 2]
    good = [sum(outcome == k for outcome, _ in ended) for k in range(3)] == [
        int(counts[name]) for name in ("failure_count", "success_count", "diverged_count")
    ]
    good &= int(counts.training_steps) == sum(training.step_count for training in trainings)
    good &= int(counts.loss_sum_high) == sum(Q // WORD for Q in losses)
    good &= int(counts.loss_sum_low) == sum(Q % WORD for Q in losses)
    good &= counts.loss_histogram.values.tolist() == count_of(map(bin_of, losses), 642)
    if cell.relu:
        return good and not [name for name in counts.variables if "position_" in name and "final" not in name]
    positions = [(outcome, *training.positions()) for (outcome, _), training in zip(ended, trainings) if outcome != 2]
    jumps = cell.d * len(cell.V)
    lowest = max(jumps - 64, 0)
    good &= int(counts.position_success_count) == sum(Q <= cell.success_limit for _, Q, _ in positions)
    good &= int(counts.covered_failure_count) == sum(outcome == 0 and missed == 0 for outcome, _, missed in positions)
    good &= counts.position_loss_histogram.values.tolist() == count_of((bin_of(Q) for _, Q, _ in positions), 642)
    covered = (max(jumps - missed, lowest) - lowest for _, _, missed in positions)
    return good and counts.covered_jumps.values.tolist() == count_of(covered, jumps - lowest + 1)


def count_of(places, length):
    counts = [0] * length
    for place in places:
        counts[place] += 1
    return counts


def compare(name, file):
    """Returns how many trainings diverged."""
    diverged = 0
    axes = [axis for axis in PARAMETERS if axis in file.dims]
    for place in itertools.product(*(file[axis].values for axis in axes)):
        of_cell = file.sel(dict(zip(axes, place)))
        cell = Cell(file.attrs, {axis: float(of_cell[axis]) for axis in PARAMETERS if axis in of_cell.coords})
        trainings = []  # each as it was at the observations and, last, at its end
        for replicate in file.replicate.values:
            training, seen, stopped = Training(cell, int(replicate)), [], False
            for step in [*SEEN, 90]:
                while training.step_count < step and not training.diverged and not stopped:
                    training.step()
                seen.append(copy.deepcopy(training, {id(cell): cell}))
                stopped |= file.success_stop == "first_success" and training.ended()[0] == 1
            STOPPED.update([stopped and 0 < training.step_count < 90])
            assert same(training, of_cell.sel(replicate=replicate)), f"{name}: {axes} {place}, replicate {replicate}"
            diverged += training.diverged
            trainings.append(seen)
        assert same_counts(cell, [seen[-1] for seen in trainings], of_cell), f"{name}: {axes} {place}"
        assert same_observations(cell, trainings, of_cell), f"{name}: {axes} {place} on the way"
    return diverged


# ---- "Observations"

STOPPED = set()  # whether trainings stopped on their way, of all cases
FIRST_SUCCESSES = set()  # observations at which there was one, of all cases


def same_observations(cell, trainings, of_cell):
    firsts = [next((k for k, at in enumerate(seen[:-1]) if at.ended()[0] == 1), None) for seen in trainings]
    FIRST_SUCCESSES.update(firsts)
    good = of_cell.first_success_count.values.tolist() == [firsts.count(k) for k in range(len(SEEN))]
    for k in range(len(SEEN)):
        at = of_cell.isel(observation=k)
        counts = {name.removeprefix("observed_"): at[name] for name in at.variables if name.startswith("observed_")}
        good &= same_counts(cell, [seen[k] for seen in trainings], xarray.Dataset(counts))
        good &= int(at.observed_steps) == SEEN[k]
    return good


# ---- the comparison with tests/golden/trainings.txt


class Golden:
    """A cell of that file: its settings under the names of a result file's attributes, and its trainings."""

    def __init__(self, text):
        lines = text.splitlines()
        self.name = lines[0].removeprefix("cell ")
        words = [word for line in lines if line.startswith("with ") for word in line.split()[1:]]
        a = {"dimension": 1, "activation": "step", "init": "uniform", "derivative": "exact", "randomness": "common"}
        a |= {"start_weight": 0, "unexplained_variance": 0.01, "jumps": "", "slow_time": 0, "min_fast_time": 0}
        a |= dict(word.split("=") for word in words)
        jumps = [jump.split(":") for jump in a["jumps"].split(",") if jump]
        a["target_jump_at"] = [float(at) for at, _ in jumps]
        a["target_jump_by"] = [float(by) for _, by in jumps]
        a["target_base"], a["target_dimension"] = a["base"], a["dimension"]
        self.attrs, self.parameters = a, {name: float(a[name]) for name in PARAMETERS if name in a}
        self.replicates = int(a["replicates"])
        self.trainings = []
        for line in lines:
            if line.startswith("training "):
                self.trainings.append([])
            if line.split()[0] in ("training", "position", "weight", "position_loss"):
                self.trainings[-1].append(line)

    def steps(self):
        h, epsilon = self.parameters["h"], self.parameters["epsilon"]
        slow, fast = (float(self.attrs[name]) for name in ("slow_time", "min_fast_time"))
        given = int(self.attrs.get("steps", 0))
        return given or math.floor(max(slow / (h * epsilon), fast / h) + 0.5)

    def work(self):
        return self.steps() * (self.parameters["neurons"] * int(self.attrs["dimension"]) + 5)

    def lines(self, replicate):
        training = Training(Cell(self.attrs, self.parameters), replicate)
        while training.step_count < self.steps() and not training.diverged:
            training.step()
        outcome, Q = training.ended()
        loss = "" if outcome == 2 else f" loss {Q}"
        return [
            f"training {replicate} {['failure', 'success', 'diverged'][outcome]}{loss} bias {training.bias} "
            f"positions {hash_of(training.U):016x} weights {hash_of(training.A):016x}",
            "position " + " ".join(str(U) for U in training.U[:3]),
            "weight " + " ".join(str(A) for A in training.A[:3]),
            *([] if outcome == 2 or training.cell.relu else ["position_loss %d missed %d" % training.positions()]),
        ]


def hash_of(words):
    state = 0xCBF29CE484222325
    for byte in b"".join(word.to_bytes(8, "little", signed=True) for word in words):
        state = (state ^ byte) * 0x100000001B3 % LONG
    return state


def compare_golden(path, most):
    head, *cells = Path(path).read_text().split("\n\ncell ")
    assert "\narithmetic_version 2" in head, "this program is of version 2 of the arithmetic"
    outcomes = set()
    for golden in map(Golden, cells):
        if most == 0 or golden.work() <= most:
            for replicate in range(golden.replicates if most == 0 else 1):
                lines, found = golden.trainings[replicate], golden.lines(replicate)
                assert lines == found, f"{golden.name}: {lines} for {found}"
                outcomes.add((golden.name, lines[0].split()[2]))
    assert len({name for name, _ in outcomes}) >= 20, "too few cells are small"
    assert {outcome for _, outcome in outcomes} == {"failure", "success", "diverged"}
    return len({name for name, _ in outcomes}), len(cells)


with tempfile.TemporaryDirectory() as folder:
    for number, (name, case) in enumerate(CASES.items()):
        stop = "first_success" if number % 2 == 0 or "diverge" in name else "never"
        diverged = compare(name, run(sys.argv[1], Path(folder), stop, *case))
        assert (diverged > 0) == ("diverge" in name), f"{name}: {diverged} of 8 trainings diverged"
assert len(FIRST_SUCCESSES - {None}) > 1, f"first successes are only at {FIRST_SUCCESSES}"
assert STOPPED == {False, True}, "no training stopped on its way"
print("%d of the %d cells of the golden file" % compare_golden(sys.argv[2], int((sys.argv + [30000])[3])))
