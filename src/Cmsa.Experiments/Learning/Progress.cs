using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;

namespace Cmsa.Experiments.Learning;

/// <summary>What training tells whoever watches.</summary>
public abstract record Progress
{
    private Progress() { }

    /// <summary>It begins, or goes on.</summary>
    /// <param name="Folder">The run's folder.</param>
    /// <param name="Step">Steps taken before.</param>
    /// <param name="Iterations">Steps in all.</param>
    public sealed record Started(string Folder, int Step, int Iterations) : Progress;

    /// <summary>The backbone was given pretrained weights.</summary>
    /// <param name="Backbone">Which.</param>
    /// <param name="Scale">How pixels become numbers for it.</param>
    public sealed record Filled(BackboneReport Backbone, PixelNormalization Scale) : Progress;

    /// <summary>Some steps were taken.</summary>
    /// <param name="Step">Steps taken so far.</param>
    /// <param name="Iterations">Steps in all.</param>
    /// <param name="Loss">The mean loss of these steps; of referring segmentation, per pixel.</param>
    /// <param name="Rate">The learning rate.</param>
    /// <param name="ImagesPerSecond">Samples learnt from in a second of training.</param>
    /// <param name="Left">How long it will take yet.</param>
    public sealed record Stepped(
        int Step,
        int Iterations,
        double Loss,
        double Rate,
        double ImagesPerSecond,
        TimeSpan Left
    ) : Progress;

    /// <summary>It was measured on held-out samples.</summary>
    /// <param name="Step">Steps taken so far.</param>
    /// <param name="Score">The score.</param>
    /// <param name="IsBest">Whether it is the best so far.</param>
    /// <param name="Averaged">The score of the averaged weights, where the training keeps an average.</param>
    public sealed record Validated(int Step, Score Score, bool IsBest, Option<Score> Averaged = default) : Progress;

    /// <summary>A learner was measured on held-out samples.</summary>
    /// <param name="Step">Steps taken so far.</param>
    /// <param name="Scores">The loss and the metrics.</param>
    /// <param name="IsBest">Whether it is the best so far.</param>
    /// <param name="Averaged">Those of the averaged weights, where the training keeps an average.</param>
    public sealed record Measured(int Step, Scores Scores, bool IsBest, Option<Scores> Averaged = default) : Progress;

    /// <summary>Something that one should know and that changes no number, such as a cache that is full.</summary>
    /// <param name="Error">What.</param>
    public sealed record Noted(Error Error) : Progress;

    /// <summary>A sample could not be read and was skipped.</summary>
    /// <param name="Error">Why.</param>
    public sealed record Skipped(Error Error) : Progress;
}
