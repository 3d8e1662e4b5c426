#!/usr/bin/env bash
# Feeds changed files to the readers until the time is up: pickles, files of weights (.pth, .safetensors), pictures (PNG, JPEG) and compressed masks. Each is
# read or refused within its bound on memory, never an exception. A failure prints the smallest file in Base64 and the seed.  ./fuzz.sh [MINUTES]   (5 by default)
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_NUM_THREADS=1

minutes=${1:-5}
case $minutes in
  '' | *[!0-9]* | 0) echo "fuzz.sh: '$minutes' is no number of minutes; write such as ./fuzz.sh 5" >&2; exit 2 ;;
esac

# Readers, the test project that has them, and files a round, so that each reader gets about 10 seconds.
kinds=(
  "Pickle 30000 any_mutated_pickle pickles"
  "Data 100000 any_mutated_picture pictures"
  "Data 100000 any_mutated_mask masks"
  "Dsl 4000 any_mutated_file_of_weights files_of_weights"
)
bash build/native-runtime.sh
for project in Pickle Data Dsl; do dotnet build "tests/Cmsa.$project.Tests" -c Release -v quiet; done

declare -A fuzzed
log=$(mktemp)
trap 'rm -f "$log"' EXIT
said() { for kind in "${!fuzzed[@]}"; do echo "  ${fuzzed[$kind]} ${kind//_/ }"; done | sort -k 2; }
end=$((SECONDS + 60 * minutes))
while [ "$SECONDS" -lt "$end" ]; do
  for kind in "${kinds[@]}"; do
    read -r project count test name <<<"$kind"
    if ! FUZZ_COUNT=$count dotnet test "tests/Cmsa.$project.Tests" -c Release --no-build --filter "FullyQualifiedName~FuzzTests.${test^}" >"$log" 2>&1 ||
      ! grep -q 'Passed!' "$log"; then
      cat "$log"
      echo "FAILED: $name"
      exit 1
    fi
    # Weights are two tests: .pth and .safetensors.
    [ "$project" != Dsl ] || count=$((2 * count))
    fuzzed[$name]=$((${fuzzed[$name]:-0} + count))
    [ "$SECONDS" -lt "$end" ] || break
  done
done
echo "passed after $((SECONDS / 60)) minutes:"
said
