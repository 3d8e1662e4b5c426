using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    /// <summary>
    /// Start values depend on the seed and a parameter's own path alone: compiled twice they are equal.
    /// </summary>
    public static Verdict StartsFromItsSeed<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "one seed gives one start",
            () =>
            {
                var (one, same) = (Started(), Started());
                return one
                    .Tensors.ToMany()
                    .Zip(
                        same.Tensors.ToMany(),
                        (found, expected) => Difference.Between(found.Parameter.Path, found.Tensor, expected.Tensor, 0)
                    )
                    .Bind(d => d);

                Compiled Started() =>
                    layer
                        .Compile(inputs, new Options(Precision: Precision.Float64, Seed: (ulong)seed))
                        .Match(
                            Succ: module => module,
                            Fail: errors => throw new MisfitException(string.Join("; ", errors))
                        );
            }
        );

    /// <summary>Running the layer leaves nothing behind, at inference and in training.</summary>
    public static Verdict LeaksNothing<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "running leaves nothing behind",
            () =>
                Left("inference", Trial.Of(layer, inputs, seed), _ => { })
                + Left(
                    "training",
                    Trial.Of(layer, inputs, seed, training: true),
                    trial =>
                    {
                        using var scope = NewDisposeScope();
                        BackThrough(trial.Run(), seed);
                        trial.Module.zero_grad();
                    }
                )
        );

    private static Many<string> Left(string when, Trial trial, Action<Trial> step)
    {
        Once();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
            Once();
        var left = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        return left == 0 ? [] : [$"5 runs of {when} left {left} tensors"];

        void Once()
        {
            trial.Module.RunAll(trial.Arguments).Dispose();
            step(trial);
        }
    }
}
