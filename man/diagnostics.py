"""For each error kind, what to look at next: the part of DIAGNOSTICS that people write."""

from __future__ import annotations

from collections.abc import Mapping

NEXT: Mapping[str, str] = {
    "dns": "Try getent hosts NAME as the user fthg runs as; look at /etc/resolv.conf, and at "
    "/etc/hosts for a name that only this host knows.",
    "refused": "Is the service up, and is it this port? ss -ltn at the server, then its firewall: "
    "one that rejects looks the same as nobody listening.",
    "unreachable": "ip route get ADDRESS shows the way. With many short connections local ports "
    "can run out: set reuse: true, or look at net.ipv4.ip_local_port_range.",
    "connect_timeout": "Packets vanish: a firewall that drops, a wrong address, or a server whose "
    "queue of new connections is full. The phases in the results tell how far it came: "
    "connecting, handshaking or authenticating.",
    "timeout": "The phases tell where the time went: sending means the network or a slow reader, "
    "waiting means that the server works on the file. Raise timeout only if that is normal.",
    "reset": "The server's own log has the reason. Otherwise a proxy or firewall between that "
    "cuts idle or long connections; reuse: false tells whether kept ones are the cause.",
    "tls": "The detail names it. openssl s_client -connect HOST:443 -servername HOST shows the "
    "server's chain; compare its name and dates, and set ca for a private authority. On RHEL "
    "update-crypto-policies --show tells which versions are allowed.",
    "host_key": "ssh-keyscan HOST shows the key of today. If it has changed for a known reason, "
    "remove the old line by ssh-keygen -R HOST and add the new one; if not, ask before you send.",
    "auth": "Try the same user and key with sftp(1) or curl(1). The server's log (sshd: "
    "/var/log/secure) tells what this side never learns.",
    "status": "The code and the begin of the answer stand in the results and in the log at -v. "
    "401 and 403: credentials; 413: a limit on size; 429 and 503: overload, which may be what "
    "you wanted to find; 3xx: set follow_redirects or the new URL. expect allows further ones.",
    "protocol": "Something else listens there: a proxy's page, TLS on a plain port, or a banner. "
    "-vvv shows what came.",
    "proxy": "The proxy's own log; and is it meant at all? fthg uses the environment's proxies "
    "only with trust_env: true.",
    "channel": "sshd_config: Subsystem sftp, MaxSessions, ForceCommand and the user's shell. Fewer "
    "channels are used with a smaller max_in_flight or more connections.",
    "permission": "Rights and owner of the remote directory, its quota, and SELinux at the server. "
    "A plain PUT cannot replace a file that belongs to someone else.",
    "no_path": "Is the URL's path right, as seen after chroot? A path is absolute; /~/ begins at "
    "the login directory. mkdir: true creates what is missing.",
    "remote": "df and quota at the server, and its log. A name that exists: let remote_name hold "
    "{uuid} or {seq}.",
    "size": "Something at the server cut, converted or took the file before it was complete: "
    "atomic: true keeps watchers away until it is whole.",
    "no_file": "Whatever fills the directory has stopped, or match fits nothing any more.",
    "file": "Who else works on the directory? Files should be moved in, complete, by rename.",
    "name": "Rename the file, or leave {filename} out of the place that the detail names; "
    "{uuid} fits everywhere.",
    "descriptors": "ulimit -n, or LimitNOFILE= of the unit; or a smaller max_in_flight.",
    "internal": "Run again with -vvv and send the traceback of the log.",
}
