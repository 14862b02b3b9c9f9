"""One, two and three hosts behind the proxy: ``python -m benchmarks.hosts`` writes ``docs/performance/hosts.md``.

All run on this machine, so each host may use only a share of one processor: three then fit beside the databases, the
proxy and the client, and what is seen is what hosts of their own would add, not what they take from each other.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks.load import asking, request
from benchmarks.rounds import Ask, Rounds, interleaved
from benchmarks.servers import quoted
from tests.e2e.running import FANARCHIVE, Server
from tests.hosts.fleet import Fleet, fleet, start_proxy
from tests.soak.killing import children_of

PAGE = Path(__file__).parent.parent / "docs" / "performance" / "hosts.md"
RESULTS = PAGE.with_suffix(".json")
CONNECTIONS = 24
HEAD = """# Several hosts: how much more they answer

`python -m benchmarks.hosts` writes this page. {hosts} hosts over a PostgreSQL primary and a streaming replica behind
HAProxy, with the configuration of `deploy/hosts`, {works:,} made works, a guest's reads over {connections}
connections. Everything runs on one machine of {processors} processors. So that three hosts fit on it, each may use
{share:.0%} of one processor; figures are medians of {rounds} interleaved rounds, ratios are those of each round to one
host in the same round. Rates say little by themselves: a host with a processor of its own answers {times:.0f} times as
much.

| | one host | two hosts | three hosts | two : one | three : one |
|---|---|---|---|---|---|
"""
TAIL = """
## What this machine cannot show

- **Searches and lists** are answered from the host's own index; the database is asked for the rows of one page by
  key. So they grow with the hosts until the replica answers no more such statements, and then with the replicas: a host
  may have its own.
- **Pages of works and chapters** are one statement each at the replica, and at the primary for those with a token.
- **Writes** do not grow with the hosts: each is a transaction at the primary, and every host indexes every change, so
  that what is left of a host for reads falls as writes grow. An import runs on as many hosts as there are workers, up
  to what the primary takes.
- **The proxy** passes on some tens of thousands of requests a second and processor; it is not what ends first.
"""


@contextlib.contextmanager
def limited(hosts: Sequence[Server], share: float) -> Iterator[None]:
    """Each host, with its indexer, in a control group that may use a share of one processor."""
    root = Path("/sys/fs/cgroup/cpu")
    old = root.is_dir()
    groups = []
    for number, host in enumerate(hosts):
        group = (root if old else Path("/sys/fs/cgroup")) / f"fanarchive-{os.getpid()}-{number}"
        group.mkdir()
        groups.append(group)
        quota = round(100_000 * share)
        name, value = ("cpu.cfs_quota_us", str(quota)) if old else ("cpu.max", f"{quota} 100000")
        (group / name).write_text(value)
        assert host.process is not None
        for pid in (host.process.pid, *children_of(host.process.pid)):
            (group / "cgroup.procs").write_text(str(pid))
    try:
        yield
    finally:
        for group in groups:
            for pid in (group / "cgroup.procs").read_text().split():
                (group.parent / "cgroup.procs").write_text(pid)
            group.rmdir()


def fill(hosts: Fleet, works: int) -> None:
    """Made works, on every host."""
    made = hosts.folder / "made.ndjson"
    for arguments in (("make-works", "--count", str(works), "--seed", "6", "--out", str(made)), ("import", str(made))):
        done = subprocess.run(
            [FANARCHIVE, *arguments], env=hosts.hosts[0].environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    hosts.settle()


def requests(hosts: Fleet) -> dict[str, list[bytes]]:
    """What is asked: the tags and works of the archive's own pages."""
    client = hosts.client(0)
    page = client.get("/v1/works", limit=100, facets="fandom", facet_limit=20).body
    fandoms = [row["name"] for row in page["facets"]["fandom"]]
    ids = [item["id"] for item in page["items"]]
    return {
        "lists of 20, a fandom": [request(f"/v1/works?{quoted(fandom=name)}") for name in fandoms],
        "three facets, a fandom": [
            request(f"/v1/works?{quoted(fandom=name, facets='character,freeform,rating', limit=20)}")
            for name in fandoms
        ],
        "pages of works": [request(f"/v1/works/{work_id}") for work_id in ids],
    }


def measure(hosts: Fleet, ports: dict[str, int], given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Each kind of request, from one, two and three hosts in turn."""
    found = {}
    for kind, asked in requests(hosts).items():
        how: dict[str, Ask] = {name: asking(port, asked, given.seconds, CONNECTIONS) for name, port in ports.items()}
        rounds: Rounds = interleaved(given.rounds, how, "one")
        found[kind] = {
            "rates": {name: round(rounds.rate(name), 1) for name in ports},
            "ratios": {name: round(statistics.median(rounds.ratios(name, "one")), 2) for name in ("two", "three")},
        }
        print(kind, found[kind], flush=True)
    return found


def page(results: dict[str, Any]) -> str:
    """The results as a page."""
    lines = [HEAD.format(**results["how"], times=1 / results["how"]["share"])]
    for kind, one in results["measured"].items():
        rates = " | ".join(f"{one['rates'][name]:,.0f}/s" for name in ("one", "two", "three"))
        lines.append(f"| {kind} | {rates} | {one['ratios']['two']:.2f} | {one['ratios']['three']:.2f} |\n")
    return "".join(lines) + TAIL


def main() -> None:
    """Start everything, measure, write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hosts")
    parser.add_argument("--works", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--share", type=float, default=0.2, help="of one processor, for each host")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, fleet(Path(name)) as hosts, contextlib.ExitStack() as stack:
        fill(hosts, given.works)
        ports = {}
        for count, called in enumerate(("one", "two", "three"), start=1):
            proxy, ports[called] = start_proxy(hosts.folder, hosts.hosts[:count])
            stack.callback(proxy.wait)
            stack.callback(proxy.terminate)
        stack.enter_context(limited(hosts.hosts, given.share))
        measured = measure(hosts, ports, given)
    how = {"hosts": 3, "works": given.works, "connections": CONNECTIONS, "processors": os.cpu_count() or 1}
    results = {"how": how | {"share": given.share, "rounds": given.rounds}, "measured": measured}
    RESULTS.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2) + b"\n")
    PAGE.write_text(page(results))


if __name__ == "__main__":
    main()
