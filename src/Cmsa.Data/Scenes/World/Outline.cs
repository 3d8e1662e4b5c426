namespace Cmsa.Data.Scenes.World;

/// <summary>
/// The shapes of things. The first two are round (<c>testA</c> names them), the others angular (<c>testB</c>).
/// </summary>
internal enum Outline
{
    /// <summary>A full disc.</summary>
    Circle,

    /// <summary>A disc with a hole of half its radius; the hole is not part of it.</summary>
    Ring,

    /// <summary>An upright square.</summary>
    Square,

    /// <summary>An equilateral triangle that points up.</summary>
    Triangle,

    /// <summary>A pentagram that points up.</summary>
    Star,

    /// <summary>A plus sign.</summary>
    Cross,
}

/// <summary>
/// The geometry of outlines, in units of a thing's radius. Areas are similar, so a bigger bulk always has more pixels.
/// </summary>
internal static class Outlines
{
    private const double Tip = 1.35;
    private const double Arm = 1.15;
    private const double Beam = 0.42;
    private const double Side = 0.9;
    private const double Rim = 1.1;
    private const double Hole = 0.55;

    extension(Outline outline)
    {
        /// <summary>Whether it is round.</summary>
        public bool IsRound => outline is Outline.Circle or Outline.Ring;

        /// <summary>The radius of the circle around it, in thousandths of the thing's radius.</summary>
        public int Reach =>
            outline switch
            {
                Outline.Circle => 1000,
                Outline.Ring => 1100,
                Outline.Square => 1273,
                Outline.Triangle => 1350,
                Outline.Star => 1350,
                _ => 1225,
            };

        /// <summary>
        /// Whether it covers the point <paramref name="x"/> to the right of and <paramref name="y"/> below its centre.
        /// </summary>
        public bool Covers(double x, double y) =>
            outline switch
            {
                Outline.Circle => x * x + y * y <= 1,
                Outline.Ring => x * x + y * y is <= Rim * Rim and >= Hole * Hole,
                Outline.Square => Math.Abs(x) <= Side && Math.Abs(y) <= Side,
                Outline.Triangle => y <= Tip / 2 && Math.Abs(x) * 1.7320508075688772 <= y + Tip,
                Outline.Star => Sides(x, y) >= 4,
                _ => (Math.Abs(x) <= Beam && Math.Abs(y) <= Arm) || (Math.Abs(x) <= Arm && Math.Abs(y) <= Beam),
            };
    }

    // A pentagram is where at least four of a regular pentagon's five edge lines have the point on their inner side.
    // Each line is the cosine of 72 degrees times the tips' radius from the centre; the constants are sines and cosines
    // of multiples of 36 degrees, written out because the last bit of a library's sine differs from machine to machine.
    private static int Sides(double x, double y) =>
        Inside(-y)
        + Inside(0.9510565162951535 * x - 0.3090169943749474 * y)
        + Inside(0.5877852522924731 * x + 0.8090169943749475 * y)
        + Inside(-0.5877852522924731 * x + 0.8090169943749475 * y)
        + Inside(-0.9510565162951535 * x - 0.3090169943749474 * y);

    private static int Inside(double along) => along <= Tip * 0.3090169943749474 ? 1 : 0;
}
