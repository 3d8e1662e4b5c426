using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>The types of elements that files are read in.</summary>
internal static class StoredTypes
{
    /// <summary>The bytes of an element.</summary>
    public static int SizeOf(ScalarType type) =>
        type switch
        {
            ScalarType.Float64 or ScalarType.Int64 => 8,
            ScalarType.Float32 or ScalarType.Int32 => 4,
            ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
            _ => 1,
        };

    /// <summary>Why a tensor of another type cannot be read.</summary>
    /// <param name="type">The type, as the file names it.</param>
    /// <param name="names">The types that are read, as such files name them.</param>
    public static string Unread(string type, IEnumerable<string> names) =>
        $"its elements are of the type {type}, which is not read; it is none of {string.Join(", ", names)}";
}
