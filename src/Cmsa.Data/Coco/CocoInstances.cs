using System.Text.Json;
using Cmsa.Data.Masks;
using LanguageExt;
using static Cmsa.Data.Coco.JsonFields;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Coco;

/// <summary>The pictures, annotations and categories of a file in COCO's format, as far as they are wanted.</summary>
/// <param name="Images">Each picture by its id; an error for one that is malformed.</param>
/// <param name="Annotations">Each annotation by its id; an error for one that is malformed.</param>
/// <param name="Categories">The name of each category by its id.</param>
/// <param name="Skipped">Elements without an id, which nothing can refer to.</param>
internal sealed record CocoInstances(
    IReadOnlyDictionary<long, Either<Error, CocoImage>> Images,
    IReadOnlyDictionary<long, Either<Error, CocoAnnotation>> Annotations,
    IReadOnlyDictionary<long, string> Categories,
    Many<Error> Skipped
)
{
    /// <summary>
    /// Reads a file. An error where it is missing, is not whole JSON, or has two elements with one id. A malformed
    /// element is an error of its own.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="image">Whether the picture with an id is wanted.</param>
    /// <param name="annotation">Whether the annotation with an id is wanted.</param>
    public static Either<Error, CocoInstances> Read(string path, Func<long, bool> image, Func<long, bool> annotation)
    {
        var images = new Table<CocoImage>("image", image, ImageOf);
        var annotations = new Table<CocoAnnotation>("annotation", annotation, AnnotationOf);
        var categories = new Table<string>("category", _ => true, CategoryOf);
        return JsonArrays
            .Read(
                path,
                item =>
                    item.Array switch
                    {
                        "images" => images.Add(item),
                        "annotations" => annotations.Add(item),
                        "categories" => categories.Add(item),
                        _ => None,
                    }
            )
            .Map(_ => new CocoInstances(
                images.Found,
                annotations.Found,
                Named(categories.Found),
                [.. images.Skipped, .. annotations.Skipped, .. categories.Skipped]
            ));
    }

    private static Dictionary<long, string> Named(Dictionary<long, Either<Error, string>> categories) =>
        categories.SelectMany(entry => entry.Value.Map(name => (entry.Key, name)).ToSeq()).ToDictionary();

    private static Either<Error, string> CategoryOf(JsonElement element) =>
        Property(element, "name").Bind(Text).ToEither(new Error("a category without a name"));

    private static Either<Error, CocoImage> ImageOf(JsonElement element) =>
        Sized(element).ToEither(new Error("a picture without file_name, height and width"));

    private static Option<CocoImage> Sized(JsonElement element) =>
        from name in Property(element, "file_name").Bind(Text)
        from height in Property(element, "height").Bind(Whole)
        from width in Property(element, "width").Bind(Whole)
        from sized in height is > 0 and < 100_000 && width is > 0 and < 100_000
            ? Some(new CocoImage(name, (int)height, (int)width))
            : None
        select sized;

    private static Either<Error, CocoAnnotation> AnnotationOf(JsonElement element) =>
        from segmentation in Property(element, "segmentation").ToEither(new Error("an annotation without a region"))
        from region in RegionOf(segmentation)
        select new CocoAnnotation(
            region,
            Property(element, "image_id").Bind(Whole),
            Property(element, "category_id").Bind(Whole),
            Property(element, "expression").Bind(Texts).IfNone([])
        );

    /// <summary>
    /// A region of COCO's <c>segmentation</c>: a list of polygons, or an object with size and counts. An error that
    /// does not know its place where it is neither.
    /// </summary>
    public static Either<Error, Region> RegionOf(JsonElement segmentation)
    {
        var region = segmentation.ValueKind switch
        {
            JsonValueKind.Array => Polygons(segmentation),
            JsonValueKind.Object => RunLengths(segmentation),
            _ => None,
        };
        return region.ToEither(
            new Error("a malformed region", "", "give a list of polygons, or an object with size and counts")
        );
    }

    private static Option<Region> RunLengths(JsonElement segmentation) =>
        from size in Property(segmentation, "size").Bind(Numbers<int>)
        from counts in Property(segmentation, "counts")
        from runs in Runs(size, counts)
        select runs;

    private static Option<Region> Runs(int[] size, JsonElement counts) =>
        size is not [var height, var width] ? None
        : counts.ValueKind == JsonValueKind.String
            ? Some<Region>(new Region.Compressed(height, width, counts.GetString()!))
        : Numbers<int>(counts).Map<Region>(numbers => new Region.Runs(height, width, numbers));

    private static Option<Region> Polygons(JsonElement segmentation)
    {
        var polygons = new List<double[]>();
        foreach (var polygon in segmentation.EnumerateArray())
        {
            if (Numbers<double>(polygon).Case is not double[] corners)
                return None;
            polygons.Add(corners);
        }
        return new Region.Polygons(polygons.ToMany());
    }

    /// <summary>The elements of one array that are wanted, by their ids.</summary>
    private sealed class Table<T>(string kind, Func<long, bool> wanted, Func<JsonElement, Either<Error, T>> read)
    {
        private readonly Dictionary<long, long> places = [];

        public Dictionary<long, Either<Error, T>> Found { get; } = [];

        public List<Error> Skipped { get; } = [];

        /// <summary>Adds an element; an error where another one has its id.</summary>
        public Option<Error> Add(JsonItem item)
        {
            if (Property(item.Element, "id").Bind(Whole).Case is not long id)
            {
                Skipped.Add(new($"{kind} without an id", item.Where, "give it a whole number"));
                return None;
            }
            if (!places.TryAdd(id, item.Byte))
                return new Error(
                    $"{kind} {id} is there already, at byte {places[id]}",
                    item.Where,
                    $"give each {kind} an id of its own"
                );
            if (wanted(id))
                Found[id] = read(item.Element).MapLeft(wrong => wrong.At($"{kind} {id}, {item.Where}"));
            return None;
        }
    }
}

/// <summary>A picture of a data set.</summary>
/// <param name="File">Its file, relative to the folder of the pictures.</param>
/// <param name="Height">Rows, in pixels.</param>
/// <param name="Width">Columns, in pixels.</param>
internal sealed record CocoImage(string File, int Height, int Width);

/// <summary>A region of a picture.</summary>
/// <param name="Region">The region.</param>
/// <param name="Image">The id of its picture, where the file says it.</param>
/// <param name="Category">The id of its category, where the file says it.</param>
/// <param name="Expressions">Texts that name it; COCO's own files have none.</param>
internal sealed record CocoAnnotation(
    Region Region,
    Option<long> Image,
    Option<long> Category,
    Many<string> Expressions
);
