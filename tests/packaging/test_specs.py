from __future__ import annotations

import re

import pytest

from fthg import __version__
from tests.packaging.places import RPM, TREE

SPECS = ["fthg.spec", "fthg-bundled.spec"]


def dependencies() -> list[tuple[str, str]]:
    """Return the name, in lower case, and the lowest version of each."""
    text = (TREE / "pyproject.toml").read_text()
    block = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block
    return re.findall(r'"([\w-]+)>=([\d.]+)"', block[1].lower())


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_packages_the_version_of_the_program(name: str) -> None:
    text = (RPM / name).read_text()
    assert re.search(r"^Version:\s+(\S+)$", text, re.MULTILINE)[1] == __version__  # type: ignore[index]
    assert f" {__version__}-1\n" in text.partition("%changelog")[2]


def test_the_bundle_pins_every_library_and_each_by_its_hash() -> None:
    pins = (RPM / "bundled-requirements.txt").read_text()
    held = {name.lower() for name in re.findall(r"^([\w.-]+)==", pins, re.MULTILINE)}
    assert {name for name, _ in dependencies()} <= held
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}$", pins, re.MULTILINE)) == len(held)


def test_every_job_of_the_installed_sample_is_disabled() -> None:
    jobs = (TREE / "etc" / "jobs.yaml").read_text().partition("\njobs:\n")[2].partition("\n#")[0]
    assert jobs.count("    url:") == jobs.count("    enabled: false") > 0


def test_the_packages_list_each_file_that_they_install() -> None:
    listed = (RPM / "files").read_text()
    for place in re.findall(r'"\$root(\S*?)"', (RPM / "install.sh").read_text()):
        assert place.rpartition("/")[2] in listed, place


def test_the_package_must_require_every_library_in_the_lowest_version_that_is_supported() -> None:
    listed = (RPM / "requires" / "fthg").read_text()
    found = re.findall(r"^python3\.9dist\((.*)\) >= (.*)$", listed, re.MULTILINE)
    # rpm leaves out the zeros at the end of a version.
    assert sorted(found) == sorted((name, re.sub(r"(\.0)+$", "", v)) for name, v in dependencies())
