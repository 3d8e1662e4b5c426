using System.Collections;
using System.Globalization;
using LanguageExt;

namespace Cmsa.Dsl;

/// <summary>Layers and formulas as C#-like text.</summary>
internal static class Text
{
    // How tightly an operator binds, as in C#: & then >> then + then *.
    private enum Binding { Fan, Then, Plus, Beside, Atom }

    public static string Of(Layer layer) => Write(layer).Text;

    private static (string Text, Binding Binding) Write(Layer layer) => Definition(layer) switch
    {
        nameof(Sequence<,>) => (Join(" >> ", layer.Parts, Binding.Then), Binding.Then),
        nameof(Sum<,>) when layer.Parts is [var first, var second] && Definition(first) == nameof(Identity<>) => ($"Residual({Of(second)})", Binding.Atom),
        nameof(Sum<,>) => (Join(" + ", layer.Parts, Binding.Plus), Binding.Plus),
        nameof(Beside<,,,>) => ($"{At(layer.Parts[0], Binding.Beside)} * {At(layer.Parts[1], Binding.Atom)}", Binding.Beside),
        nameof(FanOut<,,>) => ($"{At(layer.Parts[0], Binding.Fan)} & {At(layer.Parts[1], Binding.Then)}", Binding.Fan),
        nameof(Frozen<,>) => ($"{At(layer.Parts[0], Binding.Atom)}.Frozen()", Binding.Atom),
        nameof(InFloat32<,>) => ($"{At(layer.Parts[0], Binding.Atom)}.InFloat32()", Binding.Atom),
        nameof(InitializedBy<,>) =>
            ($"{At(layer.Parts[0], Binding.Atom)}.InitializedBy({Argument(Schema.Of(layer.GetType()).Fields[1].Of(layer))})", Binding.Atom),
        nameof(Named<,>) or nameof(Shared<,>) =>
            ($"{At(layer.Parts[0], Binding.Atom)}.{Definition(layer)}({Argument(Schema.Of(layer.GetType()).Fields[0].Of(layer))})", Binding.Atom),
        nameof(Elementwise<>) => (Function((Scalar)Schema.Of(layer.GetType()).Fields[0].Of(layer)!), Binding.Atom),
        nameof(Equation<,>) => ($"Define(x => {Schema.Of(layer.GetType()).Fields[0].Of(layer)})", Binding.Atom),
        _ => (Record(layer), Binding.Atom),
    };

    private static string Definition(Layer layer) => layer.GetType().Name.Split('`')[0];

    private static string Join(string between, Many<Layer> parts, Binding binding) => string.Join(between, parts.Map(p => At(p, binding + 1)));

    private static string At(Layer layer, Binding least) => Write(layer) is var (text, binding) && binding < least ? $"({text})" : Write(layer).Text;

    private static string Function(Scalar body) => body is Scalar.Call(var function, Scalar.Argument) ? $"{function}" : $"Pointwise(x => {body})";

    private static string Record(object record)
    {
        var type = record.GetType();
        var kinds = record is Layer && type.IsGenericType ? $"<{string.Join(", ", type.GenericTypeArguments.Select(k => Kind.Of(k)))}>" : "";
        return RecordText.Of(record, kinds, Special);
    }

    private static string Argument(object? value) => RecordText.Value(value, Special);

    private static string? Special(object value) => value switch
    {
        Layer layer => Of(layer),
        _ when value.GetType().Namespace == typeof(Layer).Namespace && !value.GetType().IsEnum && value is not IEnumerable => Record(value),
        _ => null,
    };

    public static string Of(Scalar scalar) => scalar switch
    {
        Scalar.Argument => "x",
        Scalar.Number(var value) => value.ToString(CultureInfo.InvariantCulture),
        Scalar.Call(Cmsa.Function.Negate, var of) => $"-{Tight(of)}",
        Scalar.Call(var function, var of) => $"{function}({of})",
        Scalar.Plus(var left, Scalar.Call(Cmsa.Function.Negate, var right)) => $"{left} - {Tight(right)}",
        Scalar.Plus(var left, var right) => $"{left} + {right}",
        Scalar.Times(var left, var right) => $"{Tight(left)} * {Tight(right)}",
        Scalar.Combined(var combination, var left, var right) => $"{combination}({left}, {right})",
        _ => "?",
    };

    private static string Tight(Scalar scalar) => scalar is Scalar.Plus ? $"({scalar})" : $"{scalar}";

    public static string Of(Expression expression) => expression switch
    {
        Expression.Argument(var steps) => "x" + string.Concat(steps.Map(s => s == 0 ? ".First" : ".Second")),
        Expression.Number(var value) => value.ToString(CultureInfo.InvariantCulture),
        Expression.Learnable(var label, var initial) => initial == 1 ? $"Learnable(\"{label}\")" : $"Learnable(\"{label}\", {initial.ToString(CultureInfo.InvariantCulture)})",
        Expression.Call(Cmsa.Function.Negate, var of) => $"-{Tight(of)}",
        Expression.Call(var function, var of) => $"{function}({of})",
        Expression.Plus(var left, Expression.Call(Cmsa.Function.Negate, var right)) => $"{left} - {Tight(right)}",
        Expression.Plus(var left, var right) => $"{left} + {right}",
        Expression.Times(var left, Expression.Call(Cmsa.Function.Reciprocal, var right)) => $"{Tight(left)} / {Tight(right)}",
        Expression.Times(var left, var right) => $"{Tight(left)} * {Tight(right)}",
        Expression.Combined(var combination, var left, var right) => $"{combination}({left}, {right})",
        Expression.Pair(var left, var right) => $"({left}, {right})",
        Expression.Applied(var label, var each, var to) when Definition(each) == nameof(EachLevel<,>) && each.Parts is [var body] =>
            $"{Tight(to)}.Each({Of(body)}, \"{label}\")",
        Expression.Applied(var label, var layer, var to) => $"({to} >> {At(layer, Binding.Atom)}{(label.Length == 0 ? "" : $".Named(\"{label}\")")})",
        Expression.At(var levels, var index) => $"{Tight(levels)}[{Index(index)}]",
        Expression.Named(var levels, var level) => $"{Tight(levels)}[\"{level}\"]",
        Expression.SumOver(var levels, var except, var index, var body) =>
            $"{Tight(levels)}{except.Map(e => $".Others({Index(e)})").IfNone("")}.Sum({Index(index)} => {body})",
        _ => "?",
    };

    private static string Index(int index) => index < 18 ? ((char)('i' + index)).ToString() : $"i{index}";

    private static string Tight(Expression expression) => expression is Expression.Plus ? $"({expression})" : $"{expression}";
}
