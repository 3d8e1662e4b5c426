using System.Collections.Frozen;
using Cmsa.Data.Coco;
using Cmsa.Data.Masks;
using Cmsa.Data.Pictures;
using Cmsa.Data.Samples;
using Cmsa.Data.Words;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Refer;

/// <summary>
/// A data set of REFER (RefCOCO, RefCOCO+, RefCOCOg, RefCLEF), or any in the same layout. All but the pictures is in
/// memory; a sample is one expression, and its topic is the name of its category. It is immutable, so any thread may
/// read it.
/// </summary>
/// <remarks>
/// Under a root: <c>DATASET/instances.json</c> (COCO's images, annotations, categories), <c>DATASET/refs(SPLIT).p</c>
/// (a pickled list of references), and the pictures in <c>images/mscoco/images/train2014</c> (RefCLEF's in
/// <c>images/saiapr_tc-12</c>). The vocabulary is <c>DATASET/vocabulary(SPLIT).txt</c> or
/// <c>DATASET/vocabulary.txt</c>; without one, the words of the training split. A reference whose <c>ann_id</c> is a
/// list means the union of these regions; an empty list means that its expressions name nothing.
/// </remarks>
public sealed class ReferDataset : IDataset
{
    private readonly FrozenDictionary<string, (Reference Reference, ReferSentence Sentence)[]> samples;
    private readonly CocoInstances instances;
    private readonly string pictures;
    private readonly string source;
    private readonly RecentPictures recent = new();

    private ReferDataset(
        string name,
        string source,
        string pictures,
        RefsFile refs,
        CocoInstances instances,
        Vocabulary vocabulary
    )
    {
        (Name, Vocabulary) = (name, vocabulary);
        (this.source, this.pictures, this.instances) = (source, pictures, instances);
        Skipped = refs.Skipped + instances.Skipped;
        var splits = refs.References.GroupBy(reference => reference.Split).ToDictionary(s => s.Key, s => s.ToArray());
        Splits = SplitNames.InOrder(splits.Keys);
        var all = ReferCounts.Of("all", refs.References);
        Counts = Splits.Map(split => ReferCounts.Of(split, splits[split])).Add(all);
        samples = splits.ToFrozenDictionary(split => split.Key, split => Samples(split.Value));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Many<string> Splits { get; }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <summary>How much each split holds, in the order of <see cref="Splits"/>, and last the whole data set.</summary>
    public Many<ReferCounts> Counts { get; }

    /// <summary>
    /// References without a split or sentences, and pictures, annotations and categories without an id.
    /// </summary>
    public Many<Error> Skipped { get; }

    /// <summary>
    /// Opens a data set: reads everything but its pictures. An error that names the file where one is missing, cut off
    /// or refused, or where two pictures, annotations or categories have one id. What is wrong with a single reference
    /// or region is an error of its samples.
    /// </summary>
    /// <param name="root">The folder of the data sets and their pictures.</param>
    /// <param name="dataset">
    /// <c>refcoco</c>, <c>refcoco+</c>, <c>refcocog</c>, <c>refclef</c>, or the name of another folder.
    /// </param>
    /// <param name="splitBy">
    /// Whose division into splits: <c>unc</c>, <c>google</c>, <c>umd</c>, <c>berkeley</c>.
    /// </param>
    public static Either<Error, ReferDataset> Open(string root, string dataset, string splitBy)
    {
        var folder = Path.Combine(root, dataset);
        var source = Path.Combine(folder, $"refs({splitBy}).p");
        var pictures = dataset == "refclef" ? "images/saiapr_tc-12" : "images/mscoco/images/train2014";
        return from refs in RefsFile.Read(source)
               from instances in Instances(Path.Combine(folder, "instances.json"), refs)
               from vocabulary in VocabularyIn(folder, splitBy).IfNone(() => OfTraining(refs))
               from found in FolderOf(Path.Combine(root, pictures))
               select new ReferDataset($"{dataset}/{splitBy}", source, found, refs, instances, vocabulary);
    }

    /// <inheritdoc/>
    public int Count(string split) => samples.TryGetValue(split, out var found) ? found.Length : 0;

    /// <inheritdoc/>
    public string PictureOf(string split, int index) =>
        samples[split][index].Reference.Target.Map(target => $"{target.Image}").IfLeft($"{split}/{index}");

    /// <inheritdoc/>
    public Either<Error, Sample> Read(string split, int index)
    {
        if (index < 0 || index >= Count(split))
            return new Error($"there is no sample {index}", $"{Name}, split {split}", $"it has {Count(split)}");
        var (reference, sentence) = samples[split][index];
        var place = $"{source}, ref {reference.Name}, sentence {sentence.Name}";
        var sample =
            from text in sentence.Text
            from tokens in Words(text)
            from target in reference.Target
            from image in Find(instances.Images, target.Image, "image")
            from picture in PictureOf(image)
            from truth in Truth(target, image)
            select new Sample(
                $"{reference.Name}/{sentence.Name}",
                picture,
                truth,
                text,
                tokens,
                Topic(target.Categories)
            );
        return sample.MapLeft(wrong => wrong.At(wrong.Where.Length == 0 ? place : $"{wrong.Where} ({place})"));
    }

    private static Either<Error, CocoInstances> Instances(string path, RefsFile refs)
    {
        var targets = refs.References.Bind(reference => reference.Target.ToSeq().ToMany());
        var images = targets.Select(target => target.Image).ToHashSet();
        var annotations = targets.SelectMany(target => target.Annotations).ToHashSet();
        return CocoInstances
            .Read(path, images.Contains, annotations.Contains)
            .Bind(read =>
                read.Images.Count == 0 && images.Count > 0
                    ? new Error(
                        "knows none of the pictures that the references name",
                        path,
                        "the two files belong to different data sets"
                    )
                    : Right<Error, CocoInstances>(read)
            );
    }

    private static (Reference, ReferSentence)[] Samples(IEnumerable<Reference> references) =>
        [.. references.SelectMany(r => r.Sentences.Select(sentence => (r, sentence)))];

    // An expression without a known word is read: a model is asked with the id of unknown words.
    private static Either<Error, Many<string>> Words(string text)
    {
        var tokens = Tokenizer.Split(text);
        return tokens.IsEmpty ? new Error("the expression says nothing") : tokens;
    }

    private Either<Error, Picture> PictureOf(CocoImage image)
    {
        var annotated = new PictureSize(image.Height, image.Width);
        return recent
            .Read(image.File, () => PictureFile.Read(Path.Combine(pictures, image.File), annotated))
            .Bind(picture =>
                new PictureSize(picture.Height, picture.Width) == annotated
                    ? Right<Error, Picture>(picture)
                    : new Error(
                        $"the picture is {picture.Height} x {picture.Width} pixels, not {image.Height} x {image.Width}",
                        image.File,
                        "the picture is not the one that was annotated"
                    )
            );
    }

    private Either<Error, BinaryMask> Truth(Target target, CocoImage image)
    {
        var masks = new List<BinaryMask>();
        foreach (var id in target.Annotations)
        {
            var mask =
                from annotation in Find(instances.Annotations, id, "annotation")
                from own in IsOf(annotation, target.Image)
                from covered in annotation.Region.ToMask(image.Height, image.Width).MapLeft(wrong => Of(id, wrong))
                from seen in covered.Area > 0
                    ? Right<Error, Unit>(unit)
                    : new Error("the region has no pixel", $"annotation {id}")
                select covered;
            if (mask.Case is not BinaryMask found)
                return mask;
            masks.Add(found);
        }
        return masks is [var only] ? only : Rle.Union(image.Height, image.Width, masks.Select(Rle.Of));
    }

    private static Either<Error, Unit> IsOf(CocoAnnotation annotation, long image) =>
        annotation.Image.ForAll(own => own == image)
            ? unit
            : new Error(
                $"the region is in image {annotation.Image.IfNone(0)}, not in image {image}",
                "",
                "the two files belong to different data sets"
            );

    private static Error Of(long annotation, Error wrong) => wrong.At($"annotation {annotation}, {wrong.Where}");

    private static Either<Error, T> Find<T>(IReadOnlyDictionary<long, Either<Error, T>> table, long id, string what) =>
        table.TryGetValue(id, out var found) ? found : new Error($"its {what} {id} is not in instances.json");

    private string Topic(Many<long> categories)
    {
        var names = categories
            .Map(id => instances.Categories.TryGetValue(id, out var name) ? name : $"category {id}")
            .Distinct();
        return names.IsEmpty ? "no category" : string.Join(" and ", names);
    }

    private static Option<Either<Error, Vocabulary>> VocabularyIn(string folder, string splitBy) =>
        ((Many<string>)[$"vocabulary({splitBy}).txt", "vocabulary.txt"])
            .Map(name => Path.Combine(folder, name))
            .Find(File.Exists)
            .Map(Vocabulary.Read);

    private static Either<Error, Vocabulary> OfTraining(RefsFile refs)
    {
        var texts = refs
            .References.Where(reference => reference.Split == "train")
            .SelectMany(reference => reference.Sentences)
            .SelectMany(sentence => sentence.Text.ToSeq());
        return Vocabulary.Build(texts.Select(Tokenizer.Split));
    }

    private static Either<Error, string> FolderOf(string pictures) =>
        Directory.Exists(pictures)
            ? pictures
            : new Error("there is no such folder", pictures, "the pictures of the data set belong there");
}
