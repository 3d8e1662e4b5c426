using System.Text.RegularExpressions;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// From the names of tensors in other people's files to the paths of a model's parameters: functions for the
/// <c>mapping</c> of <see cref="Weights.Load(Compiled, string, bool, Func{string, string?}, string)"/>. Null leaves a
/// tensor out.
/// </summary>
public static class Mappings
{
    private static readonly Many<string> heads = ["fc.", "classifier.", "aux_classifier."];

    /// <summary>
    /// Torchvision's networks as a backbone: names go below <c>backbone.</c>, where its segmentation models already
    /// have them, and the classifier is left out.
    /// </summary>
    public static Func<string, string?> Torchvision { get; } =
        name =>
            heads.Exists(head => name.StartsWith(head, StringComparison.Ordinal)) ? null
            : name.StartsWith("backbone.", StringComparison.Ordinal) ? name
            : $"backbone.{name}";

    /// <summary>
    /// A mapping from text. A line is <c>pattern -> replacement</c>: a regular expression without lookaround, and what
    /// replaces each match
    /// (<c>$1</c> is its first group). Each line changes the result of the lines before it; what becomes empty is left
    /// out. Blank lines and
    /// comments after <c>#</c> do nothing.
    /// <code>
    /// # DeepLab's Caffe names
    /// ^bn(\d)    -> norm$1
    /// ^fc8_.*    ->
    /// </code>
    /// </summary>
    /// <param name="text">The lines.</param>
    /// <param name="path">The file they are from, for messages.</param>
    /// <returns>The mapping; an error for each line that is not of this form.</returns>
    public static Validation<Error, Func<string, string?>> Parse(string text, string path = "mapping")
    {
        var lines = text.Split('\n')
            .Select((line, i) => (Line: line.Trim(), Number: i + 1))
            .Where(l => l.Line.Length > 0 && l.Line[0] != '#')
            .Select(l => Rule(l.Line, l.Number, path))
            .ToArray();
        var wrong = lines.SelectMany(l => l.LeftToSeq()).ToArray();
        var rules = lines.SelectMany(l => l.RightToSeq()).ToMany();
        return wrong.Length > 0
            ? Fail<Error, Func<string, string?>>(toSeq(wrong))
            : Success<Error, Func<string, string?>>(name => Mapped(name, rules));
    }

    /// <summary>The mapping in a file, as <see cref="Parse"/> reads it.</summary>
    public static Validation<Error, Func<string, string?>> Read(string path) =>
        Weights.Guarded(path, () => File.ReadAllText(path)).ToValidation().Bind(text => Parse(text, path));

    private static string? Mapped(string name, Many<(Regex Pattern, string Replacement)> rules)
    {
        var mapped = rules.Fold(name, (changed, rule) => rule.Pattern.Replace(changed, rule.Replacement));
        return mapped.Length > 0 ? mapped : null;
    }

    private static Either<Error, (Regex Pattern, string Replacement)> Rule(string line, int number, string path)
    {
        if (line.Split("->") is not [var pattern, var replacement])
            return new Error($"line {number} is not a rule: {line}", path, "write pattern -> replacement");
        try
        {
            var regex = new Regex(pattern.Trim(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return (regex, replacement.Trim());
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            var why = refused.Message.Split('\n')[0].TrimEnd('.');
            return new Error($"line {number} has a regular expression that is not read: {why}", path);
        }
    }
}
