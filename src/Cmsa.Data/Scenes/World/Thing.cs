namespace Cmsa.Data;

/// <summary>What sort of thing it is, wherever it stands.</summary>
/// <param name="Outline">Its shape.</param>
/// <param name="Paint">Its colour.</param>
/// <param name="Bulk">Its size.</param>
public readonly record struct Kind(Outline Outline, Paint Paint, Bulk Bulk)
{
    /// <summary>The radius of the circle around it, in thousandths of the picture's side.</summary>
    public int Reach => Bulk.Radius * Outline.Reach / 1000;

    /// <summary>Its number: different kinds have different ones.</summary>
    public int Code => (((int)Outline * 8) + (int)Paint) * 4 + (int)Bulk;
}

/// <summary>One object of a scene.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Row">How far its centre is from the top edge, in thousandths of the picture's side.</param>
/// <param name="Column">How far its centre is from the left edge, in thousandths of the picture's side.</param>
/// <param name="Shade">How much brighter than its plain paint it is, in percent.</param>
public sealed record Thing(Kind Kind, int Row, int Column, int Shade);
