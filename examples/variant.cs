#!/usr/bin/env dotnet
#:project ../src/Cmsa.Models/Cmsa.Models.csproj
// A variant of one's own: shown, checked, compiled and run.   dotnet run examples/variant.cs
using Cmsa.Dsl;
using Cmsa.Dsl.Display;
using Cmsa.Dsl.Layers;
using Cmsa.Dsl.Torch;
using Cmsa.Models;
using static Cmsa.Dsl.Layers.Syntax;
using static TorchSharp.torch;

// The paper's model, with attention over places alone at the highest level, and levels that are summed as they are.
var paper = Paper.Model(Sizes.Small);
var variant = paper
    .Replace("res5.attention", SelfAttention(32, AttentionScope.Pixels))
    .Replace("fusion", Define<FeatureMap>(x => x.Sum(i => Learnable("weight") * x[i])));

foreach (var change in Difference.Between(paper, variant))
    Console.WriteLine(change);
Console.WriteLine(
    LayerTable
        .Of(variant, Sizes.Small.Inputs)
        .Match(Succ: table => $"{table}", Fail: errors => string.Join('\n', errors))
);

using var compiled = variant
    .Compile(Sizes.Small.Inputs)
    .Match(Succ: module => module, Fail: errors => throw new InvalidOperationException(string.Join('\n', errors)));
using var picture = rand(1, 3, Sizes.Small.Image, Sizes.Small.Image);
using var words = randint(4, Sizes.Small.Vocabulary, [1, Sizes.Small.Words], int64);
using var logits = compiled.Run(picture, words);
Console.WriteLine(
    $"a mask of [{string.Join(", ", logits.shape)}], {logits.ge(0).sum().item<long>()} of its pixels foreground"
);
