using Cmsa.Data.Masks;

namespace Cmsa.Data.Pictures;

/// <summary>
/// Fits a picture of any size into a square, and brings a model's output back to the picture. The longer side is
/// resized to the side of the square (bilinear), the picture is centred, and the rest of the square is 0. (The released
/// code's <c>resize_and_pad</c> and <c>resize_and_crop</c>.)
/// </summary>
public sealed record Letterbox
{
    private Letterbox(int height, int width, int size)
    {
        var scale = Math.Min((double)size / height, (double)size / width);
        (Height, Width, Size) = (height, width, size);
        InnerHeight = Math.Max(1, (int)Math.Round(height * scale));
        InnerWidth = Math.Max(1, (int)Math.Round(width * scale));
        Top = (size - InnerHeight) / 2;
        Left = (size - InnerWidth) / 2;
    }

    /// <summary>Rows of the picture, in pixels.</summary>
    public int Height { get; }

    /// <summary>Columns of the picture, in pixels.</summary>
    public int Width { get; }

    /// <summary>Rows and columns of the square, in pixels.</summary>
    public int Size { get; }

    /// <summary>Rows of the square that the picture takes.</summary>
    public int InnerHeight { get; }

    /// <summary>Columns of the square that the picture takes.</summary>
    public int InnerWidth { get; }

    /// <summary>The first row of the square that the picture takes.</summary>
    public int Top { get; }

    /// <summary>The first column of the square that the picture takes.</summary>
    public int Left { get; }

    /// <summary>
    /// The letterbox of a picture of <paramref name="height"/> x <paramref name="width"/> pixels, both at least 1.
    /// </summary>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="size">Rows and columns of the square; the paper's is 320.</param>
    public static Letterbox Of(int height, int width, int size = 320)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return new(height, width, size);
    }

    /// <summary>The picture in the square: Size x Size pixels; 0 around it.</summary>
    public Picture Fit(Picture picture)
    {
        var values = new float[3 * Size * Size];
        Bilinear.Resize<byte>(new(Checked(picture.Rgb, 3), 0, 0, Height, Width, 3 * Width), Inner(values, 3), 3);
        return new(Size, Size, Rounded(values));
    }

    /// <summary>The picture at the size that it has in the square: InnerHeight x InnerWidth pixels, nothing around it.</summary>
    public Picture Resize(Picture picture)
    {
        var values = new float[3 * InnerHeight * InnerWidth];
        Bilinear.Resize<byte>(
            new(Checked(picture.Rgb, 3), 0, 0, Height, Width, 3 * Width),
            new(values, 0, 0, InnerHeight, InnerWidth, 3 * InnerWidth),
            3
        );
        return new(InnerHeight, InnerWidth, Rounded(values));
    }

    /// <summary>
    /// The mask in the square: Size x Size pixels, 1 where the interpolated value is at least one half; 0 around it.
    /// </summary>
    public BinaryMask Fit(BinaryMask mask)
    {
        var values = new float[Size * Size];
        Bilinear.Resize<byte>(new(Checked(mask.Pixels, 1), 0, 0, Height, Width, Width), Inner(values, 1), 1);
        return new(Size, Size, Halves(values));
    }

    /// <summary>
    /// The mask in the square as the released code has it: Size x Size pixels, 1 where the interpolated value is above 0,
    /// so that the mask grows by up to a pixel; 0 around it.
    /// </summary>
    public BinaryMask FitAnyPart(BinaryMask mask)
    {
        var values = new float[Size * Size];
        Bilinear.Resize<byte>(new(Checked(mask.Pixels, 1), 0, 0, Height, Width, Width), Inner(values, 1), 1);
        return new(Size, Size, AnyParts(values));
    }

    /// <summary>
    /// The logits of the picture's pixels (Height x Width, row by row) from those of the square (Size x Size).
    /// </summary>
    public float[] Restore(float[] logits)
    {
        if (logits.Length != Size * Size)
            throw new ArgumentException($"{logits.Length} logits for a square of {Size} x {Size}", nameof(logits));
        var values = new float[Height * Width];
        Bilinear.Resize(Inner(logits, 1), new(values, 0, 0, Height, Width, Width), 1);
        return values;
    }

    /// <summary>
    /// The mask of the square, cropped and resized to the picture: 1 where the interpolated value is at least one half.
    /// </summary>
    public BinaryMask Restore(BinaryMask mask) =>
        new(Height, Width, Halves(Restore(Array.ConvertAll(mask.Pixels, static b => (float)b))));

    /// <summary>
    /// The mask of the square, resized to the square of the picture's longer side and cropped, as the released code has
    /// it: 1 where the interpolated value is above 0.
    /// </summary>
    public BinaryMask RestoreAnyPart(BinaryMask mask)
    {
        if (mask.Pixels.Length != Size * Size)
            throw new ArgumentException($"a mask of {mask.Pixels.Length} pixels for a square of {Size} x {Size}", nameof(mask));
        var longer = Math.Max(Height, Width);
        var values = new float[longer * longer];
        Bilinear.Resize<byte>(new(mask.Pixels, 0, 0, Size, Size, Size), new(values, 0, 0, longer, longer, longer), 1);
        var (top, left) = ((longer - Height) / 2, (longer - Width) / 2);
        var cropped = new float[Height * Width];
        for (var y = 0; y < Height; y++)
            values.AsSpan((top + y) * longer + left, Width).CopyTo(cropped.AsSpan(y * Width));
        return new(Height, Width, AnyParts(cropped));
    }

    private static byte[] AnyParts(float[] values) => Array.ConvertAll(values, static v => (byte)(v > 0 ? 1 : 0));

    private static byte[] Halves(float[] values) => Array.ConvertAll(values, static v => (byte)(v >= .5f ? 1 : 0));

    private static byte[] Rounded(float[] values)
    {
        var bytes = new byte[values.Length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(values[i] + .5f);
        return bytes;
    }

    private Bilinear.Window<float> Inner(float[] values, int channels) =>
        new(values, Top, Left, InnerHeight, InnerWidth, channels * Size);

    private byte[] Checked(byte[] values, int channels) =>
        values.Length == channels * Height * Width
            ? values
            : throw new ArgumentException($"{values.Length} values for {Height} x {Width} pixels", nameof(values));
}
