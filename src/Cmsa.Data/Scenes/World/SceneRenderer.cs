using System.Runtime.InteropServices;
using Cmsa.Data.Masks;
using Cmsa.Data.Pictures;

namespace Cmsa.Data.Scenes.World;

/// <summary>
/// Renders scenes. Each pixel is decided at its centre, so the mask of a thing is exactly its visible pixels.
/// </summary>
internal static class SceneRenderer
{
    private const int Noise = 7;

    /// <summary>The picture of the scene, <paramref name="size"/> pixels high and wide.</summary>
    public static Picture Picture(Scene scene, int size) => new(size, size, Coloured(scene, Parts(scene, size), size));

    /// <summary>The pixels of these parts of the scene, in the picture of that size.</summary>
    public static BinaryMask Mask(Scene scene, SceneParts regions, int size) =>
        Masked(Parts(scene, size), regions, size);

    /// <summary>The picture of the scene, and the pixels of these parts of it.</summary>
    public static (Picture Picture, BinaryMask Mask) Both(Scene scene, SceneParts regions, int size)
    {
        var parts = Parts(scene, size);
        return (new(size, size, Coloured(scene, parts, size)), Masked(parts, regions, size));
    }

    /// <summary>The picture of the scene, and what each pixel shows: 0 the backdrop, i + 1 thing i.</summary>
    public static (Picture Picture, byte[] Parts) Labelled(Scene scene, int size)
    {
        var parts = Parts(scene, size);
        var shown = Array.ConvertAll(parts, part => (byte)(part < SceneParts.Most ? part + 1 : 0));
        return (new(size, size, Coloured(scene, parts, size)), shown);
    }

    private static BinaryMask Masked(byte[] parts, SceneParts regions, int size)
    {
        var pixels = new byte[parts.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((regions.Bits >> parts[i]) & 1);
        return new(size, size, pixels);
    }

    // The part of the scene that each pixel shows, numbered as in SceneParts.
    private static byte[] Parts(Scene scene, int size)
    {
        var parts = new byte[size * size];
        var top = 0;
        for (var b = 0; b < scene.Backdrop.Count; b++)
        {
            var bottom = scene.Backdrop[b].Bottom * size / 1000;
            parts.AsSpan(top * size, (bottom - top) * size).Fill((byte)(SceneParts.Most + b));
            top = bottom;
        }

        for (var i = 0; i < scene.Things.Count; i++)
            Stamp(parts, scene.Things[i], (byte)i, size);
        return parts;
    }

    private static void Stamp(byte[] parts, Thing thing, byte part, int size)
    {
        var (reach, step) = (thing.Kind.Reach, 1000.0 / size);
        var (outline, radius) = (thing.Kind.Outline, (double)thing.Kind.Bulk.Radius);
        var (top, bottom) = ((thing.Row - reach) * size / 1000, Math.Min(size - 1, (thing.Row + reach) * size / 1000));
        var (left, right) = (
            (thing.Column - reach) * size / 1000,
            Math.Min(size - 1, (thing.Column + reach) * size / 1000)
        );
        for (var row = top; row <= bottom; row++)
        {
            var y = ((row + 0.5) * step - thing.Row) / radius;
            for (var column = left; column <= right; column++)
            {
                if (outline.Covers(((column + 0.5) * step - thing.Column) / radius, y))
                    parts[row * size + column] = part;
            }
        }
    }

    private static byte[] Coloured(Scene scene, byte[] parts, int size)
    {
        var colours = new (int Red, int Green, int Blue)[32];
        for (var i = 0; i < scene.Things.Count; i++)
            colours[i] = Lit(scene.Things[i].Kind.Paint.Rgb, scene.Light.Level * (100 + scene.Things[i].Shade));
        for (var b = 0; b < scene.Backdrop.Count; b++)
        {
            var band = scene.Backdrop[b];
            colours[SceneParts.Most + b] = Lit((band.Red, band.Green, band.Blue), scene.Light.Level * 100);
        }

        var rgb = new byte[3 * parts.Length];
        var grain = MemoryMarshal.AsBytes(Grain(scene.Light.Grain, parts.Length).AsSpan());
        for (var row = 0; row < size; row++)
        {
            var down = scene.Light.Down * (2 * row + 1 - size) / size;
            for (var column = 0; column < size; column++)
            {
                var i = row * size + column;
                var extra =
                    down
                    + scene.Light.Across * (2 * column + 1 - size) / size
                    + ((grain[i] * (2 * Noise + 1)) >> 8)
                    - Noise;
                var (red, green, blue) = colours[parts[i]];
                rgb[3 * i] = Level(red + extra);
                rgb[3 * i + 1] = Level(green + extra);
                rgb[3 * i + 2] = Level(blue + extra);
            }
        }

        return rgb;
    }

    // One random byte a pixel, eight from each number.
    private static ulong[] Grain(ulong key, int pixels)
    {
        var grain = new ulong[(pixels + 7) / 8];
        for (var i = 0; i < grain.Length; i++)
            grain[i] = SplitMix.Mix(key + (ulong)i * 0x9E3779B97F4A7C15);
        return grain;
    }

    private static (int Red, int Green, int Blue) Lit((int Red, int Green, int Blue) rgb, int light) =>
        (rgb.Red * light / 10000, rgb.Green * light / 10000, rgb.Blue * light / 10000);

    private static byte Level(int value) => (byte)Math.Clamp(value, 0, 255);
}
