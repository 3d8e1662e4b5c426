namespace Cmsa.Data.Scenes.World;

/// <summary>Where two things are relative to each other. Distances are in thousandths of the picture's side.</summary>
internal static class Judgement
{
    private const int Apart = 18;
    private const int Near = 60;
    private const int Far = 95;
    private const int Margin = 40;
    private const int Lean = 30;

    /// <summary>
    /// Whether every relation between the two is clear: they are clearly apart, one is clearly farther left, one is
    /// clearly higher, one of these two distances is clearly greater, and they are clearly next to each other or
    /// clearly not.
    /// </summary>
    public static bool AreClear(Thing a, Thing b) =>
        Math.Abs(a.Column - b.Column) >= Margin
        && Math.Abs(a.Row - b.Row) >= Margin
        && Math.Abs(Sideways(a, b)) >= Lean
        && !Within(a, b, Apart)
        && (Within(a, b, Near) || !Within(a, b, Far));

    /// <summary>The horizontal distance minus the vertical one.</summary>
    public static int Sideways(Thing a, Thing b) => Math.Abs(a.Column - b.Column) - Math.Abs(a.Row - b.Row);

    /// <summary>Whether they are so close that nothing fits between them.</summary>
    public static bool AreNear(Thing a, Thing b) => Within(a, b, Near);

    private static bool Within(Thing a, Thing b, int gap)
    {
        var (rows, columns, reach) = (a.Row - b.Row, a.Column - b.Column, a.Kind.Reach + b.Kind.Reach + gap);
        return rows * rows + columns * columns <= reach * reach;
    }
}
