using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Display;

/// <summary>What stands in the box of a layer.</summary>
internal static class Caption
{
    /// <summary>A title and the lines below it.</summary>
    public static (string Title, Many<string> Notes) Of(Layer layer, string path) =>
        Summary.Bare(layer) switch
        {
            Conv c => (
                $"conv {c.Kernel}×{c.Kernel}",
                [
                    $"{c.Channels}{(c.Stride > 1 ? $", stride {c.Stride}" : "")}{(c.Dilation > 1 ? $", dilated {c.Dilation}" : "")}",
                ]
            ),
            ConvTranspose c => ($"deconv {c.Kernel}×{c.Kernel}", [$"{c.Channels}, stride {c.Stride}"]),
            Embedding e => ("embedding", [$"{e.Vocabulary} words"]),
            SelfAttention a => (
                "self-attention",
                [Over(a.Over), a.Heads == 1 ? $"width {a.Width}" : $"width {a.Width}, {a.Heads} heads"]
            ),
            PooledAttention a => ("pooled self-attention", [Over(a.Over), $"width {a.Width}"]),
            MultimodalFeature m => ("multimodal feature", [m.Positions ? "[v, e, s]" : "[v, e]"]),
            WordPool w => ($"{Word(w.Reduction)} over words", []),
            SentencePool w => ($"{Word(w.Reduction)} over words", []),
            Pool p => ($"{Word(p.Reduction)} pool", [$"{p.Kernel}×{p.Kernel}, stride {p.Stride}"]),
            GlobalPool p => ($"global {Word(p.Reduction)}", []),
            AdaptivePool p => ($"{Word(p.Reduction)} pool", [$"{p.Rows}×{p.Columns} bins"]),
            Upsample u => ("upsample", [$"{u.Rows}×{u.Columns}"]),
            Resize u => ("resize", [$"{u.Rows}×{u.Columns}"]),
            BatchNorm => ("norm", []),
            var bare when Summary.Name(bare) == nameof(Linear<>) => ("linear", [$"{Argument(bare, 0)}"]),
            var bare when Summary.Name(bare) == nameof(Lstm<>) => ("LSTM", [$"{Argument(bare, 0)}"]),
            var bare when Summary.Name(bare) == nameof(Dropout<>) => ("dropout", [$"{Argument(bare, 0)}"]),
            var bare when Summary.Name(bare) == nameof(Elementwise<>) => (Function($"{bare}"), []),
            var bare when Summary.Name(bare) == nameof(Equation<,>) => (
                Last(path) is { Length: > 0 } name ? name : "equation",
                Labels(bare)
            ),
            var bare => (
                Spaced(Summary.Name(bare)),
                Schema
                    .TryOf(bare.GetType())
                    .Map(s =>
                        s.Fields.Where(f => !f.IsDefaultIn(bare) && !typeof(Layer).IsAssignableFrom(f.Type))
                            .Select(f => Summary.Cut($"{Spaced(f.Name)} {f.Of(bare)}", 22))
                            .Take(3)
                            .ToMany()
                    )
                    .IfNone(default(Many<string>))
            ),
        };

    /// <summary>The last segment of a path.</summary>
    public static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>A name in lower case, its words apart.</summary>
    public static string Spaced(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : $"{c}"));

    private static object? Argument(Layer layer, int field) => Schema.Of(layer.GetType()).Fields[field].Of(layer);

    private static string Function(string text) =>
        text switch
        {
            "Relu" => "ReLU",
            "Sigmoid" or "Tanh" or "Exp" or "Log" => text.ToLowerInvariant(),
            _ => Summary.Cut(text, 24),
        };

    private static string Word(Reduction reduction) =>
        reduction switch
        {
            Reduction.Max => "max",
            Reduction.Mean => "mean",
            _ => "sum",
        };

    private static string Over(AttentionScope over) =>
        over switch
        {
            Cmsa.Dsl.Layers.AttentionScope.All => "words × places",
            Cmsa.Dsl.Layers.AttentionScope.Words => "over words",
            Cmsa.Dsl.Layers.AttentionScope.Pixels => "over places",
            Cmsa.Dsl.Layers.AttentionScope.Pairs => "over pairs",
            _ => "over nothing",
        };

    // The named layers of an equation, last segments of numbered ones apart.
    private static Many<string> Labels(Layer equation) =>
        [
            .. Many.Range(equation.Parts.Count)
                .Choose(i =>
                    equation.PlaceOf(i) is Placing.Named(var label)
                        ? LanguageExt.Option<string>.Some(Last(label))
                        : default
                )
                .Distinct()
                .Take(4),
        ];
}
