#!/usr/bin/env dotnet
#:project ../src/Cmsa.Cli/Cmsa.Cli.csproj
// Table 3 of CVPR 2019 with a row of your own: what a place-and-word attends to, on Res5 alone.
//   dotnet run examples/table3.cs                                        shows it
//   dotnet run examples/table3.cs -- --budget 10m --seeds 3 -o report    trains its rows, prints it and writes a report
using Cmsa.Cli;
using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using Cmsa.Models;
using Cmsa.Models.Tables;

var heads = Row.Of(
    "Cross-modal self-attention, 4 heads",
    "heads",
    s => Paper.OnRes5(s).Replace<SelfAttention>(a => a with { Heads = 4 })
);

return Application.Run(args, PaperTables.Three with { Rows = PaperTables.Three.Rows.Add(heads) });
