#!/usr/bin/env bash
# Feeds changed files to the readers until the time is up: each is read or refused within its bound on memory, never an exception. A failure prints
# the smallest file in Base64 and the seed.  ./fuzz.sh [MINUTES]     (5 by default)
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_NUM_THREADS=1

minutes=${1:-5}
case $minutes in
  '' | *[!0-9]* | 0) echo "fuzz.sh: '$minutes' is no number of minutes; write such as ./fuzz.sh 5" >&2; exit 2 ;;
esac
bash build/native-runtime.sh
dotnet build tests/Cmsa.Pickle.Tests -c Release -v quiet

count=${FUZZ_COUNT:-20000}
fuzzed=0
end=$((SECONDS + 60 * minutes))
while [ "$SECONDS" -lt "$end" ]; do
  FUZZ_COUNT=$count dotnet test tests/Cmsa.Pickle.Tests -c Release --no-build --filter FuzzTests --logger "console;verbosity=minimal" | grep -v '^$' || exit 1
  fuzzed=$((fuzzed + count))
  echo "$fuzzed pickles in $SECONDS s"
done
