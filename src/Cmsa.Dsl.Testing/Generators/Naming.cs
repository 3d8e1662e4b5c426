using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>Random names, sharing, fixing and probing of any layer.</summary>
internal static class Named
{
    public static Gen<Layer<A, B>> Randomly<A, B>(Gen<Layer<A, B>> layers) =>
        Choice.Of(
            () => from f in layers from label in Choice.Label select f.Named(label),
            () => from f in layers from path in Place select f.Shared(path),
            () => from f in layers select f.Frozen(),
            () => from f in layers select f.InFloat32(),
            () =>
                from f in layers
                from deviation in Gen.Elements(0.1, 0.5)
                select f.InitializedBy(new Initializer.Normal(deviation)),
            () => from f in layers from label in Choice.Label select f.Probed(label)
        );

    /// <summary>One layer used twice with the same weights, in a sum.</summary>
    public static Gen<Layer<A, B>> Twice<A, B>(Gen<Layer<A, B>> layers) =>
        from f in layers
        from path in Place
        from g in Functions.Any
        select f.Shared(path) + (g >> f.Shared(path));

    private static Gen<string> Place => from i in Gen.Choose(0, 1_000_000) select $"shared.f{i}";
}
