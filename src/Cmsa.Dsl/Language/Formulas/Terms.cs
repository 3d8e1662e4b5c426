namespace Cmsa.Dsl;

/// <summary>Formulas as they are written.</summary>
internal static class Terms
{
    [ThreadStatic]
    private static int depth;

    [ThreadStatic]
    private static int uses;

    /// <summary>The number of one more application of a layer; <see cref="Numbered"/> makes it small.</summary>
    public static int NextUse() => ++uses;

    /// <summary>
    /// Writes a formula inside one more sum; its index is how many sums stand around it, so that equal formulas are
    /// equal values.
    /// </summary>
    public static T Nested<T>(Func<int, T> write)
    {
        try
        {
            return write(depth++);
        }
        finally
        {
            depth--;
        }
    }

    /// <summary>A scalar function that is one function.</summary>
    /// <exception cref="ArgumentException">
    /// C# adds two delegates by calling both and giving what the last one gives.
    /// </exception>
    public static Pointwise Single(Pointwise function) =>
        function.GetInvocationList().Length == 1
            ? function
            : throw new ArgumentException(
                "Scalar functions added as f + g; write their sum as a function: x => f(x) + g(x).",
                nameof(function)
            );

    /// <summary>A scalar formula as a formula over signals.</summary>
    public static Expression Open(Scalar scalar) =>
        scalar switch
        {
            Scalar.Embedded(var expression) => expression,
            Scalar.Number(var value) => new Expression.Number(value),
            Scalar.Call(var function, var of) => new Expression.Call(function, Open(of)),
            Scalar.Plus(var left, var right) => new Expression.Plus(Open(left), Open(right)),
            Scalar.Times(var left, var right) => new Expression.Times(Open(left), Open(right)),
            Scalar.Combined(var combination, var left, var right) => new Expression.Combined(
                combination,
                Open(left),
                Open(right)
            ),
            _ => throw new InvalidOperationException(
                "The symbol of a scalar function stands in an equation; apply the function to a term."
            ),
        };

    /// <summary>
    /// The formula with the uses of layers counted from 0: what is written twice, <c>(x &gt;&gt; f) + (x &gt;&gt;
    /// f)</c>, are two uses; a symbol that stands in it twice is one. So equal formulas are equal values.
    /// </summary>
    public static Expression Numbered(Expression body)
    {
        var done = new Dictionary<Expression, Expression>(ReferenceEqualityComparer.Instance);
        var known = new Dictionary<(Layer, Expression), List<int>>();
        return Of(body);

        Expression Of(Expression at) => done.TryGetValue(at, out var found) ? found : done[at] = Changed(at.Map(Of));

        Expression Changed(Expression at)
        {
            if (at is not Expression.Applied { Label.Length: 0 } applied)
                return at;
            if (!known.TryGetValue((applied.Layer, applied.To), out var raw))
                known[(applied.Layer, applied.To)] = raw = [];
            if (!raw.Contains(applied.Use))
                raw.Add(applied.Use);
            return applied with { Use = raw.IndexOf(applied.Use) };
        }
    }
}
