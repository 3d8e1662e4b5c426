using FsCheck;
using FsCheck.Fluent;

namespace Cmsa.Data.Tests;

/// <summary>Random pictures and masks, small enough to reason about.</summary>
public static class Generated
{
    public static Arbitrary<BinaryMask> Masks() =>
        (
            from height in Gen.Choose(1, 12)
            from width in Gen.Choose(1, 12)
            from inside in Gen.Choose(0, 4)
            from pixels in Gen.ArrayOf(Gen.Choose(0, 4), height * width)
            select new BinaryMask(height, width, System.Array.ConvertAll(pixels, p => (byte)(p < inside ? 1 : 0)))
        ).ToArbitrary();

    public static Arbitrary<Picture> Pictures() =>
        (
            from height in Gen.Choose(1, 24)
            from width in Gen.Choose(1, 24)
            from bytes in Gen.ArrayOf(Gen.Choose(0, 255), 3 * height * width)
            select new Picture(height, width, System.Array.ConvertAll(bytes, b => (byte)b))
        ).ToArbitrary();
}
