using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Cmsa.Cli;

/// <summary>
/// What options take, checked before it is converted: <c>1,5</c> is no number, and a name that an option does not know
/// is answered with those it knows.
/// </summary>
internal static class OptionValues
{
    /// <summary>Checks the numbers and names of every option of a command and of the commands below it.</summary>
    public static void Check(Command command)
    {
        foreach (var option in command.Options)
            option.Validators.Add(Check);
        foreach (var below in command.Subcommands)
            Check(below);
    }

    /// <summary>What is wrong with a text as a value of a type; null where nothing is.</summary>
    internal static string? Problem(Type type, string text)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain switch
        {
            { IsEnum: true } => Name(plain, text),
            _ when plain == typeof(double) => IsNumber(text)
                ? null
                : $"{text} is not a number; write such as 0.5, with a point before the decimals",
            _ when plain == typeof(int) => Whole(text, int.MaxValue),
            _ when plain == typeof(ulong) => Whole(text, ulong.MaxValue),
            _ => null,
        };
    }

    private static void Check(OptionResult given)
    {
        var problem = given
            .Tokens.Select(token => Problem(given.Option.ValueType, token.Value))
            .FirstOrDefault(p => p is not null);
        if (problem is not null)
            given.AddError($"{given.Option.Name}: {problem}");
    }

    private static bool IsNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number);

    private static string? Whole<T>(string text, T most)
        where T : INumberBase<T> =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            ? null
            : $"{text} is not a whole number; write such as 20, at most {most}";

    // A number would be taken for the name at that place.
    private static string? Name(Type type, string text)
    {
        var names = Enum.GetNames(type);
        if (names.Contains(text, StringComparer.OrdinalIgnoreCase))
            return null;
        var near = Nearest.Hint(text, names);
        var known = $"choose one of {string.Join(", ", names)}";
        return $"there is no {text}; {(near.Length == 0 ? known : near)}";
    }
}
