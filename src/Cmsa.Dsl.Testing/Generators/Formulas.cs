namespace Cmsa.Dsl.Testing.Generators;

/// <summary>Random formulas, written with <c>Define</c> as an author writes them.</summary>
internal static class Formulas
{
    /// <summary>A layer of one map: terms in x, learnt numbers, layers applied to terms.</summary>
    public static Gen<Layer<FeatureMap, FeatureMap>> OfOne(Map map, int depth) =>
        from layer in Maps.To(map, map, depth)
        from label in Choice.Label
        from write in Write<Term<FeatureMap>>(
            2,
            layer,
            label,
            [() => Gen.Constant<Func<Term<FeatureMap>, Term<FeatureMap>>>(x => x)],
            (f, x) => f(x)
        )
        select Define<FeatureMap, FeatureMap>(x => write(x));

    /// <summary>
    /// A layer of all levels, which are of one size: sums over them inside sums, gates, learnt numbers.
    /// </summary>
    public static Gen<Layer<Levels<FeatureMap>, FeatureMap>> OfLevels(Map map, Many<string> names) =>
        from layer in Maps.To(map, map, 0)
        from gates in Gen.Elements(Gate(1), Gate(map.Channels))
        from label in Choice.Label
        from body in Write<(LevelTerms<FeatureMap> X, Level I)>(
            2,
            layer,
            label,
            OfOneLevel(names, gates, label),
            (f, x) => f(x)
        )
        from others in Write<(LevelTerms<FeatureMap> X, Level I)>(
            1,
            layer,
            label,
            OfOneLevel(names, gates, label),
            (f, x) => f(x)
        )
        from shape in Gen.Choose(0, 3)
        select Define<FeatureMap>(x =>
            shape switch
            {
                0 => x.Sum(i => body((x, i))),
                1 => x.Sum(i => body((x, i)) + x.Others(i).Sum(j => Learnable($"gamma-{label}", 0.5) * others((x, j)))),
                2 => x.Sum(i => x[i] * x.Sum(j => others((x, j)) * body((x, i)))),
                _ => x[names[0]] + x.Sum(i => x[i] - x.Others(i).Sum(j => x[j] * body((x, i)))),
            }
        );

    private static Layer<FeatureMap, FeatureMap> Gate(int channels) => Conv(channels, 3) >> Sigmoid;

    private static Func<Gen<Func<(LevelTerms<FeatureMap> X, Level I), Term<FeatureMap>>>>[] OfOneLevel(
        Many<string> names,
        Layer<FeatureMap, FeatureMap> gate,
        string label
    ) =>
        [
            () => Gen.Constant<Func<(LevelTerms<FeatureMap> X, Level I), Term<FeatureMap>>>(at => at.X[at.I]),
            () =>
                Gen.Elements(names.ToArray())
                    .Select(name => new Func<(LevelTerms<FeatureMap> X, Level I), Term<FeatureMap>>(at => at.X[name])),
            () =>
                Gen.Constant<Func<(LevelTerms<FeatureMap> X, Level I), Term<FeatureMap>>>(at =>
                    at.X.Each(gate, $"gate-{label}")[at.I] * at.X[at.I]
                ),
            () =>
                Gen.Constant<Func<(LevelTerms<FeatureMap> X, Level I), Term<FeatureMap>>>(at =>
                    (1 - at.X.Each(gate, $"gate-{label}")[at.I]) * Tanh(at.X[at.I])
                ),
        ];

    private static Gen<Func<X, Term<FeatureMap>>> Write<X>(
        int depth,
        Layer<FeatureMap, FeatureMap> layer,
        string label,
        Func<Gen<Func<X, Term<FeatureMap>>>>[] leaves,
        Func<Func<X, Term<FeatureMap>>, X, Term<FeatureMap>> at
    )
    {
        Gen<Func<X, Term<FeatureMap>>> Part() => Write(depth - 1, layer, label, leaves, at);
        Func<Gen<Func<X, Term<FeatureMap>>>> Two(Func<Term<FeatureMap>, Term<FeatureMap>, Term<FeatureMap>> combine) =>
            () =>
                from f in Part()
                from g in Part()
                select new Func<X, Term<FeatureMap>>(x => combine(at(f, x), at(g, x)));
        Func<Gen<Func<X, Term<FeatureMap>>>> One(Func<Term<FeatureMap>, Term<FeatureMap>> change) =>
            () => from f in Part() select new Func<X, Term<FeatureMap>>(x => change(at(f, x)));

        return Choice.Of(
            depth,
            leaves,
            [
                Two((a, b) => a + b),
                Two((a, b) => a - b),
                Two((a, b) => a * Sigmoid(b)),
                Two((a, b) => a / (2 + Tanh(b))),
                One(a => 1 - a),
                One(a => -a),
                One(a => Tanh(a)),
                One(a => Learnable($"scale-{label}", 0.7) * a),
                One(a => 0.5 * a + 0.25),
                One(a => a >> layer),
                One(a => a >> layer.Named($"again-{label}")),
                One(a => a >> Relu),
            ]
        );
    }
}
