using System.Globalization;
using ScottPlot;

namespace Cmsa.Benchmarks.Figures;

/// <summary>Growth as pictures.</summary>
public static class Plots
{
    private const int Width = 860,
        Height = 360;

    /// <summary>
    /// A growth as SVG: seconds over the size, both axes logarithmic, a line each way with the exponent that fits.
    /// </summary>
    public static string Svg(Growth growth)
    {
        using var plot = new Plot();
        var lines = growth.Lines.Filter(l => !l.Points.IsEmpty);
        foreach (var line in lines)
        {
            var scatter = plot.Add.Scatter(
                line.Points.Select(p => Math.Log10(p.Size)).ToArray(),
                line.Points.Select(p => Math.Log10(p.Seconds)).ToArray(),
                Color.FromHex(Colour(line.Way))
            );
            scatter.LineWidth = 2;
            scatter.MarkerSize = 7;
            scatter.LegendText =
                line.Points.Count > 1
                    ? $"{line.Way.Label}: {growth.Of}^{line.Exponent.ToString("0.00", CultureInfo.InvariantCulture)}"
                    : line.Way.Label;
        }
        plot.Axes.Bottom.TickGenerator = Ticks(
            lines.Bind(l => l.Points.Map(p => p.Size)).Distinct(),
            size => size.ToString("0", CultureInfo.InvariantCulture)
        );
        plot.Axes.Left.TickGenerator = Ticks(
            Many.Range(9).Bind(i => (Many<double>)[Math.Pow(10, i - 5), 3 * Math.Pow(10, i - 5)]),
            Said
        );
        plot.XLabel(growth.Of);
        plot.YLabel("time of a forward pass");
        plot.ShowLegend(Edge.Right);
        return plot.GetSvgXml(Width, Height);
    }

    private static string Said(double seconds) =>
        Rows.Time(TimeSpan.FromSeconds(seconds))
            .Replace(".00", "", StringComparison.Ordinal)
            .Replace(".0", "", StringComparison.Ordinal);

    private static ScottPlot.TickGenerators.NumericManual Ticks(Many<double> at, Func<double, string> label) =>
        new([.. at.Select(Math.Log10)], [.. at.Select(label)]);

    private static string Colour(Backend way) =>
        way switch
        {
            Backend.AsWritten => "#9aa5b1",
            Backend.Fused => "#d64545",
            _ => "#2563b0",
        };
}
