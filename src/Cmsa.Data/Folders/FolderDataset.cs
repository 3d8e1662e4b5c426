using System.Collections.Frozen;
using Cmsa.Data.Pictures;
using Cmsa.Data.Samples;
using Cmsa.Data.Words;
using LanguageExt;

namespace Cmsa.Data.Folders;

/// <summary>
/// Your own data: a folder of pictures with JSON Lines files, or with files in COCO's format. Any thread may read it.
/// </summary>
/// <remarks>
/// Each line of a <c>*.jsonl</c> file is one object: <c>picture</c> (a JPEG or PNG file, relative to the folder),
/// <c>expression</c> (a text, or a list of texts for the same region), <c>mask</c> (a PNG file that is black outside;
/// or polygons <c>[[x0, y0, x1, y1, ...], ...]</c> in pixels; or COCO's run lengths <c>{"size": [height, width],
/// "counts": ...}</c>), and, if you like, <c>split</c>, <c>id</c> and <c>topic</c>. Without <c>split</c>, a line
/// belongs to the split that its file is called after (<c>train.jsonl</c>, <c>val.jsonl</c>), else to <c>train</c>.
/// A <c>*.json</c> file is read as COCO's, see <see cref="CocoFolder"/>. The vocabulary is <c>vocabulary.txt</c>;
/// without it, the words of the training split.
/// </remarks>
public sealed class FolderDataset : IDataset
{
    private readonly FrozenDictionary<string, FolderSample[]> samples;
    private readonly RecentPictures recent = new();

    private FolderDataset(string folder, Many<FolderSample> samples, Many<Error> skipped, Vocabulary vocabulary)
    {
        Name = NameOf(folder);
        (Skipped, Vocabulary) = (skipped, vocabulary);
        this.samples = samples.GroupBy(sample => sample.Split).ToFrozenDictionary(s => s.Key, s => s.ToArray());
        Splits = SplitNames.InOrder(this.samples.Keys);
    }

    /// <summary>The name of the folder, without the path to it.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public Many<string> Splits { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <summary>Lines and annotations that are wrong: each names its file and its line or place.</summary>
    public Many<Error> Skipped { get; }

    /// <summary>
    /// Opens a folder: reads everything but its pictures. An error where it has no such files, or not a single sample
    /// in them is right.
    /// </summary>
    /// <param name="folder">The path of the folder.</param>
    public static Either<Error, FolderDataset> Open(string folder)
    {
        if (!Directory.Exists(folder))
            return new Error("there is no such folder", folder);
        var lines = Files(folder, "*.jsonl").Select(path => JsonLines.Read(folder, path));
        var coco = Files(folder, "*.json").Select(path => CocoFolder.Read(folder, path));
        var read = lines.Concat(coco).ToMany();
        if (read.IsEmpty)
            return new Error(
                "no data set is in the folder",
                folder,
                "write a line for each sample into train.jsonl: "
                    + """{"picture": "a.jpg", "expression": "the red car", "mask": "a.png"}"""
            );
        var samples = read.Bind(file => file.Samples);
        var skipped = read.Bind(file => file.Skipped);
        if (samples.IsEmpty)
            return skipped.IsEmpty ? new Error("the files of the data set are empty", folder) : skipped[0];
        return VocabularyOf(folder, samples).Map(vocabulary => new FolderDataset(folder, samples, skipped, vocabulary));
    }

    /// <summary>The name of the data set in a folder.</summary>
    /// <param name="folder">The path of the folder.</param>
    public static string NameOf(string folder) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <inheritdoc/>
    public int Count(string split) => samples.TryGetValue(split, out var found) ? found.Length : 0;

    /// <inheritdoc/>
    public string PictureOf(string split, int index) => samples[split][index].Picture;

    /// <inheritdoc/>
    public Either<Error, Sample> Read(string split, int index) =>
        index >= 0 && index < Count(split)
            ? samples[split][index].Read(recent)
            : new Error($"there is no sample {index}", $"{Name}, split {split}", $"it has {Count(split)}");

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal);

    private static Either<Error, Vocabulary> VocabularyOf(string folder, Many<FolderSample> samples)
    {
        var file = Path.Combine(folder, "vocabulary.txt");
        if (File.Exists(file))
            return Vocabulary.Read(file);
        var training = samples.Filter(sample => sample.Split == SplitNames.Train);
        var corpus = training.IsEmpty ? samples : training;
        return Vocabulary.Build(corpus.Map(sample => Tokenizer.Split(sample.Expression)));
    }
}
