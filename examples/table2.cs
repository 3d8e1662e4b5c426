#:project ../src/Cmsa.Models/Cmsa.Models.csproj
// Table 2 of CVPR 2019, as a person would write it: representations on Res5 alone, then fusions of three levels.   dotnet run examples/table2.cs [paper]
using Cmsa.Dsl;
using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Models;
using static Cmsa.Dsl.Syntax;
using static Cmsa.Models.DeepLab;

var s = args is ["paper"] ? Sizes.Paper : Sizes.Small;
var cmsa = Paper.Model(s);
var res5 = cmsa.Replace("fusion", Pick(Res5));
var sentence = Lstm<Words>(s.Word) >> LastWord >> AsWord;

Layer<Levels<FeatureMap>, FeatureMap> gated = Define<FeatureMap>(x =>
{
    var m = x.Each(Conv(1, 3) >> Sigmoid, "memory");
    return x.Sum(i => m[i] * x[i]);
});

(string Name, Layer<(Image, Tokens), Mask> Model)[] rows =
[
    ("RMI-LSTM", res5.Replace<Embedding>(e => e >> Concat(Identity<Words>(), Lstm<Words>(s.Word)))
                     .Replace("*", Multimodal >> Lstm<WordMaps>(s.Fused) >> LastMap)),
    ("RRN-CNN", res5.Replace<Embedding>(e => e >> sentence)
                    .Replace("*", Multimodal >> WordMean >> Conv(s.Fused, 1) >> Relu)),
    ("CMSA-S", res5.Replace<Embedding>(e => e >> sentence)),
    ("CMSA-W", res5),
    ("CMSA+PPM", cmsa.Replace("fusion", PyramidFusion.Of(s.Fused))),
    ("CMSA+Deconv", cmsa.Replace("fusion", DeconvFusion.Of(s.Fused))),
    ("CMSA+ConvLSTM", cmsa.Replace("fusion", ConvLstmFusion.Of(s.Fused))),
    ("CMSA+Gated", cmsa.Replace("fusion", gated)),
    ("CMSA+GF", cmsa),
];

Console.WriteLine($"{"Table 2",-20}{"parameters",14}{"multiply-adds",22}{"after rewriting",20}");
foreach (var (name, layer) in rows)
    Console.WriteLine(layer.At(s.Extent).Match(
        Succ: p => $"{name,-20}{p.ParameterCount,14:N0}{p.MultiplyAdds,22:N0}{Optimiser.Optimise(p, Effort.All, training: false).MultiplyAdds,20:N0}",
        Fail: errors => $"{name,-20}{string.Join("; ", errors)}"));
