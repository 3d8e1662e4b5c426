using System.Globalization;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Runs;

/// <summary>How far a run has come: with the tensors beside it in one file, all that its future depends on.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Sample">Where in the order of samples the next one stands.</param>
/// <param name="Best">
/// The best overall IoU of a validation; below 0 before the first. Of another task than referring segmentation:
/// the best value of the metric that decides, times -1 where a lower value is better.
/// </param>
/// <param name="BestStep">After how many steps that was.</param>
/// <param name="Seconds">For how long it has trained, over all its sittings.</param>
/// <param name="Unvalidated">
/// Whether the validation that belongs to the last step is still to be done: it was interrupted.
/// </param>
public sealed record Checkpoint(
    int Step,
    long Sample,
    double Best,
    int BestStep,
    double Seconds,
    bool Unvalidated = false
)
{
    /// <summary>Before the first step.</summary>
    public static Checkpoint Start { get; } = new(0, 0, -1, 0, 0);

    /// <summary>
    /// Whether a training is over here: its last step is taken, or as many validations in a row as its patience brought no
    /// better one; and the validation that belongs to the step is done.
    /// </summary>
    /// <param name="training">The training.</param>
    public bool IsEndOf(Training training) =>
        !Unvalidated && (Step >= training.Iterations || HasLostPatience(training));

    private bool HasLostPatience(Training training) =>
        training is { Patience: > 0, ValidateEvery: > 0 }
        && BestStep > 0
        && (Step - BestStep) / training.ValidateEvery >= training.Patience;

    private const string Mark = "unvalidated";

    // The mark stands only where there is something to be done, so that files without it are what they were.
    internal IReadOnlyDictionary<string, string> Texts =>
        new Dictionary<string, string>(Unvalidated ? [KeyValuePair.Create(Mark, "1")] : [])
        {
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["sample"] = Sample.ToString(CultureInfo.InvariantCulture),
            ["best"] = Best.ToString("R", CultureInfo.InvariantCulture),
            ["best_step"] = BestStep.ToString(CultureInfo.InvariantCulture),
            ["seconds"] = Seconds.ToString("R", CultureInfo.InvariantCulture),
        };

    internal static Option<Checkpoint> Of(IReadOnlyDictionary<string, string> texts) =>
        from step in Number(texts, "step")
        from sample in Number(texts, "sample")
        from best in Number(texts, "best")
        from at in Number(texts, "best_step")
        from seconds in Number(texts, "seconds")
        select new Checkpoint((int)step, (long)sample, best, (int)at, seconds, texts.ContainsKey(Mark));

    private static Option<double> Number(IReadOnlyDictionary<string, string> texts, string key) =>
        texts.TryGetValue(key, out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : None;
}
