namespace Cmsa.Data.Scenes.World;

/// <summary>The sizes of things, the smallest first. The language has no word for the middle one.</summary>
internal enum Bulk
{
    /// <summary>A radius of 7.7 pixels in a picture of 96.</summary>
    Small,

    /// <summary>A radius of 11 pixels in a picture of 96.</summary>
    Medium,

    /// <summary>A radius of 15.2 pixels in a picture of 96.</summary>
    Large,
}

/// <summary>The radii of bulks.</summary>
internal static class Bulks
{
    extension(Bulk bulk)
    {
        /// <summary>The radius, in thousandths of the picture's side.</summary>
        public int Radius =>
            bulk switch
            {
                Bulk.Small => 80,
                Bulk.Medium => 115,
                _ => 158,
            };
    }
}
