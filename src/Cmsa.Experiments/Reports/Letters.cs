namespace Cmsa.Experiments.Reports;

/// <summary>Letters of 5 x 7 pixels, so that a picture can carry a caption on a machine that has no fonts.</summary>
internal static class Letters
{
    /// <summary>Rows of a line of text.</summary>
    public const int Height = 9;

    private const int Advance = 6;
    private const string Known = "abcdefghijklmnopqrstuvwxyz0123456789'-.,/+()?";

    // Five columns a letter, two hexadecimal digits each, the lowest bit on top.
    private static readonly byte[] columns = Convert.FromHexString(
        "2054545478"
            + "7F48444438"
            + "3844444420"
            + "384444487F"
            + "3854545418"
            + "087E090102"
            + "0C5252523E"
            + "7F08040478"
            + "00447D4000"
            + "2040443D00"
            + "7F10284400"
            + "00417F4000"
            + "7C04180478"
            + "7C08040478"
            + "3844444438"
            + "7C14141408"
            + "081414187C"
            + "7C08040408"
            + "4854545420"
            + "043F444020"
            + "3C4040207C"
            + "1C2040201C"
            + "3C4030403C"
            + "4428102844"
            + "0C5050503C"
            + "4464544C44"
            + "3E5149453E"
            + "00427F4000"
            + "4261514946"
            + "2141454B31"
            + "1814127F10"
            + "2745454539"
            + "3C4A494930"
            + "0171090503"
            + "3649494936"
            + "064949291E"
            + "0005030000"
            + "0808080808"
            + "0060600000"
            + "0050300000"
            + "2010080402"
            + "08083E0808"
            + "001C224100"
            + "0041221C00"
            + "0201510906"
    );

    /// <summary>
    /// A text in lines of at most some pixels, broken between words; a longer word has a line of its own.
    /// </summary>
    public static IReadOnlyList<string> Lines(string text, int width) =>
        text.Split(' ')
            .Aggregate(
                new List<string>(),
                (lines, word) =>
                {
                    if (lines.Count > 0 && (lines[^1].Length + 1 + word.Length) * Advance <= width)
                        lines[^1] += $" {word}";
                    else
                        lines.Add(word);
                    return lines;
                }
            );

    /// <summary>The black pixels of a line of text.</summary>
    public static IEnumerable<(int Row, int Column)> Of(string text) =>
        from letter in text.ToLowerInvariant()
            .Select((c, i) => (Glyph: c == ' ' ? -1 : Known.IndexOf(c, StringComparison.Ordinal), Left: i * Advance))
        where letter.Glyph >= 0
        from column in Enumerable.Range(0, 5)
        from row in Enumerable.Range(0, 8)
        where (columns[5 * letter.Glyph + column] >> row & 1) == 1
        select (row, letter.Left + column);
}
