using FsCheck;
using FsCheck.Fluent;

namespace Cmsa.Data.Tests;

/// <summary>
/// A picture and what a model might say of it: patches of colour under noise, and smooth logits under noise.
/// </summary>
public sealed record CrfCase(Picture Picture, float[] Logits, string Kind)
{
    public override string ToString() => Kind;

    public static Arbitrary<CrfCase> Cases() =>
        (
            from wide in Gen.Elements(true, false)
            from patch in Gen.Elements(1, 4, 8, 100)
            from noise in Gen.Elements(0, 2, 6, 30)
            from strength in Gen.Elements(1, 3, 8)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select Of(wide ? 16 : 20, wide ? 24 : 20, patch, noise, strength, seed)
        ).ToArbitrary();

    public static CrfCase Of(int height, int width, int patch, int noise, float strength, int seed)
    {
        var random = new Random(seed);
        var colours = Draw(height * width, () => Draw(3, () => random.Next(30, 219)));
        var (tilt, turn, shift) = (random.NextDouble() * 6, random.NextDouble() * 6, random.NextDouble() - .5);
        var rgb = new byte[3 * height * width];
        var logits = new float[height * width];
        for (var i = 0; i < logits.Length; i++)
        {
            var (y, x) = (i / width, i % width);
            for (var c = 0; c < 3; c++)
                rgb[3 * i + c] = (byte)(colours[y / patch * width + x / patch][c] + random.Next(-noise, noise + 1));
            logits[i] =
                strength
                * (float)(Math.Sin(tilt + .3 * x) * Math.Cos(turn + .25 * y) + shift + .5 * (random.NextDouble() - .5));
        }
        return new(
            new(height, width, rgb),
            logits,
            $"{height} x {width}, patch {patch}, noise {noise}, strength {strength}, seed {seed}"
        );
    }

    private static T[] Draw<T>(int count, Func<T> next) => [.. Enumerable.Range(0, count).Select(_ => next())];
}
