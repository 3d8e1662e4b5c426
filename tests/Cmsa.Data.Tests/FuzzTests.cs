using System.Text;
using Cmsa.Data.Masks;
using Cmsa.Data.Pictures;
using Cmsa.Fuzzing;
using FsCheck.Fluent;

namespace Cmsa.Data.Tests;

/// <summary>Pictures and compressed masks with bytes changed.</summary>
public class FuzzTests
{
    [Fact]
    public void Any_mutated_picture_is_a_picture_or_an_error() =>
        Fuzz.Check(
            Gen.Elements(
                PictureFile.Png(PicturesTests.Slope(9, 7)),
                PicturesTests.Jpeg(PicturesTests.Slope(16, 24)),
                PicturesTests.Jpeg(PicturesTests.Slope(1, 1))
            ),
            Fuzz.AnyByte,
            usual: 2000,
            file =>
                PictureFile
                    .Decode(file, "fuzzed")
                    .Match(
                        picture => Assert.Equal(3 * picture.Height * picture.Width, picture.Rgb.Length),
                        wrong => Assert.Equal("fuzzed", wrong.Where)
                    )
        );

    [Fact]
    public void Any_mutated_mask_has_its_size_or_is_an_error() =>
        Fuzz.Check(
            Gen.Elements("06", "0<", "61X13", "PPYo1", "52203m0", "4:1").Select(Encoding.Latin1.GetBytes),
            Gen.Choose('0', 'o').Select(c => (byte)c),
            usual: 2000,
            text =>
                Rle.Parse(12, 10, Encoding.Latin1.GetString(text))
                    .Match(
                        mask =>
                        {
                            Assert.Equal(120, mask.Counts.Sum());
                            Assert.Equal(mask.Area, mask.ToMask().Area);
                        },
                        wrong => Assert.NotEmpty(wrong.What)
                    )
        );
}
