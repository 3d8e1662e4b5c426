"""Measures exported models side by side: eager and torch.compile, float32 and bfloat16, forward alone and with the backward pass.

    python3 tests/pytorch_bench.py "as written=paper-as-written.py" "optimised=paper-optimised.py" "inference=paper-inference.py"

Each file is one that `cmsa export --format pytorch` wrote. Prints a Markdown table: median time of the runs after warming up, the
most memory at a time beyond weights and arguments, the multiply-adds a second that the time means, and their share of what a plain
product of matrices reaches in the same precision on the same device. A case that does not run is a line that says why.
"""
import argparse
import contextlib
import gc
import importlib.util
import os
import platform
import statistics
import sys
import time

import torch

PRECISIONS = {"float32": torch.float32, "tf32": torch.float32, "bfloat16": torch.bfloat16}


def imported(path):
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(path))[0].replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    # torch.compile looks up modules by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def settle(device):
    if device == "cuda":
        torch.cuda.synchronize()


def tensor_cores(on):
    """TF32 on or off in products of matrices and convolutions."""
    torch.backends.cuda.matmul.allow_tf32 = on
    torch.backends.cudnn.allow_tf32 = on


def timed(act, device, seconds, least=3, most=50):
    """The median time of a run, and how many were measured."""
    times, end = [], time.perf_counter() + seconds
    while len(times) < least or (time.perf_counter() < end and len(times) < most):
        settle(device)
        start = time.perf_counter()
        act()
        settle(device)
        times.append(time.perf_counter() - start)
    return statistics.median(times), len(times)


def roofline(device, precision, seconds):
    """Multiply-adds a second of a product of matrices, the best of several sizes."""
    tensor_cores(precision == "tf32")
    best = 0.0
    for size in (2048, 4096, 8192) if device == "cuda" else (512, 1024):
        a, b = (torch.randn(size, size, device=device, dtype=PRECISIONS[precision]) for _ in range(2))
        a @ b
        took, _ = timed(lambda a=a, b=b: a @ b, device, seconds)
        best = max(best, size ** 3 / took)
    return best


def graph_breaks(model, arguments):
    """How often torch.compile leaves a model for Python, as far as it says."""
    try:
        explained = torch._dynamo.explain(model)(*arguments)
        return f"{explained.graph_break_count} graph breaks"
    except Exception as e:  # what explain does differs from version to version
        return f"graph breaks not known ({type(e).__name__})"


def measured(source, device, precision, backward, compiled, given):
    """One case: median seconds, runs, bytes, and what else is to be said."""
    dtype = PRECISIONS[precision]
    tensor_cores(precision == "tf32")
    torch.manual_seed(0)
    model = source.Model(dtype=dtype, device=device)
    model.train(False)
    if given.train_mode:
        model.train(backward)
    arguments = source.random_inputs(given.batch, dtype=dtype, device=device)
    said = ""
    run = model
    with contextlib.ExitStack() as stack:
        if not backward:
            stack.enter_context(torch.no_grad())
        if compiled:
            # What is kept of the weights is there before the model is compiled.
            if not backward:
                model(*arguments)
            torch._dynamo.reset()
            said = graph_breaks(model, arguments)
            torch._dynamo.reset()
            run = torch.compile(model)

        def act():
            result = run(*arguments)
            result = result[0] if isinstance(result, tuple) else result
            if backward:
                model.zero_grad(set_to_none=True)
                result.float().mean().backward()

        start = time.perf_counter()
        for _ in range(given.warm_up):
            act()
        settle(device)
        warming = time.perf_counter() - start
        model.zero_grad(set_to_none=True)
        before = 0
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
            before = torch.cuda.memory_allocated()
        act()
        settle(device)
        most = torch.cuda.max_memory_allocated() - before if device == "cuda" else None
        took, runs = timed(act, device, given.seconds)
    if compiled:
        said += f", {warming:.0f} s to compile"
    return took, runs, most, said


def row(cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def why(error):
    if isinstance(error, torch.cuda.OutOfMemoryError) or "out of memory" in str(error):
        return "out of memory"
    text = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {text[0][:120]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", help="NAME=FILE.py")
    parser.add_argument("--device", action="append", choices=["cpu", "cuda"], help="cuda and cpu if not given, as far as they are there")
    parser.add_argument("--precision", action="append", choices=list(PRECISIONS), help="all if not given; tf32 on cuda alone")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0, help="of measuring a case, after warming up")
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--multiply-adds", type=float, help="of a sample, for the files that do not say it")
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--only-forward", action="store_true")
    parser.add_argument("--train-mode", action="store_true", help="batch norms and dropout as in training, with the backward pass")
    given = parser.parse_args()

    sources = [(name, imported(path)) for name, _, path in (m.partition("=") for m in given.models)]
    devices = given.device or (["cuda"] if torch.cuda.is_available() else []) + ["cpu"]
    print(f"PyTorch {torch.__version__}, Python {platform.python_version()}, batch {given.batch}")
    for device in devices:
        if device == "cuda":
            properties = torch.cuda.get_device_properties(0)
            memory = f"{properties.total_memory / 2**30:.0f} GiB"
            print(f"\n{properties.name}, {memory}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}")
        else:
            print(f"\nCPU: {platform.processor() or platform.machine()}, {torch.get_num_threads()} threads")
        roofs = {}
        for precision in given.precision or list(PRECISIONS):
            if precision == "tf32" and device == "cpu":
                continue
            try:
                roofs[precision] = roofline(device, precision, min(1.0, given.seconds))
            except Exception as e:
                print(f"no product of matrices in {precision}: {why(e)}")
                continue
            said = " (TF32 off)" if precision == "float32" and device == "cuda" else ""
            print(f"plain product of matrices, {precision}{said}: {roofs[precision] / 1e9:,.0f} G multiply-adds a second")
        print()
        work = ["G multiply-adds", "G multiply-adds a second", "of a plain product"]
        row(["model", "pass", "precision", "how", "ms", "runs", "peak MiB", *work, ""])
        row(["---"] * 2 + ["---"] * 2 + ["---:"] * 6 + ["---"])
        for precision, roof in roofs.items():
            for backward in (False,) if given.only_forward else (False, True):
                for compiled in (False,) if given.no_compile or not hasattr(torch, "compile") else (False, True):
                    for name, source in sources:
                        work = given.batch * (given.multiply_adds or source.MULTIPLY_ADDS) * (3 if backward else 1)
                        done = "forward + backward" if backward else "forward"
                        cells = [name, done, precision, "torch.compile" if compiled else "eager"]
                        try:
                            took, runs, most, said = measured(source, device, precision, backward, compiled, given)
                            memory = "" if most is None else f"{most / 2**20:.0f}"
                            rate = [f"{work / 1e9:,.2f}", f"{work / took / 1e9:,.0f}", f"{100 * work / took / roof:.1f} %"]
                            row(cells + [f"{took * 1e3:.2f}", runs, memory, *rate, said])
                        except Exception as e:
                            row(cells + ["", "", "", f"{work / 1e9:,.2f}", "", "", why(e)])
                        gc.collect()
                        if device == "cuda":
                            torch.cuda.empty_cache()
    print("\nA backward pass counts as two forward passes. Each model's multiply-adds are its own: an optimised one has fewer.")


if __name__ == "__main__":
    main()
