"""What lies in ``deploy/``: it parses, it is what systemd and Kubernetes take, and its settings and commands exist."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer
import yaml

from app import cli
from app.config import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("fanarchive*"))
KUBERNETES = "1.37"


def manifests() -> Iterator[dict[str, Any]]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def pods() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, labels and specification of every pod that a manifest makes."""
    for one in manifests():
        template = one.get("spec", {}).get("template") if one["kind"] != "Ingress" else None
        if template:
            yield one["metadata"]["name"], template["metadata"]["labels"], template["spec"]


def commands() -> Iterator[list[str]]:
    """Every command line of the program that a file in deploy/ starts."""
    for _, _, spec in pods():
        yield from (container["args"] for container in spec["containers"])
    for service in yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values():
        if "command" in service:
            yield service["command"]
    for path in UNITS:
        yield from (line.split()[1:] for line in re.findall(r"^ExecStart=(.*)$", path.read_text(), re.MULTILINE))


def test_kubernetes_takes_the_manifests() -> None:
    found = list(manifests())
    assert {one["kind"] for one in found} >= {"StatefulSet", "Deployment", "Service", "Job", "ConfigMap", "Secret"}
    for one in found:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)


def test_pods_run_as_nobody_and_find_what_they_name() -> None:
    named = {(one["kind"], one["metadata"]["name"]) for one in manifests()}
    sets = [one["spec"] for one in manifests() if one["kind"] == "StatefulSet"]
    claims = {claim["metadata"]["name"] for one in sets for claim in one["volumeClaimTemplates"]}
    for _, _, spec in pods():
        assert spec["securityContext"]["runAsNonRoot"]
        volumes = {volume["name"] for volume in spec["volumes"]} | claims
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}  # noqa: S108
            assert {"memory"} <= set(container["resources"]["limits"])
            for source in container["envFrom"]:
                ((reference, target),) = source.items()
                assert ({"configMapRef": "ConfigMap", "secretRef": "Secret"}[reference], target["name"]) in named


def test_selectors_find_their_pods() -> None:
    labels = [labels for _, labels, _ in pods()]
    for one in manifests():
        selector = one.get("spec", {}).get("selector")
        if selector:
            wanted = selector.get("matchLabels", selector)
            assert any(wanted.items() <= found.items() for found in labels), one["metadata"]["name"]


def test_every_setting_exists() -> None:
    names = {f"FANARCHIVE_{name.upper()}" for name in Settings.model_fields}
    told = {
        name
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for name in re.findall(r"\bFANARCHIVE_[A-Z_]+", path.read_text())
    }
    assert told <= names


def test_every_command_exists() -> None:
    group = typer.main.get_command(cli.app)
    found = list(commands())
    assert len(found) >= 7
    for arguments in found:
        command: Any = group
        words = list(arguments)
        while hasattr(command, "get_command"):
            command = command.get_command(None, words.pop(0))
            assert command is not None, arguments
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    program = str(Path(sys.executable).with_name("fanarchive"))
    units = []
    for path in UNITS:
        unit = tmp_path / path.name
        unit.write_text(path.read_text().replace("/opt/fanarchive/.venv/bin/fanarchive", program))
        units.append(str(unit))
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, check=False, timeout=60)
    told = [line for line in checked.stderr.decode().splitlines() if "fanarchive" in line]
    assert (checked.returncode, told) == (0, [])


def test_the_compose_file_starts_what_there_is() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services, volumes = compose["services"], compose["volumes"]
    assert set(services) == {"archive", "worker", "database"}
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(volumes)
