using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Experiments.Learners;

/// <summary>Whether a result can be compared with a truth, element by element.</summary>
internal static class Shapes
{
    /// <summary>An error where the shapes differ.</summary>
    /// <param name="name">What compares them.</param>
    /// <param name="result">The result.</param>
    /// <param name="truth">The truth's sizes.</param>
    /// <param name="without">An axis that the result has and the truth has not: that of the classes.</param>
    public static Option<Error> Problem(string name, Signal result, InputSpec truth, Axis? without = null)
    {
        if (result is not Signal.Tensor || truth is not InputSpec.Tensor(var kind, var expected))
            return new Error("a result or a truth of several tensors", name, "use OnFirst, OnSecond, Losses.Both or Losses.Each");
        var shape = result.Node.Shape.Without(Axis.Batch);
        var compared = without is { } axis ? shape.Without(axis) : shape;
        return compared == expected || compared.Dimensions == expected.Dimensions
            ? Option<Error>.None
            : new Error(
                $"the model gives {shape}, and the truth {kind} has {expected}",
                name,
                $"give a truth of {compared}, or end the model with a layer that brings it to {expected}"
            );
    }
}
