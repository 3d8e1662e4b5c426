#!/usr/bin/env bash
# Packs every library, installs them into a new program outside the solution, and runs it: a variant of the paper's model,
# compiled, and a mask out of it. No package of ours may depend on a platform's libtorch: the program chooses it. Then the
# tool, installed and run. Takes about 5 minutes and 2 GB for as long as it runs; what it made is removed.  tests/pack.sh
set -euo pipefail
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "skipped: the program of this test runs on libtorch for Linux on x86-64"
  exit 0
fi
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
root=$PWD
at=$(mktemp -d)
# A version of this run alone: the package cache must not answer with an older one.
version=0.0.0-packed.$(date +%s)
libraries=(Base Pickle Data Dsl Dsl.Onnx Dsl.Onnx.Runtime Dsl.PyTorch Dsl.Testing Models Experiments Pretrained)
cache=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
stop() {
  rm -rf "$at"
  rm -rf "${cache:?}/cmsa.cli/$version"
  for library in "${libraries[@]}"; do rm -rf "${cache:?}/cmsa.${library,,}/$version"; done
}
trap stop EXIT
trap 'exit 1' TERM INT
fail() { echo "FAILED: $*"; exit 1; }

bash build/native-runtime.sh
# In a copy: packing restores other dependencies than building does.
mkdir "$at/source"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
  if [ -e "$file" ]; then printf '%s\0' "$file"; fi
done | tar --null -T - -c | tar -x -C "$at/source"
for library in "${libraries[@]}"; do
  (cd "$at/source" && dotnet pack "src/Cmsa.$library" -c Release -o "$at/packages" -v quiet -p:MinVerVersionOverride="$version")
  package=$at/packages/Cmsa.$library.$version.nupkg
  [ -f "$package" ] || fail "there is no package of Cmsa.$library"
  [ -f "${package%.nupkg}.snupkg" ] || fail "Cmsa.$library has no symbols"
  listed=$(unzip -l "$package")
  for part in README.md "lib/net10.0/Cmsa.$library.dll" "lib/net10.0/Cmsa.$library.xml"; do
    grep -q "$part" <<<"$listed" || fail "Cmsa.$library has no $part"
  done
  nuspec=$(unzip -p "$package" "Cmsa.$library.nuspec")
  if grep -iE 'dependency id="(libtorch|TorchSharp-)' <<<"$nuspec"; then
    fail "Cmsa.$library depends on a platform's libtorch"
  fi
  for field in authors description tags; do
    grep -qE "<$field>[^<]+</$field>" <<<"$nuspec" || fail "Cmsa.$library has no $field"
  done
  grep -q '<license type="expression">MIT' <<<"$nuspec" || fail "Cmsa.$library has no licence"
done
echo "packed: ${#libraries[@]} libraries, $(du -sh "$at/packages" | cut -f1)"

mkdir "$at/new"
cd "$at/new"
cat >nuget.config <<EOF
<configuration><packageSources><add key="packed" value="$at/packages" /></packageSources></configuration>
EOF
dotnet new console -v quiet >/dev/null
dotnet add package Cmsa.Models --version "$version" >/dev/null || fail "the package does not install"
native=$(sed -nE 's/.*"libtorch-cpu-linux-x64" Version="([^"]*)".*/\1/p' "$root/Directory.Packages.props")
dotnet add package libtorch-cpu-linux-x64 --version "$native" >/dev/null || fail "libtorch does not install"
# The C# block of the page is the program.
sed -n '/^```csharp/,/^```/p' "$root/docs/packages.md" | sed '/^```/d' >Program.cs
said=$(dotnet run) || fail "the program does not run: $said"
grep -q '^a mask of 1 x 96 x 96' <<<"$said" || fail "the program says: $said"
echo "installed: $said"

# The tool carries libtorch for the CPU of this platform: 160 MB.
(cd "$at/source" && dotnet pack src/Cmsa.Cli -c Release -o "$at/packages" -v quiet -p:MinVerVersionOverride="$version")
dotnet tool install Cmsa.Cli --tool-path "$at/tool" --add-source "$at/packages" --version "$version" >/dev/null || fail "the tool does not install"
listed=$("$at/tool/cmsa" list)
grep -q '^Cmsa.Paper ' <<<"$listed" || fail "the tool lists no model: $listed"
trained=$("$at/tool/cmsa" train --iterations 2 --batch 2 --validate-on 2 2>&1) || fail "the tool does not train: $trained"
echo "passed: ${#libraries[@]} packages and the tool, which trained two steps"
