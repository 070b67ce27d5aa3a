#!/usr/bin/env bash
# fetch_mysql.sh DIRECTORY: unpack the MySQL server of Debian sid there, with its own libc.
# Nothing is installed. Where it cannot be had, standard error says why and the status is 1.
set -euo pipefail

fail() {
    echo "fetch_mysql: MySQL cannot be had: $*" >&2
    exit 1
}
{ command -v apt-get && command -v dpkg-deb; } > /dev/null || fail "this host has no apt"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || fail "this host has no $keyring"

target=$1
work=$(mktemp -d)
trap 'rm -rf "$work" "$target.new"' EXIT
mkdir -p "$work"/{lists,archives}/partial "$work/parts" "$target.new"
: > "$work/status" # as if nothing were installed: all libraries are wanted, libc too
# The mirror that this host uses itself
mirror=$(apt-get indextargets --format '$(SITE)' 'Origin: Debian' 'Label: Debian' 2> /dev/null |
    sed -n 1p)
echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} sid main" > "$work/sources"
cat > "$work/apt.conf" << END
Dir::Etc::sourcelist "$work/sources";
Dir::Etc::sourceparts "$work/parts";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$work/parts";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work";
Dir::Cache::archives "$work/archives";
Acquire::Languages "none";
Acquire::http::Timeout "20";
Acquire::Retries "2";
APT::Install-Recommends "false";
APT::Sandbox::User "";
END
export APT_CONFIG=$work/apt.conf LC_ALL=C

run() { # run SECONDS COMMAND...: with a time limit; its output is shown only if it fails
    timeout "$@" > "$work/out" 2> "$work/log" || fail "$2 $3: $(tail -n 1 "$work/log")"
}
run 120 apt-get -q update
run 60 apt-get -q --simulate install mysql-server-core
# Perl is only for its scripts.
mapfile -t packages < <(sed -n 's/^Inst \([^ ]*\) .*/\1/p' "$work/out" | grep -v perl)
cd "$work/archives"
run 300 apt-get -q download "${packages[@]}"
for package in *.deb; do
    run 60 dpkg-deb -x "$package" "$target.new"
done
rm -rf "$target.new"/usr/share/{doc,icu,locale,man} "$target"
mv "$target.new" "$target"
