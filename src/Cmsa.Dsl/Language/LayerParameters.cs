using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// The numbers, truths and texts of the layers of a model, by path: the names of layers on the way, then the name that the
/// value has in JSON, such as <c>attention.width</c>. A path means every layer whose names end so.
/// </summary>
public static class LayerParameters
{
    private const string Label = "label";

    private static readonly Many<string> reserved = [JsonNames.Layer, JsonNames.Kinds, JsonNames.OwnName, Label];

    /// <summary>The paths that a model has, each once.</summary>
    public static Many<string> Paths(Layer model) => All(Tree(model), []).Map(found => found.Path).Distinct();

    /// <summary>A model with another value at a path.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The path.</param>
    /// <param name="value">The value as text: <c>256</c>, <c>true</c>, <c>Mean</c>.</param>
    /// <returns>The model, or an error: no such path (with the nearest), a value of another type, layers that do not fit.</returns>
    public static Either<Error, Layer<A, B>> With<A, B>(Layer<A, B> model, string path, string value)
    {
        var tree = Tree(model);
        var all = All(tree, []);
        var found = all.Filter(f => Means(path, f.Path));
        if (found.IsEmpty)
            return new Error("the model has no such value", path, Suggestion(path, all.Map(f => f.Path).Distinct()));
        return found
            .Fold(
                Right<Error, Unit>(unit),
                (so, at) => so.Bind(_ => Typed(at.Owner[at.Field]!, value, path).Map(typed => Put(at, typed)))
            )
            .Bind(_ =>
                Json.Read<A, B>(Plain(tree)!.ToJsonString())
                    .Match(
                        Succ: Right<Error, Layer<A, B>>,
                        Fail: errors => Left(errors.Head with { Where = $"{path}={value}" })
                    )
            );
    }

    private static JsonObject Tree(Layer model) => new JsonWriting(LayerTypes.Loaded(), isWhole: true).Of(model);

    private static Unit Put((string Path, JsonObject Owner, string Field) at, JsonNode value)
    {
        at.Owner[at.Field] = value.DeepClone();
        return unit;
    }

    private static string Suggestion(string path, Many<string> paths)
    {
        var near = Nearest.Several(path, paths, 3);
        return near.IsEmpty ? $"there are {string.Join(", ", paths.Take(5))}, ..." : $"did you mean {string.Join(" or ", near)}?";
    }

    // Whole names from the end, whatever their case.
    private static bool Means(string written, string path) =>
        path.Equals(written, StringComparison.OrdinalIgnoreCase)
        || path.EndsWith($".{written}", StringComparison.OrdinalIgnoreCase);

    private static Many<(string Path, JsonObject Owner, string Field)> All(JsonNode? node, Many<string> names) =>
        node switch
        {
            JsonObject term when term.ContainsKey(JsonNames.Term) => [],
            JsonObject owner => Below(owner, names),
            JsonArray list => list.ToMany().Bind(item => All(item, names)),
            _ => [],
        };

    // A label takes the place of the name that the layer inside it has of itself.
    private static Many<(string Path, JsonObject Owner, string Field)> Below(
        JsonObject owner,
        Many<string> above,
        bool isLabelled = false
    )
    {
        var label = TextOf(owner, Label);
        var names = above + (label || (isLabelled ? None : TextOf(owner, JsonNames.OwnName))).ToMany();
        return owner
            .Where(field => !reserved.Contains(field.Key))
            .ToMany()
            .Bind(field =>
                field.Value switch
                {
                    JsonValue => [(string.Join('.', names.Add(field.Key)), owner, field.Key)],
                    JsonObject inner when label.IsSome && !inner.ContainsKey(JsonNames.Term) => Below(inner, names, true),
                    var value => All(value, names),
                }
            );
    }

    private static Option<string> TextOf(JsonObject owner, string field) =>
        owner[field] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : None;

    // The tree as a file has it, without the names that layers have of themselves.
    private static JsonNode? Plain(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject owner:
                owner.Remove(JsonNames.OwnName);
                foreach (var (_, value) in owner)
                    Plain(value);
                break;
            case JsonArray list:
                foreach (var item in list)
                    Plain(item);
                break;
        }
        return node;
    }

    private static Either<Error, JsonNode> Typed(JsonNode before, string value, string path) =>
        before.GetValueKind() switch
        {
            JsonValueKind.Number => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                ? (JsonNode)whole
            : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
                ? (JsonNode)real
            : new Error($"{value} where a number should stand", path, $"it is {before.ToJsonString()} now"),
            JsonValueKind.True or JsonValueKind.False => bool.TryParse(value, out var truth)
                ? (JsonNode)truth
                : new Error($"{value} where true or false should stand", path, $"it is {before.ToJsonString()} now"),
            _ => (JsonNode)value,
        };
}
