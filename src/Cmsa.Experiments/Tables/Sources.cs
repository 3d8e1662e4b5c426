using Cmsa.Experiments.Specs;
using Cmsa.Models;
using Cmsa.Models.Tables;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>Which data fill the columns of a table.</summary>
public static class Sources
{
    /// <summary>
    /// A table with the data for its columns. <c>scenes</c> or <c>refer</c>: all its benchmarks, drawn or REFER's;
    /// otherwise one benchmark, by its name in the paper (<c>UNC+</c>) or its data's (<c>scenes/unc+</c>,
    /// <c>refcoco+/unc</c>), whose columns the table then has, also where the paper's had others.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="dataset">
    /// What is asked for; empty: REFER's data where their folder is given, scenes otherwise.
    /// </param>
    /// <param name="root">The folder of REFER's data sets.</param>
    /// <param name="sizes">Of the models: pictures of scenes are drawn no smaller than these take them.</param>
    public static Either<Error, (Table Table, Many<(Benchmark Benchmark, DataSpec Data)> Sources)> Of(
        Table table,
        string dataset,
        string root,
        Sizes sizes
    )
    {
        var own = table.Columns.Map(c => c.Benchmark).Distinct();
        var known = (own + Benchmark.All).Distinct();
        return dataset.ToLowerInvariant() switch
        {
            "" => All(own, root.Length == 0),
            "scenes" => All(own, true),
            "refer" => All(own, false),
            var name => known
                .Find(b => Same(name, b.Name) || Same(name, b.Scenes) || Same(name, b.Refer))
                .Match(
                    found => One(found, Same(name, found.Scenes) || (!Same(name, found.Refer) && root.Length == 0)),
                    () =>
                        Left(
                            new Error(
                                "no such data set for a table",
                                dataset,
                                "a folder of data sets is given with --root; there are scenes, refer, "
                                    + $"{string.Join(", ", known.Bind(b => (Many<string>)[b.Name, b.Scenes, b.Refer]).Distinct())}"
                            )
                        )
                ),
        };

        Either<Error, (Table, Many<(Benchmark, DataSpec)>)> All(Many<Benchmark> benchmarks, bool scenes) =>
            (table, benchmarks.Map(b => Source(b, scenes)));

        Either<Error, (Table, Many<(Benchmark, DataSpec)>)> One(Benchmark benchmark, bool scenes) =>
            (
                own.Contains(benchmark) ? table : table with { Columns = benchmark.Columns },
                (Many<(Benchmark, DataSpec)>)[Source(benchmark, scenes)]
            );

        (Benchmark, DataSpec) Source(Benchmark benchmark, bool scenes)
        {
            if (!scenes)
                return (benchmark, new DataSpec(benchmark.Refer, root));
            var drawn = new DataSpec(benchmark.Scenes);
            return (benchmark, drawn with { Size = Math.Max(drawn.Size, sizes.Image) });
        }
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
