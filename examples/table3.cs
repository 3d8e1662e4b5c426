#!/usr/bin/env dotnet
#:project ../src/Cmsa.Cli/Cmsa.Cli.csproj
// Table 3 of CVPR 2019, as a person would write it: what a place-and-word attends to, on Res5 alone.
//   dotnet run examples/table3.cs                                        shows it
//   dotnet run examples/table3.cs -- --budget 10m --seeds 3 -o report    trains its rows, prints it and writes a report
using Cmsa.Cli;
using Cmsa.Dsl;
using Cmsa.Models;
using static Cmsa.Dsl.Layers.Syntax;
using static Cmsa.Models.DeepLab;

var val = Benchmark.Unc["val"];

Layer<(Image, Tokens), Mask> Model(Sizes s) =>
    Paper.Backbone(s, Res5) * Embedding(s.Vocabulary, s.Word)
    >> EachLevel(Multimodal >> Residual(SelfAttention(s.Attention)) >> WordMean >> Conv(s.Fused, 1) >> Relu)
    >> Pick(Res5)
    >> Conv(1, 3).Named("mask")
    >> Upsample(s.Image);

Func<Sizes, Layer<(Image, Tokens), Mask>> Attending(Over over) =>
    s => Model(s).Replace<SelfAttention>(a => a with { Over = over });

var table = new Table(
    3,
    "Attention",
    [
        Row.Of("No attention", "none", Attending(AttentionScope.None), Recalled(45.63)),
        Row.Of("Word attention", "words", Attending(AttentionScope.Words), Recalled(47.01)),
        Row.Of("Pixel attention", "pixels", Attending(AttentionScope.Pixels), Recalled(47.84)),
        Row.Of("Word-pixel pair attention", "pairs", Attending(AttentionScope.Pairs), Recalled(47.57)),
        Row.Of(
            "... its cross terms alone",
            "cross-terms",
            s => Model(s).Replace<SelfAttention>(a => CrossTermAttention(a.Width, s.Word))
        ),
        Row.Of("Cross-modal self-attention", "all", Attending(AttentionScope.All), Recalled(50.12)),
    ],
    [val]
);

return Application.Run(args, table);

Published Recalled(double iou) => new(val, iou, Confirmed: false, "CVPR 2019, table 3; recalled");
