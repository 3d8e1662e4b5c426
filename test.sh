#!/usr/bin/env bash
# Restores, builds and tests everything, from a fresh clone on a fresh machine.  ./test.sh [options for dotnet test]
set -euo pipefail
cd "$(dirname "$0")"
# Tests are small: threads of the kernels would only wait for each other.
export OMP_NUM_THREADS=1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

bash build/native-runtime.sh
dotnet build Cmsa.Dsl.sln -c Release -v quiet
dotnet test Cmsa.Dsl.sln -c Release --no-build --logger "console;verbosity=minimal" "$@"
