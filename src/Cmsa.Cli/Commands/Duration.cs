using System.Globalization;
using System.Text.RegularExpressions;
using LanguageExt;

namespace Cmsa.Cli.Commands;

/// <summary>Stretches of time as people write them: <c>20m</c>, <c>1h30m</c>, <c>90s</c>.</summary>
internal static partial class Duration
{
    [GeneratedRegex(
        @"^(?:(?<h>\d+(?:\.\d+)?)h)?(?:(?<m>\d+(?:\.\d+)?)m)?(?:(?<s>\d+(?:\.\d+)?)s)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Form { get; }

    /// <summary>The time that a text says; an error where it says none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="option">The option it was given to.</param>
    public static Either<Error, TimeSpan> Read(string text, string option)
    {
        var match = Form.Match(text);
        var seconds = 3600 * Number("h") + 60 * Number("m") + Number("s");
        return match.Success && seconds is > 0 and < 1e8
            ? TimeSpan.FromSeconds(seconds)
            : new Error($"{text} is no time", option, "write such as 20m, 1h30m or 90s");

        double Number(string group) =>
            match.Groups[group] is { Success: true } found
                ? double.Parse(found.Value, CultureInfo.InvariantCulture)
                : 0;
    }
}
