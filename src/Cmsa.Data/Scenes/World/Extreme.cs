namespace Cmsa.Data;

/// <summary>A way to stand out among several things.</summary>
public enum Extreme
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

/// <summary>What extremes mean.</summary>
public static class Extremes
{
    extension(Extreme extreme)
    {
        /// <summary>Whether it speaks of where things are, not of how big they are.</summary>
        public bool IsPlace => extreme is not (Extreme.Biggest or Extreme.Smallest);

        /// <summary>Whether the first thing lies beyond the second in this direction.</summary>
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
