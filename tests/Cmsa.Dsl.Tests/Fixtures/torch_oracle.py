"""Writes what PyTorch and torchvision compute, for TorchOracleTests to compare with.

    python3 torch_oracle.py     (needs torch and torchvision; any version from 1.13 on)

Every tensor is filled by one formula of its name and the index of its elements (splitmix64), so that only results are stored.
"""
import json
import os

import numpy
import torch
import torchvision
from torch.nn import functional

torch.set_default_dtype(torch.float64)
HERE = os.path.dirname(os.path.abspath(__file__))


def uniform(name, shape):
    """Numbers in [0, 1) by name and index."""
    h = 14695981039346656037
    for byte in name.encode():
        h = (h ^ byte) * 1099511628211 % 2**64
    x = numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15) + numpy.uint64(h)
    x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    x = x ^ (x >> numpy.uint64(31))
    return torch.from_numpy((x >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53).reshape(shape)


def signed(name, *shape):
    """Numbers in [-1, 1)."""
    return 2 * uniform(name, shape) - 1


def fill(module):
    """Weights that keep the size of what goes through them, biases and means near 0, gains and variances near 1."""
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if tensor.dtype != torch.float64:
                continue
            u = uniform(name, tensor.shape)
            if tensor.dim() > 1:
                u = (2 * u - 1) * (3 / (tensor.numel() / tensor.shape[0])) ** 0.5
            elif name.endswith(("bias", "running_mean")):
                u = 0.1 * (2 * u - 1)
            else:
                u = 0.5 + u
            tensor.copy_(u)
    return module


def numbers(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{x:.12e}") for x in tensor.detach().flatten().tolist()]}


def names(network):
    return [f"{name} {list(tensor.shape)}" for name, tensor in network.state_dict().items() if "num_batches" not in name]


def residual(network):
    network = fill(network).eval()
    x = signed("input", 1, 3, 64, 64)
    levels = {}
    with torch.no_grad():
        x = network.maxpool(network.relu(network.bn1(network.conv1(x))))
        for i in range(1, 5):
            x = getattr(network, f"layer{i}")(x)
            levels[f"res{i + 1}"] = {"shape": list(x.shape[1:]), "mean": float(x.mean()), "corner": numbers(x[0, :2, :2, :2])}
        return {"levels": levels, "scores": numbers(network.fc(x.mean((2, 3))))}


def recurrence():
    cell = fill(torch.nn.LSTM(5, 4))
    words = signed("words", 3, 6, 5)
    states = []
    for sample, length in zip(words, (6, 3, 1)):
        states.append(numbers(cell(sample[6 - length:].unsqueeze(1))[0].squeeze(1)))
    return {"lengths": [6, 3, 1], "states": states}


def windows():
    x = signed("map", 2, 3, 7, 8)
    cases = []
    for kernel, stride, padding in ((3, 2, 1), (2, 2, 0), (3, 3, 0), (2, 3, 1), (3, 1, 1)):
        for ceiling in (False, True):
            cases.append({
                "kernel": kernel, "stride": stride, "padding": padding, "ceiling": ceiling,
                "max": numbers(functional.max_pool2d(x, kernel, stride, padding, ceil_mode=ceiling)),
                "mean": numbers(functional.avg_pool2d(x, kernel, stride, padding, ceil_mode=ceiling))})
    return cases


def bins():
    x = signed("map", 2, 3, 7, 8)
    return [{"rows": r, "columns": c, "max": numbers(functional.adaptive_max_pool2d(x, (r, c))), "mean": numbers(functional.adaptive_avg_pool2d(x, (r, c)))}
            for r, c in ((1, 1), (3, 2), (7, 5))]


def transposed():
    x = signed("small map", 2, 3, 3, 4)
    return [{"kernel": k, "stride": s, "padding": p, "result": numbers(fill(torch.nn.ConvTranspose2d(3, 2, k, s, p))(x))}
            for k, s, p in ((4, 2, 1), (3, 1, 0), (2, 2, 0), (3, 2, 1))]


def convolved():
    x = signed("even map", 2, 4, 7, 8)
    return [{"kernel": k, "stride": s, "dilation": d, "groups": g, "result": numbers(fill(torch.nn.Conv2d(4, 2, k, s, d * (k - 1) // 2, d, g))(x))}
            for k, s, d, g in ((1, 1, 1, 1), (3, 2, 1, 1), (3, 1, 2, 2), (5, 3, 1, 2))]


def resampled():
    x = signed("small map", 2, 3, 3, 4)
    return [{"rows": r, "columns": c, "result": numbers(functional.interpolate(x, (r, c), mode="bilinear", align_corners=False))}
            for r, c in ((6, 8), (5, 7), (2, 3), (1, 9))]


def normed():
    norm = fill(torch.nn.BatchNorm2d(3)).train()
    result = norm(signed("map", 2, 3, 7, 8))
    return {"result": numbers(result[:, :, :2, :2]), "running_mean": numbers(norm.running_mean), "running_var": numbers(norm.running_var)}


def write(name, text):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


write("operations.json", json.dumps({
    "lstm": recurrence(), "windows": windows(), "bins": bins(), "transposed": transposed(), "convolved": convolved(), "resampled": resampled(), "norm": normed(),
}) + "\n")
write("resnet_names.txt", "".join(f"{network}\n" + "".join(f"  {line}\n" for line in names(getattr(torchvision.models, network)())) for network in ("resnet18", "resnet50", "resnet101")))
write("resnet_numbers.json", json.dumps({
    "resnet18": residual(torchvision.models.resnet18(num_classes=12)),
    "resnet50": residual(torchvision.models.resnet50(num_classes=12)),
    "resnet50_dilated": residual(torchvision.models.resnet50(num_classes=12, replace_stride_with_dilation=[False, True, True])),
}, indent=1) + "\n")
