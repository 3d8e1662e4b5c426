using System.Text.Json.Nodes;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// A model with the sizes of its argument, as one JSON file:
/// <c>{"version": 2, "inputs": [{"Image": [3, 320, 320]}, {"Tokens": [20]}], "model": {"layer": ...}}</c>. Sizes stand
/// in the order of the kind's axes; a pair is a list of two, levels are <c>{"levels": {"res3": ...}}</c>. A file of
/// the first version is the layer alone, without sizes.
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Inputs">The sizes of its argument; none in a file of the first version.</param>
public sealed record ModelFile(Layer Model, Option<InputSpec> Inputs)
{
    /// <summary>The version that is written, and the highest that is read.</summary>
    public const int Version = 2;

    private const string VersionName = "version";
    private const string InputsName = "inputs";
    private const string ModelName = "model";
    private const string LevelsName = "levels";

    /// <summary>A model and the sizes of its argument as JSON.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The sizes; an error of the model where they are not those of its argument.</param>
    /// <inheritdoc cref="Json.Write"/>
    public static string Write(Layer model, InputSpec inputs)
    {
        var file = new JsonObject
        {
            [VersionName] = Version,
            [InputsName] = Of(inputs, model.In),
            [ModelName] = new JsonWriting(LayerTypes.Loaded()).Of(model),
        };
        return JsonLayout.Of(file) + "\n";
    }

    /// <summary>The model that some JSON says, of either version, or all that is wrong with it.</summary>
    public static Validation<Error, ModelFile> Read(string json) =>
        JsonSyntax
            .Parse(json)
            .Bind(node =>
                !IsEnvelope(node)
                    ? JsonReading.Of(node, typeof(Layer)).Map(layer => new ModelFile(layer, None))
                    : from known in Known((JsonObject)node)
                      from layer in JsonReading.Of(ModelIn(node), typeof(Layer))
                      from inputs in InputsOf(node[InputsName], layer.In)
                      select new ModelFile(layer, inputs)
            );

    /// <summary>The layer's part of a file of either version.</summary>
    internal static JsonNode ModelIn(JsonNode file) => IsEnvelope(file) ? file[ModelName]! : file;

    private static bool IsEnvelope(JsonNode file) => file is JsonObject members && members[ModelName] is JsonObject;

    private static Validation<Error, Unit> Known(JsonObject file)
    {
        Many<string> names = [VersionName, InputsName, ModelName];
        var strange = file.Select(member => member.Key).Where(key => !names.Contains(key)).ToMany();
        if (!strange.IsEmpty)
            return Wrong<Unit>(
                $"there is no {strange.Head} in the file of a model",
                "$",
                Nearest.Hint(strange.Head, names)
            );
        return file[VersionName] is JsonValue value && value.TryGetValue<int>(out var version) && version == Version
            ? Success<Error, Unit>(unit)
            : Wrong<Unit>(
                $"{file[VersionName]?.ToJsonString() ?? "none"} as the version of the file",
                $"$.{VersionName}",
                $"this program reads {Version}; one that was written by a later program is read by that"
            );
    }

    private static Validation<Error, Option<InputSpec>> InputsOf(JsonNode? node, Kind kind) =>
        node is null ? Success<Error, Option<InputSpec>>(None) : Read(node, kind, $"$.{InputsName}").Map(Some);

    private static JsonNode Of(InputSpec inputs, Kind kind) =>
        (inputs, kind) switch
        {
            (InputSpec.Both(var a, var b), Kind.Pair(var first, var second)) => new JsonArray(
                Of(a, first),
                Of(b, second)
            ),
            (InputSpec.Each(var levels), Kind.Levels(var each)) => new JsonObject
            {
                [LevelsName] = new JsonObject(
                    levels.Select(l => KeyValuePair.Create(l.Name, (JsonNode?)Of(l.Inputs, each)))
                ),
            },
            (InputSpec.Tensor(var name, var shape), Kind.Tensor(_, var axes)) => new JsonObject
            {
                [name] = new JsonArray([.. axes.Map(axis => (JsonNode)shape[axis])]),
            },
            _ => throw new ArgumentException(
                $"The model takes {kind}, and these are sizes of {inputs}.",
                nameof(inputs)
            ),
        };

    private static Validation<Error, InputSpec> Read(JsonNode? node, Kind kind, string where) =>
        (node, kind) switch
        {
            (JsonArray { Count: 2 } both, Kind.Pair(var first, var second)) => from a in Read(
                both[0],
                first,
                $"{where}[0]"
            )
                                                                               from b in Read(both[1], second, $"{where}[1]")
                                                                               select a & b,
            (JsonObject levels, Kind.Levels(var each)) when levels[LevelsName] is JsonObject named => named
                .Select(l => Read(l.Value, each, $"{where}.{LevelsName}.{l.Key}").Map(inputs => (l.Key, inputs)))
                .ToMany()
                .Fold(
                    Success<Error, Many<(string, InputSpec)>>([]),
                    (so, next) => so.Bind(found => next.Map(found.Add))
                )
                .Map(found => (InputSpec)new InputSpec.Each(found)),
            (JsonObject { Count: 1 } tensor, Kind.Tensor(var name, var axes))
                when Sizes(tensor[name]) is { } sizes && sizes.Count == axes.Count => Success<Error, InputSpec>(
                new InputSpec.Tensor(name, new Shape(axes.Zip(sizes, (axis, size) => new Dimension(axis, size))))
            ),
            _ => Wrong<InputSpec>(
                $"{node?.ToJsonString() ?? "null"} is no size of {kind}",
                where,
                "write such as [{\"Image\": [3, 320, 320]}, {\"Tokens\": [20]}]"
            ),
        };

    private static Many<int>? Sizes(JsonNode? node)
    {
        if (node is not JsonArray list)
            return null;
        var sizes = list.Select(size => size is JsonValue value && value.TryGetValue<int>(out var n) ? n : 0).ToMany();
        return sizes.ForAll(size => size > 0) ? sizes : null;
    }

    private static Validation<Error, T> Wrong<T>(string what, string where, string hint) =>
        Fail<Error, T>(new Error(what, where, hint));
}
