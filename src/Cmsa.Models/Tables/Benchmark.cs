namespace Cmsa.Models.Tables;

/// <summary>A data set as the paper evaluates on it (CVPR 2019, section 4.1).</summary>
/// <param name="Name">Its name in the paper.</param>
/// <param name="Refer">The data set of REFER and whose division into splits, as <c>refcoco/unc</c>.</param>
/// <param name="Scenes">The built-in scenes whose language is of the same flavour.</param>
/// <param name="Splits">The splits that the paper evaluates.</param>
public sealed record Benchmark(string Name, string Refer, string Scenes, Many<string> Splits)
{
    /// <summary>UNC: RefCOCO.</summary>
    public static Benchmark Unc { get; } = new("UNC", "refcoco/unc", "scenes/unc", ["val", "testA", "testB"]);

    /// <summary>UNC+: RefCOCO+, whose expressions have no words of location.</summary>
    public static Benchmark UncPlus { get; } = new("UNC+", "refcoco+/unc", "scenes/unc+", ["val", "testA", "testB"]);

    /// <summary>G-Ref: RefCOCOg, whose expressions are long.</summary>
    public static Benchmark GRef { get; } = new("G-Ref", "refcocog/google", "scenes/gref", ["val"]);

    /// <summary>ReferIt: RefCLEF.</summary>
    public static Benchmark ReferIt { get; } = new("ReferIt", "refclef/berkeley", "scenes/referit", ["test"]);

    /// <summary>All four, in the order of table 1.</summary>
    public static Many<Benchmark> All { get; } = [Unc, UncPlus, GRef, ReferIt];

    /// <summary>One of its splits as a column of a table.</summary>
    public Column this[string split] => new(this, split);

    /// <summary>All its splits as columns.</summary>
    public Many<Column> Columns => Splits.Map(split => this[split]);
}

/// <summary>A column of a table: overall IoU on one split.</summary>
/// <param name="Benchmark">The data set.</param>
/// <param name="Split">The split, as REFER names it.</param>
public sealed record Column(Benchmark Benchmark, string Split)
{
    /// <summary>Such as <c>UNC testA</c>.</summary>
    public override string ToString() => $"{Benchmark.Name} {Split}";
}
