using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>Layers as JSON trees.</summary>
/// <param name="catalogue">The names of layers and kinds.</param>
/// <param name="original">
/// Whether names are written as the first version had them, so that a rename changes no hash.
/// </param>
/// <param name="isWhole">
/// Whether values that are a parameter's default are written too, and the names that layers have of themselves: no file.
/// </param>
internal sealed class JsonWriting(LayerTypes catalogue, bool original = false, bool isWhole = false)
{
    public JsonObject Of(Layer layer)
    {
        var type = layer.GetType();
        var node = new JsonObject { [JsonNames.Layer] = Named(type, catalogue.NameOf(type)) };
        if (type.IsGenericType)
            node[JsonNames.Kinds] = new JsonArray([
                .. type.GenericTypeArguments.Select(k => (JsonNode)catalogue.KindOf(k)),
            ]);
        if (isWhole)
            layer.Name.IfSome(name => node[JsonNames.OwnName] = name);
        return Fields(node, layer, JsonNames.OfLayers);
    }

    private JsonObject Fields(JsonObject node, object record, Many<string> reserved) =>
        Schema
            .Of(record.GetType())
            .Fields.Where(f => isWhole || !f.IsDefaultIn(record))
            .Select(f => (Name: Named(f.Parameter, JsonNames.Of(f, reserved)), Value: Of(f.Of(record), f.Type)))
            .Where(f => f.Value is not null)
            .Aggregate(
                node,
                (all, f) =>
                {
                    all[f.Name] = f.Value;
                    return all;
                }
            );

    private string Named(ICustomAttributeProvider declared, string name) =>
        original ? Field.FormerNamesOf(declared).FirstOrDefault() ?? name : name;

    private JsonNode? Of(object? value, Type declared) =>
        value switch
        {
            Layer layer => Of(layer),
            string text => text,
            bool flag => flag,
            int number => number,
            Extent2 { IsSquare: true } extent => extent.Rows,
            Extent2 extent => new JsonArray(extent.Rows, extent.Columns),
            long number => number,
            float number => float.IsFinite(number) ? number : JsonNames.Infinite(number),
            double number => double.IsFinite(number) ? number : JsonNames.Infinite(number),
            Enum member => Named(member.GetType().GetField(member.ToString())!, member.ToString()),
            IOptional option => option.MatchUntypedUnsafe(
                some => Of(some, declared.GenericTypeArguments[0]),
                () => null
            ),
            IEnumerable list when JsonNames.IsMany(declared) => new JsonArray([
                .. list.Cast<object>().Select(item => Of(item, declared.GenericTypeArguments[0])),
            ]),
            ITuple tuple => new JsonArray([
                .. Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i], declared.GenericTypeArguments[i])),
            ]),
            null => throw new ArgumentException($"A layer holds null where its constructor promises {declared.Name}."),
            _ when JsonNames.Cases(declared) is { IsEmpty: false } cases => cases.Contains(value.GetType())
                ? Fields(
                    new JsonObject { [JsonNames.Term] = Named(value.GetType(), value.GetType().Name) },
                    value,
                    JsonNames.OfTerms
                )
                : throw new ArgumentException(
                    $"{value} stands in a function of numbers; apply the function inside the equation instead."
                ),
            _ when JsonNames.IsRecord(declared) => Fields([], value, []),
            _ => throw new ArgumentException($"A layer holds a {declared}, which no file can say."),
        };
}

/// <summary>How things are called in a file, for writing and reading alike.</summary>
internal static class JsonNames
{
    public const string Layer = "layer";
    public const string Kinds = "kinds";
    public const string Term = "term";

    /// <summary>The name that a layer has of itself, in a tree that is no file.</summary>
    public const string OwnName = "$name";

    public static Many<string> OfLayers { get; } = [Layer, Kinds];

    public static Many<string> OfTerms { get; } = [Term];

    /// <summary>A constructor's parameter, its first letter small; a _ follows where the name is taken.</summary>
    public static string Of(Field field, Many<string> reserved)
    {
        var name = RecordText.Lower(field.Name);
        return reserved.Contains(name) ? name + "_" : name;
    }

    // JSON has no such numbers.
    public static string Infinite(double number) =>
        double.IsNaN(number) ? "NaN"
        : number > 0 ? "Infinity"
        : "-Infinity";

    public static Option<double> Infinite(string text) =>
        text switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => Option<double>.None,
        };

    public static bool IsMany(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Many<>);

    public static bool IsOption(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Option<>);

    /// <summary>The cases of a sum type: an abstract record with its cases inside it.</summary>
    public static Many<Type> Cases(Type type) =>
        type is { IsAbstract: true, IsInterface: false } && !type.IsAssignableTo(typeof(Layer))
            ? type.GetNestedTypes().Where(t => t.IsAssignableTo(type) && !t.IsAbstract).ToMany()
            : [];

    /// <summary>Whether a type is made by its constructor from what it holds.</summary>
    public static bool IsRecord(Type type) =>
        !type.IsPrimitive
        && !type.IsInterface
        && !type.IsAbstract
        && type != typeof(object)
        && Schema.TryOf(type).IsSome;
}
