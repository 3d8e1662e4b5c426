namespace Cmsa.Dsl.Torch;

/// <summary>Why weights were not loaded or saved.</summary>
public abstract record WeightsError
{
    private WeightsError() { }

    /// <summary>A file that cannot be read or written, or is not what it should be.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="What">What is wrong with it.</param>
    /// <param name="Hint">What to do about it; empty where nothing is known to help.</param>
    public sealed record Unusable(string Path, string What, string Hint = "") : WeightsError
    {
        /// <summary>One line: file, what, hint.</summary>
        public override string ToString() => Hint.Length == 0 ? $"{Path}: {What}" : $"{Path}: {What}; {Hint}";
    }

    /// <summary>A file whose tensors are not the model's, where all had to be. Nothing was changed.</summary>
    /// <param name="Path">The file.</param>
    /// <param name="Report">What would have been loaded, and what does not fit.</param>
    public sealed record Unfit(string Path, LoadReport Report) : WeightsError
    {
        /// <summary>The file, and what does not fit: of each sort the count and the first twenty.</summary>
        public override string ToString() =>
            $"{Path}: the file does not fit the model, and nothing was loaded; load with strict: false to take what fits, or with a mapping of names\n{Report}";
    }
}

/// <summary>What loading a file did to a model.</summary>
/// <param name="Loaded">The paths of the parameters and statistics that the file gave.</param>
/// <param name="Missing">Those that it does not have, with the model's shapes; they stay as they were.</param>
/// <param name="Unexpected">Tensors of the file that the model has no place for, with the file's names and shapes.</param>
/// <param name="Misshapen">Those whose shape in the file is not the model's; they stay as they were.</param>
public sealed record LoadReport(Many<string> Loaded, Many<NamedShape> Missing, Many<NamedShape> Unexpected, Many<Misshapen> Misshapen)
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
            .. Group("missing from the file", Missing), .. Group("unknown to the model", Unexpected), .. Group("of another shape", Misshapen),
        ];
        return string.Join('\n', lines);
    }

    private static Many<string> Group<T>(string title, Many<T> of) => of.IsEmpty ? []
        : [$"{of.Count} {title}:", .. of.Take(Shown).Map(x => $"  {x}"), .. of.Count > Shown ? new[] { $"  and {of.Count - Shown} more" } : []];
}

/// <summary>A tensor's name and the lengths of its axes.</summary>
/// <param name="Name">The name, in a file or in a model.</param>
/// <param name="Sizes">The lengths, outermost first.</param>
public sealed record NamedShape(string Name, Many<long> Sizes)
{
    /// <summary>Name and lengths: <c>conv1.weight [64, 3, 7, 7]</c>.</summary>
    public override string ToString() => $"{Name} {Sizes}";
}

/// <summary>A tensor that is there in another shape.</summary>
/// <param name="Name">The parameter's path in the model.</param>
/// <param name="Found">The lengths of its axes in the file.</param>
/// <param name="Expected">Those in the model.</param>
public sealed record Misshapen(string Name, Many<long> Found, Many<long> Expected)
{
    /// <summary>Name, what was found and what was expected.</summary>
    public override string ToString() => $"{Name} {Found}, expected {Expected}";
}
