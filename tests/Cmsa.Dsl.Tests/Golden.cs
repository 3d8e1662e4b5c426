using System.Text.Json.Nodes;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// The numbers of an independent implementation of equations 1 to 9 and of the released graph, in float64.
/// </summary>
internal static class Golden
{
    private static readonly JsonNode root = JsonNode.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "cmsa_head.json"))
    )!;

    public static JsonNode At(params object[] path) =>
        path.Aggregate(root, (node, step) => (step is int index ? node[index] : node[(string)step])!);

    public static Tensor Tensor(params object[] path) =>
        torch.tensor(
            At([.. path, "data"]).AsArray().Select(n => n!.GetValue<double>()).ToArray(),
            [.. At([.. path, "shape"]).AsArray().Select(n => n!.GetValue<long>())]
        );

    public static int[] Lengths => [.. At("lengths").AsArray().Select(n => n!.GetValue<int>())];

    /// <summary>Which words are there: each sample has its last ones.</summary>
    public static Tensor Present(int words) =>
        torch.stack([.. Lengths.Select(length => torch.arange(words).ge(words - length))]);

    public static Compiled Compile(
        this Layer model,
        InputSpec inputs,
        Func<Parameter, Tensor> weights,
        Options? options = null
    )
    {
        var compiled = model
            .Compile(inputs, options ?? new(Precision: Precision.Float64))
            .Match(Succ: c => c, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));
        using var mode = torch.no_grad();
        foreach (var (parameter, tensor) in compiled.Tensors)
        {
            var given = weights(parameter);
            tensor.copy_(given.reshape(tensor.shape));
        }
        return compiled;
    }

    public static double Distance(Tensor a, Tensor b) => (a - b).abs().max().item<double>();
}
