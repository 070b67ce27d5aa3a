"""An example for every key of the configuration, and a note for keys that need one.

A test reads each example with the key's own reader, and fails if a key has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Example(NamedTuple):
    """An example of a key's value, and a note that follows the key's description."""

    value: str  # as it is written after `key: `
    note: str = ""


RUN: Mapping[str, Example] = {
    "duration": Example("2h", "A job's own duration ends that job earlier."),
    "graceful_stop": Example(
        "1m",
        "Transfers still in flight then are aborted and counted as cancelled; 0s aborts at once.",
    ),
    "status_interval": Example("5m"),
    "results": Example(
        "results-{date}.jsonl",
        "Lines are appended. The format is documented in WHAT IT WRITES of fthg(1).",
    ),
    "summary": Example("summary-{run}.json"),
    "junit": Example("junit-{run}.xml", "A test case for each threshold."),
    "report": Example("run-{run}.html", "One page that needs no network, to be handed on."),
    "metrics": Example(
        "9464",
        "To be scraped at /metrics of 127.0.0.1; a host in front of the port is another address. A "
        "FILE.prom is replaced every 15 s, for node_exporter.",
    ),
    "thresholds": Example("[failed < 1%, lateness p99 < 50ms]", "See THRESHOLDS."),
    "baseline": Example(
        "summary-last-week.json",
        "Summary, report and JSON show before, now and change; thresholds may refer to it: "
        "response_time p95 < 120% of baseline.",
    ),
    "zone": Example("Europe/Berlin", "Local is the zone of TZ if that is set. JSON is always UTC."),
    "workers": Example(
        "auto",
        "Rates and named limits are those of the whole job: a job has at most as many workers as "
        "the smallest of senders, max_in_flight and connections that it names. --check shows "
        "how each is divided.",
    ),
}

LOGGING: Mapping[str, Example] = {
    "level": Example("info"),
    "file": Example(
        "{path: /var/log/fthg/fthg.log, level: info}",
        "A plain path is enough if the file has the level and format of the section.",
    ),
    "syslog": Example("{address: 'udp://loghost:514', facility: local0}"),
    "format": Example("json"),
}

JOB: Mapping[str, Example] = {
    "url": Example(
        "https://ingress.example.com/upload/{filename}",
        "The protocol determines the further keys. For SFTP the path is a directory, "
        "absolute as written; a path that begins with /~/ is relative to the login directory.",
    ),
    "files": Example(
        "/var/lib/fthg/orders",
        "Hidden files are left out. The directory is read again at each pass. If it is empty "
        "at the start the run ends with status 3; later the arrival fails as no_file. A directory "
        "that is put in its place is used from the next pass on; a link that is put there is not "
        "followed. For files that are made see GENERATED FILES.",
    ),
    "match": Example(
        "['*.xml', '*.csv']", "As the shell matches names, case-sensitive; one of a list must fit."
    ),
    "exclude": Example("['*.tmp', '*.part', archive]"),
    "min_age": Example(
        "10s",
        "For directories that others write to: what still grows is left for the next pass, and "
        "does not stop the start. Where no file is old enough the arrival fails as no_file. "
        "Together with repeat: once one worker has the whole job.",
    ),
    "template": Example(
        "true",
        "The same ones as elsewhere, but {size} and the digests; {{ and }} are braces. At most "
        "16 MiB each. Of the files that are there at the start, up to 1,000 and 64 MiB are "
        "checked before anything is sent; any other that is no template fails its transfer as "
        "file.",
    ),
    "recursive": Example("true"),
    "follow_links": Example(
        "true",
        "Links to themselves and to a directory above them are never followed. A link that "
        "is given as files itself is always followed.",
    ),
    "order": Example("random"),
    "seed": Example("42"),
    "repeat": Example("once"),
    "rate": Example(
        "120/hour",
        "The rate is that of the whole job, and periods are exact: 7/hour sends seven "
        "files in each hour for weeks. See RATES AND ARRIVALS for rates that change.",
    ),
    "arrivals": Example(
        "poisson", "With a seed they are the same each time. See RATES AND ARRIVALS."
    ),
    "model": Example("closed", "See HOW IT SENDS in fthg(1)."),
    "max_in_flight": Example(
        "100", "An arrival that is due while that many are outstanding is counted as dropped."
    ),
    "senders": Example("[10 for 5m, to 50 over 10m]", "See RATES AND ARRIVALS."),
    "start_after": Example("30s"),
    "duration": Example("10m"),
    "count": Example("1000"),
    "timeout": Example("90s", "It covers connecting, sending and the whole answer."),
    "connect_timeout": Example("5s"),
    "connections": Example("4", "They are those of the whole job, and shared among workers."),
    "limit_rate": Example(
        "250KB/s",
        "Of the body of HTTP, that of a form as a whole, or of the file by SFTP. It counts what is "
        "handed to the kernel, or to the SSH connection; the time belongs to sending, and timeout "
        "must leave enough of it. What a slow server did not take is not sent faster later.",
    ),
    "reuse": Example("false"),
    "addresses": Example(
        "first",
        "If there is no answer within 250 ms the next address is tried, too, IPv4 and IPv6 in "
        "turn, and the first that connects is used. One that failed is tried last for 30 s.",
    ),
    "source": Example(
        "[192.0.2.5, 192.0.2.6]",
        "They must be addresses of this host (ip address add). A server's addresses of the other "
        "family, IPv4 or IPv6, are not tried. Each worker begins with another one. With many "
        "connections to one server each local address adds as many ports as the system has.",
    ),
    "connect_to": Example(
        "10.0.0.7:8443",
        "URL, Host header, TLS name and the checks of certificates and host keys stay as they are. "
        "It stands in place of the URL's own host and port only: a redirect elsewhere is followed "
        "as it is.",
    ),
    "thresholds": Example("[failed < 1%, response_time p95 < 2s]", "See THRESHOLDS."),
    "each": Example("partners.csv", "See A JOB FOR EACH ROW."),
    "spread": Example(
        "false",
        "Row i of N starts i/N of the period later than start_after says. A rate other than a "
        "plain one has no period, and with false all start together.",
    ),
    "enabled": Example("false", "--set jobs.NAME.enabled=true enables it for one run."),
}

HTTP: Mapping[str, Example] = {
    "method": Example("PUT"),
    "headers": Example(
        "{X-Transfer-Id: '{uuid}', X-Tag: [nightly, '{stem}']}",
        "A value may be a list: each item is a line of its own. Content-Length is always that of "
        "the body.",
    ),
    "content_type": Example(
        "text/csv; charset=utf-8",
        "The table of suffixes is fthg's own, the same on every host. A form has a type of its "
        "own: the file's is then the content_type in multipart.",
    ),
    "body": Example(
        "{multipart: {field: file, filename: '{uuid}.xml', content_type: application/xml, "
        "fields: {sender: '{hostname}'}}}",
        "The filename is that of the file unless it is set.",
    ),
    "expect": Example("200,201,204"),
    "expect_body": Example(
        '\'"status": *"accepted"\'',
        "It is searched after chunks, compression (gzip, deflate) and charset are decoded; an "
        "answer without a match fails as status. See REGULAR EXPRESSIONS.",
    ),
    "expect_headers": Example(
        "{X-Status: '^accepted'}",
        "Case makes no difference to names. Of several headers of a name one must match; a "
        "missing one fails as status.",
    ),
    "chunked": Example(
        "true",
        "Instead of Content-Length; chunks have 64 KiB, with limit_rate what is due at once. The "
        "bytes of a result are the file's, without the frames of chunks.",
    ),
    "expect_continue": Example(
        "true",
        "A server that refuses or redirects the request first gets no body in vain; one that says "
        "nothing gets it after 1 s, and one that answers 417 gets the request once more without "
        "Expect. Apache needs it for large files to paths with a certificate of their own "
        "(SSLVerifyClient). The wait belongs to the phase waiting. An empty body is not waited "
        "for.",
    ),
    "auth": Example(
        "{basic: {user: loader, password: '${INGRESS_PASSWORD:-}'}}",
        "See HTTP AUTHENTICATION.",
    ),
    "cert": Example(
        "/etc/fthg/keys/client.pem",
        "PKCS#12 (.p12, .pfx) holds the key and the chain, too; see Client certificates below.",
    ),
    "key": Example("/etc/fthg/keys/client.key"),
    "passphrase": Example("${KEY_PASSPHRASE:-}"),
    "ca": Example("/etc/fthg/keys/ca.pem"),
    "verify": Example("false", "Set it to false on test systems only."),
    "resume": Example("false", "It shows what a server can bear whose clients are all new."),
    "proxy": Example("http://proxy.example.com:3128", "See PROXIES AND JUMP HOSTS."),
    "idle_timeout": Example(
        "55s",
        "Many servers close what was idle for 5 s, and a request that crosses with that is lost. "
        "If one says Keep-Alive: timeout=N, the default is N - 1 s, or 0.5 s if N is 1; of that "
        "and a value that is set the smaller one counts. With 0s no connection is used twice.",
    ),
    "follow_redirects": Example("true"),
    "trust_env": Example(
        "true",
        "~/.netrc is read for the URL's own host; a host that a redirect names gets nothing.",
    ),
}

SFTP: Mapping[str, Example] = {
    "user": Example("loader"),
    "password": Example("${SFTP_PASSWORD:-}", "The environment or password_file is safer."),
    "password_file": Example("/etc/fthg/keys/partner.password"),
    "key": Example("/etc/fthg/keys/partner", "DSA keys and PuTTY's own format are refused."),
    "certificate": Example(
        "/etc/fthg/keys/partner-cert.pub",
        "--check and the start warn of one that is not valid until the job ends.",
    ),
    "passphrase": Example("${KEY_PASSPHRASE:-}"),
    "agent": Example(
        "loader@example.com",
        "An agent that lacks the named key stops the start; true with an agent that is of no use "
        "is a warning where the job has a key or a password.",
    ),
    "known_hosts": Example(
        "/etc/fthg/keys/known_hosts",
        "ssh-keyscan -p PORT HOST prints its lines; compare the fingerprint before you trust it."
        " A line of @cert-authority trusts the certificates of an authority, as for ssh.",
    ),
    "host_key": Example("accept-new"),
    "algorithms": Example(
        "{ciphers: [aes256-ctr], signatures: [rsa-sha2-256]}",
        "The names are those of ssh; what this installation lacks is an error that lists what it"
        " has. Where nothing fits, the failure lists what the server offers.",
    ),
    "proxy": Example("socks5://proxy.example.com:1080", "See PROXIES AND JUMP HOSTS."),
    "jump": Example(
        "{host: 'loader@bastion.example.com', key: keys/bastion}", "See PROXIES AND JUMP HOSTS."
    ),
    "remote_name": Example("'{stem}-{seq}{suffix}'"),
    "atomic": Example("true", "The rename replaces a file of that name if the server supports it."),
    "temporary_name": Example(
        "'.tmp/{uuid}'",
        "Below the directory of the remote name, unless it begins with /. {filename} is the local "
        "file's name. It must differ from the remote name, and transfers that overlap need "
        "different ones: with {uuid} or {seq}.",
    ),
    "marker": Example(
        "'{filename}.done'",
        "Below the directory of the remote name, unless it begins with /. It follows all checks "
        "and the rename. If it cannot be written the transfer fails, and the file stays.",
    ),
    "mkdir": Example("true"),
    "mode": Example(
        "0640",
        "A marker gets it, too. A server that refuses to set it is warned of once; the files "
        "arrive nevertheless.",
    ),
    "check_size": Example(
        "true",
        "Set it to false where the server moves files away at once: what is no longer there "
        "fails as size.",
    ),
}

TRACK: Mapping[str, Example] = {
    "ingress": Example(
        "mysql://fthg@db-in.example.com/transfers", "See SECTION TRACK: A DATABASE."
    ),
    "egress": Example(
        "mysql://fthg@db-out.example.com/transfers", "See SECTION TRACK: A DATABASE."
    ),
    "from": Example("2026-01-31T14:00+01:00", "A time without zone is local."),
    "to": Example("now-5m"),
    "poll": Example("30s"),
    "grace": Example(
        "15m", "A row without a partner is pending while it is younger, unpaired after."
    ),
    "sla": Example(
        "95% within 60s",
        "The share is one of all that passed, failed, timed out or have no partner, and it is a "
        "threshold, too. A plain 60s is counted and shown: what comes later is a warning.",
    ),
    "thresholds": Example(
        "[pass_rate >= 99%, transit p95 < 60s, unpaired == 0]",
        "See THRESHOLDS. Failures are no error as long as one on pass_rate, failed or timeout "
        "passes.",
    ),
    "groups": Example(
        "{orders: 'order-*', invoices: ['*.inv', 'invoice-*']}",
        "Figures by file name. Patterns are those of the shell, case-sensitive; a transfer may be "
        "in several groups.",
    ),
    "once": Example("true"),
    "title": Example("Nightly transfers"),
    "output": Example("report-{date}.html", "Each poll replaces it; it is never incomplete."),
    "csv": Example("transfers-{date}.csv"),
    "summary": Example("tracking-{date}.json"),
    "junit": Example(
        "junit-{date}.xml",
        "A test case for each threshold, and one each for rows without a partner and files of "
        "sent that never arrived.",
    ),
    "baseline": Example(
        "tracking-2026-01-30.json",
        "A threshold may refer to it: transit p95 < 120% of baseline.",
    ),
    "zone": Example(
        "Europe/Berlin", "Local is the zone of TZ if that is set. JSON and CSV are always UTC."
    ),
    "logo": Example("logo.svg"),
    "ledger": Example("/var/lib/fthg/ledger.sqlite"),
    "sent": Example("[results.jsonl]"),
    "match": Example("filename"),
}

SIDE: Mapping[str, Example] = {
    "url": Example("mysql://fthg@db-in.example.com/transfers"),
    "host": Example("db-in.example.com"),
    "port": Example("3307"),
    "socket": Example("/var/lib/mysql/mysql.sock"),
    "user": Example("fthg"),
    "password": Example("${INGRESS_PASSWORD:-}"),
    "password_file": Example("/etc/fthg/keys/ingress.password"),
    "option_file": Example("/etc/fthg/keys/ingress.cnf"),
    "database": Example("transfers"),
    "table": Example("transfers"),
    "timezone": Example(
        "Europe/Berlin",
        "An IANA name, or an offset such as +01:00; a TIMESTAMP or a number needs none.",
    ),
    "tls": Example(
        "{mode: verify_ca, ca: /etc/fthg/keys/db-ca.pem}",
        "Modes are disabled, preferred, required, verify_ca and verify_identity, as for mysql(1); "
        "true is verify_identity, false is disabled. A mapping without mode verifies the name too.",
    ),
    "columns": Example(
        "{UUID: transfer_id, startTime: {name: started_at, unit: ms}, endTime: {unit: ms}}",
        "Times that are numbers need the unit: s, ms or us.",
    ),
    "connect_timeout": Example("5s"),
    "read_timeout": Example("2m"),
}
