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

/// <summary>
/// A long short-term memory over the words, first to last, at every position by itself, given what the input says to
/// its gates; a padding word leaves the state as it is. Gates in PyTorch's order (input, forget, cell, output).
/// Operands: a term of the input's share of the gates <c>[word, 4 hidden]</c>, which words are there, the state's
/// weight <c>[4 hidden, hidden]</c>, and more terms of that share, each with the axes that it depends on: their sum is
/// never held for all words. The result is the hidden state after each word, or after the last.
/// </summary>
/// <param name="Hidden">Channels of the state.</param>
/// <param name="Last">Whether the result is the state after the last word alone.</param>
public sealed record Recur(int Hidden, bool Last = false) : Operation
{
    /// <inheritdoc/>
    public override bool IsFresh => true;

    /// <inheritdoc/>
    public override Many<Axis>? ReducedAxes => [Axis.Word, Axis.Channel];

    /// <inheritdoc/>
    public override Inferred Infer(Many<Shape> operands)
    {
        var (presence, weight, states) = (operands[1], operands[2], States(operands));
        var unlike = Terms(operands).Filter(t => t.SizeOf(Axis.Channel) != 4 * Hidden);
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
                weight[Axis.Out] == 4 * Hidden && weight[Axis.In] == Hidden,
                $"a weight of {weight[Axis.In]} to {weight[Axis.Out]} channels",
                $"one of {Hidden} to {4 * Hidden}",
                "give it the hidden channels"
            ),
            Requirements.Holds(
                unlike.IsEmpty,
                $"a share of the gates {string.Join(" and ", unlike)}",
                $"{4 * Hidden} channels",
                "give four numbers a hidden channel"
            )
        );
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Many<Shape> operands, Shape result) => States(operands).Count * 4 * Hidden;

    /// <inheritdoc/>
    public override long Scratch(Node at)
    {
        var operands = at.Operands.Map(o => o.Shape);
        var states = States(operands).Without(Axis.Word).Count;
        return Terms(operands).Sum(t => t.Count) + (2 * 4 + 4) * states + (Last ? 0 : 2 * at.Shape.Count);
    }

    /// <summary>Of the operands of a recurrence, the terms of the input's share of its gates.</summary>
    public static Many<T> Terms<T>(Many<T> operands) => [operands[0], .. operands.Skip(3)];

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
