using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// What a module takes as one of its inputs. Everything is checked before a kernel runs. Values are checked where that
/// is free: on the host. Tensors that are on a GPU when they are given are not looked into, since that would wait for
/// the GPU.
/// </summary>
internal sealed class InputCheck
{
    private readonly Kernels.DeviceContext context;
    private readonly ScalarType type;
    private readonly long[] sizes;
    private readonly Option<int> vocabulary;
    private readonly bool hasWords,
        needsLastWord;

    public InputCheck(Input input, Graph graph, Kernels.DeviceContext on)
    {
        (Input, context) = (input, on);
        type = input.Element switch
        {
            ElementType.Integer => ScalarType.Int64,
            ElementType.Boolean => ScalarType.Bool,
            _ => on.Real,
        };
        sizes = [.. input.Of.Dimensions.Tail.Map(d => (long)d.Size)];
        hasWords = input.Of.Axes == [Axis.Batch, Axis.Word] && input.Element != ElementType.Real;
        vocabulary = VocabularyOf(input, graph);
        needsLastWord = hasWords && graph.Nodes.Exists(IsLastOfWords);
    }

    public Input Input { get; }

    /// <summary>
    /// The input's tensor as the module takes it: as it is, or moved to the module's device from the host.
    /// </summary>
    /// <exception cref="ArgumentException">It is not what the module takes.</exception>
    public Tensor Checked(Tensor? given)
    {
        if (given is null || given.IsInvalid)
            throw Refused(given is null ? "null" : "a tensor that was disposed", Taken);
        var host = given.device_type == DeviceType.CPU;
        var fits =
            HasType(given.dtype) && given.dim() == sizes.Length + 1 && given.shape.AsSpan(1).SequenceEqual(sizes);
        if (!fits || (!host && !IsHere(given)))
            throw Refused(Named(given), Taken);
        if (given.shape[0] == 0)
            throw Refused("a batch of 0", "a batch of at least 1");
        if (host && hasWords)
            CheckWords(given);
        return IsHere(given) ? given : context.Take(given);
    }

    /// <summary>Refuses a batch of another size than the inputs before it.</summary>
    public ArgumentException WrongBatch(long got, long expected) =>
        Refused($"a batch of {got}", $"a batch of {expected}, as the inputs before it");

    private bool HasType(ScalarType found) => found == type || (type == ScalarType.Int64 && found == ScalarType.Int32);

    private string Taken =>
        $"{Named(type)} [batch{string.Concat(Input.Of.Dimensions.Tail.Map(d => $", {d.Axis.Name} {d.Size}"))}] on {context.Device}";

    private bool IsHere(Tensor given) =>
        given.device_type == context.Device.type
        && (
            given.device_type == DeviceType.CPU || Math.Max(0, given.device_index) == Math.Max(0, context.Device.index)
        );

    private ArgumentException Refused(string got, string takes) =>
        new($"Input {Input.Name} is {got}; the model takes {takes}.");

    private static string Named(Tensor given) =>
        $"{Named(given.dtype)} [{string.Join(", ", given.shape)}] on {given.device}";

    private static string Named(ScalarType type) => type.ToString().ToLowerInvariant();

    // One word at least: there is no mean of no words, and rules take for granted that distributions over words sum to
    // one.
    private void CheckWords(Tensor given)
    {
        using var scope = NewDisposeScope();
        var words = (int)sizes[0];
        var numbers = Numbers(given);
        for (var sample = 0; sample * words < numbers.Length; sample++)
        {
            var row = numbers.AsSpan(sample * words, words);
            CheckRange(row, sample);
            if (row.IndexOfAnyExcept(0L) < 0)
                throw Refused($"padding alone in sample {sample}", $"at least one word ({OneWord}) in each");
            if (needsLastWord && row[^1] == 0)
                throw Refused(
                    $"padding after the last word of sample {sample}",
                    "right-aligned words: padding first, the last word at the end"
                );
        }
    }

    private void CheckRange(ReadOnlySpan<long> row, int sample)
    {
        var most = vocabulary.Map(v => v - 1L).IfNone(long.MaxValue);
        foreach (var number in row)
            if (number < 0 || number > most)
                throw Refused(
                    $"word number {number} in sample {sample}",
                    vocabulary.Match(
                        v => $"numbers from 0, the padding, to {v - 1} (a vocabulary of {v})",
                        () => "numbers from 0, the padding"
                    )
                );
    }

    private string OneWord => Input.Element == ElementType.Boolean ? "true" : "a number other than 0";

    private static long[] Numbers(Tensor given)
    {
        var flat = given.contiguous();
        if (given.dtype == ScalarType.Int64)
            return flat.data<long>().ToArray();
        if (given.dtype == ScalarType.Int32)
            return [.. flat.data<int>().ToArray().Select(n => (long)n)];
        return [.. flat.data<bool>().ToArray().Select(there => there ? 1L : 0L)];
    }

    // The smallest of the tables in which the words are looked up.
    private static Option<int> VocabularyOf(Input input, Graph graph)
    {
        if (input.Element != ElementType.Integer)
            return Option<int>.None;
        var tables = graph.Nodes.Filter(n => n.Operation is LookUp && Origin(n.Operands[0]).Operation == input);
        return tables.IsEmpty ? Option<int>.None : tables.Map(t => t.Operands[1].Shape[Axis.In]).Min();
    }

    private static Node Origin(Node words) => words.Operands.IsEmpty ? words : Origin(words.Operands.Head);

    // After a memory the state of the last word stands at the end wherever the words are.
    private static bool IsLastOfWords(Node node) =>
        node.Operation is LastOne && node.Operands[0].Operation is not Recur;
}
