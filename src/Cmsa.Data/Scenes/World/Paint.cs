namespace Cmsa.Data.Scenes.World;

/// <summary>The colours of things.</summary>
internal enum Paint
{
    /// <summary>Red.</summary>
    Red,

    /// <summary>Orange.</summary>
    Orange,

    /// <summary>Yellow.</summary>
    Yellow,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Blue.</summary>
    Blue,

    /// <summary>Purple.</summary>
    Purple,

    /// <summary>Black.</summary>
    Black,
}

/// <summary>The values of colours.</summary>
internal static class Paints
{
    extension(Paint paint)
    {
        /// <summary>Its value at brightness 100 %, each 0 to 255.</summary>
        public (int Red, int Green, int Blue) Rgb =>
            paint switch
            {
                Paint.Red => (208, 42, 46),
                Paint.Orange => (246, 140, 36),
                Paint.Yellow => (246, 208, 38),
                Paint.Green => (44, 146, 70),
                Paint.Blue => (38, 92, 200),
                Paint.Purple => (134, 62, 162),
                _ => (38, 38, 44),
            };
    }
}
