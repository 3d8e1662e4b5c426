using System.Buffers;
using System.Text.Json;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Coco;

/// <summary>
/// Reads a JSON file that is one object of arrays, one element at a time: memory is bounded by the largest element,
/// not by the file.
/// </summary>
internal static class JsonArrays
{
    /// <summary>
    /// Calls a function for each element of each array of the outermost object, until it gives an error. An error that
    /// names the file and the place where the file is no such JSON, or ends early.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="visit">Uses an element, which lives until it returns.</param>
    public static Either<Error, Unit> Read(string path, Func<JsonItem, Option<Error>> visit) =>
        FileReader
            .Try(
                path,
                p =>
                {
                    using var stream = File.OpenRead(p);
                    return Scan(stream, path, visit);
                }
            )
            .Bind(result => result);

    private static Either<Error, Unit> Scan(Stream stream, string path, Func<JsonItem, Option<Error>> visit)
    {
        var numbers = new NonFiniteNumbers();
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        var (filled, before) = (Fill(stream, numbers, buffer, 0), 0L);
        var (state, name, inArray, last) = (new JsonReaderState(), "", false, filled < buffer.Length);
        if (filled >= 3 && buffer.AsSpan(0, 3).SequenceEqual("\ufeff"u8))
            buffer.AsSpan(3, filled -= 3).CopyTo(buffer);
        try
        {
            while (true)
            {
                var reader = new Utf8JsonReader(buffer.AsSpan(0, filled), last, state);
                var (used, done) = (0L, state);
                while (Step(ref reader, path, visit, ref name, ref inArray, before) is { } step)
                {
                    if (step.IsLeft)
                        return step;
                    (used, done) = (reader.BytesConsumed, reader.CurrentState);
                }
                if (last)
                    return unit;
                // An element that is not whole yet is read again with more of the file behind it.
                buffer.AsSpan((int)used, filled - (int)used).CopyTo(buffer);
                (filled, before, state) = (filled - (int)used, before + used, done);
                if (filled == buffer.Length)
                    buffer = Grown(buffer);
                filled = Fill(stream, numbers, buffer, filled);
                last = filled < buffer.Length;
            }
        }
        catch (JsonException wrong)
        {
            return Left(new Error($"not whole JSON: {wrong.Message}", path, "copy the file again from its source"));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // One token outside the arrays' elements, or one whole element; null where the buffer holds no more.
    private static Either<Error, Unit>? Step(
        ref Utf8JsonReader reader,
        string path,
        Func<JsonItem, Option<Error>> visit,
        ref string name,
        ref bool inArray,
        long before
    )
    {
        if (!reader.Read())
            return null;
        if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
            return Left(new Error("not a JSON object", path));
        if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            name = reader.GetString()!;
        else if (reader.CurrentDepth == 1 && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
            inArray = reader.TokenType == JsonTokenType.StartArray;
        else if (inArray && reader.CurrentDepth == 2)
        {
            var start = before + reader.TokenStartIndex;
            if (!JsonDocument.TryParseValue(ref reader, out var document))
                return null;
            using (document)
            {
                if (visit(new JsonItem(path, name, start, document.RootElement)).Case is Error wrong)
                    return Left(wrong);
            }
        }
        return Right<Error, Unit>(unit);
    }

    private static int Fill(Stream stream, NonFiniteNumbers numbers, byte[] buffer, int filled)
    {
        var read = stream.ReadAtLeast(buffer.AsSpan(filled), buffer.Length - filled, throwOnEndOfStream: false);
        numbers.Replace(buffer.AsSpan(0, filled + read), filled);
        return filled + read;
    }

    private static byte[] Grown(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

/// <summary>One element of an array of a JSON file.</summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Array">The name of the array.</param>
/// <param name="Byte">Where the element begins: bytes from the start of the file.</param>
/// <param name="Element">The element.</param>
internal readonly record struct JsonItem(string Path, string Array, long Byte, JsonElement Element)
{
    /// <summary>The place of the element, for errors.</summary>
    public string Where => $"{Path}, \"{Array}\" at byte {Byte}";
}
