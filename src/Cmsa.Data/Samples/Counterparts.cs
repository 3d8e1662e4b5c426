using LanguageExt;

namespace Cmsa.Data;

/// <summary>
/// A data set that can name something else in the same picture: the way to ask whether a model listens to the words at
/// all.
/// </summary>
public interface IHasCounterparts : IDataset
{
    /// <summary>
    /// A sample with the picture of sample <paramref name="index"/> of a split and another expression, whose region
    /// shares no pixel with the first one's; none where nothing else in the picture can be named, or where there is no
    /// such sample.
    /// </summary>
    Option<Sample> Counterpart(string split, int index);
}
