using System.Globalization;

namespace Cmsa.Experiments.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Colour">In which colour, as CSS has it.</param>
/// <param name="Points">Its points, from left to right.</param>
public sealed record Curve(string Name, string Colour, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Small charts as SVG.</summary>
public static class Chart
{
    private const int Width = 560,
        Left = 52,
        Right = 14,
        Bottom = 34,
        Plot = 182,
        LongName = 24;

    /// <summary>Colours that are told apart beside one another, for curves of no colour of their own.</summary>
    public static IReadOnlyList<string> Colours { get; } =
    [
        "#2563b0",
        "#d64545",
        "#57ae5b",
        "#e8912d",
        "#7d4fb3",
        "#1f9aa6",
        "#b5548f",
        "#7a6a53",
        "#374b66",
        "#a3b030",
        "#000000",
        "#8f9bab",
    ];

    /// <summary>Lines over steps; the vertical axis starts at 0.</summary>
    /// <param name="title">What the chart shows.</param>
    /// <param name="curves">The lines.</param>
    /// <param name="levels">Horizontal lines to compare with, each with a name.</param>
    public static string Svg(
        string title,
        IReadOnlyList<Curve> curves,
        params IReadOnlyList<(string Name, double Y)> levels
    )
    {
        // Two names find room beside the title, more stand below it.
        var beside = curves.Count < 3;
        var namesALine = curves.Any(c => c.Name.Length > LongName) ? 2 : 3;
        var top = 34 + (beside ? 0 : 17 * ((curves.Count + namesALine - 1) / namesALine));
        var height = top + Plot + Bottom;
        var points = curves.SelectMany(c => c.Points).ToArray();
        var most = Nice(points.Select(p => p.Y).Concat(levels.Select(l => l.Y)).Append(1e-9).Max());
        var last = points.Select(p => p.X).Append(1).Max();
        double X(double x) => Left + x / last * (Width - Left - Right);
        double Y(double y) => height - Bottom - Math.Min(y / most, 1) * Plot;
        var lines = Enumerable
            .Range(0, 5)
            .Select(i => most * i / 4)
            .Select(y =>
                $"""<line x1="{Left}" x2="{Width - Right}" y1="{N(Y(y))}" y2="{N(Y(y))}" stroke="#e4e7eb"/>"""
                + $"""<text x="{Left - 8}" y="{N(Y(y) + 4)}" text-anchor="end">{y.ToString("0.###", CultureInfo.InvariantCulture)}</text>"""
            );
        var steps = Enumerable
            .Range(0, 5)
            .Select(i => last * i / 4)
            .Select(x =>
                $"""<text x="{N(X(x))}" y="{height - Bottom + 18}" text-anchor="{(x < last ? "middle" : "end")}">"""
                + $"""{x.ToString("#,0", CultureInfo.InvariantCulture)}</text>"""
            );
        var compared = levels.Select(l =>
            $"""<line x1="{Left}" x2="{Width - Right}" y1="{N(Y(l.Y))}" y2="{N(Y(l.Y))}" stroke="#9aa5b1" stroke-dasharray="5 4"/>"""
            + $"""<text x="{Width - Right}" y="{N(Y(l.Y) - 5)}" text-anchor="end">{Page.Text(l.Name)}</text>"""
        );
        var drawn = curves.Select(c =>
            $"""<polyline fill="none" stroke="{c.Colour}" stroke-width="2" stroke-linejoin="round" """
            + $"""points="{string.Join(' ', c.Points.Select(p => $"{N(X(p.X))},{N(Y(p.Y))}"))}"/>"""
        );
        var legend =
            curves.Count < 2
                ? []
                : curves
                    .Select(
                        (c, i) =>
                            (
                                Curve: c,
                                X: beside
                                    ? Width - Right - 130 * (curves.Count - i)
                                    : Left + i % namesALine * (Width - Left - Right) / namesALine,
                                Y: beside ? 10 : 28 + i / namesALine * 17
                            )
                    )
                    .Select(at =>
                        $"""<rect x="{at.X}" y="{at.Y}" width="14" height="4" rx="2" fill="{at.Curve.Colour}"/>"""
                        + $"""<text x="{at.X + 20}" y="{at.Y + 6}">{Page.Text(at.Curve.Name)}</text>"""
                    );
        return $"""
            <svg viewBox="0 0 {Width} {height}" xmlns="http://www.w3.org/2000/svg" class="chart">
            <text x="{Left}" y="16" class="title">{Page.Text(
                title
            )}</text>{string.Concat(lines)}{string.Concat(steps)}{string.Concat(compared)}{string.Concat(
                drawn
            )}{string.Concat(legend)}</svg>
            """;
    }

    // The next of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten.
    private static double Nice(double most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return new[] { 1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10 }.First(m => m * power >= most * .999) * power;
    }

    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
