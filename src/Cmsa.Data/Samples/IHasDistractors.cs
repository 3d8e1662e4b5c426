using LanguageExt;

namespace Cmsa.Data.Samples;

/// <summary>A data set that has distractors: other things in the same picture that another expression names.</summary>
/// <remarks>A model that ignores the words cannot tell a sample from its distractor.</remarks>
public interface IHasDistractors : IDataset
{
    /// <summary>
    /// The distractor of sample <paramref name="index"/> of a split: the same picture, another expression, and a region
    /// that shares no pixel with the sample's. None where the picture has no other nameable thing, or there is no such
    /// sample.
    /// </summary>
    Option<Sample> Distractor(string split, int index);
}
