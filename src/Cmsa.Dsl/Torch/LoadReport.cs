namespace Cmsa.Dsl.Torch;

/// <summary>What loading a file did to a model.</summary>
/// <param name="Loaded">The paths of the parameters and statistics that the file gave.</param>
/// <param name="Missing">Those that it does not have, with the model's shapes; they are unchanged.</param>
/// <param name="Unexpected">
/// Tensors of the file that the model has no place for, with the file's names and shapes.
/// </param>
/// <param name="Misshapen">Those whose shape in the file is not the model's; they are unchanged.</param>
public sealed record LoadReport(
    Many<string> Loaded,
    Many<NamedShape> Missing,
    Many<NamedShape> Unexpected,
    Many<Misshapen> Misshapen
)
{
    private const int Shown = 20;

    /// <summary>Whether the file and the model have the same tensors.</summary>
    public bool Fits => Missing.IsEmpty && Unexpected.IsEmpty && Misshapen.IsEmpty;

    /// <summary>How many tensors fit, and what does not: of each sort the count and the first twenty.</summary>
    public override string ToString()
    {
        Many<string> lines =
        [
            $"{Loaded.Count} tensors fit",
            .. Group("missing from the file", Missing),
            .. Group("unknown to the model", Unexpected),
            .. Group("of another shape", Misshapen),
        ];
        return string.Join('\n', lines);
    }

    /// <summary>Why a file whose tensors are not the model's was not loaded.</summary>
    internal Error Unfit(string path) =>
        new(
            "the file does not fit the model, and nothing was loaded",
            path,
            $"load with strict: false to take what fits, or with a mapping of names\n{this}"
        );

    private static Many<string> Group<T>(string title, Many<T> of)
    {
        if (of.IsEmpty)
            return [];
        var shown = of.Take(Shown).Map(x => $"  {x}");
        Many<string> more = of.Count > Shown ? [$"  and {of.Count - Shown} more"] : [];
        return [$"{of.Count} {title}:", .. shown, .. more];
    }
}

/// <summary>A tensor's name and the lengths of its axes.</summary>
/// <param name="Name">The name, in a file or in a model.</param>
/// <param name="Sizes">The lengths, outermost first.</param>
public sealed record NamedShape(string Name, Many<long> Sizes)
{
    /// <summary>Name and lengths: <c>conv1.weight [64, 3, 7, 7]</c>.</summary>
    public override string ToString() => $"{Name} {Sizes}";
}

/// <summary>A tensor whose shape in the file is not the model's.</summary>
/// <param name="Name">The parameter's path in the model.</param>
/// <param name="Found">The lengths of its axes in the file.</param>
/// <param name="Expected">Those in the model.</param>
public sealed record Misshapen(string Name, Many<long> Found, Many<long> Expected)
{
    /// <summary>Name, what was found and what was expected.</summary>
    public override string ToString() => $"{Name} {Found}, expected {Expected}";
}
