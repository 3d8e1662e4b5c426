using Cmsa.Experiments.Specs;
using Cmsa.Models;
using Cmsa.Tests;
using LanguageExt;

namespace Cmsa.Experiments.Tests;

/// <summary>An experiment small enough to run within a test: the paper's model, seen through a keyhole.</summary>
internal static class Tiny
{
    public static Sizes Sizes { get; } = TinySizes.Sizes;

    public static DataSpec Data { get; } = new("scenes/unc", Size: 32, Train: 50, HeldOut: 4);

    public static Experiment Experiment(int iterations = 40) =>
        new(
            "tiny",
            Paper.Model(Sizes),
            Sizes.Image,
            Sizes.Words,
            Data,
            new(
                iterations,
                Batch: 2,
                LearningRate: 1e-3,
                ClipNorm: 1,
                Accumulate: 2,
                ValidateEvery: 15,
                ValidateOn: 3,
                SaveEvery: 10
            )
        );

    public static R Right<L, R>(this Either<L, R> either) =>
        either.Match(Right: r => r, Left: l => throw new Xunit.Sdk.XunitException($"{l}"));

    public static L Left<L, R>(this Either<L, R> either) =>
        either.Match(Right: r => throw new Xunit.Sdk.XunitException($"{r}"), Left: l => l);
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cmsa").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
