using System.Security.Cryptography;
using System.Text;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = Cmsa.Dsl.Graphs.Parameter;

namespace Cmsa.Dsl.Torch;

/// <summary>A part of what is computed from some inputs: a node of the graph and its value.</summary>
/// <param name="Path">The path of the layer that computes it; the input's name where the input itself is needed.</param>
/// <param name="Tensor">Its value, batch first; not the caller's to dispose.</param>
public sealed record Feature(string Path, Tensor Tensor);

/// <summary>
/// What a model computes from some of its inputs and from weights that training leaves as they are, and everything else
/// needs: a frozen backbone's results. They are computed once, kept anywhere, and bound in the place of the inputs.
/// </summary>
/// <remarks>
/// They belong to the module's graph and to its frozen weights: a module of the same model, sizes and frozen weights takes
/// them. At inference all weights are left as they are, so that features are what <see cref="Bound"/> keeps.
/// </remarks>
public sealed class Features : IDisposable
{
    private readonly Many<(int Slot, Feature Part)> parts;

    private Features(Many<string> inputs, Many<(int, Feature)> parts) => (Inputs, this.parts) = (inputs, parts);

    /// <summary>The inputs that they stand for.</summary>
    public Many<string> Inputs { get; }

    /// <summary>The parts, in the order of the graph.</summary>
    public Many<Feature> Parts => parts.Map(p => p.Part);

    /// <summary>How many samples they are of.</summary>
    public long Batch => Tensors.IsEmpty ? 1 : Tensors[0].shape[0];

    /// <summary>The values of the parts.</summary>
    internal Many<Tensor> Tensors => parts.Map(p => p.Part.Tensor);

    /// <summary>The features of several samples together, in order; the arguments stay the caller's.</summary>
    /// <param name="each">Features of one module and of the same inputs; at least one.</param>
    /// <exception cref="ArgumentException">There is none, or they are of different inputs.</exception>
    public static Features Together(params Many<Features> each)
    {
        if (each.IsEmpty)
            throw new ArgumentException("There are no features.", nameof(each));
        var first = each[0];
        if (each.Exists(f => f.Inputs != first.Inputs || f.parts.Map(p => p.Slot) != first.parts.Map(p => p.Slot)))
            throw new ArgumentException("The features are of different inputs or models.", nameof(each));
        return new(
            first.Inputs,
            Many.Range(first.parts.Count)
                .Map(i =>
                {
                    var joined = cat([.. each.Map(f => f.Tensors[i])], 0).DetachFromDisposeScope();
                    return (first.parts[i].Slot, first.parts[i].Part with { Tensor = joined });
                })
        );
    }

    /// <summary>Computes them.</summary>
    /// <param name="engine">Computes the graph.</param>
    /// <param name="checks">The inputs.</param>
    /// <param name="arguments">Their tensors, checked and on the device.</param>
    internal static Features Of(Engine engine, Many<InputCheck> checks, Many<Tensor> arguments)
    {
        var names = checks.Map(c => c.Input.Name);
        var binding = engine.For([names]).Each[0];
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var values = (Tensor?[])engine.Prepare().Clone();
        foreach (var (name, tensor) in names.Zip(arguments))
            if (engine.SlotOf(name) is { } slot)
                values[slot] = tensor;
        engine.Fill(values, binding.Stages[0], arguments[0].shape[0], trains: false);
        return new(
            names,
            binding.Fixed.Map(slot => Part(engine, slot, values[slot]!.alias().DetachFromDisposeScope()))
        );
    }

    /// <summary>Those that were computed before, from their tensors.</summary>
    /// <param name="engine">Of the same graph.</param>
    /// <param name="names">The inputs that they stand for.</param>
    /// <param name="tensors">The tensors of the parts, in order.</param>
    /// <exception cref="ArgumentException">They do not fit.</exception>
    internal static Features From(Engine engine, Many<string> names, Many<Tensor> tensors)
    {
        var slots = engine.For([names]).Each[0].Fixed;
        if (slots.Count != tensors.Count)
            throw new ArgumentException(
                $"The features of {string.Join(" and ", names)} have {slots.Count} parts, not {tensors.Count}."
            );
        foreach (var (slot, tensor) in slots.Zip(tensors))
        {
            var expected = engine.NodeOf(slot).Shape.Without(Axis.Batch).Dimensions.Map(d => (long)d.Size);
            if (!tensor.shape.Skip(1).SequenceEqual(expected))
                throw new ArgumentException(
                    $"{engine.NodeOf(slot).Path} has the shape [batch, {string.Join(", ", expected)}], "
                        + $"not [{string.Join(", ", tensor.shape)}]."
                );
        }
        var real = engine.Context.Real;
        return new(
            names,
            slots.Zip(
                tensors,
                (slot, tensor) =>
                    Part(
                        engine,
                        slot,
                        (tensor.is_floating_point() ? tensor.to(real) : tensor.alias())
                            .to(engine.Context.Device)
                            .alias()
                            .DetachFromDisposeScope()
                    )
            )
        );
    }

    /// <summary>The graph that computes them and its weights, as SHA-256.</summary>
    internal static string KeyOf(Engine engine, Many<string> names)
    {
        var held = engine.Prepare();
        var numbers = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        var (text, weights) = (new StringBuilder(), new List<Tensor>());
        foreach (var slot in engine.For([names]).Each[0].Fixed)
            text.Append(Number(engine.NodeOf(slot))).Append('\n');
        text.Append(Weights.Digest(weights));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));

        // Each node after its operands, on a line of its own.
        int Number(Node node)
        {
            if (numbers.TryGetValue(node, out var known))
                return known;
            var operands = node.Operands.Map(Number);
            if (node.Operation is Parameter)
                weights.Add(held[engine.SlotOf(node)]!);
            var operation = node.Operation is Parameter p ? $"parameter {p.Of}" : $"{node.Operation}";
            text.Append(numbers.Count).Append(' ').Append(operation).Append(node.Shape).Append(operands).Append('\n');
            return numbers[node] = numbers.Count;
        }
    }

    /// <summary>Refuses features of another graph.</summary>
    /// <exception cref="ArgumentException">They are of another model.</exception>
    internal void RequireOf(Engine engine)
    {
        if (parts.Map(p => p.Slot) != engine.For([Inputs]).Each[0].Fixed)
            throw new ArgumentException("The features are of another model.");
    }

    private static (int, Feature) Part(Engine engine, int slot, Tensor tensor)
    {
        var node = engine.NodeOf(slot);
        return (slot, new(node.Operation is Input input ? input.Name : node.Path ?? "", tensor));
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in Tensors)
            tensor.Dispose();
    }
}
