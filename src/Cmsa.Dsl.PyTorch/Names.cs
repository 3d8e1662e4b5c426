using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.PyTorch;

/// <summary>The variables of one Python function. A name is given again once the value that had it is needed no more, so that its memory is freed.</summary>
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
        var name = usable.Find(IsFree).IfNone(() => Enumerable.Range(2, int.MaxValue - 2).Select(n => $"{usable[usable.Count - 1]}_{n}").First(IsFree));
        until[name] = last;
        return name;

        bool IsFree(string candidate) => !until.TryGetValue(candidate, out var busy) || busy <= step;
    }

    /// <summary>What a value is called where its layer's path does not say it.</summary>
    public static string Word(Operation operation) => operation switch
    {
        Apply(Function.Square) => "square",
        Apply(Function.InverseRoot) => "inverse_norm",
        Apply(var function) => function.ToString().ToLowerInvariant(),
        Add => "total",
        Multiply => "product",
        Logic => "both",
        Softmax or AverageSoftmax => "weights",
        LogSumExp or FactoredLogSumExp => "log_total",
        Contract(var over) => over.ForAll(a => a.IsPrimed) ? "attended" : over == [Axis.Channel] ? "scores" : "product",
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
        IsWord or PoolPresence => "present",
        LookUp => "vectors",
        Recur => "states",
        LastOne => "last",
        _ => "x",
    };

    /// <summary>Whether a value is its first operand taken a step further, so that it may have that operand's name.</summary>
    public static bool Continues(Node node) => node.Operation switch
    {
        Apply(Function.Square or Function.InverseRoot) => false,
        Apply or Drop or Repeat or Rename or ChannelsInnermost or Interpolate => true,
        Add or Multiply => node.Operands[1].Operation is Parameter or Constant && node.Operands[0].Operation is not (Parameter or Constant),
        _ => false,
    };

    /// <summary>What the weight of a value's operation is called below its layer, such as key for key.weight; nothing where it is the layer's only one.</summary>
    public static string Weight(Node node) =>
        node.Operands.Count > 1 && node.Operands[1].Operation is Parameter { Path: var path } && node.Path is { } at
        && path.StartsWith(at.Length == 0 ? "" : $"{at}.", StringComparison.Ordinal)
        && path[(at.Length == 0 ? 0 : at.Length + 1)..].Split('.') is [.. { Length: > 0 } names, _]
            ? string.Join('_', names)
            : "";
}
