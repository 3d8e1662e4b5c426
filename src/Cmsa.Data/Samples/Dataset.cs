using LanguageExt;

namespace Cmsa.Data;

/// <summary>
/// A data set for referring image segmentation: named splits of samples that can be read in any order, from any thread.
/// </summary>
public interface IDataset
{
    /// <summary>
    /// The name people call it by, with its flavour or split rule: <c>refcoco/unc</c>, <c>scenes/unc+</c>.
    /// </summary>
    string Name { get; }

    /// <summary>The names of its splits, training first: <c>train</c>, <c>val</c>, <c>testA</c>, ...</summary>
    Seq<string> Splits { get; }

    /// <summary>The words a model of this data set knows.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>How many samples a split has; 0 for a split that does not exist.</summary>
    int Count(string split);

    /// <summary>
    /// Sample <paramref name="index"/> of a split, or why it cannot be read. The same arguments always give the same
    /// sample.
    /// </summary>
    Either<Error, Sample> Read(string split, int index);
}
