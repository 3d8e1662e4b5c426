namespace Cmsa.Data.Samples;

/// <summary>The names of splits that data sets share.</summary>
internal static class SplitNames
{
    /// <summary>The training split.</summary>
    public const string Train = "train";

    private static readonly Many<string> Known = [Train, "val", "testA", "testB", "testC", "test"];

    /// <summary>
    /// The known split that the file is called after, or begins a word of its name; else the training split.
    /// </summary>
    /// <param name="path">The path of the file: <c>val.jsonl</c>, <c>instances_val2017.json</c>.</param>
    public static string Of(string path)
    {
        var words = Path.GetFileNameWithoutExtension(path).Split('_', '-', '.', ' ');
        return Known.Find(split => words.Any(word => word.TrimEnd("0123456789".ToCharArray()) == split)).IfNone(Train);
    }

    /// <summary>
    /// Splits in their usual order: training first, those with other names last and by their letters.
    /// </summary>
    public static Many<string> InOrder(IEnumerable<string> splits) =>
        [.. splits.OrderBy(Rank).ThenBy(split => split, StringComparer.Ordinal)];

    private static int Rank(string split)
    {
        var rank = Known.IndexOf(split);
        return rank < 0 ? Known.Count : rank;
    }
}
