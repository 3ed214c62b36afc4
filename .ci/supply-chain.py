"""What the executable is made of, and whether some of it is known to be vulnerable: supply-chain.py sbom FILE, or supply-chain.py vulnerable.

Both need a package registry. One that does not answer, or does not publish vulnerabilities, is told and is no failure; a bill of materials
that lacks a package, and a package that is known to be vulnerable, are.
"""
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

PROJECT = Path("src/RolloutController/RolloutController.csproj")
LOCK = PROJECT.with_name("packages.lock.json")


def run(*command):
    """Runs a command; gives back what it said, or None where it failed."""
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode != 0:
        print(ended.stdout)
        return None
    return ended.stdout


def locked():
    """The packages that the executable is restored from, with their versions."""
    frameworks = json.loads(LOCK.read_text(encoding="utf-8-sig"))["dependencies"].values()
    return {(name, package["resolved"]) for packages in frameworks for name, package in packages.items() if package["type"] != "Project"}


def problems(bom):
    """What is wrong with a bill of materials: https://cyclonedx.org/docs/1.6/json/ names the fields."""
    if bom.get("bomFormat") != "CycloneDX" or not bom.get("specVersion", "").startswith("1."):
        yield "it is not in the format CycloneDX 1"
    if not bom.get("serialNumber", "").startswith("urn:uuid:"):
        yield "it has no serial number"
    components = bom.get("components", [])
    for component in components:
        name = component.get("name", "a component without a name")
        if component.get("purl") != f"pkg:nuget/{name}@{component.get('version')}":
            yield f"{name} has no package URL"
        if not any(hash["alg"] == "SHA-512" and len(hash["content"]) == 128 for hash in component.get("hashes", [])):
            yield f"{name} has no SHA-512 hash"
    missing = locked() - {(component.get("name"), component.get("version")) for component in components}
    yield from (f"{name} {version} is in {LOCK}, but not in it" for name, version in sorted(missing))


def sbom(file):
    if run("dotnet", "tool", "restore") is None:
        print("No bill of materials: the registry does not give the tool that .config/dotnet-tools.json names.")
        return 0
    file = Path(file)
    version = next(line.split(">")[1].split("<")[0] for line in Path("Directory.Build.props").read_text().splitlines() if "<Version" in line)
    if run("dotnet", "dotnet-CycloneDX", str(PROJECT), "--output", str(file.parent), "--filename", file.name, "--output-format", "Json",
           "--disable-package-restore", "--set-name", "rollout-controller", "--set-version", version) is None:
        return 1
    bom = json.loads(file.read_text())
    wrong = list(problems(bom))
    print(*(f"{file}: {what}" for what in wrong), f"{file}: {len(bom['components'])} components of rollout-controller {version}", sep="\n")
    return 1 if wrong else 0


def publishes(source):
    """Whether a registry says which packages are vulnerable: https://learn.microsoft.com/nuget/api/vulnerability-info"""
    try:
        with urllib.request.urlopen(source, timeout=20) as answer:
            return any(resource["@type"].startswith("VulnerabilityInfo/") for resource in json.load(answer)["resources"])
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return False


def vulnerable():
    said = run("dotnet", "list", "Rollout.sln", "package", "--vulnerable", "--include-transitive", "--format", "json")
    report = json.loads(said[said.index("{"):]) if said else None
    if report is None or not any(publishes(source) for source in report.get("sources", [])):
        print("Not known whether a package is vulnerable: no registry answers that publishes it.")
        return 0
    found = {
        (package["id"], package["resolvedVersion"], one["severity"], one["advisoryurl"])
        for project in report["projects"] for framework in project.get("frameworks", [])
        for group in ("topLevelPackages", "transitivePackages") for package in framework.get(group, [])
        for one in package.get("vulnerabilities", [])
    }
    print(*(" ".join(one) for one in sorted(found)), f"{len(found)} packages are known to be vulnerable", sep="\n")
    return 1 if found else 0


sys.exit({"sbom": sbom, "vulnerable": vulnerable}[sys.argv[1]](*sys.argv[2:]))
