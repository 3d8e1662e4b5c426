using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>What a file of pretrained weights gives a backbone.</summary>
/// <param name="From">The file.</param>
/// <param name="Loaded">The paths of the backbone's parameters and statistics that it gives.</param>
/// <param name="Missing">Those that it does not have.</param>
/// <param name="Misshapen">Those that it has in another shape.</param>
/// <param name="LeftOut">Its tensors that have no place in the backbone, with the file's names.</param>
public sealed record BackboneReport(
    Pretrained From,
    Many<string> Loaded,
    Many<NamedShape> Missing,
    Many<Misshapen> Misshapen,
    Many<NamedShape> LeftOut
)
{
    private const int Few = 4;

    private const string Hint =
        "give the weights of the network that the model has or, where names differ, a text file with --mapping "
        + "MAPFILE: a line 'pattern -> replacement' each, from the file's names to the model's";

    internal static BackboneReport Of(Pretrained from, WeightsFile file, Func<string, string?> names, LoadReport report)
    {
        var placed = report.Loaded.Concat(report.Misshapen.Select(m => m.Name)).ToHashSet();
        return new(
            from,
            report.Loaded,
            report.Missing.Filter(m => Pretrained.IsBelow(m.Name)),
            report.Misshapen,
            file.Tensors.Filter(t =>
                    !Weights.IsCounter(t.Name) && !(names(t.Name) is { } name && placed.Contains(name))
                )
                .Map(t => new NamedShape(t.Name, t.Sizes))
        );
    }

    /// <summary>How many tensors the backbone has.</summary>
    public int Wanted => Loaded.Count + Missing.Count + Misshapen.Count;

    /// <summary>Why a backbone cannot start from this: a part of it would stay random.</summary>
    public Option<Error> Problem =>
        Wanted == 0
            ? new Error(
                "the model has no backbone for pretrained weights",
                $"{From.File}",
                "name the part of the model that they are for: .Named(\"backbone\")"
            )
        : Loaded.Count == Wanted ? None
        : Loaded.IsEmpty && Misshapen.IsEmpty
            ? new Error(
                $"none of its tensors fits the backbone: it has {Listed(LeftOut.Map(t => t.Name))}; the model has "
                    + $"{Listed(Missing.Map(m => m.Name))}",
                From.File,
                Hint
            )
        : new Error(
            string.Join(
                "; ",
                (Many<string>)
                    [
                        $"it gives only {Loaded.Count} of the backbone's {Wanted} tensors",
                        .. Missing.IsEmpty ? (Many<string>)[] : [$"missing: {Listed(Missing.Map(m => $"{m}"))}"],
                        .. Misshapen.IsEmpty
                            ? (Many<string>)[]
                            : [$"of another shape: {Listed(Misshapen.Map(m => $"{m}"))}"],
                        .. LeftOut.IsEmpty ? (Many<string>)[] : [$"fits nowhere: {Listed(LeftOut.Map(t => t.Name))}"],
                    ]
            ),
            From.File,
            Hint
        );

    /// <summary>All of it, a tensor a line.</summary>
    /// <param name="scale">How pixels become numbers for it.</param>
    public string Text(PixelNormalization scale) =>
        string.Join(
            '\n',
            (Many<string>)
                [
                    From.File,
                    $"SHA-256 {From.Sha256}",
                    $"pixels as {scale}",
                    .. From.Mapping.Length == 0
                        ? (Many<string>)["names as torchvision's"]
                        : ["names by this mapping:", .. From.Mapping.Split('\n').Select(line => $"  {line}")],
                    $"{Loaded.Count} of {Wanted} backbone tensors from the file:",
                    .. Loaded.Map(name => $"  {name}"),
                    $"{LeftOut.Count} left out:",
                    .. LeftOut.Map(t => $"  {t}"),
                    "",
                ]
        );

    /// <summary>One line: how many tensors of which file, and the first few that were left out.</summary>
    public override string ToString() =>
        $"{Loaded.Count} of {Wanted} tensors from {From}{(LeftOut.IsEmpty ? "" : $"; left out: {Listed(LeftOut.Map(t => t.Name))}")}";

    private static string Listed(Many<string> names) =>
        names.IsEmpty
            ? "nothing"
            : $"{string.Join(", ", names.Take(Few))}{(names.Count > Few ? $" and {names.Count - Few} more" : "")}";
}
