using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learners;

/// <summary>Samples of a learner's data as its compiled model takes them: checked, then as tensors.</summary>
internal sealed class LearnerSamples<A, B, T>
{
    private readonly Learner<A, B, T> learner;
    private readonly Kernels.DeviceContext place;
    private readonly Many<ExampleTensor> inputs;
    private readonly Many<ExampleTensor> truths;

    public LearnerSamples(Learner<A, B, T> learner, Compiled module)
    {
        (this.learner, place) = (learner, module.Context);
        inputs = module.Graph.Inputs.Map(input => new ExampleTensor(
            $"input {input.Name}",
            input.Of.Dimensions.Tail.Map(d => d.Size),
            input.Element switch
            {
                Dsl.Graphs.ElementType.Integer => ScalarType.Int64,
                Dsl.Graphs.ElementType.Boolean => ScalarType.Bool,
                _ => module.Context.Real,
            },
            ClassLimit.None
        ));
        // A truth is compared in float32 at least.
        var real = place.Real == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        var limits = learner.Loss.Limits(module.Graph.Output);
        truths =
        [
            .. TruthForm
                .Tensors(learner.Data.Truth, typeof(T), real)
                .Select((tensor, i) => i < limits.Count ? tensor with { Limit = limits[i] } : tensor),
        ];
    }

    /// <summary>Sample <paramref name="index"/> of a split; an error that names it where its numbers are not what is taken.</summary>
    public Either<Error, Example> Read(string split, int index)
    {
        var where = $"{learner.Data.Name}/{split}/{index}";
        return learner
            .Data.Read(split, index)
            .MapLeft(wrong => wrong.Where.Length == 0 ? wrong.At(where) : wrong)
            .Bind(example =>
                (Problem("inputs", inputs, example.Inputs) || Problem("truths", truths, example.Truth)).Match(
                    wrong => Left<Error, Example>(wrong.At(where)),
                    () => Right<Error, Example>(example)
                )
            );
    }

    /// <summary>
    /// Reads the first sample of the splits that are trained and validated on: what is wrong with it is likely wrong with
    /// all. A sample that cannot be read at all costs itself alone.
    /// </summary>
    public Either<Error, Unit> Check() =>
        Many.Create<string>([learner.Data.Training.Name, learner.Data.Validation.Name])
            .Distinct()
            .Fold(
                Right<Error, Unit>(unit),
                (so, split) =>
                    so.Bind(_ =>
                        learner.Data.Read(split, 0).IsLeft ? Right<Error, Unit>(unit) : Read(split, 0).Map(_ => unit)
                    )
            );

    /// <summary>The inputs of some samples on the device, in order, batch first.</summary>
    public Tensor[] Inputs(IReadOnlyList<Example> samples) =>
        [.. inputs.Zip(Many.Range(inputs.Count), (tensor, i) => place.Take(tensor.Of([.. samples.Select(s => s.Inputs[i])])))];

    /// <summary>The truths of some samples on the device, in the form of their kind.</summary>
    public Output Truth(IReadOnlyList<Example> samples) =>
        TruthForm.Of(
            learner.Data.Truth,
            truths.Zip(Many.Range(truths.Count), (tensor, i) => place.Take(tensor.Of([.. samples.Select(s => s.Truth[i])])))
        );

    private static Option<Error> Problem(string name, Many<ExampleTensor> expected, Many<Numbers> given) =>
        given.Count == expected.Count
            ? expected.Zip(given, (tensor, numbers) => tensor.Problem(numbers)).Choose(p => p).HeadOrNone()
            : new Error(
                $"a sample with {given.Count} {name}",
                "",
                $"give {expected.Count}: {string.Join(", ", expected.Map(t => t.Name))}"
            );
}
