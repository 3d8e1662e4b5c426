#!/usr/bin/env dotnet
#:project ../src/Cmsa.Cli/Cmsa.Cli.csproj
// Table 2 of CVPR 2019, as a person would write it: representations on Res5 alone, then fusions of the three levels.
//   dotnet run examples/table2.cs                                        shows it
//   dotnet run examples/table2.cs -- --budget 20m -o report              trains its rows, prints it and writes a report
using Cmsa.Cli;
using Cmsa.Dsl;
using Cmsa.Models;
using static Cmsa.Dsl.Layers.Syntax;
using static Cmsa.Models.DeepLab;

var val = Benchmark.Unc["val"];

Layer<(Image, Tokens), Mask> OnRes5(Sizes s) => Paper.Model(s).Replace("fusion", Pick(Res5));
Layer<(Image, Tokens), Mask> Fused(Sizes s, Layer<Levels<FeatureMap>, FeatureMap> fusion) =>
    Paper.Model(s).Replace("fusion", fusion);
Layer<Words, Words> Sentence(Sizes s) => Lstm<Words>(s.Word) >> LastWord >> AsWord;

var gated = Define<FeatureMap>(x =>
{
    var m = x.Each(Conv(1, 3) >> Sigmoid, "memory");
    return x.Sum(i => m[i] * x[i]);
});

var table = new Table(
    2,
    "Multimodal representation and fusion of levels",
    [
        Row.Of(
            "RMI-LSTM",
            s =>
                OnRes5(s)
                    .Replace<Embedding>(e => e >> Concat(Identity<Words>(), Lstm<Words>(s.Word)))
                    .Replace("*", Multimodal >> Lstm<WordMaps>(s.Fused) >> LastMap)
        ),
        Row.Of(
            "RRN-CNN",
            s =>
                OnRes5(s)
                    .Replace<Embedding>(e => e >> Sentence(s))
                    .Replace("*", Multimodal >> WordMean >> Conv(s.Fused, 1) >> Relu)
        ),
        Row.Of("CMSA-S", s => OnRes5(s).Replace<Embedding>(e => e >> Sentence(s)), Recalled(48.53)),
        Row.Of("CMSA-W", OnRes5, Recalled(50.12)),
        Row.Of("CMSA+PPM", "ppm", s => Fused(s, PyramidFusion.Of(s.Fused)), Recalled(53.54)),
        Row.Of("CMSA+Deconv", "deconv", s => Fused(s, DeconvFusion.Of(s.Fused)), Recalled(54.18)),
        Row.Of("CMSA+ConvLSTM", "convlstm", s => Fused(s, ConvLstmFusion.Of(s.Fused)), Recalled(56.56)),
        Row.Of("CMSA+Gated", "gated", s => Fused(s, gated), Recalled(57.1)),
        Row.Of("CMSA+GF", "gf", Paper.Model, new Published(val, 58.32, Confirmed: true, "CVPR 2019, table 1")),
    ],
    [val]
);

return Application.Run(args, table);

Published Recalled(double iou) => new(val, iou, Confirmed: false, "CVPR 2019, table 2; recalled");
