namespace Cmsa.Data.Masks;

/// <summary>A region of a picture: <c>Height x Width</c> pixels, row by row; 1 inside the region, 0 outside.</summary>
/// <param name="Height">Rows, in pixels.</param>
/// <param name="Width">Columns, in pixels.</param>
/// <param name="Pixels">The <c>Height * Width</c> values, each 0 or 1. They are shared: do not write to them.</param>
public sealed record BinaryMask(int Height, int Width, byte[] Pixels)
{
    /// <summary>How many pixels the region has.</summary>
    public int Area => Pixels.Sum(pixel => pixel);
}
