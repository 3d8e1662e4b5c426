using LanguageExt;

namespace Cmsa.Cli.Commands;

/// <summary>A data set of which every split has its first samples alone.</summary>
/// <param name="All">The data set.</param>
/// <param name="Most">How many samples a split has at most.</param>
internal sealed record FirstSamples(IDataset All, int Most) : IDataset
{
    /// <inheritdoc/>
    public string Name => All.Name;

    /// <inheritdoc/>
    public Many<string> Splits => All.Splits;

    /// <inheritdoc/>
    public Vocabulary Vocabulary => All.Vocabulary;

    /// <inheritdoc/>
    public Many<Error> Skipped => All.Skipped;

    /// <inheritdoc/>
    public int Count(string split) => Math.Min(Most, All.Count(split));

    /// <inheritdoc/>
    public string PictureOf(string split, int index) => All.PictureOf(split, index);

    /// <inheritdoc/>
    public Either<Error, Sample> Read(string split, int index) => All.Read(split, index);
}
