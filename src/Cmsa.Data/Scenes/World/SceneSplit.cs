namespace Cmsa.Data;

/// <summary>
/// Which split a scene may belong to. What the things are decides, whatever the seed, the flavour and the places: a
/// collection of things that one split shows is shown by no other.
/// </summary>
public static class SceneSplit
{
    /// <summary>The training split.</summary>
    public const string Train = "train";

    /// <summary>The validation split.</summary>
    public const string Validation = "val";

    /// <summary>The test split of a flavour that has one.</summary>
    public const string Test = "test";

    /// <summary>The test split that names round things, as UNC's names people.</summary>
    public const string TestA = "testA";

    /// <summary>The test split that names angular things, as UNC's names the other objects.</summary>
    public const string TestB = "testB";

    /// <summary>Whether things of these kinds, in any order, may stand in a scene of this split.</summary>
    public static bool Admits(string split, IEnumerable<Kind> kinds) =>
        (split, Share(kinds)) switch
        {
            (Train, < 5) => true,
            (Validation, 5) => true,
            (TestA, 6) => true,
            (TestB, 7) => true,
            (Test, 6 or 7) => true,
            _ => false,
        };

    /// <summary>Whether this split's expressions may name such a thing.</summary>
    internal static bool Names(string split, Kind kind) =>
        split switch
        {
            TestA => kind.Outline.IsRound,
            TestB => !kind.Outline.IsRound,
            _ => true,
        };

    private static int Share(IEnumerable<Kind> kinds) =>
        (int)(SplitMix.Mix(kinds.Aggregate(0UL, (sum, kind) => sum + SplitMix.Mix((ulong)kind.Code + 1))) >> 61);
}
