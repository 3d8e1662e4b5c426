namespace Cmsa.Data.Tests;

/// <summary>Where interpolated values fall on bytes and on 0 or 1: halves go up.</summary>
public class RoundingTests
{
    // Every second pixel of a row at twice the length is a quarter of the way to its neighbour.
    [Theory]
    [InlineData(new byte[] { 0, 1 }, new byte[] { 0, 0, 1, 1 })]
    [InlineData(new byte[] { 0, 2 }, new byte[] { 0, 1, 2, 2 })]
    [InlineData(new byte[] { 2, 0 }, new byte[] { 2, 2, 1, 0 })]
    [InlineData(new byte[] { 1, 3 }, new byte[] { 1, 2, 3, 3 })]
    [InlineData(new byte[] { 0, 3 }, new byte[] { 0, 1, 2, 3 })]
    [InlineData(new byte[] { 0, 255 }, new byte[] { 0, 64, 191, 255 })]
    [InlineData(new byte[] { 254, 255 }, new byte[] { 254, 254, 255, 255 })]
    [InlineData(new byte[] { 255, 255 }, new byte[] { 255, 255, 255, 255 })]
    public void Bytes_are_the_nearest_and_halves_go_up(byte[] row, byte[] doubled)
    {
        var picture = new Picture(1, 2, [.. row.SelectMany(b => new[] { b, (byte)(255 - b), b })]);
        var fitted = Letterbox.Of(1, 2, 4).Fit(picture).Rgb[(4 * 3)..(8 * 3)];
        Assert.Equal(doubled, fitted.Where((_, i) => i % 3 == 0));
        Assert.Equal(doubled, fitted.Where((_, i) => i % 3 == 2));
        // The other channel is 255 less the first: quarters mirror, and halves go up there as well.
        var mirrored = Enumerable.Range(0, 4).Select(i => Halfway(255 - row[0], 255 - row[1], i));
        Assert.Equal(mirrored, fitted.Where((_, i) => i % 3 == 1));
    }

    private static byte Halfway(int left, int right, int place)
    {
        // In quarters: place 1 is 3/4 left and 1/4 right.
        int[] shares = [4, 3, 1, 0];
        return (byte)((left * shares[place] + right * (4 - shares[place]) + 2) / 4);
    }

    // Three columns of two: the middle one is a half of each.
    [Theory]
    [InlineData(new byte[] { 0, 1 }, new byte[] { 0, 1, 1 })]
    [InlineData(new byte[] { 1, 0 }, new byte[] { 1, 1, 0 })]
    [InlineData(new byte[] { 0, 0 }, new byte[] { 0, 0, 0 })]
    public void A_mask_s_half_is_inside(byte[] row, byte[] fitted)
    {
        var box = Letterbox.Of(2, 2, 3);
        Assert.Equal(fitted, box.Fit(new BinaryMask(2, 2, [.. row, .. row])).Pixels[..3]);
        // And back: a square of three columns to a picture of six has no halves, one of two to three has.
        var back = Letterbox.Of(3, 3, 2);
        Assert.Equal(fitted, back.Restore(new BinaryMask(2, 2, [.. row, .. row])).Pixels[..3]);
    }

    /// <summary>
    /// A region of a third of the way between two pixels is inside where two thirds of it are.
    /// </summary>
    [Fact]
    public void Below_a_half_is_outside() =>
        Assert.Equal(
            [0, 0, 1, 1],
            Letterbox.Of(1, 2, 4).Fit(new BinaryMask(1, 2, [0, 1])).Pixels[4..8].Select(b => (int)b)
        );
}
