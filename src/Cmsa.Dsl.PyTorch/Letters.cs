namespace Cmsa.Dsl.PyTorch;

/// <summary>
/// One letter an axis, as torch.einsum wants them: b batch, h head, n word, c channel, y row, x column, o out, i in;
/// capitals are the far side of an attention. Other axes get what letters are left.
/// </summary>
internal sealed class Letters
{
    private static readonly Many<(Axis Axis, char Letter)> usual =
    [
        (Axis.Batch, 'b'),
        (Axis.Head, 'h'),
        (Axis.Word, 'n'),
        (Axis.Channel, 'c'),
        (Axis.Row, 'y'),
        (Axis.Column, 'x'),
        (Axis.Out, 'o'),
        (Axis.In, 'i'),
        (Axis.KernelRow, 'k'),
        (Axis.KernelColumn, 'l'),
    ];

    private readonly Dictionary<Axis, char> letters = [];

    public Letters(Many<Axis> axes)
    {
        foreach (var (axis, letter) in usual)
        {
            letters[axis] = letter;
            letters[axis.Prime] = char.ToUpperInvariant(letter);
        }
        var left = new Queue<char>("adefgjmpqrstuvwzADEFGJMPQRSTUVWZ");
        foreach (var axis in axes.Filter(a => !letters.ContainsKey(a)))
            letters[axis] = left.Dequeue();
    }

    /// <summary>The letters of some axes.</summary>
    public string Of(Many<Axis> axes) => string.Concat(axes.Map(a => letters[a]));
}
