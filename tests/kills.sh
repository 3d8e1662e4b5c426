#!/usr/bin/env bash
# Kills a training with SIGKILL at random moments and resumes it, again and again; its weights must be those of a training that was left alone,
# byte for byte. A kill and the resumed start take about 3 seconds.  tests/kills.sh [KILLS] [SEED]     (40 kills by default)
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_NUM_THREADS=1
wanted=${1:-40}
seed=${2:-1}
built=src/Cmsa.Cli/bin/Release/net10.0/cmsa.dll
[ -f "$built" ] || { bash build/native-runtime.sh; dotnet build src/Cmsa.Cli -c Release -v quiet; }

at=$(mktemp -d)
training=0
stop() {
  if [ "$training" != 0 ]; then kill -KILL "$training" 2>/dev/null || true; fi
  rm -rf "$at"
}
trap stop EXIT
trap 'exit 1' TERM INT
fail() { echo "FAILED: $*"; tail -n 20 "$at"/*.log; exit 1; }

# Long enough that it is not done before the last kill; shards and validations, so that kills meet them too.
train() {
  exec dotnet "$built" train --data scenes/unc --iterations $((wanted * 45)) --batch 2 --shards 2 --validate-every 25 --validate-on 4 --save-every 3 \
    --runs "$at/$1" >>"$at/$1.log" 2>&1
}

# The tensors of a .safetensors file come behind its header, whose length stands in the first 8 bytes; the header says how long was trained.
weights() {
  local file
  file=$(echo "$at/$1"/*/last.safetensors)
  tail -c +$((9 + $(od -A n -t u8 -N 8 "$file"))) "$file" | sha256sum | cut -d' ' -f1
}

echo "training $((wanted * 45)) steps without a kill"
(train whole) || fail "the training that nobody killed"

RANDOM=$seed
kills=0
rounds=0
while :; do
  rounds=$((rounds + 1))
  # Most starts live long enough to get on; some are killed before they have begun.
  wait_ms=$((300 + RANDOM % 4000))
  (train killed) &
  training=$!
  waited=0
  while kill -0 "$training" 2>/dev/null && { [ "$kills" -ge "$wanted" ] || [ "$waited" -lt "$wait_ms" ]; }; do
    sleep 0.05
    waited=$((waited + 50))
  done
  if kill -KILL "$training" 2>/dev/null; then
    wait "$training" 2>/dev/null || true
    kills=$((kills + 1))
    training=0
    [ $((kills % 10)) != 0 ] || echo "$kills kills: $(grep -h -o 'after step [0-9]*' "$at/killed.log" | tail -n 1)"
  else
    wait "$training" || fail "it did not resume after kill $kills"
    training=0
    break
  fi
done

[ "$(weights whole)" = "$(weights killed)" ] || fail "after $kills kills the weights are others (seed $seed)"
echo "passed: $kills kills (seed $seed), weights equal byte for byte: $(weights killed | cut -c 1-16)"
