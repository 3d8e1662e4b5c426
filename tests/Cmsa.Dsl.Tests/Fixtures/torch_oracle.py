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


def drawn(*names_and_shapes):
    """Parameters as fill gives them to modules: by name, one after the other along the first axis."""
    holder = torch.nn.Module()
    for name, shape in names_and_shapes:
        holder.register_parameter(name.replace(".", "/"), torch.nn.Parameter(torch.zeros(shape)))
    with torch.no_grad():
        for name, shape in names_and_shapes:
            u = uniform(name, shape)
            scale = (3 / (u.numel() / u.shape[0])) ** 0.5
            getattr(holder, name.replace(".", "/")).copy_(
                (2 * u - 1) * scale if u.dim() > 1 else 0.1 * (2 * u - 1) if name.endswith("bias") else 0.5 + u)
    return torch.cat([getattr(holder, name.replace(".", "/")).detach() for name, _ in names_and_shapes])


def put(tensor, *names_and_shapes):
    with torch.no_grad():
        tensor.copy_(drawn(*names_and_shapes))


def put_attention(attention, under, width):
    for kind, shape in (("weight", (width, width)), ("bias", (width,))):
        put(getattr(attention, f"in_proj_{kind}"), *((f"{under}{part}.{kind}", shape) for part in ("query", "key", "value")))
        put(getattr(attention.out_proj, kind), (f"{under}output.{kind}", shape))


def put_part(module, under):
    put(module.weight, (f"{under}.weight", tuple(module.weight.shape)))
    put(module.bias, (f"{under}.bias", tuple(module.bias.shape)))


def normalised():
    x, words = signed("groups", 2, 4, 3, 5), signed("words", 2, 3, 6)
    return {"group": numbers(fill(torch.nn.GroupNorm(2, 4))(x)), "instance": numbers(functional.instance_norm(x)),
            "layer": numbers(fill(torch.nn.LayerNorm(6))(words))}


def attended():
    width, heads = 6, 2
    words, memory = signed("words", 2, 4, width), signed("memory", 2, 5, width)
    absent = torch.tensor([[True, True, False, False], [False] * 4])
    attention = torch.nn.MultiheadAttention(width, heads, batch_first=True)
    put_attention(attention, "", width)
    own, weights = attention(words, words, words, key_padding_mask=absent, average_attn_weights=False)
    crossed, _ = attention(memory, words, words, key_padding_mask=absent)
    encoder = torch.nn.TransformerEncoderLayer(width, heads, 8, 0, "gelu", batch_first=True, norm_first=True)
    put_attention(encoder.self_attn, "attention.", width)
    for part, name in ((encoder.norm1, "norm1"), (encoder.norm2, "norm2"), (encoder.linear1, "mlp.fc1"), (encoder.linear2, "mlp.fc2")):
        put_part(part, name)
    decoder = torch.nn.TransformerDecoderLayer(width, heads, 8, 0, "gelu", batch_first=True, norm_first=True)
    put_attention(decoder.self_attn, "self.", width)
    put_attention(decoder.multihead_attn, "cross.", width)
    for part, name in ((decoder.norm1, "norm1"), (decoder.norm2, "norm2"), (decoder.norm3, "norm3"), (decoder.linear1, "mlp.fc1"), (decoder.linear2, "mlp.fc2")):
        put_part(part, name)
    return {"self": numbers(own), "weights": numbers(weights), "cross": numbers(crossed),
            "encoder": numbers(encoder(memory)), "decoder": numbers(decoder(memory, words, memory_key_padding_mask=absent))}


def rearranged():
    x = signed("blocks", 2, 8, 2, 3)
    patches = fill(torch.nn.Conv2d(3, 5, 2, 2))(signed("picture", 2, 3, 4, 6))
    return {"shuffled": numbers(functional.pixel_shuffle(x, 2)), "patches": numbers(patches.flatten(2).transpose(1, 2))}


def excited():
    x = signed("map", 2, 4, 3, 5)
    first, second = torch.nn.Linear(4, 2), torch.nn.Linear(2, 4)
    put_part(first, "gate.fc1")
    put_part(second, "gate.fc2")
    return numbers(x * second(first(x.mean((2, 3))).relu()).sigmoid()[:, :, None, None])


def both_ways():
    cell = torch.nn.LSTM(5, 4, bidirectional=True)
    for tail, under in (("", "forward.lstm."), ("_reverse", "backward.lstm.")):
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            tensor = getattr(cell, f"{part}_l0{tail}")
            put(tensor, (under + part, tuple(tensor.shape)))
    return [numbers(cell(sample[6 - length:].unsqueeze(1))[0].squeeze(1)) for sample, length in zip(signed("words", 3, 6, 5), (6, 3, 1))]


def forgetting():
    cell = fill(torch.nn.LSTM(5, 4))
    with torch.no_grad():
        cell.bias_ih_l0[4:8] += 1
    return numbers(cell(signed("words", 3, 6, 5)[0].unsqueeze(1))[0].squeeze(1))


def padded():
    """Paddings that PyTorch has no word for where the stride is not 1, by TensorFlow's formula."""
    x, cases = signed("even map", 2, 4, 7, 8), []
    for name in ("Valid", "SameUpper", "SameLower"):
        for k, s, d in ((4, 1, 1), (3, 2, 1), (2, 3, 1), (4, 2, 2)):
            sides = []
            for size in (8, 7):
                more = 0 if name == "Valid" else max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
                less = more // 2
                sides += [less, more - less] if name == "SameUpper" else [more - less, less]
            conv = fill(torch.nn.Conv2d(4, 2, k, s, 0, d))
            result = conv(functional.pad(x, sides))
            if name == "SameUpper" and s == 1:
                assert torch.allclose(result, fill(torch.nn.Conv2d(4, 2, k, s, "same", d))(x))
            cases.append({"padding": name, "kernel": k, "stride": s, "dilation": d, "result": numbers(result)})
    return cases


def positions():
    x = numpy.zeros((5, 8))
    for p in range(5):
        for i in range(4):
            x[p, 2 * i], x[p, 2 * i + 1] = numpy.sin(p / 10000 ** (2 * i / 8)), numpy.cos(p / 10000 ** (2 * i / 8))
    return numbers(torch.from_numpy(x))


def write(name, text):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


write("operations.json", json.dumps({
    "lstm": recurrence(), "windows": windows(), "bins": bins(), "transposed": transposed(), "convolved": convolved(), "resampled": resampled(), "norm": normed(),
}) + "\n")
write("layers.json", json.dumps({
    "norms": normalised(), "attention": attended(), "rearranged": rearranged(), "excited": excited(), "padded": padded(), "both_ways": both_ways(), "forgetting": forgetting(), "positions": positions(),
}) + "\n")
write("resnet_names.txt", "".join(f"{network}\n" + "".join(f"  {line}\n" for line in names(getattr(torchvision.models, network)())) for network in ("resnet18", "resnet50", "resnet101")))
write("resnet_numbers.json", json.dumps({
    "resnet18": residual(torchvision.models.resnet18(num_classes=12)),
    "resnet50": residual(torchvision.models.resnet50(num_classes=12)),
    "resnet50_dilated": residual(torchvision.models.resnet50(num_classes=12, replace_stride_with_dilation=[False, True, True])),
}, indent=1) + "\n")
