using System.Runtime.InteropServices;
using global::Onnx;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Onnx.Reading;

/// <summary>Reads the elements of tensors, from the model's file or from one beside it.</summary>
internal sealed class TensorReader(string path)
{
    private readonly string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";

    /// <summary>A tensor; none where its elements are of a type that holds no weights, such as text.</summary>
    public Either<Error, Option<OnnxTensor>> Read(string name, TensorProto tensor)
    {
        if (Element((DataType)tensor.DataType).Case is not OnnxElement element)
            return Option<OnnxTensor>.None;
        var sizes = tensor.Dims.ToMany();
        var length = Length(sizes, element);
        if (length is null)
            return Wrong(name, $"the lengths {sizes} are no shape of a tensor");
        var bytes =
            tensor.DataLocation == DataLocation.External
                ? External(name, tensor, length.Value)
                : Inside(tensor, element);
        return bytes.Bind(found =>
            found.Length == length
                ? Right<Error, Option<OnnxTensor>>(Some(new OnnxTensor(name, element, sizes, found)))
                : Wrong(name, $"{found.Length} bytes for {element} {sizes}, which takes {length}")
        );
    }

    private Error Wrong(string name, string what) =>
        new($"tensor {name}: {what}", path, "copy the file again, or export it again");

    private static Option<OnnxElement> Element(DataType type) =>
        type switch
        {
            DataType.Float => OnnxElement.Float32,
            DataType.Double => OnnxElement.Float64,
            DataType.Float16 => OnnxElement.Float16,
            DataType.Bfloat16 => OnnxElement.BFloat16,
            DataType.Int64 => OnnxElement.Int64,
            DataType.Int32 => OnnxElement.Int32,
            _ => None,
        };

    private static int SizeOf(OnnxElement element) =>
        element switch
        {
            OnnxElement.Float64 or OnnxElement.Int64 => 8,
            OnnxElement.Float16 or OnnxElement.BFloat16 => 2,
            _ => 4,
        };

    // None where a length is negative, or there are more bytes than an array holds.
    private static long? Length(Many<long> sizes, OnnxElement element)
    {
        var length = (Int128)SizeOf(element);
        foreach (var size in sizes)
        {
            if (size < 0)
                return null;
            length *= size;
            if (length > System.Array.MaxLength)
                return null;
        }
        return (long)length;
    }

    private static Either<Error, ReadOnlyMemory<byte>> Inside(TensorProto tensor, OnnxElement element)
    {
        if (tensor.RawData.Length > 0)
            return Right<Error, ReadOnlyMemory<byte>>(tensor.RawData.Memory);
        return Right<Error, ReadOnlyMemory<byte>>(
            element switch
            {
                OnnxElement.Float32 => Bytes(tensor.FloatData),
                OnnxElement.Float64 => Bytes(tensor.DoubleData),
                OnnxElement.Int64 => Bytes(tensor.Int64Data),
                OnnxElement.Int32 => Bytes(tensor.Int32Data),
                // 16 bits stand in the lower half of 32.
                _ => Bytes(tensor.Int32Data.Select(n => (ushort)n)),
            }
        );
    }

    private static byte[] Bytes<T>(IEnumerable<T> elements)
        where T : unmanaged => MemoryMarshal.AsBytes(elements.ToArray().AsSpan()).ToArray();

    private Either<Error, ReadOnlyMemory<byte>> External(string name, TensorProto tensor, long length)
    {
        var entries = tensor.ExternalData.GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Last().Value);
        var location = entries.GetValueOrDefault("location", "");
        var place = Path.GetFullPath(Path.Combine(folder, location));
        if (location.Length == 0 || !IsBelow(place))
            return new Error(
                $"tensor {name} refers to data outside the model's folder: {location}",
                path,
                "do not use this file unless you trust it; put its data beside it"
            );
        if (!File.Exists(place))
            return new Error(
                $"the data of tensor {name} is missing: {location}",
                path,
                "put that file beside the model"
            );
        if (!IsBelow(Resolved(place)))
            return new Error(
                $"tensor {name} refers by a link to data outside the model's folder: {location}",
                path,
                "put the data itself beside the model"
            );

        using var file = File.OpenHandle(place);
        var offset = long.TryParse(entries.GetValueOrDefault("offset", "0"), out var start) ? start : -1;
        if (offset < 0 || length > RandomAccess.GetLength(file) - offset)
            return Wrong(name, $"its data ends before it is complete: {location}");
        var bytes = new byte[length];
        for (var read = 0; read < bytes.Length;)
        {
            var some = RandomAccess.Read(file, bytes.AsSpan(read), offset + read);
            if (some == 0)
                return Wrong(name, $"its data ends before it is complete: {location}");
            read += some;
        }
        return Right<Error, ReadOnlyMemory<byte>>(bytes);
    }

    // A folder on the way may be a link as well as the file.
    private static string Resolved(string place)
    {
        var resolved = Path.GetPathRoot(place) ?? "";
        foreach (var part in Path.GetRelativePath(resolved, place).Split(Path.DirectorySeparatorChar))
        {
            var next = Path.Combine(resolved, part);
            FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            resolved = entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
        }
        return resolved;
    }

    private bool IsBelow(string place)
    {
        var links = Resolved(folder);
        return place.StartsWith(Ended(folder), StringComparison.Ordinal)
            || place.StartsWith(Ended(links), StringComparison.Ordinal);
    }

    private static string Ended(string folder) =>
        Path.EndsInDirectorySeparator(folder) ? folder : $"{folder}{Path.DirectorySeparatorChar}";
}
