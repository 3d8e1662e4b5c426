using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa;

/// <summary>What a person may have meant by a name that does not exist.</summary>
public static class Nearest
{
    /// <summary>
    /// The name that takes fewest edits to get from what was written, if they are few; letter case does not count.
    /// </summary>
    /// <param name="written">What was written.</param>
    /// <param name="names">The names that exist.</param>
    public static Option<string> To(string written, IEnumerable<string> names)
    {
        var limit = written.Length < 3 ? 1 : Math.Max(2, written.Length / 3);
        return names
            .Select(name =>
                (Name: name, Distance: Distance(written.ToLowerInvariant(), name.ToLowerInvariant(), limit))
            )
            .Where(n => n.Distance <= limit)
            .OrderBy(n => n.Distance)
            .ThenBy(n => n.Name, StringComparer.Ordinal)
            .Select(n => Some(n.Name))
            .FirstOrDefault();
    }

    /// <summary>A hint that names the nearest: <c>did you mean conv?</c>; empty where none is near.</summary>
    /// <inheritdoc cref="To"/>
    public static string Hint(string written, IEnumerable<string> names) =>
        To(written, names).Map(name => $"did you mean {name}?").IfNone("");

    /// <summary>
    /// The names that come nearest, nearest first: those that contain what was written, and those that take few edits.
    /// </summary>
    /// <param name="written">What was written.</param>
    /// <param name="names">The names that exist.</param>
    /// <param name="most">How many are given at most.</param>
    public static Many<string> Several(string written, IEnumerable<string> names, int most)
    {
        var key = Key(written);
        return
        [
            .. names
                .Select(name => (Name: name, Limit: Math.Max(2, name.Length / 2), Key: Key(name)))
                .Select(n =>
                    (
                        n.Name,
                        n.Limit,
                        Distance: key.Length > 1 && n.Key.Contains(key, StringComparison.Ordinal)
                            ? 1
                            : Distance(key, n.Key, n.Limit)
                    )
                )
                .Where(n => n.Distance <= n.Limit)
                .OrderBy(n => n.Distance)
                .ThenBy(n => n.Name, StringComparer.Ordinal)
                .Select(n => n.Name)
                .Take(most),
        ];
    }

    /// <summary>A name without what does not matter: its letters and digits in lower case.</summary>
    public static string Key(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    // Levenshtein's distance, a row at a time.
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit)
            return int.MaxValue;
        var above = Enumerable.Range(0, b.Length + 1).ToArray();
        foreach (var letter in a)
        {
            var row = new int[b.Length + 1];
            row[0] = above[0] + 1;
            for (var i = 1; i <= b.Length; i++)
            {
                var replaced = above[i - 1] + (b[i - 1] == letter ? 0 : 1);
                row[i] = Math.Min(Math.Min(above[i], row[i - 1]) + 1, replaced);
            }
            above = row;
        }
        return above[^1];
    }
}
