namespace Cmsa.Data.Pictures;

/// <summary>
/// A colour picture: <c>Height x Width</c> pixels, row by row, three bytes a pixel (red, green, blue).
/// </summary>
/// <param name="Height">Rows, in pixels.</param>
/// <param name="Width">Columns, in pixels.</param>
/// <param name="Rgb">The <c>3 * Height * Width</c> bytes. They are shared: do not write to them.</param>
public sealed record Picture(int Height, int Width, byte[] Rgb);
