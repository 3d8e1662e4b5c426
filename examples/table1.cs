#!/usr/bin/env dotnet
#:project ../src/Cmsa.Cli/Cmsa.Cli.csproj
// Table 1 of CVPR 2019: four data sets, with the methods that it was compared with and a row of one's own.
//   dotnet run examples/table1.cs                                        shows it
//   dotnet run examples/table1.cs -- --budget 30m --data UNC             trains its rows on scenes, and prints it
//   dotnet run examples/table1.cs -- --root /data/refer --scale paper --device cuda --slurm
using Cmsa.Cli;
using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using Cmsa.Models;
using Cmsa.Models.Tables;

// A table is a value: with a row more it is another table.
var table = PaperTables.One with
{
    Rows = PaperTables.One.Rows.Add(
        Row.Of("CMSA, pairs", s => Paper.Model(s).Replace<SelfAttention>(a => a with { Over = AttentionScope.Pairs }))
    ),
};

return Application.Run(args, table);
