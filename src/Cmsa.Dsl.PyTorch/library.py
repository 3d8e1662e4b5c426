"""What exported models are made of: each file has a copy of the functions that it needs, so that it stands alone."""
import json
import math
import os

import torch
import torch.nn as nn
import torch.nn.functional as F


# ---- parameters


class Part(nn.Module):
    """A part of the model, under its path: parameters, statistics, and the parts below it."""

    def __init__(self, /, **own):
        super().__init__()
        for name, value in own.items():
            self.own(name, value)

    def own(self, name, value):
        """Registers a parameter, a statistic or a part under any name, a number too."""
        is_module, is_parameter = isinstance(value, nn.Module), isinstance(value, nn.Parameter)
        kind = self._modules if is_module else self._parameters if is_parameter else self._buffers
        kind[name] = value

    def __getitem__(self, name):
        return getattr(self, str(name))


class Folding(Part):
    """A part that keeps what depends on its weights alone, until weights are loaded, moved or trained."""

    kept = None

    def folded(self):
        """What fold gives, kept where no gradients are."""
        if torch.is_grad_enabled():
            return self.fold()
        if self.kept is None:
            self.kept = self.fold()
        return self.kept

    def train(self, mode=True):
        self.kept = None
        return super().train(mode)

    def _apply(self, *arguments, **options):
        self.kept = None
        return super()._apply(*arguments, **options)

    def _load_from_state_dict(self, *arguments, **options):
        self.kept = None
        super()._load_from_state_dict(*arguments, **options)


def learnt(values):
    """A parameter that training changes."""
    return nn.Parameter(values)


def frozen(values):
    """A parameter that training leaves as it is."""
    return nn.Parameter(values, requires_grad=False)


def norm(channels):
    """The parameters and running statistics of a batch norm."""
    gain, bias = learnt(ones(channels)), learnt(zeros(channels))
    return Part(weight=gain, bias=bias, running_mean=zeros(channels), running_var=ones(channels))


def frozen_norm(channels):
    """The same, left as they are by training."""
    gain, bias = frozen(ones(channels)), frozen(zeros(channels))
    return Part(weight=gain, bias=bias, running_mean=zeros(channels), running_var=ones(channels))


def ones(*shape):
    """1 everywhere."""
    return torch.ones(shape)


def zeros(*shape):
    """0 everywhere."""
    return torch.zeros(shape)


def full(shape, number):
    """The same number everywhere."""
    return torch.full(shape, float(number))


def uniform(shape, bound):
    """Uniform in [-bound, bound]."""
    return torch.rand(shape) * (2 * bound) - bound


def normal(shape, deviation):
    """Normal with mean 0."""
    return torch.randn(shape) * deviation


def xavier(outputs, inputs, *kernel):
    """Uniform with bound sqrt(6 / (fan in + fan out)): Glorot and Bengio 2010."""
    cells = math.prod(kernel)
    return uniform((outputs, inputs, *kernel), math.sqrt(6 / ((inputs + outputs) * cells)))


def he(outputs, inputs, *kernel):
    """Normal with deviation sqrt(2 / fan out): He et al. 2015, as torchvision starts its ResNets."""
    return normal((outputs, inputs, *kernel), math.sqrt(2 / (outputs * math.prod(kernel))))


def sinusoids(shape, channel):
    """Sines and cosines of the places, an equal stretch of the channels for each axis of places: Vaswani et al. 2017."""
    places = [axis for axis in range(len(shape)) if axis != channel]
    width = shape[channel] // len(places)
    stretches = []
    for axis in places:
        rate = torch.pow(10000.0, -(torch.arange(width, dtype=torch.float64) // 2 * 2) / width)
        angle = torch.arange(shape[axis], dtype=torch.float64)[:, None] * rate
        even = torch.arange(width) % 2 == 0
        table = torch.where(even, angle.sin(), angle.cos())
        table = table if axis < channel else table.t()
        table = table.reshape([width if a == channel else shape[a] if a == axis else 1 for a in range(len(shape))])
        stretches.append(table.expand([width if a == channel else shape[a] for a in range(len(shape))]))
    return torch.cat(stretches, channel).float()


# ---- weights in files


TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}


def read_tensors(path):
    """The tensors of a .safetensors file by name: 8 bytes for the header's length, the header as JSON, the elements."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        if end > len(data):
            raise ValueError(f"{path}: the file ends before {name} is complete; copy it again")
        kind, shape = TYPES[entry["dtype"]], entry["shape"]
        empty = begin == end
        values = torch.empty(0, dtype=kind) if empty else torch.frombuffer(memoryview(data)[begin:end], dtype=kind)
        tensors[name] = values.reshape(shape)
    return tensors


def load_weights(model, path):
    """Copies the tensors of a .safetensors file into the model; the names and shapes must be the model's."""
    model.load_state_dict(read_tensors(path))
    return model


def save_weights(model, path):
    """Writes the model's parameters and statistics to a .safetensors file, which Cmsa.Dsl reads."""
    names = {kind: name for name, kind in TYPES.items()}
    header, parts, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in model.state_dict().items():
        values = tensor.detach().cpu().contiguous()
        # An element of any type as the bytes that it is made of.
        data = bytes(values.reshape(-1).view(torch.uint8).numpy()) if values.numel() else b""
        header[name] = {"dtype": names[values.dtype], "shape": list(values.shape), "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".new", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for data in parts:
            file.write(data)
    os.replace(path + ".new", path)


# ---- arguments


def expect(name, tensor, *shape):
    """An argument must have the sizes that the model was exported for, after the batch."""
    if tuple(tensor.shape[1:]) != shape:
        raise ValueError(f"{name} is {list(tensor.shape)}; the model was exported for [batch, {', '.join(map(str, shape))}]")


def random_presence(batch, words):
    """Which words are there: the last ones of each expression, one at least."""
    lengths = torch.randint(1, words + 1, (batch, 1))
    return torch.arange(words) >= words - lengths


# ---- constants


def coordinates(rows, columns):
    """[8, rows, columns]: x and y of each cell's least and greatest corner and of its centre, in [-1, 1], 1/columns and 1/rows."""
    x = torch.arange(columns, dtype=torch.float64).expand(rows, columns)
    y = torch.arange(rows, dtype=torch.float64)[:, None].expand(rows, columns)
    w, h = 2 / columns, 2 / rows
    places = [x * w - 1, y * h - 1, (x + 1) * w - 1, (y + 1) * h - 1, (x + 0.5) * w - 1, (y + 0.5) * h - 1]
    return torch.stack([*places, torch.full_like(x, 1 / columns), torch.full_like(y, 1 / rows)])


def not_equal(*sizes):
    """Where two places differ: true where their indices are not all the same."""
    return ~torch.eye(math.prod(sizes), dtype=torch.bool).reshape(*sizes, *sizes)


def constant(number):
    """A number, the same for all elements."""
    return torch.tensor(number, dtype=torch.float64)


# ---- operations


def concat(parts, dim):
    """Tensors one after the other along an axis; an axis of length 1 in one of them is repeated."""
    sizes = [max(part.shape[d] for part in parts) for d in range(parts[0].dim())]
    return torch.cat([part.expand(*sizes[:dim], part.shape[dim], *sizes[dim + 1:]) for part in parts], dim)


def map_channels(x, weight, bias, dim):
    """The channels at an axis mapped: y_o = sum_i w_oi x_i + b_o."""
    y = weight @ x.flatten(dim + 1)
    y = y if bias is None else y + bias[:, None]
    return y.unflatten(dim + 1, x.shape[dim + 1:])


def batch_norm(x, norm, training, momentum=0.1, epsilon=1e-5):
    """Batch normalisation with the gain, bias and running statistics of a part."""
    return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, training, momentum, epsilon)


def masked_sum(x, present, dims):
    """The sum along some axes of the elements that are present."""
    masked = x.masked_fill(~present, 0.0)
    return masked.sum(dims) if dims else masked


def masked_mean(x, present, dims):
    """The mean along some axes of the elements that are present, 0 where none is."""
    masked = x.masked_fill(~present, 0.0)
    if not dims:
        return masked
    sizes = [masked.shape[d] if d in dims else present.shape[d] for d in range(masked.dim())]
    count = present.expand(sizes).to(x.dtype).sum(dims)
    return masked.sum(dims) / count.clamp_min(1)


def masked_max(x, present, dims):
    """The greatest along some axes of the elements that are present, 0 where none is."""
    masked = x.masked_fill(~present, torch.finfo(x.dtype).min)
    if not dims:
        return masked.masked_fill(~present, 0.0)
    some = present
    for d in dims:
        some = some.any(d, keepdim=True)
    greatest = masked.amax(dims, keepdim=True).masked_fill(~some, 0.0)
    for d in sorted(dims, reverse=True):
        greatest = greatest.squeeze(d)
    return greatest


def softmax(x, dims, present=None):
    """A distribution along some axes, 0 at elements that are not present."""
    if present is not None:
        x = x.masked_fill(~present, torch.finfo(x.dtype).min)
    kept = [d for d in range(x.dim()) if d not in dims]
    order = [*kept, *dims]
    moved = x.permute(order)
    weights = moved.flatten(len(kept)).softmax(-1).reshape(moved.shape)
    weights = weights.permute([order.index(d) for d in range(x.dim())])
    return weights if present is None else weights.masked_fill(~present, 0.0)


def log_sum_exp(x, dims, present=None):
    """log sum e^x along some axes, of the elements that are present; -1e30 where none is."""
    if present is not None:
        x = x.masked_fill(~present, -1e30)
    return x.logsumexp(dims) if dims else x


def fused_attention(q, k, v, shared, present=None):
    """
    softmax(q . k) v without scaling: q [*shared, *asking, channel], k [*shared, *over, channel], v [*shared, *over, channel],
    and which pairs take part [*shared, *asking, *over]. The matrix of weights is never held where PyTorch has a fused kernel.
    """
    asking, over, groups = q.shape[shared:-1], k.shape[shared:-1], k.shape[:shared]
    queries = q.reshape(q.shape[:shared].numel(), 1, asking.numel(), q.shape[-1])
    keys = k.reshape(groups.numel(), 1, over.numel(), k.shape[-1])
    values = v.reshape(v.shape[:shared].numel(), 1, over.numel(), v.shape[-1])
    if present is None:
        attended = attend(queries, keys, values)
    elif present.shape[shared:shared + len(asking)].numel() == 1:
        mask = present.expand(*groups, *[1 for _ in asking], *over)
        attended = attend(queries, keys, values, mask.reshape(groups.numel(), 1, 1, over.numel()))
    else:
        # PyTorch widens a mask to numbers: one that tells queries apart is given a slice of them at a time.
        mask = present.expand(*groups, *asking, *over)
        masks = [mask.narrow(shared, n, 1).reshape(groups.numel(), 1, -1, over.numel()) for n in range(asking[0])]
        attended = torch.cat([attend(some, keys, values, m) for some, m in zip(queries.chunk(asking[0], 2), masks)], 2)
    return attended.reshape(*q.shape[:-1], v.shape[-1])


# Where a query has no key at all the result is 0; older fused kernels give NaN there.
FUSED, FUSED_MASKED = (tuple(map(int, torch.__version__.split(".")[:2])) >= version for version in ((2, 0), (2, 5)))


def attend(q, k, v, mask=None):
    """softmax(q . k) v for [groups, 1, places, channel]."""
    if FUSED_MASKED if mask is not None else FUSED:
        return F.scaled_dot_product_attention(q, k * math.sqrt(q.shape[-1]), v, attn_mask=mask)
    return softmax(q @ k.transpose(-1, -2), (3,), mask) @ v


def lay(x, y, outer, mask=None, mask_on=""):
    """
    Logits x_ij + y_nj of any number of axes i, n and j as matrices: x [groups, i, j] and y [groups, n, j], -infinity where j takes no part.
    Given are x [*outer, *i, *j], y [*outer, *n, *j] and a mask [*outer, *(i, n or none), *j].
    """
    if x.dtype in (torch.bfloat16, torch.float16):
        x, y = x.float(), y.float()
    (shared, i, n), j = outer[0], outer[1]
    groups = torch.broadcast_shapes(x.shape[:shared], y.shape[:shared], *([] if mask is None else [mask.shape[:shared]]))
    inner = x.shape[len(x.shape) - j:]
    first, second = x.shape[shared:shared + i], y.shape[shared:shared + n]

    def flat(tensor, middle):
        return tensor.expand(*groups, *middle, *inner).reshape(groups.numel(), torch.Size(middle).numel(), inner.numel())

    rows, columns = flat(x, first), flat(y, second)
    if mask is not None:
        absent = ~flat(mask, first if mask_on == "x" else second if mask_on == "y" else ())
        rows = rows if mask_on == "y" else rows.masked_fill(absent, -math.inf)
        columns = columns if mask_on == "x" else columns.masked_fill(absent, -math.inf)
    return rows, columns, groups, first, second, inner


def factors(rows, columns):
    """e^(x - max x), e^(y - max y), their product summed over j, and both maxima; none where a sum may have underflowed."""
    top, side = (t.detach().amax(-1, keepdim=True).clamp_min(-1e30) for t in (rows, columns))
    e, d = (rows - top).exp(), (columns - side).exp()
    z = e @ d.transpose(1, 2)
    limit = 1e-100 if z.dtype == torch.float64 else 1e-12
    return (e, d, z, top, side) if bool((z.detach() >= limit).all()) else None


def average_softmax(x, y, axes, weights=None, counted=None, mask=None, mask_on=""):
    """
    mean_n g_in softmax_j(x_ij + y_nj) as two products of matrices, never holding a distribution for each n. How many axes there
    are: ((shared, i, n), j).
    Operands: x [*shared, *i, *j], y [*shared, *n, *j], g [*shared, *i, *n], which n count [*shared, *n], which j take part.
    """
    rows, columns, groups, first, second, inner = lay(x, y, axes, mask, mask_on)
    size = (groups.numel(), second.numel())
    if counted is None:
        share = torch.full((1, 1, size[1]), 1 / size[1], dtype=rows.dtype, device=rows.device)
    else:
        count = counted.expand(*groups, *second).reshape(size[0], 1, size[1]).to(rows.dtype)
        share = count / count.sum(-1, keepdim=True).clamp_min(1)
    if weights is not None:
        share = share * weights.to(rows.dtype).expand(*groups, *first, *second).reshape(size[0], -1, size[1])
    found = factors(rows, columns)
    if found is not None:
        e, d, z, _, _ = found
        mean = (share / z) @ d * e
    else:
        mean = 0.0
        for n in range(size[1]):
            logits = rows + columns[:, n:n + 1]
            absent = logits == -math.inf
            distribution = logits.masked_fill(absent, -1e30).softmax(-1).masked_fill(absent, 0.0)
            mean = mean + distribution * share[:, :, n:n + 1]
    return mean.reshape(*groups, *first, *inner).to(x.dtype)


def factored_log_sum_exp(x, y, axes, mask=None, mask_on=""):
    """log sum_j e^(x_ij + y_nj) as a product of matrices, [*shared, *i, *n]; operands as of average_softmax."""
    rows, columns, groups, first, second, _ = lay(x, y, axes, mask, mask_on)
    found = factors(rows, columns)
    if found is not None:
        _, _, z, top, side = found
        total = z.log() + top + side.transpose(1, 2)
    else:
        logits = [rows + columns[:, n:n + 1] for n in range(columns.shape[1])]
        total = torch.stack([t.masked_fill(t == -math.inf, -1e30).logsumexp(-1) for t in logits], -1)
    return total.reshape(*groups, *first, *second).to(x.dtype)


def recur(terms, present, weight, last=False):
    """
    A long short-term memory over the words; a word that is not there leaves the state as it is. The terms of the input's share
    of the gates (input, forget, cell, output) are [words or 1, *rest, 4 hidden], presence is [words, *rest, 1]. It gives the
    states [words, *rest, hidden], or the last alone.
    """
    words = max(t.shape[0] for t in (*terms, present))
    rest = torch.broadcast_shapes(*(t.shape[1:-1] for t in (*terms, present)))
    hidden = weight.shape[1]
    state = cell = terms[0].new_zeros(*rest, hidden)
    states = []
    for n in range(words):
        gates = F.linear(state, weight)
        for term in terms:
            gates = gates + term[n if term.shape[0] > 1 else 0]
        i, f, g, o = gates.split(hidden, -1)
        next_cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        here = present[n if present.shape[0] > 1 else 0]
        state = torch.where(here, o.sigmoid() * next_cell.tanh(), state)
        cell = torch.where(here, next_cell, cell)
        states.append(state)
    return state if last else torch.stack(states)


def recur_with_peepholes(terms, present, weight, peepholes, last=False):
    """Like recur, with gates that also see the cell: peepholes are those of the input, forget and output gates, [3 hidden]."""
    of_input, of_forget, of_output = peepholes.chunk(3)

    def step(share, state, cell):
        i, f, g, o = (share + F.linear(state, weight)).chunk(4, -1)
        cell = (f + of_forget * cell).sigmoid() * cell + (i + of_input * cell).sigmoid() * g.tanh()
        return (o + of_output * cell).sigmoid() * cell.tanh(), cell

    return recur_by(step, terms, present, weight.shape[1], last)


def recur_gated(terms, present, weight, bias=None, last=False):
    """
    A gated recurrent unit over the words; a word that is not there leaves the state as it is. The terms of the input's share of
    the gates (reset, update, new) are [words or 1, *rest, 3 hidden]. The bias stands beside the state's weight; without one the
    state is reset before it is multiplied by the weight.
    """
    hidden = weight.shape[1]

    def step(share, state, cell):
        r, z, n = share.chunk(3, -1)
        if bias is None:
            r, z = (torch.cat([r, z], -1) + F.linear(state, weight[:2 * hidden])).sigmoid().chunk(2, -1)
            n = (n + F.linear(r * state, weight[2 * hidden:])).tanh()
        else:
            hr, hz, hn = F.linear(state, weight, bias).chunk(3, -1)
            r, z = (r + hr).sigmoid(), (z + hz).sigmoid()
            n = (n + r * hn).tanh()
        return n + z * (state - n), cell

    return recur_by(step, terms, present, hidden, last)


def recur_by(step, terms, present, hidden, last):
    """A recurrence over the words by a step: from the gates' share, the state and the cell to the next state and cell."""
    words = max(t.shape[0] for t in (*terms, present))
    rest = torch.broadcast_shapes(*(t.shape[1:-1] for t in (*terms, present)))
    state = cell = terms[0].new_zeros(*rest, hidden)
    states = []
    for n in range(words):
        share = sum(term[n if term.shape[0] > 1 else 0] for term in terms)
        here = present[n if present.shape[0] > 1 else 0]
        next_state, next_cell = step(share, state, cell)
        state, cell = torch.where(here, next_state, state), torch.where(here, next_cell, cell)
        states.append(state)
    return state if last else torch.stack(states)


def pool_blocks(x, present=None):
    """
    The greatest of blocks of 2 words, 2 rows and 2 columns of [batch, channel, word, row, column], of the words that are there,
    from the first on.
    """
    if present is None:
        return F.max_pool3d(x, 2, 2, ceil_mode=True)
    lowest = torch.finfo(x.dtype).min
    present = present.expand(x.shape[0], 1, x.shape[2], 1, 1)
    place = torch.arange(x.shape[2], device=x.device).reshape(1, 1, -1, 1, 1)
    rank = torch.where(present, place, place + x.shape[2]).argsort(2)
    moved = x.gather(2, rank.expand_as(x)).masked_fill(~present.gather(2, rank), lowest)
    greatest = F.max_pool3d(moved, 2, 2, ceil_mode=True)
    return greatest.masked_fill(greatest == lowest, 0.0)


def pool_presence(present):
    """Which of the blocks of 2 words hold a word."""
    words = present.shape[-1]
    blocks = (present.sum(-1, keepdim=True) + 1).div(2, rounding_mode="floor")
    return torch.arange((words + 1) // 2, device=present.device) < blocks


OF_INPUT = ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1))
OF_KERNEL = ((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1))
OF_RESULT = ((1, 1, 1, 0), (0, 1, -1, -1))


def twice(matrix, like):
    """A transform of rows and columns as one matrix: the Kronecker product of a matrix with itself."""
    once = torch.tensor(matrix, dtype=like.dtype, device=like.device)
    return torch.kron(once, once)


def resize_asymmetric(x, rows, columns):
    """Bilinear with source = target * (in / out), edges clamped: TensorFlow 1's resize_bilinear."""
    def weights(size, of):
        place = torch.arange(size, dtype=torch.float64, device=x.device) * of / size
        below = place.long()
        cells = torch.arange(of, device=x.device)
        share = (place - below).unsqueeze(1)
        above = (below + 1).clamp(max=of - 1)
        return ((cells == below.unsqueeze(1)) * (1 - share) + (cells == above.unsqueeze(1)) * share).to(x.dtype)

    return weights(rows, x.shape[-2]) @ x @ weights(columns, x.shape[-1]).t()


def transform_kernel(weight):
    """3x3 kernels [out, in, 3, 3] as their values at Winograd's 4x4 points, [out, in, 16]."""
    return weight.flatten(2) @ twice(OF_KERNEL, weight).t()


def tiled_convolve(x, kernels, bias, padding, dilation):
    """A 3x3 convolution of stride 1 in tiles of 2x2 results by Winograd's F(2x2, 3x3)."""
    d, (count, channels, rows, columns) = dilation, x.shape
    rows, columns = rows + 2 * padding - 2 * d, columns + 2 * padding - 2 * d
    down, across = (-(-size // (2 * d)) for size in (rows, columns))
    high, wide = 2 * d * (down + 1) + d, 2 * d * (across + 1) + d
    x = F.pad(x, (padding, wide - x.shape[3] - padding, padding, high - x.shape[2] - padding))
    tiles = patches(x, d, down, across).reshape(16, -1, channels)
    points = torch.einsum("pq,qmi->pmi", twice(OF_INPUT, x), tiles)
    joined = torch.einsum("pmi,oip->pmo", points, kernels)
    y = torch.einsum("rp,pmo->rmo", twice(OF_RESULT, x), joined)
    y = y.reshape(2, 2, count, down, d, across, d, -1).permute(2, 7, 3, 0, 4, 5, 1, 6)
    y = y.reshape(count, -1, 2 * d * down, 2 * d * across)[:, :, :rows, :columns]
    return y if bias is None else y + bias[:, None, None]


def patches(x, d, down, across):
    """The 4x4 patch of each tile of each interleaved map: [4, 4, count, down, d, across, d, channels]."""
    rows = torch.stack([x[:, :, p * d:p * d + 2 * d * down].unflatten(2, (down, 2, d))[:, :, :, 0] for p in range(4)])
    both = torch.stack([rows[..., q * d:q * d + 2 * d * across].unflatten(-1, (across, 2, d))[..., 0, :] for q in range(4)])
    return both.permute(1, 0, 2, 4, 5, 6, 7, 3)
