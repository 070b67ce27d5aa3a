#!/usr/bin/env bash
# Build the source and binary packages of both specs into dist/. Called by ./dev rpm, which has
# installed what is needed; PYTHON names the CPython 3.9 if rpm has no macros for Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=packaging/rpm
say() { printf 'rpm: %s\n' "$*" >&2; }

version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' fthg/__init__.py)
machine=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{SOURCES,home} dist

sources() {
    git ls-files -z --cached --others --exclude-standard -- fthg tests etc man docs packaging \
        dev pyproject.toml LICENSE '*.md' | sort -zu |
        tar --null --no-recursion --ignore-failed-read -T - --transform "s,^,fthg-$version/," \
            --owner root:0 --group root:0 -czf "$work/SOURCES/fthg-$version.tar.gz"
    cp $here/fthg.sysusers "$work/SOURCES/"
}

wheels() { # for this architecture and Python 3.9, whichever Python runs this; verified by hash
    say "fetching the libraries of fthg-bundled"
    "${PYTHON:-python3}" -m pip download -q --no-deps --require-hashes --only-binary :all: \
        --disable-pip-version-check --implementation cp --python-version 3.9.18 \
        --abi cp39 --abi abi3 --abi none \
        --platform "manylinux2014_$machine" --platform "manylinux_2_17_$machine" \
        --platform "manylinux_2_28_$machine" \
        --dest "$work/wheels" -r $here/bundled-requirements.txt
    tar -C "$work" -cf "$work/SOURCES/fthg-wheels-$version-$machine.tar" wheels
}

defines=(--define "_topdir $work" --define "_localstatedir /var" --define "_sharedstatedir /var/lib")
if [ -z "$(rpm --eval '%{?pyproject_wheel}')" ]; then
    # Neither Fedora nor RHEL: the environment of PYTHON replaces the packages of BuildRequires, and
    # the packages are built for RHEL 9.
    defines+=(--nodeps --define "__python3 $PYTHON" --define "dist .el9")
    defines+=(--define "_docdir_fmt %%{NAME}")
fi

build() { # build SPEC, after installing the packages that %generate_buildrequires finds missing
    local status
    say "building $1"
    while true; do
        status=0
        # Not --quiet: it would hide which test of %check failed.
        HOME=$work/home rpmbuild -ba "${defines[@]}" $here/"$1" > "$work/log" 2>&1 || status=$?
        [ $status = 0 ] && return
        if [ $status = 11 ] && [ "$(id -u)" = 0 ]; then
            dnf builddep -y -q "$work"/SRPMS/*.buildreqs.nosrc.rpm
            rm -f "$work"/SRPMS/*.buildreqs.nosrc.rpm
        else
            tail -n 300 "$work/log" >&2
            say "$1 could not be built (status $status)"
            exit 1
        fi
    done
}

check_requirements() { # if its generator of requirements fails, rpm still reports success
    local found
    found=$(rpm -qp --requires "$work"/RPMS/noarch/fthg-"$version"-*.rpm | grep -c '^python[0-9.]*dist(' || true)
    if [ "$found" != "$(grep -c '^python3.9dist(' $here/requires/fthg)" ]; then
        cat "$work/log" >&2
        say "the package fthg requires $found libraries, see packaging/rpm/requires/fthg"
        exit 1
    fi
}

sources
build fthg.spec
check_requirements
wheels
build fthg-bundled.spec
rm -f dist/fthg-*.rpm
cp "$work"/RPMS/*/*.rpm "$work"/SRPMS/*.rpm dist/
ls -l dist/*.rpm
