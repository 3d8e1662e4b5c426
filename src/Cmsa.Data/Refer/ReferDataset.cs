using System.Collections.Frozen;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>
/// A REFER data set in memory but for its pictures: one sample an expression, read from its picture's file each time.
/// It never changes, so it can be read from any thread. A sample's topic is its category's name.
/// </summary>
public sealed class ReferDataset : IDataset
{
    private static readonly string[] KnownSplits = ["train", "val", "testA", "testB", "testC", "test"];

    private readonly FrozenDictionary<string, (Reference Ref, int Sentence)[]> samples;
    private readonly Instances instances;
    private readonly string pictures;
    private readonly string source;

    private ReferDataset(
        string name,
        string source,
        string pictures,
        Reference[] references,
        Instances instances,
        Vocabulary vocabulary
    )
    {
        (Name, this.source, this.pictures, this.instances, Vocabulary) = (
            name,
            source,
            pictures,
            instances,
            vocabulary
        );
        var splits = references
            .GroupBy(r => r.Split)
            .OrderBy(split => System.Array.IndexOf(KnownSplits, split.Key) is >= 0 and var place ? place : int.MaxValue)
            .ThenBy(split => split.Key, StringComparer.Ordinal)
            .Select(split => (Name: split.Key, References: split.ToArray()))
            .ToArray();
        Splits = toSeq(splits.Select(split => split.Name).ToArray());
        Counts = toSeq(
            splits
                .Select(split => ReferCounts.Of(split.Name, split.References))
                .Append(ReferCounts.Of("all", references))
                .ToArray()
        );
        samples = splits.ToFrozenDictionary(
            split => split.Name,
            split =>
                split.References.SelectMany(r => Enumerable.Range(0, r.Sentences.Length).Select(s => (r, s))).ToArray()
        );
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Seq<string> Splits { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <summary>How much each split holds, in the order of <see cref="Splits"/>, and last the whole data set.</summary>
    public Seq<ReferCounts> Counts { get; }

    /// <summary>Opens a data set, as <see cref="Refer.Open"/>.</summary>
    public static Either<Error, ReferDataset> Open(string root, string dataset, string splitBy)
    {
        var folder = Path.Combine(root, dataset);
        var refs = Path.Combine(folder, $"refs({splitBy}).p");
        var pictures = Path.Combine(
            root,
            dataset == "refclef" ? "images/saiapr_tc-12" : "images/mscoco/images/train2014"
        );
        return from references in References.Read(refs)
            from instances in Instances.Read(Path.Combine(folder, "instances.json"), references)
            from vocabulary in VocabularyIn(folder, splitBy).IfNone(() => OfTraining(references))
            from found in Directory.Exists(pictures)
                ? Right<Error, Unit>(unit)
                : Left(new Error("there is no such folder", pictures, "the pictures of the data set belong there"))
            select new ReferDataset($"{dataset}/{splitBy}", refs, pictures, references, instances, vocabulary);
    }

    /// <inheritdoc/>
    public int Count(string split) => samples.TryGetValue(split, out var found) ? found.Length : 0;

    /// <inheritdoc/>
    public Either<Error, Sample> Read(string split, int index)
    {
        if (index < 0 || index >= Count(split))
            return Left(new Error($"there is no sample {index}", $"{Name}, split {split}", $"it has {Count(split)}"));
        var (reference, number) = samples[split][index];
        var sentence = reference.Sentences[number];
        var place = $"{source}, ref {reference.Id}, sentence {sentence.Id}";
        return from tokens in Words(sentence.Text, place)
            from image in Known(instances.Images, reference.Image, "image", place)
            from region in Known(instances.Regions, reference.Annotation, "annotation", place)
            from picture in Pictures
                .Read(Path.Combine(pictures, image.Name))
                .MapLeft(wrong => wrong with { Where = $"{wrong.Where} ({place})" })
            from sized in (picture.Height, picture.Width) == (image.Height, image.Width)
                ? Right<Error, Unit>(unit)
                : Left(
                    new Error(
                        $"the picture is {picture.Height} x {picture.Width} pixels, not {image.Height} x {image.Width}",
                        $"{image.Name} ({place})",
                        "the picture is not the one that was annotated"
                    )
                )
            from truth in region
                .ToMask(image.Height, image.Width)
                .MapLeft(wrong => wrong with { Where = $"annotation {reference.Annotation}, {wrong.Where} ({place})" })
            from seen in truth.Pixels.AsSpan().Contains((byte)1)
                ? Right<Error, Unit>(unit)
                : Left(new Error("the region has no pixel", $"annotation {reference.Annotation} ({place})"))
            select new Sample(
                $"{reference.Id}/{sentence.Id}",
                picture,
                truth,
                sentence.Text,
                tokens,
                instances.Categories.TryGetValue(reference.Category, out var category)
                    ? category
                    : $"category {reference.Category}"
            );
    }

    private Either<Error, Seq<string>> Words(string text, string place) =>
        Tokens.Of(text) switch
        {
            { IsEmpty: true } => Left(new Error("the expression says nothing", place)),
            var tokens when tokens.Exists(Vocabulary.Knows) => Right<Error, Seq<string>>(tokens),
            _ => Left(
                new Error($"none of the words of \"{text}\" is known", place, "use the vocabulary of this data set")
            ),
        };

    private static Either<Error, T> Known<T>(IReadOnlyDictionary<long, T> table, long id, string what, string place) =>
        table.TryGetValue(id, out var found)
            ? Right<Error, T>(found)
            : Left(new Error($"its {what} {id} is not in instances.json", place));

    private static Option<Either<Error, Vocabulary>> VocabularyIn(string folder, string splitBy) =>
        toSeq(new[] { $"vocabulary({splitBy}).txt", "vocabulary.txt" })
            .Map(name => Path.Combine(folder, name))
            .Find(File.Exists)
            .Map(Vocabulary.Read);

    private static Either<Error, Vocabulary> OfTraining(Reference[] references) =>
        Vocabulary.Build(
            references.Where(r => r.Split == "train").SelectMany(r => r.Sentences).Select(s => Tokens.Of(s.Text))
        );
}
