namespace Cmsa.Dsl.Display;

/// <summary>How a part of a picture is drawn.</summary>
internal enum Form
{
    Box,
    Pill,
    Sum,
}

/// <summary>A part of a picture, before it has a place on the page.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Notes">What else it says, a line each.</param>
/// <param name="Form">How it is drawn.</param>
/// <param name="Section">Its colour.</param>
/// <param name="Level">The level that it works for; empty for none.</param>
/// <param name="Repeats">For how many equal layers in a row it stands.</param>
/// <param name="Column">In which column it stands, from 0 on the left.</param>
/// <param name="Row">In which row, from 0 at the top; halves are possible.</param>
/// <param name="Span">How many rows it is high beside its own.</param>
internal sealed record Block(
    string Title,
    Many<string> Notes,
    Form Form,
    Section Section,
    string Level,
    int Repeats,
    int Column,
    double Row,
    double Span
);

/// <summary>A signal between two parts of a picture.</summary>
/// <param name="From">Which part gives it.</param>
/// <param name="To">Which part gets it.</param>
/// <param name="Above">Its sizes, but for those of a map.</param>
/// <param name="Below">The sizes of a map.</param>
internal sealed record Arrow(int From, int To, string Above, string Below);

/// <summary>A model as boxes and arrows, in rows and columns.</summary>
/// <param name="Blocks">The boxes.</param>
/// <param name="Arrows">The arrows between them.</param>
/// <param name="Formulas">The equations among the layers, each with the name of its box.</param>
internal sealed record Diagram(
    Many<Block> Blocks,
    Many<Arrow> Arrows,
    Many<(string Name, Expression Formula)> Formulas
);
