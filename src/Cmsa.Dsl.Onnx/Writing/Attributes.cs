using global::Onnx;
using Google.Protobuf;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>Attributes of ONNX operators.</summary>
internal static class Attributes
{
    public static AttributeProto Of(string name, long value) =>
        new()
        {
            Name = name,
            Type = AttributeType.Int,
            I = value,
        };

    public static AttributeProto Of(string name, float value) =>
        new()
        {
            Name = name,
            Type = AttributeType.Float,
            F = value,
        };

    public static AttributeProto Of(string name, string value) =>
        new()
        {
            Name = name,
            Type = AttributeType.String,
            S = ByteString.CopyFromUtf8(value),
        };

    public static AttributeProto Of(string name, GraphProto body) =>
        new()
        {
            Name = name,
            Type = AttributeType.Graph,
            G = body,
        };

    public static AttributeProto Of(string name, params Many<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }
}
