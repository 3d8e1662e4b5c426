using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>
/// JSON trees as layers. What is wrong is noted, and reading goes on beside it; null stands for what could not be read.
/// </summary>
internal sealed class JsonReading
{
    private readonly LayerTypes catalogue = LayerTypes.Loaded();
    private readonly List<Error> errors = [];

    /// <summary>
    /// The items of each list by its path, those that could be read: neighbours are checked even where another item
    /// is wrong.
    /// </summary>
    private readonly Dictionary<string, object?[]> items = [];

    /// <summary>The layer for a slot of a type: <see cref="Layer"/> for any.</summary>
    public static Validation<Error, Layer> Of(JsonNode node, Type slot)
    {
        var reading = new JsonReading();
        var layer = reading.Read(node, slot, "$") as Layer;
        return layer is not null && reading.errors.Count == 0
            ? Success<Error, Layer>(layer)
            : Fail<Error, Layer>(toSeq(reading.errors.ToArray()));
    }

    private object? Wrong(string at, string what, string hint = "")
    {
        errors.Add(new(what, at, hint));
        return null;
    }

    private object? Read(JsonNode? node, Type type, string at) =>
        type switch
        {
            _ when type.IsAssignableTo(typeof(Layer)) => InSlot(Layer(node, at), type, at),
            _ when JsonNames.IsOption(type) => Made(nameof(SomeOf), type, Read(node, type.GenericTypeArguments[0], at)),
            _ when JsonNames.IsMany(type) => Made(
                nameof(ListOf),
                type,
                List(node, _ => type.GenericTypeArguments[0], at)
            ),
            _ when type.IsAssignableTo(typeof(ITuple)) => Tuple(node, type, at),
            _ when type.IsEnum => Enumeration(node, type, at),
            _ when type == typeof(string) => Text(node) ?? Mistyped(node, "text", at),
            _ when type == typeof(bool) => Truth(node) ?? Mistyped(node, "true or false", at),
            _ when type == typeof(int) => Whole<int>(node) ?? Mistyped(node, "a whole number", at),
            _ when type == typeof(Extent2) => Sides(node, at),
            _ when type == typeof(long) => Whole<long>(node) ?? Mistyped(node, "a whole number", at),
            _ when type == typeof(double) => Real(node) ?? Mistyped(node, "a number", at),
            _ when type == typeof(float) => Real(node) is { } number ? (float)number : Mistyped(node, "a number", at),
            _ when JsonNames.Cases(type) is { IsEmpty: false } cases => Case(node, type, cases, at),
            _ when JsonNames.IsRecord(type) => node is JsonObject record
                ? Make(type, Fields(record, type, [], at), at)
                : Mistyped(node, "an object", at),
            _ => Wrong(
                at,
                $"values of the type {type.Name} are not read from files",
                "give the layer numbers, text, lists, layers or records of these"
            ),
        };

    // ---- plain values

    private static string? Text(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static object? Truth(JsonNode? node) =>
        node?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    private static JsonValue? Number(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number ? (JsonValue)node : null;

    private static object? Whole<T>(JsonNode? node)
        where T : struct => Number(node) is { } number && number.TryGetValue(out T whole) ? whole : null;

    private static double? Real(JsonNode? node) =>
        Number(node) is { } value
            ? value.TryGetValue(out double number) && double.IsFinite(number)
                ? number
                : null
            : Text(node) is { } text
                ? JsonNames.Infinite(text).ToNullable()
                : null;

    // One number for rows and columns, or a list of both.
    private object? Sides(JsonNode? node, string at) =>
        node is JsonArray { Count: 2 } both && Whole<int>(both[0]) is int rows && Whole<int>(both[1]) is int columns
            ? new Extent2(rows, columns)
        : Whole<int>(node) is int side ? (Extent2)side
        : Mistyped(node, "a whole number or a list of two", at);

    private object? Mistyped(JsonNode? node, string expected, string at) =>
        Wrong(
            at,
            $"{(node is JsonObject ? "an object" : node is JsonArray ? "a list" : Shown(node))} where {expected} should stand"
        );

    private static string Shown(JsonNode? node) =>
        node?.ToJsonString() switch
        {
            null => "null",
            { Length: > 40 } text => $"{text[..37]}...",
            var text => text,
        };

    private object? Enumeration(JsonNode? node, Type type, string at)
    {
        var names = Enum.GetNames(type);
        if (Text(node) is not { } name)
            return Mistyped(node, $"one of {string.Join(", ", names)}", at);
        var found = names.Contains(name)
            ? name
            : names.FirstOrDefault(n => Field.FormerNamesOf(type.GetField(n)!).Contains(name));
        return found is null
            ? Wrong(at, $"there is no {type.Name} {name}", $"it is one of {string.Join(", ", names)}")
            : Enum.Parse(type, found);
    }

    private object?[]? List(JsonNode? node, Func<int, Type> type, string at)
    {
        if (node is not JsonArray array)
        {
            Mistyped(node, "a list", at);
            return null;
        }
        var read = array.Select((item, i) => Read(item, type(i), $"{at}[{i}]")).ToArray();
        items[at] = read;
        return read.Contains(null) ? null : read;
    }

    private object? Tuple(JsonNode? node, Type type, string at)
    {
        var types = type.GenericTypeArguments;
        if (node is not JsonArray array || array.Count != types.Length)
            return Mistyped(node, $"a list of {types.Length}", at);
        return List(node, i => types[i], at) is { } read ? Activator.CreateInstance(type, read) : null;
    }

    private static Option<T> SomeOf<T>(object value) => Option<T>.Some((T)value);

    private static Many<T> ListOf<T>(object?[] list) => list.Select(item => (T)item!).ToMany();

    private static object? Made(string method, Type type, object? argument) =>
        argument is null
            ? null
            : typeof(JsonReading)
                .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type.GenericTypeArguments[0])
                .Invoke(null, [argument]);

    // ---- records

    private object? Case(JsonNode? node, Type sum, Many<Type> cases, string at) =>
        node is not JsonObject record || Text(record[JsonNames.Term]) is not { } name
            ? Wrong(at, $"no {sum.Name}", $"write {{\"term\": ...}} with one of {Names(cases)}")
        : cases.Find(c => c.Name == name || Field.FormerNamesOf(c).Contains(name)).Case is Type type
            ? Make(type, Fields(record, type, JsonNames.OfTerms, at), at)
        : Wrong($"{at}.{JsonNames.Term}", $"there is no {sum.Name} {name}", $"it is one of {Names(cases)}");

    private static string Names(Many<Type> types) => string.Join(", ", types.Map(t => t.Name));

    private object?[]? Fields(JsonObject record, Type type, Many<string> reserved, string at)
    {
        var before = errors.Count;
        var fields = Schema.Of(type).Fields.Select(f => (Field: f, Name: JsonNames.Of(f, reserved))).ToArray();
        var names = fields.Select(f => f.Name).ToArray();
        foreach (
            var unknown in record
                .Select(p => p.Key)
                .Except([.. names, .. fields.SelectMany(f => f.Field.FormerNames), .. reserved])
        )
            Wrong(
                at,
                $"{TypeName(type)} has no {unknown}",
                Nearest
                    .To(unknown, names)
                    .Map(n => $"did you mean {n}?")
                    .IfNone(names.Length == 0 ? "it has no properties" : $"it has {string.Join(", ", names)}")
            );
        var values = fields
            .Select(f =>
                record.ContainsKey(f.Name) ? Read(record[f.Name], f.Field.Type, $"{at}.{f.Name}")
                : f.Field.FormerNames.FirstOrDefault(record.ContainsKey) is { } former
                    ? Read(record[former], f.Field.Type, $"{at}.{former}")
                : f.Field.HasDefault ? f.Field.Default
                : JsonNames.IsOption(f.Field.Type) ? Activator.CreateInstance(f.Field.Type)
                : Wrong(at, $"{TypeName(type)} lacks {f.Name}", "it has no default")
            )
            .ToArray();
        return errors.Count == before ? values : null;
    }

    private object? Make(Type type, object?[]? arguments, string at)
    {
        if (arguments is null)
            return null;
        try
        {
            return Schema.Of(type).Constructor.Invoke(arguments);
        }
        catch (TargetInvocationException refused)
        {
            return Wrong(at, $"{TypeName(type)} refuses this: {refused.InnerException?.Message.Split('\n')[0]}");
        }
    }

    private static string TypeName(Type type) => RecordText.NameOf(type);

    // ---- layers

    private Layer? Layer(JsonNode? node, string at)
    {
        if (node is not JsonObject record)
        {
            Mistyped(node, "a layer", at);
            return null;
        }
        if (Text(record[JsonNames.Layer]) is not { } name)
        {
            var hasOne = record.ContainsKey(JsonNames.Layer);
            Wrong(
                at,
                hasOne ? "the name of the layer is no text" : "an object without the name of a layer",
                "write {\"layer\": ...}"
            );
            return Inside(record, at);
        }
        var before = errors.Count;
        var atKinds = $"{at}.{JsonNames.Kinds}";
        var kinds = record.ContainsKey(JsonNames.Kinds)
            ? List(record[JsonNames.Kinds], _ => typeof(string), atKinds)
            : [];
        var arguments = (kinds ?? [])
            .Select((kind, i) => Noted(catalogue.KindNamed((string)kind!), $"{atKinds}[{i}]"))
            .ToArray();
        if (errors.Count > before)
            return Inside(record, at);
        if (Noted(catalogue.Layer(name, arguments.Select(a => a!).ToMany()), at) is not { } type)
            return Inside(record, at);
        if (Schema.TryOf(type).IsNone)
        {
            Wrong(
                at,
                $"{name} is no record whose constructor's parameters are its properties",
                "declare it as record Name(...) : Layer<A, B>"
            );
            return null;
        }
        var fields = Fields(record, type, JsonNames.OfLayers, at);
        Meet(type, at);
        return errors.Count == before ? Checked((Layer?)Make(type, fields, at), at) : null;
    }

    private Type? Noted(Either<(string What, string Hint), Type> found, string at) =>
        found.MatchUnsafe(Right: type => type, Left: wrong => (Type?)Wrong(at, wrong.What, wrong.Hint));

    /// <summary>Notes what is wrong with the layers inside an object that is itself none.</summary>
    private Layer? Inside(JsonNode? node, string at)
    {
        var within = node switch
        {
            JsonObject record => record.Select(p => (Node: p.Value, At: $"{at}.{p.Key}")),
            JsonArray list => list.Select((item, i) => (Node: item, At: $"{at}[{i}]")),
            _ => [],
        };
        foreach (var (inner, place) in within.ToArray())
        {
            var isLayer =
                inner is JsonObject record
                && record.ContainsKey(JsonNames.Layer)
                && !record.ContainsKey(JsonNames.Term);
            _ = isLayer ? Layer(inner, place) : Inside(inner, place);
        }
        return null;
    }

    private Layer? InSlot(Layer? layer, Type slot, string at)
    {
        if (layer is null || slot.IsInstanceOfType(layer))
            return layer;
        var wanted = Ends(slot) is { } ends
            ? $"a layer that takes {LayerTypes.TextOf(ends.In)} and gives {LayerTypes.TextOf(ends.Out)}"
            : TypeName(slot);
        Wrong(at, Says(layer), $"{wanted} should stand here");
        return null;
    }

    private static string Says(Layer layer) => $"{TypeName(layer.GetType())} takes {layer.In} and gives {layer.Out}";

    /// <summary>The kinds between which a layer stands, as types; none of a slot for any layer.</summary>
    private static (Type In, Type Out)? Ends(Type layer) =>
        layer == typeof(Layer) ? null
        : layer.IsGenericType && layer.GetGenericTypeDefinition() == typeof(Layer<,>)
            ? (layer.GenericTypeArguments[0], layer.GenericTypeArguments[1])
        : layer.BaseType is { } above ? Ends(above)
        : null;

    /// <summary>Notes where the kinds of a sequence's steps or a sum's terms do not meet.</summary>
    private void Meet(Type type, string at)
    {
        if (!type.IsGenericType)
            return;
        var (from, to) = (type.GenericTypeArguments[0], type.GenericTypeArguments[^1]);
        if (type.GetGenericTypeDefinition() == typeof(Sum<,>) && items.TryGetValue($"{at}.addends", out var terms))
        {
            if (terms.Length < 2)
                Wrong($"{at}.addends", $"a sum of {terms.Length}", "give it two terms at least");
            foreach (var (term, i) in terms.Select((t, i) => (t as Layer, i)))
                _ = InSlot(term, typeof(Layer<,>).MakeGenericType(from, to), $"{at}.addends[{i}]");
        }
        if (type.GetGenericTypeDefinition() == typeof(Sequence<,>) && items.TryGetValue($"{at}.steps", out var steps))
        {
            var ends = steps.Select(s => s is Layer layer ? Ends(layer.GetType()) : null).ToArray();
            for (var i = 0; i <= steps.Length; i++)
            {
                var (given, taken) = (i == 0 ? from : ends[i - 1]?.Out, i == steps.Length ? to : ends[i]?.In);
                if (given is null || taken is null || given == taken)
                    continue;
                var (gives, takes) = (LayerTypes.TextOf(given), LayerTypes.TextOf(taken));
                if (i == steps.Length)
                    Wrong($"{at}.steps", $"the sequence ends with {gives}", $"by its kinds it gives {takes}");
                else
                {
                    var hint = i == 0 ? $"by its kinds the sequence takes {gives}" : $"the step before gives {gives}";
                    Wrong($"{at}.steps[{i}]", Says((Layer)steps[i]!), hint);
                }
            }
        }
    }

    private Layer? Checked(Layer? layer, string at)
    {
        if (layer is null)
            return null;
        if (layer is IEquation equation)
            errors.AddRange(Inference.Problems(equation.Body, layer.In, layer.Out, $"{at}.body"));
        // Sequences in sequences and sums in sums are flat as values, however they were written.
        return layer is ISequence or ISum ? layer.With(layer.Parts) : layer;
    }
}
