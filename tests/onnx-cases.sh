#!/usr/bin/env bash
# Runs ONNX's own test cases through our kernels. Debian has the cases as libonnx-testdata, which this installs where it is absent.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -d /usr/share/libonnx-testdata ]; then
  apt-get install --yes libonnx-testdata
fi
exec dotnet test tests/Cmsa.Dsl.Onnx.Tests -c Release --filter ConformanceTests --logger "console;verbosity=detailed" "$@"
