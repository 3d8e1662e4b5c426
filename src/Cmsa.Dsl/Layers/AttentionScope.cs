namespace Cmsa.Dsl.Layers;

/// <summary>What a place-and-word attends to (CVPR 2019, table 3).</summary>
public enum AttentionScope
{
    /// <summary>Itself alone: no attention.</summary>
    None,

    /// <summary>The words at its place: p' = p.</summary>
    Words,

    /// <summary>The places of its word: n' = n.</summary>
    Pixels,

    /// <summary>The other words at the other places, and itself: p' != p and n' != n.</summary>
    Pairs,

    /// <summary>All words at all places.</summary>
    All,
}
