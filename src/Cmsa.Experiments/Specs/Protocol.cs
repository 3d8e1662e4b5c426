using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>Which pixels of a resized mask are foreground in training.</summary>
public enum TargetRule
{
    /// <summary>Those whose interpolated value is at least one half: the mask keeps its size.</summary>
    AtLeastHalf,

    /// <summary>Those whose interpolated value is above 0: the mask grows by up to a pixel.</summary>
    AnyPart,
}

/// <summary>How an expression becomes words.</summary>
public enum TokenRule
{
    /// <summary>Without the blanks around them: "," is a word.</summary>
    Trimmed,

    /// <summary>As the split leaves them: " , " is a word, which no vocabulary has.</summary>
    Untrimmed,
}

/// <summary>Which weights the weight decay is for.</summary>
public enum DecayRule
{
    /// <summary>Those of every convolution.</summary>
    Convolutions,

    /// <summary>
    /// Those of the layers named <c>reduce</c> and <c>mask</c> alone: the released code's <c>mlp_c5</c> and <c>score</c>.
    /// </summary>
    ReduceAndMask,
}

/// <summary>What it means that biases learn at <see cref="Training.BiasRate"/> times the rate.</summary>
public enum BiasRule
{
    /// <summary>Adam's step is so many times as long, for every bias.</summary>
    LongerSteps,

    /// <summary>
    /// The gradient is so many times as large, for the biases of the layers named <c>reduce</c> and <c>mask</c>. Adam
    /// divides by the gradient's size, so that no more is left of it than its epsilon lets through.
    /// </summary>
    LargerGradients,
}

/// <summary>How the logits of the model's square become a mask at the picture's size.</summary>
public enum AnswerRule
{
    /// <summary>The logits are cropped and resized; foreground is where they are at least 0.</summary>
    ResizedLogits,

    /// <summary>
    /// Foreground is where a logit of the square is at least 1e-9; this mask is resized to the square of the picture's
    /// longer side and cropped, and every pixel of which any part is foreground is foreground.
    /// </summary>
    ResizedMask,
}

/// <summary>
/// The details in which the authors' released code differs from common practice, outside the model itself: all of them
/// move the numbers of a table. The default is <see cref="Clean"/>.
/// </summary>
/// <param name="Targets">Which pixels of a resized mask are foreground in training.</param>
/// <param name="Tokens">How an expression becomes words.</param>
/// <param name="Decay">Which weights decay.</param>
/// <param name="Biases">What a faster pace of biases is.</param>
/// <param name="Answers">How logits become a mask at the picture's size.</param>
[JsonConverter(typeof(ProtocolJson))]
public readonly record struct Protocol(
    TargetRule Targets = TargetRule.AtLeastHalf,
    TokenRule Tokens = TokenRule.Trimmed,
    DecayRule Decay = DecayRule.Convolutions,
    BiasRule Biases = BiasRule.LongerSteps,
    AnswerRule Answers = AnswerRule.ResizedLogits
)
{
    /// <summary>What common practice does.</summary>
    public static Protocol Clean => default;

    /// <summary>What the released code does (docs/fidelity.md).</summary>
    public static Protocol Released =>
        new(
            TargetRule.AnyPart,
            TokenRule.Untrimmed,
            DecayRule.ReduceAndMask,
            BiasRule.LargerGradients,
            AnswerRule.ResizedMask
        );

    private static Many<(string Name, Protocol Protocol)> All => [("clean", Clean), ("released", Released)];

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static Many<string> Names => All.Map(p => p.Name);

    /// <summary>The protocol of a name, <c>clean</c> or <c>released</c>; an error for any other.</summary>
    public static Either<Error, Protocol> Named(string name) =>
        All.Find(p => p.Name == name)
            .Map(p => p.Protocol)
            .ToEither(new Error($"there is no protocol {name}", Hint: $"use {string.Join(" or ", Names)}"));

    /// <summary>Its name as JSON, or its rules where it has none.</summary>
    public string Json => JsonSerializer.Serialize(this);

    /// <summary>The protocol that some JSON says; an error where it says none.</summary>
    /// <param name="json">What <see cref="Json"/> gave.</param>
    /// <param name="where">The file, for the error.</param>
    public static Either<Error, Protocol> Parse(string json, string where)
    {
        try
        {
            return JsonSerializer.Deserialize<Protocol>(json);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return new Error($"not a protocol: {wrong.Message.ReplaceLineEndings(" ")}", where, "export the run again");
        }
    }

    /// <summary>Its name, if it has one.</summary>
    public Option<string> Name
    {
        get
        {
            var same = this;
            return All.Find(p => p.Protocol == same).Map(p => p.Name);
        }
    }

    /// <summary>Its name, or its rules.</summary>
    public override string ToString()
    {
        var rules = $"{Targets}, {Tokens}, {Decay}, {Biases}, {Answers}";
        return Name.IfNone(rules);
    }

    /// <summary>The words of an expression of a sample.</summary>
    internal Many<string> WordsOf(Sample sample) =>
        Tokens == TokenRule.Untrimmed ? Tokenizer.Untrimmed(sample.Expression) : sample.Tokens;

    /// <summary>The words of an expression.</summary>
    internal Many<string> WordsOf(string expression) =>
        Tokens == TokenRule.Untrimmed ? Tokenizer.Untrimmed(expression) : Tokenizer.Split(expression);

    /// <summary>A mask in the square of a letterbox, as a model learns it.</summary>
    internal BinaryMask TargetOf(BinaryMask mask, Letterbox box) =>
        Targets == TargetRule.AnyPart ? box.FitAnyPart(mask) : box.Fit(mask);

    /// <summary>Whether the weights of a parameter decay.</summary>
    internal bool Decays(Parameter parameter) =>
        parameter.Role == Role.Weight
        && parameter.Of.Has(Axis.KernelRow)
        && (Decay == DecayRule.Convolutions || IsOfReduceOrMask(parameter));

    /// <summary>How many times as far a step takes a bias, where biases learn at a pace.</summary>
    internal double StepOf(double pace) => Biases == BiasRule.LongerSteps ? pace : 1;

    /// <summary>How many times as large the gradient of a parameter is, where biases learn at a pace.</summary>
    internal double GradientOf(Parameter parameter, double pace)
    {
        var isLarger = Biases == BiasRule.LargerGradients && parameter.Role == Role.Bias && IsOfReduceOrMask(parameter);
        return isLarger ? pace : 1;
    }

    private static bool IsOfReduceOrMask(Parameter parameter) =>
        parameter.Path.Split('.') is [.., "reduce" or "mask", _];
}

/// <summary>A protocol as JSON: its name, or its rules where it has none.</summary>
internal sealed class ProtocolJson : JsonConverter<Protocol>
{
    public override Protocol Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return Protocol.Named(reader.GetString()!).IfLeft(wrong => throw new JsonException($"{wrong}"));
        var rules = JsonNode.Parse(ref reader)!.AsObject();
        return new(
            Rule<TargetRule>(rules, nameof(Protocol.Targets)),
            Rule<TokenRule>(rules, nameof(Protocol.Tokens)),
            Rule<DecayRule>(rules, nameof(Protocol.Decay)),
            Rule<BiasRule>(rules, nameof(Protocol.Biases)),
            Rule<AnswerRule>(rules, nameof(Protocol.Answers))
        );
    }

    public override void Write(Utf8JsonWriter writer, Protocol value, JsonSerializerOptions options)
    {
        if (value.Name.Case is string name)
        {
            writer.WriteStringValue(name);
            return;
        }
        writer.WriteStartObject();
        foreach (
            var (rule, choice) in (Many<(string, Enum)>)
                [
                    (nameof(Protocol.Targets), value.Targets),
                    (nameof(Protocol.Tokens), value.Tokens),
                    (nameof(Protocol.Decay), value.Decay),
                    (nameof(Protocol.Biases), value.Biases),
                    (nameof(Protocol.Answers), value.Answers),
                ]
        )
            writer.WriteString(JsonNamingPolicy.CamelCase.ConvertName(rule), $"{choice}");
        writer.WriteEndObject();
    }

    private static T Rule<T>(JsonObject rules, string name)
        where T : struct, Enum
    {
        var text = rules[JsonNamingPolicy.CamelCase.ConvertName(name)]?.GetValue<string>();
        return Enum.TryParse<T>(text, out var rule) && Enum.IsDefined(rule)
            ? rule
            : throw new JsonException($"a protocol's {name} is {text ?? "missing"}; it is one of {string.Join(", ", Enum.GetNames<T>())}");
    }
}
