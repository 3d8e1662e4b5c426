using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Graphs;

/// <summary>Which words are there: true where a number of the vocabulary is not 0, the padding.</summary>
public sealed record IsWord : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override ElementType Type => ElementType.Boolean;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) => operands[0];
}

/// <summary>
/// The rows of a table <c>[in = vocabulary, channel]</c> that the numbers of words name. Operands: the words, the
/// table.
/// </summary>
public sealed record LookUp : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0]
            .With(Axis.Channel, operands[1][Axis.Channel])
            .With(
                Requirements.Lacks("numbers of words", operands[0], Axis.Channel),
                Requirements.Exactly("a table", operands[1], Axis.In, Axis.Channel)
            );
}

/// <summary>What a step of a recurrence computes.</summary>
public enum RecurrentCell
{
    /// <summary>A long short-term memory; its gates in PyTorch's order: input, forget, cell, output.</summary>
    Lstm,

    /// <summary>
    /// A long short-term memory whose gates also see the cell, each channel its own number: the input and forget gates
    /// the one before, the output gate the one after (Gers and Schmidhuber 2000).
    /// </summary>
    LstmWithPeepholes,

    /// <summary>
    /// A gated recurrent unit; its gates in PyTorch's order: reset, update, new. The reset gate scales what the state
    /// says to the new one, as in PyTorch and cuDNN.
    /// </summary>
    Gru,

    /// <summary>
    /// A gated recurrent unit whose reset gate scales the state itself, before it is multiplied by its weight (Cho et al.
    /// 2014): ONNX's default.
    /// </summary>
    GruResetFirst,
}

/// <summary>
/// A recurrence over the words, first to last, at every position by itself, given what the input says to its gates; a
/// padding word leaves the state as it is. There are 4 gates of a long short-term memory, 3 of a gated recurrent unit.
/// Operands: a term of the input's share of the gates <c>[word, gates hidden]</c>, which words are there, the state's
/// weight <c>[gates hidden, hidden]</c>, then where the cell has one a vector of its own, and more terms of that share,
/// each with the axes that it depends on: their sum is never held for all words. The vector <c>[3 hidden]</c> is that of
/// the peepholes (input, forget, output), or the bias of <see cref="RecurrentCell.Gru"/> that stands beside the state's
/// weight. The result is the hidden state after each word, or after the last.
/// </summary>
/// <param name="Hidden">Channels of the state.</param>
/// <param name="Last">Whether the result is the state after the last word alone.</param>
/// <param name="Cell">What a step computes.</param>
public sealed record Recur(int Hidden, bool Last = false, RecurrentCell Cell = RecurrentCell.Lstm) : Operation
{
    /// <summary>How many numbers the input says to a step for each channel of the state.</summary>
    public int Gates => Cell is RecurrentCell.Lstm or RecurrentCell.LstmWithPeepholes ? 4 : 3;

    /// <summary>Whether the operand after the state's weight is a vector of the cell's own.</summary>
    public bool HasVector => Cell is RecurrentCell.LstmWithPeepholes or RecurrentCell.Gru;

    /// <summary>How many operands there are before the further terms of the input's share.</summary>
    internal int Fixed => HasVector ? 4 : 3;

    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Word, Axis.Channel];

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (presence, weight, states) = (operands[1], operands[2], States(operands));
        var unlike = Terms(operands).Filter(t => t.SizeOf(Axis.Channel) != Gates * Hidden);
        var vector = HasVector && operands.Count > 3 ? operands[3] : Shape.Scalar;
        return (Last ? states.Without(Axis.Word) : states).With(
            Requirements.Within("which words are there", presence, Axis.Batch, Axis.Word),
            Requirements.Agree(
                "the input's share of the gates and which words are there",
                states,
                presence,
                presence.Axes.Add(Axis.Word)
            ),
            Requirements.LinearWeight(weight),
            Requirements.Holds(
                weight[Axis.Out] == Gates * Hidden && weight[Axis.In] == Hidden,
                $"a weight of {weight[Axis.In]} to {weight[Axis.Out]} channels",
                $"one of {Hidden} to {Gates * Hidden}",
                "give it the hidden channels"
            ),
            Requirements.Holds(
                unlike.IsEmpty,
                $"a share of the gates {string.Join(" and ", unlike)}",
                $"{Gates * Hidden} channels",
                $"give {(Gates == 4 ? "four" : "three")} numbers a hidden channel"
            ),
            Requirements.Holds(
                !HasVector || (vector.Axes == [Axis.Channel] && vector[Axis.Channel] == 3 * Hidden),
                $"a vector {vector} of the cell {Cell}",
                $"{3 * Hidden} channels and no other axis",
                "give three numbers a hidden channel after the weight"
            )
        );
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => States(operands).Count * Gates * Hidden;

    /// <inheritdoc/>
    public override long Scratch(Node at)
    {
        var operands = at.Operands.Map(o => o.Shape);
        var states = States(operands).Without(Axis.Word).Count;
        var held = 2 * Gates + (Cell == RecurrentCell.Lstm ? 4 : 8);
        return Terms(operands).Sum(t => t.Count) + held * states + (Last ? 0 : 2 * at.Shape.Count);
    }

    /// <summary>Of the operands of a recurrence, the terms of the input's share of its gates.</summary>
    public Many<T> Terms<T>(Many<T> operands) => [operands[0], .. operands.Skip(Fixed)];

    private Shape States(Many<Shape> operands) =>
        Terms(operands).Reduce((a, b) => a.Union(b)).With(Axis.Channel, Hidden);
}

/// <summary>The last of the words that are there: since words are right-aligned, the last of all.</summary>
public sealed record LastOne : Operation
{
    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Word];

    /// <inheritdoc/>
    public override bool IsLinearIn(int operand) => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0].Without(Axis.Word).With(Requirements.Has("states", operands[0], Axis.Word));
}

/// <summary>
/// The greatest of blocks of 2 words by 2 rows by 2 columns, as the released graph pools keys and values: over the
/// words that are there alone, from the first of them on; a last block may be smaller. Operands: x, which words are
/// there.
/// </summary>
public sealed record PoolBlocks : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        Many<Axis> all = [Axis.Batch, Axis.Word, Axis.Channel, Axis.Row, Axis.Column];
        var halved = operands[0]
            .Dimensions.Map(d =>
                d.Axis == Axis.Batch || d.Axis == Axis.Channel ? d : d with { Size = (d.Size + 1) / 2 }
            );
        return new Shape(halved).With(
            Requirements.Exactly("maps of words", operands[0], all),
            operands.Count < 2 ? [] : Requirements.Within("which words are there", operands[1], Axis.Batch, Axis.Word)
        );
    }

    /// <inheritdoc/>
    public override long Scratch(Node at) =>
        2 * at.Shape.Count + (at.Operands.Count > 1 ? 2 * at.Operands[0].Shape.Count : 0);
}

/// <summary>
/// Which of the blocks that <see cref="PoolBlocks"/> makes hold a word. Operand: which words are there.
/// </summary>
public sealed record PoolPresence : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override ElementType Type => ElementType.Boolean;

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands) =>
        operands[0]
            .With(Axis.Word, (operands[0][Axis.Word] + 1) / 2)
            .With(
                Requirements.Has("which words are there", operands[0], Axis.Word),
                Requirements.Within("which words are there", operands[0], Axis.Batch, Axis.Word)
            );
}
