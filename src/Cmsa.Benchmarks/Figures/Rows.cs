using System.Globalization;
using Cmsa.Dsl.Display;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks.Figures;

/// <summary>Figures as people read them, a row a trial.</summary>
public static class Rows
{
    /// <summary>What the columns are.</summary>
    public static Many<string> Headings =>
        ["", "", "median", "least", "times faster", "memory", "predicted", "multiply-adds/s", "of a product"];

    /// <summary>The cells of a trial.</summary>
    /// <param name="tried">What came of it.</param>
    /// <param name="first">The time of what it is compared with.</param>
    /// <param name="rate">Multiply-adds a second of a plain product.</param>
    public static Many<string> Cells(Tried tried, Option<TimeSpan> first, double rate) =>
        [
            tried.Trial.Pass.Label,
            tried.Trial.Way.Label,
            .. tried.Outcome.Match(
                Left: why => (Many<string>)[$"{why}"],
                Right: measured => Figures(tried.Trial, measured, first, rate)
            ),
        ];

    private static Many<string> Figures(Trial trial, Measured measured, Option<TimeSpan> first, double rate)
    {
        var done = measured.Forecast.MultiplyAdds / measured.Times.Median.TotalSeconds;
        var isPredicted = trial.Pass == Pass.Forward && trial.Way != Backend.ByHand;
        return
        [
            Time(measured.Times.Median),
            measured.Times.Runs.Count > 1 ? Time(measured.Times.Least) : "one run",
            first.Match(Some: f => Ratio(f / measured.Times.Median), None: () => "-"),
            measured.Peak.Match(Some: Amounts.Memory, None: () => "not measured"),
            isPredicted ? Amounts.Memory(measured.Forecast.Peak) : "-",
            Amounts.Rounded((long)done),
            $"{Number(100 * done / rate, "0")} %",
        ];
    }

    /// <summary>Cells as a line of text.</summary>
    public static string Text(Many<string> cells) =>
        string.Concat(
                cells.Select(
                    (cell, i) =>
                        i switch
                        {
                            0 => $"  {cell,-15}",
                            1 => $"{cell,-17}",
                            _ when cells.Count < Headings.Count => cell,
                            _ => cell.PadLeft(Widths[i]),
                        }
                )
            )
            .TrimEnd();

    /// <summary>Two ways to one result, as a line of text.</summary>
    public static string Text(Shared shared) =>
        $"{shared.What,-54}{Time(shared.Apart.Least),10}{Time(shared.Together.Least),10}{Number(shared.Ratio, "0.000"),16}";

    /// <summary>How long the shared way would take at the rate of a plain product; none where its work is not known.</summary>
    public static Option<string> AtRate(Shared shared, double rate) =>
        shared.Work.Map(work =>
            $"  {Amounts.Rounded(work)} multiply-adds, {Time(TimeSpan.FromSeconds(work / rate))} at the rate of a plain product: "
            + $"it takes {Number(shared.Together.Least.TotalSeconds * rate / work, "0.00")} times as long"
        );

    /// <summary>
    /// What the trials of a comparison show in one sentence: how much faster the optimised model is than each other
    /// way.
    /// </summary>
    public static Option<string> Sentence(Many<Tried> tried) =>
        from optimised in tried.Find(t => t.Trial.Way == Backend.Optimised).Bind(t => t.Median)
        from others in tried
            .Filter(t => t.Trial.Way != Backend.Optimised)
            .Choose(t => t.Median.Map(m => $"{Ratio(m / optimised)} {t.Trial.Way.Label}"))
            is { IsEmpty: false } found
            ? Some(found)
            : None
        select $"  optimised is faster {string.Join(", ", others)}";

    /// <summary>Where the time of an optimised run goes, in one sentence; none where that is not known.</summary>
    public static Option<string> Parts(Many<Tried> tried) =>
        tried
            .Find(t => t.Trial.Way == Backend.Optimised)
            .Bind(t => t.Outcome.ToOption())
            .Map(m => m.Parts)
            .Filter(p => p.Count > 1)
            .Map(parts =>
                "  its time: "
                + string.Join(
                    ", ",
                    parts
                        .Filter(p => p.Share >= 0.005)
                        .Map(p =>
                            $"{(p.Part.Length == 0 ? "the model itself" : p.Part)} {Number(100 * p.Share, "0")} %"
                        )
                )
            );

    /// <summary>
    /// How often the factored softmax fell back in a comparison, in one sentence; none where it never did.
    /// </summary>
    public static Option<string> FallBacks(Many<Tried> tried) =>
        tried.Filter(t => Fallen(t) > 0) is { IsEmpty: false } fallen
            ? "  the factored softmax met logits too far apart and took the stable way: "
                + $"{string.Join(", ", fallen.Map(t => $"{Fallen(t)} times {t.Trial.Way.Label}"))}"
            : None;

    /// <summary>How often the factored softmax fell back in a trial.</summary>
    public static long Fallen(Tried tried) => tried.Outcome.Map(m => m.FallBacks).IfLeft(0);

    /// <summary>A growth as lines of text: for each way the exponent that fits.</summary>
    public static Many<string> Lines(Growth growth) =>
        [
            .. growth
                .Lines.Filter(l => l.Points.Count > 1)
                .Map(l =>
                    $"  {l.Way.Label, -17}time ~ {growth.Of}^{Number(l.Exponent, "0.00")}; {l.Points[^1].Size:0} "
                    + $"{growth.Of} take {Number(l.Rise, "0.00")} times as long as {l.Points[0].Size:0}   "
                    + $"({string.Join(", ", l.Points.Map(p => $"{p.Size:0}: {Time(TimeSpan.FromSeconds(p.Seconds))}"))})"
                ),
            .. growth.Missing.Map(m => $"  {m}"),
        ];

    /// <summary>A time to three digits.</summary>
    public static string Time(TimeSpan time) =>
        time.TotalSeconds switch
        {
            >= 1 => $"{Number(time.TotalSeconds, "0.00")} s",
            >= 0.1 => $"{Number(time.TotalMilliseconds, "0")} ms",
            _ => $"{Number(time.TotalMilliseconds, "0.0")} ms",
        };

    private static readonly Many<int> Widths = [17, 17, 10, 10, 14, 14, 12, 17, 14];

    private static string Ratio(double ratio) =>
        $"{Number(ratio, ratio >= 99.5 ? "0" : ratio >= 9.95 ? "0.0" : "0.00")}x";

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
