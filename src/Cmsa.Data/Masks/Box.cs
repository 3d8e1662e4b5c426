namespace Cmsa.Data;

/// <summary>A rectangle of pixels.</summary>
/// <param name="X">Its first column.</param>
/// <param name="Y">Its first row.</param>
/// <param name="Width">Its columns; 0 where it is empty.</param>
/// <param name="Height">Its rows; 0 where it is empty.</param>
public readonly record struct Box(int X, int Y, int Width, int Height);
