namespace Cmsa.Dsl.Programs;

/// <summary>What a layer costs. Costs add up: that of a layer is its own and that of its parts.</summary>
/// <param name="Parameters">How many numbers it owns, running statistics left out; what several layers share counts where it is first used.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of one sample, those of linear maps, convolutions and contractions alone, as papers count.</param>
/// <param name="Bytes">The memory of all that it computes for one sample, in float32: 4 bytes a number, 8 a whole number, 1 a boolean; views are free.</param>
public readonly record struct Cost(long Parameters, long MultiplyAdds, long Bytes)
{
    /// <summary>Nothing.</summary>
    public static Cost None { get; }

    /// <summary>Both.</summary>
    public static Cost operator +(Cost left, Cost right) =>
        new(Magnitude.Sum(left.Parameters, right.Parameters), Magnitude.Sum(left.MultiplyAdds, right.MultiplyAdds), Magnitude.Sum(left.Bytes, right.Bytes));

    /// <summary>What a whole program costs.</summary>
    public static Cost Of(Program program) => new(program.ParameterCount, program.MultiplyAdds, program.Values.Total(BytesOf));

    /// <summary>
    /// What a program costs by the path of the layer, in the order of first use; the sum is <see cref="Of"/>. Works on rewritten programs too, where a value counts
    /// for the layer in whose place it was put.
    /// </summary>
    public static Many<(string Path, Cost Cost)> ByPath(Program program) =>
        [.. Own(program).Map(c => (Path: c.Value.Path ?? "", c.Cost)).Concat(Unneeded(program)).GroupBy(c => c.Path, c => c.Cost)
            .Select(g => (g.Key, g.Aggregate(None, (sum, cost) => sum + cost)))];

    // Rewriting may leave a parameter without a use; the model owns it still.
    private static IEnumerable<(string Path, Cost Cost)> Unneeded(Program program) =>
        program.Parameters.Where(p => p.Role != Role.Statistic).Except(program.Values.Select(v => v.Operation).OfType<Parameter>())
            .Select(p => (p.Path[..Math.Max(0, p.Path.LastIndexOf('.'))], new Cost(p.Of.Count, 0, 0)));

    /// <summary>What each layer costs by itself, without its parts; the sum is <see cref="Of"/>. The traces must be those of the program.</summary>
    internal static IReadOnlyDictionary<Trace, Cost> ByLayer(Program program, Trace root)
    {
        var makers = new Dictionary<Value, Trace>(ReferenceEqualityComparer.Instance);
        Claim(root);
        return Own(program).GroupBy(c => makers.GetValueOrDefault(c.Value, root), c => c.Cost, ReferenceEqualityComparer.Instance)
            .ToDictionary(g => (Trace)g.Key!, g => g.Aggregate(None, (sum, cost) => sum + cost), (IEqualityComparer<Trace>)ReferenceEqualityComparer.Instance);

        // Innermost first: a layer made what its result and its parts' arguments need and neither a part nor somebody before it made.
        void Claim(Trace trace)
        {
            foreach (var part in trace.Parts) Claim(part);
            var given = (trace.Input.Values + trace.Input.Presences).ToHashSet<Value>(ReferenceEqualityComparer.Instance);
            var open = new Stack<Value>(trace.Parts.Add(trace).Bind(t => t.Output.Values + t.Output.Presences) + trace.Parts.Bind(p => p.Input.Values + p.Input.Presences));
            while (open.TryPop(out var value))
            {
                if (given.Contains(value) || makers.ContainsKey(value)) continue;
                // A value with a probe noted on it is a copy; who made the value made the copy.
                var original = given.FirstOrDefault(g => ReferenceEquals(g.Operation, value.Operation) && !g.Operands.IsEmpty);
                makers[value] = original is not null && makers.TryGetValue(original, out var maker) ? maker : trace;
                foreach (var operand in value.Operands) open.Push(operand);
            }
        }
    }

    private static Many<(Value Value, Cost Cost)> Own(Program program)
    {
        var counted = new System.Collections.Generic.HashSet<Parameter>();
        return program.Values.Map(v => (v, new Cost(
            v.Operation is Parameter { Role: not Role.Statistic } parameter && counted.Add(parameter) ? parameter.Of.Count : 0, v.MultiplyAdds(), BytesOf(v))));
    }

    /// <summary>The memory of one value of one sample in float32; none where it is not computed, or shares another's.</summary>
    internal static long BytesOf(Value value) => value.IsComputed ? value.Shape.Count * value.Type switch { ElementType.Boolean => 1, ElementType.Integer => 8, _ => 4 } : 0;
}
