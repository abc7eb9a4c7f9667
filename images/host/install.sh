#!/usr/bin/env bash
# Installs from Debian what this machine lacks, and nothing else: each line below names what is looked for and the
# package that brings it. Usage: install.sh run|test. Needs root or sudo; otherwise it names the packages and ends.
set -euo pipefail

missing=()

lacks() { # lacks COMMAND PACKAGE…: the packages are wanted if the command is not there
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing+=("${@:2}")
}

lacks dockerd docker.io
lacks containerd containerd
lacks nginx nginx-light
lacks mmdebstrap mmdebstrap
lacks mount mount
lacks useradd passwd
lacks runuser util-linux
# The interpreter of the system: one under a private home folder could not be run by the service accounts.
[ -x /usr/bin/python3 ] || missing+=(python3)
/usr/bin/python3 -c 'import ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)
# Reports on paper: layout, subsetting (without it a page takes seconds) and two Chinese fonts.
has() { /sbin/ldconfig -p | grep -F "$1" >/dev/null; }
has libpango-1.0.so.0 || missing+=(libpango-1.0-0)
has libpangoft2-1.0.so.0 || missing+=(libpangoft2-1.0-0)
has libharfbuzz-subset.so.0 || missing+=(libharfbuzz-subset0)
[ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || missing+=(fonts-noto-cjk)
[ -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ] || missing+=(fonts-wqy-microhei)

if [ "${1:-run}" = test ]; then
  lacks chromium chromium
  # The driver that steers Chromium is a Node program linked against it.
  has libatomic.so.1 || missing+=(libatomic1)
  lacks pdftotext poppler-utils
fi

if [ "${#missing[@]}" -eq 0 ]; then
  exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null 2>&1; then
  as_root=(sudo)
else
  echo "Please install these Debian packages as root, then run make again / 请用 root 安装以下软件包后重试:" >&2
  echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

echo "Installing / 正在安装: ${missing[*]}"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; } \
  >"$log" 2>&1 </dev/null; then
  tail -n 20 "$log" >&2
  echo "apt-get failed; the full log is $log" >&2
  exit 1
fi
rm -f "$log"
