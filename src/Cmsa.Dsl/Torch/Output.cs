using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// The result of a model, in the form of its kind: one tensor, a pair, or one result a level. Disposing it disposes all
/// of its tensors.
/// </summary>
public abstract record Output : IDisposable
{
    private Output() { }

    /// <summary>One tensor.</summary>
    /// <param name="Of">The tensor, batch first.</param>
    /// <param name="Present">
    /// Where the kind has words, which of them are there: a boolean <c>[batch, word]</c>, false at padding. Null where
    /// the kind has no words, or none of them can be padding.
    /// </param>
    public sealed record One(Tensor Of, Tensor? Present = null) : Output;

    /// <summary>Two results.</summary>
    /// <param name="Left">The first.</param>
    /// <param name="Right">The second.</param>
    public sealed record Pair(Output Left, Output Right) : Output;

    /// <summary>One result a level.</summary>
    /// <param name="Each">The levels by name, in the order of the backbone.</param>
    public sealed record Levels(Many<(string Name, Output Output)> Each) : Output;

    /// <summary>The tensor of a result that is one.</summary>
    /// <exception cref="InvalidOperationException">It is a pair or levels.</exception>
    public Tensor Value => this is One(var value, _) ? value : throw Unlike("one tensor");

    /// <summary>The first of a pair.</summary>
    /// <exception cref="InvalidOperationException">It is not a pair.</exception>
    public Output First => this is Pair(var first, _) ? first : throw Unlike("a pair");

    /// <summary>The second of a pair.</summary>
    /// <exception cref="InvalidOperationException">It is not a pair.</exception>
    public Output Second => this is Pair(_, var second) ? second : throw Unlike("a pair");

    /// <summary>The result of a level: <c>output["res5"]</c>.</summary>
    /// <param name="level">The level's name.</param>
    /// <exception cref="InvalidOperationException">It has no levels.</exception>
    /// <exception cref="ArgumentException">It has no level of this name.</exception>
    public Output this[string level]
    {
        get
        {
            if (this is not Levels(var each))
                throw Unlike("levels");
            return each.Find(l => l.Name == level)
                .Map(l => l.Output)
                .IfNone(() =>
                    throw new ArgumentException(
                        $"The output has no level {level}; it has {string.Join(", ", each.Map(l => l.Name))}.",
                        nameof(level)
                    )
                );
        }
    }

    /// <summary>All tensors, left to right, without those that say which words are there.</summary>
    public Many<Tensor> Values => Parts.Map(p => p.Part.Of);

    /// <summary>
    /// All results of one tensor, left to right, each with where it stands: <c>first.res5</c>; empty for a result that
    /// is one.
    /// </summary>
    public Many<(string Path, One Part)> Parts =>
        this switch
        {
            One one => [("", one)],
            Pair(var left, var right) => Under("first", left) + Under("second", right),
            Levels(var each) => each.Bind(l => Under(l.Name, l.Output)),
            _ => [],
        };

    /// <summary>The output with each of its tensors replaced.</summary>
    internal Output Map(Func<One, One> change) =>
        this switch
        {
            One one => change(one),
            Pair(var left, var right) => new Pair(left.Map(change), right.Map(change)),
            Levels(var each) => new Levels(each.Map(l => (l.Name, l.Output.Map(change)))),
            _ => this,
        };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, part) in Parts)
        {
            part.Of.Dispose();
            part.Present?.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    private static Many<(string Path, One Part)> Under(string name, Output output) =>
        output.Parts.Map(p => (p.Path.Length == 0 ? name : $"{name}.{p.Path}", p.Part));

    private InvalidOperationException Unlike(string expected)
    {
        var found = this switch
        {
            One => "one tensor",
            Pair => "a pair: take First or Second",
            Levels(var each) => $"levels: take one of {string.Join(", ", each.Map(l => l.Name))} by its name",
            _ => "something else",
        };
        return new InvalidOperationException($"The output is not {expected}. It is {found}.");
    }
}

/// <summary>The result of a run with its probes. Disposing it disposes both.</summary>
/// <param name="Output">The result.</param>
/// <param name="Probes">The probes by name.</param>
public sealed record Outcome(Output Output, IReadOnlyDictionary<string, Tensor> Probes) : IDisposable
{
    /// <summary>The result of a model that gives one tensor.</summary>
    /// <exception cref="InvalidOperationException">The model gives several.</exception>
    public Tensor Result => Output.Value;

    /// <summary>The result without the probes, which are disposed.</summary>
    internal Output WithoutProbes()
    {
        foreach (var probe in Probes.Values)
            probe.Dispose();
        return Output;
    }

    /// <summary>The one tensor of the result; all else is disposed.</summary>
    internal Tensor Only()
    {
        var one = (Output.One)WithoutProbes();
        one.Present?.Dispose();
        return one.Of;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Output.Dispose();
        foreach (var probe in Probes.Values)
            probe.Dispose();
    }
}
