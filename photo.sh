#!/usr/bin/env bash
# Shows what a ResNet-18 trained on ImageNet sees in your photographs: ./photo.sh PHOTO... writes features/PHOTO.features.png. Seconds, after the build.
set -euo pipefail
if [ $# -eq 0 ]; then
  echo "usage: ./photo.sh PHOTO...   (JPEG or PNG files)" >&2
  exit 2
fi
cd "$(dirname "$0")"
started=$OLDPWD
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

bash build/native-runtime.sh
dotnet build src/Cmsa.Cli -c Release -v quiet
root=$PWD
cd "$started"
dotnet "$root/src/Cmsa.Cli/bin/Release/net10.0/cmsa.dll" features "$@" -o features

cat <<EOF

Open features/*.png. Places of one colour look alike to the network. Next:
  $root/cmsa train --model photo --data refcoco/unc --root FOLDER --backbone imagenet-resnet18    train the paper's model on it
EOF
