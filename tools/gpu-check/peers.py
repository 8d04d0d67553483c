"""Two lines from the JSON of bench/peers: which peers passed the gate, and how many times as fast timescape is."""

import json
import sys

result = json.load(open(sys.argv[1]))
rows = [row for row in result["gate"] if not row["name"].startswith("wrong on purpose")]
peers = list(dict.fromkeys(row["name"].split(" (")[0] for row in rows))
passed = [name for name in peers if name not in result["failed"]]
failed = [f"{name} did not" for name in result["failed"]]
print(f"passed: {', '.join(passed) or 'none'}" + "".join(f"; {text}" for text in failed))

cases = []
for case in result["cases"]:
    entries = [entry for entry in case["contenders"] if entry["name"] != "timescape"]
    ratios = [f"{e['name']} failed" if "failed" in e else f"{e['ratio_median']:.3g} of {e['name']}" for e in entries]
    cases.append(f"m = {case['neurons']}: {', '.join(ratios) or 'no peer'}")
print("times the speed, " + "; ".join(cases) if cases else "")
