using System.Collections;
using System.Globalization;

namespace Cmsa;

/// <summary>Records as C#-like text: calls of their constructors.</summary>
internal static class RecordText
{
    /// <summary>
    /// A record as a call of its constructor: what has no default in place, the rest by name where it differs from
    /// its default.
    /// </summary>
    public static string Of(object record)
    {
        var type = record.GetType();
        var arguments = Schema
            .Of(type)
            .Fields.Where(f => !f.IsDefaultIn(record))
            .Select(f => f.HasDefault ? $"{Lower(f.Name)}: {Value(f.Of(record))}" : Value(f.Of(record)));
        var text = string.Join(", ", arguments);
        return NameOf(type) + (text.Length == 0 ? "" : $"({text})");
    }

    /// <summary>
    /// The name of a type as an author writes it, without what it is generic in: <c>Sequence</c>. It is for people to
    /// read; types are recognised as types.
    /// </summary>
    public static string NameOf(Type type) => type.Name.Split('`')[0];

    private static string Value(object? value) =>
        value switch
        {
            null => "null",
            string s => $"\"{s}\"",
            bool b => b ? "true" : "false",
            double d => d.ToString(CultureInfo.InvariantCulture),
            Enum e => e.ToString(),
            IEnumerable many => $"[{string.Join(", ", many.Cast<object?>().Select(Value))}]",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    /// <summary>A property's name as that of a parameter: its first letter small.</summary>
    public static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
