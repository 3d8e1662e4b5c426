using System.Diagnostics;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// A stage of an execution plan as kernels. Values stand in slots, one for each node of the graph; a stage fills its
/// own and frees those that nothing needs any more.
/// </summary>
internal sealed class StageCode
{
    // A batch norm's operands are the value, gain and bias, and then mean and variance.
    private const int NormStatistics = 3;

    private readonly Step[] steps;
    private readonly Many<(Node Node, long Cells)> norms;

    private sealed record Step(Kernel Kernel, int[] Operands, int Slot, int[] Freed);

    /// <param name="stage">The stage.</param>
    /// <param name="slots">Where the value of each node stands.</param>
    /// <param name="on">Where it runs.</param>
    public StageCode(ExecutionPlan.Stage stage, IReadOnlyDictionary<Node, int> slots, Kernels.DeviceContext on)
    {
        steps = [.. stage.Steps.Map(Compile)];
        norms = stage
            .Steps.Map(s => s.Node)
            .Filter(n => n.Operation is NormaliseBatch { Frozen: false })
            .Map(n => (n, n.Shape.Without(Axis.Batch).Without(Axis.Channel).Count));
        Results = [.. stage.Results.Map(r => slots[r])];
        NeedsGradients = stage.NeedsGradients;
        LooksAtValues = stage.Steps.Exists(s => s.Node.Operation is AverageSoftmax or FactoredLogSumExp);
        Statistics = [.. norms.Bind(n => n.Node.Operands.Skip(NormStatistics)).Map(o => slots[o]).Distinct()];
        var made = stage.Steps.Map(s => slots[s.Node]).ToHashSet();
        Reads =
        [
            .. stage
                .Steps.Bind(s => s.Node.Operands)
                .Map(o => slots[o])
                .Distinct()
                .Filter(slot => !made.Contains(slot)),
        ];

        Step Compile(ExecutionPlan.Step step)
        {
            var kernel = step.Over.Match(operand => Kernels.Over(step.Node, operand), () => Kernels.Of(step.Node, on));
            return new(
                kernel,
                [.. step.Node.Operands.Map(o => slots[o])],
                slots[step.Node],
                [.. step.Freed.Map(f => slots[f])]
            );
        }
    }

    /// <summary>The slots that are still filled when the stage has ended.</summary>
    public int[] Results { get; }

    /// <summary>The slots that it reads and does not fill.</summary>
    public int[] Reads { get; }

    /// <summary>Whether trained weights take part in it, in training.</summary>
    public bool NeedsGradients { get; }

    /// <summary>Whether a kernel looks at values to choose how to go on.</summary>
    public bool LooksAtValues { get; }

    /// <summary>The slots of the running statistics that its batch norms change in training.</summary>
    public int[] Statistics { get; }

    /// <summary>Whether the stage computes nothing.</summary>
    public bool IsEmpty => steps.Length == 0;

    /// <summary>Fills the slots of the stage. Where a kernel fails, all that it filled is freed again.</summary>
    /// <param name="slots">The values so far.</param>
    /// <param name="training">Whether the module trains.</param>
    /// <param name="ended">Called after each step with its slot and the time stamp at which it began.</param>
    public void Run(Tensor?[] slots, bool training, Action<int, long>? ended = null)
    {
        try
        {
            var operands = new Tensor[8];
            foreach (var step in steps)
            {
                var count = step.Operands.Length;
                if (operands.Length < count)
                    operands = new Tensor[count];
                for (var i = 0; i < count; i++)
                    operands[i] = slots[step.Operands[i]]!;
                var start = ended is null ? 0 : Stopwatch.GetTimestamp();
                using (NewDisposeScope())
                    slots[step.Slot] = step.Kernel(operands.AsSpan(0, count), training).MoveToOuterDisposeScope();
                ended?.Invoke(step.Slot, start);
                foreach (var gone in step.Freed)
                    Free(slots, gone);
            }
        }
        catch
        {
            Undo(slots);
            throw;
        }
    }

    /// <summary>Frees all that the stage has filled.</summary>
    /// <param name="slots">The values so far.</param>
    public void Undo(Tensor?[] slots)
    {
        foreach (var step in steps)
            Free(slots, step.Slot);
    }

    /// <summary>Refuses batch norms that would train on one value a channel, which has no variance.</summary>
    /// <param name="batch">How many samples there are.</param>
    /// <exception cref="ArgumentException">There is one.</exception>
    public void CheckNorms(long batch)
    {
        if (norms.Find(n => n.Cells * batch == 1).Case is not (Node norm, long _))
            return;
        throw new ArgumentException(
            $"The batch norm {norm.Path} would train on one value per channel: "
                + $"a batch of {batch}, each sample {norm.Shape.Without(Axis.Batch)}. "
                + "Give each shard at least 2 samples (a larger batch, or fewer shards), or freeze the norm."
        );
    }

    private static void Free(Tensor?[] slots, int slot)
    {
        slots[slot]?.Dispose();
        slots[slot] = null;
    }
}
