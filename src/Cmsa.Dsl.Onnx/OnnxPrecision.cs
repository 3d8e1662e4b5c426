namespace Cmsa.Dsl.Onnx;

/// <summary>The precision of an exported model's real numbers.</summary>
public enum OnnxPrecision
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>64-bit floating point. ONNX Runtime has no 64-bit convolutions on the CPU.</summary>
    Float64,

    /// <summary>
    /// Weights and results of layers in 16-bit floating point: half the file. Inputs and outputs stay float32, and sums
    /// of exponentials are computed
    /// in float32.
    /// </summary>
    Float16,
}
