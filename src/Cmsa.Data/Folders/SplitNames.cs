namespace Cmsa.Data.Folders;

/// <summary>The split that a file belongs to by its name.</summary>
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

    /// <summary>The place of a split in a list: training first.</summary>
    public static int Rank(string split)
    {
        var rank = Known.IndexOf(split);
        return rank < 0 ? Known.Count : rank;
    }
}
