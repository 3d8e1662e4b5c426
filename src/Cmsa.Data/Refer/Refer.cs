using LanguageExt;

namespace Cmsa.Data;

/// <summary>The data sets of REFER (RefCOCO, RefCOCO+, RefCOCOg, RefCLEF), and any in the same layout.</summary>
/// <remarks>
/// Under a root: <c>DATASET/instances.json</c> (COCO's images, annotations, categories), <c>DATASET/refs(SPLIT).p</c>
/// (a pickled list of references), and the pictures in <c>images/mscoco/images/train2014</c> (RefCLEF's in
/// <c>images/saiapr_tc-12</c>). The vocabulary is <c>DATASET/vocabulary(SPLIT).txt</c> or
/// <c>DATASET/vocabulary.txt</c>; without one, the words of the training split.
/// </remarks>
public static class Refer
{
    /// <summary>
    /// Opens a data set: reads everything but its pictures. An error that names the file where one is missing, cut off,
    /// refused or malformed.
    /// </summary>
    /// <param name="root">The folder that holds the data sets and their pictures.</param>
    /// <param name="dataset">
    /// <c>refcoco</c>, <c>refcoco+</c>, <c>refcocog</c>, <c>refclef</c>, or another folder's name.
    /// </param>
    /// <param name="splitBy">
    /// Whose division into splits: <c>unc</c>, <c>google</c>, <c>umd</c>, <c>berkeley</c>.
    /// </param>
    public static Either<Error, IDataset> Open(string root, string dataset, string splitBy) =>
        ReferDataset.Open(root, dataset, splitBy).Map(opened => (IDataset)opened);
}
