#!/usr/bin/env bash
# Tables 2 and 3 of the paper on the built-in scenes at small scale: 20 to 30 minutes on 2 cores, after the build. What has run is not run again; what was
# interrupted goes on.  ./reproduce.sh [MINUTES] [options for cmsa table, such as --seeds 3 or --crf]
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

minutes=30
if [[ ${1:-} =~ ^[0-9]+$ ]]; then minutes=$1; shift; fi

bash build/native-runtime.sh
dotnet build src/Cmsa.Cli -c Release -v quiet
cmsa() { dotnet src/Cmsa.Cli/bin/Release/net10.0/cmsa.dll "$@"; }

# Three quarters of the time are for training, shared by what there is to train; the rest is for validating, scoring and drawing.
cmsa table 2 --budget $((minutes * 60 * 3 / 4 * 2 / 3))s -o report/table2 "$@"
cmsa table 3 --budget $((minutes * 60 * 3 / 4 / 3))s -o report/table3 "$@"

cat <<EOF

The reports, each one file for a browser, with the table as Markdown, CSV and LaTeX beside it:
  report/table2/index.html
  report/table3/index.html
Run this again with the same arguments to print the tables at once; with other ones, such as --seeds 3, to train more.
EOF
