using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Programs;

/// <summary>
/// A model with every size known: a flat list of tensor operations, each after those it needs. Its parameters are named by path. It is what
/// rewriting changes and what a target compiles.
/// </summary>
public sealed class Program
{
    private Program(Kind result, Signal output, Many<Input> inputs, Many<Parameter> parameters, Many<string> handedOut)
    {
        (Result, Output, Inputs, Parameters, HandedOut) = (result, output, inputs, parameters, handedOut);
        Values = Sort(output.Values + output.Presences);
    }

    /// <summary>The kind of the result.</summary>
    public Kind Result { get; }

    /// <summary>The result.</summary>
    public Signal Output { get; }

    /// <summary>All values, each after its operands.</summary>
    public Many<Value> Values { get; }

    /// <summary>The tensors that the caller gives, in the order of the argument.</summary>
    public Many<Input> Inputs { get; }

    /// <summary>The tensors that the model owns, in the order of the layers. Rewriting changes none, even where it makes one unneeded.</summary>
    public Many<Parameter> Parameters { get; }

    /// <summary>The names of the probes that the compiled program hands out.</summary>
    public Many<string> HandedOut { get; }

    /// <summary>How many numbers training may change or keeps fixed: all parameters without the running statistics.</summary>
    public long ParameterCount => Parameters.Filter(p => p.Role != Role.Statistic).Total(p => p.Of.Count);

    /// <summary>Multiply-adds of one forward pass of one sample.</summary>
    public long MultiplyAdds => Values.Total(v => v.MultiplyAdds());

    /// <summary>
    /// What one forward pass of one sample costs: its multiply-adds, and one for every other number computed. What depends on the weights alone is not counted. It is
    /// what rewriting never raises.
    /// </summary>
    public long Work => GivenAnew() is var given ? Values.Filter(given.Contains).Total(v => v.MultiplyAdds() + (v.IsComputed ? v.Shape.Count : 0)) : 0;

    /// <summary>Multiply-adds of what depends on the weights alone: paid for once, or once a step of training.</summary>
    public long WorkOnWeights => GivenAnew() is var given ? Values.Filter(v => !given.Contains(v)).Total(v => v.MultiplyAdds()) : 0;

    private System.Collections.Generic.HashSet<Value> GivenAnew()
    {
        var given = new System.Collections.Generic.HashSet<Value>(ReferenceEqualityComparer.Instance);
        foreach (var value in Values)
            if (value.Operation is Input || value.Operands.Exists(given.Contains)) given.Add(value);
        return given;
    }

    /// <summary>The names of all probes that could be handed out.</summary>
    public Many<string> Probes => Values.Bind(v => v.Probes).Distinct();

    /// <summary>What a probe shows.</summary>
    public Option<Value> Probe(string name) => HandedOut.Contains(name)
        ? Output.Second.Named.Find(l => l.Name == name).Map(l => l.Signal.Value)
        : Values.Find(v => v.Probes.Contains(name));

    /// <summary>A model at these sizes, or all that does not fit.</summary>
    public static Validation<Error, Program> Of(Layer model, Extent extent) => Traced(model, extent).Map(t => t.Program);

    /// <summary>A model at these sizes with the trace of every layer, or all that does not fit.</summary>
    public static Validation<Error, (Program Program, Trace Trace)> Traced(Layer model, Extent extent)
    {
        var wrong = extent.Against(model.In);
        if (!wrong.IsEmpty) return Fail<Error, (Program, Trace)>(toSeq(wrong.Map(p => p.At("model"))));

        var placement = Placement.Of(model);
        var input = extent.Inputs();
        Scope.Locate(input, "");
        var scope = new Scope(placement, [], false);
        var output = scope.Elaborate(input);

        var inputs = Sort(input.Values + input.Presences).Choose(v => v.Operation is Input i ? Some(i) : None);
        var values = Sort(output.Values + output.Presences);
        var parameters = values.Choose(v => v.Operation is Parameter p ? Some(p) : None).Distinct();
        var misfits = (values.Bind(v => v.Problems.Map(p => p.At(Place(v.Path)))) + Clashes(parameters)).Distinct();
        // What is made of a value that is too large is too large as well: the first one says it all.
        var errors = misfits.IsEmpty ? values.Choose(v => TooLarge.ProblemOf(v).Map(p => p.At(Place(v.Path)))).Take(1) : misfits;
        return errors.IsEmpty
            ? Success<Error, (Program, Trace)>((new Program(model.Out, output, inputs, parameters, []), scope.Trace(input, output)))
            : Fail<Error, (Program, Trace)>(toSeq(errors));
    }

    /// <summary>A program of one value, written by hand: for trying operations and rules.</summary>
    /// <param name="name">What problems are reported under.</param>
    /// <param name="value">The result; its inputs are the <see cref="Input"/>s that it is made of, in the order of first use.</param>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    public static Program Of(string name, Value value)
    {
        Scope.Locate(value, name);
        var values = Sort([value]);
        return values.Bind(v => v.Problems) is { IsEmpty: false } problems
            ? throw new ArgumentException(string.Join("; ", problems), nameof(value))
            : new Program(new Kind.Tensor(name, value.Shape.Axes.Filter(a => a != Axis.Batch)), value,
                values.Choose(v => v.Operation is Input i ? Some(i) : None), values.Choose(v => v.Operation is Parameter p ? Some(p) : None).Distinct(), []);
    }

    /// <summary>The program that also hands out some probes.</summary>
    /// <returns>The program, or the names that no probe of it has.</returns>
    public Either<Many<string>, Program> Showing(Many<string> probes) =>
        probes.Filter(p => !Probes.Contains(p)) is { IsEmpty: false } unknown ? unknown
        : new Program(Result, new Signal.Pair(Output, new Signal.Levels(probes.Map(p => (p, (Signal)Probe(p).IfNone(() => throw new InvalidOperationException()))))), Inputs, Parameters, probes);

    /// <summary>The same program with every value replaced, operands first.</summary>
    /// <param name="rewrite">Given a value on rewritten operands, what stands in its place.</param>
    internal Program Rewrite(Func<Value, Value> rewrite)
    {
        var done = new Dictionary<Value, Value>(ReferenceEqualityComparer.Instance);
        foreach (var value in Values)
            done[value] = rewrite(value.Operands.ForAll(o => ReferenceEquals(done[o], o)) ? value : value.On(value.Operands.Map(o => done[o])));
        return new Program(Result, Output.Map(v => done[v], v => done[v]), Inputs, Parameters, HandedOut);
    }

    private static string Place(string? path) => string.IsNullOrEmpty(path) ? "model" : path;

    private static Many<Error> Clashes(Many<Parameter> parameters)
    {
        var unlike = parameters.GroupBy(p => p.Path).Where(g => g.Count() > 1).Select(g => Error.Misfit(
            $"one parameter as {string.Join(" and as ", g.Select(p => p.Of))}",
            "one shape for all who share it",
            "give the layers different names, or make them equal").At(g.Key));
        var nested = parameters.Where(p => parameters.Exists(q => q.Path.StartsWith($"{p.Path}.", StringComparison.Ordinal))).Select(p => Error.Misfit(
            $"a parameter {p.Path} and parameters under {p.Path}",
            "another name for one of them",
            "name the layer or the learnt number otherwise").At(p.Path));
        return [.. unlike, .. nested];
    }

    private static Many<Value> Sort(Many<Value> roots)
    {
        var sorted = new List<Value>();
        var seen = new System.Collections.Generic.HashSet<Value>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(Value Value, bool Ready)>(roots.Reverse().Map(r => (r, false)));
        while (open.TryPop(out var at))
        {
            if (at.Ready) sorted.Add(at.Value);
            else if (seen.Add(at.Value))
            {
                open.Push((at.Value, true));
                foreach (var operand in at.Value.Operands.Reverse())
                    if (!seen.Contains(operand)) open.Push((operand, false));
            }
        }
        return (sorted).ToMany();
    }

    /// <summary>The program as text, one operation a line.</summary>
    public override string ToString() => string.Join('\n', Lines());

    private IEnumerable<string> Lines()
    {
        var numbers = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        foreach (var value in Values)
        {
            numbers[value] = numbers.Count;
            yield return $"%{numbers[value]} {value.Shape} = {value.Operation}({string.Join(", ", value.Operands.Map(o => $"%{numbers[o]}"))})" + (value.Path is { Length: > 0 } path ? $"  # {path}" : "");
        }
    }
}

/// <summary>From models to programs, and what values cost.</summary>
public static class Elaboration
{
    extension(Layer model)
    {
        /// <summary>The model at these sizes as a program, or all that does not fit.</summary>
        public Validation<Error, Program> At(Extent extent) => Program.Of(model, extent);
    }

    extension(Value value)
    {
        /// <summary>Multiply-adds of one sample.</summary>
        public long MultiplyAdds() => value.Operation.MultiplyAdds(value.Operands.Map(o => o.Shape), value.Shape);

        /// <summary>Whether the value is computed when the program runs, rather than given to it.</summary>
        public bool IsComputed => value.Operation is not (Input or Parameter or Constant) && !value.Operation.IsView;
    }
}
