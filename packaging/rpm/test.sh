#!/usr/bin/env bash
# Test the packages of dist/: lint, install, run, upgrade and remove them, in a root directory of
# their own with substitutes for RHEL 9's packages (stubs.py). Called by ./dev rpm-test, as root;
# PYTHON names the CPython 3.9 with RHEL 9's releases. Removes all of its files at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=packaging/rpm
work=$(mktemp -d)
root=$work/root
lab=
trap '[ -z "$lab" ] || { kill "$lab"; wait "$lab" || true; } 2> /dev/null; rm -rf "$work"' EXIT

say() { printf '\nrpm-test: %s\n' "$*"; }
fail() { printf 'rpm-test: FAILED: %s\n' "$*" >&2; exit 1; }
same() { [ "$1" = "$2" ] || { cat "$work/out" "$work/err" >&2 2> /dev/null; fail "$3: found $(printf %q "$1"), not $(printf %q "$2")"; }; }

# Debian's rpm has its database elsewhere, and the user may have settings of his own.
mkdir "$work"/{home,log}
export HOME=$work/home
cat > "$HOME/.rpmmacros" << 'END'
%_dbpath /var/lib/rpm
%_localstatedir /var
END

dnf_() {
    dnf -q -y --installroot "$root" --releasever 9 --forcearch "$(uname -m)" --nogpgcheck \
        --setopt reposdir="$work/none" --setopt cachedir="$work/cache" --setopt logdir="$work/log" \
        --setopt persistdir="$work/persist" --setopt install_weak_deps=0 --setopt plugins=0 \
        --repofrompath "stubs,file://$work/repository" --repofrompath "dist,file://$work/dist" \
        "$@" > "$work/dnf" 2>&1 || { cat "$work/dnf" >&2; return 1; }
}
repository() { createrepo_c -q "$1" > /dev/null; rm -rf "$work/cache"; }
verified() { # verified PACKAGE [CHANGES]: rpm -V finds no other changes than these
    same "$(rpm --root "$root" -V "$1" || true)" "${2:-}" "rpm -V $1"
}
left() { find "$root" -path '*fthg*' -printf '/%P\n' | sort | tr '\n' ' '; }
unused() { # remove the files that the runs have written
    rm -rf "$root"/etc/fthg/{nightly.yaml,jobs.yaml.*,keys/*} "$root"/var/{lib,log}/fthg/*
}
# As the unit runs it: as the user fthg, and with no memory both writable and executable.
inside() { "$PYTHON" "$here/confined.py" chroot --userspec fthg:fthg "$root" "$@"; }
status() { local found=0; "$@" > "$work/out" 2> "$work/err" || found=$?; echo "$found"; }
json() { "$PYTHON" -c 'import json, sys; print(eval(sys.argv[2], json.load(open(sys.argv[1]))))' "$@"; }

devices() { # those that every program expects
    rm -f "$root"/dev/*
    mknod -m 666 "$root/dev/null" c 1 3
    mknod -m 666 "$root/dev/urandom" c 1 9
}

lint() {
    local package
    for package in dist/fthg-*.rpm $here/*.spec; do
        rpmlint -c $here/rpmlint.toml "$package" > "$work/lint" 2>&1 || true
        grep -q ' 0 errors, 0 warnings' "$work/lint" || { cat "$work/lint" >&2; fail "$package"; }
    done
}

required() { # compare all requirements of the package, without the features of rpm itself
    local file=$1 name
    name=$(rpm -qp --qf '%{name}' "$file")
    rpm -qp --requires "$file" | grep -v '^rpmlib(' | LC_ALL=C sort > "$work/required"
    rpm -qp --qf "$(sed 's/VERSION/%{version}-%{release}/' "$here/requires/$name")\n" "$file" |
        diff - "$work/required" >&2 || fail "requirements of $name, < expected, > found"
}

next_release() { # build an update: the same version with another release and another sample
    local top=$work/next
    mkdir -p "$top/SOURCES" "$top/tree"
    (cd "$top/SOURCES" && rpm2cpio "$OLDPWD"/dist/fthg-[0-9]*.src.rpm | cpio -idm --quiet)
    tar -C "$top/tree" -xzf "$top"/SOURCES/fthg-*.tar.gz
    echo "# A new key was added to the sample." >> "$top"/tree/fthg-*/etc/jobs.yaml
    tar -C "$top/tree" -czf "$(echo "$top"/SOURCES/fthg-*.tar.gz)" .
    sed -i 's/^Release: .*/Release: 2%{?dist}/' "$top/SOURCES/fthg.spec"
    rpmbuild --quiet -bb --nocheck --nodeps --define "_topdir $top" --define "__python3 $PYTHON" \
        --define "dist .el9" "$top/SOURCES/fthg.spec" > "$work/log-next" 2>&1 ||
        { cat "$work/log-next" >&2; fail "the next release could not be built"; }
    cp "$top"/RPMS/*/*.rpm "$work/dist/"
    repository "$work/dist"
}

open_lab() { # start the practice system that fthg-lab has installed
    PYTHONPATH=$root/usr/lib/python3.9/site-packages "$PYTHON" -m fthg.lab \
        --directory "$work/lab" --processing 100ms --mysql > "$work/lab.log" 2>&1 &
    lab=$!
    for _ in $(seq 600); do
        [ -e "$work/lab/lab.json" ] && return
        kill -0 "$lab" 2> /dev/null || { cat "$work/lab.log" >&2; fail "the lab did not start"; }
        sleep 0.1
    done
    fail "the lab did not start within a minute"
}
lab_url() { json "$work/lab/lab.json" "$1"; }

configure() { # as the guide says: adapt the sample, put keys where the service can read them
    cp -r "$work/lab/samples" "$root/var/lib/fthg/orders"
    install -m 0640 "$work/lab/id_ed25519" "$root/etc/fthg/keys/partner"
    install -m 0644 "$work/lab/known_hosts" "$root/etc/fthg/keys/known_hosts"
    sed -e "s|https://ingress.example.com/upload|$(lab_url http)|" \
        -e "s|sftp://loader@sftp.example.com/incoming|$(lab_url sftp)|" \
        -e "s|key: /etc/fthg/keys/partner|&\n    remote_name: '{uuid}_{filename}'|" \
        -e "s|files: /var/lib/fthg/partner|files: /var/lib/fthg/orders|" \
        -e "0,/1 every 30s/s|1 every 30s|10/s|; 0,/120.hour/s|120/hour|10/s|" \
        -e "0,/enabled: false/s|enabled: false|enabled: true|" \
        -e "0,/enabled: false/s|enabled: false|enabled: true|" \
        "$root/etc/fthg/jobs.yaml" > "$work/nightly.yaml"
    cat >> "$work/nightly.yaml" << END
track:
  ingress: $(lab_url ingress)
  egress: $(lab_url egress)
END
    install -m 0640 "$work/nightly.yaml" "$root/etc/fthg/nightly.yaml"
    chown --reference "$root/etc/fthg" "$root"/etc/fthg/nightly.yaml "$root"/etc/fthg/keys/*
}

run_a_job() {
    local out=$root/var/lib/fthg
    same "$(status inside fthg -c /etc/fthg/nightly.yaml --check)" 0 "--check"
    grep -q "The configuration is right" "$work/out" || fail "no plan"
    same "$(status inside sh -c 'cd /var/lib/fthg && exec fthg -qq -c /etc/fthg/nightly.yaml --count 15 \
        --results results.jsonl --summary summary.json --log-file /var/log/fthg/fthg.log')" 0 "the run"
    same "$(cat "$work/out" "$work/err")" "" "the output of a silent run"
    same "$(json "$out/summary.json" 'total["ok"], total["failed"], total["dropped"]')" "(30, 0, 0)" "the summary"
    same "$(grep -c '"outcome":"ok"' "$out/results.jsonl")" 30 "lines of results"
    same "$(stat -c %U "$out/results.jsonl")" "$(stat -c %U "$out")" "the owner of results"
}

run_tracking() {
    local out=$root/var/lib/fthg
    sleep 1
    same "$(status inside sh -c 'cd /var/lib/fthg && exec fthg -q --track -c /etc/fthg/nightly.yaml \
        --from -10m --poll 500ms --grace 20s --sent results.jsonl -o report.html --csv all.csv \
        --summary tracked.json')" 0 "tracking"
    same "$(json "$out/tracked.json" 'transfers, passed, unpaired["ingress"], sent["accepted"], sent["missing"]')" \
        "(30, 30, 0, 30, 0)" "the tracked figures"
    grep -qi '^<!doctype html>' "$out/report.html" || fail "no report"
}

run_the_cron_line() { # run the first line of the example as cron would, but for a shorter time
    local line
    line=$(grep '^0 22 ' "$root/usr/share/doc/$1/examples/fthg.cron" | cut -d' ' -f7-)
    line=${line/--duration 2h/--duration 1s}
    same "$(status inside sh -c "$line")" 0 "the cron line"
    same "$(cat "$work/out" "$work/err")" "" "the output that cron would mail"
    ls "$root"/var/lib/fthg/results-20??-??-??.jsonl > /dev/null || fail "no dated results"
    same "$(status inside flock /var/lib/fthg/nightly.lock sh -c "$line")" 0 "the cron line, overlapping"
    grep -q 'status 75' "$work/out" || fail "an overlap is not reported"
}

check_the_units() {
    local name units=$root/usr/lib/systemd/system copies=$work/units
    mkdir -p "$copies"
    for name in fthg@ fthg-track@; do
        cp "$units/$name.service" "$copies/${name}nightly.service"
        systemd-analyze security --no-pager --offline=yes --threshold=30 "$copies/${name}nightly.service" | tail -1
        sed -i -E "s|^(ExecStart(Pre)?=)|\1$root|" "$copies/${name}nightly.service"
    done
    cp "$units/fthg-track@.timer" "$copies/fthg-track@nightly.timer"
    systemd-analyze verify --man=no "$copies"/* > "$work/out" 2>&1 || true
    same "$(cat "$work/out")" "" "systemd-analyze verify"
}

run_the_tracking_unit() { # run the command of the unit as systemd would
    local line
    mkdir -p "$root/var/lib/fthg/reports"
    chown --reference "$root/var/lib/fthg" "$root/var/lib/fthg/reports"
    line=$(sed -n '/^ExecStart=/,/[^\\]$/{s/^ExecStart=//;s/%i/nightly/g;s/\\$//;p}' \
        "$root/usr/lib/systemd/system/fthg-track@.service" | tr -d '\n')
    same "$(status inside sh -c "cd /var/lib/fthg && exec $line")" 0 "the tracking unit"
    ls "$root"/var/lib/fthg/reports/nightly-20??-??-??.{html,json} > /dev/null || fail "no dated report"
}

first_steps() { # the first commands after an installation
    same "$(status inside fthg)" 2 "a bare fthg"
    grep -q 'no job is enabled in /etc/fthg/jobs.yaml' "$work/err" || fail "no hint"
    same "$(status inside fthg --sample-config)" 0 "--sample-config"
    cmp "$work/out" "$root/etc/fthg/jobs.yaml"
    same "$(status inside fthg --version)" 0 "--version"
    gzip -dc "$root/usr/share/man/man1/fthg.1.gz" > "$work/fthg.1"
    gzip -dc "$root/usr/share/man/man5/fthg.yaml.5.gz" > "$work/fthg.yaml.5"
    same "$(mandoc -T lint "$work/fthg.1" "$work/fthg.yaml.5")" "" "mandoc"
    same "$(stat -c %a "$root"/etc/fthg{,/jobs.yaml,/keys} "$root"/var/{lib,log}/fthg | tr '\n' ' ')" \
        "750 640 750 750 750 " "permissions"
}

[ "$(id -u)" = 0 ] || fail "dnf --installroot needs root"
say "lint and requirements"
lint
for file in dist/fthg-*.rpm; do
    [[ $file = *.src.rpm ]] || required "$file"
done
say "build a repository of substitutes"
"$PYTHON" $here/stubs.py "$work"
repository "$work/repository"
mkdir "$work/dist"
cp dist/fthg-*.rpm "$work/dist/"
rm -f "$work"/dist/*.src.rpm
repository "$work/dist"

say "install"
dnf_ install fthg fthg-lab
devices
verified fthg
verified fthg-lab
first_steps
check_the_units

say "run a job and track it, with $("$PYTHON" -V) and RHEL 9's releases"
open_lab
configure
run_a_job
run_tracking
run_the_tracking_unit
run_the_cron_line fthg
verified fthg

say "upgrade, with an edited configuration"
cp "$work/nightly.yaml" "$root/etc/fthg/jobs.yaml"
next_release
dnf_ upgrade fthg
same "$(rpm --root "$root" -q --qf '%{release}' fthg)" "2.el9" "the release after the upgrade"
cmp "$work/nightly.yaml" "$root/etc/fthg/jobs.yaml" || fail "the edited configuration was not kept"
grep -q 'A new key' "$root/etc/fthg/jobs.yaml.rpmnew" || fail "no .rpmnew"
same "$(status inside fthg -qq --job orders --count 1)" 0 "a run after the upgrade"

say "fthg-bundled conflicts with fthg, and can replace it"
! dnf_ install fthg-bundled 2> /dev/null || fail "both were installed"
grep -qi conflict "$work/dnf" || fail "dnf names no conflict"
unused
dnf_ remove fthg
same "$(left)" "/etc/fthg /etc/fthg/jobs.yaml.rpmsave " "files left after removing an edited fthg"
dnf_ install fthg-bundled
devices
verified fthg-bundled
first_steps
configure
run_a_job
run_the_cron_line fthg-bundled
verified fthg-bundled
unused
dnf_ remove fthg-bundled
same "$(left)" "" "files left after removing fthg-bundled"
say "passed"
