#!/usr/bin/env dotnet
#:project ../src/Cmsa.Models/Cmsa.Models.csproj
// The paper's model: as text, and as a table of its layers with sizes and costs.   dotnet run examples/paper.cs
using Cmsa.Dsl.Display;
using Cmsa.Models;

var model = Paper.Model(Sizes.Small);
Console.WriteLine(model);
Console.WriteLine();

var paper = Table.Of(Paper.Model(Sizes.Paper), Sizes.Paper.Extent);
Console.WriteLine(paper.Match(Succ: table => $"{table}", Fail: errors => string.Join('\n', errors)));
