using Cmsa.Dsl.Programs;
using Cmsa.Dsl.Rewriting.Rules;
using LanguageExt;

namespace Cmsa.Dsl.Rewriting;

/// <summary>Applies rules until nothing changes.</summary>
public static class Optimiser
{
    /// <summary>What holds always: each application brings a value nearer to the leaves of what it is made of, so that it ends.</summary>
    public static Many<Rule> Algebra { get; } =
    [
        DropNothing.Rename, DropNothing.Undone, SumOfSoftmax.TimesOne, RepeatOutward.IntoElements, RepeatOutward.Past, RepeatOutward.Mean,
        DistributeLinear.OverConcat, DistributeLinear.OverSum, RegroupSum.Rule,
        SplitSupport.Rule, FactorSoftmax.Rule, FactorSoftmax.Denominator,
        FactorContraction.OverSum, FactorContraction.OverProduct, FactorContraction.OfSums, SumOfSoftmax.Rule,
        MeanInward.ThroughSum, MeanInward.ThroughConcat, MeanInward.ThroughLinear, MeanInward.ThroughProduct, MeanInward.ThroughAttention,
        MeanOfSoftmax.Rule, MeanOfSoftmax.Denominator,
    ];

    /// <summary>What holds at inference alone.</summary>
    public static Many<Rule> Inference { get; } = [DropNothing.Dropout, FoldBatchNorm.Rule];

    /// <summary>What chooses better kernels for what is left.</summary>
    public static Many<Rule> Kernels { get; } = [FuseAttention.Rule, FuseBias.Rule];

    /// <summary>What chooses better kernels where the weights stay as they are.</summary>
    public static Many<Rule> InferenceKernels { get; } = [ChannelsLast.Rule];

    /// <summary>The program rewritten as far as an effort says.</summary>
    /// <param name="program">The program; it stays as it is.</param>
    /// <param name="effort">How far.</param>
    /// <param name="training">Whether it is to be trained, so that what holds at inference alone is left out.</param>
    public static Program Optimise(Program program, Effort effort, bool training) => Explain(program, effort, training).Result;

    /// <summary>The rules of an effort: those that bring a program nearer to the leaves, and those that then choose kernels.</summary>
    public static (Many<Rule> Algebra, Many<Rule> Kernels) Rules(Effort effort, bool training) => effort switch
    {
        Effort.AsWritten => ([], []),
        Effort.Fused => ([], [FuseAttention.Rule]),
        _ => training ? (Algebra, Kernels) : (Algebra + Inference, Kernels + InferenceKernels),
    };

    /// <summary>The program rewritten, and every application of a rule on the way.</summary>
    /// <inheritdoc cref="Optimise(Program, Effort, bool)"/>
    public static Rewritten Explain(Program program, Effort effort, bool training) =>
        Rules(effort, training) is var (algebra, kernels) ? Explain(program, algebra, kernels) : default!;

    /// <summary>
    /// The program rewritten with some rules of algebra unless that costs work, then with some that choose kernels, and again until neither changes it: so that a program
    /// that was rewritten stays as it is.
    /// </summary>
    internal static Rewritten Explain(Program program, Many<Rule> algebra, Many<Rule> kernels)
    {
        var once = Once(program, algebra, kernels);
        return !once.Firings.IsEmpty && Explain(once.Result, algebra, kernels) is var more
            ? new(more.Result, once.Firings + more.Firings)
            : once;
    }

    private static Rewritten Once(Program program, Many<Rule> algebra, Many<Rule> kernels)
    {
        var better = algebra.IsEmpty ? new Rewritten(program, []) : Rewrite(program, algebra);
        var kept = better.Result.Work <= program.Work ? better : new Rewritten(program, []);
        var last = kernels.IsEmpty ? new Rewritten(kept.Result, []) : Rewrite(kept.Result, kernels);
        return new(last.Result, kept.Firings + last.Firings);
    }

    /// <summary>The program rewritten with some rules until none matches. Equal values become one, unless they are drawn anew or learn on the way; what nothing needs goes.</summary>
    public static Rewritten Rewrite(Program program, Many<Rule> rules)
    {
        var pass = new Pass(rules);
        return new(program.Rewrite(pass.Best), [.. pass.Firings]);
    }

    /// <summary>One pass over a program: every value once, operands first; what a rule gives is looked at again.</summary>
    private sealed class Pass(Many<Rule> rules)
    {
        private readonly Dictionary<Value, Value> best = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<(Operation, Many<int>), Value> equal = [];
        private readonly Dictionary<Value, int> numbers = new(ReferenceEqualityComparer.Instance);

        public List<Firing> Firings { get; } = [];

        public Value Best(Value value) => best.TryGetValue(value, out var known) ? known : best[value] = Rewritten(One(value.On(value.Operands.Map(Best))));

        private Value Rewritten(Value value)
        {
            if (best.TryGetValue(value, out var known)) return known;
            foreach (var rule in rules)
                if (rule.Apply(value).Case is Value better)
                {
                    Scope.Locate(better, value.Path ?? "");
                    Firings.Add(new Firing(rule, value.Path ?? "", value, better));
                    return best[value] = Best(better);
                }
            return best[value] = value;
        }

        /// <summary>The one value that stands for all equal ones.</summary>
        private Value One(Value value)
        {
            if (!value.Operation.IsPure) return value;
            var key = (value.Operation, value.Operands.Map(o => numbers.TryGetValue(o, out var n) ? n : numbers[o] = numbers.Count));
            return equal.TryGetValue(key, out var known) ? known : equal[key] = value;
        }
    }
}

/// <summary>One application of a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Path">The layer whose value it replaced.</param>
/// <param name="Before">The value replaced.</param>
/// <param name="After">What stands in its place; it may be rewritten further.</param>
public sealed record Firing(Rule Rule, string Path, Value Before, Value After);

/// <summary>A program rewritten.</summary>
/// <param name="Result">The program that means the same.</param>
/// <param name="Firings">How it came about, in order.</param>
public sealed record Rewritten(Program Result, Many<Firing> Firings);
