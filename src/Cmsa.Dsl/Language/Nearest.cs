using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl;

/// <summary>What somebody may have meant.</summary>
internal static class Nearest
{
    /// <summary>The name that takes fewest changes of a letter to get from what was written, if they are few.</summary>
    public static Option<string> To(string written, IEnumerable<string> names) =>
        names.Select(name => (Name: name, Distance: Distance(written.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(n => n.Distance <= Few(written))
            .OrderBy(n => n.Distance).ThenBy(n => n.Name, StringComparer.Ordinal)
            .Select(n => Some(n.Name)).FirstOrDefault();

    private static int Few(string written) => written.Length < 3 ? 1 : Math.Max(2, written.Length / 3);

    // Levenshtein's, a row at a time.
    private static int Distance(string a, string b) =>
        Math.Abs(a.Length - b.Length) > Few(a) ? int.MaxValue
        : a.Aggregate(Enumerable.Range(0, b.Length + 1).ToArray(), (above, letter) =>
        {
            var row = new int[b.Length + 1];
            row[0] = above[0] + 1;
            for (var i = 1; i <= b.Length; i++)
                row[i] = Math.Min(Math.Min(above[i], row[i - 1]) + 1, above[i - 1] + (b[i - 1] == letter ? 0 : 1));
            return row;
        })[^1];
}
