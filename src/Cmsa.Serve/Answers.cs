using System.Diagnostics;
using Cmsa.Experiments.Scoring;

namespace Cmsa.Serve;

/// <summary>A word of an expression, as the page shows it.</summary>
/// <param name="Text">The word.</param>
/// <param name="Use">Whether the model knows it: <c>known</c>, <c>unknown</c>, or <c>cut</c>.</param>
internal sealed record WordAnswer(string Text, string Use)
{
    /// <summary>All words of an expression.</summary>
    public static Many<WordAnswer> Of(AskedWords words)
    {
        var taken = words.Tokens.Count - words.Cut.Count;
        return
        [
            .. words.Tokens.Select(
                (text, i) => new WordAnswer(text, i >= taken ? "cut" : words.Unknown.Contains(text) ? "unknown" : "known")
            ),
        ];
    }
}

/// <summary>A mask, as the page takes it.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Runs">
/// The lengths of runs of equal pixels, row by row; the first run is outside the mask, and may be empty.
/// </param>
/// <param name="Share">The mask's share of the picture, in percent.</param>
/// <param name="Words">The words of the expression.</param>
/// <param name="Milliseconds">How long the server took.</param>
internal sealed record MaskAnswer(
    int Height,
    int Width,
    int[] Runs,
    double Share,
    Many<WordAnswer> Words,
    double Milliseconds
)
{
    /// <summary>The mask of an expression.</summary>
    public static MaskAnswer Of(OpenPicture picture, AskedWords words)
    {
        var start = Stopwatch.GetTimestamp();
        var mask = picture.Mask(words.Tokens, picture.Shown);
        var runs = RunsOf(mask.Pixels);
        var share = Math.Round(100.0 * mask.Area / mask.Pixels.Length, 2);
        return new(mask.Height, mask.Width, runs, share, WordAnswer.Of(words), Clock.Since(start));
    }

    /// <summary>The lengths of runs of 0 and 1 in turn, 0 first.</summary>
    internal static int[] RunsOf(byte[] pixels)
    {
        var runs = new List<int>();
        var (value, begin) = (0, 0);
        for (var at = 0; at < pixels.Length; at++)
            if (pixels[at] != value)
            {
                runs.Add(at - begin);
                (value, begin) = (pixels[at], at);
            }
        runs.Add(pixels.Length - begin);
        return [.. runs];
    }
}

/// <summary>Where the words look, as the page takes it.</summary>
/// <param name="Height">Rows of each map.</param>
/// <param name="Width">Columns of each map.</param>
/// <param name="Maps">A map for each word that the model takes: base64 of a byte a pixel, row by row.</param>
/// <param name="Milliseconds">How long the server took.</param>
internal sealed record MapsAnswer(int Height, int Width, Many<string> Maps, double Milliseconds)
{
    /// <summary>The maps of an expression's words.</summary>
    public static MapsAnswer Of(OpenPicture picture, AskedWords words)
    {
        var start = Stopwatch.GetTimestamp();
        var maps = picture.Maps(words.Tokens).Map(map => Text(map.Values));
        return new(picture.MapSize.Height, picture.MapSize.Width, maps, Clock.Since(start));
    }

    private static string Text(float[] values) =>
        Convert.ToBase64String(Array.ConvertAll(values, v => (byte)MathF.Round(255 * v)));
}

/// <summary>Times for the page.</summary>
internal static class Clock
{
    /// <summary>Milliseconds since a time stamp, to a tenth.</summary>
    public static double Since(long start) => Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1);
}
