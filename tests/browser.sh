#!/usr/bin/env bash
# The page of cmsa serve in Debian's Chromium, with axe-core where npm serves it.  tests/browser.sh [FOLDER for pictures of the page]
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_NUM_THREADS=1
command -v chromium >/dev/null || echo "there is no chromium: the tests are skipped"
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
if (cd "$at" && npm pack axe-core@4 >/dev/null 2>&1 && tar -xzf axe-core-*.tgz); then
  export CMSA_AXE=$at/package/axe.min.js
else
  echo "axe-core does not install: accessibility is not checked"
fi
if [ $# -gt 0 ]; then mkdir -p "$1" && export CMSA_SHOTS=$(realpath "$1"); fi
bash build/native-runtime.sh
dotnet test tests/Cmsa.Serve.Tests -c Release --filter FullyQualifiedName~BrowserTests --logger "console;verbosity=normal"
