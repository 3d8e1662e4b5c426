using System.Globalization;

namespace Cmsa.Dsl.Display;

/// <summary>Numbers as people read them.</summary>
public static class Amounts
{
    /// <summary>A count, all its digits: <c>44,549,160</c>.</summary>
    public static string Exact(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A count to three digits: <c>17.9 G</c>.</summary>
    public static string Rounded(long count) => Scaled(count, 1000, ["", " k", " M", " G", " T", " P"]);

    /// <summary>An amount of memory to three digits, in powers of 1024: <c>24.5 MiB</c>.</summary>
    public static string Memory(long bytes) => Scaled(bytes, 1024, [" B", " KiB", " MiB", " GiB", " TiB", " PiB"]);

    private static string Scaled(long number, int step, string[] units)
    {
        var power = (int)Math.Min(units.Length - 1, Math.Log(Math.Max(1, number), step));
        var scaled = number / Math.Pow(step, power);
        var format =
            power == 0 || scaled >= 99.95 ? "0"
            : scaled >= 9.995 ? "0.0"
            : "0.00";
        return scaled.ToString(format, CultureInfo.InvariantCulture) + units[power];
    }
}
