using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learning;

/// <summary>A learner as the training loop sees it: its data's samples, its loss, its metrics.</summary>
internal sealed class LearnerTask<A, B, T>(Learner<A, B, T> learner, Compiled module, LearnerSamples<A, B, T> samples)
    : ITrainable<Example, Scores>
{
    /// <inheritdoc/>
    public string DataName => learner.Data.Name;

    /// <inheritdoc/>
    public Many<Progress> Opening => [];

    /// <inheritdoc/>
    public long Cut => 0;

    /// <inheritdoc/>
    public Either<Error, Example> Read(int index) => samples.Read(learner.Data.Training.Name, index);

    /// <inheritdoc/>
    public Func<Compiled, Many<Tensor>> Prepare(IReadOnlyList<LoadedItem<Example>> part, double share, Compiled module)
    {
        Example[] examples = [.. part.Select(item => item.Value)];
        var (inputs, truth) = (samples.Inputs(examples), samples.Truth(examples));
        return copy =>
        {
            using var scope = NewDisposeScope();
            var loss = learner.Loss.Of(copy.RunAll(inputs), truth).mul(Scalars.Of(share));
            loss.backward();
            return [loss.detach().to(ScalarType.Float64).DetachFromDisposeScope()];
        };
    }

    /// <inheritdoc/>
    public double Shown(double loss) => loss;

    /// <inheritdoc/>
    public Either<Error, Scores> Score(CancellationToken stop) =>
        LearnerScoring.Of(learner, module, learner.Data.Validation.Name, learner.Training.ValidateOn, null, stop);

    /// <inheritdoc/>
    public double Worth(Scores score) => learner.HigherIsBetter ? learner.DecidingOf(score) : -learner.DecidingOf(score);

    /// <inheritdoc/>
    public Many<(string Name, object Value)> Line(Scores score, Option<Scores> averaged, double seconds) =>
        [
            .. Learner<A, B, T>.Line(score, averaged: false),
            ("seconds", seconds),
            .. averaged.Map(a => Learner<A, B, T>.Line(a, averaged: true)).IfNone([]),
        ];

    /// <inheritdoc/>
    public Progress Validated(int step, Scores score, bool isBest, Option<Scores> averaged) =>
        new Progress.Measured(step, score, isBest, averaged);
}
