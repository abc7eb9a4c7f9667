#!/usr/bin/env bash
# Builds the root file system under the his image from this machine's own Debian sources: no container registry.
# Usage: build.sh OUT.tar. Two builds from the same packages are bit-identical. Needs root, mmdebstrap.
set -euo pipefail
out=$1
export SOURCE_DATE_EPOCH=1735689600 LC_ALL=C.UTF-8

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
arch=$(dpkg --print-architecture)

debian_sources() { # Only Debian's own: other sources on the host have no business inside a cell.
  apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
    sort -u | while read -r site release component; do
    [ "$component" = main ] && echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $release main"
  done
}

sources=$(debian_sources || true)
if [ -z "$sources" ]; then
  # A fresh machine knows no index yet.
  apt-get update -qq </dev/null
  sources=$(debian_sources)
fi

# Essential packages only: no apt, nothing that could fetch. Python and an init are all a cell runs.
# The hooks take away set-uid bits, caches, and machine-ids and logs that would differ between builds.
mmdebstrap --quiet --mode=root --format=tar --variant=essential --architectures="$arch" --include=python3,tini \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/i18n/*' \
  --dpkgopt='path-exclude=/usr/share/lintian/*' \
  --dpkgopt='path-exclude=/usr/share/bash-completion/*' \
  --customize-hook='find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +' \
  --customize-hook='rm -rf "$1"/var/cache/* "$1"/var/log/* "$1"/var/lib/apt/lists/* "$1"/tmp/*' \
  --customize-hook='rm -f "$1"/etc/machine-id "$1"/etc/resolv.conf "$1"/etc/hostname "$1"/etc/apt/sources.list' \
  --customize-hook='find "$1"/usr/lib/python3* -name __pycache__ -prune -exec rm -rf {} +' \
  --customize-hook='chroot "$1" sh -c "python3 -m compileall -q --invalidation-mode unchecked-hash /usr/lib/python3.*"' \
  --customize-hook='mkdir "$1"/data' \
  "$suite" "$out.new" - <<<"$sources"
# An interrupted build must never pass for a whole one.
mv "$out.new" "$out"
