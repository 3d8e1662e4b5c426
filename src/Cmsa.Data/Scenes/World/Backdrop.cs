using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data;

/// <summary>What a part of a backdrop is.</summary>
public enum Ground
{
    /// <summary>A plain sheet, which nobody names.</summary>
    Paper,

    /// <summary>Sky.</summary>
    Sky,

    /// <summary>Grass.</summary>
    Grass,

    /// <summary>Water.</summary>
    Water,

    /// <summary>Sand.</summary>
    Sand,

    /// <summary>A wall.</summary>
    Wall,

    /// <summary>A floor.</summary>
    Floor,
}

/// <summary>A horizontal band of a backdrop, as wide as the picture.</summary>
/// <param name="Ground">What it is.</param>
/// <param name="Bottom">Where it ends and the next begins, in thousandths of the picture's side from the top.</param>
/// <param name="Red">Its colour in plain light, 0 to 255.</param>
/// <param name="Green">Its colour in plain light, 0 to 255.</param>
/// <param name="Blue">Its colour in plain light, 0 to 255.</param>
public sealed record Band(Ground Ground, int Bottom, int Red, int Green, int Blue);

/// <summary>The backdrops that scenes have.</summary>
internal static class Backdrop
{
    private static readonly Arr<Band> Sheets = Array(
        new Band(Ground.Paper, 1000, 226, 226, 222),
        new Band(Ground.Paper, 1000, 236, 229, 213),
        new Band(Ground.Paper, 1000, 206, 214, 222),
        new Band(Ground.Paper, 1000, 206, 200, 190),
        new Band(Ground.Paper, 1000, 214, 224, 212)
    );

    private static readonly Arr<Arr<Ground>> Views = Array(
        Array(Ground.Sky, Ground.Grass),
        Array(Ground.Sky, Ground.Water),
        Array(Ground.Sky, Ground.Sand),
        Array(Ground.Sky, Ground.Water, Ground.Sand),
        Array(Ground.Sky, Ground.Water, Ground.Grass),
        Array(Ground.Wall, Ground.Floor),
        Array(Ground.Wall, Ground.Grass)
    );

    /// <summary>The grounds that views have and expressions name.</summary>
    public static Arr<Ground> Named =>
        Array(Ground.Sky, Ground.Grass, Ground.Water, Ground.Sand, Ground.Wall, Ground.Floor);

    /// <summary>A sheet of one colour.</summary>
    public static Arr<Band> Sheet(SplitMix random) => Array(random.Pick(Sheets));

    /// <summary>A view of two or three bands, each at least a fifth of the picture high.</summary>
    public static Arr<Band> View(SplitMix random)
    {
        var grounds = random[0].Pick(Views);
        var share = 1000 / grounds.Count;
        return toArray(
            grounds.Select(
                (ground, i) =>
                    Paved(ground, i == grounds.Count - 1 ? 1000 : share * (i + 1) + random[i + 1].Between(-65, 65))
            )
        );
    }

    private static Band Paved(Ground ground, int bottom) =>
        ground switch
        {
            Ground.Sky => new(ground, bottom, 176, 212, 240),
            Ground.Grass => new(ground, bottom, 158, 200, 124),
            Ground.Water => new(ground, bottom, 112, 174, 206),
            Ground.Sand => new(ground, bottom, 230, 212, 170),
            Ground.Wall => new(ground, bottom, 222, 206, 196),
            Ground.Floor => new(ground, bottom, 180, 150, 122),
            _ => new(ground, bottom, 226, 226, 222),
        };
}
