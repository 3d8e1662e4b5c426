using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>Inputs and outputs in words.</summary>
internal static class Descriptions
{
    /// <summary>The axes of a shape with their sizes: <c>[batch, channel 3, row 320, column 320]</c>.</summary>
    public static string Of(Shape shape)
    {
        var axes = shape.Dimensions.Map(d => d.Axis == Axis.Batch ? d.Axis.Name : $"{d.Axis.Name} {d.Size}");
        return $"[{string.Join(", ", axes)}]";
    }

    /// <summary>What an input is.</summary>
    /// <param name="input">The input.</param>
    /// <param name="said">What the exporter says of it.</param>
    public static string Of(Input input, Option<string> said)
    {
        var plain = input.Element switch
        {
            ElementType.Integer => "words as numbers of the vocabulary, right-aligned; 0 is padding; one word at least",
            ElementType.Boolean => "which words are there: false at padding, true for one word at least",
            _ => "",
        };
        var text = said.IfNone(plain);
        return text.Length == 0 ? Of(input.Of) : $"{Of(input.Of)}: {text}";
    }
}
