"""Trains an exported model on any number of GPUs, or of processes on a CPU, with DistributedDataParallel.

    cmsa export Cmsa.Paper --format pytorch -o model.py
    python3 -m torch.distributed.run --nproc_per_node 8 examples/pytorch/train_ddp.py model.py --steps 1000

The data here are random, so that the script runs anywhere: put your own in the place of batches().
"""
import argparse
import importlib.util
import os

import torch
import torch.distributed as distributed
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel


def batches(source, rank, size, count, device):
    """Arguments and the mask that they should give, of this process: replace it by a DataLoader with a DistributedSampler."""
    torch.manual_seed(rank)
    for _ in range(count):
        arguments = source.random_inputs(size, device=device)
        yield arguments, (arguments[0].mean(1) > 0).float()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--weights")
    parser.add_argument("--save", default="trained.safetensors")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=8, help="of each process")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()

    rank, world, local = (int(os.environ.get(name, default)) for name, default in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0)))
    device = torch.device(given.device, local) if given.device == "cuda" else torch.device("cpu")
    if world > 1:
        distributed.init_process_group("nccl" if given.device == "cuda" else "gloo")
    spec = importlib.util.spec_from_file_location("model", given.model)
    source = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(source)

    torch.manual_seed(0)
    model = source.Model(device=device)
    if given.weights:
        source.load_weights(model, given.weights)
    # Rewriting may have found that a parameter changes nothing, such as a bias that a softmax takes away: it gets no gradient.
    trained = DistributedDataParallel(model, find_unused_parameters=True) if world > 1 else model
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2.5e-4)
    for step, (arguments, mask) in enumerate(batches(source, rank, given.batch, given.steps, device)):
        loss = F.binary_cross_entropy_with_logits(trained(*arguments), mask)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if rank == 0 and (step % 10 == 0 or step == given.steps - 1):
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    if world > 1:
        # All processes have the same weights, whatever data each has seen.
        weights = torch.cat([p.detach().flatten() for p in model.parameters()])
        least, most = weights.clone(), weights.clone()
        distributed.all_reduce(least, distributed.ReduceOp.MIN)
        distributed.all_reduce(most, distributed.ReduceOp.MAX)
        assert torch.equal(least, most), "the processes have come apart"
    if rank == 0:
        source.save_weights(model, given.save)
    if world > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
