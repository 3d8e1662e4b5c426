using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Testing;

/// <summary>
/// What is true of every layer that is well written, yours too: <c>Laws.BatchIsItsSamples(new SqueezeExcite(4),
/// InputSpec.FeatureMap(8, 5, 5)).Check()</c>, or returned from a property on random layers:
/// <c>example.Obeys(Laws.BatchIsItsSamples)</c>.
/// </summary>
public static partial class Laws
{
    /// <summary>
    /// A layer is a value: made again of the same parts, of its constructor's arguments or of its JSON it is equal,
    /// with an equal hash and the same text, and other parts that it is given are its parts.
    /// </summary>
    public static Verdict IsAValue<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "a layer made again is the same value",
            () =>
            {
                var everything = Placement.Of(layer).All.Map(p => p.Layer).Distinct();
                return Same(layer, Again(layer), "of the same parts")
                    + everything.Bind(each => Rebuilt(each))
                    + Read(layer)
                    + everything.Bind(each => TakesParts(each));
            }
        );

    private static Many<string> Same(Layer layer, object? again, string how) =>
        Sentences(
            (layer.Equals(again), $"{again} is not equal to {layer} when made again {how}"),
            (again?.GetHashCode() == layer.GetHashCode(), $"{layer} has another hash when made again {how}"),
            ($"{again}" == $"{layer}", $"{layer} is shown as {again} when made again {how}")
        );

    private static Many<string> Rebuilt(Layer layer)
    {
        if (Schema.TryOf(layer.GetType()).Case is not Schema schema)
            return [$"the constructor of {layer.GetType().Name} takes what is no property of it"];
        return Same(
            layer,
            schema.Constructor.Invoke([.. schema.Fields.Select(field => Copy(field.Of(layer)))]),
            "of its constructor's arguments"
        );
    }

    // A list that is compared by reference does not equal its copy.
    private static object? Copy(object? value) =>
        value switch
        {
            Array array => array.Clone(),
            { } list
                when list.GetType() is { IsGenericType: true } type
                    && type.GetGenericTypeDefinition() == typeof(List<>) => Activator.CreateInstance(type, list),
            _ => value,
        };

    private static Many<string> Read(Layer layer)
    {
        try
        {
            return Json.Read(Json.Write(layer))
                .Match(
                    Succ: read => Same(layer, read, "of its JSON"),
                    Fail: errors => [$"{layer} is not read back from its JSON: {string.Join("; ", errors)}"]
                );
        }
        catch (ArgumentException unwritten)
        {
            return [$"{layer} is not written as JSON: {unwritten.Message}"];
        }
    }

    private static Many<string> TakesParts(Layer layer)
    {
        var marked = layer.Parts.Map(Marked);
        return marked.IsEmpty || layer.With(marked).Parts == marked
            ? []
            : [$"{layer} given other parts has not those parts; override With beside Parts"];
    }

    private static Layer Marked(Layer layer)
    {
        var type = layer.GetType();
        while (!type!.IsGenericType || type.GetGenericTypeDefinition() != typeof(Layer<,>))
            type = type.BaseType;
        return (Layer)
            Activator.CreateInstance(typeof(Named<,>).MakeGenericType(type.GenericTypeArguments), "marked", layer)!;
    }

    /// <summary>
    /// A layer shows itself: its text and its program's are whole, the same each time, and name the parts; every place
    /// has a path of its own.
    /// </summary>
    public static Verdict ShowsItself<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "a layer shows what it is made of",
            () =>
            {
                var text = $"{layer}";
                var graph = Program(layer, inputs);
                return Sentences(
                    (text.Length > 0 && text == $"{layer}", "its text is empty, or changes"),
                    (
                        !text.Contains('`', StringComparison.Ordinal)
                            && !text.Contains("System.", StringComparison.Ordinal)
                            && !text.Contains("Cmsa.", StringComparison.Ordinal),
                        $"its text shows a name of .NET: {text}"
                    ),
                    (Depth(text) == 0, $"its brackets do not match: {text}"),
                    (
                        layer.Parts.ForAll(part =>
                            Dense(text).Contains(Dense($"{part}"), StringComparison.Ordinal)
                            || part.Parts.Count > 0
                            || part is Identity<A> or Identity<B>
                        ),
                        $"a part is missing from {text}"
                    ),
                    ($"{graph}".Split('\n').Length == graph.Nodes.Count, "its program has not one line a value"),
                    ($"{graph}" == $"{Program(layer, inputs)}", "its program is shown otherwise the second time")
                );

                static int Depth(string text) =>
                    text.Aggregate(
                        0,
                        (depth, c) =>
                            depth
                            + (
                                c is '(' or '[' ? 1
                                : c is ')' or ']' ? -1
                                : 0
                            )
                    );
            }
        );

    /// <summary>Replacing a part by the same part gives an equal layer.</summary>
    public static Verdict ReplacingByTheSameChangesNothing<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "a part replaced by itself leaves the layer as it was",
            () =>
                Sentences([
                    .. layer.Everything.Map(place =>
                        (
                            layer
                                .Replace(p => ReferenceEquals(p, place) || p.Path == place.Path, part => part with { })
                                .Equals(layer),
                            $"the part at '{place.Path}', {place.Layer}, replaced by itself gives another layer"
                        )
                    ),
                ])
        );

    // Where lines are broken depends on what stands around a text.
    private static string Dense(string text) => string.Concat(text.Where(sign => !char.IsWhiteSpace(sign)));

    private static Layer Again(Layer layer) => layer.With(layer.Parts.Map(Again)) with { };

    private static Graph Program(Layer layer, InputSpec inputs) =>
        layer
            .At(inputs)
            .Match(
                Succ: graph => graph,
                Fail: errors => throw new MisfitException($"{layer} does not fit {inputs}: {string.Join("; ", errors)}")
            );

    private static Many<string> Sentences(params Many<(bool Holds, string Otherwise)> laws) =>
        laws.Filter(l => !l.Holds).Map(l => l.Otherwise);
}
