using Cmsa.Data.Pictures;

namespace Cmsa.Data.Crf;

/// <summary>The feature vectors of a picture's pixels, row by row; distances are in standard deviations.</summary>
/// <param name="Dimensions">How many numbers a point has.</param>
/// <param name="Values">The points, one after the other.</param>
internal readonly record struct Features(int Dimensions, float[] Values)
{
    /// <summary>How many points there are.</summary>
    public int Count => Values.Length / Dimensions;

    /// <summary>Column and row of each pixel.</summary>
    public static Features OfPosition(Picture picture, double spread)
    {
        var values = new float[2 * picture.Height * picture.Width];
        for (var i = 0; i < values.Length / 2; i++)
        {
            values[2 * i] = (float)(i % picture.Width / spread);
            values[2 * i + 1] = (float)(i / picture.Width / spread);
        }
        return new(2, values);
    }

    /// <summary>Column, row, red, green and blue of each pixel.</summary>
    public static Features OfPositionAndColour(Picture picture, double spread, double colourSpread)
    {
        var values = new float[5 * picture.Height * picture.Width];
        for (var i = 0; i < values.Length / 5; i++)
        {
            values[5 * i] = (float)(i % picture.Width / spread);
            values[5 * i + 1] = (float)(i / picture.Width / spread);
            for (var c = 0; c < 3; c++)
                values[5 * i + 2 + c] = (float)(picture.Rgb[3 * i + c] / colourSpread);
        }
        return new(5, values);
    }
}
