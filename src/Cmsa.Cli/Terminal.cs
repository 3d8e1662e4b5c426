using System.Globalization;
using Spectre.Console;

namespace Cmsa.Cli;

/// <summary>How a line looks in a terminal.</summary>
public enum Look
{
    /// <summary>As it is.</summary>
    Plain,

    /// <summary>What names columns or parts.</summary>
    Heading,

    /// <summary>What is there for completeness.</summary>
    Quiet,

    /// <summary>What was added.</summary>
    Added,

    /// <summary>What was taken away or does not fit.</summary>
    Removed,
}

/// <summary>A line of output.</summary>
/// <param name="Text">The line.</param>
/// <param name="Look">How it looks in a terminal; plain where there is none.</param>
public sealed record Line(string Text, Look Look = Look.Plain);

/// <summary>The terminal: colours where there is one, plain text in a pipe or a file.</summary>
public static class Terminal
{
    private const int PipeWidth = 180;

    /// <summary>
    /// How many letters a line may have: as many as the variable <c>COLUMNS</c> says, otherwise the terminal's width; in a
    /// pipe wide enough for every column. What has no narrower form is longer.
    /// </summary>
    public static int Width =>
        Columns is { } columns ? columns
        : Console.IsOutputRedirected ? PipeWidth
        : AnsiConsole.Profile.Width;

    /// <summary>Whether there is a width that lines are fitted to: a terminal's, or that of <c>COLUMNS</c>.</summary>
    internal static bool HasWidth => Columns is not null || !Console.IsOutputRedirected;

    private static int? Columns =>
        int.TryParse(
            Environment.GetEnvironmentVariable("COLUMNS"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var columns
        )
        && columns > 0
            ? columns
            : null;

    /// <summary>
    /// Whether nothing but results and errors is written: no progress, notes, warnings or next steps. The command line of
    /// this process says so.
    /// </summary>
    internal static bool IsQuiet { get; set; }

    /// <summary>The option that asks for it.</summary>
    internal static System.CommandLine.Option<bool> QuietOption() =>
        new("--quiet", "-q")
        {
            Description = "Write nothing but results and errors: no progress, notes, warnings or next steps.",
            Recursive = true,
        };

    /// <summary>Writes one plain line that is neither a result nor an error, unless it is quiet.</summary>
    internal static void Remark(string text)
    {
        if (!IsQuiet)
            Write(text);
    }

    /// <summary>Writes one line that warns to the error stream, unless it is quiet.</summary>
    internal static void Warn(string text)
    {
        if (!IsQuiet)
            Complain(text);
    }

    /// <summary>Writes lines, never wrapped.</summary>
    public static void Write(Many<Line> lines)
    {
        foreach (var line in lines.Map(l => l with { Text = Clean(l.Text) }))
            if (Console.IsOutputRedirected || line.Look == Look.Plain)
                Console.Out.WriteLine(line.Text);
            else
                Console.Out.WriteLine(Coloured(line));
    }

    /// <summary>Writes one plain line.</summary>
    public static void Write(string text) => Write([new(text)]);

    /// <summary>Writes one plain line above a progress bar.</summary>
    public static void WriteAbove(string text) => AnsiConsole.WriteLine(Clean(text));

    /// <summary>Writes one line to the error stream.</summary>
    public static void Complain(string text)
    {
        try
        {
            Console.Error.WriteLine(Clean(text.ReplaceLineEndings(" ")));
        }
        // A closed error stream has nobody who could be told.
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException) { }
    }

    /// <summary>
    /// A text whose control characters are written out, as <c>\u001B</c>: a name in a file must not move the cursor,
    /// colour the terminal or turn the direction of writing.
    /// </summary>
    public static string Clean(string text) => text.Any(IsControl) ? string.Concat(text.Select(Shown)) : text;

    private static bool IsControl(char letter) =>
        char.IsControl(letter)
        || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static string Shown(char letter) =>
        IsControl(letter) ? FormattableString.Invariant($"\\u{(int)letter:X4}") : $"{letter}";

    private static string Coloured(Line line)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(text),
                Ansi = AnsiConsole.Profile.Capabilities.Ansi ? AnsiSupport.Yes : AnsiSupport.No,
            }
        );
        console.Profile.Width = line.Text.Length + 1;
        console.Write(new Text(line.Text, Style(line.Look)));
        return text.ToString();
    }

    private static Style Style(Look look) =>
        look switch
        {
            Look.Heading => new(decoration: Decoration.Bold),
            Look.Quiet => new(foreground: Color.Grey),
            Look.Added => new(foreground: Color.Green),
            Look.Removed => new(foreground: Color.Red),
            _ => Spectre.Console.Style.Plain,
        };
}
