using System.Globalization;
using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

/// <summary>The parameters and parts of a module by name, as Python that makes them.</summary>
internal sealed class Owned
{
    private readonly List<(string Name, object Value)> entries = [];

    /// <summary>Adds a parameter under a path below the module.</summary>
    public void Add(Many<string> path, Parameter parameter) => Place(path, Made(parameter));

    /// <summary>Adds a part, made by a class, under a path below the module.</summary>
    public void Add(Many<string> path, string className) => Place(path, $"{className}()");

    private void Place(Many<string> path, object value)
    {
        if (path.Count == 1)
            entries.Add((path[0], value));
        else
            Below(path[0]).Place(path.Tail, value);
    }

    private Owned Below(string name)
    {
        if (entries.Find(e => e.Name == name && e.Value is Owned).Value is Owned known)
            return known;
        var below = new Owned();
        entries.Add((name, below));
        return below;
    }

    /// <summary>The lines of the constructor that make them.</summary>
    /// <param name="order">Where a name stands among the graph's parameters.</param>
    public IEnumerable<string> Lines(Func<string, int> order) =>
        entries
            .OrderBy(e => order(e.Name))
            .Select(e =>
                Python.IsIdentifier(e.Name) && !Python.IsTaken(e.Name) && e.Value is not Buffer
                    ? $"self.{e.Name} = {Text(e.Value)}"
                    : $"self.own({Python.Text(e.Name)}, {Text(e.Value)})"
            );

    /// <summary>How a parameter or part of a module is reached.</summary>
    /// <param name="path">Its path below the module.</param>
    /// <param name="table">The table that it stands in, if its name is one that nn.Module has itself.</param>
    public static string Reference(Many<string> path, string table) =>
        path.Index()
            .Aggregate(
                "self",
                (at, step) =>
                    Python.IsTaken(step.Item)
                        ? $"{at}.{(step.Index == path.Count - 1 ? table : "_modules")}[{Python.Text(step.Item)}]"
                    : Python.IsIdentifier(step.Item) ? $"{at}.{step.Item}"
                    : IsNumber(step.Item) ? $"{at}[{step.Item}]"
                    : $"{at}[{Python.Text(step.Item)}]"
            );

    // As Python writes it, so that its text is the name again.
    private static bool IsNumber(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && $"{number}" == name;

    /// <summary>How a parameter of a module is reached.</summary>
    public static string Reference(Many<string> path, Parameter parameter) =>
        Reference(path, parameter.Role == Role.Statistic ? "_buffers" : "_parameters");

    private static string Text(object value) => value is Owned part ? part.Part() : $"{value}";

    private string Part()
    {
        if (Norm() is { } norm)
            return norm;
        var named = entries.Where(e => Python.IsIdentifier(e.Name)).Select(e => $"{e.Name}={Text(e.Value)}");
        var other = entries
            .Where(e => !Python.IsIdentifier(e.Name))
            .Select(e => $"{Python.Text(e.Name)}: {Text(e.Value)}");
        var rest = string.Join(", ", other);
        return $"Part({string.Join(", ", rest.Length == 0 ? named : [.. named, $"**{{{rest}}}"])})";
    }

    // A batch norm as it starts; its four tensors are of one length.
    private string? Norm()
    {
        var gain = entries.Find(e => e.Name == "weight").Value as string ?? "";
        foreach (var kind in new[] { "learnt", "frozen" })
        {
            if (!gain.StartsWith($"{kind}(ones(", StringComparison.Ordinal))
                continue;
            var channels = gain[(kind.Length + 6)..^2];
            (string, object)[] usual =
            [
                ("weight", gain),
                ("bias", $"{kind}(zeros({channels}))"),
                ("running_mean", new Buffer($"zeros({channels})")),
                ("running_var", new Buffer($"ones({channels})")),
            ];
            if (entries.SequenceEqual(usual))
                return kind == "learnt" ? $"norm({channels})" : $"frozen_norm({channels})";
        }
        return null;
    }

    private static object Made(Parameter parameter)
    {
        var values = Start(parameter);
        return parameter.Role switch
        {
            Role.Statistic => new Buffer(values),
            Role.Frozen => $"frozen({values})",
            _ => $"learnt({values})",
        };
    }

    // A tensor that is no parameter, which nn.Module keeps only where it is registered.
    private sealed record Buffer(string Value)
    {
        public override string ToString() => Value;
    }

    private static string Start(Parameter parameter)
    {
        var sizes = parameter.Of.Dimensions.Map(d => d.Size);
        var shape = Python.Tuple(sizes);
        var isWeight =
            parameter.Of.Axes.Take(2) == [Axis.Out, Axis.In]
            && parameter.Of.Axes.Skip(2).All(a => a == Axis.KernelRow || a == Axis.KernelColumn);
        var kernel = (double)parameter.Of[Axis.KernelRow] * parameter.Of[Axis.KernelColumn];
        var (fanIn, fanOut) = (parameter.Of[Axis.In] * kernel, parameter.Of[Axis.Out] * kernel);
        return parameter.Initializer switch
        {
            Initializer.Fill(0) => $"zeros({string.Join(", ", sizes)})",
            Initializer.Fill(1) => $"ones({string.Join(", ", sizes)})",
            Initializer.Fill(var number) => $"full({shape}, {Python.Number(number)})",
            Initializer.Uniform(var bound) => $"uniform({shape}, {Python.Number(bound)})",
            Initializer.Normal(var deviation) => $"normal({shape}, {Python.Number(deviation)})",
            Initializer.Xavier when isWeight => $"xavier({string.Join(", ", sizes)})",
            Initializer.Xavier => $"uniform({shape}, {Python.Number(Math.Sqrt(6 / (fanIn + fanOut)))})",
            Initializer.He when isWeight => $"he({string.Join(", ", sizes)})",
            Initializer.He => $"normal({shape}, {Python.Number(Math.Sqrt(2 / fanOut))})",
            Initializer.Sinusoids => $"sinusoids({shape}, {parameter.Of.Axes.IndexOf(Axis.Channel)})",
            var other => throw new NotSupportedException($"{other} has no Python."),
        };
    }
}
