#!/usr/bin/env dotnet
#:project ../src/Cmsa.Cli/Cmsa.Cli.csproj
// Your own model with every command of cmsa.   dotnet run examples/own.cs -- show own
//   dotnet run examples/own.cs -- diff Cmsa.Paper.Small own
//   dotnet run examples/own.cs -- train --model own --data scenes/unc
using Cmsa.Cli;
using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using Cmsa.Models;
using static Cmsa.Dsl.Layers.Syntax;

// Attention by four heads over the places of each word, and levels that are averaged.
var model = Paper
    .Model(Sizes.Small)
    .Replace<SelfAttention>(a => a with { Over = AttentionScope.Pixels, Heads = 4 })
    .Replace("fusion", Define<FeatureMap>(x => x.Sum(i => x[i] / 3)));

return Application.Run(args, ("own", model, Sizes.Small));
