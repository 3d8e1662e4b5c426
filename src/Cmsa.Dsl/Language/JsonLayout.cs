using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cmsa.Dsl;

/// <summary>A JSON tree as text for people: what is short stands on one line, what is long is indented.</summary>
internal static class JsonLayout
{
    private const int Width = 120;

    private static readonly JsonSerializerOptions plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(JsonNode node) => Of(node, "");

    private static string Of(JsonNode? node, string indent) =>
        (OnOneLine(node, Width - indent.Length), node) switch
        {
            ({ } line, _) => line,
            (_, JsonObject record) => Broken(
                '{',
                '}',
                record.Select(p => $"{Text(p.Key)}: {Of(p.Value, indent + "  ")}"),
                indent
            ),
            (_, JsonArray list) => Broken('[', ']', list.Select(item => Of(item, indent + "  ")), indent),
            _ => Leaf(node),
        };

    private static string Broken(char open, char close, IEnumerable<string> items, string indent) =>
        $"{open}\n{string.Join(",\n", items.Select(item => $"{indent}  {item}"))}\n{indent}{close}";

    /// <summary>The node on one line, if it fits.</summary>
    private static string? OnOneLine(JsonNode? node, int width) =>
        node switch
        {
            JsonObject { Count: 0 } => "{}",
            JsonObject record => Joined(
                "{ ",
                " }",
                record.Select(property => (Func<int, string?>)(left => OnOneLine(property, left))),
                width
            ),
            JsonArray list => Joined(
                "[",
                "]",
                list.Select(item => (Func<int, string?>)(left => OnOneLine(item, left))),
                width
            ),
            _ => Fitting(Leaf(node), width),
        };

    private static string? Fitting(string text, int width) => text.Length <= width ? text : null;

    private static string? OnOneLine(KeyValuePair<string, JsonNode?> property, int width) =>
        OnOneLine(property.Value, width - property.Key.Length) is { } value ? $"{Text(property.Key)}: {value}" : null;

    private static string? Joined(string open, string close, IEnumerable<Func<int, string?>> items, int width)
    {
        var line = open;
        foreach (var item in items)
        {
            // The rest is not looked at once it cannot fit, so that laying out a deep tree stays cheap.
            if (item(width - line.Length) is not { } text || line.Length + text.Length > width)
                return null;
            line += (line.Length > open.Length ? ", " : "") + text;
        }
        return line.Length + close.Length <= width ? line + close : null;
    }

    private static string Leaf(JsonNode? node) => node?.ToJsonString(plain) ?? "null";

    private static string Text(string text) => Leaf(JsonValue.Create(text));
}
