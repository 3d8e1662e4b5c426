#:project ../src/Cmsa.Models/Cmsa.Models.csproj
// Table 3 of CVPR 2019, as a person would write it: what a place-and-word attends to, on Res5 alone.   dotnet run examples/table3.cs [paper]
using Cmsa.Dsl;
using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Models;
using static Cmsa.Dsl.Syntax;
using static Cmsa.Models.DeepLab;

var sizes = args is ["paper"] ? Sizes.Paper : Sizes.Small;

var model =
    Of(sizes.Backbone, Res5) * Embedding(sizes.Vocabulary, sizes.Word)
    >> EachLevel(
           Multimodal
           >> Residual(SelfAttention(sizes.Attention))
           >> WordMean
           >> Conv(sizes.Fused, 1) >> Relu)
    >> Pick(Res5)
    >> Conv(1, 3).Named("mask") >> Upsample(sizes.Image);

Layer<(Image, Tokens), Mask> Attending(Over over) => model.Replace<SelfAttention>(a => a with { Over = over });

(string Name, Layer<(Image, Tokens), Mask> Model)[] rows =
[
    ("No attention", Attending(Over.None)),
    ("Word attention", Attending(Over.Words)),
    ("Pixel attention", Attending(Over.Pixels)),
    ("Word-pixel pair attention", Attending(Over.Pairs)),
    ("... its cross terms alone", model.Replace<SelfAttention>(a => CrossTermAttention(a.Width, sizes.Word))),
    ("Cross-modal self-attention", Attending(Over.All)),
];

Console.WriteLine($"{"Table 3",-28}{"parameters",14}{"multiply-adds",22}{"after rewriting",20}");
foreach (var (name, layer) in rows)
    Console.WriteLine(layer.At(sizes.Extent).Match(
        Succ: p => $"{name,-28}{p.ParameterCount,14:N0}{p.MultiplyAdds,22:N0}{Optimiser.Optimise(p, Effort.All, training: false).MultiplyAdds,20:N0}",
        Fail: errors => $"{name,-28}{string.Join("; ", errors)}"));
