using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Programs;

/// <summary>
/// The order in which a program is computed, in whose memory, and when each value is freed. It is what a target does, and from it follows how much memory that takes, before
/// anything is run.
/// </summary>
public sealed class Plan
{
    private readonly Dictionary<Value, Value> storage = new(ReferenceEqualityComparer.Instance);

    private Plan(Program program, bool training)
    {
        var constant = Depending(program, operation => operation is not (Input or Parameter));
        var settled = Depending(program, operation => operation is not Input && (operation is not Parameter parameter || !training || parameter.Role is Role.Frozen or Role.Statistic));
        var kept = program.Output.Values.ToHashSet<Value>(ReferenceEqualityComparer.Instance);

        (Many<Value> leaves, Many<Value> computed) = (program.Values.Filter(IsGiven), program.Values.Filter(v => !IsGiven(v)));
        foreach (var leaf in leaves) storage[leaf] = leaf;
        Constants = computed.Filter(constant.Contains);
        var later = computed.Filter(v => settled.Contains(v) && !constant.Contains(v));
        var each = computed.Filter(v => !settled.Contains(v));
        var needed = (each.Bind(v => v.Operands) + program.Output.Values).ToHashSet<Value>(ReferenceEqualityComparer.Instance);

        Preparation = Worked(later, v => constant.Contains(v) || needed.Contains(v), overwrite: false);
        Steps = Worked(each, v => settled.Contains(v) || kept.Contains(v), overwrite: !training);
        foreach (var value in Constants) storage[value] = value.Operation.IsView ? storage[value.Operands.Head] : value;
        Kept = Bytes((Constants + later.Filter(needed.Contains)).Map(v => storage[v]).Distinct());
        Peak = Math.Max(Most(Preparation, Bytes(Constants)), Most(Steps, Kept));
    }

    /// <summary>How a program is run.</summary>
    /// <param name="program">The program, rewritten or not.</param>
    /// <param name="training">Whether gradients are kept: nothing is written over then, and only what is fixed is computed beforehand.</param>
    public static Plan Of(Program program, bool training = false) => new(program, training);

    /// <summary>What depends on nothing: computed once, when the program is compiled.</summary>
    public Many<Value> Constants { get; }

    /// <summary>What depends on weights that stay as they are: computed once, before the first run.</summary>
    public Many<Work> Preparation { get; }

    /// <summary>What is computed on each run.</summary>
    public Many<Work> Steps { get; }

    /// <summary>The memory of what is kept between runs beside the weights, in bytes, in float32.</summary>
    public long Kept { get; }

    /// <summary>
    /// The most memory at a time beyond weights and arguments when one sample is run for inference in float32, in bytes: what is kept between runs, the values that are
    /// needed still, and what kernels need on the way.
    /// </summary>
    public long Peak { get; }

    /// <summary>One value computed.</summary>
    /// <param name="Value">The value.</param>
    /// <param name="Over">The operand that it is written over; none where it gets memory of its own.</param>
    /// <param name="Freed">The values that nothing needs afterwards.</param>
    public sealed record Work(Value Value, Option<int> Over, Many<Value> Freed);

    private static bool IsGiven(Value value) => value.Operation is Input or Parameter;

    private Many<Work> Worked(Many<Value> values, Func<Value, bool> stays, bool overwrite)
    {
        var users = values.Bind(v => v.Operands.Distinct().Map(o => (Operand: o, User: v))).ToLookup(u => u.Operand, u => u.User, (IEqualityComparer<Value>)ReferenceEqualityComparer.Instance);
        bool Ends(Value operand, Value at) => !IsGiven(operand) && !stays(operand) && ReferenceEquals(users[operand].Last(), at);

        return values.Map(value =>
        {
            var over = overwrite ? Many.Range(value.Operands.Count).Find(i => value.Operation.CanReplace(i) && Ends(value.Operands[i], value) && Owns(value.Operands[i], users, value)) : None;
            storage[value] = over.Map(i => storage[value.Operands[i]]).IfNone(() => value.Operation.IsView ? storage[value.Operands.Head] : value);
            return new Work(value, over, value.Operands.Distinct().Filter(o => Ends(o, value)) + (users[value].Any() || stays(value) ? [] : (Many<Value>)[value]));
        });
    }

    // Its memory is its own, and nobody else looks at it.
    private static bool Owns(Value operand, ILookup<Value, Value> users, Value by) =>
        operand.Operation.IsFresh && operand.Shape == by.Shape && by.Operands.Count(o => ReferenceEquals(o, operand)) == 1
        && users[operand].All(u => ReferenceEquals(u, by) || u.Operation.IsFresh);

    private long Most(Many<Work> works, long kept)
    {
        var handles = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        var (now, most) = (kept, kept);
        foreach (var (value, over, freed) in works)
        {
            var owner = storage[value];
            var made = ReferenceEquals(owner, value) ? Cost.BytesOf(value) : 0;
            most = Math.Max(most, now + made + sizeof(float) * value.Operation.Scratch(value));
            now += made;
            handles[owner] = handles.GetValueOrDefault(owner) + 1;
            foreach (var gone in freed)
                if (handles.TryGetValue(storage[gone], out var left) && (handles[storage[gone]] = left - 1) == 0) now -= Cost.BytesOf(storage[gone]);
        }
        return most;
    }

    private static long Bytes(Many<Value> values) => values.Filter(v => !IsGiven(v)).Total(Cost.BytesOf);

    private static System.Collections.Generic.HashSet<Value> Depending(Program program, Func<Operation, bool> on)
    {
        var found = new System.Collections.Generic.HashSet<Value>(ReferenceEqualityComparer.Instance);
        foreach (var value in program.Values)
            if (on(value.Operation) && value.Operation.IsPure && value.Operands.ForAll(found.Contains)) found.Add(value);
        return found;
    }
}
