using Cmsa.Dsl.Torch;
using LanguageExt;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// What a <see cref="TrainingLoop{E, S}"/> trains: how a sample is read, learnt from and scored. The loop decides
/// when.
/// </summary>
/// <typeparam name="TExample">A sample as arrays of numbers, read ahead on threads.</typeparam>
/// <typeparam name="TScore">What a validation measures.</typeparam>
internal interface ITrainable<TExample, TScore>
{
    /// <summary>The data set's name, for errors.</summary>
    string DataName { get; }

    /// <summary>What is reported once when training begins, behind <see cref="Progress.Started"/>.</summary>
    Many<Progress> Opening { get; }

    /// <summary>How many samples that were prepared so far were longer than the model takes, and were cut.</summary>
    long Cut { get; }

    /// <summary>A sample of the training split; called from several threads at once.</summary>
    Either<Error, TExample> Read(int index);

    /// <summary>
    /// Prepares a part of a batch: the tensors are made here, on the training thread. What is returned goes forward and
    /// back through a copy of the module, on a thread of its own, and adds to the copy's gradients.
    /// </summary>
    /// <param name="part">The samples.</param>
    /// <param name="share">The part's share of the step's loss.</param>
    /// <param name="module">The module; the tensors go to its device.</param>
    /// <returns>
    /// Gives the losses times their shares: float64 numbers on the device, whose sum is the part's; the caller's to
    /// dispose.
    /// </returns>
    Func<Compiled, Many<Tensor>> Prepare(IReadOnlyList<LoadedItem<TExample>> part, double share, Compiled module);

    /// <summary>A loss in the unit in which it is shown and logged.</summary>
    double Shown(double loss);

    /// <summary>The score of the module as it is now, in evaluation mode, on held-out samples.</summary>
    Either<Error, TScore> Score(CancellationToken stop);

    /// <summary>How good a score is: the higher the better.</summary>
    double Worth(TScore score);

    /// <summary>The line of the log for a validation.</summary>
    /// <param name="score">The score of the weights.</param>
    /// <param name="averaged">The score of their moving average, where there is one.</param>
    /// <param name="seconds">For how long the run has trained.</param>
    Many<(string Name, object Value)> Line(TScore score, Option<TScore> averaged, double seconds);

    /// <summary>The report of a validation.</summary>
    /// <param name="step">Steps taken so far.</param>
    /// <param name="score">The score of the weights.</param>
    /// <param name="isBest">Whether it is the best so far.</param>
    /// <param name="averaged">The score of their moving average, where there is one.</param>
    Progress Validated(int step, TScore score, bool isBest, Option<TScore> averaged);
}
