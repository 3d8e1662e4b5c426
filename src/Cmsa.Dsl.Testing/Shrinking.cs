using System.Reflection;

namespace Cmsa.Dsl.Testing;

/// <summary>
/// Smaller layers like a layer, of the same kinds: what a failing property is reduced with. It works on layers of your
/// own too.
/// </summary>
public static class Shrinking
{
    /// <summary>Smaller examples that still fit.</summary>
    public static IEnumerable<Example<A, B>> Of<A, B>(Example<A, B> example) =>
        Of(example.Layer, example.Extent)
            .Select(layer => example with { Layer = layer })
            .Concat(
                Of(example.Extent)
                    .Where(inputs => example.Layer.At(inputs).IsSuccess)
                    .Select(inputs => example with { Extent = inputs })
            );

    /// <summary>Smaller layers that fit the same sizes.</summary>
    public static IEnumerable<Layer<A, B>> Of<A, B>(Layer<A, B> layer, InputSpec inputs) =>
        Smaller(layer)
            .Distinct()
            .OfType<Layer<A, B>>()
            .Where(smaller => !smaller.Equals(layer) && smaller.At(inputs).IsSuccess);

    /// <summary>Smaller sizes.</summary>
    public static IEnumerable<InputSpec> Of(InputSpec inputs) =>
        inputs switch
        {
            InputSpec.Tensor(var kind, var shape) => shape
                .Dimensions.Filter(d => d.Size > 1)
                .SelectMany(d =>
                    new[] { 1, d.Size / 2, d.Size - 1 }
                        .Distinct()
                        .Where(size => size >= 1)
                        .Select(size => (InputSpec)new InputSpec.Tensor(kind, shape.With(d.Axis, size)))
                ),
            InputSpec.Both(var first, var second) => Of(first)
                .Select(f => f & second)
                .Concat(Of(second).Select(s => first & s)),
            InputSpec.Each(var levels) => Enumerable
                .Range(0, levels.Count)
                .SelectMany(i =>
                    Of(levels[i].Inputs)
                        .Select(e =>
                            (InputSpec)new InputSpec.Each([.. levels.Select((l, j) => i == j ? (l.Name, e) : l)])
                        )
                ),
            _ => [],
        };

    private static IEnumerable<Layer> Smaller(Layer layer)
    {
        if (layer.In == layer.Out && Nothing(layer) is { } nothing && !nothing.Equals(layer))
            yield return nothing;
        foreach (var part in layer.Parts)
            if (part.In == layer.In && part.Out == layer.Out)
                yield return part;
        for (var length = layer.Parts.Count; length > 0; length--)
            for (var start = 0; start + length <= layer.Parts.Count; start++)
                if (Without(layer, start, length) is { } shorter)
                    yield return shorter;
        foreach (var formula in Formulas(layer))
            yield return formula;
        for (var i = 0; i < layer.Parts.Count; i++)
            foreach (var smaller in Smaller(layer.Parts[i]))
                yield return layer.With([.. layer.Parts.Select((part, j) => i == j ? smaller : part)]);
    }

    /// <summary>
    /// A sequence without a stretch that ends in the kind that it begins in, or a sum without some terms.
    /// </summary>
    private static Layer? Without(Layer layer, int start, int length)
    {
        Many<Layer> rest = [.. layer.Parts.Take(start), .. layer.Parts.Skip(start + length)];
        return Is(layer, typeof(Sequence<,>))
            && layer.Parts[start].In == layer.Parts[start + length - 1].Out
            && !rest.IsEmpty
                ? layer.With(rest)
            : Is(layer, typeof(Sum<,>)) && rest.Count > 1 ? layer.With(rest)
            : null;
    }

    /// <summary>An equation with an operand in the place of a sum, a product or a function.</summary>
    private static IEnumerable<Layer> Formulas(Layer layer) =>
        Is(layer, typeof(Equation<,>)) && layer.GetType().GetProperty("Body")!.GetValue(layer) is Expression body
            ? Smaller(body).Select(smaller => (Layer)Activator.CreateInstance(layer.GetType(), smaller)!)
            : [];

    private static IEnumerable<Expression> Smaller(Expression at) =>
        at switch
        {
            Expression.Plus(var left, var right) =>
            [
                left,
                right,
                .. Smaller(left).Select(l => new Expression.Plus(l, right)),
                .. Smaller(right).Select(r => new Expression.Plus(left, r)),
            ],
            Expression.Times(var left, var right) =>
            [
                left,
                right,
                .. Smaller(left).Select(l => new Expression.Times(l, right)),
                .. Smaller(right).Select(r => new Expression.Times(left, r)),
            ],
            Expression.Call(var function, var of) => [of, .. Smaller(of).Select(o => new Expression.Call(function, o))],
            Expression.Applied applied => Smaller(applied.To).Select(to => applied with { To = to }),
            Expression.SumOver sum => Smaller(sum.Body).Select(body => sum with { Body = body }),
            _ => [],
        };

    private static Layer? Nothing(Layer layer)
    {
        var type = layer.GetType();
        while (type is not null && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Layer<,>)))
            type = type.BaseType;
        return type is null
            ? null
            : (Layer?)Activator.CreateInstance(typeof(Identity<>).MakeGenericType(type.GenericTypeArguments[0]));
    }

    private static bool Is(Layer layer, Type definition) =>
        layer.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == definition;
}
