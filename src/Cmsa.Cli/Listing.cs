using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using LanguageExt;

namespace Cmsa.Cli;

/// <summary>What a command lists: lines for a person, or one JSON value for a program (<c>--json</c>).</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Json">
/// The value: an anonymous object, whose names are written in camel case. Its names and their meanings stay what they are
/// within a version of the schema; new ones may be added.
/// </param>
/// <param name="Code">The exit code.</param>
internal sealed record Listing(Func<Many<Line>> Lines, Func<object> Json, int Code = Application.Done)
{
    /// <summary>The version of all schemas.</summary>
    public const int Version = 1;

    /// <summary>The name of the option that asks for JSON.</summary>
    public const string Option = "--json";

    private static readonly JsonSerializerOptions form = new()
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Adds the option that asks for JSON to a command.</summary>
    public static void AddTo(Command command) =>
        command.Options.Add(
            new System.CommandLine.Option<bool>(Option)
            {
                Description = $"Print one JSON value in place of text, of schema cmsa.{command.Name} (docs/command.md).",
            }
        );

    /// <summary>Whether a command line asks for JSON.</summary>
    public static bool IsAsked(ParseResult line) =>
        line.CommandResult.Command.Options.FirstOrDefault(o => o.Name == Option) is { } option
        && line.GetResult(option) is { Implicit: false };

    /// <summary>Prints a listing as the command line asks; what kept the command from it goes to the error stream.</summary>
    public static int Print(ParseResult line, Either<Error, Listing> outcome) =>
        Application.Exit(
            outcome.Map(listing =>
            {
                if (IsAsked(line))
                    Console.Out.WriteLine(Text(line.CommandResult.Command.Name, listing.Json()));
                else
                    Terminal.Write(listing.Lines());
                return listing.Code;
            })
        );

    /// <summary>An error as a value.</summary>
    public static object Of(Error error) => new { error.What, error.Where, error.Hint };

    private static string Text(string command, object value)
    {
        var fields = JsonSerializer.SerializeToNode(value, form)!.AsObject();
        var whole = new JsonObject { ["schema"] = $"cmsa.{command}", ["version"] = Version };
        foreach (var (name, field) in fields)
            whole[name] = field?.DeepClone();
        return whole.ToJsonString(form).ReplaceLineEndings("\n");
    }
}
