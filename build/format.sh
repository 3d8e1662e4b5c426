#!/usr/bin/env bash
# Formats every source: CSharpier breaks lines at 120 columns, then dotnet format sets white space as .editorconfig says.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet tool restore
dotnet csharpier format .
dotnet format whitespace Cmsa.Dsl.sln --no-restore
