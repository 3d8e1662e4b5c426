using System.Collections;
using System.Globalization;

namespace Cmsa;

/// <summary>Records as C#-like text: calls of their constructors.</summary>
internal static class RecordText
{
    /// <summary>
    /// A record as a call of its constructor: what has no default in place, the rest by name where it differs from its
    /// default.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="typeArguments">
    /// What stands between the type's name and the parenthesis: <c>&lt;Words&gt;</c>.
    /// </param>
    /// <param name="special">Values that are written in another way; null for one that is written as usual.</param>
    public static string Of(object record, string typeArguments = "", Func<object, string?>? special = null)
    {
        var type = record.GetType();
        var arguments = Schema
            .Of(type)
            .Fields.Where(f => !f.IsDefaultIn(record))
            .Select(f =>
                f.HasDefault ? $"{Lower(f.Name)}: {Value(f.Of(record), special)}" : Value(f.Of(record), special)
            );
        var text = string.Join(", ", arguments);
        return type.Name.Split('`')[0] + typeArguments + (text.Length == 0 ? "" : $"({text})");
    }

    /// <summary>A value as it stands in a call.</summary>
    public static string Value(object? value, Func<object, string?>? special = null) =>
        value switch
        {
            null => "null",
            _ when special?.Invoke(value) is { } text => text,
            string s => $"\"{s}\"",
            bool b => b ? "true" : "false",
            double d => d.ToString(CultureInfo.InvariantCulture),
            Enum e => e.ToString(),
            IEnumerable many => $"[{string.Join(", ", many.Cast<object>().Select(item => Value(item, special)))}]",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    private static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
