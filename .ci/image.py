"""Makes the root of the image where no container engine is: image.py FOLDER plays the Dockerfile on this machine.

The first stage is a folder that holds what the Dockerfile copies and nothing else, with this machine's SDK; the second is an empty one with the
libraries that the executable loads, from this machine, in place of the base image. FOLDER/image.json says how the image is started. What the
Dockerfile says and this does not understand ends it.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# What .NET opens by name for TLS, as the base image has it.
OPENED = ("libssl.so.3", "libcrypto.so.3")


def instructions(dockerfile):
    """The instructions, each as a word and the rest of its line."""
    for line in re.sub(r"\\\n", " ", dockerfile).splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split(maxsplit=1)


class Stage:
    """One stage: a folder in place of the file system that a container engine would give it."""

    def __init__(self, folder):
        self.folder, self.workdir, self.arguments, self.config = folder, "/", {}, {"environment": {}}

    def path(self, name):
        return self.folder / os.path.join(self.workdir, name).lstrip("/")

    def copy(self, source, names, target):
        for name in names:
            to = self.path(target) / Path(name).name if target.endswith("/") else self.path(target)
            to.parent.mkdir(parents=True, exist_ok=True)
            if (source / name).is_dir():
                shutil.copytree(source / name, to, ignore=shutil.ignore_patterns("bin", "obj"), dirs_exist_ok=True)
            else:
                shutil.copy2(source / name, to)

    def run(self, command):
        # The only absolute name of the command is the folder that it writes; it has to be in this stage.
        command = re.sub(r" /(\S+)", lambda match: f" {shlex.quote(str(self.folder / match[1]))}", command)
        subprocess.run(["sh", "-euc", command], cwd=self.path("."), env={**os.environ, **self.arguments}, check=True)


def play(dockerfile, context, folder):
    """Plays the instructions; gives back the last stage."""
    stages, stage = {}, None
    for word, rest in instructions(dockerfile):
        match word:
            case "ARG" if stage is None:
                pass
            case "FROM":
                name = rest.partition(" AS ")[2] or "image"
                stage = stages[name] = Stage(folder / name)
                stage.path(".").mkdir(parents=True)
            case "ARG":
                argument, _, value = rest.partition("=")
                stage.arguments[argument] = os.environ.get(argument, value)
            case "WORKDIR":
                stage.workdir = rest
                stage.path(".").mkdir(parents=True, exist_ok=True)
            case "COPY" if rest.startswith("--from="):
                other, source, target = rest.removeprefix("--from=").split()
                stage.copy(stages[other].folder, [source.lstrip("/")], target)
            case "COPY":
                *names, target = rest.split()
                stage.copy(context, names, target)
            case "RUN":
                stage.run(rest)
            case "ENV":
                variable, _, value = rest.partition("=")
                stage.config["environment"][variable] = value
            case "USER":
                stage.config["user"] = rest
            case "ENTRYPOINT" | "CMD":
                stage.config[word.lower()] = json.loads(rest)
            case "EXPOSE":
                pass
            case _:
                sys.exit(f"Dockerfile: {word} is not understood here; teach .ci/image.py what it does.")
    return stage


def libraries(executable):
    """The shared libraries that the executable loads, and those that they load, by their names in the file system."""
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    opened = [next(line.split()[-1] for line in known.splitlines() if line.split()[0] == name and "x86-64" in line) for name in OPENED]
    for file in [executable, *opened]:
        linked = subprocess.run(["ldd", file], capture_output=True, text=True, check=True).stdout
        yield from (word for word in linked.split() if word.startswith("/"))
    yield from opened


def main(target):
    target, context = Path(target), Path(__file__).parent.parent
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        stage = play((context / "Dockerfile").read_text(), context, Path(folder))
        shutil.move(stage.folder, target)
    for library in set(libraries(target / stage.config["entrypoint"][0].lstrip("/"))):
        to = target / library.lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, to)
    # Where a container engine, or the kubelet, mounts something.
    for mount in ("proc", "dev", "tmp", "etc", "input"):
        (target / mount).mkdir(exist_ok=True)
    (target / "image.json").write_text(json.dumps(stage.config, indent=2) + "\n")


main(*sys.argv[1:])
