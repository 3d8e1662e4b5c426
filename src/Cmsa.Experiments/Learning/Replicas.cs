using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// A module and copies of it, each of which computes a part of a batch on a thread of its own: what keeps several cores
/// busy with a model whose operations are too small to be divided. The parts' gradients are added in order, so that the
/// sum is the same bit for bit whichever thread is first.
/// </summary>
internal sealed class Replicas : IDisposable
{
    private readonly Compiled[] modules;
    private readonly (Parameter Parameter, Tensor[] Tensors)[] tensors;

    // The mean of equal numbers is not always that number: what no batch norm moves in training is left alone.
    private readonly System.Collections.Generic.HashSet<Parameter> moved;
    private readonly bool together;
    private readonly int threads = get_num_threads();

    private Replicas(Compiled[] modules)
    {
        this.modules = modules;
        var each = modules.Select(m => m.Tensors.Select(t => t.Tensor).ToArray()).ToArray();
        tensors = [.. modules[0].Tensors.Select((t, i) => (t.Parameter, each.Select(e => e[i]).ToArray()))];
        moved =
        [
            .. modules[0]
                .Graph.Nodes.Filter(v => v.Operation is NormaliseBatch { Frozen: false })
                .Bind(v => v.Operands)
                .Choose(o => o.Operation is Parameter p && p.Role == Role.Statistic ? Some(p) : None),
        ];
        // Dropout draws from one generator: whoever came first would decide.
        together = modules[0].Graph.Nodes.ForAll(v => v.Operation is not Drop);
        if (modules.Length > 1 && together)
            set_num_threads(Math.Max(1, threads / modules.Length));
    }

    /// <summary>The module with as many copies as an experiment's batches have parts.</summary>
    public static Either<Error, Replicas> Of(Compiled module, Experiment experiment) =>
        Of(
            module,
            experiment.Training.Shards,
            () =>
                experiment
                    .Model.Compile(experiment.Inputs, module.Options)
                    .Match(Succ: Right<Error, Compiled>, Fail: errors => Left(Failures.Of(errors)))
        );

    /// <summary>The module with copies of it.</summary>
    /// <param name="module">The module.</param>
    /// <param name="count">How many there are together.</param>
    /// <param name="compile">Compiles the same model again.</param>
    public static Either<Error, Replicas> Of(Compiled module, int count, Func<Either<Error, Compiled>> compile) =>
        toSeq(Enumerable.Range(1, count - 1))
            .Map(_ => compile())
            .Sequence()
            .Map(copies => new Replicas([module, .. copies]));

    /// <summary>Gives every copy the module's parameters and statistics: to be called when they have changed.</summary>
    public void Spread()
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, each) in tensors)
            foreach (var copy in each.Skip(1))
                copy.copy_(each[0]);
    }

    /// <summary>Sets the modules to training, their gradients to nothing.</summary>
    public void Ready()
    {
        foreach (var module in modules)
        {
            module.train();
            module.zero_grad();
        }
    }

    /// <summary>Computes each part of a batch, which adds to the gradients of its copy.</summary>
    /// <returns>What each part gave.</returns>
    public R[] Each<T, R>(IReadOnlyList<T> parts, Func<Compiled, T, R> compute)
    {
        var results = new R[parts.Count];
        if (together)
            Parallel.For(0, parts.Count, new ParallelOptions { MaxDegreeOfParallelism = parts.Count }, One);
        else
            for (var i = 0; i < parts.Count; i++)
                One(i);
        return results;

        void One(int i) => results[i] = compute(modules[i], parts[i]);
    }

    /// <summary>
    /// Adds the copies' gradients to the module's, and gives it the mean of the statistics that they gathered; fixed
    /// ones stay as they are, bit for bit.
    /// </summary>
    public void Gather()
    {
        if (modules.Length == 1)
            return;
        using var off = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (parameter, each) in tensors)
        {
            if (parameter.Role == Role.Statistic)
            {
                if (!moved.Contains(parameter))
                    continue;
                foreach (var copy in each.Skip(1))
                    each[0].add_(copy, Scalars.One);
                each[0].div_(Scalars.Of((double)each.Length));
            }
            else if (each[0].grad is { } sum)
                foreach (var copy in each.Skip(1))
                    if (copy.grad is { } more)
                        sum.add_(more, Scalars.One);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        set_num_threads(threads);
        foreach (var copy in modules.Skip(1))
            copy.Dispose();
    }
}
