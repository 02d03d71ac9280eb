"""Prints the command of a Chromium: that of $CHROMIUM, an installed one, or Debian's, unpacked under the target folder.

    python3 chromium.py TARGET

Debian keeps one version of Chromium only, so it cannot be pinned; its packages are verified by apt against the
distribution's keys, and nothing is installed on the machine.
"""

import os
import pathlib
import shutil
import subprocess
import sys

NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge"]
PLACES = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"]
HELP = "the tests of the pages need Chromium: install it (Debian: apt-get install chromium), or name it in CHROMIUM"


def installed():
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    found = [shutil.which(name) for name in NAMES] + [place for place in PLACES if os.path.exists(place)]
    return next((path for path in found if path), None)


def apt(folder, *arguments):
    lists, cache = folder / "lists", folder / "cache"
    for needed in (lists / "partial", cache / "archives" / "partial"):
        needed.mkdir(parents=True, exist_ok=True)
    options = {"Dir::State::lists": lists, "Dir::Cache": cache, "APT::Sandbox::User": "", "Debug::NoLocking": "1"}
    command = ["apt-get", "-q"] + [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    return subprocess.run(command + list(arguments), check=True, text=True, stdout=subprocess.PIPE, cwd=folder).stdout


def unpacked(target):
    folder = target / "chromium"
    wrapper = folder / "chromium.sh"
    if wrapper.exists():
        return str(wrapper)
    if not shutil.which("apt-get"):
        sys.exit(HELP)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    apt(folder, "update")
    # What would be installed with it, and is not there.
    planned = apt(folder, "install", "--simulate", "--no-install-recommends", "chromium")
    names = [line.split()[1] for line in planned.splitlines() if line.startswith("Inst ")]
    apt(folder, "download", *names)
    root = folder / "root"
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
        package.unlink()
    shutil.rmtree(folder / "lists")
    shutil.rmtree(folder / "cache")
    libraries = sorted({str(path.parent) for path in root.glob("usr/lib/**/*.so*")})
    command = f'#!/bin/sh\nLD_LIBRARY_PATH="{":".join(libraries)}" exec "{root}/usr/lib/chromium/chromium" "$@"\n'
    partial = folder / "chromium.partial"
    partial.write_text(command)
    partial.chmod(0o755)
    partial.rename(wrapper)
    return str(wrapper)


try:
    print(installed() or unpacked(pathlib.Path(sys.argv[1]).resolve()))
except (subprocess.CalledProcessError, OSError) as error:
    sys.exit(f"{HELP}\n{error}")
