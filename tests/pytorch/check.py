"""Runs exported models under PyTorch and compares results, gradients and statistics with what TorchSharp made of them (cases.cs).

    python3 tests/pytorch/check.py FOLDER [NAME...]
"""
import importlib.util
import os
import sys
import time
import traceback

import torch

CLOSE = {torch.float64: 1e-10, torch.float32: 1e-5}


def imported(path):
    spec = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def distance(found, expected):
    """How far two tensors are apart, relative to the greatest number."""
    if found.shape != expected.shape:
        return float("inf")
    if expected.numel() == 0:
        return 0.0
    worst = (found.double() - expected.double()).abs().max() / (1 + expected.double().abs().max())
    return worst.item() if worst == worst else float("inf")


def first(result):
    return result[0] if isinstance(result, tuple) else result


def ran(source, folder, mode, precision):
    """The largest differences of one run, by what differs, and how long the forward pass took."""
    expected = source.read_tensors(os.path.join(folder, f"{mode}.{precision}.safetensors"))
    dtype = expected["result"].dtype
    model = source.load_weights(source.Model(dtype=dtype), os.path.join(folder, f"weights.{precision}.safetensors"))
    model.train(mode == "train")
    arguments = [expected[f"argument.{n}"] for n in range(sum(name.startswith("argument.") for name in expected))]
    start = time.perf_counter()
    result = first(model(*arguments))
    took = time.perf_counter() - start
    apart = {"result": distance(result, expected["result"])}
    # What inference keeps of the weights counts as constant.
    if "towards" in expected:
        (result * expected["towards"]).sum().backward()
        parameters = dict(model.named_parameters())
        for name, gradient in expected.items():
            if name.startswith("gradient."):
                found = parameters[name[len("gradient."):]].grad
                apart[name] = distance(torch.zeros_like(gradient) if found is None else found, gradient)
    buffers = dict(model.named_buffers())
    for name, statistic in expected.items():
        if name.startswith("statistic."):
            apart[name] = distance(buffers[name[len("statistic."):]], statistic)
    if hasattr(source, "Folding") and mode == "eval":
        with torch.no_grad():
            apart["result, folded"] = max(distance(first(model(*arguments)), expected["result"]) for _ in range(2))
    return apart, CLOSE[dtype], took


def check(folder, variant):
    """What one exported file gave, in words, and what is wrong with it."""
    source = imported(os.path.join(folder, f"{variant}.py"))
    words, wrong = [], []
    for precision in ("Float64", "Float32"):
        for mode in ("eval",) if variant.startswith("inference") else ("eval", "train"):
            if not os.path.exists(os.path.join(folder, f"{mode}.{precision}.safetensors")):
                continue
            apart, close, took = ran(source, folder, mode, precision)
            gradients = [d for what, d in apart.items() if what.startswith("gradient.")]
            most = max(gradients, default=0.0)
            words.append(f"{precision.lower()} {mode} {apart['result']:.0e}, gradients {most:.0e}, {took * 1000:.0f} ms")
            wrong += [f"{precision} {mode} {what}: {d:.2e} > {close:.0e}" for what, d in apart.items() if not d <= close]
    return "; ".join(words), wrong


def main():
    root, only = sys.argv[1], sys.argv[2:]
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    names = sorted(n for n in os.listdir(root) if os.path.isdir(os.path.join(root, n)) and (not only or any(o in n for o in only)))
    if not names:
        sys.exit(f"FAILED: there are no cases in {root}")
    failed, random = [], {}
    for name in names:
        folder = os.path.join(root, name)
        for variant in ("as-written", "fused", "optimised", "inference", "inference-cpu"):
            try:
                line, wrong = check(folder, variant)
            except Exception:
                line, wrong = "", [traceback.format_exc(limit=-3)]
            if wrong:
                failed.append(f"{name}/{variant}.py")
                print(f"FAILED {name}, {variant}: {line}\n    " + "\n    ".join(wrong[:4]), flush=True)
            elif name.startswith("random."):
                kind = f"{name.split('.')[1]}, {variant}"
                random[kind] = random.get(kind, 0) + 1
            else:
                print(f"ok {name}, {variant}: {line}", flush=True)
    for kind, count in random.items():
        print(f"ok {count} random graphs: {kind}")
    if failed:
        sys.exit(f"FAILED: {len(failed)} files: {' '.join(failed[:20])}")


main()
