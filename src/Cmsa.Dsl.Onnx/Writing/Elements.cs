using System.Runtime.InteropServices;
using global::Onnx;
using Google.Protobuf;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>Numbers as the bytes of an initialiser, little-endian.</summary>
internal static class Elements
{
    /// <summary>The bytes of an element.</summary>
    public static int SizeOf(DataType type) =>
        type switch
        {
            DataType.Double or DataType.Int64 => 8,
            DataType.Float => 4,
            DataType.Float16 => 2,
            _ => 1,
        };

    /// <summary>Numbers in a type; an error where one is too large for it.</summary>
    public static Either<Error, byte[]> Bytes(double[] numbers, DataType type)
    {
        switch (type)
        {
            case DataType.Double:
                return MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
            case DataType.Float16:
                var large = Array.Find(numbers, n => double.IsFinite(n) && Math.Abs(n) > (double)Half.MaxValue);
                if (large != 0)
                    return new Error($"{large:g4} does not fit into float16", "", "export in float32");
                return MemoryMarshal.AsBytes(Array.ConvertAll(numbers, n => (Half)n).AsSpan()).ToArray();
            default:
                return MemoryMarshal.AsBytes(Array.ConvertAll(numbers, n => (float)n).AsSpan()).ToArray();
        }
    }

    public static TensorProto Tensor(string name, DataType type, IEnumerable<long> sizes, byte[] bytes)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)type,
            RawData = UnsafeByteOperations.UnsafeWrap(bytes),
        };
        tensor.Dims.AddRange(sizes);
        return tensor;
    }
}
