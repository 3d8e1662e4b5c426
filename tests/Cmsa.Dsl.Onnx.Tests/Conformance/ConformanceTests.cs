using LanguageExt;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests.Conformance;

/// <summary>Runs where ONNX's own test cases are.</summary>
public sealed class OnnxCasesFactAttribute : FactAttribute
{
    public OnnxCasesFactAttribute() =>
        Skip = OnnxCase.AreThere ? null! : "ONNX's own cases are not here: bash tests/onnx-cases.sh installs libonnx-testdata";
}

/// <summary>Our kernels beside ONNX's own test cases, of every operator that the language can say.</summary>
public class ConformanceTests(ITestOutputHelper output)
{
    /// <summary>Operators of which at least one case must be said.</summary>
    private static readonly Many<string> required =
    [
        "Conv",
        "ConvTranspose",
        "MaxPool",
        "AveragePool",
        "GlobalAveragePool",
        "BatchNormalization",
        "InstanceNormalization",
        "LayerNormalization",
        "Softmax",
        "LogSoftmax",
        "LSTM",
        "GRU",
        "Resize",
        "Gather",
        "Concat",
        "Slice",
        "Split",
        "Transpose",
        "Pad",
        "DepthToSpace",
        "ReduceSum",
        "ReduceMean",
        "ReduceMax",
        "ReduceLogSumExp",
        "MatMul",
        "Gemm",
        "Add",
        "Mul",
        "Erf",
        "Sigmoid",
        "Tanh",
        "And",
        "Or",
    ];

    [OnnxCasesFact]
    public void Every_case_that_the_language_can_say_is_equal()
    {
        using var scope = NewDisposeScope();
        var wrong = new List<string>();
        var said = new List<string>();
        var unsaid = new List<(string Operator, string Why)>();
        foreach (var name in OnnxCase.Names)
            OnnxCase
                .Read(name)
                .Match(
                    Right: c =>
                        Meaning
                            .Of(c)
                            .Match(
                                Right: answer =>
                                {
                                    said.Add(c.Operator.OpType);
                                    Difference(c, answer).IfSome(wrong.Add);
                                },
                                Left: why => unsaid.Add((c.Operator.OpType, why))
                            ),
                    Left: why => unsaid.Add(("", why))
                );

        output.WriteLine($"{OnnxCase.Names.Count} cases, {said.Count} said, {said.Count - wrong.Count} equal");
        foreach (var each in said.CountBy(s => s).OrderBy(s => s.Key, StringComparer.Ordinal))
            output.WriteLine($"{each.Key}: {each.Value} said");
        foreach (var each in unsaid.CountBy(u => u).OrderBy(u => $"{u.Key}", StringComparer.Ordinal))
            output.WriteLine($"{each.Key.Operator}: {each.Value} not said: {each.Key.Why}");
        Assert.Equal([], wrong);
        Assert.Equal([], required.Filter(r => !said.Contains(r)));
    }

    private static Option<string> Difference(OnnxCase c, Answer answer)
    {
        using var scope = NewDisposeScope();
        try
        {
            var found = answer();
            var far = Many.Range(c.Outputs.Count)
                .Bind(i => c.Outputs[i].Bind(e => Far(found[i], e).Map(d => $"{c.Name}: output {i} {d}")).ToMany());
            return far.IsEmpty ? Option<string>.None : far.Head;
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            return $"{c.Name}: {failed.GetType().Name}: {failed.Message.Split('\n')[0]}";
        }
    }

    private static Option<string> Far(Tensor found, Tensor expected)
    {
        if (!found.shape.SequenceEqual(expected.shape))
            return $"is [{string.Join(", ", found.shape)}] and not [{string.Join(", ", expected.shape)}]";
        if (expected.dtype == ScalarType.Bool)
            return found.ne(expected).any().item<bool>() ? "has other booleans" : Option<string>.None;
        if (expected.numel() == 0)
            return Option<string>.None;
        var numbers = expected.to(ScalarType.Float64);
        if (found.isnan().ne(numbers.isnan()).any().item<bool>())
            return "has other numbers that are none";
        var distance = (found - numbers).nan_to_num(0).abs().max().item<double>();
        var scale = Math.Max(1e-3, numbers.nan_to_num(0).abs().max().item<double>());
        // The expected numbers are float32.
        return distance <= 2e-6 * scale ? Option<string>.None : $"differs by {distance:g3} where the greatest is {scale:g3}";
    }
}
