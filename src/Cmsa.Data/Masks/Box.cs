namespace Cmsa.Data.Masks;

/// <summary>A rectangle of pixels.</summary>
/// <param name="X">The first column.</param>
/// <param name="Y">The first row.</param>
/// <param name="Width">How many columns; 0 where it is empty.</param>
/// <param name="Height">How many rows; 0 where it is empty.</param>
public readonly record struct Box(int X, int Y, int Width, int Height);
