using Cmsa.Dsl;
using Cmsa.Dsl.Programs;

namespace Cmsa.Benchmarks;

/// <summary>What a program is expected to need, before it is tried.</summary>
/// <param name="MultiplyAdds">Of one pass of one sample.</param>
/// <param name="Peak">The most memory at a time beyond the weights, in bytes; in training a rough estimate.</param>
public sealed record Forecast(long MultiplyAdds, long Peak)
{
    /// <summary>Of a pass of a program.</summary>
    public static Forecast Of(Program program, Pass pass) => pass == Pass.Forward ? new(program.MultiplyAdds - program.WorkOnWeights, Plan.Of(program).Peak) : Step(program);

    // Backward, a product is done again for each of its operands that has a gradient; what was computed is kept until then, and the largest value stands there a few times more.
    private static Forecast Step(Program program)
    {
        var learnt = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        foreach (var value in program.Values)
            if (value.Operation is Parameter { Role: not (Role.Frozen or Role.Statistic) } || value.Operands.Exists(learnt.Contains)) learnt.Add(value);
        var largest = program.Values.Filter(v => v.IsComputed).Map(v => v.Shape.Count).DefaultIfEmpty(0).Max();
        return new(
            program.Values.Total(v => v.MultiplyAdds() * (1 + Math.Min(2, v.Operands.Count(learnt.Contains)))),
            Cost.Of(program).Bytes + 4 * (4 * largest + program.ParameterCount));
    }
}
