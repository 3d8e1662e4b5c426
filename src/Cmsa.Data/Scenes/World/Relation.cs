namespace Cmsa.Data.Scenes.World;

/// <summary>The relations of one thing to another.</summary>
internal enum Relation
{
    /// <summary>To its left, and more to its left than above or below it.</summary>
    LeftOf,

    /// <summary>To its right, and more to its right than above or below it.</summary>
    RightOf,

    /// <summary>Above it, and more above it than to a side of it.</summary>
    Above,

    /// <summary>Below it, and more below it than to a side of it.</summary>
    Below,

    /// <summary>So close that nothing fits between them.</summary>
    NextTo,

    /// <summary>Of a bigger bulk.</summary>
    BiggerThan,

    /// <summary>Of a smaller bulk.</summary>
    SmallerThan,

    /// <summary>Of the same paint.</summary>
    ColoredLike,
}

/// <summary>The meaning of relations.</summary>
internal static class Relations
{
    extension(Relation relation)
    {
        /// <summary>Whether it is about where things are, not about how they look.</summary>
        public bool IsPlace => relation <= Relation.NextTo;

        /// <summary>Whether the first thing is in this relation to the second, a different one.</summary>
        public bool Holds(Thing a, Thing b) =>
            relation switch
            {
                Relation.LeftOf => a.Column < b.Column && Judgement.Sideways(a, b) > 0,
                Relation.RightOf => a.Column > b.Column && Judgement.Sideways(a, b) > 0,
                Relation.Above => a.Row < b.Row && Judgement.Sideways(a, b) < 0,
                Relation.Below => a.Row > b.Row && Judgement.Sideways(a, b) < 0,
                Relation.NextTo => Judgement.AreNear(a, b),
                Relation.BiggerThan => a.Kind.Bulk > b.Kind.Bulk,
                Relation.SmallerThan => a.Kind.Bulk < b.Kind.Bulk,
                _ => a.Kind.Paint == b.Kind.Paint,
            };
    }
}
