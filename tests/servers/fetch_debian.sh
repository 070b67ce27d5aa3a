#!/usr/bin/env bash
# fetch_debian.sh DIRECTORY PACKAGE...: unpack packages of this Debian there, with those that they
# need and this host lacks. Nothing is installed, so none of them starts or enables a service.
set -euo pipefail

fail() {
    echo "fetch_debian: $*" >&2
    exit 1
}
{ command -v apt-get && command -v dpkg-deb; } > /dev/null || fail "this host has no apt"

target=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work" "$target.new"' EXIT
mkdir -p "$work/archives/partial" "$target.new"
export LC_ALL=C

# Perl is only for scripts, and libc is the host's own.
mapfile -t packages < <(apt-get -q --simulate --no-install-recommends --reinstall install "$@" |
    sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -v -e perl -e '^libc6$' | sort -u)
[ ${#packages[@]} -gt 0 ] || fail "apt knows none of: $*"
cd "$work/archives"
timeout 300 apt-get -qq -o APT::Sandbox::User= download "${packages[@]}" > "$work/log" 2>&1 ||
    fail "$(tail -n 1 "$work/log")"
for package in *.deb; do
    dpkg-deb -x "$package" "$target.new"
done
rm -rf "$target.new"/usr/share/{doc,locale,man} "$target.new"/etc/{init.d,systemd} "$target"
mv "$target.new" "$target"
