"""Make a repository of substitutes for the packages of RHEL 9 and EPEL 9: stubs.py WORK

Their contents are real, so that the installed packages run in a root directory without any other
files: the shell and tools of this host, CPython 3.9, and the libraries of the environment that runs
this script, each as a package of its own with the names and requirements that rpm finds in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Optional

PROGRAMS = [
    "bash",
    "cat",
    "chmod",
    "cp",
    "cut",
    "date",
    "env",
    "find",
    "flock",
    "getent",
    "grep",
    "groupadd",
    "gzip",
    "head",
    "id",
    "kill",
    "ls",
    "mkdir",
    "mv",
    "printf",
    "rm",
    "sed",
    "sleep",
    "sort",
    "tail",
    "tee",
    "touch",
    "tr",
    "true",
    "uname",
    "useradd",
    "wc",
]
NOT_SHIPPED = {
    "argparse-manpage", "hatchling", "iniconfig", "packaging", "pathspec", "pip", "pluggy", "py",
    "pyparsing", "pytest", "toml", "tomli", "trove-classifiers", "attrs",
}  # fmt: skip
"""Distributions that only a build needs: if present, they would hide a missing requirement."""

SPEC = """\
# Only the real packages can state their requirements of files and shared libraries.
%global __requires_exclude ^(lib.*[.]so|ld-linux|rtld|/)
%global debug_package %{{nil}}
%global _build_id_links none
%global __os_install_post %{{nil}}
%global _binary_payload w0.gzdio
Name: platform
Version: 9
Release: 1
Summary: Substitute for the base of the system
License: none
Provides: /bin/sh, shadow-utils, libstdc++, logrotate
AutoProv: no
%description
%{{summary}}.
{packages}
%install
cp -al {tree}/. %{{buildroot}}/
%files -f {lists}/platform
"""
PACKAGE = """\
%package -n {name}
Version: {version}
Summary: Substitute for {name}
{provides}
%description -n {name}
%{{summary}}.
%files -n {name} -f {lists}/{name}
"""
LIBRARIES = re.compile(r"(?:=> )?(/\S+) \(0x")


def main(work: Path) -> None:
    """Make WORK/repository."""
    tree, lists = work / "tree", work / "lists"
    lists.mkdir(parents=True)
    files = {"python3": sorted(_python(tree)), **_distributions(tree)}
    taken = {path for paths in files.values() for path in paths}
    _platform(tree)
    rest = {path for path in _walk(tree) if path not in taken}
    for name, paths in {**files, "platform": sorted(rest)}.items():
        # rpm's generator of requirements looks for the .dist-info directory.
        folders = {str(Path(path).parent) for path in paths if ".dist-info/" in path}
        lines = [*(f'%dir "/{path}"\n' for path in folders), *(f'"/{path}"\n' for path in paths)]
        (lists / name).write_text("".join(lines))
    _build(work, files)


def _python(tree: Path) -> Iterator[str]:
    base = Path(sys.base_prefix)
    library = Path(sysconfig.get_path("stdlib")).relative_to(base)
    unwanted = shutil.ignore_patterns(
        "test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip",
        "site-packages", "config-*", "__pycache__", "*.a",
    )  # fmt: skip
    shutil.copytree(base / library, tree / "usr" / library, ignore=unwanted)
    interpreter = tree / "usr/bin/python3.9"
    interpreter.parent.mkdir()
    shutil.copy2(base / "bin/python3.9", interpreter)
    (tree / "usr/bin/python3").symlink_to("python3.9")
    return _walk(tree)


def _distributions(tree: Path) -> dict[str, list[str]]:
    site = Path("usr/lib/python3.9/site-packages")
    found: dict[str, list[str]] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name.lower() in NOT_SHIPPED:
            continue
        paths = found.setdefault(f"python3-{name}", [])
        for file in distribution.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                into = tree / site / file
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(str(file.locate()), into)
                paths.append(str(site / file))
    return found


def _platform(tree: Path) -> None:
    for name in PROGRAMS:
        program = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
        if program is None:
            sys.exit(f"stubs: {name} is not on this host")
        _add(tree, Path(program))
    (tree / "usr/bin/sh").symlink_to("bash")
    binaries = [path for path in tree.rglob("*") if _is_elf(path)]
    libraries = list(_libraries(binaries))
    usual = next(path.parent for path in libraries if path.name.startswith("libc.so"))
    for library in libraries:
        # CPython's own library may be in a directory that only its binary searches.
        _add(tree, library, None if str(library).startswith(("/lib", "/usr")) else usual)
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / name).symlink_to(f"usr/{name}")
    texts = {
        "passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "group": "root:x:0:\n",
        "shadow": "root:*:1::::::\n",
        "gshadow": "root:*::\n",
        "hosts": "127.0.0.1 localhost\n",
    }
    (tree / "etc").mkdir()
    for name, text in texts.items():
        (tree / "etc" / name).write_text(text)
    for name in ("dev", "proc", "root", "run", "var/lib", "var/log"):
        (tree / name).mkdir(parents=True)
    (tree / "tmp").mkdir(mode=0o1777)


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _libraries(binaries: Iterable[Path]) -> Iterator[Path]:
    done = subprocess.run(  # noqa: S603 - fixed arguments
        ["ldd", *binaries],  # noqa: S607
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # names the binaries that are linked statically
        check=False,
    )
    found = {match[1] for match in LIBRARIES.finditer(done.stdout.decode())}
    inside = os.path.commonpath([str(path) for path in binaries])
    return (Path(path) for path in sorted(found) if not path.startswith(inside))


def _add(tree: Path, path: Path, folder: Optional[Path] = None) -> None:
    """Copy a file of this host to the same path, or into `folder`; all paths are below /usr."""
    place = str(folder / path.name if folder else path)
    place = place if place.startswith("/usr/") else f"/usr{place}"
    into = tree / place.lstrip("/")
    into.parent.mkdir(parents=True, exist_ok=True)
    if not into.exists():
        shutil.copy2(path, into)


def _walk(tree: Path) -> Iterator[str]:
    """Yield files, links and empty directories, relative to the tree."""
    for folder, folders, files in os.walk(tree):
        here = Path(folder).relative_to(tree)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (str(here / name) for name in (*files, *links))
        if not (files or folders):
            yield str(here)


def _build(work: Path, files: Mapping[str, object]) -> None:
    versions = {f"python3-{d.metadata['Name']}": d.version for d in metadata.distributions()}
    packages = "".join(
        PACKAGE.format(
            name=name,
            version=versions.get(name, "3.9.0"),
            provides="Provides: python(abi) = 3.9" if name == "python3" else "",
            lists=work / "lists",
        )
        for name in files
    )
    spec = work / "stubs.spec"
    spec.write_text(SPEC.format(packages=packages, tree=work / "tree", lists=work / "lists"))
    repository = work / "repository"
    defines = {"_topdir": work / "build", "_rpmdir": repository}
    words = [word for pair in defines.items() for word in ("--define", f"{pair[0]} {pair[1]}")]
    command = ["rpmbuild", "--quiet", "-bb", *words, str(spec)]
    subprocess.run(command, check=True)  # noqa: S603 - fixed arguments


if __name__ == "__main__":
    main(Path(sys.argv[1]))
