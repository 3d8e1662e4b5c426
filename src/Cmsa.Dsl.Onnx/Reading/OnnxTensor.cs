namespace Cmsa.Dsl.Onnx.Reading;

/// <summary>The types of elements that are read from ONNX files.</summary>
public enum OnnxElement
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>64-bit floating point.</summary>
    Float64,

    /// <summary>16-bit floating point.</summary>
    Float16,

    /// <summary>16-bit brain floating point.</summary>
    BFloat16,

    /// <summary>64-bit whole numbers.</summary>
    Int64,

    /// <summary>32-bit whole numbers.</summary>
    Int32,
}

/// <summary>A tensor that an ONNX file holds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Element">The type of its elements.</param>
/// <param name="Sizes">The lengths of its axes, outermost first.</param>
/// <param name="Bytes">Its elements, little-endian, without gaps.</param>
public sealed record OnnxTensor(string Name, OnnxElement Element, Many<long> Sizes, ReadOnlyMemory<byte> Bytes);
