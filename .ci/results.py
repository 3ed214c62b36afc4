"""Adds up the test results of a run: results.py FOLDER [FAILED-PHASE...], with the .trx files of each run in a folder of its name.

Prints the slowest tests, what failed, and as the last line "N passed, N failed". A test that every run skipped counts as failed, and so
does a phase that failed though none of its tests did.
"""
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

RUNS = ("tests", "faults", "tests with a cluster", "tests afterwards")
TRX = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"


def read(folder):
    """The tests of a run: name, outcome, seconds and what it said when it failed."""
    for file in folder.glob("*.trx"):
        results = xml.parse(file)
        classes = {test.get("id"): test.find(f"{TRX}TestMethod").get("className") for test in results.iter(f"{TRX}UnitTest")}
        for result in results.iter(f"{TRX}UnitTestResult"):
            hours, minutes, seconds = result.get("duration", "0:0:0").split(":")
            name = f"{classes[result.get('testId')]}: {result.get('testName')}"
            said = result.findtext(f".//{TRX}ErrorInfo/{TRX}Message") or ""
            yield name, result.get("outcome"), int(hours) * 3600 + int(minutes) * 60 + float(seconds), said


def fault_runs(folder):
    """How many stories were played with faults, as the tests of a run say."""
    results = (result for file in folder.glob("*.trx") for result in xml.parse(file).iter(f"{TRX}UnitTestResult"))
    texts = (text.text or "" for result in results for text in result.iter(f"{TRX}StdOut"))
    return sum(int(count) for text in texts for count in re.findall(r"^(\d+) runs in ", text, re.MULTILINE))


def shortened(said):
    """What a test said, in a few lines below its name."""
    return "".join(f"\n      {line[:200]}" for line in said.splitlines()[:8])


def main(folder, *failed_phases):
    results = [(run, *result) for run in RUNS for result in read(Path(folder, run))]
    passed = [f"{run}: {name}" for run, name, outcome, _, _ in results if outcome == "Passed"]
    failed = [f"{run}: {name}{shortened(said)}" for run, name, outcome, _, said in results if outcome == "Failed"]
    ran = {name for _, name, outcome, _, _ in results if outcome in ("Passed", "Failed")}
    failed += sorted({f"in no run: {name}" for _, name, _, _, _ in results if name not in ran})
    failed += [phase for phase in failed_phases if phase not in RUNS or not any(test.startswith(f"{phase}: ") for test in failed)]

    print(f"\n{fault_runs(Path(folder, 'faults'))} runs with faults")
    print("\nThe slowest tests:")
    for run, name, _, seconds, _ in sorted(results, key=lambda result: -result[3])[:10]:
        print(f"{seconds:7.1f} s  {run}: {name}")
    if failed:
        print("\nFailed:", *failed, sep="\n  ")
    print(f"\n{len(passed)} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


sys.exit(main(*sys.argv[1:]))
