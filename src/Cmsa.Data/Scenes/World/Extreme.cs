namespace Cmsa.Data.Scenes.World;

/// <summary>A superlative: how a thing differs from all others.</summary>
internal enum Extreme
{
    /// <summary>Farthest to the left.</summary>
    Leftmost,

    /// <summary>Farthest to the right.</summary>
    Rightmost,

    /// <summary>Highest in the picture.</summary>
    Topmost,

    /// <summary>Lowest in the picture.</summary>
    Bottommost,

    /// <summary>Bigger than the others.</summary>
    Biggest,

    /// <summary>Smaller than the others.</summary>
    Smallest,
}

/// <summary>The meaning of superlatives.</summary>
internal static class Extremes
{
    extension(Extreme extreme)
    {
        /// <summary>Whether it is about where things are, not about how big they are.</summary>
        public bool IsPlace => extreme is not (Extreme.Biggest or Extreme.Smallest);

        /// <summary>Whether the first thing is more extreme than the second.</summary>
        public bool Beyond(Thing a, Thing b) =>
            extreme switch
            {
                Extreme.Leftmost => a.Column < b.Column,
                Extreme.Rightmost => a.Column > b.Column,
                Extreme.Topmost => a.Row < b.Row,
                Extreme.Bottommost => a.Row > b.Row,
                Extreme.Biggest => a.Kind.Bulk > b.Kind.Bulk,
                _ => a.Kind.Bulk < b.Kind.Bulk,
            };
    }
}
