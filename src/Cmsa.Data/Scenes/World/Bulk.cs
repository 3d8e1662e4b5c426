namespace Cmsa.Data;

/// <summary>How big a thing of a scene is, the smallest first. The middle one has no word of its own.</summary>
public enum Bulk
{
    /// <summary>7.7 pixels in radius where a picture has 96.</summary>
    Small,

    /// <summary>11 pixels in radius where a picture has 96.</summary>
    Medium,

    /// <summary>15.2 pixels in radius where a picture has 96.</summary>
    Large,
}

/// <summary>Bulks in numbers.</summary>
public static class Bulks
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
