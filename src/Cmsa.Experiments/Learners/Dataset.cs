using LanguageExt;

namespace Cmsa.Experiments.Learners;

/// <summary>The numbers of one tensor of a sample, in the order of its axes, without the batch.</summary>
public abstract record Numbers
{
    private Numbers() { }

    /// <summary>Real numbers.</summary>
    /// <param name="Of">The numbers. They are shared: do not write to them.</param>
    public sealed record Reals(float[] Of) : Numbers;

    /// <summary>Integers: words, class numbers, or 0 and 1 for what is a boolean.</summary>
    /// <param name="Of">The numbers. They are shared: do not write to them.</param>
    public sealed record Integers(long[] Of) : Numbers;

    /// <summary>How many there are.</summary>
    public int Count =>
        this switch
        {
            Reals(var reals) => reals.Length,
            Integers(var integers) => integers.Length,
            _ => 0,
        };

    /// <summary>Real numbers.</summary>
    public static implicit operator Numbers(float[] reals) => new Reals(reals);

    /// <summary>Integers.</summary>
    public static implicit operator Numbers(long[] integers) => new Integers(integers);

    /// <summary>One integer, such as the number of a class.</summary>
    public static implicit operator Numbers(int integer) => new Integers([integer]);

    /// <summary>Bytes as integers, such as a map of classes.</summary>
    public static implicit operator Numbers(byte[] integers) => new Integers(Array.ConvertAll(integers, b => (long)b));
}

/// <summary>A sample as numbers.</summary>
/// <param name="Inputs">The numbers of each input of the model, in the order of <see cref="Dsl.Graphs.Graph.Inputs"/>.</param>
/// <param name="Truth">The numbers of each tensor of the truth, from left to right.</param>
public sealed record Example(Many<Numbers> Inputs, Many<Numbers> Truth);

/// <summary>What a model learns from: samples in splits, each with its truth.</summary>
/// <typeparam name="A">The kind of the model's argument, such as <c>Image</c> or <c>(Image, Tokens)</c>.</typeparam>
/// <typeparam name="T">
/// The kind of the truth, such as <see cref="Label"/>, <see cref="ClassMap"/>, <c>Mask</c>, or a pair of kinds.
/// </typeparam>
/// <param name="Name">
/// Its name, which is a part of a run's hash in the place of its content: give another name where the content changes.
/// </param>
/// <param name="Splits">
/// Its splits with how many samples each has. The first is trained on; <c>val</c> is validated on, the last where there is
/// no split of that name.
/// </param>
/// <param name="Truth">The sizes of the truth: <c>InputSpec.Of&lt;ClassMap&gt;(64, 64)</c>.</param>
/// <param name="Read">
/// Sample <c>index</c> of a split, or why it cannot be read: it is then skipped and reported. Equal arguments give equal
/// samples. It is called from several threads at once.
/// </param>
public sealed record Dataset<A, T>(
    string Name,
    Many<(string Name, int Count)> Splits,
    Dsl.InputSpec Truth,
    Func<string, int, Either<Error, Example>> Read
)
{
    /// <summary>The split that is trained on.</summary>
    internal (string Name, int Count) Training => Splits[0];

    /// <summary>The split that is validated on.</summary>
    internal (string Name, int Count) Validation => Splits.Find(s => s.Name == "val").IfNone(() => Splits[^1]);
}
