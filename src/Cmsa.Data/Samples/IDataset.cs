using Cmsa.Data.Words;
using LanguageExt;

namespace Cmsa.Data.Samples;

/// <summary>
/// A data set for referring image segmentation: named splits of samples, read in any order and from any thread.
/// </summary>
public interface IDataset
{
    /// <summary>The common name, with its flavour or split rule: <c>refcoco/unc</c>, <c>scenes/unc+</c>.</summary>
    string Name { get; }

    /// <summary>The names of the splits, training first: <c>train</c>, <c>val</c>, <c>testA</c>, ...</summary>
    Many<string> Splits { get; }

    /// <summary>The words that a model of this data set knows.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>
    /// Parts of the data set that could not be read and belong to no sample, and why; a sample that cannot be read is
    /// an error of <see cref="Read"/>.
    /// </summary>
    Many<Error> Skipped => [];

    /// <summary>How many samples a split has; 0 for a split that does not exist.</summary>
    int Count(string split);

    /// <summary>
    /// The name of a sample's picture: samples of one name are about one picture. Found without reading the picture.
    /// </summary>
    string PictureOf(string split, int index) => $"{split}/{index}";

    /// <summary>
    /// Sample <paramref name="index"/> of a split, or why it cannot be read. Equal arguments give equal samples.
    /// </summary>
    Either<Error, Sample> Read(string split, int index);
}
