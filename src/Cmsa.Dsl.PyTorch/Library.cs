using System.Text.RegularExpressions;

namespace Cmsa.Dsl.PyTorch;

/// <summary>
/// The Python functions that exported files are made of (library.py); a file gets a copy of those that it needs.
/// </summary>
internal static partial class Library
{
    /// <summary>A definition of library.py.</summary>
    /// <param name="Names">What it defines.</param>
    /// <param name="Section">The heading that it stands under.</param>
    /// <param name="Text">Its text.</param>
    private sealed record Definition(Many<string> Names, string Section, string Text);

    private static readonly Many<Definition> all = Read();

    /// <summary>Whether the library defines a name, so that no variable may have it.</summary>
    public static bool Defines(string name) => all.Exists(d => d.Names.Contains(name));

    /// <summary>
    /// The definitions that a text uses, and those that these use, in the library's order under its headings.
    /// </summary>
    public static string UsedBy(string text)
    {
        var used = new HashSet<Definition>();
        var open = new Stack<string>([text]);
        while (open.TryPop(out var at))
        {
            var words = Used().Matches(at).Select(m => m.Value).ToHashSet();
            foreach (var definition in all)
                if (definition.Names.Exists(words.Contains) && used.Add(definition))
                    open.Push(definition.Text);
        }
        var sections = all.Filter(used.Contains).GroupBy(d => d.Section);
        return string.Join(
            "\n\n\n",
            sections.Select(s => $"{s.Key}\n\n\n{string.Join("\n\n\n", s.Select(d => d.Text))}")
        );
    }

    private static Many<Definition> Read()
    {
        using var stream = typeof(Library).Assembly.GetManifestResourceStream("library.py")!;
        using var reader = new StreamReader(stream);
        var found = new List<Definition>();
        var section = "";
        foreach (var block in Blank().Split(reader.ReadToEnd().ReplaceLineEndings("\n").Trim()).Skip(1))
        {
            if (block.StartsWith("# ----", StringComparison.Ordinal))
                section = block;
            else
                found.Add(new(NamesOf(block), section, block));
        }
        return found.ToMany();
    }

    private static Many<string> NamesOf(string block) =>
        Defined().Matches(block).SelectMany(m => m.Groups[1].Value.Split(", ")).ToMany();

    [GeneratedRegex(@"\n\n\n")]
    private static partial Regex Blank();

    [GeneratedRegex(@"^(?:def |class )?([A-Z_a-z]+(?:, [A-Z_]+)*)(?:\(| =)", RegexOptions.Multiline)]
    private static partial Regex Defined();

    // What is called, what is inherited from, and constants.
    [GeneratedRegex(@"(?<![.\w])[A-Za-z_]\w*(?=\()|(?<=\()(?:Part|Folding)(?=\))|(?<![.\w])[A-Z_]{3,}(?!\w)")]
    private static partial Regex Used();
}
