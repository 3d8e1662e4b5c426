namespace Cmsa.Data.Scenes.World;

/// <summary>
/// The splits of scenes. The kinds of the things decide the split, whatever the seed, the flavour and the places: two
/// splits never show the same collection of things.
/// </summary>
internal static class SceneSplit
{
    /// <summary>The training split.</summary>
    public const string Train = "train";

    /// <summary>The validation split.</summary>
    public const string Validation = "val";

    /// <summary>The test split of a flavour that has one.</summary>
    public const string Test = "test";

    /// <summary>The test split that names round things, where UNC's names people.</summary>
    public const string TestA = "testA";

    /// <summary>The test split that names angular things, where UNC's names other objects.</summary>
    public const string TestB = "testB";

    /// <summary>Whether a scene of this split may have things of these kinds, in any order.</summary>
    public static bool Admits(string split, IEnumerable<ThingKind> kinds) =>
        (split, Share(kinds)) switch
        {
            (Train, < 5) => true,
            (Validation, 5) => true,
            (TestA, 6) => true,
            (TestB, 7) => true,
            (Test, 6 or 7) => true,
            _ => false,
        };

    /// <summary>Whether an expression of this split may name a thing of this kind.</summary>
    public static bool Names(string split, ThingKind kind) =>
        split switch
        {
            TestA => kind.Outline.IsRound,
            TestB => !kind.Outline.IsRound,
            _ => true,
        };

    private static int Share(IEnumerable<ThingKind> kinds) =>
        (int)(SplitMix.Mix(kinds.Aggregate(0UL, (sum, kind) => sum + SplitMix.Mix((ulong)kind.Code + 1))) >> 61);
}
