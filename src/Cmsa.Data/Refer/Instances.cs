using System.Text.Json;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>
/// What <c>instances.json</c> (COCO's format) says of the pictures, regions and categories that references name.
/// </summary>
/// <param name="Images">Each picture's file and size, by its number.</param>
/// <param name="Regions">Each region, by its annotation's number.</param>
/// <param name="Categories">Each category's name, by its number.</param>
internal sealed record Instances(
    IReadOnlyDictionary<long, ImageFile> Images,
    IReadOnlyDictionary<long, Region> Regions,
    IReadOnlyDictionary<long, string> Categories
)
{
    /// <summary>
    /// Reads the file, keeping what the references name; an error where the file is missing, no whole JSON, or says
    /// something malformed.
    /// </summary>
    public static Either<Error, Instances> Read(string path, Reference[] references)
    {
        var images = new Dictionary<long, ImageFile>();
        var regions = new Dictionary<long, Region>();
        var categories = new Dictionary<long, string>();
        var (wantedImages, wantedRegions) = (
            references.Select(r => r.Image).ToHashSet(),
            references.Select(r => r.Annotation).ToHashSet()
        );
        return JsonArrays
            .Read(
                path,
                (array, element) =>
                    array switch
                    {
                        "images" => Keep(element, wantedImages, images, Image),
                        "annotations" => Keep(
                            element,
                            wantedRegions,
                            regions,
                            e => Property(e, "segmentation").Bind(RegionOf)
                        ),
                        "categories" => Keep(element, null, categories, e => Property(e, "name").Bind(Text)),
                        _ => None,
                    }
            )
            .Bind(_ =>
                images.Count == 0 && references.Length > 0
                    ? Left<Error, Instances>(
                        new(
                            "knows none of the pictures that the references name",
                            path,
                            "the two files are of different data sets"
                        )
                    )
                    : new Instances(images, regions, categories)
            );
    }

    private static Option<string> Keep<T>(
        JsonElement element,
        System.Collections.Generic.HashSet<long>? wanted,
        Dictionary<long, T> into,
        Func<JsonElement, Option<T>> read
    )
    {
        if (Property(element, "id").Bind(Whole).Case is not long id)
            return Some("has no id");
        if (wanted?.Contains(id) == false)
            return None;
        if (read(element).Case is not T value)
            return Some($"id {id} is malformed");
        into[id] = value;
        return None;
    }

    private static Option<ImageFile> Image(JsonElement element) =>
        from name in Property(element, "file_name").Bind(Text)
        from height in Property(element, "height").Bind(Whole)
        from width in Property(element, "width").Bind(Whole)
        from sized in height is > 0 and < 100_000 && width is > 0 and < 100_000
            ? Some(new ImageFile(name, (int)height, (int)width))
            : None
        select sized;

    private static Option<Region> RegionOf(JsonElement segmentation) =>
        segmentation.ValueKind switch
        {
            JsonValueKind.Array => Polygons(segmentation),
            JsonValueKind.Object => from size in Property(segmentation, "size").Bind(Numbers<int>)
            from counts in Property(segmentation, "counts")
            from runs in size is not [var height, var width] ? None
            : counts.ValueKind == JsonValueKind.String
                ? Some<Region>(new Region.Compressed(height, width, counts.GetString()!))
            : Numbers<int>(counts).Map<Region>(c => new Region.Runs(height, width, c))
            select runs,
            _ => None,
        };

    private static Option<Region> Polygons(JsonElement segmentation)
    {
        var polygons = new List<double[]>();
        foreach (var polygon in segmentation.EnumerateArray())
        {
            if (Numbers<double>(polygon).Case is not double[] corners)
                return None;
            polygons.Add(corners);
        }
        return new Region.Polygons(toSeq(polygons.ToArray()));
    }

    private static Option<T[]> Numbers<T>(JsonElement array)
        where T : struct, System.Numerics.INumber<T>
    {
        if (array.ValueKind != JsonValueKind.Array)
            return None;
        var (numbers, i) = (new T[array.GetArrayLength()], 0);
        foreach (var element in array.EnumerateArray())
        {
            if (
                element.ValueKind != JsonValueKind.Number
                || !element.TryGetDouble(out var number)
                || Math.Abs(number) > int.MaxValue
            )
                return None;
            numbers[i] = T.CreateTruncating(number);
            if (double.CreateTruncating(numbers[i++]) != number)
                return None;
        }
        return numbers;
    }

    private static Option<JsonElement> Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? Some(value) : None;

    private static Option<long> Whole(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? Some(number) : None;

    private static Option<string> Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? Some(element.GetString()!) : None;
}

/// <summary>A picture's file, in the folder of the data set's pictures, and its size in pixels.</summary>
internal sealed record ImageFile(string Name, int Height, int Width);
