"""Tries the executable of an image in its own root: image-trial.py FOLDER, beside the cluster that ROLLOUT_TEST_KUBECONFIG names.

Every command says its help; lint, rehearse and demo work; run becomes ready against the cluster and ends well. Prints the size, the time from start
to ready and the memory at rest and after scrapes, and fails where one is over its limit (docs/benchmarks.md).
"""
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

# What is not to be passed, as docs/benchmarks.md says: MB of the executable, ms of processor time from start to ready, and MiB at rest, of which
# only the second are the process's own (the others are pages of the executable, which the kernel can drop), and after scrapes of its metrics.
MOST_MEGABYTES, MOST_MILLISECONDS, MOST_MEBIBYTES, MOST_OWN_MEBIBYTES, MOST_MEBIBYTES_SCRAPED = 40, 800, 54, 24, 60
STARTS = 5
AT_REST = 20
SCRAPES = 400
PATIENCE = 60

image, context = Path(sys.argv[1]), Path(__file__).parent.parent
failures = []


def start(*arguments, **options):
    return subprocess.Popen([context / ".ci/in-image", image, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def trial(expected, says, *arguments):
    """Runs a command to its end; notes a failure where it does not end or speak as it should."""
    process = start(*arguments)
    output, _ = process.communicate(timeout=300)
    good = process.returncode == expected and re.search(says, output)
    print(f"{'ok' if good else 'FAILED'}: {' '.join(arguments)}")
    if not good:
        failures.append(f"{' '.join(arguments)} ended with {process.returncode} (expected {expected}) and said:\n{output[-2000:]}")
    return output


def helps(*command):
    """The help of a command and of those below it."""
    below = trial(0, "Usage:", *command, "--help").partition("\nCommands:\n")[2]
    for name in re.findall(r"^  ([a-z-]+)", below, re.MULTILINE):
        helps(*command, name)


def serving(process, command):
    """Starts a command that serves; gives back its address and the ms from the executable's start until it is ready, by the clock and of processor time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process.append(start(*command, "--listen", address))
    executable, began, deadline = Path(f"/proc/{process[0].pid}/exe"), None, time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process[0].poll() is None:
        if began is None:
            if os.readlink(executable).endswith("/RolloutController"):
                began, spent = time.monotonic(), processor(process[0])
            continue
        try:
            with urllib.request.urlopen(f"http://{address}/readyz", timeout=5):
                return address, 1000 * (time.monotonic() - began), processor(process[0]) - spent
        except OSError:
            time.sleep(0.001)
    process[0].kill()
    sys.exit(f"{' '.join(command)} did not become ready in {PATIENCE} s:\n{process[0].communicate()[0][-4000:]}")


def ends(process, command):
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=PATIENCE)
    if process.returncode != 0:
        failures.append(f"{' '.join(command)} ended with {process.returncode} after SIGTERM:\n{output[-2000:]}")


def processor(process):
    """The processor time that a process has had, in ms."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process):
    """The memory that a process holds, in MiB, and how much of it is no file's."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return [int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1024 for field in ("VmRSS", "RssAnon")]


def run():
    """Starts the controller against the cluster a few times; gives back the starts, as above, and the memory at rest and after scrapes."""
    command, starts = ("run", "--kubeconfig", "/input/kubeconfig", "--no-leader-election"), []
    for last in [False] * (STARTS - 1) + [True]:
        process = []
        address, *took = serving(process, command)
        starts.append(took)
        if last:
            time.sleep(AT_REST)
            rested = resident(process[0])
            for _ in range(SCRAPES):
                with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as page:
                    page.read()
            scraped = resident(process[0])
        ends(process[0], command)
    return starts, rested, scraped


def held(what, value, most, unit):
    print(f"{what}: {value:.1f} {unit} (limit: {most} {unit})")
    if value > most:
        failures.append(f"{what} is {value:.1f} {unit}, over the limit of {most} {unit}")


with tempfile.TemporaryDirectory() as folder:
    shutil.copytree(context / "examples", Path(folder, "examples"))
    shutil.copy(os.environ["ROLLOUT_TEST_KUBECONFIG"], Path(folder, "kubeconfig"))
    os.environ["IMAGE_INPUT"] = folder
    helps()
    trial(0, "", "lint", "-f", "/input/examples/shop.yaml")
    trial(3, "is rolled back", "rehearse", "-f", "/input/examples/shop.yaml", "--scenario", "flaky-5-percent")
    trial(0, '"outcome"', "rehearse", "-f", "/input/examples/shop.yaml", "-o", "json")
    demo = []
    serving(demo, ("demo",))
    ends(demo[0], ("demo",))
    held("executable", sum(file.stat().st_size for file in (image / "app").rglob("*")) / 1e6, MOST_MEGABYTES, "MB")
    starts, (memory, own), (scraped, _) = run()
    print(f"start to ready by the clock, median of {STARTS}: {statistics.median(clock for clock, _ in starts):.0f} ms")
    held("start to ready, processor time", statistics.median(spent for _, spent in starts), MOST_MILLISECONDS, "ms")
    held(f"memory at rest, {AT_REST} s after", memory, MOST_MEBIBYTES, "MiB")
    held("of it the process's own", own, MOST_OWN_MEBIBYTES, "MiB")
    held(f"memory after {SCRAPES} scrapes", scraped, MOST_MEBIBYTES_SCRAPED, "MiB")

print(*failures, sep="\n\n")
sys.exit(1 if failures else 0)
