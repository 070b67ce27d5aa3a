"""The next step for each error kind: the written part of DIAGNOSTICS."""

from __future__ import annotations

from collections.abc import Mapping

NEXT: Mapping[str, str] = {
    "dns": "Try getent hosts NAME as the user that fthg runs as; check /etc/resolv.conf, and "
    "/etc/hosts for a name that only this host knows.",
    "refused": "Check that the service is up and listens on this port: ss -ltn at the server; "
    "then its firewall: a rejected connection looks the same as a closed port.",
    "unreachable": "ip route get ADDRESS shows the route.",
    "connect_timeout": "Packets are lost: a firewall drops them, the address is wrong, or the "
    "server's queue of new connections is full. The phases in the results show the progress: "
    "connecting, handshaking or authenticating.",
    "timeout": "The phases show where the time was spent: sending means the network or a slow "
    "reader, waiting means that the server works on the file. Raise timeout only if that is "
    "normal.",
    "reset": "Check the server's log. Otherwise a proxy or firewall in between closes idle or "
    "long connections: idle ones cannot be the cause with reuse: false, and are not if "
    "idle_timeout is below its limit.",
    "tls": "The detail names the cause. openssl s_client -connect HOST:443 -servername HOST shows "
    "the server's chain; compare its name and dates, and set ca for a private authority. On RHEL "
    "update-crypto-policies --show prints the policy, which limits the versions.",
    "host_key": "ssh-keyscan HOST prints the current key. If it has changed for a known reason, "
    "remove the old line with ssh-keygen -R HOST and add the new one; if not, ask before you send.",
    "auth": "Try the same user and key with sftp(1) or curl(1). The server's log (sshd: "
    "/var/log/secure) has reasons that the client never gets. The message of a token "
    "server is in the detail.",
    "cut": "The server, or a proxy before it, answered without reading the file, and closed: a "
    "wrong path or a fixed answer may do that. Its log shows whether it took the file.",
    "status": "The code and the beginning of the answer are in the results and in the log at -v. "
    "401 and 403: credentials; 413: a limit on size; 429 and 503: overload, which may be the "
    "result of the test; 3xx: set follow_redirects or the new URL. expect allows further ones. "
    "For an expected status the detail says what expect_body or expect_headers did not find.",
    "protocol": "Something else listens there: a proxy's page, TLS on a plain port, or a banner. "
    "-vvv shows the bytes received.",
    "proxy": "Check the proxy's log, or that of the jump host (AllowTcpForwarding, PermitOpen), "
    "and whether a proxy is intended: fthg uses the environment's proxies only with trust_env: "
    "true.",
    "channel": "Check sshd_config for Subsystem sftp, MaxSessions and ForceCommand, and the "
    "user's shell. A smaller max_in_flight or more connections need fewer channels.",
    "permission": "Check mode and owner of the remote directory, its quota, and SELinux at the "
    "server. A plain PUT cannot replace a file that belongs to someone else.",
    "no_path": "Check the path of the URL, as it is after chroot. A path is absolute; /~/ is the "
    "login directory. mkdir: true creates missing directories.",
    "remote": "Check df, quota and the log at the server. If the name exists: use {uuid} or {seq} "
    "in remote_name.",
    "size": "A program at the server truncated, converted or moved the file before it was "
    "complete: atomic: true hides it until then.",
    "no_file": "Nothing fills the directory any more, or match fits none of its files.",
    "file": "Check which other programs use the directory. Files should be moved into it by "
    "rename.",
    "name": "Rename the file, or leave {filename} out of the value that the detail names; {uuid} "
    "is valid everywhere.",
    "descriptors": "Raise ulimit -n, or LimitNOFILE= of the unit; or set a smaller max_in_flight.",
    "ports": "net.ipv4.ip_local_port_range sets their number; a closed connection holds one for a "
    "minute. Keep connections (reuse: true), or lower the rate.",
    "threads": "Raise ulimit -u, or TasksMax= of the unit and the limit of the container.",
    "internal": "Run again with -vvv and send the traceback of the log.",
}
