#!/usr/bin/env bash
# Runs exported models under PyTorch: results, gradients and statistics against TorchSharp's, the command and its weights, and a
# few training steps of two processes. It needs python3 with PyTorch 1.13 or newer (Debian: apt-get install python3-torch; another
# Python: PYTHON=...); where there is none it says so and passes.  tests/pytorch.sh [how many random graphs of each kind] [seed]
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-}
for candidate in /usr/bin/python3 python3; do
  [ -n "$python" ] || { "$candidate" -c "import torch" 2>/dev/null && python=$candidate; } || true
done
[ -n "$python" ] || { echo "skipped: there is no python3 with PyTorch here (Debian: apt-get install python3-torch)"; exit 0; }
"$python" -c "import torch; print('PyTorch', torch.__version__)"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}
random=${1:-60} seed=${2:-1}
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT

bash build/native-runtime.sh
echo "random graphs: $random of each kind, seed $seed"
dotnet run tests/pytorch/cases.cs "$at/cases" "$random" "$seed"
"$python" tests/pytorch/check.py "$at/cases"

built=src/Cmsa.Cli/bin/Release/net10.0/cmsa.dll
[ -f "$built" ] || dotnet build src/Cmsa.Cli -c Release -v quiet
export_small() { dotnet "$built" export Cmsa.Paper.Small --format pytorch "$@" >/dev/null; }
drawn=$at/small.safetensors
export_small -o "$at/model.py"
"$python" - "$at" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import model
model.save_weights(model.Model(), f"{sys.argv[1]}/small.safetensors")
END
for variant in --as-written "" --inference; do
  export_small $variant --weights "$drawn" -o "$at/model.py"
  echo "ok cmsa export --format pytorch $variant: $("$python" "$at/model.py" "$at/model.safetensors" --device cpu)"
done
if "$python" "$at/model.py" "$at/cases/ResNet-18/weights.Float32.safetensors" 2>/dev/null; then
  echo "FAILED: weights of another model were loaded"
  exit 1
fi
echo "ok weights of another model are refused"

export_small -o "$at/model.py"
train=(examples/pytorch/train_ddp.py "$at/model.py" --steps 3 --device cpu)
if "$python" -c "import torch.distributed.run, torch.distributed as d; assert d.is_available()" 2>/dev/null; then
  one=$("$python" "${train[@]}" --batch 4 --save "$at/one.safetensors" | tail -1)
  # Streams are redirected since PyTorch 1.13 stumbles over Python 3.11 where they are not.
  launch=(-m torch.distributed.run --standalone --nproc_per_node 2 --redirects 2 --tee 1 --log_dir "$at/logs")
  two=$("$python" "${launch[@]}" "${train[@]}" --batch 2 --save "$at/two.safetensors" 2>"$at/run.log" | tail -1) ||
    { cat "$at/run.log"; find "$at/logs" -name stderr.log -exec cat {} +; echo "FAILED: two processes"; exit 1; }
  echo "ok training: one process: $one; two processes: $two"
  export_small --weights "$at/two.safetensors" -o "$at/again.py"
  echo "ok cmsa reads what PyTorch has trained"
else
  echo "skipped two processes: this PyTorch has no torch.distributed"
fi
