#:project ../src/Cmsa.Models/Cmsa.Models.csproj
// Table 1 of CVPR 2019: four data sets, with the methods it was compared with and a row of one's own.   dotnet run examples/table1.cs [paper]
using Cmsa.Dsl;
using Cmsa.Dsl.Programs;
using Cmsa.Models;

var sizes = args is ["paper"] ? Sizes.Paper : Sizes.Small;

// A table is a value: with a row more it is another table.
var table = Tables.One with
{
    Rows = Tables.One.Rows.Add(Row.Of("CMSA, pairs", s => Paper.Model(s).Replace<SelfAttention>(a => a with { Over = Over.Pairs }))),
};

Console.WriteLine($"Table {table.Number}: {table.Title} (overall IoU, %; * not confirmed)");
Console.WriteLine($"{"",-14}" + string.Concat(table.Columns.Map(c => $"{c,13}")) + $"{"parameters",14}{"multiply-adds",22}");
foreach (var row in table.Rows)
    Console.WriteLine($"{row.Name,-14}" + string.Concat(table.Columns.Map(c => $"{row[c].Map(n => $"{n}").IfNone("-"),13}")) + row.Model.Map(Cost).IfNone(""));

string Cost(Func<Sizes, Layer<(Image, Tokens), Mask>> model) => model(sizes).At(sizes.Extent).Match(
    Succ: p => $"{p.ParameterCount,14:N0}{p.MultiplyAdds,22:N0}",
    Fail: errors => string.Join("; ", errors));
