using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tables;

/// <summary>How far two orders agree (Kendall 1938, 1945).</summary>
public static class Kendall
{
    /// <summary>
    /// Tau-b of pairs of numbers: pairs of pairs in the same order less those in opposite orders, over the geometric
    /// mean of how many are not tied on either side. 1: the same order; -1: the opposite one; none where all are tied
    /// on a side, or there are fewer than two.
    /// </summary>
    public static Option<double> Tau(Many<(double Left, double Right)> pairs)
    {
        var signs = (
            from i in Enumerable.Range(0, pairs.Count)
            from j in Enumerable.Range(0, i)
            select (Left: Math.Sign(pairs[i].Left - pairs[j].Left), Right: Math.Sign(pairs[i].Right - pairs[j].Right))
        ).ToArray();
        var (left, right) = (signs.Count(s => s.Left != 0), signs.Count(s => s.Right != 0));
        return left == 0 || right == 0 ? None : signs.Sum(s => s.Left * s.Right) / Math.Sqrt((double)left * right);
    }
}
