using Cmsa.Dsl.Testing;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>Every operation in ONNX Runtime beside our own kernel.</summary>
public class OperationTests
{
    /// <summary>What the booleans of a case are.</summary>
    public enum Masks
    {
        Full,
        Some,
        Empty,
    }

    /// <summary>Every case in batches of 1 and 3, and with booleans of every sort where it has any.</summary>
    public static TheoryData<string, int, Masks> Cases
    {
        get
        {
            var data = new TheoryData<string, int, Masks>();
            foreach (var (name, node) in OperationCases.All)
                foreach (var batch in (Many<int>)[1, 3])
                    foreach (var masks in IsMasked(node) ? Enum.GetValues<Masks>() : [Masks.Full])
                        data.Add(name, batch, masks);
            return data;
        }
    }

    /// <summary>Every case once.</summary>
    public static TheoryData<string> Names => [.. OperationCases.All.Keys];

    private static bool IsMasked(Node node) =>
        Everything(node).Any(n => n.Operation is Input { Element: not ElementType.Real });

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operation_computes_what_its_kernel_computes(string name, int batch, Masks masks)
    {
        var graph = Graph.Of("case", OperationCases.All[name]);
        var differences = Agreement.Between(graph, graph, module => Arguments(module, batch, masks));
        Assert.Equal(Right<Error, Many<string>>([]), differences);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void In_float16_an_operation_is_as_near_as_its_digits(string name)
    {
        var graph = Graph.Of("case", OperationCases.All[name]);
        var differences = Agreement.Between(
            graph,
            graph,
            module => Arguments(module, 2, Masks.Some),
            OnnxPrecision.Float16
        );
        if (Everything(OperationCases.All[name]).Any(n => n.Operation is Cast))
            Assert.Contains("a layer that computes in float32", $"{differences}", StringComparison.Ordinal);
        else
            Assert.Equal(Right<Error, Many<string>>([]), differences);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void In_float64_an_operation_computes_what_its_kernel_computes_to_all_digits(string name)
    {
        var graph = Graph.Of("case", OperationCases.All[name]);
        var differences = Agreement.Between(
            graph,
            graph,
            module => Arguments(module, 2, Masks.Some),
            OnnxPrecision.Float64
        );
        // The runtime says so itself: where it learns to, this test asks for the numbers.
        if (Agreement.LacksFloat64(graph))
            Assert.Contains("Could not find an implementation", $"{differences}", StringComparison.Ordinal);
        else
            Assert.Equal(Right<Error, Many<string>>([]), differences);
    }

    [Fact]
    public void Every_operation_has_a_case()
    {
        var operations = typeof(Operation)
            .Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(Operation)) && !t.IsAbstract && t != typeof(Poisoned))
            .ToHashSet();
        var covered = OperationCases.All.Values.SelectMany(Everything).Select(n => n.Operation.GetType()).ToHashSet();
        Assert.Equal([], operations.Except(covered).Select(t => t.Name));
        Assert.Equal(
            [typeof(Input), typeof(Parameter)],
            operations.Except(Lowerings.Lowerings.Operations).OrderBy(t => t.Name)
        );
    }

    private static IEnumerable<Node> Everything(Node node) => node.Operands.SelectMany(Everything).Prepend(node);

    internal static Tensor[] Arguments(Compiled module, int batch, Masks masks) =>
        module
            .Graph.Inputs.Map((Func<Input, Tensor>)(input => Argument(input, batch, masks, module.Context.Real)))
            .ToArray();

    private static Tensor Argument(Input input, int batch, Masks masks, ScalarType real)
    {
        long[] sizes = [batch, .. input.Of.Dimensions.Tail.Map(d => (long)d.Size)];
        return input.Element switch
        {
            ElementType.Real => Drawn.Uniform(input.Name, sizes, 1, u => u * 2 - 1).to(real),
            ElementType.Boolean => Present(input, sizes, masks),
            _ => Drawn.Uniform(input.Name, sizes, 1, u => Math.Floor(u * 8) + 1).to(ScalarType.Int64)
                * Present(input, sizes, masks),
        };
    }

    // Words have one at least, as modules demand: "present" the first or the last, "also" another one where there is
    // one.
    private static Tensor Present(Input input, long[] sizes, Masks masks)
    {
        if (masks == Masks.Full)
            return ones(sizes, ScalarType.Bool);
        var drawn =
            masks == Masks.Empty
                ? zeros(sizes, ScalarType.Bool)
                : Drawn.Uniform($"{input.Name} is there", sizes, 1).gt(Scalars.Of(0.5));
        if (input.Of.Axes != [Axis.Batch, Axis.Word])
            return drawn;
        drawn[.., input.Name == "also" ? 0 : ^1] = true;
        return drawn;
    }
}
