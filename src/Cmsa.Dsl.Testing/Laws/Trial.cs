using System.Runtime.InteropServices;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Testing;

/// <summary>A layer compiled with drawn weights, and its drawn arguments: what the laws are made of.</summary>
internal sealed record Trial(Compiled Module, Tensor[] Arguments)
{
    /// <summary>
    /// A law looked at: what breaks it. All tensors are freed afterwards; a layer that does not fit breaks every law.
    /// </summary>
    public static Verdict Of(string law, Func<Many<string>> broken)
    {
        using var scope = NewDisposeScope();
        try
        {
            return new(law, broken());
        }
        catch (MisfitException misfit)
        {
            return new(law, [misfit.Message]);
        }
        catch (ExternalException native)
        {
            return new(law, [$"it does not run: {native.Message.Split('\n')[0]}"]);
        }
    }

    /// <summary>A layer as a module with drawn weights, and a batch for it.</summary>
    public static Trial Of(
        Layer layer,
        InputSpec inputs,
        int seed,
        OptimizationLevel effort = OptimizationLevel.All,
        bool training = false,
        Many<string> probes = default,
        int batch = 3
    ) =>
        layer
            .Compile(
                inputs,
                new Options(
                    Precision: Precision.Float64,
                    Training: training,
                    Seed: (ulong)seed,
                    Optimise: effort,
                    Probes: probes
                )
            )
            .Match(
                Succ: module => new Trial(module.WithDrawnWeights(seed), module.DrawnArguments(batch, seed)),
                Fail: errors => throw new MisfitException($"{layer} does not fit {inputs}: {string.Join("; ", errors)}")
            );

    /// <summary>All results of the module for some arguments.</summary>
    public Many<Result> Run(Tensor[] arguments) => Results(Module.RunAll(arguments));

    /// <summary>All results of the module for its arguments.</summary>
    public Many<Result> Run() => Run(Arguments);

    /// <summary>
    /// All tensors of an output, 0 at words that are padding: what stands there means nothing. Which words are there is
    /// a result too.
    /// </summary>
    public Many<Result> Results(Output output) =>
        output.Parts.Zip(Module.Graph.Output.Nodes, (part, node) => Results(part.Path, part.Part, node)).Bind(r => r);

    private static Many<Result> Results(string path, Output.One part, Node node)
    {
        var name = path.Length == 0 ? "the result" : $"the result {path}";
        if (part.Present is not { } present)
            return [new(name, part.Of, HasWords: false)];
        var cleaned = part.Of.masked_fill(Along(present, node.Shape, Axis.Word).logical_not(), Scalars.Of(0L));
        return
        [
            new(name, cleaned, HasWords: true),
            new($"the words of {name}", present.to(ScalarType.Float64), HasWords: true),
        ];
    }

    /// <summary>
    /// The words that the module is given, <c>[batch, word]</c>: of the first of its arguments that has any.
    /// </summary>
    public Tensor? Words(Tensor[] arguments) =>
        Module
            .Graph.Inputs.Zip(
                [.. arguments],
                (input, tensor) =>
                    input.Element switch
                    {
                        ElementType.Boolean => tensor,
                        ElementType.Integer => tensor.ne(Scalars.Of(0L)),
                        _ => null,
                    }
            )
            .FirstOrDefault(present => present is not null);

    /// <summary>A boolean <c>[batch, word]</c> beside a value whose words are on some axis.</summary>
    public static Tensor Along(Tensor present, Shape shape, Axis words) =>
        present.reshape([
            .. shape.Axes.Map(a =>
                a == Axis.Batch ? present.shape[0]
                : a == words ? present.shape[1]
                : 1
            ),
        ]);
}

/// <summary>One tensor of a module's result.</summary>
/// <param name="Name">What it is called in a sentence.</param>
/// <param name="Value">The tensor, batch first.</param>
/// <param name="HasWords">Whether its second axis is words.</param>
internal sealed record Result(string Name, Tensor Value, bool HasWords)
{
    /// <summary>The same with another tensor.</summary>
    public Result With(Func<Tensor, Tensor> change) => this with { Value = change(Value) };
}

/// <summary>How far two tensors may differ: relative to the greatest number in them, since rounding is.</summary>
internal static class Difference
{
    /// <summary>What differs between two results of a module, tensor by tensor.</summary>
    /// <param name="when">In which case, as the beginning of a sentence; may be empty.</param>
    /// <param name="found">What was found.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="close">How far they may differ.</param>
    public static Many<string> Between(string when, Many<Result> found, Many<Result> expected, double close)
    {
        if (found.Count != expected.Count)
            return [$"{when}there are {found.Count} results and not {expected.Count}"];
        return found.Zip(expected, (f, e) => Between($"{when}{e.Name}", f.Value, e.Value, close)).Bind(d => d);
    }

    /// <summary>What differs, as a sentence; nothing where it is little enough.</summary>
    public static Many<string> Between(string what, Tensor found, Tensor expected, double close)
    {
        if (!found.shape.SequenceEqual(expected.shape))
            return [$"{what} is [{string.Join(", ", found.shape)}] and not [{string.Join(", ", expected.shape)}]"];
        if (expected.numel() == 0)
            return [];
        var distance = (found - expected).abs();
        var (worst, scale) = (distance.max().item<double>(), 1 + expected.abs().max().item<double>());
        if (worst <= close * scale)
            return [];
        var at = distance.flatten().argmax().item<long>();
        return
        [
            $"{what} differs by {worst:g3} at {Place(at, found.shape)}: {found.flatten()[at].item<double>():g9} "
                + $"and not {expected.flatten()[at].item<double>():g9}",
        ];
    }

    private static string Place(long at, long[] sizes)
    {
        var place = new long[sizes.Length];
        for (var d = sizes.Length - 1; d >= 0; d--)
            (place[d], at) = (at % sizes[d], at / sizes[d]);
        return $"[{string.Join(", ", place)}]";
    }
}

/// <summary>A layer that does not fit the sizes that a law was to be tried at.</summary>
internal sealed class MisfitException(string message) : Exception(message);
