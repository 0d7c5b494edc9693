#!/bin/sh
# skia draws the pictures and needs the system's libEGL and libGL. Install them where that is possible, else say how.
set -eu
[ "$(uname -s)" = Linux ] || exit 0
# Really loading them asks the loader itself; `ldconfig` is not on everybody's PATH.
if "${PYTHON:-python3}" -c 'import ctypes; ctypes.CDLL("libEGL.so.1"); ctypes.CDLL("libGL.so.1")' 2>/dev/null; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq libegl1 libgl1 >/dev/null
else
    echo "episodic needs libEGL and libGL. Install them, then try again:" >&2
    echo "    sudo apt-get install libegl1 libgl1      (Debian, Ubuntu)" >&2
    echo "    sudo dnf install libglvnd-egl libglvnd-glx      (Fedora)" >&2
    exit 1
fi
