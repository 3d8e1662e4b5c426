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
    /// How many letters a line may have: the terminal's width, at least 120; in a pipe wide enough for every column.
    /// </summary>
    public static int Width =>
        Console.IsOutputRedirected ? PipeWidth : Math.Max(Dsl.Display.LayerTable.LeastWidth, AnsiConsole.Profile.Width);

    /// <summary>Writes lines, never wrapped.</summary>
    public static void Write(Many<Line> lines)
    {
        foreach (var line in lines)
            if (Console.IsOutputRedirected || line.Look == Look.Plain)
                Console.Out.WriteLine(line.Text);
            else
                Console.Out.WriteLine(Coloured(line));
    }

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
