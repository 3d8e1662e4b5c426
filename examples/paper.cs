#!/usr/bin/env dotnet
#:project ../src/Cmsa.Models/Cmsa.Models.csproj
// The paper's model: as text, and as a table of its layers with sizes and costs.   dotnet run examples/paper.cs
using Cmsa.Dsl.Display;
using Cmsa.Models;

// The model is one value; its text is the code that would write it. Its first step, the backbone, is long.
foreach (var step in Paper.Model(Sizes.Paper).Parts)
    Console.WriteLine($"{step}" is { Length: > 150 } text ? $">> {text[..150]}..." : $">> {step}");
Console.WriteLine();

var table = LayerTable.Of(Paper.Model(Sizes.Paper), Sizes.Paper.Inputs);
Console.WriteLine(table.Match(Succ: rows => $"{rows}", Fail: errors => string.Join('\n', errors)));
