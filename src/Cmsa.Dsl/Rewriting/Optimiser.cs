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
        MeanOfSoftmax.Rule, MeanOfSoftmax.Denominator, Recurrence.OfSum,
    ];

    /// <summary>What holds at inference alone.</summary>
    public static Many<Rule> Inference { get; } = [DropNothing.Dropout, FoldBatchNorm.Rule];

    /// <summary>What makes one operation of two, which pays where nothing else needs what stands between them.</summary>
    public static Many<Rule> Composition { get; } = [ComposeMaps.Rule, Recurrence.Last];

    /// <summary>What chooses better kernels for what is left.</summary>
    public static Many<Rule> Kernels { get; } = [FuseAttention.Rule, FuseBias.Rule];

    /// <summary>What chooses better kernels for a CPU where the weights stay as they are.</summary>
    public static Many<Rule> InferenceKernels { get; } = [Winograd.Rule, ChannelsLast.Rule];

    /// <summary>The program rewritten as far as an effort says.</summary>
    /// <param name="program">The program; it stays as it is.</param>
    /// <param name="effort">How far.</param>
    /// <param name="training">Whether it is to be trained, so that what holds at inference alone is left out.</param>
    /// <param name="on">What it is to run on.</param>
    public static Program Optimise(Program program, Effort effort, bool training, Processor on = Processor.Cpu) => Explain(program, Stages(effort, training, on)).Result;

    /// <summary>The stages of an effort: those that bring a program nearer to the leaves, and the one that then chooses kernels.</summary>
    /// <inheritdoc cref="Optimise(Program, Effort, bool, Processor)"/>
    public static Many<Stage> Stages(Effort effort, bool training, Processor on = Processor.Cpu) => (effort, training ? Algebra : Algebra + Inference) switch
    {
        (Effort.AsWritten, _) => [],
        (Effort.Fused, _) => [new([FuseAttention.Rule], MustPay: false)],
        (_, var algebra) =>
        [
            new(algebra, MustPay: true), new(algebra + Composition, MustPay: true),
            new(training || on != Processor.Cpu ? Kernels : Kernels + InferenceKernels, MustPay: false),
        ],
    };

    /// <summary>The program rewritten stage by stage, again until no stage changes it, so that a program that was rewritten stays as it is; and every application of a rule on the way.</summary>
    public static Rewritten Explain(Program program, Many<Stage> stages)
    {
        var once = stages.Fold(new Rewritten(program, []), (sofar, stage) => Rewrite(sofar.Result, stage.Rules) is var better && (!stage.MustPay || Spent(better.Result).CompareTo(Spent(sofar.Result)) <= 0)
            ? new(better.Result, sofar.Firings + better.Firings)
            : sofar);
        return once.Firings.IsEmpty ? once : Explain(once.Result, stages) is var more ? new(more.Result, once.Firings + more.Firings) : once;
    }

    private static (long, long) Spent(Program program) => (program.Work, program.WorkOnWeights);

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

/// <summary>Rules that are applied together until nothing changes.</summary>
/// <param name="Rules">The rules; where several match, the first.</param>
/// <param name="MustPay">Whether what they did is undone where it costs work.</param>
public sealed record Stage(Many<Rule> Rules, bool MustPay)
{
    /// <summary>The stage without a rule.</summary>
    public Stage Without(Rule rule) => this with { Rules = Rules.Filter(r => r != rule) };
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
