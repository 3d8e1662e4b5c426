namespace Cmsa.Data.Scenes.World;

/// <summary>The looks of a thing, without its place.</summary>
/// <param name="Outline">Its shape.</param>
/// <param name="Paint">Its colour.</param>
/// <param name="Bulk">Its size.</param>
internal readonly record struct ThingKind(Outline Outline, Paint Paint, Bulk Bulk)
{
    /// <summary>The radius of the circle around it, in thousandths of the picture's side.</summary>
    public int Reach => Bulk.Radius * Outline.Reach / 1000;

    /// <summary>A number that identifies the kind.</summary>
    public int Code => (((int)Outline * 8) + (int)Paint) * 4 + (int)Bulk;
}

/// <summary>One object of a scene.</summary>
/// <param name="Kind">Its looks.</param>
/// <param name="Row">The distance of its centre from the top edge, in thousandths of the picture's side.</param>
/// <param name="Column">The distance of its centre from the left edge, in thousandths of the picture's side.</param>
/// <param name="Shade">How much brighter it is than its paint, in percent.</param>
internal sealed record Thing(ThingKind Kind, int Row, int Column, int Shade);
