#!/usr/bin/env bash
# Checks the form of the sources: lines of at most 140 columns in C# and in Markdown prose, and white space as dotnet format leaves it. build/format.sh mends both but for long texts.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
width=140

# Tables and code blocks of Markdown may be wider.
long=$(git ls-files '*.cs' | xargs awk -v width="$width" 'length($0) > width {print FILENAME ":" FNR ": " length($0) " columns"}'
  git ls-files '*.md' | xargs awk -v width="$width" '
    FNR == 1 {code = 0} /^ *```/ {code = !code}
    !code && $0 !~ /^ *\|/ && length($0) > width {print FILENAME ":" FNR ": " length($0) " columns"}')
if [ -n "$long" ]; then
  echo "Lines longer than $width columns:" >&2
  echo "$long" >&2
  exit 1
fi

dotnet format whitespace Cmsa.Dsl.sln --no-restore --verify-no-changes
