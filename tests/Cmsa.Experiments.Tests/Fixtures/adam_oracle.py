"""Writes what five steps of PyTorch's Adam make of four parameters, for AdamTests to compare with.

    python3 adam_oracle.py > adam.json     (needs torch; any version from 1.13 on)

Values and gradients are drawn by one formula of a name and the index of the elements (splitmix64), so that only results
are stored. The gradient of step t is that of "gradient t NAME", scaled so that steps 1, 3 and 5 are clipped and steps 2
and 4 are not; one element of each gradient is so small that Adam's epsilon decides about its step.
"""
import json

import numpy
import torch

torch.set_default_dtype(torch.float64)
SHAPES = {
    "conv.weight": (2, 2, 3, 3),
    "conv.bias": (2,),
    "norm.weight": (2,),
    "norm.bias": (2,),
    "fc.weight": (3, 2),
    "fc.bias": (3,),
}
STEPS, RATE, LAST, POWER, WARMUP, DECAY, CLIP = 5, 0.05, 0.01, 0.9, 3, 0.1, 1.0


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


def gradient(step, name, shape):
    drawn = (2 * uniform(f"gradient {step} {name}", shape) - 1) * (1.0 if step % 2 == 0 else 0.05)
    drawn.view(-1)[0] *= 1e-7
    return drawn


values = {name: torch.nn.Parameter(2 * uniform(name, shape) - 1) for name, shape in SHAPES.items()}
# The decay is of the convolution's weights alone, and biases learn twice as fast.
optimizer = torch.optim.Adam([
    {"params": [value], "weight_decay": DECAY if name == "conv.weight" else 0.0, "pace": 2 if name.endswith("bias") else 1}
    for name, value in values.items()
], lr=RATE)
steps = []
for step in range(STEPS):
    rate = ((RATE - LAST) * (1 - step / STEPS) ** POWER + LAST) * min(1, (step + 1) / WARMUP)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["pace"]
    gradients = {name: gradient(step, name, shape) for name, shape in SHAPES.items()}
    length = torch.cat([g.flatten() for g in gradients.values()]).norm()
    for name, value in values.items():
        # clip_grad_norm_ divides by the length and 1e-6: here it is the length alone.
        value.grad = gradients[name] * min(1.0, float(CLIP / length))
    optimizer.step()
    steps.append({name: [float(f"{x:.15e}") for x in value.detach().flatten().tolist()] for name, value in values.items()})
print(json.dumps(steps))
