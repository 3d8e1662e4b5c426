using LanguageExt;

namespace Cmsa.Data;

/// <summary>How much a split, or a whole data set, holds: what a person compares with the published numbers.</summary>
/// <param name="Split">The split's name; <c>all</c> for the whole.</param>
/// <param name="Images">How many different pictures its references speak of.</param>
/// <param name="Refs">How many references: regions that were spoken of.</param>
/// <param name="Expressions">How many expressions, which is how many samples.</param>
public sealed record ReferCounts(string Split, int Images, int Refs, int Expressions)
{
    /// <summary>Expressions for each picture, on average.</summary>
    public double PerImage => Images == 0 ? 0 : (double)Expressions / Images;

    /// <summary>Expressions for each reference, on average.</summary>
    public double PerRef => Refs == 0 ? 0 : (double)Expressions / Refs;

    /// <summary>The counts of these references.</summary>
    internal static ReferCounts Of(string split, IReadOnlyCollection<Reference> references) =>
        new(
            split,
            references.Select(r => r.Image).Distinct().Count(),
            references.Count,
            references.Sum(r => r.Sentences.Length)
        );
}
