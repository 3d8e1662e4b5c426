using System.Globalization;
using LanguageExt;

namespace Cmsa.Experiments.Reports;

/// <summary>The losses of a sweep of learning rates as SVG: a logarithmic axis of rates.</summary>
public static class RateChart
{
    private const int Width = 560,
        Height = 280,
        Left = 56,
        Right = 14,
        Top = 34,
        Bottom = 46;

    /// <summary>The chart, with a line at the rate that is suggested, if one is.</summary>
    /// <param name="points">The rates, two or more, each with its loss.</param>
    /// <param name="smoothed">The same, smoothed.</param>
    /// <param name="suggestion">The rate that is suggested, if any.</param>
    public static string Svg(
        Many<(double Rate, double Loss)> points,
        Many<(double Rate, double Loss)> smoothed,
        Option<double> suggestion
    )
    {
        // What diverges would press all else flat.
        var most = smoothed.Map(p => p.Loss).Take(5).Append(1e-9).Max() * 1.5;
        var (first, last) = (Math.Log10(points[0].Rate), Math.Log10(points[^1].Rate));
        double X(double rate) => Left + (Math.Log10(rate) - first) / Math.Max(last - first, 1e-9) * (Width - Left - Right);
        double Y(double loss) => Height - Bottom - Math.Clamp(loss / most, 0, 1) * (Height - Top - Bottom);
        string Path(IEnumerable<(double Rate, double Loss)> line) =>
            string.Join(' ', line.Select(p => $"{N(X(p.Rate))},{N(Y(p.Loss))}"));

        var decades = Enumerable
            .Range((int)Math.Ceiling(first), Math.Max(0, (int)Math.Floor(last) - (int)Math.Ceiling(first) + 1))
            .Select(power =>
                $"""<line x1="{N(X(Math.Pow(10, power)))}" x2="{N(X(Math.Pow(10, power)))}" y1="{Top}" """
                + $"""y2="{Height - Bottom}" stroke="#e4e7eb"/><text x="{N(X(Math.Pow(10, power)))}" """
                + $"""y="{Height - Bottom + 18}" text-anchor="middle">1e{power}</text>"""
            );
        var losses = Enumerable
            .Range(0, 5)
            .Select(i => most * i / 4)
            .Select(loss =>
                $"""<text x="{Left - 8}" y="{N(Y(loss) + 4)}" text-anchor="end">"""
                + $"""{loss.ToString("0.###", CultureInfo.InvariantCulture)}</text>"""
            );
        var suggested = suggestion.Match(
            rate =>
                $"""<line x1="{N(X(rate))}" x2="{N(X(rate))}" y1="{Top}" y2="{Height - Bottom}" stroke="#d64545" """
                + $"""stroke-dasharray="5 4"/><text x="{N(X(rate) + 5)}" y="{Top + 12}" fill="#d64545">"""
                + $"""{rate.ToString("0.0e-0", CultureInfo.InvariantCulture)}</text>""",
            () => ""
        );
        return $"""
            <svg viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" xmlns="http://www.w3.org/2000/svg"
             font-family="Helvetica, Arial, sans-serif" font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>
            <text x="{Left}" y="16">Loss a pixel over the learning rate, and smoothed</text>{string.Concat(decades)}{string.Concat(losses)}
            <polyline fill="none" stroke="#9aa5b1" points="{Path(points.Filter(p => double.IsFinite(p.Loss)))}"/>
            <polyline fill="none" stroke="#2563b0" stroke-width="2" points="{Path(smoothed)}"/>{suggested}
            <text x="{(Left + Width - Right) / 2}" y="{Height - 8}" text-anchor="middle">learning rate</text></svg>

            """;
    }

    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
