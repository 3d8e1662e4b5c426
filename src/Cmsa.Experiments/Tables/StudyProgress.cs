using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Scoring;
using Cmsa.Models.Tables;

namespace Cmsa.Experiments.Tables;

/// <summary>What the running of a study tells whoever watches.</summary>
public abstract record StudyProgress
{
    private StudyProgress() { }

    /// <summary>The speed of a row is measured.</summary>
    /// <param name="Row">The row.</param>
    /// <param name="Number">Its number, from 1.</param>
    /// <param name="Of">Of how many.</param>
    public sealed record Timing(Row Row, int Number, int Of) : StudyProgress;

    /// <summary>A job trains.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="Number">Its number, from 1.</param>
    /// <param name="Of">Of how many.</param>
    /// <param name="Progress">What its training tells.</param>
    public sealed record Training(Job Job, int Number, int Of, Progress Progress) : StudyProgress;

    /// <summary>A job that has been trained is evaluated.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="Number">Its number, from 1.</param>
    /// <param name="Of">Of how many.</param>
    /// <param name="Split">On which split.</param>
    /// <param name="Crf">Whether with the CRF behind it.</param>
    /// <param name="Share">The share that is done.</param>
    public sealed record Evaluating(Job Job, int Number, int Of, string Split, bool Crf, double Share) : StudyProgress;

    /// <summary>A job is done; everything that the table needs of it is in its folder.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="Number">Its number, from 1.</param>
    /// <param name="Of">Of how many.</param>
    /// <param name="Scores">Its scores, a split and a way of answering each.</param>
    public sealed record Finished(Job Job, int Number, int Of, Many<(string Split, bool Crf, Score Score)> Scores)
        : StudyProgress;
}
