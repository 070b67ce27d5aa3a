#!/usr/bin/env bash
# first_hour.sh [--suite SUITE] [--keep] [ARGUMENTS OF PYTEST]: do what a newcomer does.
# Makes a root directory with Debian's essential packages, python3 and git, clones this commit into
# it, and runs there ./dev demo, also after a set-up that was cut off, and ./dev test with the
# ARGUMENTS. It needs root and mmdebstrap, and loads packages from Debian and PyPI only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'first-hour: %s seconds: %s\n' "$SECONDS" "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }

# shellcheck source=/dev/null # it says which Debian this is
suite=$(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_CODENAME:-}") || true
keep=
while [ $# -gt 0 ]; do
    case $1 in
        --suite) suite=${2:?a suite of Debian}; shift 2 ;;
        --keep) keep=yes; shift ;;
        -h | --help) sed -n '2,/^set/s/^# //p' "$0"; exit ;;
        *) break ;;
    esac
done
[ $# -gt 0 ] || set -- -q tests/lab tests/e2e/test_track.py tests/machines/test_slurm.py \
    tests/protocols/http/test_nginx.py tests/protocols/sftp/ssh/test_{login,proxies}.py
[ "$(id -u)" = 0 ] || fail "making a root directory needs root"

work=$(mktemp -d -t fthg-first-hour-XXXXXX)
root=$work/root
finish() {
    if [ -n "$keep" ]; then say "kept: $root"; else rm -rf --one-file-system "$work"; fi
}
trap finish EXIT

inside() { # inside SCRIPT [ARGUMENTS]: run it in the clone; its processes and mounts end with it
    # shellcheck disable=SC2016 # expanded by the shell inside
    unshare --mount --pid --fork --kill-child bash -ec '
        root=$1 script=$2
        shift 2
        mount --bind "$root" "$root" # it becomes /, as programs that mount expect
        mount --rbind /dev "$root/dev"
        mount --rbind /sys "$root/sys"
        mount -t proc proc "$root/proc"
        cd "$root" && pivot_root . mnt && umount --lazy mnt
        exec /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            ${https_proxy:+https_proxy="$https_proxy"} ${http_proxy:+http_proxy="$http_proxy"} \
            NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
            bash -euc "cd /srv/fthg; $script" first-hour "$@"' unshare "$root" "$@"
}

say "making a minimal Debian, ${suite:=stable}, in $root"
mmdebstrap --quiet --variant=minbase --include=ca-certificates,python3,git "$suite" "$root"
cp /etc/resolv.conf "$root/etc/"
printf '127.0.0.1 localhost %s\n::1 localhost\n' "$(uname -n)" > "$root/etc/hosts"
git diff --quiet HEAD || say "what is not committed is not in the clone"
git clone --quiet --no-local . "$root/srv/fthg"
if compgen -G '/usr/local/share/ca-certificates/*.crt' > /dev/null; then # the network's own
    cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
    inside 'update-ca-certificates > /dev/null 2>&1'
fi

say "a set-up that is cut off"
inside 'setsid ./dev run --version &
    until [ -e .venv/newest/bin/python ]; do kill -0 $!; sleep 0.1; done
    kill -KILL -- -$!'

say "./dev demo"
inside './dev demo --duration 10s'
inside 'test -s demo/results.jsonl && ! command -v mariadbd' ||
    fail "the demo left no results, or has installed a database"

say "./dev test $*"
inside './dev test "$@"' "$@"
say "passed"
