#!/usr/bin/env bash
# TorchSharp's native library needs GLIBCXX_3.4.32 (libstdc++ of GCC 13). Ubuntu 24.04, Debian 13 and Fedora 38 have it; on Debian 12
# this installs Debian 13's libstdc++6 (and the libc6 it needs), from the mirror that this machine already uses. Does nothing where it is there.
set -euo pipefail

needed=GLIBCXX_3.4.32
[ "$(uname -s)" = Linux ] || exit 0

has_needed() {
  local library
  library=$(ldconfig -p 2>/dev/null | awk '/libstdc\+\+\.so\.6 .*x86-64/ {print $NF; exit}')
  [ -n "$library" ] && grep -qa "$needed" "$library"
}
has_needed && exit 0

. /etc/os-release
if [ "${ID:-}" != debian ] || [ "${VERSION_CODENAME:-}" != bookworm ]; then
  echo "The C++ runtime of this machine lacks $needed, which TorchSharp needs. Install libstdc++6 of GCC 13 or newer and run this again." >&2
  exit 1
fi

root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "Installing libstdc++6 needs root: run $0 as root once." >&2; exit 1; }
  root=(sudo)
fi

# The mirror: the first archive (not security) of this Debian release among the machine's own sources, in either format.
mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '
    function done_stanza() { if (uri != "" && suites ~ /(^| )bookworm( |$)/) { print uri; exit } uri = ""; suites = "" }
    /^[[:space:]]*$/ { done_stanza() } /^URIs:/ { uri = $2 } /^Suites:/ { $1 = ""; suites = $0 } END { done_stanza() }' | head -n 1)
[ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
  sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+) +bookworm +.*/\2/p' | head -n 1)
[ -n "$mirror" ] || { echo "No Debian 12 source found below /etc/apt to derive the Debian 13 one from; add one and run this again." >&2; exit 1; }

echo "TorchSharp needs $needed and this Debian 12 lacks it: installing libstdc++6 of Debian 13 (takes about 20 s)."
printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$mirror" |
  "${root[@]}" tee /etc/apt/sources.list.d/trixie-libstdcxx.sources >/dev/null
printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' | "${root[@]}" tee /etc/apt/preferences.d/trixie-libstdcxx >/dev/null
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Options::=--force-confold -t trixie libstdc++6 >/dev/null
has_needed || { echo "libstdc++6 was installed but $needed is still missing." >&2; exit 1; }
