namespace Cmsa.Data.Scenes.World;

/// <summary>What a band of a backdrop shows.</summary>
internal enum Ground
{
    /// <summary>A plain sheet, which no expression names.</summary>
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
/// <param name="Bottom">Its lower edge, in thousandths of the picture's side from the top.</param>
/// <param name="Red">Its colour at brightness 100 %, 0 to 255.</param>
/// <param name="Green">Its colour at brightness 100 %, 0 to 255.</param>
/// <param name="Blue">Its colour at brightness 100 %, 0 to 255.</param>
internal sealed record Band(Ground Ground, int Bottom, int Red, int Green, int Blue);

/// <summary>The backdrops of scenes.</summary>
internal static class Backdrop
{
    private static readonly Many<Band> Sheets =
    [
        new Band(Ground.Paper, 1000, 226, 226, 222),
        new Band(Ground.Paper, 1000, 236, 229, 213),
        new Band(Ground.Paper, 1000, 206, 214, 222),
        new Band(Ground.Paper, 1000, 206, 200, 190),
        new Band(Ground.Paper, 1000, 214, 224, 212),
    ];

    private static readonly Many<Many<Ground>> Views =
    [
        [Ground.Sky, Ground.Grass],
        [Ground.Sky, Ground.Water],
        [Ground.Sky, Ground.Sand],
        [Ground.Sky, Ground.Water, Ground.Sand],
        [Ground.Sky, Ground.Water, Ground.Grass],
        [Ground.Wall, Ground.Floor],
        [Ground.Wall, Ground.Grass],
    ];

    /// <summary>The grounds of views, which expressions can name.</summary>
    public static Many<Ground> Named =>
        [Ground.Sky, Ground.Grass, Ground.Water, Ground.Sand, Ground.Wall, Ground.Floor];

    /// <summary>A sheet of one colour.</summary>
    public static Many<Band> Sheet(SplitMix random) => [random.Pick(Sheets)];

    /// <summary>A view of two or three bands, each at least a fifth of the picture high.</summary>
    public static Many<Band> View(SplitMix random)
    {
        var grounds = random[0].Pick(Views);
        var share = 1000 / grounds.Count;
        return [.. grounds.Select((ground, i) => Coloured(ground, Bottom(i)))];

        int Bottom(int i) => i == grounds.Count - 1 ? 1000 : share * (i + 1) + random[i + 1].Between(-65, 65);
    }

    private static Band Coloured(Ground ground, int bottom) =>
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
