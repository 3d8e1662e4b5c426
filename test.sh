#!/usr/bin/env bash
# Restores, builds and tests everything, from a fresh clone on a fresh machine.
#   ./test.sh [options for dotnet test]          all tests
#   ./test.sh quick [options for dotnet test]    without those that take long: about two minutes after a build
#   ./test.sh cuda  [options for dotnet test]    those that need a GPU, with the CUDA package (2 GB)
set -euo pipefail
cd "$(dirname "$0")"
# Tests are small: threads of the kernels would only wait for each other.
export OMP_NUM_THREADS=1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

options=()
if [ "${1:-}" = quick ]; then
  shift
  options=(--filter "Speed!=Slow")
fi

bash build/native-runtime.sh
if [ "${1:-}" = cuda ]; then
  shift
  exec dotnet test tests/Cmsa.Dsl.Tests -c Release -p:Torch=cuda --filter CudaTests --logger "console;verbosity=normal" "$@"
fi
dotnet build Cmsa.Dsl.sln -c Release -v quiet
dotnet test Cmsa.Dsl.sln -c Release --no-build --logger "console;verbosity=minimal" "${options[@]}" "$@"
