using Cmsa.Data.Coco;
using Cmsa.Data.Masks;
using Cmsa.Data.Samples;
using Cmsa.Data.Words;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Folders;

/// <summary>
/// Reads a file in COCO's format as a data set of expressions. An annotation may have an <c>expression</c> (a text or a
/// list of texts), which names its region. Those without one are named by their category: one sample for each category
/// of a picture, whose region is the union of its annotations. Pictures are relative to the folder, or to its folder
/// <c>images</c>.
/// </summary>
internal static class CocoFolder
{
    /// <summary>The samples of a file, and what in it is wrong.</summary>
    /// <param name="folder">The folder that pictures are relative to.</param>
    /// <param name="path">The path of the file.</param>
    public static FolderFile Read(string folder, string path) =>
        CocoInstances
            .Read(path, _ => true, _ => true)
            .Match(read => Samples(read, folder, path), wrong => new([], [wrong]));

    private static FolderFile Samples(CocoInstances read, string folder, string path)
    {
        var (samples, skipped) = (new List<FolderSample>(), read.Skipped.ToList());
        skipped.AddRange(read.Images.Values.SelectMany(image => image.LeftToSeq()));
        foreach (var (id, annotation) in Named(read, path, skipped))
            foreach (var (said, i) in annotation.Expressions.Select((said, i) => (said, i)))
                Add(annotation, $"{id}/{i}", said, [annotation.Region], $"{path}, annotation {id}");
        foreach (var group in ByCategory(read))
        {
            var (image, category) = group.Key;
            var name = read.Categories.TryGetValue(category, out var found) ? found : $"category {category}";
            var regions = group.Select(annotation => annotation.Region).ToMany();
            Add(group.First(), $"{image}/{name}", name, regions, $"{path}, image {image}, category {category}");
        }
        return new(samples.ToMany(), skipped.ToMany());

        void Add(CocoAnnotation annotation, string id, string said, Many<Region> regions, string place)
        {
            var sample =
                from image in annotation.Image.ToEither(new Error("an annotation without image_id", place))
                from file in read.Images.TryGetValue(image, out var known)
                    ? known.Map(k => k.File)
                    : new Error($"its image {image} is not in the file", place)
                from picture in Existing(folder, file, place)
                from words in Tokenizer.Split(said).IsEmpty
                    ? new Error("the expression says nothing", place)
                    : Right<Error, Unit>(unit)
                let topic = annotation.Category.Bind(c => Optional(read.Categories.GetValueOrDefault(c))).IfNone("")
                select new FolderSample(id, SplitNames.Of(path), picture, said, topic, new(None, regions), place);
            sample.Match(samples.Add, skipped.Add);
        }
    }

    private static IEnumerable<(long Id, CocoAnnotation Annotation)> Named(
        CocoInstances read,
        string path,
        List<Error> skipped
    )
    {
        foreach (var (id, annotation) in read.Annotations.OrderBy(entry => entry.Key))
        {
            skipped.AddRange(annotation.LeftToSeq());
            if (annotation.Case is not CocoAnnotation found)
                continue;
            if (found.Expressions.IsEmpty && found.Category.IsNone)
                skipped.Add(new("neither an expression nor a category", $"{path}, annotation {id}"));
            yield return (id, found);
        }
    }

    private static IEnumerable<IGrouping<(long Image, long Category), CocoAnnotation>> ByCategory(CocoInstances read) =>
        read
            .Annotations.OrderBy(entry => entry.Key)
            .SelectMany(entry => entry.Value.ToSeq())
            .Where(annotation => annotation.Expressions.IsEmpty && annotation.Category.IsSome)
            .GroupBy(annotation => (annotation.Image.IfNone(-1), annotation.Category.IfNone(-1)));

    private static Either<Error, string> Existing(string folder, string file, string place)
    {
        Many<string> paths = [Path.Combine(folder, file), Path.Combine(folder, "images", file)];
        return paths.Find(File.Exists).ToEither(new Error($"there is no picture {paths[0]}", place));
    }
}
