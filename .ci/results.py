"""Adds up the test results of a run: results.py FOLDER [FAILED-PHASE...], where FOLDER holds the folders plain and cluster of .trx files.

Prints the slowest tests, what failed, and as the last line "N passed, N failed". With a cluster there is no reason to skip a test, so a
skipped one counts as failed there; so does a phase that failed in which no test did.
"""
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

TRX = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"


def read(folder):
    """The tests of a run: name, outcome and seconds."""
    for file in folder.glob("*.trx"):
        results = xml.parse(file)
        classes = {test.get("id"): test.find(f"{TRX}TestMethod").get("className") for test in results.iter(f"{TRX}UnitTest")}
        for result in results.iter(f"{TRX}UnitTestResult"):
            hours, minutes, seconds = result.get("duration", "0:0:0").split(":")
            name = f"{classes[result.get('testId')]}: {result.get('testName')}"
            yield name, result.get("outcome"), int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def main(folder, *failed_phases):
    passed, failed, times = 0, [], []
    for run in ("plain", "cluster"):
        before = len(failed)
        for name, outcome, seconds in read(Path(folder, run)):
            times.append((seconds, run, name))
            if outcome == "Passed":
                passed += 1
            elif outcome == "Failed" or run == "cluster":
                failed.append(f"{run}: {name}: {outcome}")
        if f"tests: {run}" in failed_phases and len(failed) == before:
            failed.append(f"tests: {run}")
    failed += [phase for phase in failed_phases if not phase.startswith("tests: ")]

    print("\nThe slowest tests:")
    for seconds, run, name in sorted(times, reverse=True)[:10]:
        print(f"{seconds:7.1f} s  {run}: {name}")
    if failed:
        print("\nFailed:", *failed, sep="\n  ")
    print(f"\n{passed} passed, {len(failed)} failed")
    return 1 if failed or passed == 0 else 0


sys.exit(main(*sys.argv[1:]))
