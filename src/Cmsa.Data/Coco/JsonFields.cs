using System.Globalization;
using System.Numerics;
using System.Text.Json;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Coco;

/// <summary>Reads fields of JSON as what they plainly are: an id may be 1, 1.0 or "1".</summary>
internal static class JsonFields
{
    // Doubles are exact up to here: beyond, two ids could become one.
    private const double MostExact = 1L << 53;

    /// <summary>A field of an object, if it is there and not null.</summary>
    public static Option<JsonElement> Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? Some(value)
            : None;

    /// <summary>A whole number: <c>1</c>, <c>1.0</c> or <c>"1"</c>.</summary>
    public static Option<long> Whole(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Number => element.TryGetInt64(out var number) ? Some(number)
            : element.TryGetDouble(out var real) ? Whole(real)
            : None,
            JsonValueKind.String => Whole(element.GetString()!),
            _ => None,
        };

    /// <summary>The whole number that a real one is, if it is one exactly.</summary>
    public static Option<long> Whole(double number) =>
        Math.Abs(number) <= MostExact && Math.Floor(number) == number ? Some((long)number) : None;

    /// <summary>The whole number that a text says: <c>1</c> or <c>1.0</c>.</summary>
    public static Option<long> Whole(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Some(number)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? Whole(real)
        : None;

    /// <summary>A text.</summary>
    public static Option<string> Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? Some(element.GetString()!) : None;

    /// <summary>A text, or a list of texts.</summary>
    public static Option<Many<string>> Texts(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
            return Text(element).Map(text => (Many<string>)[text]);
        var texts = element.EnumerateArray().Select(Text).ToMany();
        return texts.ForAll(text => text.IsSome) ? texts.Choose(text => text) : None;
    }

    /// <summary>A list of numbers that the type holds exactly.</summary>
    public static Option<T[]> Numbers<T>(JsonElement array)
        where T : struct, INumber<T>
    {
        if (array.ValueKind != JsonValueKind.Array)
            return None;
        var (numbers, i) = (new T[array.GetArrayLength()], 0);
        foreach (var element in array.EnumerateArray())
        {
            var whole = element.ValueKind == JsonValueKind.Number;
            if (!whole || !element.TryGetDouble(out var number) || Math.Abs(number) > int.MaxValue)
                return None;
            numbers[i] = T.CreateTruncating(number);
            if (double.CreateTruncating(numbers[i++]) != number)
                return None;
        }
        return numbers;
    }
}
