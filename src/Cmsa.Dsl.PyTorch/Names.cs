using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.PyTorch;

/// <summary>
/// The variables of one Python function. A name is given again once the value that had it is needed no more, so that
/// its memory is freed.
/// </summary>
internal sealed class Names
{
    private readonly Dictionary<string, int> until = [];

    /// <summary>The name of a value that is used until a step; the first of some that is free.</summary>
    /// <param name="step">The step that computes it.</param>
    /// <param name="last">The last step that uses it.</param>
    /// <param name="wanted">Names from the best to the worst; numbered from 2 on if none is free.</param>
    public string Give(int step, int last, params Many<string> wanted)
    {
        var usable = wanted.Filter(w => w.Length > 0).Map(Python.Variable).Map(w => Library.Defines(w) ? $"{w}_" : w);
        var numbered = Enumerable.Range(2, int.MaxValue - 2).Select(n => $"{usable[^1]}_{n}");
        var name = usable.Find(IsFree).IfNone(() => numbered.First(IsFree));
        until[name] = last;
        return name;

        bool IsFree(string candidate) => !until.TryGetValue(candidate, out var busy) || busy <= step;
    }

    /// <summary>What a value is called where its layer's path does not say it.</summary>
    public static string Word(Operation operation) =>
        operation switch
        {
            Apply(Function.Square) => "square",
            Apply(Function.InverseRoot) => "inverse_norm",
            Apply(var function) => function.ToString().ToLowerInvariant(),
            Add => "total",
            Multiply => "product",
            Logic => "both",
            Softmax or AverageSoftmax => "weights",
            LogSumExp or FactoredLogSumExp => "log_total",
            Contract(var over) => over.ForAll(a => a.IsPrimed) ? "attended"
            : over == [Axis.Channel] ? "scores"
            : "product",
            FusedAttention => "attended",
            Reduce { Reduction: Reduction.Sum } => "total",
            Reduce { Reduction: Reduction.Mean } => "mean",
            Reduce or PoolBins or PoolWindows or PoolBlocks => "pooled",
            Concat => "joined",
            Slice => "part",
            Linear or Convolve or ConvolveTransposed or TiledConvolve => "mapped",
            TransformKernel => "kernels",
            NormaliseBatch => "normalised",
            Interpolate => "resized",
            Pad => "padded",
            Reverse => "reversed",
            IsWord or PoolPresence => "present",
            LookUp => "vectors",
            Recur => "states",
            LastOne => "last",
            _ => "x",
        };

    /// <summary>
    /// Whether a value is its first operand taken a step further, so that it may have that operand's name.
    /// </summary>
    public static bool Continues(Node node) =>
        node.Operation switch
        {
            Apply(Function.Square or Function.InverseRoot) => false,
            Apply or Drop or Repeat or Rename or ChannelsInnermost or Interpolate => true,
            Add or Multiply => (node.Operands[0].Operation, node.Operands[1].Operation)
                is (not (Parameter or Constant), Parameter or Constant),
            _ => false,
        };

    /// <summary>
    /// What a value's weight is called below the value's layer, such as key for key.weight; nothing where it is the
    /// layer's only one. A part of a parameter is called as that is.
    /// </summary>
    public static string Weight(Node node) =>
        node switch
        {
            { Operation: Slice, Operands: [{ Operation: Parameter whole }] } => string.Join(
                '_',
                Below(node.Path ?? "", whole.Path)
            ),
            { Operands: [_, { Operation: Slice, Operands: [{ Operation: Parameter sliced }] }, ..] } => Owner(
                node,
                sliced
            ),
            { Operands: [_, { Operation: Parameter weight }, ..] } => Owner(node, weight),
            _ => "",
        };

    private static string Owner(Node node, Parameter weight) =>
        string.Join('_', Below(node.Path ?? "", weight.Path).SkipLast(1));

    private static string[] Below(string layer, string path) =>
        layer.Length == 0 ? path.Split('.')
        : path.StartsWith($"{layer}.", StringComparison.Ordinal) ? path[(layer.Length + 1)..].Split('.')
        : [];
}
