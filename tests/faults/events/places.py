"""Names and addresses of servers for events with private mounts and networks."""

from __future__ import annotations

from pathlib import Path

from tests.servers import need
from tests.servers.certificates import server_certificate

from ..observed import TARGET
from ..servers import Ssh, Web
from ..world import World


def known_as(world: World, host: str) -> None:
    """Let the job use this name or address for the target, with a certificate for it."""
    keys = world.configuration["jobs"][TARGET]
    keys["url"] = keys["url"].replace("127.0.0.1", host)
    target = world.target
    if isinstance(target, Web) and target.ca:
        target.certificate = server_certificate(target.ca, target.directory, hosts=(host,))
    if isinstance(target, Ssh):
        known_hosts = Path(keys["known_hosts"])
        known_hosts.write_text(known_hosts.read_text().replace("127.0.0.1", host))


def restart(world: World, address: str) -> None:
    """Start the target again, at this address."""
    world.target.stop()
    world.target.address = address
    world.target.start()


def with_mounts(*mounts: tuple[Path, str]) -> list[str]:
    """Return the words before a command that sees these files instead of the system's."""
    binds = " && ".join(f"mount --bind '{ours}' '{theirs}'" for ours, theirs in mounts)
    return [need("unshare"), "--mount", "sh", "-c", f'{binds} && exec "$@"', "sh"]
