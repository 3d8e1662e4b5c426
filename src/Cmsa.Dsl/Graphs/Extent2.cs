using System.Globalization;

namespace Cmsa.Dsl.Graphs;

/// <summary>
/// Cells along rows and along columns: of a kernel, a stride, a dilation or a padding. A number means as many of each, and
/// <c>(1, 7)</c> means 1 along the rows and 7 along the columns. The default is 1 of each.
/// </summary>
public readonly record struct Extent2
{
    // One less than what is meant, so that the default is 1.
    private readonly int moreRows;
    private readonly int moreColumns;

    /// <summary>Some cells along rows and columns.</summary>
    /// <param name="rows">Cells along the rows, from top to bottom.</param>
    /// <param name="columns">Cells along the columns, from left to right.</param>
    public Extent2(int rows, int columns) => (moreRows, moreColumns) = (unchecked(rows - 1), unchecked(columns - 1));

    /// <summary>Cells along the rows, from top to bottom.</summary>
    public int Rows => unchecked(moreRows + 1);

    /// <summary>Cells along the columns, from left to right.</summary>
    public int Columns => unchecked(moreColumns + 1);

    /// <summary>Whether there are as many along rows as along columns.</summary>
    public bool IsSquare => Rows == Columns;

    /// <summary>The smaller of both numbers.</summary>
    public int Least => Math.Min(Rows, Columns);

    /// <summary>As many cells along rows as along columns.</summary>
    public static implicit operator Extent2(int side) => new(side, side);

    /// <summary>Cells along rows and along columns, in this order.</summary>
    public static implicit operator Extent2((int Rows, int Columns) sides) => new(sides.Rows, sides.Columns);

    /// <summary>Both numbers.</summary>
    public void Deconstruct(out int rows, out int columns) => (rows, columns) = (Rows, Columns);

    /// <summary>Both numbers changed alike.</summary>
    public Extent2 Map(Func<int, int> change) => new(change(Rows), change(Columns));

    /// <summary>Both numbers joined with those of another, rows with rows and columns with columns.</summary>
    public Extent2 Zip(Extent2 other, Func<int, int, int> join) =>
        new(join(Rows, other.Rows), join(Columns, other.Columns));

    /// <summary>The number where both are alike, <c>(1, 7)</c> otherwise: as in C#.</summary>
    public override string ToString() =>
        IsSquare
            ? Rows.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"({Rows}, {Columns})");

    /// <summary>Rows by columns: <c>1×7</c>.</summary>
    internal string Side => string.Create(CultureInfo.InvariantCulture, $"{Rows}×{Columns}");

    /// <summary>The number where both are alike, otherwise rows by columns: <c>1×7</c>.</summary>
    internal string Step => IsSquare ? ToString() : Side;

    /// <summary>Whether both numbers are odd.</summary>
    internal bool IsOdd => Rows % 2 != 0 && Columns % 2 != 0;
}
