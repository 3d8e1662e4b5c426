using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cmsa.Dsl;
using LanguageExt;
using static LanguageExt.Prelude;
using Mask = Cmsa.Dsl.Mask;

namespace Cmsa.Experiments.Specs;

/// <summary>A value for a part of an experiment by its path, such as <c>training.learningRate</c>.</summary>
/// <param name="Path">
/// <c>preset</c>, <c>seed</c>, <c>pixels</c>, <c>backbone.file</c>, <c>backbone.mapping</c>, <c>backbone.key</c>, a property
/// of <see cref="DataSpec"/> behind <c>data.</c> or of <see cref="Specs.Training"/> behind <c>training.</c>, or a value of
/// the model behind <c>model.</c> (<see cref="LayerParameters"/>).
/// </param>
/// <param name="Value">The value as text.</param>
/// <param name="Where">Where it is written, for errors.</param>
public sealed record Setting(string Path, string Value, string Where)
{
    private const string Data = "data",
        Training = "training",
        Model = "model";

    /// <summary>The paths that do not depend on the model.</summary>
    public static Many<string> Paths { get; } =
    [
        "preset",
        "seed",
        "pixels",
        "backbone.file",
        "backbone.mapping",
        "backbone.key",
        .. Of(typeof(DataSpec)).Map(name => $"{Data}.{name}"),
        .. Of(typeof(Training)).Map(name => $"{Training}.{name}"),
    ];

    /// <summary>A setting as it is written on a command line: <c>training.batch=8</c>.</summary>
    /// <param name="text">The text.</param>
    public static Either<Error, Setting> Parse(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var sign
            ? new Setting(text[..sign].Trim(), text[(sign + 1)..].Trim(), $"--set {text}").Checked()
            : new Error("no path and value", $"--set {text}", "write such as training.batch=8");

    /// <summary>The setting with its path as it is written in <see cref="Paths"/>; an error where there is none.</summary>
    public Either<Error, Setting> Checked() =>
        Path.StartsWith($"{Model}.", StringComparison.OrdinalIgnoreCase)
            ? this with
            {
                Path = $"{Model}{Path[Model.Length..]}",
            }
            : Paths
                .Find(p => p.Equals(Path, StringComparison.OrdinalIgnoreCase))
                .Map(p => this with { Path = p })
                .ToEither(new Error($"there is no {Path} in an experiment", Where, Suggestion(Path)));

    /// <summary>Those of a data set put into one.</summary>
    public static Either<Error, DataSpec> In(DataSpec data, Many<Setting> settings) => In(data, Data, settings);

    /// <summary>Those of a training put into one.</summary>
    public static Either<Error, Training> In(Training training, Many<Setting> settings) => In(training, Training, settings);

    /// <summary>Those of a model put into one.</summary>
    public static Either<Error, Layer<(Image, Tokens), Mask>> In(
        Layer<(Image, Tokens), Mask> model,
        Many<Setting> settings
    ) =>
        settings
            .Filter(s => s.Path.StartsWith($"{Model}.", StringComparison.Ordinal))
            .Fold(
                Right<Error, Layer<(Image, Tokens), Mask>>(model),
                (so, setting) =>
                    so.Bind(changed =>
                        LayerParameters
                            .With(changed, setting.Path[(Model.Length + 1)..], setting.Value)
                            .MapLeft(wrong =>
                                wrong with
                                {
                                    What = $"{setting.Path}: {wrong.What}",
                                    Where = setting.Where,
                                }
                            )
                    )
            );

    /// <summary>The value of a path that is set, the last one if several are.</summary>
    public static Option<Setting> Last(Many<Setting> settings, string path) =>
        settings.Filter(s => s.Path == path) is { IsEmpty: false } found ? Some(found[^1]) : None;

    /// <summary>The value as one of a type; an error where it is none.</summary>
    public Either<Error, T> As<T>() => Node(typeof(T)).Map(node => node.Deserialize<T>(Experiment.Records)!);

    private static Either<Error, T> In<T>(T record, string prefix, Many<Setting> settings)
    {
        var node = JsonSerializer.SerializeToNode(record, Experiment.Records)!.AsObject();
        return settings
            .Filter(s => s.Path.StartsWith($"{prefix}.", StringComparison.Ordinal))
            .Fold(Right<Error, JsonObject>(node), (so, setting) => so.Bind(changed => Put(changed, setting)))
            .Map(changed => changed.Deserialize<T>(Experiment.Records)!);

        Either<Error, JsonObject> Put(JsonObject changed, Setting setting)
        {
            var name = setting.Path[(prefix.Length + 1)..];
            var type = Parameters(typeof(T)).First(p => Small(p.Name!) == name).ParameterType;
            return setting
                .Node(type)
                .Map(value =>
                {
                    changed[name] = value;
                    return changed;
                });
        }
    }

    private Either<Error, JsonNode> Node(Type type)
    {
        if (type == typeof(string))
            return (JsonNode)Value;
        if (type == typeof(bool))
            return bool.TryParse(Value, out var truth) ? (JsonNode)truth : Mistyped("true or false");
        if (type == typeof(int))
            return int.TryParse(Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                ? (JsonNode)whole
                : Mistyped("a whole number");
        if (type == typeof(ulong))
            return ulong.TryParse(Value, NumberStyles.None, CultureInfo.InvariantCulture, out var large)
                ? (JsonNode)large
                : Mistyped("a whole number");
        if (type == typeof(double))
            return double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
                && double.IsFinite(real)
                ? (JsonNode)real
                : Mistyped("a number");
        if (type == typeof(Protocol))
            return Protocol
                .Named(Value)
                .Match(_ => Right<Error, JsonNode>((JsonNode)Value), _ => Mistyped(string.Join(" or ", Protocol.Names)));
        return Enum.GetNames(type).FirstOrDefault(n => n.Equals(Value, StringComparison.OrdinalIgnoreCase)) is { } member
            ? (JsonNode)member
            : Mistyped($"one of {string.Join(", ", Enum.GetNames(type))}");
    }

    private Error Mistyped(string expected) => new($"{Path}: {Value} where {expected} should stand", Where);

    private static string Suggestion(string path)
    {
        var near = Nearest.Several(path, Paths, 3);
        return near.IsEmpty ? "docs/learning.md lists what there is" : $"did you mean {string.Join(" or ", near)}?";
    }

    private static Many<string> Of(Type record) => Parameters(record).Map(p => Small(p.Name!));

    private static Many<ParameterInfo> Parameters(Type record) =>
        [.. record.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters()];

    private static string Small(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
