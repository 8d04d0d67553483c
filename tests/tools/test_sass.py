"""Tests of what tools/sass-report.sh --cycles is made of, on small streams of instructions."""

import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import sass_cycles
from sass_code import Control, Instruction, Kernel, block_starts, control_of, read_kernels, split_operands
from sass_issue import LATENCY, Progress, choose, cycles_of, pipe_of, step_of
from sass_machine import ALL, RESERVED, Launch, Wrong, differences, execute, start, window_of
from sass_operations import Unknown, compile_operation

# As nvdisasm -hex prints it.
TEXT = """
	.section	.text._Z4testILi8EEvm,"ax",@progbits
.text._Z4testILi8EEvm:
        /*0000*/                   LDC R1, c[0x0][0x28] ;                                /* 0x00000a00ff017b82 */
                                                                                         /* 0x000fe20000000800 */
        /*0010*/                   S2R R16, SR_CTAID.X ;                                 /* 0x0000000000107919 */
                                                                                         /* 0x000e2e0000002500 */
	//## File "/somewhere/slot.cuh", line 24 inlined at "/somewhere/else.cu", line 20
.L_x_1:
        /*00a0*/              @!P1 LOP3.LUT P1, RZ, R15.reuse, R20, RZ, 0xfc, !PT ;      /* 0x000000140fff7212 */
                                                                                         /* 0x044fe4000782fcff */
        /*00b0*/                   LDG.E R7, desc[UR8][R2.64] ;                          /* 0x0000000802077981 */
                                                                                         /* 0x000362000c1e1900 */
        /*0120*/               @P0 BRA `(.L_x_1) ;                                       /* 0x0000000000380947 */
                                                                                         /* 0x000fea0003800000 */
        /*0130*/                   EXIT ;                                                /* 0x000000000000794d */
                                                                                         /* 0x000fea0003800000 */
.L_x_2:
"""


def instruction(text: str, stall: int = 1, wait: int = 0, write: int = 7, read: int = 7, yields: bool = False) -> Instruction:
    guard = ""
    if text.startswith("@"):
        guard, text = text[1:].split(" ", 1)
    opcode, _, operands = text.partition(" ")
    return Instruction(0, guard, opcode, split_operands(operands), Control(stall, yields, write, read, wait, 0))


def kernel_of(*lines: str) -> Kernel:
    """Lines that end with ":" are labels."""
    labels, instructions = {}, []
    for line in lines:
        if line.endswith(":"):
            labels[line[:-1]] = len(instructions)
        else:
            instructions.append(instruction(line))
    return Kernel(0, instructions, labels)


def launch_of(memory: bytes = bytes(256), after: bytes | None = None) -> Launch:
    return Launch("test", 0, 1024, bytes(16), [0x10000], [memory], [memory if after is None else after], 1)


def run(*lines: str, registers: dict[int, list[int]] | None = None):
    """The warp after these instructions and an EXIT, and the trace."""
    warp = start(launch_of())
    for number, values in (registers or {}).items():
        warp.registers[number] = values
    return warp, execute(kernel_of(*lines, "EXIT"), warp)


def computed(line: str, **of: int) -> int:
    """What a lane has in R0 after the instruction; r4=5: R4 holds 5, p1=1: P1 holds."""
    warp = start(launch_of())
    for name, value in of.items():
        if name[0] == "p":
            warp.predicates[int(name[1:])] = ALL if value else 0
        else:
            warp.registers[int(name[1:])] = [value & ALL] * 32
    compile_operation(instruction(line))(warp, ALL)
    return warp.registers[0][31]


class Reading(unittest.TestCase):
    def setUp(self):
        self.kernel = read_kernels(TEXT)[8]

    def test_instructions_guards_and_operands(self):
        code = self.kernel.instructions
        self.assertEqual([i.opcode for i in code], ["LDC", "S2R", "LOP3.LUT", "LDG.E", "BRA", "EXIT"])
        self.assertEqual(code[2].guard, "!P1")
        self.assertEqual(code[2].operands, ("P1", "RZ", "R15", "R20", "RZ", "0xfc", "!PT"))
        self.assertEqual(code[3].operands, ("R7", "desc[UR8][R2.64]"))
        self.assertEqual(code[4].address, 0x120)

    def test_labels_and_basic_blocks(self):
        self.assertEqual(self.kernel.labels, {".L_x_1": 2, ".L_x_2": 6})
        self.assertEqual(block_starts(self.kernel), [0, 2, 5])

    def test_control_bits(self):
        controls = [i.control for i in self.kernel.instructions]
        self.assertEqual(controls[0], Control(stall=1, yields=False, write=7, read=7, wait=0, reuse=0))
        self.assertEqual(controls[1], Control(stall=7, yields=False, write=0, read=7, wait=0, reuse=0))
        self.assertEqual(controls[2], Control(stall=2, yields=False, write=7, read=7, wait=4, reuse=1))
        self.assertEqual(controls[3], Control(stall=1, yields=False, write=5, read=1, wait=0, reuse=0))
        self.assertEqual(controls[4].stall, 5)

    def test_each_field_of_the_control_bits(self):
        for shift, field, value in ((41, "stall", 15), (46, "write", 7), (49, "read", 7), (52, "wait", 63), (58, "reuse", 15)):
            control = control_of(value << shift)
            for name in ("stall", "write", "read", "wait", "reuse"):
                self.assertEqual(getattr(control, name), value if name == field else 0, name)
        self.assertTrue(control_of(0).yields)
        self.assertFalse(control_of(1 << 45).yields)


class Operations(unittest.TestCase):
    def test_sums_with_carries(self):
        # R0 = upper word of R3:R2 + R5:R4 and of R3:R2 - R5:R4, for numbers whose lower words carry, and do not.
        for a, b in ((0x1FFFFFFFF, 1), (5 << 32, 7), (7, 5 << 32), (9, 9), (0, 0), (0x800000000, 0xFFFFFFFFF)):
            pairs = {"r2": a, "r3": a >> 32, "r4": b, "r5": b >> 32}
            for minus, invert, expected in (("", "", a + b), ("-", "~", a - b)):
                warp, _ = run(f"IADD3 R1, P0, R2, {minus}R4, RZ", f"IADD3.X R0, R3, {invert}R5, RZ, P0, !PT",
                              registers={int(k[1:]): [v & ALL] * 32 for k, v in pairs.items()})
                self.assertEqual(warp.registers[1][0] | warp.registers[0][0] << 32, expected & (1 << 64) - 1)

    def test_two_carries_of_three_numbers(self):
        numbers = {2: [ALL] * 32, 3: [ALL] * 32, 4: [ALL] * 32}
        warp, _ = run("IADD3 R1, P0, P1, R2, R3, R4", "IADD3.X R0, RZ, RZ, RZ, P0, P1", registers=numbers)
        self.assertEqual(warp.registers[1][0] | warp.registers[0][0] << 32, 3 * ALL)

    def test_products(self):
        self.assertEqual(computed("IMAD R0, R2, R3, R4", r2=0x10001, r3=0x10001, r4=3), 0x20004)
        self.assertEqual(computed("IMAD.HI.U32 R0, R2, R3, RZ", r2=ALL, r3=ALL), ALL - 1)
        self.assertEqual(computed("IMAD.X R0, R2, 0x1, ~R3, P1", r2=5, r3=3, p1=1), 2)
        warp, _ = run("IMAD.WIDE R0, R2, R3, R4", registers={2: [ALL - 1] * 32, 3: [3] * 32, 4: [1] * 32})
        self.assertEqual(warp.registers[0][0] | warp.registers[1][0] << 32, (1 << 64) - 5)
        warp, _ = run("IMAD.WIDE.U32 R0, R2, R3, RZ", registers={2: [ALL] * 32, 3: [ALL] * 32})
        self.assertEqual(warp.registers[0][0] | warp.registers[1][0] << 32, ALL * ALL)

    def test_shifts(self):
        self.assertEqual(computed("SHF.R.S32.HI R0, RZ, 0x1f, R2", r2=0x80000000), ALL)
        self.assertEqual(computed("SHF.R.U32.HI R0, RZ, R3, R2", r2=0x80000000, r3=40), 0)
        self.assertEqual(computed("SHF.R.U64 R0, R2, 0x4, R3", r2=0x10, r3=0xA), 0xA0000001)
        self.assertEqual(computed("SHF.R.S64 R0, R2, R4, R3", r2=0, r3=0x80000000, r4=63), ALL)
        self.assertEqual(computed("SHF.L.U64.HI R0, R2, 0x4, R3", r2=0xF0000000, r3=1), 0x1F)
        self.assertEqual(computed("LEA.HI.X.SX32 R0, R2, R3, 0x3, P0", r2=ALL, r3=5, p0=1), 5)
        warp, _ = run("LEA R0, P3, -R2, R3, 0x1", "IMAD.X R1, RZ, RZ, RZ, P3", registers={2: [3] * 32, 3: [6] * 32})
        self.assertEqual((warp.registers[0][0], warp.registers[1][0]), (0, 1))

    def test_comparisons_of_two_words(self):
        for a, b in ((1, 2), (-1, 1), (5 << 32, 3), (3, 3), (-(7 << 32), -(7 << 32) + 1)):
            for relation, holds in (("LT", a < b), ("GE", a >= b), ("GT", a > b)):
                warp, _ = run(f"ISETP.{relation}.U32.AND P0, PT, R2, R4, PT", f"ISETP.{relation}.AND.EX P0, PT, R3, R5, PT, P0",
                              registers={2: [a & ALL] * 32, 3: [a >> 32 & ALL] * 32, 4: [b & ALL] * 32,
                                         5: [b >> 32 & ALL] * 32})
                self.assertEqual(warp.predicates[0], ALL if holds else 0, (a, relation, b))

    def test_logic(self):
        self.assertEqual(computed("LOP3.LUT R0, R2, R3, R4, 0xe8, !PT", r2=0b1100, r3=0b1010, r4=0b0110), 0b1110)
        self.assertEqual(computed("PRMT R0, R2, 0x4320, R3", r2=0x44332211, r3=0x88), 0x88443311)
        warp, _ = run("PLOP3.LUT P0, PT, P1, P2, PT, 0x20, 0x0", "PLOP3.LUT P3, PT, PT, P2, PT, 0x20, 0x0")
        self.assertEqual((warp.predicates[0], warp.predicates[3]), (0, ALL))

    def test_lanes_between_each_other(self):
        numbers = {2: list(range(32))}
        shuffled = {"SHFL.BFLY PT, R0, R2, 0x10, 0x1f": [lane ^ 16 for lane in range(32)],
                    "SHFL.UP PT, R0, R2, 0x1, RZ": [0, *range(31)],
                    "SHFL.UP PT, R0, R2, 0x1, 0x1c00": [max(lane - 1, lane // 4 * 4) for lane in range(32)],
                    "SHFL.IDX PT, R0, R2, 0x3, 0x1c1f": [lane // 4 * 4 + 3 for lane in range(32)]}
        for line, expected in shuffled.items():
            warp, _ = run(line, registers=numbers)
            self.assertEqual(warp.registers[0], expected, line)
        warp, _ = run("ISETP.GE.U32.AND P0, PT, R2, 0x1e, PT", "VOTE.ANY R0, PT, P0", registers=numbers)
        self.assertEqual(warp.registers[0], [3 << 30] * 32)

    def test_unknown_instructions_are_errors(self):
        for line in ("DADD R0, R2, R4", "IADD3 R0, R2, R3", "SHF.L.W.U32.HI R0, R2, 0x3, R2", "SHF.R.U32.HI R0, R2, 0x3, R2",
                     "MUFU.RSQ R0, R2", "LDS.U8 R0, [R2]"):
            with self.assertRaises(Unknown, msg=line):
                compile_operation(instruction(line))


class Running(unittest.TestCase):
    def test_lanes_part_and_meet(self):
        lanes = {2: list(range(32))}
        warp, trace = run("ISETP.GE.U32.AND P0, PT, R2, 0x8, PT", "BSSY B0, `(.L_out)", "@P0 BRA `(.L_else)", "MOV R0, 0x1",
                          "BRA `(.L_in)", ".L_else:", "MOV R0, 0x2", ".L_in:", "BSYNC B0", ".L_out:", "VIADD R0, R0, 0x10",
                          registers=lanes)
        self.assertEqual(warp.registers[0], [0x11] * 8 + [0x12] * 24)
        self.assertEqual(trace.issued, [0, 1, 2, 3, 4, 6, 5, 6, 7, 8])  # what is behind BSYNC runs once

    def test_a_loop_runs_as_often_as_its_last_lane(self):
        warp, trace = run("MOV R0, RZ", ".L_again:", "VIADD R0, R0, 0x1", "ISETP.LT.U32.AND P0, PT, R0, R2, PT",
                          "@P0 BRA `(.L_again)", "WARPSYNC.ALL", "NOP", registers={2: [1] * 31 + [5]})
        self.assertEqual(warp.registers[0], [1] * 31 + [5])
        self.assertEqual([trace.issued.count(n) for n in range(6)], [1, 5, 5, 5, 2, 1])

    def test_lanes_that_exit_are_not_waited_for(self):
        warp, trace = run("ISETP.GE.U32.AND P0, PT, R2, 0x8, PT", "BSSY B0, `(.L_out)", "@P0 EXIT", "BSYNC B0", ".L_out:",
                          "MOV R0, 0x7", registers={2: list(range(32))})
        self.assertEqual(warp.registers[0], [7] * 8 + [0] * 24)

    def test_banks_of_shared_memory(self):
        base = RESERVED
        for stride, size, kind, expected in ((4, 4, "", (1, 1)), (8, 4, "", (2, 1)), (128, 4, "", (8, 1)), (0, 4, "", (1, 1)),
                                             (8, 8, ".64", (2, 2)), (16, 8, ".64", (4, 2))):
            at = [base + lane % 8 * stride if stride == 128 else base + lane * stride for lane in range(32)]
            _, trace = run(f"LDS{kind} R4, [R2]", registers={2: at})
            self.assertEqual((trace.accesses[0], trace.least[0]), expected, (stride, kind))

    def test_memory_outside_is_an_error(self):
        for line, address in (("LDS R0, [R2]", 0), ("STS [R2], R3", RESERVED + 1024), ("LDG.E R0, desc[UR4][R2.64]", 0x10100)):
            with self.assertRaises(Wrong, msg=line):
                run(line, registers={2: [address] * 32})

    def test_what_is_left_in_memory_is_compared(self):
        lines = ("STG.E desc[UR4][R2.64+0x4], R4", "EXIT")
        right = bytes(4) + struct.pack("<I", 0x01020304) + bytes(248)
        for after, expected in ((right, 0), (bytes(256), 4), (right[:255] + b"\1", 1)):
            launch = launch_of(after=after)
            warp = start(launch)
            warp.registers[2], warp.registers[4] = [0x10000] * 32, [0x01020304] * 32
            execute(kernel_of(*lines), warp)
            self.assertEqual(differences(warp, launch), expected)

    def test_the_steps_of_a_trace(self):
        # Lanes do one or two steps in a round, until each has done 12.
        _, trace = run("MOV R5, RZ", ".L_again:", "IADD3 R5, R5, R2, RZ", "VIMNMX.U32 R5, R5, 0xc, PT",
                       "ISETP.LT.U32.AND P0, PT, R5, 0xc, PT", "VOTE.ANY P1, P0", "@P1 BRA `(.L_again)",
                       registers={2: [1] * 16 + [2] * 16})
        window = window_of(trace, 12)
        self.assertEqual(len(window.issued), 4 * 5)  # rounds 1 to 5, of the 6 that the faster lanes need
        self.assertEqual(window.steps, 4 * 1.5)
        with self.assertRaises(Wrong):
            window_of(trace, 13)


def cycles(lines: list[Instruction], warps: int = 1, times: int = 1, accesses: dict[int, int] | None = None,
           policy: str = "greedy") -> int:
    issued = list(range(len(lines))) * times
    return cycles_of([step_of(i) for i in lines], issued, [(accesses or {}).get(n, 1) for n in issued], warps, policy)


class Issue(unittest.TestCase):
    def test_stalls_are_waited_for(self):
        self.assertEqual(cycles([instruction("NOP", stall=4), instruction("NOP", stall=9), instruction("NOP")]), 4 + 9 + 1)

    def test_others_fill_the_stalls_of_one(self):
        lines = [instruction("NOP", stall=4)] * 100
        self.assertEqual(cycles(lines), 397)
        for policy in ("greedy", "turns"):
            self.assertAlmostEqual(cycles(lines, 2, policy=policy), 398, delta=2)
            self.assertAlmostEqual(cycles(lines, 4, policy=policy), 400, delta=2)
            self.assertAlmostEqual(cycles(lines, 8, policy=policy), 800, delta=2)

    def test_scoreboards_hold_up_who_waits_for_them(self):
        load = instruction("LDS R0, [R1]", write=2)
        self.assertEqual(cycles([load, instruction("NOP", wait=4)]), LATENCY["LDS"] + 1)
        self.assertEqual(cycles([load, instruction("NOP", wait=2)]), 2)
        self.assertEqual(cycles([load, *[instruction("NOP")] * 9, instruction("NOP", wait=4)]), LATENCY["LDS"] + 1)

    def test_a_scoreboard_is_for_all_that_write_it(self):
        lines = [instruction("ATOMS.ADD R0, [R1], R2", write=0), instruction("LDS R3, [R1]", write=0), instruction("NOP", wait=1)]
        self.assertEqual(cycles(lines), LATENCY["ATOMS"] + 1)

    def test_pipes_of_half_rate(self):
        add, multiply = instruction("IADD3 R0, R1, R2, R3"), instruction("IMAD R4, R5, R6, R7")
        self.assertEqual(cycles([add] * 10), 19)
        self.assertEqual(cycles([add, multiply] * 10), 20)
        self.assertEqual(cycles([instruction("IMAD.WIDE.U32 R4, R5, R6, R8")] * 10), 37)
        self.assertEqual(pipe_of(instruction("POPC R0, R1")), ("XU", 8))

    def test_conflicts_and_a_full_queue_hold_up_memory(self):
        load, use = instruction("LDS R0, [R1]", write=0), instruction("NOP", wait=1)
        self.assertEqual(cycles([load, use], accesses={0: 8}), LATENCY["LDS"] + 7 + 1)
        self.assertEqual(cycles([load, load, use]), LATENCY["LDS"] + 1 + 3 + 1)  # the second one a cycle later, 3 in the queue
        alone, many = cycles([load] * 6), cycles([load] * 100)
        self.assertLess(alone, 12)
        self.assertAlmostEqual(many, 4 * 100, delta=25)

        self.assertAlmostEqual(cycles([load] * 50, accesses=dict.fromkeys(range(50), 3)), 3 * 4 * 50, delta=75)

    def test_warps_are_at_different_places(self):
        halves = [instruction("IADD3 R0, R1, R2, R3")] * 10 + [instruction("IMAD R4, R5, R6, R7")] * 10
        self.assertAlmostEqual(cycles(halves, warps=2, policy="turns"), 40, delta=2)

    def test_which_warp_is_served(self):
        warps = [Progress(0, 1, 0, [], issued) for issued in (9, 3, 5)]
        self.assertEqual(choose([0, 1, 2], 0, False, warps, "greedy"), 0)
        self.assertEqual(choose([0, 1, 2], 0, True, warps, "greedy"), 1)
        self.assertEqual(choose([0, 2], 1, False, warps, "greedy"), 2)
        self.assertEqual(choose([0], 0, True, warps, "greedy"), 0)
        self.assertEqual(choose([0, 1, 2], 1, False, warps, "turns"), 2)
        self.assertEqual(choose([0, 1], 1, False, warps, "turns"), 0)

    def test_a_warp_that_yields_goes_on_only_when_there_is_no_other(self):
        self.assertEqual(cycles([instruction("NOP", yields=True)] * 10), 10)
        self.assertEqual(cycles([instruction("NOP", yields=True)] * 10, warps=2), 20)


class Table(unittest.TestCase):
    def result(self, blocks: int = 5, cycles_of_warps=(400, 250, 200, 160)) -> sass_cycles.Result:
        case = sass_cycles.Case(256, 4e-3, 4)
        return sass_cycles.Result(case, "dealt", 4, 8, blocks, 100, 50, 10, dict(enumerate(cycles_of_warps, 1)))

    def test_rates_of_the_warps_that_fit(self):
        self.assertEqual(self.result().schedulers(), [2, 1, 1, 1])
        self.assertAlmostEqual(self.result().multiprocessor_rate(), (100 / 250 + 3 * 100 / 400) / 4)
        self.assertAlmostEqual(self.result().training_cycles(), 1 / (8 / 250 + 3 * 8 / 400))
        self.assertAlmostEqual(self.result(2).multiprocessor_rate(), 2 * 100 / 400 / 4)

    def test_blocks_by_shared_memory_and_registers(self):
        def fit(shared, registers):
            return sass_cycles.blocks_that_fit(Launch("", 0, shared, b"", [], [], [], 1), registers)
        self.assertEqual(fit(0, 128), 16)
        self.assertEqual(fit(0, 121), 16)  # a multiple of 8
        self.assertEqual(fit(0, 32), 32)
        self.assertEqual(fit(44 * 1024, 128), 5)
        self.assertEqual(fit(227 * 1024, 128), 1)

    def test_growth_is_found(self):
        before = sass_cycles.read_baseline(sass_cycles.baseline_text([self.result()]))
        self.assertEqual(sass_cycles.grown([self.result()], before), [])
        self.assertEqual(sass_cycles.grown([self.result(cycles_of_warps=(416, 260, 208, 166))], before), [])
        self.assertEqual(len(sass_cycles.grown([self.result(cycles_of_warps=(424, 265, 212, 170))], before)), 1)
        self.assertEqual(len(sass_cycles.grown([self.result(cycles_of_warps=(float("nan"),) * 4)], before)), 1)
        self.assertIn("not in the baseline", sass_cycles.grown([self.result()], {})[0])

    def test_registers_are_read_from_the_machine_code(self):
        names = b"\0.text._Z4testILi4E\0.nv.info\0"
        info = struct.pack("<BBHII", 4, 0x2F, 8, 7, 99) + struct.pack("<BBHII", 4, 0x2F, 8, 9, 101)
        at = 64 + len(names) + len(info)
        rows = [(0, 0, 0), (1, 64, 9 | 1 << 30), (names.index(b".nv"), 64 + len(names), 0), (0, 64, 0)]
        sizes = [0, 0, len(info), len(names)]
        headers = b"".join(struct.pack("<IIQQQQIIQQ", name, 1, 0, 0, where, size, 0, about, 1, 0)
                           for (name, where, about), size in zip(rows, sizes))
        elf = bytes(0x28) + struct.pack("<Q", at) + bytes(10) + struct.pack("<HHH", 64, len(rows), 3) + names + info + headers
        self.assertEqual(sass_cycles.registers_of(elf, "testILi4E"), 101)


if __name__ == "__main__":
    unittest.main()
