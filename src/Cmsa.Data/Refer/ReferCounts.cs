using LanguageExt;

namespace Cmsa.Data.Refer;

/// <summary>How much a split, or a whole data set, holds, to compare with the published numbers.</summary>
/// <param name="Split">The name of the split; <c>all</c> for the whole data set.</param>
/// <param name="Images">How many different pictures its references are about.</param>
/// <param name="Refs">How many references: regions that were described.</param>
/// <param name="Expressions">How many expressions: its samples.</param>
public sealed record ReferCounts(string Split, int Images, int Refs, int Expressions)
{
    /// <summary>Expressions for each reference, on average.</summary>
    public double PerRef => Refs == 0 ? 0 : (double)Expressions / Refs;

    /// <summary>The counts of some references.</summary>
    internal static ReferCounts Of(string split, IReadOnlyCollection<Reference> references)
    {
        var images = references.SelectMany(reference => reference.Target.Map(target => target.Image).ToSeq());
        return new(split, images.Distinct().Count(), references.Count, references.Sum(r => r.Sentences.Count));
    }
}
