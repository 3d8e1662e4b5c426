#!/usr/bin/env bash
# Writes the public API of every library into its PublicAPI.Unshipped.txt, as the analyzers report it. Read the change before you commit it.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# A member that is not on record yet is a warning here, so that the projects above it build too.
dotnet build Cmsa.Dsl.sln -c Release -v quiet -p:TreatWarningsAsErrors=false > /dev/null

for record in src/*/PublicAPI.Unshipped.txt; do
  project=$(dirname "$record")
  echo '#nullable enable' > "$record"
  dotnet build "$project" -c Release -v quiet --no-dependencies --no-incremental -p:TreatWarningsAsErrors=false 2>&1 |
    sed -nE "s/.*RS0016: Symbol '(.*)' is not part of the declared public API.*/\1/p" | LC_ALL=C sort -u >> "$record"
  echo "$project: $(($(wc -l < "$record") - 1)) members"
done
