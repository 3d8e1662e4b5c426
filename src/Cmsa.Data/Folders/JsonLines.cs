using System.Text.Json;
using Cmsa.Data.Coco;
using Cmsa.Data.Samples;
using Cmsa.Data.Words;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Folders;

/// <summary>Reads a JSON Lines file: one object a line, wrong lines named by number.</summary>
internal static class JsonLines
{
    private static readonly Many<string> Fields = ["picture", "expression", "mask", "split", "id", "topic"];

    /// <summary>The samples of a file, and the lines that are wrong.</summary>
    /// <param name="folder">The folder that pictures and masks are relative to.</param>
    /// <param name="path">The path of the file.</param>
    public static FolderFile Read(string folder, string path)
    {
        var (samples, skipped) = (new List<FolderSample>(), new List<Error>());
        var text = FileReader.Text(path);
        text.IfLeft(skipped.Add);
        var lines = text.Map(whole => whole.Split('\n')).IfLeft([]);
        for (var i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;
            var place = new Line(folder, path, i + 1);
            Parsed(lines[i], place).Match(read => samples.AddRange(read), skipped.Add);
        }
        return new(samples.ToMany(), skipped.ToMany());
    }

    private static Either<Error, Many<FolderSample>> Parsed(string text, Line line)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return SamplesOf(document.RootElement, line).MapLeft(wrong => wrong.At(line.Place));
        }
        catch (JsonException wrong)
        {
            return new Error($"not whole JSON: {wrong.Message}", line.Place, "write one object in each line");
        }
    }

    private static Either<Error, Many<FolderSample>> SamplesOf(JsonElement element, Line line) =>
        from known in Known(element)
        from picture in Text(element, "picture").Bind(name => Existing(line, "picture", name))
        from expressions in ExpressionsOf(element)
        from truth in TruthOf(element, line)
        let split = Optional(element, "split").IfNone(SplitNames.Of(line.Path))
        let id = Optional(element, "id").IfNone($"{Path.GetFileName(line.Path)}:{line.Number}")
        let topic = Optional(element, "topic").IfNone("")
        select expressions
            .Select(
                (said, i) => new FolderSample(i == 0 ? id : $"{id}/{i}", split, picture, said, topic, truth, line.Place)
            )
            .ToMany();

    // A field that nobody reads is a slip of the pen.
    private static Either<Error, Unit> Known(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return new Error("not an object", "", "write one object in each line");
        var odd = element.EnumerateObject().Select(field => field.Name).FirstOrDefault(name => !Fields.Contains(name));
        return odd is null
            ? unit
            : new Error($"an unknown field \"{odd}\"", "", $"the fields are {string.Join(", ", Fields)}");
    }

    private static Either<Error, Many<string>> ExpressionsOf(JsonElement element)
    {
        var texts = JsonFields.Property(element, "expression").Bind(JsonFields.Texts);
        return texts
            .ToEither(new Error("no \"expression\"", "", "give a text, or a list of texts"))
            .Bind(said =>
                said.IsEmpty || said.Exists(one => Tokenizer.Split(one).IsEmpty)
                    ? new Error("the expression says nothing", "", "give words")
                    : Right<Error, Many<string>>(said)
            );
    }

    private static Either<Error, RegionSource> TruthOf(JsonElement element, Line line)
    {
        var hint = "give a PNG file, polygons, or an object with size and counts";
        if (JsonFields.Property(element, "mask").Case is not JsonElement mask)
            return new Error("no \"mask\"", "", hint);
        if (JsonFields.Text(mask).Case is not string file)
            return CocoInstances.RegionOf(mask).Map(region => new RegionSource(None, [region]));
        return Path.GetExtension(file).Equals(".png", StringComparison.OrdinalIgnoreCase)
            ? Existing(line, "mask", file).Map(path => new RegionSource(path, []))
            : new Error($"the mask {file} is no PNG file", "", hint);
    }

    private static Either<Error, string> Text(JsonElement element, string name) =>
        Optional(element, name).ToEither(new Error($"no \"{name}\"", "", "give a text"));

    private static Option<string> Optional(JsonElement element, string name) =>
        JsonFields.Property(element, name).Bind(JsonFields.Text);

    private static Either<Error, string> Existing(Line line, string what, string name)
    {
        var path = Path.Combine(line.Folder, name);
        return File.Exists(path)
            ? path
            : new Error($"there is no {what} {path}", "", "paths are relative to the folder");
    }

    /// <summary>A line of a file of a folder.</summary>
    private sealed record Line(string Folder, string Path, int Number)
    {
        public string Place => $"{Path}, line {Number}";
    }
}
